/* The threads of the exchange around one journal, on real files: the engine appends, the journal thread writes and
 * syncs, two readers read, one of them so slowly that it falls behind the ring. Each sees every record once. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/clock.h"
#include "os/posix_file.h"
#include "os/shared_memory.h"
#include "scene.h"

#define RECORDS      200000u
#define RING_UNITS   4096u
#define NAP_NS       2000000u
#define RACE_UNITS   64u
#define RACE_RECORDS 1000000u

struct stage {
    char directory[64];
    struct shared_memory memory;
    struct journal_ring ring;
    uint64_t append_waits;
};

struct reading {
    const struct stage *stage;
    bool slow;
    uint64_t read_count;
    uint64_t wrong_count;
    enum read_result last;
};

static void *engine_run(void *argument) {
    struct stage *stage = argument;

    for (uint64_t seq = 1; seq <= RECORDS;) {
        union record record;
        if (journal_ring_space_units(&stage->ring) < JOURNAL_RING_RESERVE_UNITS) {
            stage->append_waits++;
            clock_sleep_ns(1000);
            continue;
        }
        journal_ring_append(&stage->ring, &record, scene_record(&record, seq, scene_nonce(seq)));
        seq++;
    }
    return NULL;
}

static void *reader_run(void *argument) {
    struct reading *reading = argument;
    struct journal_ring ring;
    enum file_result opened = FILE_OK;
    struct posix_files *files =
        posix_files_open(reading->stage->directory, POSIX_FILES_READ, &opened);

    if (files == NULL ||
        !journal_ring_map(&ring, reading->stage->memory.bytes, reading->stage->memory.size_bytes))
        return NULL;
    struct journal_reader *reader = journal_reader_open(&ring, posix_files_port(files), 0);
    while (reading->read_count < RECORDS) {
        union record record;
        reading->last = journal_reader_next(reader, &record);
        if (reading->last == READ_NOTHING) {
            clock_sleep_ns(NAP_NS / 10);
            continue;
        }
        if (reading->last != READ_RECORD) {
            printf("reader: %s\n", journal_reader_place(reader));
            break;
        }
        reading->read_count++;
        reading->wrong_count +=
            !scene_is_record(&record, reading->read_count, scene_nonce(reading->read_count));
        if (reading->slow && reading->read_count % 10000 == 1)
            clock_sleep_ns(NAP_NS * 10);
    }
    journal_reader_close(reader);
    posix_files_close(files);
    return NULL;
}

static void every_reader_sees_every_record_once(void **state) {
    struct stage stage = {.directory = "/tmp/journal-threads-XXXXXX"};
    struct journal_options options = journal_options_usual();
    struct recovered recovered;
    enum file_result opened = FILE_OK;
    char command[128];

    (void)state;
    assert_non_null(mkdtemp(stage.directory));
    options.segment_bytes = 4 << 20;
    struct posix_files *files = posix_files_open(stage.directory, POSIX_FILES_WRITE, &opened);
    assert_non_null(files);
    assert_null(posix_files_open(stage.directory, POSIX_FILES_WRITE, &opened));
    assert_int_equal(opened, FILE_BUSY);
    assert_int_equal(journal_recover(posix_files_port(files), SCENE_CLUSTER, &recovered),
                     RECOVER_OK);
    assert_true(shared_memory_create(&stage.memory, "journal", journal_ring_bytes(RING_UNITS),
                                     SHARED_MEMORY_OTHERS_READ));
    journal_ring_format(&stage.ring, stage.memory.bytes, RING_UNITS,
                        &(struct journal_ring_start){.cluster_id = SCENE_CLUSTER, .epoch = 1});
    struct journal_writer *writer =
        journal_writer_open(&options, posix_files_port(files), &stage.ring, &recovered);
    assert_non_null(writer);

    struct reading readings[2] = {{.stage = &stage, .slow = false},
                                  {.stage = &stage, .slow = true}};
    pthread_t threads[3];
    struct journal_ring ring = stage.ring;
    assert_int_equal(pthread_create(&threads[0], NULL, engine_run, &stage), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[1 + i], NULL, reader_run, &readings[i]), 0);
    while (journal_ring_durable_seq(&ring) < RECORDS) /* this thread is the journal thread */
        assert_int_not_equal(journal_writer_poll(writer, clock_monotonic_ns()), WRITER_STOPPED);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(journal_writer_finish(writer), WRITER_IDLE);
    printf("%u records in %" PRIu64 " groups, level %s; the engine waited %" PRIu64
           " times for room\n",
           RECORDS, journal_ring_group_count(&ring),
           durability_name(journal_writer_durability(writer)), stage.append_waits);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(readings[i].last, READ_RECORD);
        assert_int_equal(readings[i].read_count, RECORDS);
        assert_int_equal(readings[i].wrong_count, 0);
    }
    journal_writer_close(writer);
    assert_int_equal(journal_verify(posix_files_port(files), SCENE_CLUSTER, &recovered),
                     RECOVER_OK);
    assert_int_equal(recovered.last_record_seq, RECORDS);
    posix_files_close(files);
    shared_memory_close(&stage.memory);
    snprintf(command, sizeof command, "rm -rf %s", stage.directory);
    assert_int_equal(system(command), 0);
}

struct race {
    struct journal_ring ring;
    uint64_t read_count;
    uint64_t gone_count;
    uint64_t wrong_count;
};

/* One unit each, so that record n and record n + RACE_UNITS lie in one place: the hardest case. */
static void race_record(union record *record, uint64_t seq) {
    memset(record, 0, RECORD_UNIT_BYTES);
    record->head = (struct record_head){.record_seq = seq, .kind = RECORD_DONE, .units = 1};
    for (size_t i = RECORD_HEAD_BYTES; i < RECORD_UNIT_BYTES; i += sizeof seq)
        memcpy(record->bytes + i, &seq, sizeof seq);
}

static bool race_is_record(const union record *record, uint64_t seq) {
    union record wanted;

    race_record(&wanted, seq);
    return record_whole(record, sizeof *record) == RECORD_UNIT_BYTES &&
           memcmp(record->bytes + RECORD_HEAD_BYTES, wanted.bytes + RECORD_HEAD_BYTES,
                  RECORD_HEAD_BYTES) == 0;
}

/* Always asks for the record that is just about to be overwritten. */
static void *racer_run(void *argument) {
    struct race *race = argument;
    uint64_t back = RACE_UNITS;

    while (journal_ring_stopped(&race->ring) == JOURNAL_RUNNING) {
        union record record;
        uint64_t durable_seq = journal_ring_durable_seq(&race->ring);
        uint64_t seq = durable_seq > back ? durable_seq - back : 1;
        back = back == 0 ? RACE_UNITS : back - 1;
        switch (journal_ring_read(&race->ring, seq, &record)) {
        case JOURNAL_RING_RECORD:
            race->read_count++;
            race->wrong_count += !race_is_record(&record, seq);
            break;
        case JOURNAL_RING_GONE: race->gone_count++; break;
        case JOURNAL_RING_LATER: break;
        }
    }
    return NULL;
}

static void a_reader_that_loses_the_race_gets_no_record_rather_than_half_a_one(void **state) {
    void *memory = aligned_alloc(64, journal_ring_bytes(RACE_UNITS));
    unsigned char buffer[RACE_UNITS * 64];
    struct race races[2] = {0};
    pthread_t threads[2];

    (void)state;
    memset(memory, 0, journal_ring_bytes(RACE_UNITS));
    struct journal_ring ring;
    journal_ring_format(&ring, memory, RACE_UNITS,
                        &(struct journal_ring_start){.cluster_id = SCENE_CLUSTER, .epoch = 1});
    for (int i = 0; i < 2; i++) {
        races[i].ring = ring;
        assert_int_equal(pthread_create(&threads[i], NULL, racer_run, &races[i]), 0);
    }
    for (uint64_t seq = 1; seq <= RACE_RECORDS; seq++) {
        struct journal_ring_taken taken;
        union record record;
        race_record(&record, seq);
        journal_ring_append(&ring, &record, RECORD_UNIT_BYTES);
        assert_true(journal_ring_stamp(&ring, (struct journal_stamp){.group = 1, .epoch = 1},
                                       buffer, sizeof buffer, &taken));
        journal_ring_release(&ring, &taken, taken.bytes);
    }
    journal_ring_stop(&ring, JOURNAL_STOPPED_CLEAN);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        printf("racer: %" PRIu64 " records, %" PRIu64 " gone, %" PRIu64 " wrong\n",
               races[i].read_count, races[i].gone_count, races[i].wrong_count);
        assert_int_equal(races[i].wrong_count, 0);
    }
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_that_loses_the_race_gets_no_record_rather_than_half_a_one),
        cmocka_unit_test(every_reader_sees_every_record_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
