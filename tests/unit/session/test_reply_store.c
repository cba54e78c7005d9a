#include "session/reply_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define SEED    7
#define STREAMS 3

struct fixture {
    void *arena_memory;
    void *memory;
    struct reply_store store;
};

static struct fixture fixture_make(size_t extents, size_t stream_extents) {
    struct fixture fixture;
    struct arena arena;

    fixture.arena_memory = malloc(reply_store_bytes(STREAMS) + 64);
    fixture.memory = aligned_alloc(4096, extents * REPLY_EXTENT_BYTES);
    assert_non_null(fixture.arena_memory);
    assert_non_null(fixture.memory);
    arena_init(&arena, fixture.arena_memory, reply_store_bytes(STREAMS) + 64);
    reply_store_init(&fixture.store, &arena, fixture.memory, extents * REPLY_EXTENT_BYTES, STREAMS,
                     stream_extents * REPLY_EXTENT_BYTES);
    return fixture;
}

static void fixture_free(struct fixture *fixture) {
    free(fixture->arena_memory);
    free(fixture->memory);
}

static void a_message_is_stored_as_the_packet_that_carries_it(void **state) {
    (void)state;
    struct fixture fixture = fixture_make(4, 4);
    const unsigned char *bytes;
    struct reply_cursor cursor = reply_store_seek(&fixture.store, 1, 1);

    assert_int_equal(reply_store_read(&fixture.store, &cursor, &bytes), 0);
    assert_true(reply_store_append(&fixture.store, 1, "one", 3));
    assert_true(reply_store_append(&fixture.store, 1, "three", 5));
    assert_int_equal(reply_store_count(&fixture.store, 1), 2);
    assert_int_equal(reply_store_count(&fixture.store, 0), 0);
    assert_int_equal(reply_store_read(&fixture.store, &cursor, &bytes), 14);
    assert_memory_equal(bytes, "\0\4Sone\0\6Sthree", 14);
    reply_store_advance(&fixture.store, &cursor, 5);
    assert_int_equal(reply_store_read(&fixture.store, &cursor, &bytes), 9);
    assert_memory_equal(bytes, "e\0\6Sthree", 9);
    cursor = reply_store_seek(&fixture.store, 1, 3);
    assert_int_equal(reply_store_read(&fixture.store, &cursor, &bytes), 0);
    assert_true(reply_store_append(&fixture.store, 1, "x", 1));
    assert_int_equal(reply_store_read(&fixture.store, &cursor, &bytes), 4);
    fixture_free(&fixture);
}

/* Reads a stream from `sequence` to its end into `out`. */
static size_t read_from(const struct reply_store *store, uint32_t stream, uint64_t sequence,
                        unsigned char *out) {
    struct reply_cursor cursor = reply_store_seek(store, stream, sequence);
    const unsigned char *bytes;
    size_t total = 0, count;

    while ((count = reply_store_read(store, &cursor, &bytes)) > 0) {
        size_t some = count > 100 ? 100 : count;
        memcpy(out + total, bytes, some);
        total += some;
        reply_store_advance(store, &cursor, some);
    }
    return total;
}

static void streams_share_the_memory_and_each_reads_its_own(void **state) {
    (void)state;
    struct fixture fixture = fixture_make(64, 64);
    struct random random = random_seeded(SEED);
    static unsigned char model[STREAMS][1 << 18], out[1 << 18];
    static size_t offsets[STREAMS][4000];
    size_t model_bytes[STREAMS] = {0};

    print_message("seed %d\n", SEED);
    for (int i = 0; i < 2400; i++) {
        uint32_t stream = random_below(&random, STREAMS);
        unsigned char message[REPLY_BYTES_MAX];
        size_t count = 1 + random_below(&random, 100);
        memset(message, i, count);
        offsets[stream][reply_store_count(&fixture.store, stream) + 1] = model_bytes[stream];
        assert_true(reply_store_append(&fixture.store, stream, message, count));
        unsigned char *to = model[stream] + model_bytes[stream];
        to[0] = 0;
        to[1] = (unsigned char)(count + 1);
        to[2] = 'S';
        memcpy(to + 3, message, count);
        model_bytes[stream] += 3 + count;
    }
    for (uint32_t stream = 0; stream < STREAMS; stream++) {
        for (uint64_t at = 1; at <= reply_store_count(&fixture.store, stream); at++) {
            size_t expected = model_bytes[stream] - offsets[stream][at];
            assert_int_equal(read_from(&fixture.store, stream, at, out), expected);
            assert_memory_equal(out, model[stream] + offsets[stream][at], expected);
        }
    }
    fixture_free(&fixture);
}

static uint32_t fill(struct reply_store *store, uint32_t stream) {
    unsigned char message[REPLY_BYTES_MAX] = {1};
    uint32_t count = 0;

    while (reply_store_append(store, stream, message, sizeof message))
        count++;
    return count;
}

static void a_full_stream_takes_nothing_more_and_keeps_what_it_has(void **state) {
    (void)state;
    struct fixture fixture = fixture_make(64, 16);
    static unsigned char out[1 << 18];

    assert_false(reply_store_tight(&fixture.store, 0));
    assert_int_equal(fill(&fixture.store, 0), 16 * 15);
    assert_true(reply_store_tight(&fixture.store, 0));
    assert_true(reply_store_full(&fixture.store, 0));
    assert_false(reply_store_append(&fixture.store, 0, "x", 1)); /* even if that would fit */
    assert_int_equal(reply_store_count(&fixture.store, 0), 16 * 15);
    assert_int_equal(read_from(&fixture.store, 0, 1, out), 16 * 15 * 259);
    assert_false(reply_store_tight(&fixture.store, 1));
    assert_true(reply_store_append(&fixture.store, 1, "x", 1));
    reply_store_clear(&fixture.store);
    assert_false(reply_store_full(&fixture.store, 0));
    assert_int_equal(reply_store_count(&fixture.store, 0), 0);
    assert_int_equal(fill(&fixture.store, 0), 16 * 15);
    fixture_free(&fixture);
}

static void memory_that_is_used_up_is_tight_for_everyone(void **state) {
    (void)state;
    struct fixture fixture = fixture_make(16, 15);

    fill(&fixture.store, 0);
    assert_true(reply_store_tight(&fixture.store, 1));
    assert_false(reply_store_full(&fixture.store, 1));
    fill(&fixture.store, 1);
    assert_false(reply_store_append(&fixture.store, 2, "x", 1));
    assert_true(reply_store_full(&fixture.store, 2));
    fixture_free(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_stored_as_the_packet_that_carries_it),
        cmocka_unit_test(streams_share_the_memory_and_each_reads_its_own),
        cmocka_unit_test(a_full_stream_takes_nothing_more_and_keeps_what_it_has),
        cmocka_unit_test(memory_that_is_used_up_is_tight_for_everyone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
