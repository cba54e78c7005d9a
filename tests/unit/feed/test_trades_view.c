#include "feed/trades_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "scribe.h"

#include <cmocka.h>

static struct trades_view view;
static struct scribe scribe;

static int view_made(void **state) {
    (void)state;
    static _Alignas(64) unsigned char memory[1 << 20];
    const struct feed_limits limits = {.account_max = 8, .instrument_max = 2, .fill_max = 16};
    struct arena arena;

    memset(memory, 0, sizeof memory);
    memset(&scribe, 0, sizeof scribe);
    arena_init(&arena, memory, trades_view_bytes(&limits));
    trades_view_init(&view, &arena, &limits);
    return 0;
}

static void trade_between(uint32_t maker, uint32_t taker, uint16_t instrument) {
    union record *record = scribe_trade(&scribe, instrument, 7, 8, SIDE_BUY, 100, 2);

    record->trade.maker_account = maker;
    record->trade.taker_account = taker;
    record->trade.maker_fee_atoms = 3;
    trades_view_record(&view, record);
}

static void the_newest_print_has_age_zero_and_the_oldest_are_forgotten(void **state) {
    (void)state;
    for (int i = 0; i < TRADES_KEPT + 10; i++)
        trade_between(1, 2, 1);
    assert_int_equal(trades_view_count(&view, 0), 0);
    assert_int_equal(trades_view_count(&view, 1), TRADES_KEPT);
    assert_int_equal(trades_view_print(&view, 1, 0)->match, TRADES_KEPT + 10);
    assert_int_equal(trades_view_print(&view, 1, TRADES_KEPT - 1)->match, 11);
}

static void each_side_finds_its_own_fill(void **state) {
    (void)state;
    trade_between(1, 2, 0);
    const struct fill_view *maker = trades_view_next_fill(&view, 1, NULL);
    const struct fill_view *taker = trades_view_next_fill(&view, 2, NULL);
    assert_true(maker->is_maker);
    assert_int_equal(maker->side, SIDE_SELL);
    assert_int_equal(maker->order_no, 7);
    assert_true(maker->fee_atoms == 3);
    assert_false(taker->is_maker);
    assert_int_equal(taker->side, SIDE_BUY);
    assert_null(trades_view_next_fill(&view, 1, maker));
    assert_null(trades_view_next_fill(&view, 3, NULL));
}

static void forgotten_fills_end_the_walk(void **state) {
    (void)state;
    trade_between(1, 2, 0);
    for (int i = 0; i < 6; i++)
        trade_between(3, 4, 0);
    trade_between(1, 4, 0);
    const struct fill_view *fill = trades_view_next_fill(&view, 1, NULL);
    assert_int_equal(fill->match, 8);
    assert_int_equal(trades_view_next_fill(&view, 1, fill)->match, 1);
    trade_between(3, 4, 0);
    fill = trades_view_next_fill(&view, 1, NULL);
    assert_int_equal(fill->match, 8);
    assert_null(trades_view_next_fill(&view, 1, fill));
    assert_null(trades_view_next_fill(&view, 2, NULL));
}

static void an_account_that_trades_with_itself_has_both_sides(void **state) {
    (void)state;
    trade_between(5, 5, 0);
    const struct fill_view *taker = trades_view_next_fill(&view, 5, NULL);
    const struct fill_view *maker = trades_view_next_fill(&view, 5, taker);
    assert_false(taker->is_maker);
    assert_true(maker->is_maker);
    assert_null(trades_view_next_fill(&view, 5, maker));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_newest_print_has_age_zero_and_the_oldest_are_forgotten,
                               view_made),
        cmocka_unit_test_setup(each_side_finds_its_own_fill, view_made),
        cmocka_unit_test_setup(forgotten_fills_end_the_walk, view_made),
        cmocka_unit_test_setup(an_account_that_trades_with_itself_has_both_sides, view_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
