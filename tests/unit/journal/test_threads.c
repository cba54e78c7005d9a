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

#define RECORDS    200000u
#define RING_UNITS 4096u
#define NAP_NS     2000000u

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reader_sees_every_record_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
