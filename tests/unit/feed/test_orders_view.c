#include "feed/orders_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "scribe.h"

#include <cmocka.h>

static struct orders_view view;
static struct scribe scribe;

static int view_made(void **state) {
    (void)state;
    static _Alignas(64) unsigned char memory[4 << 20];
    const struct feed_limits limits = {.account_max = 8, .order_max = 64, .finished_max = 3};
    struct arena arena;

    memset(memory, 0, sizeof memory);
    memset(&scribe, 0, sizeof scribe);
    assert_true(orders_view_bytes(&limits) <= sizeof memory);
    arena_init(&arena, memory, orders_view_bytes(&limits));
    orders_view_init(&view, &arena, &limits);
    return 0;
}

static uint64_t order_rests(uint32_t account, const char *client_id, uint64_t qty_lots) {
    union record *record = scribe_new(&scribe, 0, account, SIDE_BUY, 100, qty_lots);
    uint64_t order_no = record->head.record_seq;

    record->command.client_order_id_length = (uint8_t)strlen(client_id);
    memcpy(record->command.client_order_id, client_id, strlen(client_id));
    orders_view_record(&view, record);
    orders_view_record(&view, scribe_accepted(&scribe, 0, order_no));
    orders_view_record(&view, scribe_rested(&scribe, 0, order_no, SIDE_BUY, 100, qty_lots));
    return order_no;
}

static void order_cancelled(uint64_t order_no, uint8_t why, uint64_t qty_lots) {
    orders_view_record(
        &view, scribe_cancelled(&scribe, RECORD_CANCELLED, 0, order_no, why, qty_lots, qty_lots));
}

static void an_order_goes_from_pending_to_open_to_filled(void **state) {
    (void)state;
    union record *record = scribe_new(&scribe, 0, 1, SIDE_BUY, 100, 5);
    uint64_t order_no = record->head.record_seq;

    orders_view_record(&view, record);
    assert_int_equal(orders_view_find(&view, order_no)->status, ORDER_VIEW_PENDING);
    orders_view_record(&view, scribe_accepted(&scribe, 0, order_no));
    assert_int_equal(orders_view_find(&view, order_no)->status, ORDER_VIEW_OPEN);
    record = scribe_trade(&scribe, 0, order_no, 999, SIDE_SELL, 100, 2);
    record->trade.maker_left_lots = 3;
    orders_view_record(&view, record);
    const struct order_view *order = orders_view_find(&view, order_no);
    assert_int_equal(order->status, ORDER_VIEW_PARTLY_FILLED);
    assert_int_equal(order->executed_lots, 2);
    assert_true(order->executed_tick_lots == 200);
    assert_int_equal(orders_view_open_count(&view, 1), 1);
    orders_view_record(&view, scribe_trade(&scribe, 0, order_no, 999, SIDE_SELL, 100, 3));
    assert_int_equal(orders_view_find(&view, order_no)->status, ORDER_VIEW_FILLED);
    assert_int_equal(orders_view_open_count(&view, 1), 0);
    assert_null(orders_view_next_open(&view, 1, NULL));
    assert_ptr_equal(orders_view_next_finished(&view, 1, NULL), order);
}

static void a_refused_order_leaves_no_trace(void **state) {
    (void)state;
    union record *record = scribe_new(&scribe, 0, 1, SIDE_BUY, 100, 5);

    record->request.verdict = 22;
    orders_view_record(&view, record);
    assert_null(orders_view_find(&view, record->head.record_seq));
}

static void the_reason_of_a_cancel_decides_the_status(void **state) {
    (void)state;
    static const uint8_t whys[] = {WHY_USER, WHY_IOC, WHY_SELF_TRADE};
    static const uint8_t statuses[] = {ORDER_VIEW_CANCELLED, ORDER_VIEW_EXPIRED,
                                       ORDER_VIEW_EXPIRED_SELF_TRADE};

    for (size_t i = 0; i < 3; i++) {
        uint64_t order_no = order_rests(2, "", 4);
        order_cancelled(order_no, whys[i], 4);
        assert_int_equal(orders_view_find(&view, order_no)->status, statuses[i]);
    }
}

static void a_client_id_may_be_used_again_when_its_order_is_done(void **state) {
    (void)state;
    uint64_t first = order_rests(3, "mine", 4);

    assert_int_equal(orders_view_find_client_id(&view, 3, "mine", 4)->order_no, first);
    assert_null(orders_view_find_client_id(&view, 2, "mine", 4));
    order_cancelled(first, WHY_USER, 4);
    assert_int_equal(orders_view_find_client_id(&view, 3, "mine", 4)->order_no, first);
    uint64_t second = order_rests(3, "mine", 4);
    assert_int_equal(orders_view_find_client_id(&view, 3, "mine", 4)->order_no, second);
}

static void the_oldest_finished_order_is_forgotten(void **state) {
    (void)state;
    uint64_t order_nos[5];

    for (size_t i = 0; i < 5; i++) {
        order_nos[i] = order_rests(1, "", 1);
        order_cancelled(order_nos[i], WHY_USER, 1);
    }
    assert_null(orders_view_find(&view, order_nos[1]));
    const struct order_view *order = NULL;
    for (size_t i = 5; i-- > 2;) {
        order = orders_view_next_finished(&view, 1, order);
        assert_int_equal(order->order_no, order_nos[i]);
    }
    assert_null(orders_view_next_finished(&view, 1, order));
}

static void slots_are_used_again_for_ever(void **state) {
    (void)state;
    for (int i = 0; i < 20000; i++)
        order_cancelled(order_rests(1, "again", 1), WHY_USER, 1);
    assert_true(view.used_count <= 5);
    assert_int_equal(orders_view_open_count(&view, 1), 0);
}

static void a_waiting_stop_opens_when_it_is_triggered(void **state) {
    (void)state;
    union record *record = scribe_new(&scribe, 0, 1, SIDE_BUY, 100, 5);
    uint64_t order_no = record->head.record_seq;

    record->command.seq = 0;
    record->command.trigger = TRIGGER_ABOVE;
    orders_view_record(&view, record);
    assert_int_equal(orders_view_find(&view, order_no)->status, ORDER_VIEW_WAITING);
    orders_view_record(&view, scribe_accepted(&scribe, 0, order_no));
    assert_int_equal(orders_view_find(&view, order_no)->status, ORDER_VIEW_OPEN);
}

static void a_replacement_with_nothing_left_ends_with_its_command(void **state) {
    (void)state;
    uint64_t old = order_rests(1, "", 5);
    union record *record = scribe_command(&scribe, COMMAND_REPLACE, 0, 1);
    uint64_t replacement = record->head.record_seq;

    record->command.order_no = old;
    record->command.qty_lots = 2;
    orders_view_record(&view, record);
    order_cancelled(old, WHY_REPLACE, 5);
    orders_view_record(&view, scribe_done(&scribe, 0));
    assert_int_equal(orders_view_find(&view, old)->status, ORDER_VIEW_CANCELLED);
    assert_int_equal(orders_view_find(&view, replacement)->status, ORDER_VIEW_CANCELLED);
    assert_int_equal(orders_view_open_count(&view, 1), 0);
}

static void a_rejected_cancel_changes_nothing(void **state) {
    (void)state;
    uint64_t order_no = order_rests(1, "", 5);
    union record *record = scribe_start(&scribe, RECORD_REJECTED, 0);

    record->rejected.order_no = order_no;
    record->rejected.op = COMMAND_CANCEL;
    orders_view_record(&view, record);
    assert_int_equal(orders_view_find(&view, order_no)->status, ORDER_VIEW_OPEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_order_goes_from_pending_to_open_to_filled, view_made),
        cmocka_unit_test_setup(a_refused_order_leaves_no_trace, view_made),
        cmocka_unit_test_setup(the_reason_of_a_cancel_decides_the_status, view_made),
        cmocka_unit_test_setup(a_client_id_may_be_used_again_when_its_order_is_done, view_made),
        cmocka_unit_test_setup(the_oldest_finished_order_is_forgotten, view_made),
        cmocka_unit_test_setup(slots_are_used_again_for_ever, view_made),
        cmocka_unit_test_setup(a_waiting_stop_opens_when_it_is_triggered, view_made),
        cmocka_unit_test_setup(a_replacement_with_nothing_left_ends_with_its_command, view_made),
        cmocka_unit_test_setup(a_rejected_cancel_changes_nothing, view_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
