/* One struct net on a frame port, and a peer written by hand that does what no proper stack would.
 */
#include "drivers/nic/simulated_port.h"
#include "net/net.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define STEP_NS        100000u
#define SERVER_HOST    0x0A090002u
#define PEER_HOST      0x0A090001u
#define SERVER_PORT    7000
#define CONNECTION_MAX 4
#define SEEN_MAX       256

struct hostile {
    struct simulated_link link;
    struct frame_port *port; /* the peer's */
    struct net *net;
    uint64_t now_ns;
    uint32_t event_count;
    uint32_t kind_counts[NET_CLOSED + 1];
    struct net_event last_event;
    uint32_t seen_count; /* segments the server sent, since hostile_forget */
    struct wire_segment seen[SEEN_MAX];
};

static int hostile_open(void **state) {
    struct hostile *hostile = calloc(1, sizeof *hostile);
    static uint64_t last_ns = 1000000000u;
    uint16_t port;

    assert_non_null(hostile);
    simulated_link_init(&hostile->link, 1);
    hostile->port = simulated_link_port(&hostile->link, 1);
    hostile->now_ns = last_ns += 1000000000000u;
    struct net_config config = {
        .transport = NET_FRAMES,
        .host = SERVER_HOST,
        .mask = 0xFFFFFF00u,
        .connection_max = CONNECTION_MAX,
        .frames = simulated_link_port(&hostile->link, 0),
    };
    assert_int_equal(net_open(&config, &hostile->net), NET_OK);
    assert_int_equal(net_listen(hostile->net, SERVER_PORT, &port), NET_OK);
    *state = hostile;
    return 0;
}

static int hostile_end(void **state) {
    struct hostile *hostile = *state;

    net_end(hostile->net);
    free(hostile);
    return 0;
}

static void frame_send(struct hostile *hostile, const unsigned char *bytes, uint32_t length_bytes) {
    unsigned char *place = frame_port_prepare(hostile->port, length_bytes);

    assert_non_null(place);
    memcpy(place, bytes, length_bytes);
    frame_port_flush(hostile->port);
}

static void segment_send(struct hostile *hostile, struct wire_segment segment) {
    static const unsigned char server_mac[FRAME_MAC_BYTES] = {2, 0, 0, 0, 0, 1};
    unsigned char frame[FRAME_BYTES_MAX];

    segment.target_host = SERVER_HOST;
    segment.target_port = SERVER_PORT;
    frame_send(hostile, frame, wire_write(frame, &segment, hostile->port->mac, server_mac));
}

static void step(struct hostile *hostile) {
    struct net_event events[16];
    struct frame frames[FRAME_BURST_MAX];
    unsigned char answer[64];

    hostile->now_ns += STEP_NS;
    uint32_t event_count = net_poll(hostile->net, hostile->now_ns, events, 16);
    for (uint32_t index = 0; index < event_count; index++) {
        hostile->kind_counts[events[index].kind]++;
        hostile->last_event = events[index];
    }
    hostile->event_count += event_count;
    uint32_t count = frame_port_receive(hostile->port, frames, FRAME_BURST_MAX);
    for (uint32_t index = 0; index < count; index++) {
        uint32_t answer_bytes = wire_answer_arp(&frames[index], hostile->port->mac, answer);

        if (answer_bytes > 0)
            frame_send(hostile, answer, answer_bytes);
        else if (hostile->seen_count < SEEN_MAX &&
                 wire_read(&frames[index], &hostile->seen[hostile->seen_count]))
            hostile->seen_count++;
    }
}

static void steps(struct hostile *hostile, uint32_t count) {
    while (count-- > 0)
        step(hostile);
}

/* Handshake from `port`; the next sequence numbers of both sides come back. */
static struct wire_segment handshake(struct hostile *hostile, uint16_t port,
                                     uint32_t first_sequence) {
    struct wire_segment mine = {.source_host = PEER_HOST,
                                .source_port = port,
                                .sequence = first_sequence,
                                .flags = WIRE_SYN,
                                .window = 8000};

    hostile->seen_count = 0;
    segment_send(hostile, mine);
    steps(hostile, 5);
    assert_true(hostile->seen_count >= 1);
    assert_int_equal(hostile->seen[0].flags, WIRE_SYN | WIRE_ACK);
    assert_int_equal(hostile->seen[0].acknowledged, first_sequence + 1);
    mine.sequence = first_sequence + 1;
    mine.acknowledged = hostile->seen[0].sequence + 1;
    mine.flags = WIRE_ACK;
    segment_send(hostile, mine);
    steps(hostile, 2);
    hostile->seen_count = 0;
    return mine;
}

static void a_reset_outside_the_window_is_ignored(void **state) {
    struct hostile *hostile = *state;
    struct wire_segment mine = handshake(hostile, 5000, 1000);

    assert_int_equal(hostile->kind_counts[NET_OPENED], 1);
    struct wire_segment reset = mine;
    reset.flags = WIRE_RST;
    reset.sequence = mine.sequence + 100000; /* beyond the window */
    segment_send(hostile, reset);
    reset.sequence = mine.sequence - 1;
    segment_send(hostile, reset);
    steps(hostile, 20);
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 0);

    /* Inside the window but not at its edge: a guess. It is asked about (RFC 5961), and ends
     * nothing. */
    hostile->seen_count = 0;
    reset.sequence = mine.sequence + 10;
    segment_send(hostile, reset);
    steps(hostile, 200);
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 0);
    assert_true(hostile->seen_count >= 1);
    assert_int_equal(hostile->seen[0].flags, WIRE_ACK);

    reset.sequence = mine.sequence; /* the true one */
    segment_send(hostile, reset);
    steps(hostile, 5);
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 1);
    assert_int_equal(hostile->last_event.why, NET_WHY_PEER_RESET);
}

static void data_beyond_the_window_is_not_taken(void **state) {
    struct hostile *hostile = *state;
    struct wire_segment mine = handshake(hostile, 5000, 1000);
    const unsigned char *unread;

    mine.bytes = (const unsigned char *)"far";
    mine.length_bytes = 3;
    mine.sequence += 200000;
    segment_send(hostile, mine);
    steps(hostile, 20);
    assert_int_equal(net_unread(hostile->net, hostile->last_event.connection, &unread), 0);
    assert_int_equal(hostile->kind_counts[NET_RECEIVED], 0);
}

static void handshakes_that_are_never_finished_take_no_connection(void **state) {
    struct hostile *hostile = *state;

    for (uint16_t port = 1; port <= 2 * NET_BACKLOG; port++) {
        segment_send(hostile, (struct wire_segment){.source_host = PEER_HOST,
                                                    .source_port = port,
                                                    .sequence = port * 1000u,
                                                    .flags = WIRE_SYN,
                                                    .window = 8000});
        step(hostile);
    }
    steps(hostile, 20);
    assert_int_equal(hostile->event_count, 0);
    assert_int_equal(net_counters(hostile->net)->refused_count, 0);

    /* The backlog is full, so a true client waits; after lwIP's 20 s it is let in. */
    steps(hostile, 21000000000u / STEP_NS);
    handshake(hostile, 6000, 77);
    assert_int_equal(hostile->kind_counts[NET_OPENED], 1);
}

/* lwIP 2.1.3 keeps such a segment untrimmed when it queues what came out of order, and stops the
 * process by an assertion when the gap closes. lwipopts.h has that queue switched off. */
static void a_segment_that_grows_beyond_the_window_stops_nothing(void **state) {
    struct hostile *hostile = *state;
    static const unsigned char bytes[1400];
    struct wire_segment mine = handshake(hostile, 5000, 1000);
    struct net_id connection = hostile->last_event.connection;
    const unsigned char *unread;
    uint32_t first = mine.sequence;
    uint32_t edge_bytes = NET_WINDOW_BYTES - 100;

    mine.bytes = bytes;
    for (mine.length_bytes = 200; mine.length_bytes <= 300; mine.length_bytes += 100) {
        mine.sequence = first + edge_bytes;
        segment_send(hostile, mine);
        steps(hostile, 2);
    }
    for (uint32_t sent_bytes = 0; sent_bytes < edge_bytes; sent_bytes += mine.length_bytes) {
        mine.sequence = first + sent_bytes;
        mine.length_bytes = edge_bytes - sent_bytes < 1400 ? edge_bytes - sent_bytes : 1400;
        segment_send(hostile, mine);
        steps(hostile, 2);
    }
    assert_true(net_unread(hostile->net, connection, &unread) >= edge_bytes);
    assert_true(net_unread(hostile->net, connection, &unread) <= NET_WINDOW_BYTES);
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 0);
}

/* These made lwIP stop by an assertion; found by tests/fuzz/fuzz_frames.c. */
static void a_segment_size_told_after_the_handshake_is_not_obeyed(void **state) {
    struct hostile *hostile = *state;
    static const unsigned char size_option[4] = {2, 4, 0, 20};
    unsigned char bytes[5000] = {0};
    unsigned char frame[FRAME_BYTES_MAX];
    struct wire_segment mine = handshake(hostile, 5000, 1000);
    struct net_id connection = hostile->last_event.connection;

    /* More than the window of 8000, so that segments of the old size wait to be sent. */
    for (uint32_t round = 0; round < 4; round++) {
        assert_true(net_send(hostile->net, connection, bytes, sizeof bytes) > 0);
        step(hostile);
    }
    mine.bytes = size_option;
    mine.length_bytes = sizeof size_option;
    mine.target_host = SERVER_HOST;
    mine.target_port = SERVER_PORT;
    uint32_t frame_bytes =
        wire_write(frame, &mine, hostile->port->mac, (unsigned char[]){2, 0, 0, 0, 0, 1});
    frame[14 + 20 + 12] = 6 << 4; /* one word of options */
    wire_checksums(frame, frame_bytes);
    frame_send(hostile, frame, frame_bytes);
    step(hostile);
    assert_true(net_send(hostile->net, connection, bytes, sizeof bytes) > 0);
    steps(hostile, 10);
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 0);
}

static void a_sequence_number_half_a_circle_away_stops_nothing(void **state) {
    struct hostile *hostile = *state;
    struct wire_segment mine = handshake(hostile, 5000, 1000);

    mine.bytes = (const unsigned char *)"x";
    mine.length_bytes = 1;
    mine.sequence -= 0x80000000u;
    segment_send(hostile, mine);
    steps(hostile, 10);
    mine.sequence += 0x80000000u;
    segment_send(hostile, mine);
    steps(hostile, 10);
    assert_int_equal(hostile->kind_counts[NET_RECEIVED], 1);
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 0);
}

static void a_window_that_starts_at_nothing_may_grow(void **state) {
    struct hostile *hostile = *state;
    unsigned char bytes[700] = {0};
    struct wire_segment mine = {.source_host = PEER_HOST,
                                .source_port = 5000,
                                .sequence = 1000,
                                .flags = WIRE_SYN,
                                .window = 0};

    segment_send(hostile, mine);
    steps(hostile, 5);
    mine.sequence++;
    mine.acknowledged = hostile->seen[0].sequence + 1;
    mine.flags = WIRE_ACK;
    segment_send(hostile, mine);
    steps(hostile, 2);
    assert_int_equal(hostile->kind_counts[NET_OPENED], 1);
    for (mine.window = 0; mine.window < 300; mine.window++) {
        (void)(net_send(hostile->net, hostile->last_event.connection, bytes, sizeof bytes) + 1);
        segment_send(hostile, mine);
        step(hostile);
    }
    assert_int_equal(hostile->kind_counts[NET_CLOSED], 0);
}

/* RFC 6528: numbers of neighbouring connections tell nothing of each other. lwIP's own would differ
 * by a small constant per tick. */
static void first_sequence_numbers_are_not_to_be_guessed(void **state) {
    struct hostile *hostile = *state;
    uint32_t previous = 0;
    uint32_t far_count = 0;

    for (uint16_t port = 2000; port < 2032; port++) {
        struct wire_segment mine = {.source_host = PEER_HOST,
                                    .source_port = port,
                                    .sequence = 1,
                                    .flags = WIRE_SYN,
                                    .window = 8000};

        hostile->seen_count = 0;
        segment_send(hostile, mine);
        steps(hostile, 5);
        assert_true(hostile->seen_count >= 1);
        uint32_t distance = hostile->seen[hostile->seen_count - 1].sequence - previous;
        far_count += distance > 1u << 24 && distance < 0xFFFFFFFFu - (1u << 24);
        previous = hostile->seen[hostile->seen_count - 1].sequence;
        mine.sequence = 2;
        mine.flags = WIRE_RST;
        segment_send(hostile, mine);
        steps(hostile, 2);
    }
    assert_true(far_count >= 28);
}

/* The same four-tuple a little later starts a little higher, so that old segments are not taken for
 * new ones. */
static void a_returning_four_tuple_starts_higher(void **state) {
    struct hostile *hostile = *state;
    uint32_t sequences[2];

    for (uint32_t round = 0; round < 2; round++) {
        struct wire_segment mine = handshake(hostile, 4000, 500);

        sequences[round] = mine.acknowledged;
        mine.flags = WIRE_RST;
        segment_send(hostile, mine);
        steps(hostile, 100);
    }
    uint32_t distance = sequences[1] - sequences[0];
    assert_true(distance > 0);
    assert_true(distance < 1u << 20);
}

static void a_peer_that_never_acknowledges_exhausts_its_own_share_only(void **state) {
    struct hostile *hostile = *state;
    unsigned char bytes[1000] = {0};
    struct net_id greedy, other;

    handshake(hostile, 5000, 1000);
    greedy = hostile->last_event.connection;
    handshake(hostile, 5001, 1000);
    other = hostile->last_event.connection;
    uint32_t taken_bytes = 0;
    for (uint32_t round = 0; round < 1000; round++) {
        taken_bytes += net_send(hostile->net, greedy, bytes, sizeof bytes);
        step(hostile);
    }
    assert_true(taken_bytes <= NET_SEND_BYTES);
    assert_true(net_send(hostile->net, greedy, bytes, sizeof bytes) < sizeof bytes);
    assert_int_equal(net_send(hostile->net, other, bytes, sizeof bytes), sizeof bytes);
}

static void frames_of_garbage_change_nothing(void **state) {
    struct hostile *hostile = *state;
    unsigned char frame[FRAME_BYTES_MAX];
    uint64_t random = 42;

    handshake(hostile, 5000, 1000);
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t length_bytes = 1 + round % FRAME_BYTES_MAX;

        for (uint32_t index = 0; index < length_bytes; index++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            frame[index] = (unsigned char)(random >> 56);
        }
        if (length_bytes > 14 && round % 2 == 0)
            wire_put16(frame + 12, round % 4 == 0 ? 0x0800 : 0x0806);
        frame_send(hostile, frame, length_bytes);
        step(hostile);
    }
    assert_int_equal(hostile->event_count, 1);
    handshake(hostile, 5001, 1000);
    assert_int_equal(hostile->kind_counts[NET_OPENED], 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reset_outside_the_window_is_ignored, hostile_open,
                                        hostile_end),
        cmocka_unit_test_setup_teardown(data_beyond_the_window_is_not_taken, hostile_open,
                                        hostile_end),
        cmocka_unit_test_setup_teardown(a_segment_that_grows_beyond_the_window_stops_nothing,
                                        hostile_open, hostile_end),
        cmocka_unit_test_setup_teardown(a_segment_size_told_after_the_handshake_is_not_obeyed,
                                        hostile_open, hostile_end),
        cmocka_unit_test_setup_teardown(a_sequence_number_half_a_circle_away_stops_nothing,
                                        hostile_open, hostile_end),
        cmocka_unit_test_setup_teardown(a_window_that_starts_at_nothing_may_grow, hostile_open,
                                        hostile_end),
        cmocka_unit_test_setup_teardown(handshakes_that_are_never_finished_take_no_connection,
                                        hostile_open, hostile_end),
        cmocka_unit_test_setup_teardown(first_sequence_numbers_are_not_to_be_guessed, hostile_open,
                                        hostile_end),
        cmocka_unit_test_setup_teardown(a_returning_four_tuple_starts_higher, hostile_open,
                                        hostile_end),
        cmocka_unit_test_setup_teardown(a_peer_that_never_acknowledges_exhausts_its_own_share_only,
                                        hostile_open, hostile_end),
        cmocka_unit_test_setup_teardown(frames_of_garbage_change_nothing, hostile_open,
                                        hostile_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
