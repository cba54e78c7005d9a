/* What a client is told: each request, each event, and the replies that follow. */
#include <string.h>

#include "venue.h"
#include "wire/soup_bin.h"

static int open_venue(void **state) {
    *state = venue_open(&order_entry_usual, 1 << 22);
    venue_logon(*state, 0, "ALICE", 1);
    venue_expect(*state, 0, "S");
    venue_logon(*state, 1, "BOB", 1);
    venue_expect(*state, 1, "S");
    return 0;
}

static void send(struct venue *venue, uint32_t client, struct ouch50_message message) {
    venue_send_message(venue, client, &message);
    venue_run(venue);
}

static void an_order_is_accepted_as_it_was_asked_for(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(7, 'B', 5, 100));
    struct ouch50_message reply = venue_next(venue, 0);
    assert_int_equal(reply.type, OUCH50_ACCEPTED);
    assert_int_equal(reply.user_ref, 7);
    assert_int_equal(reply.side, 'B');
    assert_int_equal(reply.qty, 5);
    assert_memory_equal(reply.symbol, "BTCUSDT ", 8);
    assert_int_equal(reply.price, 1000000);
    assert_int_equal(reply.tif, '0');
    assert_int_equal(reply.display, 'Y');
    assert_int_equal(reply.capacity, 'P');
    assert_int_equal(reply.iso, 'N');
    assert_int_equal(reply.cross, 'N');
    assert_int_equal(reply.state, 'L');
    assert_memory_equal(reply.clord_id, "order         ", 14);
    assert_int_equal(reply.appendage.present, 0);
    assert_true(reply.order_ref > 0);
    assert_int_equal(reply.timestamp_ns, venue->now_ns % 86400000000000u);
    venue_expect_nothing(venue, 0);
    venue_expect_nothing(venue, 1);
}

static void both_sides_of_a_trade_are_told_with_one_match_number(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(1, 'S', 5, 100));
    send(venue, 1, venue_order(1, 'B', 3, 101));
    venue_expect(venue, 1, "AE");
    assert_int_equal(venue_next(venue, 0).type, OUCH50_ACCEPTED);
    struct ouch50_message maker = venue_next(venue, 0);
    assert_int_equal(maker.type, OUCH50_EXECUTED);
    assert_int_equal(maker.user_ref, 1);
    assert_int_equal(maker.qty, 3);
    assert_int_equal(maker.price, 1000000);
    assert_int_equal(maker.liquidity, 'A');
    venue->clients[1].read_bytes = venue->clients[1].received_bytes - 39;
    struct ouch50_message taker = venue_next(venue, 1);
    assert_int_equal(taker.liquidity, 'R');
    assert_int_equal(taker.qty, 3);
    assert_int_equal(taker.price, 1000000);
    assert_int_equal(taker.match, maker.match);
    assert_true(taker.match > 0);
}

static void an_ioc_order_is_accepted_then_canceled_as_such(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 5, 100);

    order.tif = '3';
    send(venue, 0, order);
    struct ouch50_message accepted = venue_next(venue, 0);
    assert_int_equal(accepted.type, OUCH50_ACCEPTED);
    assert_int_equal(accepted.tif, '3');
    struct ouch50_message canceled = venue_next(venue, 0);
    assert_int_equal(canceled.type, OUCH50_CANCELED);
    assert_int_equal(canceled.qty, 5);
    assert_int_equal(canceled.reason, 'I');
}

static void a_market_order_is_accepted_with_the_price_that_means_market(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 5, 100);

    send(venue, 1, venue_order(1, 'S', 2, 100));
    order.price = OUCH50_PRICE_MARKET;
    send(venue, 0, order);
    struct ouch50_message accepted = venue_next(venue, 0);
    assert_int_equal(accepted.type, OUCH50_ACCEPTED);
    assert_true(accepted.price == OUCH50_PRICE_MARKET);
    venue_expect(venue, 0, "EC");
}

static void a_fill_or_kill_order_that_cannot_fill_is_rejected(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 5, 100);

    order.tif = '3';
    order.appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_MIN_QTY);
    order.appendage.min_qty = 5;
    send(venue, 0, order);
    struct ouch50_message rejected = venue_next(venue, 0);
    assert_int_equal(rejected.type, OUCH50_REJECTED);
    assert_int_equal(rejected.reject_reason, 13);
    assert_memory_equal(rejected.clord_id, "order         ", 14);

    send(venue, 1, venue_order(1, 'S', 5, 100));
    order.user_ref = 2;
    send(venue, 0, order);
    struct ouch50_message accepted = venue_next(venue, 0);
    assert_int_equal(accepted.type, OUCH50_ACCEPTED);
    assert_int_equal(accepted.appendage.min_qty, 5);
    venue_expect(venue, 0, "E");
}

static void a_post_only_order_that_would_cross_is_rejected(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 5, 100);

    send(venue, 1, venue_order(1, 'S', 5, 100));
    order.appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY);
    order.appendage.post_only = 'P';
    send(venue, 0, order);
    assert_int_equal(venue_next(venue, 0).reject_reason, 18);
    order.user_ref = 2;
    order.price -= 10000;
    send(venue, 0, order);
    struct ouch50_message accepted = venue_next(venue, 0);
    assert_int_equal(accepted.type, OUCH50_ACCEPTED);
    assert_int_equal(accepted.appendage.post_only, 'P');
    venue_expect_nothing(venue, 0);
}

static void a_cancel_takes_all_or_down_to_a_total(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(1, 'B', 10, 100));
    send(venue, 1, venue_order(1, 'S', 2, 100));
    venue_expect(venue, 0, "AE");
    send(venue, 0, venue_cancel(1, 6)); /* 2 executed, 4 stay */
    struct ouch50_message canceled = venue_next(venue, 0);
    assert_int_equal(canceled.type, OUCH50_CANCELED);
    assert_int_equal(canceled.qty, 4);
    assert_int_equal(canceled.reason, 'U');
    send(venue, 0, venue_cancel(1, 6)); /* superfluous: silent */
    send(venue, 0, venue_cancel(1, 9));
    venue_expect_nothing(venue, 0);
    send(venue, 0, venue_cancel(1, 0));
    canceled = venue_next(venue, 0);
    assert_int_equal(canceled.qty, 4);
    send(venue, 0, venue_cancel(1, 0));
    send(venue, 0, venue_cancel(99, 0));
    venue_expect_nothing(venue, 0);
}

static void a_modify_is_told_as_modified_with_the_new_total(void **state) {
    struct venue *venue = *state;
    struct ouch50_message modify = {.type = OUCH50_MODIFY, .user_ref = 1, .side = 'B', .qty = 6};

    send(venue, 0, venue_order(1, 'B', 10, 100));
    send(venue, 1, venue_order(1, 'S', 2, 100));
    venue_expect(venue, 0, "AE");
    send(venue, 0, modify);
    struct ouch50_message modified = venue_next(venue, 0);
    assert_int_equal(modified.type, OUCH50_MODIFIED);
    assert_int_equal(modified.side, 'B');
    assert_int_equal(modified.qty, 6);
    modify.side = 'S'; /* no order changes its side */
    modify.qty = 3;
    send(venue, 0, modify);
    modify.side = 'B';
    modify.qty = 11; /* nor grows */
    send(venue, 0, modify);
    venue_expect_nothing(venue, 0);
    modify.qty = 2; /* all that is left */
    send(venue, 0, modify);
    venue_expect(venue, 0, "C");
}

static void a_replace_is_told_once_with_what_is_open(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(1, 'B', 10, 100));
    send(venue, 1, venue_order(1, 'S', 2, 100));
    venue_expect(venue, 0, "AE");
    send(venue, 0, venue_replace(1, 2, 7, 99));
    struct ouch50_message replaced = venue_next(venue, 0);
    assert_int_equal(replaced.type, OUCH50_REPLACED);
    assert_int_equal(replaced.orig_user_ref, 1);
    assert_int_equal(replaced.user_ref, 2);
    assert_int_equal(replaced.side, 'B');
    assert_int_equal(replaced.qty, 5); /* 7 in all, 2 executed */
    assert_int_equal(replaced.price, 990000);
    assert_int_equal(replaced.capacity, 'P');
    assert_int_equal(replaced.cross, 'N');
    assert_memory_equal(replaced.symbol, "BTCUSDT ", 8);
    venue_expect_nothing(venue, 0);
    send(venue, 0, venue_cancel(1, 0)); /* the old name is gone */
    venue_expect_nothing(venue, 0);
    send(venue, 0, venue_cancel(2, 0));
    venue_expect(venue, 0, "C");
}

static void a_replace_that_trades_is_told_before_its_trades(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(1, 'B', 10, 100));
    send(venue, 1, venue_order(1, 'S', 4, 102));
    venue_expect(venue, 0, "A");
    send(venue, 0, venue_replace(1, 2, 10, 102));
    struct ouch50_message replaced = venue_next(venue, 0);
    assert_int_equal(replaced.type, OUCH50_REPLACED);
    assert_int_equal(replaced.qty, 10);
    struct ouch50_message executed = venue_next(venue, 0);
    assert_int_equal(executed.type, OUCH50_EXECUTED);
    assert_int_equal(executed.user_ref, 2);
    assert_int_equal(executed.qty, 4);
    /* The chain's executions count in what follows. */
    send(venue, 0, venue_cancel(2, 6));
    struct ouch50_message canceled = venue_next(venue, 0);
    assert_int_equal(canceled.qty, 4);
    venue_expect_nothing(venue, 0);
}

static void a_replace_that_may_not_be_takes_the_old_order_with_it(void **state) {
    struct venue *venue = *state;
    struct ouch50_message replace = venue_replace(1, 2, 10, 100);

    send(venue, 0, venue_order(1, 'B', 10, 100));
    replace.price = 1000001; /* off tick */
    send(venue, 0, replace);
    assert_int_equal(venue_next(venue, 0).type, OUCH50_ACCEPTED);
    struct ouch50_message canceled = venue_next(venue, 0);
    assert_int_equal(canceled.type, OUCH50_CANCELED);
    assert_int_equal(canceled.user_ref, 1);
    assert_int_equal(canceled.qty, 10);
    assert_int_equal(canceled.reason, 'Z');
    send(venue, 0, venue_order(2, 'B', 10, 100)); /* 2 was not used up */
    venue_expect(venue, 0, "A");

    replace = venue_replace(2, 3, 10, 100);
    replace.display = 'N';
    send(venue, 0, replace);
    venue_expect(venue, 0, "C");

    send(venue, 0, venue_order(4, 'B', 10, 100));
    send(venue, 1, venue_order(1, 'S', 1, 105));
    replace = venue_replace(4, 5, 10, 105);
    replace.appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY);
    replace.appendage.post_only = 'P';
    send(venue, 0, replace); /* the matcher rejects it */
    venue_expect(venue, 0, "AC");
}

static void a_replace_of_what_is_not_live_is_ignored(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_replace(1, 2, 10, 100));
    send(venue, 0, venue_order(2, 'B', 10, 100));
    venue_expect(venue, 0, "A");
    send(venue, 0, venue_cancel(2, 0));
    send(venue, 0, venue_replace(2, 3, 10, 100));
    venue_expect(venue, 0, "C");
}

static void requests_about_an_order_under_way_are_understood(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 10, 100);
    struct ouch50_message replace = venue_replace(1, 2, 10, 101);
    struct ouch50_message again = venue_replace(2, 3, 10, 102);
    struct ouch50_message modify = {.type = OUCH50_MODIFY, .user_ref = 3, .side = 'B', .qty = 4};

    venue->journal_is_held = true;
    venue_send_message(venue, 0, &order);
    venue_send_message(venue, 0, &replace);
    venue_send_message(venue, 0, &again);
    venue_send_message(venue, 0, &modify);
    venue_run(venue);
    venue_expect_nothing(venue, 0); /* nothing leaves before it is durable */
    assert_int_equal(venue->input_count, 4);
    venue->journal_is_held = false;
    venue_run(venue);
    venue_expect(venue, 0, "AUUM");
}

/* What a message of this client asks of the engine, not yet given to it. */
static union record input_of_message(struct venue *venue, uint32_t client,
                                     const struct ouch50_message *message) {
    struct venue_client *from = &venue->clients[client];
    struct order_entry_logon logon;
    union record input;

    venue_send_message(venue, client, message);
    struct received received = order_entry_receive(
        venue->entry, client, from->unread, from->unread_bytes, venue->now_ns, &input, &logon);
    assert_int_equal(received.what, RECEIVED_INPUT);
    from->unread_bytes -= received.consumed_bytes;
    assert_int_equal(from->unread_bytes, 0);
    return input;
}

/* A cancel may overtake the new order of another account: its record tells nothing of that order. */
static void a_cancel_that_overtakes_does_not_make_another_accounts_order_unknown(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 5, 100);
    struct ouch50_message cancel = venue_cancel(1, 0);

    venue_send_message(venue, 1, &order);
    venue_run(venue);
    union record alices = input_of_message(venue, 0, &order);
    union record bobs = input_of_message(venue, 1, &cancel);
    venue_submit(venue, DOOR_ORDER_ENTRY, &bobs);
    venue_run(venue); /* durable, and read, before the engine has taken Alice's */
    union record cancels = input_of_message(venue, 0, &cancel);
    venue_submit(venue, DOOR_ORDER_ENTRY, &alices);
    venue_submit(venue, DOOR_ORDER_ENTRY, &cancels);
    venue_run(venue);
    venue_expect(venue, 0, "AC");
    venue_expect(venue, 1, "AC");
}

static void a_retransmission_is_ignored(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(5, 'B', 10, 100));
    send(venue, 0, venue_order(5, 'B', 10, 100));
    send(venue, 0, venue_order(4, 'B', 10, 100));
    send(venue, 0, venue_order(0, 'B', 10, 100));
    venue_expect(venue, 0, "A");
}

static void a_query_is_answered_with_the_next_number_in_its_place(void **state) {
    struct venue *venue = *state;
    struct ouch50_message query = {.type = OUCH50_QUERY};

    send(venue, 0, query);
    struct ouch50_message answer = venue_next(venue, 0);
    assert_int_equal(answer.type, OUCH50_QUERY_RESPONSE);
    assert_int_equal(answer.next_user_ref, 1);
    send(venue, 0, venue_order(41, 'B', 0, 100)); /* a reject uses its number up */
    assert_int_equal(venue_next(venue, 0).reject_reason, 19);
    send(venue, 0, query);
    assert_int_equal(venue_next(venue, 0).next_user_ref, 42);
}

static void meeting_ones_own_order_cancels_the_incoming_one(void **state) {
    struct venue *venue = *state;

    send(venue, 0, venue_order(1, 'S', 5, 100));
    send(venue, 0, venue_order(2, 'B', 3, 100));
    venue_expect(venue, 0, "AAC");
    venue->clients[0].read_bytes = venue->clients[0].received_bytes - 21;
    struct ouch50_message canceled = venue_next(venue, 0);
    assert_int_equal(canceled.user_ref, 2);
    assert_int_equal(canceled.qty, 3);
    assert_int_equal(canceled.reason, 'Q');
}

static void orders_of_other_doors_are_not_named_but_trade_with_ours(void **state) {
    struct venue *venue = *state;
    union record order = venue_web_order(SIDE_SELL, 4, 100);

    order.request.account = ALICE; /* her own, by the web */
    venue_submit(venue, DOOR_WEB, &order);
    venue_run(venue);
    venue_expect_nothing(venue, 0);
    send(venue, 1, venue_order(1, 'B', 4, 100));
    venue_expect(venue, 1, "AE");
    venue_expect_nothing(venue, 0);
    order = venue_web_order(SIDE_SELL, 1, 99);
    send(venue, 0, venue_order(1, 'B', 4, 100));
    venue_submit(venue, DOOR_WEB, &order);
    venue_run(venue);
    venue_expect(venue, 0, "AE");
}

static void who_cancels_an_order_shows_in_the_reason(void **state) {
    struct venue *venue = *state;
    union record cancel = venue_web_order(SIDE_BUY, 0, 0);

    send(venue, 0, venue_order(1, 'B', 4, 100));
    uint64_t order_no = venue_next(venue, 0).order_ref;
    cancel.command.op = COMMAND_CANCEL;
    cancel.command.order_no = order_no;
    cancel.request.account = ALICE;
    venue_submit(venue, DOOR_WEB, &cancel);
    venue_run(venue);
    assert_int_equal(venue_next(venue, 0).reason, 'U');

    send(venue, 0, venue_order(2, 'B', 4, 100));
    cancel.command.order_no = venue_next(venue, 0).order_ref;
    venue_submit(venue, DOOR_OPERATOR, &cancel);
    venue_run(venue);
    assert_int_equal(venue_next(venue, 0).reason, 'S');

    send(venue, 0, venue_order(3, 'B', 4, 100));
    assert_int_equal(venue_next(venue, 0).type, OUCH50_ACCEPTED);
    cancel.command.op = COMMAND_MASS_CANCEL;
    cancel.command.order_no = 0;
    cancel.request.account = 0;
    venue_submit(venue, DOOR_OPERATOR, &cancel);
    venue_run(venue);
    assert_int_equal(venue_next(venue, 0).reason, 'S');
}

static void the_web_may_replace_an_order_and_its_client_sees_a_cancel(void **state) {
    struct venue *venue = *state;
    union record replace = venue_web_order(SIDE_BUY, 6, 99);

    send(venue, 0, venue_order(1, 'B', 4, 100));
    replace.request.account = ALICE;
    replace.command.op = COMMAND_REPLACE;
    replace.command.order_no = venue_next(venue, 0).order_ref;
    venue_submit(venue, DOOR_WEB, &replace);
    venue_run(venue);
    struct ouch50_message canceled = venue_next(venue, 0);
    assert_int_equal(canceled.type, OUCH50_CANCELED);
    assert_int_equal(canceled.qty, 4);
    assert_int_equal(canceled.reason, 'U');
    send(venue, 1, venue_order(1, 'S', 6, 99));
    venue_expect_nothing(venue, 0);
}

static void refusals_of_the_engine_are_rejects_with_reasons(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 5, 100);
    union record state_change = venue_web_order(SIDE_BUY, 0, 0);

    memcpy(order.symbol, "NOSUCH  ", 8);
    send(venue, 0, order);
    assert_int_equal(venue_next(venue, 0).reject_reason, 23);
    order = venue_order(2, 'B', 5, 100);
    order.price++;
    send(venue, 0, order);
    assert_int_equal(venue_next(venue, 0).reject_reason, 29);
    order = venue_order(3, 'B', 5, 1000000); /* beyond the band */
    send(venue, 0, order);
    assert_int_equal(venue_next(venue, 0).reject_reason, 29);
    order = venue_order(4, 'B', 5, 100);
    order.price = OUCH50_PRICE_MARKET - 1;
    send(venue, 0, order);
    assert_int_equal(venue_next(venue, 0).reject_reason, 29);
    order.user_ref = 5;
    order.price = OUCH50_PRICE_MARKET; /* nothing to derive a protection price from */
    send(venue, 0, order);
    assert_int_equal(venue_next(venue, 0).reject_reason, 1);

    state_change.command.op = COMMAND_SET_STATE;
    state_change.command.state = STATE_HALTED;
    state_change.request.account = 0;
    venue_submit(venue, DOOR_OPERATOR, &state_change);
    send(venue, 0, venue_order(6, 'B', 5, 100));
    assert_int_equal(venue_next(venue, 0).reject_reason, 7);
    venue_expect_nothing(venue, 0);
}

#define CASE(name) cmocka_unit_test_setup(name, open_venue)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_order_is_accepted_as_it_was_asked_for),
        CASE(both_sides_of_a_trade_are_told_with_one_match_number),
        CASE(an_ioc_order_is_accepted_then_canceled_as_such),
        CASE(a_market_order_is_accepted_with_the_price_that_means_market),
        CASE(a_fill_or_kill_order_that_cannot_fill_is_rejected),
        CASE(a_post_only_order_that_would_cross_is_rejected),
        CASE(a_cancel_takes_all_or_down_to_a_total),
        CASE(a_modify_is_told_as_modified_with_the_new_total),
        CASE(a_replace_is_told_once_with_what_is_open),
        CASE(a_replace_that_trades_is_told_before_its_trades),
        CASE(a_replace_that_may_not_be_takes_the_old_order_with_it),
        CASE(a_replace_of_what_is_not_live_is_ignored),
        CASE(requests_about_an_order_under_way_are_understood),
        CASE(a_cancel_that_overtakes_does_not_make_another_accounts_order_unknown),
        CASE(a_retransmission_is_ignored),
        CASE(a_query_is_answered_with_the_next_number_in_its_place),
        CASE(meeting_ones_own_order_cancels_the_incoming_one),
        CASE(orders_of_other_doors_are_not_named_but_trade_with_ours),
        CASE(who_cancels_an_order_shows_in_the_reason),
        CASE(the_web_may_replace_an_order_and_its_client_sees_a_cancel),
        CASE(refusals_of_the_engine_are_rejects_with_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
