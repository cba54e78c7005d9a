/* The memory ring alone: what is visible when, wrapping, and what a reader that is too slow gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"

#define UNITS 64u

struct bench {
    void *memory;
    struct journal_ring ring;
};

static int bench_open(void **state) {
    static struct bench bench;
    const struct journal_ring_start start = {
        .cluster_id = SCENE_CLUSTER, .last_record_seq = 100, .epoch = 4};

    bench.memory = aligned_alloc(64, journal_ring_bytes(UNITS));
    memset(bench.memory, 0, journal_ring_bytes(UNITS));
    journal_ring_format(&bench.ring, bench.memory, UNITS, &start);
    *state = &bench;
    return 0;
}

static int bench_close(void **state) {
    struct bench *bench = *state;

    free(bench->memory);
    return 0;
}

static uint64_t append(struct journal_ring *ring) {
    union record record;
    uint64_t seq = journal_ring_written_seq(ring) + 1;

    journal_ring_append(ring, &record, scene_record(&record, seq, scene_nonce(seq)));
    return seq;
}

static void commit(struct journal_ring *ring, uint32_t group) {
    unsigned char buffer[UNITS * 64];
    struct journal_ring_taken taken;

    assert_true(journal_ring_stamp(ring, (struct journal_stamp){.group = group, .epoch = 4}, buffer,
                                   sizeof buffer, &taken));
    journal_ring_release(ring, &taken, taken.bytes);
}

static void a_record_is_readable_only_when_it_is_durable(void **state) {
    struct bench *bench = *state;
    union record record;
    uint64_t seq = append(&bench->ring);

    assert_int_equal(seq, 101);
    assert_int_equal(journal_ring_written_seq(&bench->ring), 101);
    assert_int_equal(journal_ring_durable_seq(&bench->ring), 100);
    assert_int_equal(journal_ring_read(&bench->ring, 101, &record), JOURNAL_RING_LATER);
    commit(&bench->ring, 9);
    assert_int_equal(journal_ring_durable_seq(&bench->ring), 101);
    assert_int_equal(journal_ring_read(&bench->ring, 101, &record), JOURNAL_RING_RECORD);
    assert_true(scene_is_record(&record, 101, scene_nonce(101)));
    assert_int_equal(record.head.group, 9);
    assert_int_equal(record.head.epoch, 4);
    assert_int_equal(record_whole(&record, sizeof record), record.head.units * 64);
}

static void what_came_before_the_ring_is_gone(void **state) {
    struct bench *bench = *state;
    union record record;

    assert_int_equal(journal_ring_read(&bench->ring, 100, &record), JOURNAL_RING_GONE);
    assert_int_equal(journal_ring_read(&bench->ring, 1, &record), JOURNAL_RING_GONE);
    assert_int_equal(journal_ring_read(&bench->ring, 101, &record), JOURNAL_RING_LATER);
}

/* Records of one to three units over a ring of 64: every way to wrap comes up. */
static void records_wrap_around_the_end(void **state) {
    struct bench *bench = *state;
    union record record;

    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t seq = append(&bench->ring);
        commit(&bench->ring, i + 1);
        for (uint64_t back = 0; back < 10 && seq - back > 100; back++) {
            assert_int_equal(journal_ring_read(&bench->ring, seq - back, &record),
                             JOURNAL_RING_RECORD);
            assert_true(scene_is_record(&record, seq - back, scene_nonce(seq - back)));
        }
    }
}

static void an_overwritten_record_is_gone_and_never_another(void **state) {
    struct bench *bench = *state;
    union record record;
    uint32_t gone = 0;

    for (uint32_t i = 0; i < 300; i++) {
        (void)append(&bench->ring);
        commit(&bench->ring, i + 1);
    }
    for (uint64_t seq = 101; seq <= 400; seq++) {
        enum journal_ring_read read = journal_ring_read(&bench->ring, seq, &record);
        gone += read == JOURNAL_RING_GONE;
        if (read == JOURNAL_RING_RECORD)
            assert_true(scene_is_record(&record, seq, scene_nonce(seq)));
        else
            assert_int_equal(read, JOURNAL_RING_GONE);
    }
    assert_in_range(gone, 300 - UNITS, 300 - UNITS / 3 + 1);
}

static void space_comes_back_with_durability_and_not_before(void **state) {
    struct bench *bench = *state;

    assert_int_equal(journal_ring_space_units(&bench->ring), UNITS);
    while (journal_ring_space_units(&bench->ring) >= 3)
        (void)append(&bench->ring);
    commit(&bench->ring, 1);
    assert_int_equal(journal_ring_space_units(&bench->ring), UNITS);
}

static void a_small_buffer_takes_whole_records_only(void **state) {
    struct bench *bench = *state;
    unsigned char buffer[200];
    struct journal_ring_taken taken;
    uint64_t last = 0;

    for (int i = 0; i < 15; i++)
        last = append(&bench->ring);
    while (journal_ring_durable_seq(&bench->ring) < last) {
        assert_true(journal_ring_stamp(&bench->ring, (struct journal_stamp){.group = 1, .epoch = 4},
                                       buffer, sizeof buffer, &taken));
        assert_true(taken.record_count > 0);
        assert_true(taken.bytes <= sizeof buffer);
        assert_int_equal(taken.bytes, taken.unit_count * 64);
        journal_ring_release(&bench->ring, &taken, 512);
    }
}

static void another_process_maps_only_what_fits(void **state) {
    struct bench *bench = *state;
    struct journal_ring other;
    size_t bytes = journal_ring_bytes(UNITS);

    assert_true(journal_ring_map(&other, bench->memory, bytes));
    assert_int_equal(journal_ring_epoch(&other), 4);
    assert_int_equal(journal_ring_cluster_id(&other), SCENE_CLUSTER);
    assert_false(journal_ring_map(&other, bench->memory, bytes - 64));
    assert_false(journal_ring_map(&other, bench->memory, 100));
    ((unsigned char *)bench->memory)[8] ^= 1; /* version */
    assert_false(journal_ring_map(&other, bench->memory, bytes));
    ((unsigned char *)bench->memory)[8] ^= 1;
    ((unsigned char *)bench->memory)[16] = 63; /* not a power of two */
    assert_false(journal_ring_map(&other, bench->memory, bytes));
    ((unsigned char *)bench->memory)[16] = UNITS;
    ((unsigned char *)bench->memory)[0] ^= 1; /* magic */
    assert_false(journal_ring_map(&other, bench->memory, bytes));
}

static void the_first_reason_to_stop_stands(void **state) {
    struct bench *bench = *state;

    assert_int_equal(journal_ring_stopped(&bench->ring), JOURNAL_RUNNING);
    journal_ring_stop(&bench->ring, JOURNAL_STOPPED_SYNC_FAILED);
    journal_ring_stop(&bench->ring, JOURNAL_STOPPED_CLEAN);
    assert_int_equal(journal_ring_stopped(&bench->ring), JOURNAL_STOPPED_SYNC_FAILED);
    assert_string_equal(journal_stop_text(journal_ring_stopped(&bench->ring)),
                        "stopped: a sync failed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_readable_only_when_it_is_durable, bench_open,
                                        bench_close),
        cmocka_unit_test_setup_teardown(what_came_before_the_ring_is_gone, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(records_wrap_around_the_end, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(an_overwritten_record_is_gone_and_never_another, bench_open,
                                        bench_close),
        cmocka_unit_test_setup_teardown(space_comes_back_with_durability_and_not_before, bench_open,
                                        bench_close),
        cmocka_unit_test_setup_teardown(a_small_buffer_takes_whole_records_only, bench_open,
                                        bench_close),
        cmocka_unit_test_setup_teardown(another_process_maps_only_what_fits, bench_open,
                                        bench_close),
        cmocka_unit_test_setup_teardown(the_first_reason_to_stop_stands, bench_open, bench_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
