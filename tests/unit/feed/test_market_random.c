/* The real engine plays by lot, and the views must tell of the same market: every balance as the engine holds it, the
 * depth as the matcher's touch and as the sum of the open orders, candles as the trades. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../core/engine_rig.h"
#include "base/random.h"
#include "feed/market_view.h"

#include <cmocka.h>

#define ACCOUNTS    8u
#define INSTRUMENTS 2u
#define STEPS       20000
#define NS_PER_S    UINT64_C(1000000000)

static uint64_t seed = 1;
static struct market_view view;

struct totals {
    uint64_t trade_count;
    uint64_t volume_lots[INSTRUMENTS];
    struct done_record done[INSTRUMENTS];
};

static void view_made(void) {
    static _Alignas(64) unsigned char memory[48 << 20];
    const struct feed_limits limits = {.account_max = 16,
                                       .balance_max = 64,
                                       .order_max = 400,
                                       .instrument_max = INSTRUMENTS,
                                       .finished_max = 64,
                                       .candle_max = 64,
                                       .fill_max = 64};
    struct arena arena;

    assert_true(market_view_bytes(&limits) <= sizeof memory);
    memset(memory, 0, sizeof memory);
    arena_init(&arena, memory, market_view_bytes(&limits));
    market_view_init(&view, &arena, &limits);
}

static void venue_made(struct rig *rig) {
    union record record = rig_asset("BASE", 8);

    rig_submit(rig, DOOR_OPERATOR, &record);
    record = rig_asset("QUOTE", 8);
    rig_submit(rig, DOOR_OPERATOR, &record);
    static const char *const symbols[INSTRUMENTS] = {"ONE", "TWO"};
    for (size_t i = 0; i < INSTRUMENTS; i++) {
        record = rig_instrument(symbols[i], "BASE", "QUOTE");
        record.instrument.maker_fee_ppm = 500;
        record.instrument.taker_fee_ppm = 1000;
        rig_submit(rig, DOOR_OPERATOR, &record);
    }
    for (uint32_t account = 1; account <= ACCOUNTS; account++) {
        rig_account(rig);
        for (uint16_t asset = 0; asset < 2; asset++) {
            record = rig_deposit(account, asset, 2000000000);
            rig_submit(rig, DOOR_OPERATOR, &record);
        }
    }
}

static const struct order_view *any_open_order(struct random *random, uint32_t account) {
    const struct order_view *order = NULL;
    uint32_t steps = 1 + random_below(random, 6);

    for (uint32_t i = 0; i < steps; i++) {
        const struct order_view *next = orders_view_next_open(&view.orders, account, order);
        if (next == NULL)
            return order;
        order = next;
    }
    return order;
}

static union record order_by_lot(struct random *random, uint32_t account) {
    union record record = rig_order(account, (enum side)random_below(random, 2),
                                    1 + random_below(random, 500), 2990 + random_below(random, 21));
    struct command_record *command = &record.command;

    record.head.instrument = (uint16_t)random_below(random, INSTRUMENTS);
    command->tif = (uint8_t)(random_below(random, 10) < 8 ? TIF_GTC : random_below(random, 3));
    command->stp = (uint8_t)(random_below(random, 4) == 0 ? random_below(random, 5) : 0);
    command->post_only = random_below(random, 20) == 0;
    if (random_below(random, 12) == 0) {
        command->type = ORDER_TYPE_MARKET;
        command->limit_ticks = random_below(random, 2) == 0 ? 0 : command->price_ticks;
        command->price_ticks = 0;
    }
    if (random_below(random, 15) == 0) {
        command->trigger = (uint8_t)(1 + random_below(random, 2));
        command->trigger_ticks = 2990 + random_below(random, 21);
    }
    return record;
}

static union record change_by_lot(struct random *random, const struct order_view *order,
                                  uint32_t account) {
    static const enum command_op ops[] = {COMMAND_CANCEL, COMMAND_CANCEL, COMMAND_REDUCE,
                                          COMMAND_REPLACE};
    union record record = rig_command(ops[random_below(random, 4)], account);

    record.head.instrument = order->instrument;
    record.command.order_no = order->order_no;
    record.command.qty_lots = 1 + random_below(random, 300);
    record.command.price_ticks = 2990 + random_below(random, 21);
    return record;
}

static void input_by_lot(struct rig *rig, struct random *random) {
    uint32_t account = 1 + random_below(random, ACCOUNTS);
    const struct order_view *order = any_open_order(random, account);
    uint32_t pick = random_below(random, 100);
    union record record;
    enum door door = DOOR_WEB;

    if (pick < 60 || order == NULL) {
        record = order_by_lot(random, account);
    } else if (pick < 96) {
        record = change_by_lot(random, order, account);
    } else if (pick < 98) {
        record = rig_command(COMMAND_CANCEL_ALL, account);
    } else {
        record = rig_deposit(account, (uint16_t)random_below(random, 2), 1000000);
        record.transfer.transfer_kind = (uint8_t)(1 + random_below(random, 2));
        if (record.transfer.transfer_kind == TRANSFER_WITHDRAWAL)
            record.transfer.transfer_state = TRANSFER_REQUESTED;
        door = DOOR_OPERATOR;
    }
    rig_submit(rig, door, &record);
}

static void take_new_records(const struct rig *rig, size_t *at, struct totals *totals) {
    union record record;

    while (rig_next(rig, at, &record)) {
        market_view_record(&view, &record);
        for (uint16_t asset = 0; asset < view.directory.asset_count; asset++)
            assert_true(balances_view_sum(&view.balances, asset) == 0);
        if (record.head.kind == RECORD_TRADE) {
            totals->trade_count++;
            totals->volume_lots[record.head.instrument] += record.trade.qty_lots;
        }
        if (record.head.kind == RECORD_DONE && record.head.instrument < INSTRUMENTS)
            totals->done[record.head.instrument] = record.done;
    }
}

static void assert_same_balances(const struct rig *rig) {
    static const uint32_t others[] = {ACCOUNT_OUTSIDE, ACCOUNT_HOUSE};

    for (uint32_t i = 0; i < ACCOUNTS + 2; i++)
        for (uint16_t asset = 0; asset < 2; asset++) {
            uint32_t account = i < ACCOUNTS ? i + 1 : others[i - ACCOUNTS];
            struct balance expected = engine_balance(rig->engine, account, asset);
            struct balance_view told = balances_view_get(&view.balances, account, asset);
            assert_true(told.available_atoms == expected.available_atoms);
            assert_true(told.held_atoms == expected.held_atoms);
        }
}

static uint64_t lots_of_open_orders(uint16_t instrument, enum side side, uint32_t price_ticks) {
    uint64_t lots = 0;

    for (uint32_t account = 1; account <= ACCOUNTS; account++) {
        const struct order_view *order = NULL;
        while ((order = orders_view_next_open(&view.orders, account, order)) != NULL)
            if (order->resting && order->instrument == instrument && order->side == side &&
                order->price_ticks == price_ticks)
                lots += order->left_lots;
    }
    return lots;
}

static void assert_same_depth(uint16_t instrument, const struct done_record *done) {
    struct depth_level levels[64];

    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        size_t count = depth_top(&view.depth, instrument, (enum side)side, levels, 64);
        uint64_t touch_lots = side == SIDE_BUY ? done->bid_qty_lots : done->ask_qty_lots;
        uint32_t touch_ticks = side == SIDE_BUY ? done->bid_ticks : done->ask_ticks;
        assert_int_equal(count > 0 ? levels[0].qty_lots : 0, touch_lots);
        if (count > 0)
            assert_int_equal(levels[0].price_ticks, touch_ticks);
        size_t seen = 0;
        for (uint32_t price = 2990; price <= 3010; price++)
            seen += lots_of_open_orders(instrument, (enum side)side, price) > 0;
        assert_int_equal(seen, count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(levels[i].qty_lots, lots_of_open_orders(instrument, (enum side)side,
                                                                     levels[i].price_ticks));
    }
}

static void assert_same_candles(const struct totals *totals) {
    for (uint16_t i = 0; i < INSTRUMENTS; i++) {
        uint64_t volume_lots = 0;
        size_t count = candles_stored_count(&view.candles[i], CANDLE_1D);
        for (size_t c = 0; c < count; c++) {
            struct candle candle;
            candles_stored(&view.candles[i], CANDLE_1D, c, &candle);
            volume_lots += candle.volume_lots;
        }
        assert_int_equal(volume_lots, totals->volume_lots[i]);
    }
}

static void the_views_tell_of_the_market_that_the_engine_made(void **state) {
    (void)state;
    struct random random = random_seeded(seed);
    struct rig rig = {.now_ns = 1700000000 * NS_PER_S};
    struct totals totals = {0};
    size_t at = 0;

    printf("seed %llu\n", (unsigned long long)seed);
    view_made();
    rig.matcher = rig_soft_matcher(&rig.matcher_memory, &rig_limits);
    rig.engine = rig_engine(&rig.engine_memory, &rig_limits, rig.matcher);
    venue_made(&rig);
    take_new_records(&rig, &at, &totals);
    for (int step = 0; step < STEPS; step++) {
        input_by_lot(&rig, &random);
        rig_run_dry(&rig);
        rig.now_ns += random_next(&random) % (3 * NS_PER_S);
        take_new_records(&rig, &at, &totals);
        assert_same_balances(&rig);
        if (step % 16 == 0)
            for (uint16_t i = 0; i < INSTRUMENTS; i++)
                assert_same_depth(i, &totals.done[i]);
    }
    assert_same_candles(&totals);
    printf("%llu records, %llu trades\n", (unsigned long long)view.record_seq,
           (unsigned long long)totals.trade_count);
    assert_true(totals.trade_count > STEPS / 10);
    rig_close(&rig);
}

int main(int argc, char **argv) {
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_views_tell_of_the_market_that_the_engine_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
