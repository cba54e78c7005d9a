#include "web/pending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "../feed/scribe.h"
#include "core/verdict.h"

#include <cmocka.h>

static struct market_view view;
static struct scribe scribe;
static struct pendings pendings;
static struct outcome outcomes[PENDING_MAX];

static uint32_t take(const union record *record) {
    market_view_record(&view, record);
    return pendings_record(&pendings, &view, record, outcomes);
}

static int venue_made(void **state) {
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
    memset(&pendings, 0, sizeof pendings);
    arena_init(&arena, memory, sizeof memory);
    market_view_init(&view, &arena, &limits);
    (void)take(scribe_asset(&scribe, "TATA", 0, 2));
    (void)take(scribe_asset(&scribe, "INR", 1, 2));
    (void)take(scribe_instrument(&scribe, "TATA_INR", 0));
    return 0;
}

static void asked(uint64_t request_id, uint8_t op, uint32_t account, uint64_t order_no) {
    union record record;

    memset(&record, 0, sizeof record);
    record.head.instrument = op == COMMAND_CANCEL_ALL ? INSTRUMENT_NONE : 0;
    record.request.request_id = request_id;
    record.request.account = account;
    record.command.op = op;
    record.command.order_no = order_no;
    assert_true(pendings_add(&pendings, &record, (struct waiter){.kind = WAITER_NOBODY}, 1000));
}

static union record *command(uint64_t request_id, uint8_t op, uint32_t account) {
    union record *record = op == COMMAND_NEW ? scribe_new(&scribe, 0, account, SIDE_BUY, 100, 5)
                                             : scribe_command(&scribe, op, 0, account);
    record->request.request_id = request_id;
    return record;
}

static uint64_t order_rests(uint32_t account) {
    const union record *record = command(0, COMMAND_NEW, account);
    uint64_t order_no = record->head.record_seq;

    (void)take(record);
    (void)take(scribe_accepted(&scribe, 0, order_no));
    (void)take(scribe_rested(&scribe, 0, order_no, SIDE_BUY, 100, 5));
    (void)take(scribe_done(&scribe, 0));
    return order_no;
}

static void a_refusal_is_answered_with_its_command(void **state) {
    (void)state;
    asked(7, COMMAND_NEW, 1, 0);
    union record *record = command(7, COMMAND_NEW, 1);
    record->request.verdict = VERDICT_NO_FUNDS;
    assert_int_equal(take(record), 1);
    assert_string_equal(outcomes[0].error.reason, "NO_FUNDS");
    assert_int_equal(pendings.count, 0);
}

static void an_order_is_answered_when_the_matcher_is_done_with_it(void **state) {
    (void)state;
    asked(7, COMMAND_NEW, 1, 0);
    const union record *record = command(7, COMMAND_NEW, 1);
    uint64_t order_no = record->head.record_seq;
    assert_int_equal(take(record), 0);
    assert_int_equal(take(scribe_accepted(&scribe, 0, order_no)), 0);
    assert_int_equal(take(scribe_rested(&scribe, 0, order_no, SIDE_BUY, 100, 5)), 0);
    assert_int_equal(take(scribe_done(&scribe, 0)), 1);
    assert_int_equal(outcomes[0].error.status, 0);
    assert_int_equal(outcomes[0].pending.order_no, order_no);
}

static void another_door_may_use_the_same_number(void **state) {
    (void)state;
    asked(7, COMMAND_NEW, 1, 0);
    union record *record = command(7, COMMAND_NEW, 2);
    record->request.door = DOOR_ORDER_ENTRY;
    record->request.verdict = VERDICT_NO_FUNDS;
    assert_int_equal(take(record), 0);
    assert_int_equal(pendings.count, 1);
}

static void the_matchers_reject_is_told_by_name(void **state) {
    (void)state;
    asked(7, COMMAND_NEW, 1, 0);
    const union record *record = command(7, COMMAND_NEW, 1);
    uint64_t order_no = record->head.record_seq;
    (void)take(record);
    union record *rejected = scribe_start(&scribe, RECORD_REJECTED, 0);
    rejected->rejected.order_no = order_no;
    rejected->rejected.op = COMMAND_NEW;
    rejected->rejected.why = REJECT_WOULD_CROSS;
    assert_int_equal(take(rejected), 0);
    assert_int_equal(take(scribe_done(&scribe, 0)), 1);
    assert_string_equal(outcomes[0].error.reason, "WOULD_CROSS");
}

static void a_stop_is_answered_at_once(void **state) {
    (void)state;
    asked(7, COMMAND_NEW, 1, 0);
    union record *record = command(7, COMMAND_NEW, 1);
    record->command.seq = 0;
    assert_int_equal(take(record), 1);
    assert_int_equal(outcomes[0].error.status, 0);
}

/* The order was filled while its cancel was on the way. */
static void a_cancel_that_came_too_late_says_so(void **state) {
    (void)state;
    uint64_t order_no = order_rests(1);
    asked(8, COMMAND_CANCEL, 1, order_no);
    (void)take(scribe_trade(&scribe, 0, order_no, 999, SIDE_SELL, 100, 5));
    assert_int_equal(take(command(8, COMMAND_CANCEL, 1)), 0);
    assert_int_equal(take(scribe_done(&scribe, 0)), 1);
    assert_string_equal(outcomes[0].error.reason, "UNKNOWN_ORDER");
}

static void cancel_all_counts_what_it_cancelled_and_not_what_traded(void **state) {
    (void)state;
    uint64_t mine[3] = {order_rests(1), order_rests(1), order_rests(1)};
    uint64_t other = order_rests(2);
    asked(9, COMMAND_CANCEL_ALL, 1, 0);
    union record *record = command(9, COMMAND_CANCEL_ALL, 1);
    record->command.seq = 0;
    record->head.instrument = INSTRUMENT_NONE;
    assert_int_equal(take(record), 0);
    uint64_t later = order_rests(1);
    (void)take(scribe_trade(&scribe, 0, mine[0], 999, SIDE_SELL, 100, 5));
    assert_int_equal(take(scribe_cancelled(&scribe, RECORD_CANCELLED, 0, other, WHY_USER, 5, 5)),
                     0);
    assert_int_equal(take(scribe_cancelled(&scribe, RECORD_CANCELLED, 0, mine[1], WHY_USER, 5, 5)),
                     0);
    assert_int_equal(take(scribe_cancelled(&scribe, RECORD_CANCELLED, 0, mine[2], WHY_USER, 5, 5)),
                     1);
    assert_int_equal(outcomes[0].pending.cancelled_count, 2);
    assert_int_equal(orders_view_find(&view.orders, later)->status, ORDER_VIEW_OPEN);
}

static void cancel_all_with_nothing_open_is_answered_at_once(void **state) {
    (void)state;
    asked(9, COMMAND_CANCEL_ALL, 1, 0);
    assert_int_equal(take(command(9, COMMAND_CANCEL_ALL, 1)), 1);
}

static void what_is_not_answered_in_time_is_unknown(void **state) {
    (void)state;
    asked(7, COMMAND_NEW, 1, 0);
    assert_int_equal(pendings_expire(&pendings, 1000 + PENDING_TIMEOUT_MS - 1, outcomes), 0);
    assert_int_equal(pendings_expire(&pendings, 1000 + PENDING_TIMEOUT_MS, outcomes), 1);
    assert_string_equal(outcomes[0].error.reason, "UNKNOWN");
    assert_int_equal(outcomes[0].error.status, 504);
}

static void a_full_table_refuses(void **state) {
    (void)state;
    union record record;

    memset(&record, 0, sizeof record);
    for (uint64_t i = 0; i < PENDING_MAX; i++)
        asked(i, COMMAND_NEW, 1, 0);
    assert_false(pendings_add(&pendings, &record, (struct waiter){.kind = WAITER_NOBODY}, 1));
    pendings_drop(&pendings, 5);
    assert_true(pendings_add(&pendings, &record, (struct waiter){.kind = WAITER_NOBODY}, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_refusal_is_answered_with_its_command, venue_made),
        cmocka_unit_test_setup(an_order_is_answered_when_the_matcher_is_done_with_it, venue_made),
        cmocka_unit_test_setup(another_door_may_use_the_same_number, venue_made),
        cmocka_unit_test_setup(the_matchers_reject_is_told_by_name, venue_made),
        cmocka_unit_test_setup(a_stop_is_answered_at_once, venue_made),
        cmocka_unit_test_setup(a_cancel_that_came_too_late_says_so, venue_made),
        cmocka_unit_test_setup(cancel_all_counts_what_it_cancelled_and_not_what_traded, venue_made),
        cmocka_unit_test_setup(cancel_all_with_nothing_open_is_answered_at_once, venue_made),
        cmocka_unit_test_setup(what_is_not_answered_in_time_is_unknown, venue_made),
        cmocka_unit_test_setup(a_full_table_refuses, venue_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
