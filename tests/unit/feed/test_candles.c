#include "feed/candles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "core/matcher.h"
#include "feed/tickers.h"

#include <cmocka.h>

#define NS_PER_S UINT64_C(1000000000)

static uint64_t seed = 11;

static struct candles *candles_made(void) {
    static struct candles candles;
    static _Alignas(64) unsigned char memory[2 << 20];
    struct arena arena;

    memset(memory, 0, sizeof memory);
    arena_init(&arena, memory, sizeof memory);
    candles_init(&candles, &arena, CANDLES_KEPT_USUAL);
    return &candles;
}

static void trade_at(struct candles *candles, uint64_t time_ns, uint32_t price_ticks,
                     uint64_t qty_lots) {
    candles_trade(candles, &(struct candle_trade){.time_ns = time_ns,
                                                  .price_ticks = price_ticks,
                                                  .qty_lots = qty_lots,
                                                  .taker_side = SIDE_SELL});
}

static void a_trade_at_the_end_of_a_minute_belongs_to_the_next(void **state) {
    (void)state;
    struct candles *candles = candles_made();
    struct candle read[4];

    trade_at(candles, 119 * NS_PER_S + 999999999, 10, 1);
    trade_at(candles, 120 * NS_PER_S, 20, 2);
    size_t count =
        candles_read(candles, CANDLE_1M, (struct candle_range){CANDLE_NO_LIMIT, 150}, read, 4);
    assert_int_equal(count, 2);
    assert_int_equal(read[0].open_s, 60);
    assert_int_equal(read[0].close_ticks, 10);
    assert_int_equal(read[1].open_s, 120);
    assert_int_equal(read[1].open_ticks, 20);
    assert_int_equal(read[1].volume_lots, 2);
}

static void idle_candles_repeat_the_last_close_without_volume(void **state) {
    (void)state;
    struct candles *candles = candles_made();
    struct candle read[8];

    trade_at(candles, 60 * NS_PER_S, 10, 1);
    trade_at(candles, 61 * NS_PER_S, 14, 1);
    trade_at(candles, 300 * NS_PER_S, 9, 1);
    size_t count =
        candles_read(candles, CANDLE_1M, (struct candle_range){CANDLE_NO_LIMIT, 400}, read, 8);
    assert_int_equal(count, 6);
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(read[i].open_s, 60 + 60 * i);
        assert_int_equal(read[i].trade_count, 0);
        assert_int_equal(read[i].open_ticks, 14);
        assert_int_equal(read[i].low_ticks, 14);
        assert_int_equal(read[i].volume_lots, 0);
    }
    assert_int_equal(read[4].close_ticks, 9);
    assert_int_equal(read[5].open_ticks, 9);
}

static void nothing_is_read_before_the_first_trade(void **state) {
    (void)state;
    struct candles *candles = candles_made();
    struct candle read[2];

    assert_int_equal(
        candles_read(candles, CANDLE_1S, (struct candle_range){CANDLE_NO_LIMIT, 99}, read, 2), 0);
    trade_at(candles, 100 * NS_PER_S, 1, 1);
    assert_int_equal(candles_read(candles, CANDLE_1S, (struct candle_range){0, 99}, read, 2), 0);
    assert_int_equal(candles_read(candles, CANDLE_1S, (struct candle_range){0, 100}, read, 2), 1);
}

static void a_start_between_two_candles_takes_the_later(void **state) {
    (void)state;
    struct candles *candles = candles_made();
    struct candle read[4];

    trade_at(candles, 60 * NS_PER_S, 10, 1);
    trade_at(candles, 120 * NS_PER_S, 11, 1);
    assert_int_equal(candles_read(candles, CANDLE_1M, (struct candle_range){61, 180}, read, 4), 2);
    assert_int_equal(read[0].open_s, 120);
}

static void names_are_found_and_case_counts(void **state) {
    (void)state;
    assert_int_equal(candle_interval_find("1m", 2), CANDLE_1M);
    assert_int_equal(candle_interval_find("1M", 2), -1);
    assert_int_equal(candle_interval_find("15m", 3), CANDLE_15M);
    assert_int_equal(candle_interval_find("", 0), -1);
}

struct model_trade {
    uint64_t time_ns;
    uint32_t price_ticks;
    uint64_t qty_lots;
    uint8_t side;
};

/* The slow way: walk all trades for every candle. */
static struct candle model_candle(const struct model_trade *trades, size_t count, uint64_t open_s,
                                  uint32_t width_s) {
    struct candle candle = {.open_s = open_s};

    for (size_t i = 0; i < count && trades[i].time_ns / NS_PER_S < open_s + width_s; i++) {
        if (trades[i].time_ns / NS_PER_S < open_s) {
            candle.open_ticks = candle.high_ticks = trades[i].price_ticks;
            candle.low_ticks = candle.close_ticks = trades[i].price_ticks;
            continue;
        }
        amount_t tick_lots = (amount_t)trades[i].price_ticks * trades[i].qty_lots;
        if (candle.trade_count++ == 0) {
            candle.open_ticks = candle.high_ticks = candle.low_ticks = trades[i].price_ticks;
            candle.first_match = i + 1;
        }
        if (candle.high_ticks < trades[i].price_ticks)
            candle.high_ticks = trades[i].price_ticks;
        if (candle.low_ticks > trades[i].price_ticks)
            candle.low_ticks = trades[i].price_ticks;
        candle.close_ticks = trades[i].price_ticks;
        candle.volume_lots += trades[i].qty_lots;
        candle.volume_tick_lots += tick_lots;
        if (trades[i].side == SIDE_BUY) {
            candle.taker_buy_lots += trades[i].qty_lots;
            candle.taker_buy_tick_lots += tick_lots;
        }
        candle.last_match = i + 1;
    }
    return candle;
}

static void assert_same_candle(const struct candle *candle, const struct candle *expected) {
    assert_int_equal(candle->open_s, expected->open_s);
    assert_int_equal(candle->open_ticks, expected->open_ticks);
    assert_int_equal(candle->high_ticks, expected->high_ticks);
    assert_int_equal(candle->low_ticks, expected->low_ticks);
    assert_int_equal(candle->close_ticks, expected->close_ticks);
    assert_int_equal(candle->volume_lots, expected->volume_lots);
    assert_int_equal(candle->taker_buy_lots, expected->taker_buy_lots);
    assert_true(candle->volume_tick_lots == expected->volume_tick_lots);
    assert_true(candle->taker_buy_tick_lots == expected->taker_buy_tick_lots);
    assert_int_equal(candle->trade_count, expected->trade_count);
    assert_int_equal(candle->first_match, expected->first_match);
    assert_int_equal(candle->last_match, expected->last_match);
}

/* Gaps from nanoseconds to hours; at every 50th trade, all eight widths against the slow way. */
static void random_trades_agree_with_a_recount_at_every_width(void **state) {
    (void)state;
    enum { TRADES = 3000, READ = 40 };
    static struct model_trade trades[TRADES];
    struct random random = random_seeded(seed);
    struct candles *candles = candles_made();
    uint64_t now_ns = 1700000000 * NS_PER_S;

    printf("seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < TRADES; i++) {
        static const uint64_t gaps_ns[] = {1000, NS_PER_S / 3, 20 * NS_PER_S, 4000 * NS_PER_S};
        now_ns += random_next(&random) %
                  gaps_ns[random_below(&random, 100) < 3 ? 3 : random_below(&random, 3)];
        trades[i] =
            (struct model_trade){now_ns, 100 + random_below(&random, 50),
                                 1 + random_below(&random, 9), (uint8_t)random_below(&random, 2)};
        candles_trade(candles, &(struct candle_trade){.time_ns = now_ns,
                                                      .match = i + 1,
                                                      .qty_lots = trades[i].qty_lots,
                                                      .price_ticks = trades[i].price_ticks,
                                                      .taker_side = trades[i].side});
        if (i % 50 != 0)
            continue;
        for (int width = 0; width < CANDLE_INTERVAL_COUNT; width++) {
            struct candle read[READ];
            uint32_t width_s = candle_interval_s((enum candle_interval)width);
            uint64_t last_s = now_ns / NS_PER_S;
            size_t count = candles_read(candles, (enum candle_interval)width,
                                        (struct candle_range){CANDLE_NO_LIMIT, last_s}, read, READ);
            assert_in_range(count, 1, READ);
            assert_int_equal(read[count - 1].open_s, last_s - last_s % width_s);
            for (size_t c = 0; c < count; c++) {
                struct candle expected = model_candle(trades, i + 1, read[c].open_s, width_s);
                assert_same_candle(&read[c], &expected);
                assert_int_equal(read[c].open_s, read[0].open_s + c * width_s);
            }
        }
    }
}

static void a_ticker_sums_the_last_day_only(void **state) {
    (void)state;
    struct candles *candles = candles_made();
    struct ticker ticker;
    uint64_t day_s = 86400;

    ticker_read(candles, 10 * day_s, &ticker);
    assert_int_equal(ticker.day.trade_count, 0);
    assert_int_equal(ticker.day.close_ticks, 0);
    trade_at(candles, 10 * day_s * NS_PER_S, 50, 1);
    trade_at(candles, (10 * day_s + 3600) * NS_PER_S, 70, 2);
    trade_at(candles, (11 * day_s + 1800) * NS_PER_S, 60, 3);
    ticker_read(candles, 11 * day_s + 1830, &ticker);
    assert_int_equal(ticker.day.trade_count, 2);
    assert_int_equal(ticker.day.volume_lots, 5);
    assert_int_equal(ticker.day.open_ticks, 70);
    assert_int_equal(ticker.day.close_ticks, 60);
    assert_int_equal(ticker.close_before_ticks, 50);
    ticker_read(candles, 20 * day_s, &ticker);
    assert_int_equal(ticker.day.trade_count, 0);
    assert_int_equal(ticker.day.close_ticks, 60);
}

int main(int argc, char **argv) {
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trade_at_the_end_of_a_minute_belongs_to_the_next),
        cmocka_unit_test(idle_candles_repeat_the_last_close_without_volume),
        cmocka_unit_test(nothing_is_read_before_the_first_trade),
        cmocka_unit_test(a_start_between_two_candles_takes_the_later),
        cmocka_unit_test(names_are_found_and_case_counts),
        cmocka_unit_test(random_trades_agree_with_a_recount_at_every_width),
        cmocka_unit_test(a_ticker_sums_the_last_day_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
