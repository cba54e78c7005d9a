/* The writer on a disk that works, fills up or fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"

#define SECOND_NS UINT64_C(1000000000)

static int scene_setup(void **state) {
    static struct scene scene;

    scene_open(&scene, 1);
    *state = &scene;
    return 0;
}

static int scene_teardown(void **state) {
    scene_close(*state);
    return 0;
}

static void a_group_becomes_durable_with_one_poll(void **state) {
    struct scene *scene = *state;
    enum read_result last;

    assert_int_equal(scene_start(scene), RECOVER_OK);
    assert_int_equal(journal_writer_poll(scene->writer, 1), WRITER_IDLE);
    scene_write_group(scene, 5);
    scene_write_group(scene, 1);
    assert_int_equal(journal_ring_durable_seq(&scene->ring), 6);
    assert_int_equal(journal_ring_group_count(&scene->ring), 2);
    scene_end(scene);
    simulated_disk_power_cut(scene->disk);
    assert_int_equal(scene_read_all(scene, &last), 6);
    assert_int_equal(last, READ_NOTHING);
}

static void many_segments_make_one_journal(void **state) {
    struct scene *scene = *state;
    enum read_result last;

    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (int i = 0; i < 500; i++)
        scene_write_group(scene, 7);
    scene_end(scene);
    assert_int_equal(scene_read_all(scene, &last), 3500);
    assert_int_equal(scene_start(scene), RECOVER_OK);
    assert_int_equal(scene->recovered.last_record_seq, 3500);
    assert_int_equal(scene->recovered.epoch, 1);
    assert_int_equal(scene->recovered.last_group, 500);
    assert_int_equal(scene->recovered.last_time_ns, 3500 * 1000);
    assert_true(scene->recovered.segment_no > 10);
    scene_write_group(scene, 3);
    scene_end(scene);
    assert_int_equal(scene_read_all(scene, &last), 3503);
}

static void an_empty_group_follows_when_nothing_comes(void **state) {
    struct scene *scene = *state;

    scene->options.spares = 0;
    assert_int_equal(scene_start(scene), RECOVER_OK);
    scene_write_group(scene, 5);
    assert_int_equal(journal_writer_poll(scene->writer, SECOND_NS), WRITER_IDLE);
    assert_int_equal(journal_writer_poll(scene->writer, 2 * SECOND_NS - 1), WRITER_IDLE);
    assert_int_equal(journal_writer_poll(scene->writer, 2 * SECOND_NS), WRITER_WROTE);
    assert_int_equal(journal_ring_group_count(&scene->ring), 2);
    assert_int_equal(journal_ring_durable_seq(&scene->ring), 5);
    for (uint64_t second = 3; second < 10; second++) /* one is enough */
        assert_int_equal(journal_writer_poll(scene->writer, second * SECOND_NS), WRITER_IDLE);
}

static void a_clean_stop_ends_with_an_empty_group(void **state) {
    struct scene *scene = *state;

    assert_int_equal(scene_start(scene), RECOVER_OK);
    scene_append(scene, 300); /* more than one group */
    assert_int_equal(journal_writer_finish(scene->writer), WRITER_IDLE);
    assert_int_equal(journal_ring_stopped(&scene->ring), JOURNAL_STOPPED_CLEAN);
    assert_int_equal(journal_ring_durable_seq(&scene->ring), 300);
    assert_int_equal(journal_writer_poll(scene->writer, 5), WRITER_STOPPED);
    scene_end(scene);
    simulated_disk_power_cut(scene->disk);
    assert_int_equal(scene_start(scene), RECOVER_OK);
    assert_int_equal(scene->recovered.last_record_seq, 300);
}

static void spares_are_filled_when_idle_and_survive_a_restart(void **state) {
    struct scene *scene = *state;
    uint64_t size_bytes = 0;

    scene->options.spares = 2;
    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (uint64_t i = 1; i < 10; i++)
        assert_int_equal(journal_writer_poll(scene->writer, i), WRITER_IDLE);
    assert_non_null(simulated_disk_platter(scene->disk, "spare-000002.journal", &size_bytes));
    assert_int_equal(size_bytes, 32 << 10);
    assert_non_null(simulated_disk_platter(scene->disk, "spare-000003.journal", &size_bytes));
    assert_null(simulated_disk_platter(scene->disk, "spare-000004.journal", &size_bytes));
    scene_end(scene);
    simulated_disk_power_cut(scene->disk);
    uint64_t changes = simulated_disk_change_count(scene->disk);
    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (uint64_t i = 1; i < 10; i++)
        assert_int_equal(journal_writer_poll(scene->writer, i), WRITER_IDLE);
    assert_true(simulated_disk_change_count(scene->disk) <
                changes + 4); /* nothing was filled again */
}

static void a_full_disk_closes_admission_long_before_a_record_fails(void **state) {
    struct scene *scene = *state;

    simulated_disk_limit(scene->disk, 80 << 10); /* a segment, a spare, and half of another */
    scene->options.spares = 2;
    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (uint64_t i = 1; i < 5; i++)
        assert_int_equal(journal_writer_poll(scene->writer, i), WRITER_IDLE);
    assert_int_equal(journal_ring_admission(&scene->ring), JOURNAL_NO_SPARE_SPACE);
    scene_write_group(scene, 5); /* what was admitted is still written */
    simulated_disk_limit(scene->disk, 0);
    assert_int_equal(journal_writer_poll(scene->writer, 10), WRITER_IDLE);
    assert_int_equal(journal_ring_admission(&scene->ring),
                     JOURNAL_NO_SPARE_SPACE); /* it asks once a second */
    for (uint64_t i = 1; i < 5; i++)
        (void)journal_writer_poll(scene->writer, 2 * SECOND_NS + i);
    assert_int_equal(journal_ring_admission(&scene->ring), JOURNAL_ADMITS);
}

static void a_disk_that_stays_full_stops_the_writer_and_loses_nothing(void **state) {
    struct scene *scene = *state;
    enum read_result last;
    uint64_t durable_seq = 0;

    simulated_disk_limit(scene->disk, 80 << 10);
    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (;;) {
        scene_append(scene, 10);
        if (journal_writer_poll(scene->writer, ++scene->now_ns) == WRITER_STOPPED)
            break;
        durable_seq = journal_ring_durable_seq(&scene->ring);
    }
    assert_int_equal(journal_ring_stopped(&scene->ring), JOURNAL_STOPPED_NO_SPACE);
    assert_non_null(strstr(journal_writer_reason(scene->writer), "no space left"));
    assert_int_equal(journal_ring_durable_seq(&scene->ring), durable_seq);
    scene_end(scene);
    simulated_disk_power_cut(scene->disk);
    assert_int_equal(scene_read_all(scene, &last), durable_seq);
}

/* Every call that can fail, one after another: nothing is acknowledged afterwards, nothing is tried again, and after
 * the restart (the power stays, so the page cache may lie) every acknowledged record is there. */
static void the_first_failure_anywhere_is_final(void **state) {
    static const enum simulated_fault faults[] = {SIMULATED_FAULT_WRITE_IO,
                                                  SIMULATED_FAULT_WRITE_SHORT,
                                                  SIMULATED_FAULT_SYNC_IO, SIMULATED_FAULT_POWER};
    uint32_t stopped_count = 0;
    uint32_t survived_count = 0;

    (void)state;
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++) {
        for (uint64_t at_call = 1; at_call <= 60; at_call++) {
            struct scene scene;
            uint64_t durable_seq = 0;
            bool stopped = false;
            scene_open(&scene, at_call);
            simulated_disk_fail(scene.disk, faults[f], at_call);
            assert_int_equal(scene_start(&scene), RECOVER_OK);
            for (int i = 0; scene.writer != NULL && i < 30; i++) {
                scene_append(&scene, 7);
                enum writer_result result = journal_writer_poll(scene.writer, ++scene.now_ns);
                assert_false(stopped && result != WRITER_STOPPED);
                assert_true(!stopped || journal_ring_durable_seq(&scene.ring) == durable_seq);
                uint64_t changes = simulated_disk_change_count(scene.disk);
                stopped = result == WRITER_STOPPED;
                durable_seq = journal_ring_durable_seq(&scene.ring);
                if (stopped)
                    assert_int_not_equal(journal_writer_reason(scene.writer)[0], 0);
                if (stopped && journal_writer_poll(scene.writer, ++scene.now_ns) == WRITER_STOPPED)
                    assert_int_equal(simulated_disk_change_count(scene.disk), changes);
            }
            if (scene.writer == NULL || stopped)
                assert_int_not_equal(journal_ring_stopped(&scene.ring), JOURNAL_RUNNING);
            stopped_count += scene.writer == NULL || stopped;
            scene_end(&scene);
            if (faults[f] == SIMULATED_FAULT_POWER)
                simulated_disk_power_cut(scene.disk);
            else
                simulated_disk_process_death(scene.disk);
            enum recover_result recovered = scene_start(&scene);
            assert_true(recovered == RECOVER_OK || recovered == RECOVER_CUT);
            assert_true(scene.recovered.last_record_seq >= durable_seq);
            /* And now the power, too: what recovery showed must have been on the platter. */
            uint64_t shown_seq = scene.recovered.last_record_seq;
            scene_end(&scene);
            simulated_disk_power_cut(scene.disk);
            assert_int_equal(scene_start(&scene), RECOVER_OK);
            assert_int_equal(scene.recovered.last_record_seq, shown_seq);
            survived_count++;
            scene_close(&scene);
        }
    }
    printf("%u runs with one failing call: %u stopped the writer, all recovered\n", survived_count,
           stopped_count);
    assert_true(stopped_count > survived_count / 2);
}

/* After a failed sync memory shows what the platter does not have. A recovery that believed it would show records
 * that the next power cut takes away: planted in the disk, the difference must be seen. */
static uint32_t records_shown_and_lost(bool believe_memory) {
    uint32_t lost = 0;

    for (uint64_t at_call = 4; at_call <= 20; at_call++) {
        struct scene scene;
        scene_open(&scene, at_call);
        scene.options.spares = 0;
        simulated_disk_lie(scene.disk,
                           (struct simulated_lies){.forget_keeps_memory = believe_memory});
        simulated_disk_fail(scene.disk, SIMULATED_FAULT_SYNC_IO, at_call);
        assert_int_equal(scene_start(&scene), RECOVER_OK);
        do
            scene_append(&scene, 12);
        while (journal_writer_poll(scene.writer, ++scene.now_ns) != WRITER_STOPPED);
        scene_end(&scene);
        simulated_disk_process_death(scene.disk);
        (void)scene_start(&scene);
        uint64_t shown_seq = scene.recovered.last_record_seq;
        scene_end(&scene);
        simulated_disk_power_cut(scene.disk);
        enum recover_result result = scene_start(&scene);
        lost += result != RECOVER_OK || scene.recovered.last_record_seq != shown_seq;
        scene_close(&scene);
    }
    return lost;
}

static void after_a_failed_sync_recovery_does_not_believe_the_page_cache(void **state) {
    (void)state;
    assert_int_equal(records_shown_and_lost(false), 0);
    assert_in_range(records_shown_and_lost(true), 1, 17);
}

static void a_misplaced_write_is_found(void **state) {
    uint32_t found = 0;

    (void)state;
    for (uint64_t at_call = 3; at_call <= 12; at_call++) {
        struct scene scene;
        scene_open(&scene, at_call);
        scene.options.spares = 0;
        simulated_disk_fail(scene.disk, SIMULATED_FAULT_WRITE_MISPLACED, at_call);
        assert_int_equal(scene_start(&scene), RECOVER_OK);
        for (int i = 0; i < 16; i++)
            scene_write_group(&scene, 9);
        scene_end(&scene);
        simulated_disk_process_death(scene.disk);
        found += scene_start(&scene) == RECOVER_CORRUPT;
        scene_close(&scene);
    }
    assert_int_equal(found, 10);
}

static void at_level_none_nothing_is_synced_and_the_level_is_on_disk(void **state) {
    struct scene *scene = *state;
    uint64_t size_bytes = 0;

    scene->options.durability = DURABILITY_NONE;
    simulated_disk_fail(scene->disk, SIMULATED_FAULT_SYNC_IO, 1);
    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (int i = 0; i < 50; i++)
        scene_write_group(scene, 9);
    assert_int_equal(journal_ring_durable_seq(&scene->ring), 450);
    assert_int_equal(journal_writer_durability(scene->writer), DURABILITY_NONE);
    scene_end(scene);
    (void)simulated_disk_platter(scene->disk, "segment-000001.journal", &size_bytes);
    assert_int_equal(size_bytes, 0);
}

static void levels_have_names(void **state) {
    enum durability level = DURABILITY_NONE;

    (void)state;
    assert_true(durability_parse("LOCAL_DISK", &level));
    assert_int_equal(level, DURABILITY_LOCAL_DISK);
    assert_string_equal(durability_name(DURABILITY_NONE), "NONE");
    assert_false(durability_parse("local_disk", &level));
    assert_false(durability_parse("", &level));
}

static void options_outside_their_limits_are_named(void **state) {
    struct journal_options usual = journal_options_usual();
    struct journal_options options = usual;

    (void)state;
    assert_null(journal_options_flaw(&usual));
    options.segment_bytes = 8192;
    assert_non_null(strstr(journal_options_flaw(&options), "segment_bytes"));
    options = usual;
    options.segment_bytes += 512;
    assert_non_null(strstr(journal_options_flaw(&options), "4096"));
    options = usual;
    options.sector_bytes = 600;
    assert_non_null(strstr(journal_options_flaw(&options), "sector_bytes"));
    options = usual;
    options.segment_bytes = SEGMENT_BYTES_MIN;
    assert_non_null(strstr(journal_options_flaw(&options), "fit"));
    options = usual;
    options.spares = JOURNAL_SPARES_MAX + 1;
    assert_non_null(strstr(journal_options_flaw(&options), "spares"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_group_becomes_durable_with_one_poll, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(many_segments_make_one_journal, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(an_empty_group_follows_when_nothing_comes, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(a_clean_stop_ends_with_an_empty_group, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(spares_are_filled_when_idle_and_survive_a_restart,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_closes_admission_long_before_a_record_fails,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_disk_that_stays_full_stops_the_writer_and_loses_nothing,
                                        scene_setup, scene_teardown),
        cmocka_unit_test(the_first_failure_anywhere_is_final),
        cmocka_unit_test(after_a_failed_sync_recovery_does_not_believe_the_page_cache),
        cmocka_unit_test(a_misplaced_write_is_found),
        cmocka_unit_test_setup_teardown(at_level_none_nothing_is_synced_and_the_level_is_on_disk,
                                        scene_setup, scene_teardown),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(options_outside_their_limits_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
