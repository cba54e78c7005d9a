/* One order after another, with a matcher that answers at once: what is held, moved, released and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine_said.h"

static void assert_balance(const struct stage *stage, uint32_t account, uint16_t asset,
                           int64_t available_atoms, int64_t held_atoms) {
    struct balance balance = engine_balance(stage->rig.engine, account, asset);

    assert_int_equal((int64_t)balance.available_atoms, available_atoms);
    assert_int_equal((int64_t)balance.held_atoms, held_atoms);
}

/* ---- limit orders ---- */

static void a_resting_buy_holds_its_cost_and_a_cancel_gives_it_back(void **state) {
    struct stage *stage = *state;

    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 5, 2000)),
                        "new TAKEN A hold=1000000\n"
                        "accepted A\n"
                        "rested A 2000x5\n"
                        "done 2000x5 -\n");
    assert_balance(stage, ALICE, USDT, 999000000, 1000000);
    assert_string_equal(perform(stage, DOOR_WEB, naming(stage, COMMAND_CANCEL, ALICE, 'A')),
                        "cancel TAKEN A\n"
                        "cancelled A user 5 release=1000000\n"
                        "done - -\n");
    assert_balance(stage, ALICE, USDT, 1000000000, 0);
}

/* Alice sells 5 at 2000, Bob buys 7 at 2010: he pays 2000, and 10 ticks for 5 lots come back. */
static void a_trade_moves_both_assets_and_rounds_fees_up(void **state) {
    struct stage *stage = *state;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 5, 2000));
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 7, 2010)),
                        "new TAKEN B hold=1407000\n"
                        "accepted B\n"
                        "trade A/B 2000x5 left=0,2 fee=1000,10 release=5000\n"
                        "rested B 2010x2\n"
                        "done 2010x2 -\n");
    assert_balance(stage, ALICE, BTC, 1000000000 - 5000, 0);
    assert_balance(stage, ALICE, USDT, 1000000000 + 1000000 - 1000, 0);
    assert_balance(stage, BOB, BTC, 1000000000 + 5000 - 10, 0);
    assert_balance(stage, BOB, USDT, 1000000000 - 1000000 - 402000, 402000);
    assert_balance(stage, ACCOUNT_HOUSE, USDT, 1000, 0);
    assert_balance(stage, ACCOUNT_HOUSE, BTC, 10, 0);
}

static void what_is_not_there_is_not_held(void **state) {
    struct stage *stage = *state;

    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 5001, 2000)),
                        "new NO_FUNDS\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1000001, 2000)),
                        "new NO_FUNDS\n");
    assert_balance(stage, ALICE, USDT, 1000000000, 0);
    assert_balance(stage, ALICE, BTC, 1000000000, 0);
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 5000, 2000)),
                        "new TAKEN A hold=1000000000\n"
                        "accepted A\n"
                        "rested A 2000x5000\n"
                        "done 2000x5000 -\n");
    assert_balance(stage, ALICE, USDT, 0, 1000000000);
}

static void a_matchers_rejection_releases_the_hold(void **state) {
    struct stage *stage = *state;
    union record order = rig_order(BOB, SIDE_BUY, 6, 2000);

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 5, 2000));
    order.command.tif = TIF_FOK;
    assert_string_equal(perform(stage, DOOR_WEB, order), "new TAKEN B hold=1200000\n"
                                                         "rejected B fok release=1200000\n"
                                                         "done - 2000x5\n");
    assert_balance(stage, BOB, USDT, 1000000000, 0);
}

static void the_instruments_rules_are_kept(void **state) {
    struct stage *stage = *state;
    union record terms = rig_instrument("BTCUSDT", "BTC", "USDT");

    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 0, 2000)), "new QTY\n");
    assert_string_equal(
        perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, (uint64_t)1 << 32, 2000)),
        "new QTY\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 999)),
                        "new PRICE\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 5096)),
                        "new PRICE\n");
    terms.instrument.min_notional_atoms = 1000000;
    terms.instrument.max_order_lots = 10;
    assert_string_equal(perform(stage, DOOR_OPERATOR, terms), "input 4 TAKEN\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 4, 2000)),
                        "new MIN_NOTIONAL\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 11, 2000)),
                        "new QTY\n");
}

/* docs/matching.md §1: the card keeps the same free list, so that the order of freeing is law. */
static void a_trade_that_finishes_both_frees_the_makers_handle_first(void **state) {
    struct stage *stage = *state;
    union record kept;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 5, 2000));
    (void)perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 5, 2000));
    union record next = rig_order(CAROL, SIDE_BUY, 5, 2000);
    rig_submit(&stage->rig, DOOR_WEB, &next);
    memcpy(&kept, stage->rig.step, sizeof kept);
    assert_int_equal(kept.command.handle, HANDLE_MAKE(1, 1)); /* Bob's, freed last */
    rig_run_dry(&stage->rig);
}

/* ---- market orders ---- */

static void a_market_order_without_any_price_is_refused(void **state) {
    struct stage *stage = *state;
    union record order = rig_order(BOB, SIDE_BUY, 5, 0);

    order.command.type = ORDER_TYPE_MARKET;
    assert_string_equal(perform(stage, DOOR_WEB, order), "new NO_REFERENCE\n");
    order.command.limit_ticks = 2000;
    assert_string_equal(perform(stage, DOOR_WEB, order), "new TAKEN A hold=1000000\n"
                                                         "accepted A\n"
                                                         "cancelled A ioc 5 release=1000000\n"
                                                         "done - -\n");
}

/* The collar is 5 %: from an ask of 2000 a market buy reaches 2100, not 2101. */
static void a_market_buy_is_protected_by_the_collar(void **state) {
    struct stage *stage = *state;
    union record order = rig_order(BOB, SIDE_BUY, 3, 0);

    order.command.type = ORDER_TYPE_MARKET;
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 2000));
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 2100));
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 2101));
    assert_string_equal(perform(stage, DOOR_WEB, order),
                        "new TAKEN D hold=630000\n"
                        "accepted D\n"
                        "trade A/D 2000x1 left=0,2 fee=200,2 release=10000\n"
                        "trade B/D 2100x1 left=0,1 fee=210,2 release=0\n"
                        "cancelled D ioc 1 release=210000\n"
                        "done - 2101x1\n");
    assert_balance(stage, BOB, USDT, 1000000000 - 410000, 0);
}

/* ---- reduce ---- */

static void a_reduction_releases_its_part(void **state) {
    struct stage *stage = *state;
    union record reduce;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 10, 2000));
    reduce = naming(stage, COMMAND_REDUCE, ALICE, 'A');
    reduce.command.qty_lots = 4;
    assert_string_equal(perform(stage, DOOR_WEB, reduce), "reduce TAKEN A\n"
                                                          "reduced A user 6 release=4000\n"
                                                          "done - 2000x6\n");
    reduce.command.qty_lots = 6;
    assert_string_equal(perform(stage, DOOR_WEB, reduce), "reduce TAKEN A\n"
                                                          "cancelled A user 6 release=6000\n"
                                                          "done - -\n");
    assert_string_equal(perform(stage, DOOR_WEB, reduce), "reduce UNKNOWN_ORDER A\n");
}

/* ---- replace ---- */

static void a_replace_moves_the_hold_and_holds_only_the_difference(void **state) {
    struct stage *stage = *state;
    union record replace;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 5, 2000));
    replace = naming(stage, COMMAND_REPLACE, ALICE, 'A');
    replace.command.qty_lots = 6;
    replace.command.price_ticks = 2100;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace TAKEN A->B hold=260000\n"
                                                           "cancelled A replace 5 release=0\n"
                                                           "accepted B\n"
                                                           "rested B 2100x6\n"
                                                           "done 2100x6 -\n");
    assert_balance(stage, ALICE, USDT, 1000000000 - 1260000, 1260000);

    replace = naming(stage, COMMAND_REPLACE, ALICE, 'B');
    replace.command.qty_lots = 1;
    replace.command.price_ticks = 1900;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace TAKEN B->C hold=0\n"
                                                           "cancelled B replace 6 release=1070000\n"
                                                           "accepted C\n"
                                                           "rested C 1900x1\n"
                                                           "done 1900x1 -\n");
    assert_balance(stage, ALICE, USDT, 1000000000 - 190000, 190000);
}

static void a_rejected_replace_leaves_the_old_order_as_it_was(void **state) {
    struct stage *stage = *state;
    union record replace;

    (void)perform(stage, DOOR_WEB, rig_order(BOB, SIDE_SELL, 1, 2050));
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 5, 2000));
    replace = naming(stage, COMMAND_REPLACE, ALICE, 'B');
    replace.command.qty_lots = 5;
    replace.command.price_ticks = 2060;
    replace.command.post_only = 1;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace TAKEN B->C hold=30000\n"
                                                           "rejected C would_cross release=30000\n"
                                                           "done 2000x5 2050x1\n");
    assert_balance(stage, ALICE, USDT, 999000000, 1000000);
    replace.request.flags = REQUEST_OR_CANCEL;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace TAKEN B->D hold=30000\n"
                                                           "rejected D would_cross release=30000\n"
                                                           "done 2000x5 2050x1\n"
                                                           "*cancel TAKEN B\n"
                                                           "cancelled B user 5 release=1000000\n"
                                                           "done - 2050x1\n");
}

static void a_replace_for_which_funds_lack_is_refused_and_may_cancel(void **state) {
    struct stage *stage = *state;
    union record replace;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 5, 2000));
    replace = naming(stage, COMMAND_REPLACE, ALICE, 'A');
    replace.command.qty_lots = 6000;
    replace.command.price_ticks = 2000;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace NO_FUNDS A\n");
    replace.request.flags = REQUEST_OR_CANCEL;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace NO_FUNDS A\n"
                                                           "*cancel TAKEN A\n"
                                                           "cancelled A user 5 release=1000000\n"
                                                           "done - -\n");
}

/* The total counts what was executed: 10 with 4 filled leaves 6 to enter. */
static void a_total_carries_executions_along_the_chain(void **state) {
    struct stage *stage = *state;
    union record replace;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 10, 2000));
    (void)perform(stage, DOOR_WEB, rig_order(BOB, SIDE_SELL, 4, 2000));
    replace = naming(stage, COMMAND_REPLACE, ALICE, 'A');
    replace.request.flags = REQUEST_QTY_IS_TOTAL;
    replace.command.qty_lots = 10;
    replace.command.price_ticks = 2001;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace TAKEN A->C hold=600\n"
                                                           "cancelled A replace 6 release=0\n"
                                                           "accepted C\n"
                                                           "rested C 2001x6\n"
                                                           "done 2001x6 -\n");
    replace = naming(stage, COMMAND_REPLACE, ALICE, 'C');
    replace.request.flags = REQUEST_QTY_IS_TOTAL;
    replace.command.qty_lots = 4;
    replace.command.price_ticks = 2001;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "replace QTY C\n");
    replace.command.op = COMMAND_CANCEL; /* down to a total of 5: one lot stays */
    replace.command.qty_lots = 5;
    assert_string_equal(perform(stage, DOOR_WEB, replace), "reduce TAKEN C\n"
                                                           "reduced C user 1 release=1000500\n"
                                                           "done 2001x1 -\n");
}

/* ---- stops ---- */

static void a_stop_waits_with_its_hold_and_enters_when_a_trade_reaches_it(void **state) {
    struct stage *stage = *state;
    union record stop = rig_order(CAROL, SIDE_BUY, 2, 2200);

    stop.command.trigger = TRIGGER_ABOVE;
    stop.command.trigger_ticks = 2100;
    assert_string_equal(perform(stage, DOOR_WEB, stop), "new TAKEN A hold=440000\n");
    assert_balance(stage, CAROL, USDT, 1000000000 - 440000, 440000);
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 3, 2100));
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 1, 2100)),
                        "new TAKEN C hold=210000\n"
                        "accepted C\n"
                        "trade B/C 2100x1 left=2,0 fee=210,2 release=0\n"
                        "done - 2100x2\n"
                        "*trigger TAKEN A\n"
                        "accepted A\n"
                        "trade B/A 2100x2 left=0,0 fee=420,4 release=20000\n"
                        "done - -\n");
}

static void stops_enter_in_order_of_arrival_whatever_their_direction(void **state) {
    struct stage *stage = *state;
    static const uint32_t triggers[] = {2010, 1990, 2000, 2005};

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 2010));
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 1990));
    for (int i = 0; i < 4; i++) {
        union record stop = rig_order(CAROL, SIDE_BUY, 1, 1500);
        stop.command.trigger = i % 2 == 0 ? TRIGGER_ABOVE : TRIGGER_BELOW;
        stop.command.trigger_ticks = triggers[i];
        (void)perform(stage, DOOR_WEB, stop);
    }
    const char *text = perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 2, 2010));
    const char *at = text;
    for (char letter = 'C'; letter <= 'F'; letter++) {
        char line[32];
        snprintf(line, sizeof line, "*trigger TAKEN %c\n", letter);
        at = strstr(at, line);
        assert_non_null(at);
    }
}

static void a_stop_that_the_last_trade_would_trigger_is_refused(void **state) {
    struct stage *stage = *state;
    union record stop = rig_order(CAROL, SIDE_BUY, 2, 2200);

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 2100));
    (void)perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 1, 2100));
    stop.command.trigger = TRIGGER_ABOVE;
    stop.command.trigger_ticks = 2100;
    assert_string_equal(perform(stage, DOOR_WEB, stop), "new WOULD_TRIGGER\n");
    stop.command.trigger = TRIGGER_BELOW;
    assert_string_equal(perform(stage, DOOR_WEB, stop), "new WOULD_TRIGGER\n");
    stop.command.trigger_ticks = 2099;
    assert_string_equal(perform(stage, DOOR_WEB, stop), "new TAKEN C hold=440000\n");
    assert_string_equal(perform(stage, DOOR_WEB, naming(stage, COMMAND_REPLACE, CAROL, 'C')),
                        "replace NOT_REPLACEABLE C\n");
    stop = naming(stage, COMMAND_REDUCE, CAROL, 'C');
    stop.command.qty_lots = 1;
    assert_string_equal(perform(stage, DOOR_WEB, stop), "reduce TAKEN C\n"
                                                        "reduced C user 1 release=220000\n");
    assert_string_equal(perform(stage, DOOR_WEB, naming(stage, COMMAND_CANCEL, CAROL, 'C')),
                        "cancel TAKEN C\n"
                        "cancelled C user 1 release=220000\n");
    assert_balance(stage, CAROL, USDT, 1000000000, 0);
}

/* A total of 8 out of 10 takes 2 away, whether the order rests or waits. */
static void a_waiting_order_is_reduced_to_a_total(void **state) {
    struct stage *stage = *state;
    union record stop = rig_order(CAROL, SIDE_BUY, 10, 2200);
    union record reduce;

    stop.command.trigger = TRIGGER_ABOVE;
    stop.command.trigger_ticks = 2100;
    (void)perform(stage, DOOR_WEB, stop);
    reduce = naming(stage, COMMAND_REDUCE, CAROL, 'A');
    reduce.request.flags = REQUEST_QTY_IS_TOTAL;
    reduce.command.qty_lots = 8;
    assert_string_equal(perform(stage, DOOR_WEB, reduce), "reduce TAKEN A\n"
                                                          "reduced A user 8 release=440000\n");
    assert_balance(stage, CAROL, USDT, 1000000000 - 1760000, 1760000);
}

/* ---- many at once ---- */

static void a_dropped_session_loses_the_orders_that_asked_for_it(void **state) {
    struct stage *stage = *state;
    union record order = rig_order(ALICE, SIDE_BUY, 1, 2000);
    union record dropped = rig_input(RECORD_SESSION);

    order.request.flags = REQUEST_ON_DISCONNECT;
    (void)perform(stage, DOOR_ORDER_ENTRY, order);
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 1999));
    order.command.trigger = TRIGGER_BELOW;
    order.command.trigger_ticks = 1500;
    (void)perform(stage, DOOR_ORDER_ENTRY, order);
    dropped.request.account = ALICE;
    dropped.session.session_event = SESSION_DROPPED;
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, dropped),
                        "input 8 TAKEN\n"
                        "*cancel TAKEN A\n"
                        "cancelled A user 1 release=200000\n"
                        "done 1999x1 -\n"
                        "*cancel TAKEN C\n"
                        "cancelled C user 1 release=200000\n");
}

static void cancel_all_takes_waiting_orders_and_mass_cancel_does_not(void **state) {
    struct stage *stage = *state;
    union record stop = rig_order(ALICE, SIDE_BUY, 1, 1000);
    union record mass = rig_command(COMMAND_MASS_CANCEL, ALICE);

    stop.command.trigger = TRIGGER_BELOW;
    stop.command.trigger_ticks = 1500;
    mass.head.instrument = 0;
    assert_string_equal(perform(stage, DOOR_WEB, mass), "mass_cancel TAKEN\n");
    (void)perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 1, 2000));
    assert_string_equal(perform(stage, DOOR_WEB, mass), "mass_cancel TAKEN\n"); /* not Bob's */
    (void)perform(stage, DOOR_WEB, stop);
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 2000));
    assert_string_equal(perform(stage, DOOR_WEB, mass), "mass_cancel TAKEN\n"
                                                        "cancelled C mass 1 release=200000\n"
                                                        "done 2000x1 -\n");
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 2001));
    assert_string_equal(perform(stage, DOOR_WEB, rig_command(COMMAND_CANCEL_ALL, ALICE)),
                        "cancel_all TAKEN\n"
                        "*cancel TAKEN B\n"
                        "cancelled B user 1 release=100000\n"
                        "*cancel TAKEN D\n"
                        "cancelled D user 1 release=200100\n"
                        "done 2000x1 -\n");
    mass.request.account = 0;
    assert_string_equal(perform(stage, DOOR_WEB, mass), "mass_cancel UNKNOWN_ACCOUNT\n");
    mass.request.account = 99; /* a slip of the operator is not everyone */
    assert_string_equal(perform(stage, DOOR_OPERATOR, mass), "mass_cancel UNKNOWN_ACCOUNT\n");
    mass.request.account = 0;
    assert_string_equal(perform(stage, DOOR_OPERATOR, mass), "mass_cancel TAKEN\n"
                                                             "cancelled A mass 1 release=200000\n"
                                                             "done - -\n");
}

/* The band is 1000 .. 5095, an eighth of it 512: 4583 is the last price that leaves it where it is. */
static void the_band_follows_the_touch_and_cancels_what_it_leaves_behind(void **state) {
    struct stage *stage = *state;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 1600));
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 4583)),
                        "new TAKEN B hold=458300\n"
                        "accepted B\n"
                        "rested B 4583x1\n"
                        "done 4583x1 -\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 4584)),
                        "new TAKEN C hold=458400\n"
                        "accepted C\n"
                        "rested C 4584x1\n"
                        "done 4584x1 -\n"
                        "*set_band TAKEN 2536\n"
                        "cancelled A band 1 release=160000\n"
                        "done 4584x1 -\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 2535)),
                        "new PRICE\n");
}

#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_STAGE(a_resting_buy_holds_its_cost_and_a_cancel_gives_it_back),
        WITH_STAGE(a_trade_moves_both_assets_and_rounds_fees_up),
        WITH_STAGE(what_is_not_there_is_not_held),
        WITH_STAGE(a_matchers_rejection_releases_the_hold),
        WITH_STAGE(the_instruments_rules_are_kept),
        WITH_STAGE(a_trade_that_finishes_both_frees_the_makers_handle_first),
        WITH_STAGE(a_market_order_without_any_price_is_refused),
        WITH_STAGE(a_market_buy_is_protected_by_the_collar),
        WITH_STAGE(a_reduction_releases_its_part),
        WITH_STAGE(a_replace_moves_the_hold_and_holds_only_the_difference),
        WITH_STAGE(a_rejected_replace_leaves_the_old_order_as_it_was),
        WITH_STAGE(a_replace_for_which_funds_lack_is_refused_and_may_cancel),
        WITH_STAGE(a_total_carries_executions_along_the_chain),
        WITH_STAGE(a_stop_waits_with_its_hold_and_enters_when_a_trade_reaches_it),
        WITH_STAGE(stops_enter_in_order_of_arrival_whatever_their_direction),
        WITH_STAGE(a_stop_that_the_last_trade_would_trigger_is_refused),
        WITH_STAGE(a_waiting_order_is_reduced_to_a_total),
        WITH_STAGE(a_dropped_session_loses_the_orders_that_asked_for_it),
        WITH_STAGE(cancel_all_takes_waiting_orders_and_mass_cancel_does_not),
        WITH_STAGE(the_band_follows_the_touch_and_cancels_what_it_leaves_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
