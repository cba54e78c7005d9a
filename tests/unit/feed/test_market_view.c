#include "feed/market_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "scribe.h"

#include <cmocka.h>

static struct market_view view;
static struct scribe scribe;

static void take(const union record *record) {
    market_view_record(&view, record);
    for (uint16_t asset = 0; asset < view.directory.asset_count; asset++)
        assert_true(balances_view_sum(&view.balances, asset) == 0);
}

static int view_made(void **state) {
    (void)state;
    static _Alignas(64) unsigned char memory[16 << 20];
    const struct feed_limits limits = {.account_max = 8,
                                       .balance_max = 64,
                                       .order_max = 64,
                                       .instrument_max = 2,
                                       .finished_max = 16,
                                       .candle_max = 64,
                                       .fill_max = 64};
    struct arena arena;

    memset(memory, 0, sizeof memory);
    memset(&scribe, 0, sizeof scribe);
    assert_true(market_view_bytes(&limits) <= sizeof memory);
    arena_init(&arena, memory, market_view_bytes(&limits));
    market_view_init(&view, &arena, &limits);
    take(scribe_asset(&scribe, "TATA", 0, 2));
    take(scribe_asset(&scribe, "INR", 1, 2));
    take(scribe_instrument(&scribe, "TATA_INR", 0));
    take(scribe_account(&scribe, 1, "alice"));
    take(scribe_account(&scribe, 2, "bob"));
    take(scribe_deposit(&scribe, 1, 1, 100000));
    take(scribe_deposit(&scribe, 2, 0, 100000));
    return 0;
}

static void the_directory_knows_what_was_listed(void **state) {
    (void)state;
    uint16_t found = directory_find(&view.directory, "TATA_INR", 8);
    const struct listed_instrument *instrument = directory_instrument(&view.directory, found);

    assert_int_equal(found, 0);
    assert_int_equal(instrument->price_decimals, 2);
    assert_int_equal(instrument->qty_decimals, 0);
    assert_int_equal(directory_find(&view.directory, "TATA", 4), INSTRUMENT_NONE);
    assert_int_equal(directory_find(&view.directory, "TATA_INRTATA_INRX", 17), INSTRUMENT_NONE);
    assert_string_equal(directory_account(&view.directory, 2)->name, "bob");
    assert_null(directory_account(&view.directory, 3));
}

static uint64_t rests(uint32_t account, enum side side, uint32_t price_ticks, uint64_t qty_lots) {
    const union record *record = scribe_new(&scribe, 0, account, side, price_ticks, qty_lots);
    uint64_t order_no = record->head.record_seq;

    take(record);
    take(scribe_accepted(&scribe, 0, order_no));
    take(scribe_rested(&scribe, 0, order_no, side, price_ticks, qty_lots));
    take(scribe_done(&scribe, 0));
    return order_no;
}

/* Alice bids 10 at 100 ticks; bob sells 4 into it with fees on both sides. */
static void a_trade_moves_money_depth_orders_and_candles(void **state) {
    (void)state;
    uint64_t maker = rests(1, SIDE_BUY, 100, 10);
    assert_true(balances_view_get(&view.balances, 1, 1).held_atoms == 5000);
    const union record *command = scribe_new(&scribe, 0, 2, SIDE_SELL, 90, 4);
    uint64_t taker = command->head.record_seq;
    take(command);
    take(scribe_accepted(&scribe, 0, taker));
    union record *trade = scribe_trade(&scribe, 0, maker, taker, SIDE_SELL, 100, 4);
    trade->trade.maker_left_lots = 6;
    trade->trade.maker_account = 1;
    trade->trade.taker_account = 2;
    trade->trade.maker_fee_atoms = 1;
    trade->trade.taker_fee_atoms = 2;
    take(trade);
    take(scribe_done(&scribe, 0));

    struct balance_view alice_inr = balances_view_get(&view.balances, 1, 1);
    struct balance_view alice_tata = balances_view_get(&view.balances, 1, 0);
    struct balance_view bob_inr = balances_view_get(&view.balances, 2, 1);
    assert_true(alice_inr.available_atoms == 95000 && alice_inr.held_atoms == 3000);
    assert_true(alice_tata.available_atoms == 399 && alice_tata.held_atoms == 0);
    assert_true(bob_inr.available_atoms == 1998);
    assert_true(balances_view_get(&view.balances, ACCOUNT_HOUSE, 1).available_atoms == 2);
    assert_int_equal(depth_qty_lots(&view.depth, 0, SIDE_BUY, 100), 6);
    assert_int_equal(orders_view_find(&view.orders, taker)->status, ORDER_VIEW_FILLED);
    assert_int_equal(view.candles[0].open[CANDLE_1S].volume_lots, 4);
    assert_int_equal(trades_view_count(&view.trades, 0), 1);
}

static void price_improvement_and_cancel_give_back_what_was_held(void **state) {
    (void)state;
    uint64_t maker = rests(2, SIDE_SELL, 100, 4);
    const union record *command = scribe_new(&scribe, 0, 1, SIDE_BUY, 110, 6);
    uint64_t taker = command->head.record_seq;
    take(command);
    take(scribe_accepted(&scribe, 0, taker));
    union record *trade = scribe_trade(&scribe, 0, maker, taker, SIDE_BUY, 100, 4);
    trade->trade.taker_left_lots = 2;
    trade->trade.maker_account = 2;
    trade->trade.taker_account = 1;
    trade->trade.taker_release_atoms = 10 * 4 * 5;
    take(trade);
    take(scribe_rested(&scribe, 0, taker, SIDE_BUY, 110, 2));
    union record *cancelled = scribe_cancelled(&scribe, RECORD_CANCELLED, 0, taker, WHY_USER, 2, 2);
    cancelled->cancelled.account = 1;
    cancelled->cancelled.side = SIDE_BUY;
    cancelled->cancelled.release_atoms = 110 * 2 * 5;
    take(cancelled);
    struct balance_view inr = balances_view_get(&view.balances, 1, 1);
    assert_true(inr.available_atoms == 100000 - 2000 && inr.held_atoms == 0);
    assert_int_equal(depth_qty_lots(&view.depth, 0, SIDE_BUY, 110), 0);
}

static void a_reduced_order_leaves_its_level_smaller(void **state) {
    (void)state;
    uint64_t order_no = rests(1, SIDE_BUY, 100, 10);
    union record *reduced = scribe_cancelled(&scribe, RECORD_REDUCED, 0, order_no, WHY_USER, 7, 3);
    reduced->cancelled.account = 1;
    reduced->cancelled.release_atoms = 1500;
    take(reduced);
    assert_int_equal(depth_qty_lots(&view.depth, 0, SIDE_BUY, 100), 7);
    assert_int_equal(orders_view_find(&view.orders, order_no)->left_lots, 7);
    assert_int_equal(orders_view_find(&view.orders, order_no)->qty_lots, 7);
}

/* The remainder of an IOC never was in the book, so its cancel takes nothing out of it. */
static void what_never_rested_is_not_taken_from_the_book(void **state) {
    (void)state;
    (void)rests(2, SIDE_SELL, 105, 3);
    const union record *command = scribe_new(&scribe, 0, 1, SIDE_BUY, 105, 3);
    uint64_t order_no = command->head.record_seq;
    take(command);
    take(scribe_accepted(&scribe, 0, order_no));
    union record *expired = scribe_cancelled(&scribe, RECORD_CANCELLED, 0, order_no, WHY_IOC, 3, 3);
    expired->cancelled.account = 1;
    expired->cancelled.release_atoms = 105 * 3 * 5;
    take(expired);
    assert_int_equal(depth_qty_lots(&view.depth, 0, SIDE_SELL, 105), 3);
    assert_int_equal(orders_view_find(&view.orders, order_no)->status, ORDER_VIEW_EXPIRED);
}

static void a_withdrawal_holds_then_pays_or_gives_back(void **state) {
    (void)state;
    static const uint8_t states[] = {TRANSFER_REQUESTED, TRANSFER_REFUSED, TRANSFER_REQUESTED,
                                     TRANSFER_APPROVED, TRANSFER_DONE};
    static const int available[] = {40000, 100000, 40000, 40000, 40000};
    static const int held[] = {60000, 0, 60000, 60000, 0};

    for (size_t i = 0; i < 5; i++) {
        union record *record = scribe_deposit(&scribe, 1, 1, 60000);
        record->transfer.transfer_kind = TRANSFER_WITHDRAWAL;
        record->transfer.transfer_state = states[i];
        take(record);
        struct balance_view inr = balances_view_get(&view.balances, 1, 1);
        assert_true(inr.available_atoms == available[i]);
        assert_true(inr.held_atoms == held[i]);
    }
    assert_true(balances_view_get(&view.balances, ACCOUNT_OUTSIDE, 1).available_atoms == -40000);
}

static void a_rejected_change_of_state_is_taken_back(void **state) {
    (void)state;
    union record *record = scribe_command(&scribe, COMMAND_SET_BAND, 0, 0);
    record->command.price_ticks = 777;
    take(record);
    assert_int_equal(directory_instrument(&view.directory, 0)->band_base_ticks, 777);
    record = scribe_start(&scribe, RECORD_REJECTED, 0);
    record->rejected.op = COMMAND_SET_BAND;
    take(record);
    assert_int_equal(directory_instrument(&view.directory, 0)->band_base_ticks, 0);
    record = scribe_command(&scribe, COMMAND_SET_STATE, 0, 0);
    record->command.state = STATE_HALTED;
    take(record);
    assert_int_equal(directory_instrument(&view.directory, 0)->state, STATE_HALTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_directory_knows_what_was_listed, view_made),
        cmocka_unit_test_setup(a_trade_moves_money_depth_orders_and_candles, view_made),
        cmocka_unit_test_setup(price_improvement_and_cancel_give_back_what_was_held, view_made),
        cmocka_unit_test_setup(a_reduced_order_leaves_its_level_smaller, view_made),
        cmocka_unit_test_setup(what_never_rested_is_not_taken_from_the_book, view_made),
        cmocka_unit_test_setup(a_withdrawal_holds_then_pays_or_gives_back, view_made),
        cmocka_unit_test_setup(a_rejected_change_of_state_is_taken_back, view_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
