/* Records go in one by one; what is asserted is the state behind them, as the tables would have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/matcher.h"
#include "core/verdict.h"
#include "store/projection.h"

#define LOT_ATOMS      100u
#define TICK_LOT_ATOMS 10u
#define BASE           0u
#define QUOTE          1u
#define SECOND_NS      UINT64_C(1000000000)

static uint64_t now_ns;

static enum projection_result put(struct projection *projection, union record record,
                                  uint8_t kind) {
    record.head.kind = kind;
    record.head.units = record_units(kind);
    record.head.record_seq = projection->record_seq + 1;
    record.head.time_ns = now_ns;
    return projection_apply(projection, &record);
}

static int setup(void **state) {
    struct projection *projection = projection_open();
    now_ns = 86400 * SECOND_NS * 10;
    union record listing = {.instrument = {.lot_atoms = LOT_ATOMS,
                                           .tick_lot_atoms = TICK_LOT_ATOMS,
                                           .symbol = "X",
                                           .base_asset = BASE,
                                           .quote_asset = QUOTE}};
    assert_int_equal(put(projection, listing, RECORD_INSTRUMENT), PROJECTION_APPLIED);
    for (uint32_t account = 1; account <= 2; account++)
        for (uint16_t asset = 0; asset <= 1; asset++) {
            union record deposit = {.transfer = {.request.account = account,
                                                 .amount_atoms = 1000000,
                                                 .asset = asset,
                                                 .transfer_kind = TRANSFER_DEPOSIT,
                                                 .transfer_state = TRANSFER_DONE}};
            assert_int_equal(put(projection, deposit, RECORD_TRANSFER), PROJECTION_APPLIED);
        }
    *state = projection;
    return 0;
}

static int teardown(void **state) {
    projection_close(*state);
    return 0;
}

struct placed {
    uint64_t order_no;
    uint64_t seq;
    uint32_t account;
    uint32_t price_ticks;
    uint64_t qty_lots;
    uint8_t side;
};

/* COMMAND(NEW), ACCEPTED. */
static uint64_t place(struct projection *projection, struct placed order) {
    uint64_t order_no = projection->record_seq + 1;
    amount_t hold = order.side == SIDE_BUY
                        ? (amount_t)order.price_ticks * order.qty_lots * TICK_LOT_ATOMS
                        : (amount_t)order.qty_lots * LOT_ATOMS;
    union record command = {.command = {.request.account = order.account,
                                        .order_no = order_no,
                                        .seq = order.seq,
                                        .qty_lots = order.qty_lots,
                                        .hold_atoms = hold,
                                        .price_ticks = order.price_ticks,
                                        .op = COMMAND_NEW,
                                        .side = order.side}};
    assert_int_equal(put(projection, command, RECORD_COMMAND), PROJECTION_APPLIED);
    union record accepted = {
        .accepted = {.seq = order.seq, .order_no = order_no, .account = order.account}};
    assert_int_equal(put(projection, accepted, RECORD_ACCEPTED), PROJECTION_APPLIED);
    return order_no;
}

static const struct order_row *order_of(const struct projection *projection, uint64_t order_no) {
    uint32_t index = hash_map_find(&projection->order_by_no, &order_no);
    return index == HASH_MAP_NONE ? NULL : &projection->orders[index];
}

static void assert_balance(struct projection *projection, uint32_t account, uint16_t asset,
                           int64_t available, int64_t held) {
    const struct balance_row *row = balances_row(projection, account, asset);
    assert_int_equal((int64_t)row->available_atoms, available);
    assert_int_equal((int64_t)row->held_atoms, held);
}

/*   maker 1: sell 5 @ 100      taker 2: buy 3 @ 102  ->  3 @ 100, fees 7 and 2, 60 saved   */
static void a_trade_moves_both_sides_and_the_fees_to_the_house(void **state) {
    struct projection *projection = *state;
    uint64_t maker =
        place(projection,
              (struct placed){
                  .seq = 1, .account = 1, .price_ticks = 100, .qty_lots = 5, .side = SIDE_SELL});
    assert_balance(projection, 1, BASE, 1000000 - 500, 500);
    uint64_t taker =
        place(projection,
              (struct placed){
                  .seq = 2, .account = 2, .price_ticks = 102, .qty_lots = 3, .side = SIDE_BUY});
    assert_balance(projection, 2, QUOTE, 1000000 - 3060, 3060);
    union record trade = {.trade = {.seq = 2,
                                    .match = 1,
                                    .maker_order_no = maker,
                                    .taker_order_no = taker,
                                    .qty_lots = 3,
                                    .maker_left_lots = 2,
                                    .price_ticks = 100,
                                    .maker_account = 1,
                                    .taker_account = 2,
                                    .taker_side = SIDE_BUY,
                                    .maker_fee_atoms = 7,
                                    .taker_fee_atoms = 2,
                                    .taker_release_atoms = 60}};
    assert_int_equal(put(projection, trade, RECORD_TRADE), PROJECTION_APPLIED);
    assert_balance(projection, 1, BASE, 1000000 - 500, 200);
    assert_balance(projection, 1, QUOTE, 1000000 + 3000 - 7, 0);
    assert_balance(projection, 2, BASE, 1000000 + 300 - 2, 0);
    assert_balance(projection, 2, QUOTE, 1000000 - 3000, 0);
    assert_balance(projection, ACCOUNT_HOUSE, BASE, 2, 0);
    assert_balance(projection, ACCOUNT_HOUSE, QUOTE, 7, 0);
    assert_int_equal(order_of(projection, maker)->status, ORDER_STATUS_PARTLY_FILLED);
    assert_int_equal(order_of(projection, maker)->left_lots, 2);
    assert_int_equal(order_of(projection, taker)->status, ORDER_STATUS_FILLED);
    assert_int_equal(projection->rows[TABLE_TRADES].row_count, 1);
    projection_flush(projection);
    assert_null(order_of(projection, taker)); /* written, and forgotten */
    assert_non_null(order_of(projection, maker));
    assert_int_equal(projection->rows[TABLE_ORDERS].row_count, 2);
    assert_int_equal(projection->rows[TABLE_CANDLES].row_count, CANDLE_INTERVALS);
}

static void an_order_touched_often_in_a_batch_is_one_row(void **state) {
    struct projection *projection = *state;
    uint64_t order_no =
        place(projection,
              (struct placed){
                  .seq = 1, .account = 1, .price_ticks = 100, .qty_lots = 9, .side = SIDE_BUY});
    for (uint64_t left = 8; left > 4; left--) {
        union record reduced = {.cancelled = {.order_no = order_no,
                                              .qty_lots = left,
                                              .taken_lots = 1,
                                              .release_atoms = 100 * TICK_LOT_ATOMS,
                                              .account = 1,
                                              .why = WHY_USER,
                                              .side = SIDE_BUY}};
        assert_int_equal(put(projection, reduced, RECORD_REDUCED), PROJECTION_APPLIED);
    }
    projection_flush(projection);
    assert_int_equal(projection->rows[TABLE_ORDERS].row_count, 1);
    const struct order_row *order = order_of(projection, order_no);
    assert_int_equal(order->left_lots, 5);
    assert_int_equal(order->cancelled_lots, 4);
    assert_int_equal(order->qty_lots, 9);
    assert_balance(projection, 1, QUOTE, 1000000 - 5000, 5000);
}

static void a_replace_that_enters_nothing_ends_at_its_done(void **state) {
    struct projection *projection = *state;
    uint64_t old =
        place(projection,
              (struct placed){
                  .seq = 1, .account = 1, .price_ticks = 100, .qty_lots = 5, .side = SIDE_BUY});
    uint64_t new_no = projection->record_seq + 1;
    union record replace = {.command = {.request.account = 1,
                                        .order_no = old,
                                        .seq = 2,
                                        .qty_lots = 3,
                                        .price_ticks = 101,
                                        .op = COMMAND_REPLACE,
                                        .side = SIDE_BUY}};
    assert_int_equal(put(projection, replace, RECORD_COMMAND), PROJECTION_APPLIED);
    assert_int_equal(order_of(projection, new_no)->replaces, old);
    union record cancelled = {.cancelled = {.seq = 2,
                                            .order_no = old,
                                            .qty_lots = 5,
                                            .taken_lots = 5,
                                            .release_atoms = 5000,
                                            .account = 1,
                                            .why = WHY_REPLACE,
                                            .side = SIDE_BUY,
                                            .new_order_no = new_no}};
    assert_int_equal(put(projection, cancelled, RECORD_CANCELLED), PROJECTION_APPLIED);
    assert_int_equal(order_of(projection, new_no)->status, ORDER_STATUS_SENT);
    union record done = {.done = {.seq = 2}};
    assert_int_equal(put(projection, done, RECORD_DONE), PROJECTION_APPLIED);
    assert_int_equal(order_of(projection, old)->status, ORDER_STATUS_REPLACED);
    assert_int_equal(order_of(projection, new_no)->status, ORDER_STATUS_CANCELLED);
    assert_string_equal(order_of(projection, new_no)->why, "nothing_left");
    assert_balance(projection, 1, QUOTE, 1000000, 0);
}

static void a_refused_order_is_a_row_and_moves_nothing(void **state) {
    struct projection *projection = *state;
    union record refused = {.command = {.request = {.account = 77, .verdict = VERDICT_NO_FUNDS},
                                        .head.instrument = INSTRUMENT_NONE,
                                        .qty_lots = UINT64_MAX,
                                        .op = COMMAND_NEW,
                                        .side = 9,
                                        .client_order_id_length = 200}};
    memset(refused.command.client_order_id, 0xff, CLIENT_ORDER_ID_BYTES);
    assert_int_equal(put(projection, refused, RECORD_COMMAND), PROJECTION_APPLIED);
    assert_int_equal(projection->rows[TABLE_ORDERS].row_count, 1);
    assert_int_equal(projection->rows[TABLE_BALANCE_CHANGES].row_count, 8); /* the deposits' */
    assert_int_equal(projection->order_by_no.count, 0);
}

static void a_credential_leaves_no_trace(void **state) {
    struct projection *projection = *state;
    size_t before = 0;
    size_t after = 0;
    union record credential = {.credential = {.username = "EVE"}};
    for (int i = 0; i < TABLE_COUNT; i++)
        before += projection->rows[i].used_bytes;
    assert_int_equal(put(projection, credential, RECORD_CREDENTIAL), PROJECTION_APPLIED);
    for (int i = 0; i < TABLE_COUNT; i++)
        after += projection->rows[i].used_bytes;
    assert_int_equal(before, after);
}

static void a_record_about_an_order_that_is_not_open_is_refused(void **state) {
    struct projection *projection = *state;
    union record rested = {.rested = {.order_no = 4711, .qty_lots = 1}};
    assert_int_equal(put(projection, rested, RECORD_RESTED), PROJECTION_BROKEN);
    assert_string_equal(projection->flaw, "record 6: no such open order: 4711");
}

static void a_trade_at_the_end_of_a_candle_opens_the_next(void **state) {
    struct projection *projection = *state;
    uint64_t maker =
        place(projection,
              (struct placed){
                  .seq = 1, .account = 1, .price_ticks = 100, .qty_lots = 5, .side = SIDE_SELL});
    uint64_t taker =
        place(projection,
              (struct placed){
                  .seq = 2, .account = 2, .price_ticks = 100, .qty_lots = 5, .side = SIDE_BUY});
    uint64_t begin_ns = now_ns;
    for (uint64_t i = 0; i < 3; i++) { /* at 0 s, just below 1 s, at 1 s */
        now_ns = begin_ns + (i == 0 ? 0 : i == 1 ? SECOND_NS - 1 : SECOND_NS);
        union record trade = {.trade = {.match = i + 1,
                                        .maker_order_no = maker,
                                        .taker_order_no = taker,
                                        .qty_lots = 1,
                                        .maker_left_lots = 4 - i,
                                        .taker_left_lots = 4 - i,
                                        .price_ticks = (uint32_t)(100 - i),
                                        .maker_account = 1,
                                        .taker_account = 2}};
        assert_int_equal(put(projection, trade, RECORD_TRADE), PROJECTION_APPLIED);
    }
    assert_int_equal(projection->rows[TABLE_CANDLES].row_count, 1); /* the first second is over */
    assert_int_equal(projection->candles[0][0].open_ns, begin_ns + SECOND_NS);
    assert_int_equal(projection->candles[0][0].trade_count, 1);
    const struct candle_row *minute = &projection->candles[0][1];
    assert_int_equal(minute->trade_count, 3);
    assert_int_equal(minute->open_ticks, 100);
    assert_int_equal(minute->low_ticks, 98);
    assert_int_equal(minute->close_ticks, 98);
    assert_int_equal(minute->taker_buy_lots, 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_trade_moves_both_sides_and_the_fees_to_the_house),
        CASE(an_order_touched_often_in_a_batch_is_one_row),
        CASE(a_replace_that_enters_nothing_ends_at_its_done),
        CASE(a_refused_order_is_a_row_and_moves_nothing),
        CASE(a_credential_leaves_no_trace),
        CASE(a_record_about_an_order_that_is_not_open_is_refused),
        CASE(a_trade_at_the_end_of_a_candle_opens_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
