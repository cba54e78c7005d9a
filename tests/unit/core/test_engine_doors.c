/* What each door may ask for, what order entry's numbers mean, and what becomes of inputs that mean nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine_said.h"

static union record last_record(const struct stage *stage) {
    union record record;

    memset(&record, 0, sizeof record);
    memcpy(&record, stage->rig.step, stage->rig.outbox.used_bytes);
    return record;
}

static union record ouch_order(uint32_t account, enum side side, uint32_t price_ticks,
                               uint32_t user_ref) {
    union record record = rig_order(account, side, 10, price_ticks);

    record.command.user_ref = user_ref;
    return record;
}

static union record ouch_replace(uint32_t account, uint32_t orig_user_ref, uint32_t user_ref,
                                 uint32_t price_ticks, uint64_t total_lots) {
    union record record = rig_command(COMMAND_REPLACE, account);

    record.request.flags = REQUEST_QUIET | REQUEST_OR_CANCEL | REQUEST_QTY_IS_TOTAL;
    record.command.orig_user_ref = orig_user_ref;
    record.command.user_ref = user_ref;
    record.command.price_ticks = price_ticks;
    record.command.qty_lots = total_lots;
    return record;
}

/* ---- user references ---- */

static void a_repeated_reference_is_ignored_without_a_record(void **state) {
    struct stage *stage = *state;

    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 5)),
                        "new TAKEN A hold=2000000\naccepted A\nrested A 2000x10\ndone 2000x10 -\n");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 5)), "");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 4)), "");
    /* Another account has its own. */
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(BOB, SIDE_BUY, 1999, 1)),
                        "new TAKEN B hold=1999000\naccepted B\nrested B 1999x10\ndone 2000x10 -\n");
}

static void a_refused_order_uses_its_reference_up(void **state) {
    struct stage *stage = *state;

    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 1, 5)),
                        "new PRICE\n");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 5)), "");
}

static void a_new_day_starts_references_again_and_forgets_the_old(void **state) {
    struct stage *stage = *state;
    union record day = rig_input(RECORD_DAY);
    union record cancel = rig_command(COMMAND_CANCEL, ALICE);

    (void)perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 5));
    day.day.day = 20260105;
    assert_string_equal(perform(stage, DOOR_OPERATOR, day), "input 9 TAKEN\n");
    assert_string_equal(perform(stage, DOOR_OPERATOR, day), "input 9 DAY_BEGUN\n");
    cancel.command.orig_user_ref = 5;
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, cancel), "cancel UNKNOWN_ORDER\n");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2001, 5)),
                        "new TAKEN B hold=2001000\naccepted B\nrested B 2001x10\ndone 2001x10 -\n");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, cancel),
                        "cancel TAKEN B\ncancelled B user 10 release=2001000\ndone 2000x10 -\n");
}

static void a_query_tells_the_next_reference(void **state) {
    struct stage *stage = *state;
    union record query = rig_input(RECORD_SESSION);

    (void)perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 41));
    query.request.account = ALICE;
    query.session.session_event = SESSION_QUERIED;
    rig_submit(&stage->rig, DOOR_ORDER_ENTRY, &query);
    assert_int_equal(last_record(stage).session.next_user_ref, 42);
}

static void a_replace_of_no_live_order_is_ignored_and_uses_nothing_up(void **state) {
    struct stage *stage = *state;

    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_replace(ALICE, 3, 7, 2000, 10)), "");
    (void)perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 7));
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_replace(ALICE, 7, 7, 2001, 10)), "");
    assert_string_equal(
        perform(stage, DOOR_ORDER_ENTRY, ouch_replace(ALICE, 7, 8, 2001, 10)),
        "replace TAKEN A->B hold=1000\ncancelled A replace 10 release=0\naccepted B\n"
        "rested B 2001x10\ndone 2001x10 -\n");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_replace(ALICE, 7, 9, 2002, 10)), "");
}

static void an_invalid_replace_takes_the_old_order_out_and_leaves_its_reference(void **state) {
    struct stage *stage = *state;
    union record replace;

    (void)perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 1));
    replace = ouch_replace(ALICE, 1, 2, 0, 10);
    replace.request.verdict = VERDICT_OFF_TICK; /* the door saw it */
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, replace),
                        "replace OFF_TICK A\n*cancel TAKEN A\ncancelled A user 10 release=2000000\n"
                        "done - -\n");
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 2)),
                        "new TAKEN B hold=2000000\naccepted B\nrested B 2000x10\ndone 2000x10 -\n");
}

static void a_superfluous_cancel_is_silent(void **state) {
    struct stage *stage = *state;
    union record cancel = rig_command(COMMAND_CANCEL, ALICE);

    (void)perform(stage, DOOR_ORDER_ENTRY, ouch_order(ALICE, SIDE_BUY, 2000, 1));
    cancel.request.flags = REQUEST_QUIET | REQUEST_QTY_IS_TOTAL;
    cancel.command.orig_user_ref = 2;
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, cancel), "");
    cancel.command.orig_user_ref = 1;
    cancel.command.qty_lots = 10; /* as much as there is: nothing to do */
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, cancel), "");
    cancel.command.qty_lots = 0;
    assert_string_equal(perform(stage, DOOR_ORDER_ENTRY, cancel),
                        "cancel TAKEN A\ncancelled A user 10 release=2000000\ndone - -\n");
}

/* ---- the web's names ---- */

static union record web_order(uint32_t account, uint32_t price_ticks, const char *id) {
    union record record = rig_order(account, SIDE_BUY, 1, price_ticks);

    record.command.client_order_id_length = (uint8_t)strlen(id);
    memcpy(record.command.client_order_id, id, strlen(id));
    return record;
}

static void a_client_order_id_is_unique_among_the_accounts_open_orders(void **state) {
    struct stage *stage = *state;
    union record cancel = web_order(ALICE, 0, "mine");

    (void)perform(stage, DOOR_WEB, web_order(ALICE, 2000, "mine"));
    assert_string_equal(perform(stage, DOOR_WEB, web_order(ALICE, 2001, "mine")),
                        "new DUPLICATE_ID\n");
    assert_string_equal(perform(stage, DOOR_WEB, web_order(BOB, 1999, "mine")),
                        "new TAKEN B hold=199900\naccepted B\nrested B 1999x1\ndone 2000x1 -\n");
    cancel.command.op = COMMAND_CANCEL;
    assert_string_equal(perform(stage, DOOR_WEB, cancel),
                        "cancel TAKEN A\ncancelled A user 1 release=200000\ndone 1999x1 -\n");
    assert_string_equal(perform(stage, DOOR_WEB, web_order(ALICE, 2000, "mine")),
                        "new TAKEN C hold=200000\naccepted C\nrested C 2000x1\ndone 2000x1 -\n");
}

static void a_replace_may_keep_the_client_order_id(void **state) {
    struct stage *stage = *state;
    union record replace = web_order(ALICE, 2001, "mine");
    union record cancel = web_order(ALICE, 0, "mine");

    (void)perform(stage, DOOR_WEB, web_order(ALICE, 2000, "mine"));
    replace.command.op = COMMAND_REPLACE;
    replace.command.order_no = order_no_of(&stage->said, 'A');
    assert_string_equal(perform(stage, DOOR_WEB, replace),
                        "replace TAKEN A->B hold=100\ncancelled A replace 1 release=0\naccepted B\n"
                        "rested B 2001x1\ndone 2001x1 -\n");
    assert_string_equal(perform(stage, DOOR_WEB, web_order(ALICE, 2000, "mine")),
                        "new DUPLICATE_ID\n");
    cancel.command.op = COMMAND_CANCEL;
    assert_string_equal(perform(stage, DOOR_WEB, cancel),
                        "cancel TAKEN B\ncancelled B user 1 release=200100\ndone - -\n");
}

static void nobody_names_anothers_order(void **state) {
    struct stage *stage = *state;

    (void)perform(stage, DOOR_WEB, web_order(ALICE, 2000, "mine"));
    assert_string_equal(perform(stage, DOOR_WEB, naming(stage, COMMAND_CANCEL, BOB, 'A')),
                        "cancel UNKNOWN_ORDER A\n");
    /* The operator may, and need not even say whose it is. */
    assert_string_equal(perform(stage, DOOR_OPERATOR, naming(stage, COMMAND_CANCEL, 0, 'A')),
                        "cancel TAKEN A\ncancelled A user 1 release=200000\ndone - -\n");
}

/* ---- doors ---- */

static void only_the_operator_moves_bands_states_lists_and_money(void **state) {
    static const enum door doors[] = {DOOR_ORDER_ENTRY, DOOR_WEB};
    struct stage *stage = *state;
    union record band = rig_command(COMMAND_SET_BAND, 0);
    union record trading = rig_command(COMMAND_SET_STATE, 0);

    band.head.instrument = 0;
    trading.head.instrument = 0;
    trading.command.state = STATE_HALTED;
    for (int i = 0; i < 2; i++) {
        enum door door = doors[i];
        assert_string_equal(perform(stage, door, band), "set_band NOT_ALLOWED 0\n");
        assert_string_equal(perform(stage, door, trading), "set_state NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_command(COMMAND_TRIGGER, ALICE)),
                            "trigger NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_asset("XYZ", 2)), "input 3 NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_instrument("XYZ", "BTC", "USDT")),
                            "input 4 NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_input(RECORD_ACCOUNT)),
                            "input 5 NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_input(RECORD_CREDENTIAL)),
                            "input 6 NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_deposit(ALICE, USDT, 1)),
                            "input 7 NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_input(RECORD_DAY)), "input 9 NOT_ALLOWED\n");
        assert_string_equal(perform(stage, door, rig_input(RECORD_START)), "input 1 NOT_ALLOWED\n");
    }
    assert_string_equal(perform(stage, DOOR_OPERATOR, rig_input(RECORD_START)),
                        "input 1 NOT_ALLOWED\n");
    assert_string_equal(perform(stage, DOOR_OPERATOR, rig_command(COMMAND_TRIGGER, ALICE)),
                        "trigger NOT_ALLOWED\n");
    assert_string_equal(perform(stage, DOOR_OPERATOR, trading), "set_state TAKEN\ndone - -\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 2000)),
                        "new STATE\n");
}

static void nobody_trades_for_the_outside_or_the_house(void **state) {
    struct stage *stage = *state;

    assert_string_equal(
        perform(stage, DOOR_OPERATOR, rig_order(ACCOUNT_OUTSIDE, SIDE_BUY, 1, 2000)),
        "new UNKNOWN_ACCOUNT\n");
    assert_string_equal(perform(stage, DOOR_OPERATOR, rig_order(ACCOUNT_HOUSE, SIDE_BUY, 1, 2000)),
                        "new UNKNOWN_ACCOUNT\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(4, SIDE_BUY, 1, 2000)),
                        "new UNKNOWN_ACCOUNT\n");
}

/* ---- nonsense ---- */

static void a_field_that_means_nothing_is_refused_and_cleared(void **state) {
    struct stage *stage = *state;
    union record order = rig_order(ALICE, SIDE_BUY, 1, 2000);

    order.command.side = 2;
    order.command.stp = 77;
    order.request.request_id = 4711;
    rig_submit(&stage->rig, DOOR_WEB, &order);
    union record kept = last_record(stage);
    assert_int_equal(kept.request.verdict, VERDICT_BAD_FIELD);
    assert_int_equal(kept.request.flags, REQUEST_FLAWED);
    assert_int_equal(kept.request.request_id, 4711);
    assert_int_equal(kept.command.side, 0);
    assert_int_equal(kept.command.stp, 0);

    order = rig_order(ALICE, SIDE_BUY, 1, 2000);
    order.command.op = 200;
    assert_string_equal(perform(stage, DOOR_WEB, order) + strlen("new BAD_FIELD\n"),
                        "nothing BAD_FIELD\n");
    order = web_order(ALICE, 2000, "no\nlines");
    assert_string_equal(perform(stage, DOOR_WEB, order), "new BAD_FIELD\n");
    order = web_order(ALICE, 2000, "padded");
    order.command.client_order_id[20] = 'x';
    assert_string_equal(perform(stage, DOOR_WEB, order), "new BAD_FIELD\n");
    order = rig_order(ALICE, SIDE_BUY, 1, 2000);
    order.request.flags = 128;
    assert_string_equal(perform(stage, DOOR_WEB, order), "new BAD_FIELD\n");
    order = rig_order(ALICE, SIDE_BUY, 1, 2000);
    order.request.verdict = 19; /* no verdict at all */
    assert_string_equal(perform(stage, DOOR_WEB, order), "new BAD_FIELD\n");
}

static void what_the_engine_owns_is_not_the_doors_to_fill(void **state) {
    struct stage *stage = *state;
    union record order = rig_order(ALICE, SIDE_BUY, 1, 2000);

    memset(order.command.zero, 0xFF, sizeof order.command.zero);
    order.command.seq = 99;
    order.command.order_no = 99;
    order.command.hold_atoms = -1;
    order.command.handle = 99;
    order.command.owner = 99;
    order.command.user_ref = 99; /* order entry's alone */
    order.request.door = DOOR_OPERATOR;
    order.request.flags = REQUEST_GENERATED;
    rig_submit(&stage->rig, DOOR_WEB, &order);
    union record kept = last_record(stage);
    assert_int_equal(kept.request.verdict, VERDICT_TAKEN);
    assert_int_equal(kept.request.door, DOOR_WEB);
    assert_int_equal(kept.request.flags, 0);
    assert_int_equal(kept.command.order_no, kept.head.record_seq);
    assert_int_equal(kept.command.seq, 1);
    assert_int_equal((int64_t)kept.command.hold_atoms, 200000);
    assert_int_equal(kept.command.user_ref, 0);
    for (size_t i = 0; i < sizeof kept.command.zero; i++)
        assert_int_equal(kept.command.zero[i], 0);
    rig_run_dry(&stage->rig);
}

static void what_is_no_input_is_ignored(void **state) {
    struct stage *stage = *state;
    union record record;

    for (uint32_t kind = 0; kind < 256; kind++) {
        if (RECORD_IS_INPUT(kind))
            continue;
        record = rig_input((uint8_t)kind);
        assert_string_equal(perform(stage, DOOR_OPERATOR, record), "");
    }
}

#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_STAGE(a_repeated_reference_is_ignored_without_a_record),
        WITH_STAGE(a_refused_order_uses_its_reference_up),
        WITH_STAGE(a_new_day_starts_references_again_and_forgets_the_old),
        WITH_STAGE(a_query_tells_the_next_reference),
        WITH_STAGE(a_replace_of_no_live_order_is_ignored_and_uses_nothing_up),
        WITH_STAGE(an_invalid_replace_takes_the_old_order_out_and_leaves_its_reference),
        WITH_STAGE(a_superfluous_cancel_is_silent),
        WITH_STAGE(a_client_order_id_is_unique_among_the_accounts_open_orders),
        WITH_STAGE(a_replace_may_keep_the_client_order_id),
        WITH_STAGE(nobody_names_anothers_order),
        WITH_STAGE(only_the_operator_moves_bands_states_lists_and_money),
        WITH_STAGE(nobody_trades_for_the_outside_or_the_house),
        WITH_STAGE(a_field_that_means_nothing_is_refused_and_cleared),
        WITH_STAGE(what_the_engine_owns_is_not_the_doors_to_fill),
        WITH_STAGE(what_is_no_input_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
