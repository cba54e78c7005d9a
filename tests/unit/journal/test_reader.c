/* Readers: the ring first, the files behind, nothing twice, nothing left out, nothing before it is durable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"

static int scene_setup(void **state) {
    static struct scene scene;

    scene_open(&scene, 1);
    assert_int_equal(scene_start(&scene), RECOVER_OK);
    *state = &scene;
    return 0;
}

static int scene_teardown(void **state) {
    scene_close(*state);
    return 0;
}

/* Reads to the end; each record must be the next one. How many came. */
static uint64_t drain(struct journal_reader *reader) {
    union record record;
    uint64_t seq = journal_reader_seq(reader);
    uint64_t count = 0;
    enum read_result result;

    while ((result = journal_reader_next(reader, &record)) == READ_RECORD) {
        assert_int_equal(record.head.record_seq, ++seq);
        assert_int_equal(journal_reader_seq(reader), seq);
        assert_true(scene_is_record(&record, seq, scene_nonce(seq)));
        assert_int_equal(record_whole(&record, sizeof record), record.head.units * 64);
        count++;
    }
    assert_int_equal(result, READ_NOTHING);
    return count;
}

static void a_reader_sees_a_record_when_it_is_durable_and_once(void **state) {
    struct scene *scene = *state;
    struct journal_reader *reader = journal_reader_open(&scene->ring, scene->port, 0);

    assert_int_equal(drain(reader), 0);
    scene_append(scene, 5);
    assert_int_equal(drain(reader), 0);
    assert_int_equal(journal_writer_poll(scene->writer, 1), WRITER_WROTE);
    assert_int_equal(drain(reader), 5);
    assert_int_equal(drain(reader), 0);
    journal_reader_close(reader);
}

/* A ring of 1024 units against some 40,000: the slow reader lives in the files, and comes back. */
static void a_reader_that_fell_behind_goes_on_in_the_files_and_returns(void **state) {
    struct scene *scene = *state;
    scene_end(scene);
    scene->options.segment_bytes = 256 << 10;
    assert_int_equal(scene_start(scene), RECOVER_OK);
    struct journal_reader *quick = journal_reader_open(&scene->ring, scene->port, 0);
    struct journal_reader *slow = journal_reader_open(&scene->ring, scene->port, 0);
    uint64_t quick_count = 0;

    for (int turn = 0; turn < 4; turn++) {
        for (int i = 0; i < 600; i++) {
            scene_write_group(scene, 1 + (uint32_t)i % 15);
            quick_count += drain(quick);
        }
        assert_int_equal(quick_count, journal_ring_durable_seq(&scene->ring));
        assert_true(drain(slow) > 4000);
        assert_int_equal(journal_reader_seq(slow), journal_ring_durable_seq(&scene->ring));
        for (int i = 0; i < 50; i++) { /* close behind for a while */
            scene_write_group(scene, 3);
            quick_count += drain(quick);
            assert_int_equal(drain(slow), 3);
        }
    }
    journal_reader_close(quick);
    journal_reader_close(slow);
}

static void a_reader_may_start_behind_any_record(void **state) {
    struct scene *scene = *state;

    for (int i = 0; i < 300; i++)
        scene_write_group(scene, 9);
    assert_int_equal(journal_writer_poll(scene->writer, 1), WRITER_IDLE);
    for (uint64_t after = 0; after <= 2700; after += 37) {
        struct journal_reader *beside = journal_reader_open(&scene->ring, scene->port, after);
        struct journal_reader *alone = journal_reader_open(NULL, scene->port, after);
        assert_int_equal(drain(beside), 2700 - after);
        assert_int_equal(drain(alone), 2700 - after);
        journal_reader_close(beside);
        journal_reader_close(alone);
    }
}

static void without_a_ring_only_whole_groups_count_and_new_ones_are_found(void **state) {
    struct scene *scene = *state;
    uint64_t size_bytes = 0;

    scene_write_group(scene, 7);
    struct journal_reader *reader = journal_reader_open(NULL, scene->port, 0);
    assert_int_equal(drain(reader), 7);
    scene_write_group(scene, 7);
    assert_int_equal(drain(reader), 7);
    scene_end(scene);
    journal_reader_close(reader);

    assert_int_equal(journal_verify(scene->port, SCENE_CLUSTER, &scene->recovered), RECOVER_OK);
    simulated_disk_platter(scene->disk, "segment-000001.journal",
                           &size_bytes)[scene->recovered.end_bytes - 700] ^= 1;
    simulated_disk_process_death(scene->disk);
    simulated_disk_reload(scene->disk, "segment-000001.journal");
    reader = journal_reader_open(NULL, scene->port, 0);
    assert_int_equal(drain(reader), 7);
    journal_reader_close(reader);
}

static void a_reader_after_a_restart_gets_the_old_and_the_new(void **state) {
    struct scene *scene = *state;

    for (int i = 0; i < 20; i++)
        scene_write_group(scene, 9);
    scene_end(scene);
    assert_int_equal(scene_start(scene), RECOVER_OK);
    struct journal_reader *reader = journal_reader_open(&scene->ring, scene->port, 0);
    assert_int_equal(drain(reader), 180);
    scene_write_group(scene, 4);
    assert_int_equal(drain(reader), 4);
    journal_reader_close(reader);
}

static void damage_is_named_with_its_place(void **state) {
    struct scene *scene = *state;
    union record record;
    uint64_t size_bytes = 0;
    enum read_result result;

    for (int i = 0; i < 20; i++)
        scene_write_group(scene, 9);
    scene_end(scene);
    simulated_disk_platter(scene->disk, "segment-000001.journal", &size_bytes)[4096 + 300] ^= 1;
    simulated_disk_reload(scene->disk, "segment-000001.journal");
    struct journal_reader *reader = journal_reader_open(NULL, scene->port, 0);
    while ((result = journal_reader_next(reader, &record)) == READ_RECORD)
        ;
    assert_int_equal(result, READ_CORRUPT);
    assert_int_equal(journal_reader_seq(reader), 0);
    assert_non_null(strstr(journal_reader_place(reader), "segment-000001.journal, byte 4"));
    journal_reader_close(reader);
}

static void an_archived_segment_is_missing(void **state) {
    struct scene *scene = *state;
    union record record;

    for (int i = 0; i < 300; i++)
        scene_write_group(scene, 9);
    assert_int_equal(scene->port->ops->remove(scene->port->self, "segment-000001.journal"),
                     FILE_OK);
    struct journal_reader *reader = journal_reader_open(&scene->ring, scene->port, 0);
    assert_int_equal(journal_reader_next(reader, &record), READ_MISSING);
    assert_non_null(strstr(journal_reader_place(reader), "record 1"));
    journal_reader_close(reader);
    reader = journal_reader_open(&scene->ring, scene->port, 2000);
    assert_int_equal(drain(reader), 700);
    journal_reader_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reader_sees_a_record_when_it_is_durable_and_once,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_fell_behind_goes_on_in_the_files_and_returns,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_reader_may_start_behind_any_record, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(
            without_a_ring_only_whole_groups_count_and_new_ones_are_found, scene_setup,
            scene_teardown),
        cmocka_unit_test_setup_teardown(a_reader_after_a_restart_gets_the_old_and_the_new,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(damage_is_named_with_its_place, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(an_archived_segment_is_missing, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
