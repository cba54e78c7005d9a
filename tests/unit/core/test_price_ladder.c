#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "core/price_ladder.h"

struct fixture {
    struct price_ladder ladder;
    struct price_trie trie;
    void *bytes;
};

static void start(struct fixture *fixture, uint32_t flip, uint32_t k) {
    size_t bytes = price_ladder_bytes(k) + price_trie_bytes(64, 2);
    struct arena arena;

    fixture->bytes = calloc(1, bytes);
    assert_non_null(fixture->bytes);
    arena_init(&arena, fixture->bytes, bytes);
    price_trie_init(&fixture->trie, &arena, 64, 2);
    price_ladder_init(&fixture->ladder, &arena, flip, k, &fixture->trie, 1);
}

static void stop(struct fixture *fixture) {
    free(fixture->bytes);
}

static void open_level(struct price_ladder *ladder, uint32_t key) {
    price_ladder_reach(ladder, key)->total_lots = 1;
    price_ladder_open(ladder, key);
}

static void close_level(struct price_ladder *ladder, uint32_t key) {
    price_ladder_level(ladder, key)->total_lots = 0;
    price_ladder_close(ladder, key);
}

/* Every neighbour in a window that starts anywhere in its circle of slots, against an array of flags. */
static void check_window(uint32_t k, uint32_t low_key, uint32_t every) {
    struct fixture fixture;
    uint32_t size = 1u << k;
    bool *is_open = calloc(size, sizeof *is_open);

    assert_non_null(is_open);
    start(&fixture, 0, k);
    price_ladder_place(&fixture.ladder, low_key);
    for (uint32_t i = every / 2; i < size; i += every) {
        open_level(&fixture.ladder, low_key + i);
        is_open[i] = true;
    }
    int64_t below = LADDER_EMPTY;
    for (uint32_t i = 0; i < size; i++) {
        assert_int_equal(price_ladder_below(&fixture.ladder, (int64_t)low_key + i), below);
        if (is_open[i])
            below = (int64_t)low_key + i;
    }
    assert_int_equal(price_ladder_below(&fixture.ladder, INT64_C(1) << 32), below);
    assert_int_equal(fixture.ladder.best_key, below);
    int64_t above = LADDER_EMPTY;
    for (uint32_t i = size; i-- > 0;) {
        assert_int_equal(price_ladder_above(&fixture.ladder, (int64_t)low_key + i), above);
        if (is_open[i])
            above = (int64_t)low_key + i;
    }
    assert_int_equal(price_ladder_above(&fixture.ladder, LADDER_EMPTY), above);
    free(is_open);
    stop(&fixture);
}

static void neighbours_are_right_wherever_the_circle_starts(void **state) {
    (void)state;
    static const uint32_t spacings[] = {1, 3, 64, 65, 500, 4097, 100000};

    for (uint32_t k = 0; k <= 14; k += 2)
        for (size_t i = 0; i < sizeof spacings / sizeof *spacings; i++) {
            check_window(k, 0, spacings[i]);
            check_window(k, 777, spacings[i]);
            check_window(k, 1u << k, spacings[i]);
            check_window(k, 4096 * 3 + 63, spacings[i]);
            check_window(k, UINT32_MAX - (1u << k) + 1, spacings[i]);
        }
    check_window(18, 123457, 4097);
    check_window(18, 262144 - 1, 100000);
}

static void the_best_moves_on_when_its_level_closes(void **state) {
    (void)state;
    struct fixture fixture;

    start(&fixture, 0, 12);
    price_ladder_place(&fixture.ladder,
                       4000); /* 4096 is slot 0: the circle starts between the levels */
    open_level(&fixture.ladder, 4001);
    open_level(&fixture.ladder, 4095);
    open_level(&fixture.ladder, 4096);
    open_level(&fixture.ladder, 8000);
    assert_int_equal(fixture.ladder.best_key, 8000);
    close_level(&fixture.ladder, 4095); /* not the best: the best stays */
    assert_int_equal(fixture.ladder.best_key, 8000);
    close_level(&fixture.ladder, 8000);
    assert_int_equal(fixture.ladder.best_key, 4096);
    close_level(&fixture.ladder, 4096);
    assert_int_equal(fixture.ladder.best_key, 4001);
    close_level(&fixture.ladder, 4001);
    assert_int_equal(fixture.ladder.best_key, LADDER_EMPTY);
    assert_int_equal(fixture.ladder.top, 0);
    stop(&fixture);
}

static void a_sells_best_is_its_lowest_price(void **state) {
    (void)state;
    struct fixture fixture;

    start(&fixture, UINT32_MAX, 12);
    price_ladder_place(&fixture.ladder, price_ladder_key(&fixture.ladder, 100 + 4095));
    open_level(&fixture.ladder, price_ladder_key(&fixture.ladder, 300));
    open_level(&fixture.ladder, price_ladder_key(&fixture.ladder, 200));
    open_level(&fixture.ladder, price_ladder_key(&fixture.ladder, 250));
    assert_int_equal(price_ladder_price(&fixture.ladder, (uint32_t)fixture.ladder.best_key), 200);
    int64_t behind = price_ladder_below(&fixture.ladder, fixture.ladder.best_key);
    assert_int_equal(price_ladder_price(&fixture.ladder, (uint32_t)behind), 250);
    stop(&fixture);
}

static void a_wide_band_goes_from_window_to_trie_and_back(void **state) {
    (void)state;
    struct fixture fixture;
    static const uint32_t keys[] = {5,         999999, 1000000, 1000000 + 65535, 1000000 + 65536,
                                    UINT32_MAX};
    const size_t count = sizeof keys / sizeof *keys;

    start(&fixture, 0, 32);
    price_ladder_place(&fixture.ladder, 1000000);
    for (size_t i = 0; i < count; i++) {
        open_level(&fixture.ladder, keys[i]);
        assert_int_equal(fixture.ladder.best_key, keys[i]);
    }
    assert_int_equal(fixture.trie.slots == NULL, 0);
    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(price_ladder_above(&fixture.ladder, keys[i]), keys[i + 1]);
        assert_int_equal(price_ladder_below(&fixture.ladder, keys[i + 1]), keys[i]);
    }
    for (size_t i = count; i-- > 0;) {
        assert_int_equal(fixture.ladder.best_key, keys[i]);
        close_level(&fixture.ladder, keys[i]);
    }
    assert_int_equal(fixture.ladder.best_key, LADDER_EMPTY);
    assert_int_equal(fixture.trie.used_count, 0);
    stop(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_right_wherever_the_circle_starts),
        cmocka_unit_test(the_best_moves_on_when_its_level_closes),
        cmocka_unit_test(a_sells_best_is_its_lowest_price),
        cmocka_unit_test(a_wide_band_goes_from_window_to_trie_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
