#include "feed/depth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#include <cmocka.h>

#define PRICES 200u
static uint64_t seed = 5;

static struct depth *depth_made(void) {
    static struct depth depth;
    static _Alignas(64) unsigned char memory[1 << 20];
    const struct feed_limits limits = {.order_max = 1000, .instrument_max = 4};
    struct arena arena;

    memset(memory, 0, sizeof memory);
    assert_true(depth_bytes(&limits) <= sizeof memory);
    arena_init(&arena, memory, depth_bytes(&limits));
    depth_init(&depth, &arena, &limits);
    return &depth;
}

static void levels_come_best_first(void **state) {
    (void)state;
    struct depth *depth = depth_made();
    struct depth_level levels[4];

    depth_add(depth, 1, SIDE_BUY, 10, 5);
    depth_add(depth, 1, SIDE_BUY, 12, 1);
    depth_add(depth, 1, SIDE_BUY, 10, 2);
    depth_add(depth, 1, SIDE_SELL, 20, 1);
    depth_add(depth, 1, SIDE_SELL, 15, 1);
    assert_int_equal(depth_top(depth, 1, SIDE_BUY, levels, 4), 2);
    assert_int_equal(levels[0].price_ticks, 12);
    assert_int_equal(levels[1].price_ticks, 10);
    assert_int_equal(levels[1].qty_lots, 7);
    assert_int_equal(depth_top(depth, 1, SIDE_SELL, levels, 1), 1);
    assert_int_equal(levels[0].price_ticks, 15);
    assert_int_equal(depth_top(depth, 0, SIDE_SELL, levels, 4), 0);
}

static void grouping_lowers_bids_and_raises_asks(void **state) {
    (void)state;
    struct depth *depth = depth_made();
    struct depth_level levels[4];

    for (uint32_t price = 91; price <= 99; price++)
        depth_add(depth, 0, SIDE_BUY, price, 1);
    for (uint32_t price = 101; price <= 115; price++)
        depth_add(depth, 0, SIDE_SELL, price, 1);
    assert_int_equal(depth_grouped(depth, 0, SIDE_BUY, 5, levels, 4), 2);
    assert_int_equal(levels[0].price_ticks, 95);
    assert_int_equal(levels[0].qty_lots, 5);
    assert_int_equal(levels[1].price_ticks, 90);
    assert_int_equal(levels[1].qty_lots, 4);
    assert_int_equal(depth_grouped(depth, 0, SIDE_SELL, 10, levels, 1), 1);
    assert_int_equal(levels[0].price_ticks, 110);
    assert_int_equal(levels[0].qty_lots, 10);
    depth_add(depth, 0, SIDE_SELL, UINT32_MAX - 1, 1);
    assert_int_equal(depth_grouped(depth, 0, SIDE_SELL, 1000000000, levels, 4), 2);
    assert_int_equal(levels[1].price_ticks, UINT32_MAX);
}

static void changes_are_told_once_and_too_many_are_confessed(void **state) {
    (void)state;
    static struct depth_price prices[DEPTH_CHANGES_MAX];
    struct depth *depth = depth_made();

    depth_add(depth, 2, SIDE_BUY, 10, 5);
    depth_add(depth, 2, SIDE_BUY, 11, 5);
    depth_remove(depth, 2, SIDE_BUY, 10, 5);
    assert_int_equal(depth_changes_take(depth, 2, prices), 2);
    assert_int_equal(prices[0].price_ticks, 10);
    assert_int_equal(depth_qty_lots(depth, 2, SIDE_BUY, 10), 0);
    assert_int_equal(depth_qty_lots(depth, 2, SIDE_BUY, 11), 5);
    assert_int_equal(depth_changes_take(depth, 2, prices), 0);
    for (uint32_t i = 0; i <= DEPTH_CHANGES_MAX; i++) {
        depth_add(depth, 2, SIDE_SELL, 20 + i, 1);
        depth_remove(depth, 2, SIDE_SELL, 20 + i, 1);
    }
    assert_true(depth_changes_take(depth, 2, prices) == DEPTH_CHANGES_LOST);
    assert_int_equal(depth_changes_take(depth, 2, prices), 0);
}

static void random_changes_agree_with_an_array(void **state) {
    (void)state;
    static struct depth_price prices[DEPTH_CHANGES_MAX];
    struct random random = random_seeded(seed);
    struct depth *depth = depth_made();
    uint64_t model[2][PRICES] = {{0}};
    uint64_t told[2][PRICES] = {{0}}; /* what a client knows that applies the changes */

    printf("seed %llu\n", (unsigned long long)seed);
    for (int step = 0; step < 100000; step++) {
        enum side side = (enum side)random_below(&random, 2);
        uint32_t at = random_below(&random, PRICES);
        uint32_t price = at * 4001; /* spread over the trie's words */
        uint64_t lots = 1 + random_below(&random, 20);
        if (model[side][at] > 0 && random_below(&random, 2) == 0) {
            lots = lots > model[side][at] ? model[side][at] : lots;
            depth_remove(depth, 3, side, price, lots);
            model[side][at] -= lots;
        } else {
            depth_add(depth, 3, side, price, lots);
            model[side][at] += lots;
        }
        if (step % 500 != 0)
            continue;
        size_t count = depth_changes_take(depth, 3, prices);
        for (size_t i = 0; i < count; i++)
            told[prices[i].side][prices[i].price_ticks / 4001] =
                depth_qty_lots(depth, 3, (enum side)prices[i].side, prices[i].price_ticks);
        assert_memory_equal(told, model, sizeof model);
        struct depth_level levels[PRICES];
        size_t n = depth_top(depth, 3, SIDE_SELL, levels, PRICES);
        size_t seen = 0;
        for (uint32_t i = 0; i < PRICES; i++)
            if (model[SIDE_SELL][i] > 0) {
                assert_int_equal(levels[seen].price_ticks, i * 4001);
                assert_int_equal(levels[seen].qty_lots, model[SIDE_SELL][i]);
                seen++;
            }
        assert_int_equal(n, seen);
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_come_best_first),
        cmocka_unit_test(grouping_lowers_bids_and_raises_asks),
        cmocka_unit_test(changes_are_told_once_and_too_many_are_confessed),
        cmocka_unit_test(random_changes_agree_with_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
