#include "base/ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SLOT_BYTES 64
#define SLOT_COUNT 8

static _Alignas(128) unsigned char memory[RING_SLOTS_OFFSET + SLOT_BYTES * SLOT_COUNT];

static void ring_of_eight(struct ring_producer *producer, struct ring_consumer *consumer) {
    assert_int_equal(ring_bytes(SLOT_BYTES, SLOT_COUNT), sizeof memory);
    ring_format(consumer, memory, SLOT_BYTES, SLOT_COUNT);
    assert_int_equal(ring_attach(producer, memory, sizeof memory, SLOT_BYTES), RING_OK);
}

static void slots_come_out_in_the_order_they_went_in(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;
    unsigned char slot[SLOT_BYTES];
    uint64_t taken = 0;

    ring_of_eight(&producer, &consumer);
    for (uint64_t n = 0; n < 100; n++) {
        assert_int_equal(ring_put(&producer, &n, sizeof n), RING_OK);
        if (n % 3 != 2)
            continue;
        for (; taken <= n; taken++) {
            assert_int_equal(ring_take(&consumer, slot), RING_OK);
            assert_memory_equal(slot, &taken, sizeof taken);
        }
        assert_int_equal(ring_take(&consumer, slot), RING_EMPTY);
    }
}

static void a_full_ring_takes_nothing_until_a_slot_is_taken(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;
    unsigned char slot[SLOT_BYTES];

    ring_of_eight(&producer, &consumer);
    for (uint64_t n = 0; n < SLOT_COUNT; n++)
        assert_int_equal(ring_put(&producer, &n, sizeof n), RING_OK);
    uint64_t extra = 99;
    assert_int_equal(ring_put(&producer, &extra, sizeof extra), RING_FULL);
    assert_int_equal(ring_take(&consumer, slot), RING_OK);
    assert_int_equal(ring_put(&producer, &extra, sizeof extra), RING_OK);
    assert_int_equal(ring_put(&producer, &extra, sizeof extra), RING_FULL);
}

static void a_short_slot_is_filled_up_with_zeros(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;
    unsigned char slot[SLOT_BYTES];
    unsigned char zeros[SLOT_BYTES] = {0};

    ring_of_eight(&producer, &consumer);
    memset(memory + RING_SLOTS_OFFSET, 0xAA, SLOT_BYTES);
    assert_int_equal(ring_put(&producer, "abc", 3), RING_OK);
    assert_int_equal(ring_take(&consumer, slot), RING_OK);
    assert_memory_equal(slot, "abc", 3);
    assert_memory_equal(slot + 3, zeros, SLOT_BYTES - 3);
}

static void a_lying_producer_is_found_out_and_nothing_is_read(void **state) {
    (void)state;
    static const uint64_t lies[] = {SLOT_COUNT + 1, 1u << 31, UINT64_MAX, (uint64_t)1 << 63};
    struct ring_producer producer;
    struct ring_consumer consumer;
    unsigned char slot[SLOT_BYTES];
    unsigned char before[SLOT_BYTES];

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        ring_of_eight(&producer, &consumer);
        struct ring_shared *shared = consumer.side.shared;
        memset(slot, 0x55, sizeof slot);
        memcpy(before, slot, sizeof slot);
        atomic_store(&shared->put_count, lies[i]);
        assert_int_equal(ring_take(&consumer, slot), RING_BROKEN);
        assert_int_equal(ring_take(&consumer, slot), RING_BROKEN);
        assert_memory_equal(slot, before, sizeof slot);
    }
}

/* Geometry and the consumer's own count are in its private memory: overwriting the shared ones does nothing. */
static void the_consumer_does_not_read_its_own_state_from_shared_memory(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;
    unsigned char slot[SLOT_BYTES];
    uint64_t n = 5;

    ring_of_eight(&producer, &consumer);
    struct ring_shared *shared = consumer.side.shared;
    assert_int_equal(ring_put(&producer, &n, sizeof n), RING_OK);
    shared->slot_bytes = 0xFFFFFFF8;
    shared->slot_count = 0x80000000;
    atomic_store(&shared->take_count, 12345678);
    assert_int_equal(ring_take(&consumer, slot), RING_OK);
    assert_memory_equal(slot, &n, sizeof n);
    assert_int_equal(ring_take(&consumer, slot), RING_EMPTY);
}

static void a_lying_consumer_is_found_out(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;
    uint64_t n = 0;

    ring_of_eight(&producer, &consumer);
    for (; n < SLOT_COUNT; n++)
        assert_int_equal(ring_put(&producer, &n, sizeof n), RING_OK);
    atomic_store(&consumer.side.shared->take_count, n + 1);
    assert_int_equal(ring_put(&producer, &n, sizeof n), RING_BROKEN);
}

static void memory_that_is_no_such_ring_is_refused(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;

    ring_of_eight(&producer, &consumer);
    assert_int_equal(ring_attach(&producer, memory, sizeof memory, SLOT_BYTES * 2), RING_BROKEN);
    assert_int_equal(ring_attach(&producer, memory, sizeof memory - 1, SLOT_BYTES), RING_BROKEN);
    assert_int_equal(ring_attach(&producer, memory, 64, SLOT_BYTES), RING_BROKEN);
    consumer.side.shared->slot_count = 7;
    assert_int_equal(ring_attach(&producer, memory, sizeof memory, SLOT_BYTES), RING_BROKEN);
    consumer.side.shared->slot_count = SLOT_COUNT;
    consumer.side.shared->magic = 0;
    assert_int_equal(ring_attach(&producer, memory, sizeof memory, SLOT_BYTES), RING_BROKEN);
}

#define STREAM_COUNT 200000

static void *produce_stream(void *argument) {
    struct ring_producer *producer = argument;

    for (uint64_t n = 0; n < STREAM_COUNT;) {
        uint64_t slot[SLOT_BYTES / 8];
        for (size_t i = 0; i < SLOT_BYTES / 8; i++)
            slot[i] = n + i;
        enum ring_result result = ring_put(producer, slot, sizeof slot);
        if (result == RING_BROKEN)
            return producer;
        if (result == RING_OK)
            n++;
        else
            sched_yield();
    }
    return NULL;
}

static void two_threads_see_whole_slots_in_order(void **state) {
    (void)state;
    struct ring_producer producer;
    struct ring_consumer consumer;
    pthread_t thread;

    ring_of_eight(&producer, &consumer);
    assert_int_equal(pthread_create(&thread, NULL, produce_stream, &producer), 0);
    for (uint64_t n = 0; n < STREAM_COUNT;) {
        uint64_t slot[SLOT_BYTES / 8];
        enum ring_result result = ring_take(&consumer, slot);
        if (result == RING_EMPTY) {
            sched_yield();
            continue;
        }
        assert_int_equal(result, RING_OK);
        for (size_t i = 0; i < SLOT_BYTES / 8; i++)
            assert_int_equal(slot[i], n + i);
        n++;
    }
    void *failed;
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_come_out_in_the_order_they_went_in),
        cmocka_unit_test(a_full_ring_takes_nothing_until_a_slot_is_taken),
        cmocka_unit_test(a_short_slot_is_filled_up_with_zeros),
        cmocka_unit_test(a_lying_producer_is_found_out_and_nothing_is_read),
        cmocka_unit_test(the_consumer_does_not_read_its_own_state_from_shared_memory),
        cmocka_unit_test(a_lying_consumer_is_found_out),
        cmocka_unit_test(memory_that_is_no_such_ring_is_refused),
        cmocka_unit_test(two_threads_see_whole_slots_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
