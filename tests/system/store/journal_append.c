/* journal_append DIRECTORY: appends records that somebody else made to a journal, through the real ring and writer.
 *
 * Standard input: records as in core/record.h, one after another; group, epoch and CRC are filled in here. After
 * each synced group the number of its last record is printed on a line. For tests of readers: they need a
 * journal whose every record is known, and the engine decides too much by itself. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal_ring.h"
#include "journal/recover.h"
#include "journal/writer.h"
#include "os/clock.h"
#include "os/posix_file.h"

#define RING_UNITS (1u << 16)
#define CLUSTER_ID 0x5354u /* any */

static int fail(const char *what) {
    fprintf(stderr, "journal_append: %s\n", what);
    return 1;
}

/* False at the end of input; a record cut short is an error. */
static bool record_read(union record *record) {
    size_t got = fread(record->bytes, 1, RECORD_UNIT_BYTES, stdin);
    if (got == 0)
        return false;
    check(got == RECORD_UNIT_BYTES);
    check(record->head.units >= 1 && record->head.units <= 3);
    size_t rest = (record->head.units - 1u) * RECORD_UNIT_BYTES;
    check(fread(record->bytes + RECORD_UNIT_BYTES, 1, rest, stdin) == rest);
    return true;
}

/* True at the end of input too. */
static bool input_waits(int timeout_ms) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, timeout_ms) != 0;
}

static int append_all(struct journal_ring *ring, struct journal_writer *writer) {
    union record record;
    bool has_more = true;
    while (has_more) {
        while (journal_ring_space_units(ring) >= JOURNAL_RING_RESERVE_UNITS && input_waits(0) &&
               (has_more = record_read(&record)))
            journal_ring_append(ring, &record, record.head.units * (size_t)RECORD_UNIT_BYTES);
        for (;;) {
            enum writer_result result = journal_writer_poll(writer, clock_monotonic_ns());
            if (result == WRITER_STOPPED)
                return fail(journal_writer_reason(writer));
            if (result == WRITER_IDLE && (!has_more || input_waits(10)))
                break;
            if (result == WRITER_IDLE)
                continue;
            printf("%llu\n", (unsigned long long)journal_ring_durable_seq(ring));
            fflush(stdout);
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2)
        return fail("which directory?");
    setvbuf(stdin, NULL, _IONBF, 0); /* so that poll tells all there is */
    enum file_result opened;
    struct posix_files *files = posix_files_open(argv[1], POSIX_FILES_WRITE, &opened);
    if (files == NULL)
        return fail(file_result_text(opened));
    static struct recovered recovered;
    enum recover_result result = journal_recover(posix_files_port(files), CLUSTER_ID, &recovered);
    if (result != RECOVER_OK && result != RECOVER_CUT)
        return fail(recovered.place);
    struct journal_ring ring;
    void *block = aligned_alloc(4096, (journal_ring_bytes(RING_UNITS) + 4095) / 4096 * 4096);
    check(block != NULL);
    memset(block, 0, journal_ring_bytes(RING_UNITS));
    struct journal_ring_start start = {.cluster_id = CLUSTER_ID,
                                       .last_record_seq = recovered.last_record_seq,
                                       .epoch = recovered.epoch + 1};
    journal_ring_format(&ring, block, RING_UNITS, &start);
    struct journal_options options = journal_options_usual();
    options.segment_bytes = 4u << 20; /* so that a test crosses several */
    options.group_bytes_max = 64u << 10;
    options.spares = 0;
    struct journal_writer *writer =
        journal_writer_open(&options, posix_files_port(files), &ring, &recovered);
    check(writer != NULL);
    int code = append_all(&ring, writer);
    if (code == 0 && journal_writer_finish(writer) == WRITER_STOPPED)
        code = fail(journal_writer_reason(writer));
    journal_writer_close(writer);
    posix_files_close(files);
    free(block);
    return code;
}
