/* Who gets in, how sessions end, and what ends with them. */
#include <string.h>

#include "venue.h"
#include "wire/soup_bin.h"

#define SECOND 1000000000u

static int open_venue(void **state) {
    *state = venue_open(&order_entry_usual, 1 << 22);
    return 0;
}

static void logon(struct venue *venue, uint32_t client, const char *username, const char *password,
                  const char *session, uint64_t sequence) {
    venue_connect(venue, client, true);
    venue_send_logon(venue, client, username, password, session, sequence);
    venue_run(venue);
}

static void expect_rejected(struct venue *venue, uint32_t client, char reason) {
    const unsigned char *payload = NULL;
    size_t count = 0;

    assert_int_equal(venue_packet(venue, client, &payload, &count), SOUP_BIN_LOGIN_REJECTED);
    assert_int_equal(count, 1);
    assert_int_equal(payload[0], reason);
    venue_expect_nothing(venue, client);
    assert_false(venue->clients[client].is_open);
}

static void the_acceptance_names_the_day_and_the_next_number(void **state) {
    struct venue *venue = *state;
    const unsigned char *payload = NULL;
    size_t count = 0;

    logon(venue, 0, "ALICE", "secret", "CX20240102", 1);
    assert_int_equal(venue_packet(venue, 0, &payload, &count), SOUP_BIN_LOGIN_ACCEPTED);
    assert_int_equal(count, 30);
    assert_memory_equal(payload, "CX20240102                   1", 30);
    struct ouch50_message event = venue_next(venue, 0);
    assert_int_equal(event.type, OUCH50_SYSTEM_EVENT);
    assert_int_equal(event.event, 'S');
    assert_int_equal(order_entry_account(venue->entry, 0), ALICE);
    assert_int_equal(order_entry_session_count(venue->entry), 1);
}

static void sequence_0_starts_with_what_is_new(void **state) {
    struct venue *venue = *state;
    const unsigned char *payload = NULL;

    logon(venue, 0, "ALICE", "secret", "", 0);
    assert_int_equal(venue_packet(venue, 0, &payload, NULL), SOUP_BIN_LOGIN_ACCEPTED);
    assert_memory_equal(payload + 10, "                   2", 20);
    venue_expect_nothing(venue, 0);
}

static void a_wrong_username_and_a_wrong_password_look_the_same(void **state) {
    struct venue *venue = *state;

    logon(venue, 0, "ALICE", "Secret", "", 1);
    logon(venue, 1, "NOBODY", "secret", "", 1);
    logon(venue, 2, "alice", "secret", "", 1);
    logon(venue, 3, "", "", "", 1);
    for (uint32_t i = 0; i < 4; i++)
        venue_expect_nothing(venue, i); /* the answer waits: one guess a second */
    venue_wait(venue, SECOND - 1);
    for (uint32_t i = 0; i < 4; i++)
        venue_expect_nothing(venue, i);
    venue_wait(venue, 1);
    for (uint32_t i = 0; i < 4; i++) {
        expect_rejected(venue, i, SOUP_BIN_NOT_AUTHORISED);
        assert_int_equal(venue->clients[i].end, END_REFUSED);
        assert_int_equal(venue->clients[i].received_bytes, 4);
    }
    assert_int_equal(order_entry_counters(venue->entry)->end_count[END_REFUSED], 4);
    assert_int_equal(venue->input_count, 0);
}

static void what_follows_a_refused_logon_is_thrown_away(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_connect(venue, 0, true);
    venue_send_logon(venue, 0, "ALICE", "wrong", "", 1);
    venue_send_message(venue, 0, &order);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_wait(venue, 2 * (uint64_t)SECOND);
    expect_rejected(venue, 0, SOUP_BIN_NOT_AUTHORISED);
    assert_int_equal(venue->input_count, 0);
}

static void another_days_session_or_a_number_beyond_the_next_is_not_available(void **state) {
    struct venue *venue = *state;

    logon(venue, 0, "ALICE", "secret", "CX20240101", 1);
    expect_rejected(venue, 0, SOUP_BIN_NO_SUCH_SESSION);
    logon(venue, 0, "ALICE", "secret", "", 3);
    expect_rejected(venue, 0, SOUP_BIN_NO_SUCH_SESSION);
    logon(venue, 0, "ALICE", "secret", "", UINT64_MAX);
    expect_rejected(venue, 0, SOUP_BIN_NO_SUCH_SESSION);
    assert_int_equal(venue->clients[0].end, END_NO_SUCH_SESSION);
    logon(venue, 0, "ALICE", "secret", "", 2);
    assert_int_equal(venue_packet(venue, 0, NULL, NULL), SOUP_BIN_LOGIN_ACCEPTED);
}

static void the_newer_connection_takes_the_session_over_and_orders_stay(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_logon(venue, 0, "ALICE", 1);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    venue_expect(venue, 0, "SA");
    venue_logon(venue, 1, "ALICE", 1);
    assert_int_equal(venue->clients[0].end, END_TAKEN_OVER);
    assert_int_equal(venue_packet(venue, 0, NULL, NULL), SOUP_BIN_DEBUG);
    venue_expect_nothing(venue, 0);
    venue_expect(venue, 1, "SA");
    assert_int_equal(order_entry_session_count(venue->entry), 1);
    venue_wait(venue, 2 * (uint64_t)SECOND);
    assert_int_equal(venue->input_count, 1); /* no session dropped */
}

static void orders_are_cancelled_when_the_session_ends_if_so_configured(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_logon(venue, 0, "ALICE", 1);
    venue_send_message(venue, 0, &order);
    order = venue_replace(1, 2, 3, 101);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    venue_expect(venue, 0, "SAU");
    venue_hang_up(venue, 0);
    venue_run(venue);
    assert_int_equal(venue->input_count, 3);
    venue_logon(venue, 1, "ALICE", 4);
    struct ouch50_message canceled = venue_next(venue, 1);
    assert_int_equal(canceled.type, OUCH50_CANCELED);
    assert_int_equal(canceled.user_ref, 2);
    assert_int_equal(canceled.reason, 'Z');
}

static void orders_stay_when_the_listener_says_so(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_connect(venue, 0, false);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    venue_hang_up(venue, 0);
    venue_run(venue);
    venue_logon(venue, 1, "ALICE", 1);
    venue_expect(venue, 1, "SA");
}

static void a_logout_ends_the_session(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_logon(venue, 0, "ALICE", 1);
    venue_send_message(venue, 0, &order);
    venue_send_packet(venue, 0, SOUP_BIN_LOGOUT, NULL, 0);
    venue_run(venue);
    assert_int_equal(venue->clients[0].end, END_LOGGED_OUT);
    venue_logon(venue, 1, "ALICE", 2);
    venue_expect(venue, 1, "AC");
}

static void the_drop_of_a_session_comes_before_the_next_sessions_orders(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(2, 'B', 1, 100);
    struct order_entry_logon asked;
    unsigned char bytes[128];
    union record input;

    venue_logon(venue, 0, "ALICE", 1);
    venue_hang_up(venue, 0);
    /* The shell has not come to order_entry_owed yet, and the client is back. */
    venue_connect(venue, 1, true);
    venue_send_logon(venue, 1, "ALICE", "secret", "", 1);
    venue_send_message(venue, 1, &order);
    size_t count = venue->clients[1].unread_bytes;
    memcpy(bytes, venue->clients[1].unread, count);
    struct received received =
        order_entry_receive(venue->entry, 1, bytes, count, venue->now_ns, &input, &asked);
    assert_int_equal(received.what, RECEIVED_LOGON);
    uint8_t verifier[32];
    memset(verifier, 7, sizeof verifier);
    for (int i = 0; i < 8; i++)
        verifier[i] ^= (uint8_t)asked.username[i];
    for (int i = 0; i < 10; i++)
        verifier[8 + i] ^= (uint8_t)asked.password[i];
    order_entry_logon(venue->entry, 1, verifier, venue->now_ns);
    received = order_entry_receive(venue->entry, 1, bytes + received.consumed_bytes,
                                   count - received.consumed_bytes, venue->now_ns, &input, &asked);
    assert_int_equal(received.what, RECEIVED_INPUT);
    assert_int_equal(received.consumed_bytes, 0);
    assert_int_equal(input.head.kind, RECORD_SESSION);
    assert_int_equal(input.session.session_event, SESSION_DROPPED);
    assert_int_equal(input.request.account, ALICE);
    assert_false(order_entry_owed(venue->entry, &input));
}

static void a_server_that_has_nothing_to_say_beats_once_a_second(void **state) {
    struct venue *venue = *state;

    venue_logon(venue, 0, "ALICE", 2);
    for (int i = 0; i < 30; i++) {
        venue_wait(venue, SECOND);
        assert_int_equal(venue_packet(venue, 0, NULL, NULL), SOUP_BIN_SERVER_HEARTBEAT);
        venue_expect_nothing(venue, 0);
        venue_send_packet(venue, 0, SOUP_BIN_CLIENT_HEARTBEAT, NULL, 0);
        venue_run(venue);
    }
    assert_true(venue->clients[0].is_open);
    assert_int_equal(venue->input_count, 0);
}

static void a_client_that_is_silent_for_15_seconds_is_dead(void **state) {
    struct venue *venue = *state;

    venue_logon(venue, 0, "ALICE", 2);
    venue_wait(venue, 14 * (uint64_t)SECOND);
    venue_send_packet(venue, 0, SOUP_BIN_DEBUG, "still here", 10);
    venue_run(venue);
    venue_wait(venue, 14 * (uint64_t)SECOND);
    venue_send(venue, 0, "\0", 1); /* the beginning of a packet is no sign of life */
    venue_wait(venue, SECOND - 1);
    assert_true(venue->clients[0].is_open);
    venue_wait(venue, 1);
    assert_int_equal(venue->clients[0].end, END_SILENT);
    assert_int_equal(venue->input_count, 1);
    assert_int_equal(order_entry_session_count(venue->entry), 0);
}

static void a_connection_that_does_not_log_on_is_closed(void **state) {
    struct venue *venue = *state;

    venue_connect(venue, 0, true);
    venue_wait(venue, 10 * (uint64_t)SECOND - 1);
    assert_true(venue->clients[0].is_open);
    venue_wait(venue, 1);
    assert_int_equal(venue->clients[0].end, END_LOGON_TIMEOUT);
    assert_int_equal(venue->input_count, 0);
}

static void a_revoked_credential_ends_its_session_and_opens_none(void **state) {
    struct venue *venue = *state;

    venue_credential(venue, "ALICE2", ALICE, false); /* a second username of the account */
    venue_run(venue);
    venue_logon(venue, 0, "ALICE", 2);
    venue_credential(venue, "ALICE2", ALICE, true);
    venue_run(venue);
    assert_true(venue->clients[0].is_open);
    venue_credential(venue, "ALICE", ALICE, true);
    venue_run(venue);
    assert_int_equal(venue->clients[0].end, END_REVOKED);
    logon(venue, 1, "ALICE", "secret", "", 1);
    venue_wait(venue, SECOND);
    expect_rejected(venue, 1, SOUP_BIN_NOT_AUTHORISED);
}

static void a_username_that_moves_to_another_account_leaves_its_session(void **state) {
    struct venue *venue = *state;

    venue_logon(venue, 0, "ALICE", 2);
    venue_credential(venue, "ALICE", WEB, false);
    venue_run(venue);
    assert_int_equal(venue->clients[0].end, END_REVOKED);
    logon(venue, 1, "ALICE", "secret", "", 1);
    assert_int_equal(order_entry_account(venue->entry, 1), WEB);
}

/* Four streams, as many as usernames; Alice, Bob and the web's account have three of them. */
static void a_username_cannot_move_through_more_accounts_than_there_are_streams(void **state) {
    struct venue *venue = *state;
    union record account = {
        .account = {.maker_fee_ppm = FEE_INHERIT, .taker_fee_ppm = FEE_INHERIT}};

    account.head.kind = RECORD_ACCOUNT;
    account.head.units = record_units(RECORD_ACCOUNT);
    venue_credential(venue, "ALICE", WEB, false);
    for (uint32_t number = 4; number <= 6; number++) {
        venue_submit(venue, DOOR_OPERATOR, &account);
        venue_credential(venue, "ALICE", number, false);
    }
    venue_run(venue);
    assert_int_equal(order_entry_counters(venue->entry)->unlisted_credential_count, 2);
    logon(venue, 0, "ALICE", "secret", "", 1);
    venue_wait(venue, SECOND);
    expect_rejected(venue, 0, SOUP_BIN_NOT_AUTHORISED);
    venue_credential(venue, "ALICE", ALICE, false);
    venue_run(venue);
    venue_logon(venue, 1, "ALICE", 1);
}

static void usernames_of_one_account_read_one_stream(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_credential(venue, "ALICE2", ALICE, false);
    venue_run(venue);
    venue_logon(venue, 0, "ALICE", 1);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    venue_logon(venue, 1, "ALICE2", 1);
    assert_int_equal(venue->clients[0].end, END_TAKEN_OVER);
    venue_expect(venue, 1, "SA");
}

static void a_credential_beyond_the_limit_cannot_log_on_and_is_counted(void **state) {
    struct venue *venue = *state;

    venue_credential(venue, "C", WEB, false);
    venue_credential(venue, "D", WEB, false);
    venue_credential(venue, "E", WEB, false);
    venue_run(venue);
    assert_int_equal(order_entry_counters(venue->entry)->unlisted_credential_count, 1);
    logon(venue, 0, "E", "secret", "", 1);
    venue_wait(venue, SECOND);
    expect_rejected(venue, 0, SOUP_BIN_NOT_AUTHORISED);
    venue_logon(venue, 1, "D", 1);
    venue_expect(venue, 1, "S");
}

static void a_new_day_ends_sessions_and_starts_their_numbers_again(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(9, 'B', 1, 100);

    venue_logon(venue, 0, "ALICE", 1);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    venue_expect(venue, 0, "SA");
    venue_day(venue, 20240103);
    venue_run(venue);
    struct ouch50_message event = venue_next(venue, 0);
    assert_int_equal(event.type, OUCH50_SYSTEM_EVENT);
    assert_int_equal(event.event, 'E');
    assert_int_equal(venue_packet(venue, 0, NULL, NULL), SOUP_BIN_END_OF_SESSION);
    assert_int_equal(venue->clients[0].end, END_OF_DAY);
    assert_memory_equal(order_entry_session_name(venue->entry), "CX20240103", 10);

    logon(venue, 1, "ALICE", "secret", "CX20240102", 1);
    expect_rejected(venue, 1, SOUP_BIN_NO_SUCH_SESSION);
    venue_connect(venue, 1, false);
    venue_send_logon(venue, 1, "ALICE", "secret", "CX20240103", 1);
    order.user_ref = 1;
    venue_send_message(venue, 1, &order);
    venue_run(venue);
    assert_int_equal(venue_packet(venue, 1, NULL, NULL), SOUP_BIN_LOGIN_ACCEPTED);
    assert_int_equal(venue_next(venue, 1).event, 'S');
    venue_expect(venue, 1, "A");
}

static void a_session_that_was_dropped_by_a_crash_loses_its_orders(void **state) {
    struct venue *venue = *state;
    struct ouch50_message order = venue_order(1, 'B', 1, 100);

    venue_logon(venue, 0, "ALICE", 1);
    venue_logon(venue, 1, "BOB", 1);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    uint32_t before = venue->input_count;
    venue_restart(venue);
    venue_run(venue);
    assert_int_equal(venue->input_count, before + 1); /* Bob had no orders */
    venue_logon(venue, 2, "ALICE", 2);
    venue_expect(venue, 2, "AC");
}

#define CASE(name) cmocka_unit_test_setup(name, open_venue)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_acceptance_names_the_day_and_the_next_number),
        CASE(sequence_0_starts_with_what_is_new),
        CASE(a_wrong_username_and_a_wrong_password_look_the_same),
        CASE(what_follows_a_refused_logon_is_thrown_away),
        CASE(another_days_session_or_a_number_beyond_the_next_is_not_available),
        CASE(the_newer_connection_takes_the_session_over_and_orders_stay),
        CASE(orders_are_cancelled_when_the_session_ends_if_so_configured),
        CASE(orders_stay_when_the_listener_says_so),
        CASE(a_logout_ends_the_session),
        CASE(the_drop_of_a_session_comes_before_the_next_sessions_orders),
        CASE(a_server_that_has_nothing_to_say_beats_once_a_second),
        CASE(a_client_that_is_silent_for_15_seconds_is_dead),
        CASE(a_connection_that_does_not_log_on_is_closed),
        CASE(a_revoked_credential_ends_its_session_and_opens_none),
        CASE(a_username_that_moves_to_another_account_leaves_its_session),
        CASE(a_username_cannot_move_through_more_accounts_than_there_are_streams),
        CASE(usernames_of_one_account_read_one_stream),
        CASE(a_credential_beyond_the_limit_cannot_log_on_and_is_counted),
        CASE(a_new_day_ends_sessions_and_starts_their_numbers_again),
        CASE(a_session_that_was_dropped_by_a_crash_loses_its_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
