#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

size_t scene_record(union record *record, uint64_t record_seq, uint64_t nonce) {
    static const uint8_t kinds[] = {RECORD_DONE, RECORD_RESTED, RECORD_CANCELLED, RECORD_TRADE,
                                    RECORD_COMMAND};
    struct random random = random_seeded(nonce);
    uint8_t kind = kinds[random_below(&random, sizeof kinds)];
    size_t bytes = record_units(kind) * (size_t)RECORD_UNIT_BYTES;

    memset(record, 0, sizeof *record);
    for (size_t i = RECORD_HEAD_BYTES; i < bytes; i += sizeof(uint64_t)) {
        uint64_t word = random_next(&random);
        memcpy(record->bytes + i, &word, sizeof word);
    }
    record->head = (struct record_head){
        .record_seq = record_seq,
        .time_ns = record_seq * 1000,
        .kind = kind,
        .units = record_units(kind),
        .instrument = INSTRUMENT_NONE,
    };
    return bytes;
}

bool scene_is_record(const union record *record, uint64_t record_seq, uint64_t nonce) {
    union record wanted;
    size_t bytes = scene_record(&wanted, record_seq, nonce);

    wanted.head.crc32c = record->head.crc32c;
    wanted.head.group = record->head.group;
    wanted.head.epoch = record->head.epoch;
    return memcmp(&wanted, record, bytes) == 0;
}

uint64_t scene_nonce(uint64_t record_seq) {
    return record_seq * 7919;
}

struct journal_options scene_options(void) {
    struct journal_options options = journal_options_usual();

    options.segment_bytes = 32 << 10;
    options.group_bytes_max = 8 << 10;
    options.spares = 1;
    memcpy(options.build, "test", 4);
    return options;
}

void scene_open(struct scene *scene, uint64_t seed) {
    *scene =
        (struct scene){.disk = simulated_disk_open(seed), .options = scene_options(), .now_ns = 1};
    scene->port = simulated_disk_port(scene->disk);
    scene->memory = aligned_alloc(64, journal_ring_bytes(SCENE_RING_UNITS));
}

enum recover_result scene_start(struct scene *scene) {
    enum recover_result result = journal_recover(scene->port, SCENE_CLUSTER, &scene->recovered);

    if (result != RECOVER_OK && result != RECOVER_CUT)
        return result;
    struct journal_ring_start start = {
        .cluster_id = SCENE_CLUSTER,
        .last_record_seq = scene->recovered.last_record_seq,
        .epoch = scene->recovered.epoch + 1,
    };
    memset(scene->memory, 0, journal_ring_bytes(SCENE_RING_UNITS));
    journal_ring_format(&scene->ring, scene->memory, SCENE_RING_UNITS, &start);
    scene->writer =
        journal_writer_open(&scene->options, scene->port, &scene->ring, &scene->recovered);
    return result;
}

void scene_append(struct scene *scene, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        union record record;
        uint64_t seq = journal_ring_written_seq(&scene->ring) + 1;
        journal_ring_append(&scene->ring, &record, scene_record(&record, seq, scene_nonce(seq)));
    }
}

void scene_write_group(struct scene *scene, uint32_t count) {
    scene_append(scene, count);
    assert_int_equal(journal_writer_poll(scene->writer, ++scene->now_ns), WRITER_WROTE);
}

void scene_end(struct scene *scene) {
    journal_writer_close(scene->writer);
    scene->writer = NULL;
}

void scene_close(struct scene *scene) {
    scene_end(scene);
    simulated_disk_close(scene->disk);
    free(scene->memory);
}

uint64_t scene_read_all(struct scene *scene, enum read_result *last) {
    struct journal_reader *reader = journal_reader_open(NULL, scene->port, 0);
    union record record;

    while ((*last = journal_reader_next(reader, &record)) == READ_RECORD)
        assert_true(scene_is_record(&record, journal_reader_seq(reader),
                                    scene_nonce(journal_reader_seq(reader))));
    uint64_t count = journal_reader_seq(reader);
    journal_reader_close(reader);
    return count;
}
