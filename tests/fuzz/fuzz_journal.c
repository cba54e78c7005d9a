/* Segment files as somebody else left them: two sound segments, patched as the input says, then read.
 *
 *     byte 0      bit 0: make the checksums of headers and records fit again; bit 1: the running hashes too
 *     then steps  segment (1), offset (2), length (1, at most 64), so many bytes written there
 *
 * Sound is: no sanitizer's complaint and no failed check; what recovery calls whole, a reader returns, record by
 * record and without a gap; and a second recovery finds what the first one left, with nothing to cut. */
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "journal/reader.h"
#include "journal/recover.h"
#include "journal/writer.h"
#include "sim/world/simulated_disk.h"

#define SEGMENTS   2
#define GROUPS     26
#define RING_UNITS 64u
#define CLUSTER    5u

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static unsigned char template[SEGMENTS][SEGMENT_BYTES_MIN];

static void append(struct journal_ring *ring, uint8_t kind) {
    union record record = {.head = {.record_seq = journal_ring_written_seq(ring) + 1,
                                    .time_ns = 1,
                                    .kind = kind,
                                    .units = record_units(kind)}};

    journal_ring_append(ring, &record, record.head.units * (size_t)RECORD_UNIT_BYTES);
}

static void make_template(void) {
    struct simulated_disk *disk = simulated_disk_open(1);
    struct file_port *port = simulated_disk_port(disk);
    struct journal_options options = journal_options_usual();
    struct recovered recovered;
    struct journal_ring ring;
    uint64_t size_bytes = 0;
    void *memory = aligned_alloc(64, journal_ring_bytes(RING_UNITS));

    options.segment_bytes = SEGMENT_BYTES_MIN;
    options.group_bytes_max = 4096;
    options.spares = 0;
    check(memory != NULL);
    memset(memory, 0, journal_ring_bytes(RING_UNITS));
    check(journal_recover(port, CLUSTER, &recovered) == RECOVER_OK);
    journal_ring_format(&ring, memory, RING_UNITS,
                        &(struct journal_ring_start){.cluster_id = CLUSTER, .epoch = 1});
    struct journal_writer *writer = journal_writer_open(&options, port, &ring, &recovered);
    for (uint32_t group = 0; group < GROUPS; group++) {
        for (uint32_t i = 0; i < 1 + group % 5; i++)
            append(&ring, i % 2 == 0 ? RECORD_TRADE : RECORD_DONE);
        check(journal_writer_poll(writer, group + 1) == WRITER_WROTE);
    }
    journal_writer_close(writer);
    for (uint64_t no = 1; no <= SEGMENTS; no++) {
        const unsigned char *from =
            simulated_disk_platter(disk, segment_name(SEGMENT_FILE_SEGMENT, no).text, &size_bytes);
        check(from != NULL);
        memcpy(template[no - 1], from, SEGMENT_BYTES_MIN);
    }
    simulated_disk_close(disk);
    free(memory);
}

static void patch(unsigned char files[SEGMENTS][SEGMENT_BYTES_MIN], const uint8_t *input,
                  size_t size) {
    while (size >= 4) {
        size_t segment = input[0] % SEGMENTS;
        size_t offset = (input[1] | (size_t)input[2] << 8) % SEGMENT_BYTES_MIN;
        size_t count = input[3] % 65;
        input += 4;
        size -= 4;
        if (count > size)
            count = size;
        if (count > SEGMENT_BYTES_MIN - offset)
            count = SEGMENT_BYTES_MIN - offset;
        memcpy(files[segment] + offset, input, count);
        input += count;
        size -= count;
    }
}

/* Makes every checksum fit, so that the input gets past them. */
static void seal(unsigned char *file, struct journal_hash *hash, bool hashes) {
    struct segment_header header;

    memcpy(&header, file, sizeof header);
    if (hashes)
        header.previous_hash = *hash;
    header.crc32c = crc32c(&header, offsetof(struct segment_header, crc32c));
    memcpy(file, &header, sizeof header);
    for (size_t at = SEGMENT_HEADER_BYTES; at < SEGMENT_BYTES_MIN;) {
        struct record_head head;
        memcpy(&head, file + at, sizeof head);
        size_t bytes = head.units * (size_t)RECORD_UNIT_BYTES;
        if (bytes == 0 || bytes > SEGMENT_BYTES_MIN - at) {
            at += RECORD_UNIT_BYTES;
            continue;
        }
        head.crc32c = record_crc(file + at, bytes);
        memcpy(file + at, &head, sizeof head);
        struct group_record group;
        if (hashes && head.kind == RECORD_GROUP && bytes == sizeof group) {
            memcpy(&group, file + at, sizeof group);
            if (group.record_bytes <= SEGMENT_BYTES_MIN - at - sizeof group &&
                group_hash(hash, file + at + sizeof group, group.record_bytes, &group.hash))
                *hash = group.hash;
            memcpy(file + at, &group, sizeof group);
            group.head.crc32c = record_crc(file + at, sizeof group);
            memcpy(file + at, &group, sizeof group);
        }
        at += bytes;
    }
}

static void read_and_compare(struct file_port *port, const struct recovered *recovered) {
    struct journal_reader *reader = journal_reader_open(NULL, port, 0);
    union record record;
    uint64_t seq = 0;

    check(reader != NULL);
    while (journal_reader_next(reader, &record) == READ_RECORD) {
        check(record.head.record_seq == ++seq);
        check(record_whole(&record, sizeof record) > 0);
    }
    check(seq == recovered->last_record_seq);
    journal_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    static unsigned char files[SEGMENTS][SEGMENT_BYTES_MIN];
    struct journal_hash hash = {0};
    struct recovered recovered;
    struct recovered again;

    if (size == 0)
        return 0;
    if (template[0][0] == 0)
        make_template();
    memcpy(files, template, sizeof files);
    patch(files, input + 1, size - 1);
    struct simulated_disk *disk = simulated_disk_open(1);
    for (uint64_t no = 1; no <= SEGMENTS; no++) {
        if (input[0] & 1)
            seal(files[no - 1], &hash, (input[0] & 2) != 0);
        check(simulated_disk_put(disk, segment_name(SEGMENT_FILE_SEGMENT, no).text, files[no - 1],
                                 SEGMENT_BYTES_MIN));
    }
    struct file_port *port = simulated_disk_port(disk);
    enum recover_result looked = journal_verify(port, CLUSTER, &again);
    enum recover_result result = journal_recover(port, CLUSTER, &recovered);
    check(looked == result);
    if (result == RECOVER_OK || result == RECOVER_CUT) {
        check(journal_recover(port, CLUSTER, &again) == RECOVER_OK);
        check(again.last_record_seq == recovered.last_record_seq);
        check(again.end_bytes == recovered.end_bytes);
        read_and_compare(port, &recovered);
    } else {
        check(recovered.place[0] != 0);
    }
    simulated_disk_close(disk);
    return 0;
}
