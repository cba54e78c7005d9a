/* What net.h promises on every transport. Each test runs over kernel sockets and over lwIP. */
#include "pair.h"

#define CONNECTION_MAX 3

static int open_kernel(void **state) {
    *state = pair_new(NET_KERNEL_SOCKETS, CONNECTION_MAX, 1);
    return 0;
}

static int open_frames(void **state) {
    *state = pair_new(NET_FRAMES, CONNECTION_MAX, 1);
    return 0;
}

static int end(void **state) {
    pair_free(*state);
    return 0;
}

static void what_one_side_sends_the_other_receives(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;

    pair_connect(pair, &client, &server);
    assert_int_equal(net_send(pair->client, client, "bid", 3), 3);
    struct net_event received = pair_await(pair, 0, NET_RECEIVED);
    assert_int_equal(received.length_bytes, 3);
    assert_memory_equal(received.bytes, "bid", 3);
    net_consume(pair->server, server, 3);

    assert_int_equal(net_send(pair->server, server, "accepted", 8), 8);
    net_flush(pair->server);
    received = pair_await(pair, 1, NET_RECEIVED);
    assert_int_equal(received.length_bytes, 8);
    assert_memory_equal(received.bytes, "accepted", 8);
}

static void what_was_not_consumed_comes_again_before_the_new_bytes(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;
    const unsigned char *unread;

    pair_connect(pair, &client, &server);
    assert_int_equal(net_send(pair->client, client, "abcd", 4), 4);
    pair_await(pair, 0, NET_RECEIVED);
    net_consume(pair->server, server, 1);
    assert_int_equal(net_unread(pair->server, server, &unread), 3);
    assert_memory_equal(unread, "bcd", 3);

    assert_int_equal(net_send(pair->client, client, "ef", 2), 2);
    struct net_event received = pair_await(pair, 0, NET_RECEIVED);
    assert_int_equal(received.length_bytes, 5);
    assert_memory_equal(received.bytes, "bcdef", 5);
    pair_run(pair, 20);
    assert_int_equal(pair->server_event_count, 0); /* nothing new: nothing is told again */
}

static void a_connection_beyond_the_limit_is_reset(void **state) {
    struct pair *pair = *state;
    struct net_id client[CONNECTION_MAX], server, beyond;

    for (uint32_t index = 0; index < CONNECTION_MAX; index++)
        pair_connect(pair, &client[index], &server);
    assert_int_equal(net_connect(pair->client, pair->server_address, &beyond), NET_OK);
    struct net_event closed = pair_await(pair, 1, NET_CLOSED);
    assert_int_equal(closed.connection.index, beyond.index);
    assert_int_equal(closed.why, NET_WHY_PEER_RESET);
    assert_int_equal(net_counters(pair->server)->refused_count, 1);

    /* The step back: one leaves, and the next is welcome. */
    net_abort(pair->client, client[0]);
    pair_await(pair, 0, NET_CLOSED);
    pair_connect(pair, &beyond, &server);
}

static void a_reset_by_the_peer_is_told(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;

    pair_connect(pair, &client, &server);
    net_abort(pair->client, client);
    struct net_event closed = pair_await(pair, 0, NET_CLOSED);
    assert_int_equal(closed.connection.index, server.index);
    assert_int_equal(closed.connection.generation, server.generation);
    assert_int_equal(closed.why, NET_WHY_PEER_RESET);
}

static void ids_of_ended_connections_do_nothing(void **state) {
    struct pair *pair = *state;
    struct net_id client, server, next;
    const unsigned char *unread;

    pair_connect(pair, &client, &server);
    net_abort(pair->server, server);
    net_abort(pair->server, server);
    net_close(pair->server, server);
    net_consume(pair->server, server, 5);
    assert_int_equal(net_send(pair->server, server, "x", 1), 0);
    assert_int_equal(net_unread(pair->server, server, &unread), 0);
    assert_int_equal(net_send(pair->server, (struct net_id){0}, "x", 1), 0);
    assert_int_equal(
        net_send(pair->server, (struct net_id){.index = UINT32_MAX, .generation = 1}, "x", 1), 0);
    pair_await(pair, 1, NET_CLOSED);

    /* The slot's next user is another connection. */
    pair_connect(pair, &client, &next);
    assert_int_equal(next.index, server.index);
    assert_int_not_equal(next.generation, server.generation);
    net_abort(pair->server, server);
    assert_int_equal(net_send(pair->server, next, "x", 1), 1);
}

static void connecting_to_nobody_is_refused(void **state) {
    struct pair *pair = *state;
    struct net_id client;

    net_close_listeners(pair->server);
    assert_int_equal(net_connect(pair->client, pair->server_address, &client), NET_OK);
    assert_int_equal(pair_await(pair, 1, NET_CLOSED).why, NET_WHY_REFUSED);
}

/* A close with unread input must not cost the peer our last words, as a plain close(2) would. */
static void the_last_words_arrive_before_the_end(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;

    pair_connect(pair, &client, &server);
    assert_int_equal(net_send(pair->client, client, "bad logon", 9), 9);
    pair_await(pair, 0, NET_RECEIVED);
    assert_int_equal(net_send(pair->client, client, "more", 4), 4);
    assert_int_equal(net_send(pair->server, server, "rejected", 8), 8);
    net_close(pair->server, server);

    struct net_event received = pair_await(pair, 1, NET_RECEIVED);
    assert_memory_equal(received.bytes, "rejected", 8);
    if (pair->client_event_count < 2 || pair->client_events[1].kind != NET_FINISHED)
        pair_await(pair, 1, NET_FINISHED);
    net_close(pair->client, client);
    pair_run(pair, 200);
    assert_int_equal(net_counters(pair->server)->closed_count, 1);
    assert_int_equal(net_counters(pair->client)->closed_count, 1);
}

static void a_peer_that_never_closes_is_reset_after_the_linger(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;

    pair_connect(pair, &client, &server);
    net_close(pair->server, server);
    pair_await(pair, 1, NET_FINISHED);
    pair_run(pair, 10);
    assert_int_equal(net_counters(pair->server)->closed_count, 0);
    pair_run(pair, (uint32_t)(NET_LINGER_NS / PAIR_STEP_NS));
    assert_int_equal(net_counters(pair->server)->closed_count, 1);
    assert_int_equal(net_send(pair->client, client, "x", 1), 0);
}

static uint32_t send_until_short(struct pair *pair, struct net_id client, uint32_t sent_bytes) {
    unsigned char bytes[1000];

    for (uint32_t step = 0; step < 2000; step++) {
        for (uint32_t index = 0; index < sizeof bytes; index++)
            bytes[index] = (unsigned char)((sent_bytes + index) * 7 % 251);
        sent_bytes += net_send(pair->client, client, bytes, sizeof bytes);
        pair_step(pair);
    }
    return sent_bytes;
}

static void a_reader_that_does_not_consume_stops_the_sender(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;
    const unsigned char *unread;
    uint32_t checked_bytes = 0;
    bool sendable = false;

    pair_connect(pair, &client, &server);
    uint32_t sent_bytes = send_until_short(pair, client, 0);
    assert_int_equal(net_unread(pair->server, server, &unread), NET_WINDOW_BYTES);
    assert_int_equal(net_send(pair->client, client, "x", 1), 0);
    assert_true(sent_bytes < 2000 * 1000);
    /* Bounded: our window, and what the two transports keep below it. */
    assert_true(sent_bytes <= NET_WINDOW_BYTES + 16 * NET_SEND_BYTES);

    /* The other way: consuming lets it run again, and no byte was lost. In odd pieces, to cross the
     * buffer's end. */
    for (uint32_t step = 0; step < 100000 && checked_bytes < sent_bytes; step++) {
        uint32_t unread_bytes = net_unread(pair->server, server, &unread);
        uint32_t piece_bytes = unread_bytes < 3333 ? unread_bytes : 3333;

        for (uint32_t index = 0; index < piece_bytes; index++, checked_bytes++)
            assert_int_equal(unread[index], checked_bytes * 7 % 251);
        net_consume(pair->server, server, piece_bytes);
        pair_step(pair);
        for (uint32_t index = 0; index < pair->client_event_count; index++)
            sendable |= pair->client_events[index].kind == NET_SENDABLE;
    }
    assert_int_equal(checked_bytes, sent_bytes);
    assert_true(sendable);
}

static void events_beyond_the_array_come_with_the_next_poll(void **state) {
    struct pair *pair = *state;
    struct net_id client[2];
    struct net_event event;
    uint32_t opened_count = 0;
    uint32_t received_count = 0;

    for (uint32_t index = 0; index < 2; index++)
        assert_int_equal(net_connect(pair->client, pair->server_address, &client[index]), NET_OK);
    for (uint32_t step = 0; step < 100; step++) {
        pair->now_ns += PAIR_STEP_NS;
        pair->client_event_count =
            net_poll(pair->client, pair->now_ns, pair->client_events, PAIR_EVENT_MAX);
        for (uint32_t index = 0; index < pair->client_event_count; index++)
            if (pair->client_events[index].kind == NET_OPENED)
                assert_int_equal(
                    net_send(pair->client, pair->client_events[index].connection, "a", 1), 1);
        if (net_poll(pair->server, pair->now_ns, &event, 1) == 0)
            continue;
        opened_count += event.kind == NET_OPENED;
        received_count += event.kind == NET_RECEIVED;
    }
    assert_int_equal(opened_count, 2);
    assert_int_equal(received_count, 2);
}

static void limits_out_of_range_are_refused(void **state) {
    struct pair *pair = *state;
    struct net_config config = pair_config(pair, 0);
    struct net *net;
    uint16_t port;

    config.connection_max = 0;
    assert_int_equal(net_open(&config, &net), NET_BAD_CONFIG);
    config.connection_max = NET_CONNECTION_MAX + 1;
    assert_int_equal(net_open(&config, &net), NET_BAD_CONFIG);
    config.connection_max = 1;
    config.keepalive_count = 0;
    assert_int_equal(net_open(&config, &net), NET_BAD_CONFIG);
    config.keepalive_count = 1;
    config.transport = NET_FRAMES;
    config.frames = NULL;
    assert_int_equal(net_open(&config, &net), NET_BAD_CONFIG);
    assert_null(net);

    assert_int_equal(net_listen(pair->server, pair->server_address.port, &port), NET_NO_ADDRESS);
    for (uint32_t index = 1; index < NET_LISTENER_MAX; index++)
        assert_int_equal(net_listen(pair->server, 0, &port), NET_OK);
    assert_int_equal(net_listen(pair->server, 0, &port), NET_FULL);
}

/* The server closes first, so the old connection still fades on its side (TIME_WAIT). */
static void a_port_is_listened_to_again_at_once(void **state) {
    struct pair *pair = *state;
    struct net_id client, server;
    uint16_t port = 0;

    pair_connect(pair, &client, &server);
    net_close(pair->server, server);
    pair_await(pair, 1, NET_FINISHED);
    net_close(pair->client, client);
    pair_run(pair, 20);
    net_close_listeners(pair->server);
    assert_int_equal(net_listen(pair->server, pair->server_address.port, &port), NET_OK);
    assert_int_equal(port, pair->server_address.port);
    pair_connect(pair, &client, &server);
}

#define ON_BOTH(test)                                                                              \
    {"kernel: " #test, test, open_kernel, end, NULL}, {                                            \
        "frames: " #test, test, open_frames, end, NULL                                             \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(what_one_side_sends_the_other_receives),
        ON_BOTH(what_was_not_consumed_comes_again_before_the_new_bytes),
        ON_BOTH(a_connection_beyond_the_limit_is_reset),
        ON_BOTH(a_reset_by_the_peer_is_told),
        ON_BOTH(ids_of_ended_connections_do_nothing),
        ON_BOTH(connecting_to_nobody_is_refused),
        ON_BOTH(the_last_words_arrive_before_the_end),
        ON_BOTH(a_peer_that_never_closes_is_reset_after_the_linger),
        ON_BOTH(a_reader_that_does_not_consume_stops_the_sender),
        ON_BOTH(events_beyond_the_array_come_with_the_next_poll),
        ON_BOTH(a_port_is_listened_to_again_at_once),
        ON_BOTH(limits_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
