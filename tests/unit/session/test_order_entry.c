/* The stream of bytes itself: cut anywhere, asked for again from anywhere, rebuilt, throttled, hostile. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "venue.h"
#include "wire/soup_bin.h"

#define SECOND 1000000000u

static uint64_t seed = 9050;

static int open_venue(void **state) {
    *state = venue_open(&order_entry_usual, 1 << 23);
    return 0;
}

/* A random request about a small set of orders, so that many are live. */
static struct ouch50_message random_message(struct random *random, uint32_t *last_ref) {
    uint32_t roll = random_below(random, 100);
    uint32_t some_ref = *last_ref > 20 ? *last_ref - random_below(random, 20) : 1;
    char side = random_below(random, 2) ? 'B' : 'S';
    uint64_t price = 95 + random_below(random, 10);
    struct ouch50_message message;

    if (roll < 55) {
        message = venue_order(++*last_ref, side, 1 + random_below(random, 50), price);
        message.tif = random_below(random, 5) ? '0' : '3';
        if (random_below(random, 20) == 0)
            message.price++;
        if (random_below(random, 20) == 0)
            message.price = OUCH50_PRICE_MARKET;
        if (random_below(random, 10) == 0) {
            message.appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY);
            message.appendage.post_only = 'P';
        }
    } else if (roll < 75) {
        message = venue_replace(some_ref, ++*last_ref, 1 + random_below(random, 60), price);
        if (random_below(random, 10) == 0)
            message.display = 'N';
    } else if (roll < 85) {
        message = venue_cancel(some_ref, random_below(random, 2) ? 0 : random_below(random, 30));
    } else if (roll < 95) {
        message = venue_cancel(some_ref, random_below(random, 40));
        message.type = OUCH50_MODIFY;
        message.side = side;
    } else {
        message = (struct ouch50_message){.type = OUCH50_QUERY};
    }
    return message;
}

/* A busy day of Alice, Bob and the web. */
static void trade(struct venue *venue, uint32_t count) {
    struct random random = random_seeded(seed);
    uint32_t last_ref[2] = {0, 0};

    for (uint32_t i = 0; i < count; i++) {
        uint32_t client = random_below(&random, 2);
        struct ouch50_message message = random_message(&random, &last_ref[client]);
        venue->journal_is_held = random_below(&random, 3) == 0;
        venue_send_message(venue, client, &message);
        if (random_below(&random, 10) == 0) {
            union record order = venue_web_order((enum side)random_below(&random, 2), 5,
                                                 95 + random_below(&random, 10));
            order.command.tif = TIF_IOC;
            venue_submit(venue, DOOR_WEB, &order);
        }
        venue->now_ns += 1000000;
        venue_run(venue);
    }
    venue->journal_is_held = false;
    venue_run(venue);
}

/* Everything that a client received after its acceptance, packet heads included. */
static size_t all_after_acceptance(struct venue *venue, uint32_t client, unsigned char **bytes) {
    const struct venue_client *from = &venue->clients[client];
    size_t count = from->received_bytes - 33;

    *bytes = malloc(count);
    assert_non_null(*bytes);
    memcpy(*bytes, from->received + 33, count);
    return count;
}

static void every_number_may_be_asked_for_and_the_bytes_are_the_same(void **state) {
    struct venue *venue = *state;
    unsigned char *day;

    print_message("seed %lu\n", (unsigned long)seed);
    venue_connect(venue, 0, false);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_connect(venue, 1, false);
    venue_send_logon(venue, 1, "BOB", "secret", "", 1);
    trade(venue, 2500);
    size_t day_bytes = all_after_acceptance(venue, 0, &day);
    venue_hang_up(venue, 0);

    size_t at = 0;
    uint64_t sequence = 1;
    for (; at < day_bytes; sequence++) {
        struct soup_bin_packet packet;
        venue_connect(venue, 2, false);
        venue_send_logon(venue, 2, "ALICE", "secret", "CX20240102", sequence);
        venue_run(venue);
        assert_int_equal(venue->clients[2].received_bytes, 33 + day_bytes - at);
        assert_memory_equal(venue->clients[2].received + 33, day + at, day_bytes - at);
        venue_hang_up(venue, 2);
        assert_int_equal(soup_bin_decode(day + at, day_bytes - at, &packet), SOUP_BIN_PACKET);
        assert_int_equal(packet.type, SOUP_BIN_SEQUENCED);
        at += packet.packet_bytes;
    }
    print_message("%lu messages of the day, %zu bytes\n", (unsigned long)(sequence - 1), day_bytes);
    assert_true(sequence > 1000);
    free(day);
}

static void a_restart_makes_the_same_bytes_from_the_records(void **state) {
    struct venue *venue = *state;
    unsigned char *day[2];
    size_t day_bytes[2];

    venue_connect(venue, 0, false);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_connect(venue, 1, false);
    venue_send_logon(venue, 1, "BOB", "secret", "", 1);
    trade(venue, 2500);
    for (uint32_t i = 0; i < 2; i++)
        day_bytes[i] = all_after_acceptance(venue, i, &day[i]);
    venue_restart(venue);
    venue_connect(venue, 0, false);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_connect(venue, 1, false);
    venue_send_logon(venue, 1, "BOB", "secret", "", 1);
    venue_run(venue);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(venue->clients[i].received_bytes, 33 + day_bytes[i]);
        assert_memory_equal(venue->clients[i].received + 33, day[i], day_bytes[i]);
        free(day[i]);
    }
    /* And it goes on: live orders are known by their names. */
    struct ouch50_message order = venue_order(5000, 'B', 1, 96);
    venue->clients[0].read_bytes = venue->clients[0].received_bytes;
    venue_send_message(venue, 0, &order);
    order = venue_replace(5000, 5001, 2, 95);
    venue_send_message(venue, 0, &order);
    venue_run(venue);
    venue_expect(venue, 0, "AU");
}

static void packets_may_be_cut_at_every_byte(void **state) {
    struct venue *venue = *state;
    struct ouch50_message message = venue_order(1, 'B', 10, 100);
    unsigned char script[512];

    venue_connect(venue, 0, false);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_send_message(venue, 0, &message);
    message = venue_replace(1, 2, 9, 99);
    venue_send_message(venue, 0, &message);
    message = venue_cancel(2, 0);
    venue_send_message(venue, 0, &message);
    venue_send_packet(venue, 0, SOUP_BIN_CLIENT_HEARTBEAT, NULL, 0);
    size_t count = venue->clients[0].unread_bytes;
    memcpy(script, venue->clients[0].unread, count);
    venue_hang_up(venue, 0);

    for (size_t cut = 0; cut <= count; cut++) {
        venue_connect(venue, 0, false);
        venue_send(venue, 0, script, cut);
        venue_run(venue);
        venue_send(venue, 0, script + cut, count - cut);
        venue_run(venue);
        assert_true(venue->clients[0].is_open);
        assert_int_equal(venue_packet(venue, 0, NULL, NULL), SOUP_BIN_LOGIN_ACCEPTED);
        venue_expect(venue, 0, "SAUC"); /* the first time; then retransmissions */
        venue_hang_up(venue, 0);
    }
    venue_connect(venue, 0, false);
    for (size_t at = 0; at < count; at++) {
        venue_send(venue, 0, script + at, 1);
        venue_run(venue);
    }
    assert_int_equal(venue_packet(venue, 0, NULL, NULL), SOUP_BIN_LOGIN_ACCEPTED);
    venue_expect(venue, 0, "SAUC");
}

/* Sends these packets after a logon (or without one), and says how the connection ended. */
static enum order_entry_end end_after(struct venue *venue, bool logged_on, const void *bytes,
                                      size_t count) {
    if (logged_on)
        venue_logon(venue, 3, "ALICE", 0);
    else
        venue_connect(venue, 3, true);
    venue_send(venue, 3, bytes, count);
    venue_run(venue);
    enum order_entry_end end = venue->clients[3].end;
    if (venue->clients[3].is_open)
        venue_hang_up(venue, 3);
    return end;
}

#define END_AFTER(logged_on, text) end_after(venue, logged_on, text, sizeof text - 1)

static void input_that_cannot_be_read_ends_its_session_and_no_other(void **state) {
    struct venue *venue = *state;

    venue_logon(venue, 1, "BOB", 2);
    assert_int_equal(END_AFTER(true, "\0\0"), END_MALFORMED);
    assert_int_equal(END_AFTER(true, "\0\1U"), END_MALFORMED);
    assert_int_equal(END_AFTER(true, "\0\2UO"), END_MALFORMED);
    assert_int_equal(END_AFTER(true, "\0\13UX\0\0\0\1\0\0\0\0\0"), END_MALFORMED);
    assert_int_equal(END_AFTER(true, "\0\2Uz"), END_UNKNOWN_TYPE);
    assert_int_equal(END_AFTER(true, "\0\2UA"), END_UNKNOWN_TYPE);
    assert_int_equal(END_AFTER(true, "\0\1H"), END_UNKNOWN_TYPE);
    assert_int_equal(END_AFTER(true, "\0\1?"), END_UNKNOWN_TYPE);
    assert_int_equal(END_AFTER(true, "\0\2R!"), END_MALFORMED);
    assert_int_equal(END_AFTER(true, "\0\2O!"), END_MALFORMED);
    assert_int_equal(END_AFTER(true, "\2\0U"), END_OVERSIZED); /* 514 bytes with its length */
    assert_int_equal(END_AFTER(true, "\377\377U"), END_OVERSIZED);
    assert_int_equal(END_AFTER(true, "\1\376U"), END_NONE); /* the longest, and not there yet */
    assert_int_equal(END_AFTER(true, "\0\1L"), END_OUT_OF_PLACE);
    assert_int_equal(END_AFTER(false, "\0\1L"), END_MALFORMED);
    assert_int_equal(END_AFTER(false, "\0\2UQ"), END_OUT_OF_PLACE);
    assert_int_equal(END_AFTER(false, "\0\1R"), END_OUT_OF_PLACE);
    assert_int_equal(END_AFTER(false, "\0\3+hi"), END_NONE);
    assert_int_equal(END_AFTER(false, "GET / HTTP/1.1\r\n\r\n"), END_OVERSIZED);
    assert_true(venue->clients[1].is_open);
    venue_expect_nothing(venue, 1);
    assert_int_equal(order_entry_counters(venue->entry)->end_count[END_OVERSIZED], 3);
}

static void a_session_that_is_ended_is_told_why(void **state) {
    struct venue *venue = *state;
    const unsigned char *payload = NULL;
    size_t count = 0;

    END_AFTER(false, "\0\2UQ");
    assert_int_equal(venue_packet(venue, 3, &payload, &count), SOUP_BIN_DEBUG);
    assert_int_equal(count, strlen(order_entry_end_sentence(END_OUT_OF_PLACE)));
    assert_memory_equal(payload, order_entry_end_sentence(END_OUT_OF_PLACE), count);
}

static void random_bytes_never_make_an_order_before_a_logon(void **state) {
    struct venue *venue = *state;
    struct random random = random_seeded(seed);

    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[200];
        size_t count = random_below(&random, sizeof bytes);
        for (size_t at = 0; at < count; at++)
            bytes[at] = (unsigned char)random_next(&random);
        if (random_below(&random, 2) && count > 2) { /* packets that are likelier to be whole */
            bytes[0] = 0;
            bytes[1] = (unsigned char)(1 + random_below(&random, 60));
            bytes[2] = (unsigned char)"LUROHZ+"[random_below(&random, 7)];
        }
        venue_connect(venue, 0, true);
        venue_send(venue, 0, bytes, count);
        venue_run(venue);
        if (round % 50 == 0)
            venue_wait(venue, 2 * (uint64_t)SECOND);
        if (venue->clients[0].is_open)
            venue_hang_up(venue, 0);
    }
    assert_int_equal(venue->input_count, 0);
    assert_int_equal(order_entry_session_count(venue->entry), 0);
}

static void random_messages_of_a_session_leave_the_others_alone(void **state) {
    struct venue *venue = *state;
    struct random random = random_seeded(seed);

    venue_logon(venue, 1, "BOB", 2);
    for (int round = 0; round < 5000; round++) {
        unsigned char bytes[90];
        size_t count = 1 + random_below(&random, sizeof bytes - 1);
        for (size_t at = 0; at < count; at++)
            bytes[at] = (unsigned char)random_next(&random);
        bytes[0] = (unsigned char)"OUXMQ"[random_below(&random, 5)];
        if (bytes[0] == 'O' && count >= 47) { /* an order of random fields that can be read */
            count = 47;
            bytes[45] = bytes[46] = 0;
            memcpy(bytes + 10, "BTCUSDT ", 8);
        }
        venue_logon(venue, 0, "ALICE", 0);
        venue_send_packet(venue, 0, SOUP_BIN_UNSEQUENCED, bytes, count);
        venue_run(venue);
        if (venue->clients[0].is_open)
            venue_hang_up(venue, 0);
    }
    assert_true(venue->clients[1].is_open);
    venue_expect_nothing(venue, 1);
    assert_true(venue->input_count > 100);
    engine_audit(venue->engine);
}

static void a_session_that_sends_too_fast_is_read_at_its_rate(void **state) {
    struct order_entry_settings settings = order_entry_usual;
    struct ouch50_message query = {.type = OUCH50_QUERY};

    (void)state;
    settings.messages_per_second = 10;
    settings.message_burst = 5;
    struct venue *venue = venue_open(&settings, 1 << 22);
    venue_logon(venue, 0, "ALICE", 2);
    for (int i = 0; i < 25; i++)
        venue_send_message(venue, 0, &query);
    venue_run(venue);
    assert_int_equal(venue->input_count, 5);
    venue_wait(venue, SECOND / 2);
    assert_in_range(venue->input_count, 9, 10);
    /* Coming back does not fill the bucket. */
    venue_logon(venue, 1, "ALICE", 0);
    for (int i = 0; i < 25; i++)
        venue_send_message(venue, 1, &query);
    uint32_t before = venue->input_count;
    venue_wait(venue, SECOND);
    assert_in_range(venue->input_count - before, 9, 11);
    venue_wait(venue, 60 * (uint64_t)SECOND);          /* it waits, so its silence is ours */
    assert_int_equal(venue->input_count - before, 26); /* and 15 s after the last, it is dead */
    assert_true(order_entry_counters(venue->entry)->throttled_count > 0);
}

static void a_full_store_ends_the_session_and_spares_the_others(void **state) {
    struct ouch50_message query = {.type = OUCH50_QUERY};

    (void)state;
    struct venue *venue = venue_open(&order_entry_usual, 1 << 18); /* 128 KiB for each */
    venue_logon(venue, 0, "ALICE", 2);
    venue_logon(venue, 1, "BOB", 2);
    for (int i = 0; i < 10000 && venue->clients[0].is_open; i++) {
        venue_send_message(venue, 0, &query);
        venue->now_ns += 1000000;
        venue_run(venue);
    }
    assert_int_equal(venue->clients[0].end, END_STORE_FULL);
    assert_int_equal(order_entry_counters(venue->entry)->lost_reply_count, 0);
    venue_connect(venue, 2, true);
    venue_send_logon(venue, 2, "ALICE", "secret", "", 1);
    venue_run(venue);
    assert_int_equal(venue_packet(venue, 2, NULL, NULL), SOUP_BIN_LOGIN_REJECTED);
    venue_send_message(venue, 1, &query);
    venue_run(venue);
    venue_expect(venue, 1, "Q");
    venue_day(venue, 20240103); /* a new day has room again */
    venue_run(venue);
    venue_logon(venue, 3, "ALICE", 1);
    venue_expect(venue, 3, "S");
}

#define CASE(name) cmocka_unit_test_setup(name, open_venue)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        CASE(every_number_may_be_asked_for_and_the_bytes_are_the_same),
        CASE(a_restart_makes_the_same_bytes_from_the_records),
        CASE(packets_may_be_cut_at_every_byte),
        CASE(input_that_cannot_be_read_ends_its_session_and_no_other),
        CASE(a_session_that_is_ended_is_told_why),
        CASE(random_bytes_never_make_an_order_before_a_logon),
        CASE(random_messages_of_a_session_leave_the_others_alone),
        cmocka_unit_test(a_session_that_sends_too_fast_is_read_at_its_rate),
        cmocka_unit_test(a_full_store_ends_the_session_and_spares_the_others),
    };
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
