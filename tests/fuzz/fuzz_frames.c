/* Frames into the TCP stack, from a peer that has one connection open and does as the input says.
 *
 * The input is a list of steps; the first byte of each says what it is (modulo STEP_KIND_COUNT):
 *
 *     RAW      length (2 bytes), a frame as it stands
 *     SEGMENT  which of 3 ports (1), flags (1), sequence offset (4, signed, from the true one),
 * acknowledgement offset (4), window (2), option bytes (1, times 4), data length (2): a TCP segment
 * with good checksums WAIT     milliseconds (2) CONSUME, SEND  how many bytes the owner takes or
 * sends (2) CLOSE, ABORT   the owner ends the connection
 *
 * Sound is: no sanitizer's complaint, no failed check, no lwIP assertion, and the owner's events
 * make sense (nothing after the end, never more than a window unread). */
#include "drivers/nic/simulated_port.h"
#include "net/net.h"
#include "tests/unit/net/wire.h"

#include <stddef.h>
#include <stdlib.h>

#define SERVER_HOST 0x0A090002u
#define PEER_HOST   0x0A090001u
#define SERVER_PORT 7000
#define STEP_MAX    400u

enum step_kind {
    STEP_RAW,
    STEP_SEGMENT,
    STEP_WAIT,
    STEP_CONSUME,
    STEP_SEND,
    STEP_CLOSE,
    STEP_ABORT,
    STEP_KIND_COUNT,
};

struct input {
    const uint8_t *bytes;
    size_t left_bytes;
};

static struct simulated_link link_memory;
static struct net *net;
static uint64_t now_ns = 1000000000u;
static struct net_id connection;
static bool open;
static struct wire_segment peer; /* the true next numbers of the peer */
static uint16_t peer_port = 1024;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes);

static uint32_t take(struct input *input, unsigned int count) {
    uint32_t value = 0;

    for (; count > 0 && input->left_bytes > 0; count--, input->bytes++, input->left_bytes--)
        value = value << 8 | *input->bytes;
    return value;
}

static void frame_send(const unsigned char *bytes, uint32_t length_bytes) {
    struct frame_port *port = simulated_link_port(&link_memory, 1);
    unsigned char *place = frame_port_prepare(port, length_bytes);

    if (place == NULL)
        return;
    memcpy(place, bytes, length_bytes);
    frame_port_flush(port);
}

static void segment_send(const struct wire_segment *segment, uint32_t option_words) {
    static const unsigned char server_mac[FRAME_MAC_BYTES] = {2, 0, 0, 0, 0, 1};
    unsigned char frame[FRAME_BYTES_MAX];
    struct wire_segment sent = *segment;

    sent.source_host = PEER_HOST;
    sent.source_port = (uint16_t)(peer_port + segment->source_port);
    sent.target_host = SERVER_HOST;
    sent.target_port = SERVER_PORT;
    uint32_t frame_bytes =
        wire_write(frame, &sent, simulated_link_port(&link_memory, 1)->mac, server_mac);
    /* The first data bytes become options; the checksum covers the header's length, so again. */
    frame[14 + 20 + 12] = (unsigned char)((5 + option_words) << 4);
    wire_checksums(frame, frame_bytes);
    frame_send(frame, frame_bytes);
}

static void events_take(const struct net_event *events, uint32_t count) {
    const unsigned char *unread;

    for (uint32_t index = 0; index < count; index++) {
        if (events[index].kind == NET_OPENED && !open) {
            connection = events[index].connection;
            open = true;
        }
        if (events[index].kind == NET_CLOSED && events[index].connection.index == connection.index)
            open = false;
        if (events[index].kind == NET_RECEIVED)
            check(events[index].length_bytes <= NET_WINDOW_BYTES);
    }
    check(net_unread(net, connection, &unread) <= NET_WINDOW_BYTES);
}

static void poll(uint64_t advance_ns) {
    struct net_event events[32];
    struct frame frames[FRAME_BURST_MAX];
    struct wire_segment seen;
    unsigned char answer[64];

    now_ns += advance_ns;
    events_take(events, net_poll(net, now_ns, events, 32));
    uint32_t count =
        frame_port_receive(simulated_link_port(&link_memory, 1), frames, FRAME_BURST_MAX);
    for (uint32_t index = 0; index < count; index++) {
        uint32_t answer_bytes =
            wire_answer_arp(&frames[index], simulated_link_port(&link_memory, 1)->mac, answer);

        if (answer_bytes > 0)
            frame_send(answer, answer_bytes);
        else if (wire_read(&frames[index], &seen) && seen.target_port == peer_port)
            peer.acknowledged = seen.sequence + seen.length_bytes + (seen.flags & WIRE_SYN ? 1 : 0);
    }
}

static void handshake(void) {
    peer_port = peer_port > 65000 ? 1024 : (uint16_t)(peer_port + 3);
    peer = (struct wire_segment){.sequence = 1000, .flags = WIRE_SYN, .window = 8000};
    segment_send(&peer, 0);
    for (int turn = 0; turn < 4; turn++)
        poll(100000);
    peer.sequence++;
    peer.flags = WIRE_ACK;
    segment_send(&peer, 0);
    poll(100000);
}

static void step_segment(struct input *input) {
    static unsigned char data[FRAME_BYTES_MAX];
    struct wire_segment segment = peer;

    /* 1 and 2 are other connections, which so get handshakes of every shape. */
    segment.source_port = (uint16_t)(take(input, 1) % 3);
    segment.flags = (uint8_t)take(input, 1);
    segment.sequence += take(input, 4);
    segment.acknowledged += take(input, 4);
    segment.window = (uint16_t)take(input, 2);
    uint32_t option_words = take(input, 1) % 11;
    segment.length_bytes = take(input, 2) % 1461;
    if (segment.length_bytes < option_words * 4)
        segment.length_bytes = option_words * 4;
    for (uint32_t index = 0; index < option_words * 4; index++)
        data[index] = (unsigned char)take(input, 1);
    segment.bytes = data;
    segment_send(&segment, option_words);
    if (segment.sequence == peer.sequence && segment.source_port == 0)
        peer.sequence += segment.length_bytes - option_words * 4;
}

static void step_take(struct input *input) {
    static unsigned char data[65536];
    const unsigned char *unread;
    enum step_kind kind = (enum step_kind)(take(input, 1) % STEP_KIND_COUNT);
    uint32_t amount;
    uint32_t ignored = 0;

    switch (kind) {
    case STEP_RAW:
        amount = 1 + take(input, 2) % FRAME_BYTES_MAX;
        for (uint32_t index = 0; index < amount; index++)
            data[index] = (unsigned char)take(input, 1);
        frame_send(data, amount);
        break;
    case STEP_SEGMENT: step_segment(input); break;
    case STEP_WAIT: poll(take(input, 2) * 1000000ull); break;
    case STEP_CONSUME:
        amount = take(input, 2);
        ignored = net_unread(net, connection, &unread);
        net_consume(net, connection, amount < ignored ? amount : ignored);
        break;
    case STEP_SEND: ignored = net_send(net, connection, data, take(input, 2)); break;
    case STEP_CLOSE: net_close(net, connection); break;
    case STEP_ABORT: net_abort(net, connection); break;
    case STEP_KIND_COUNT: break;
    }
    (void)ignored;
    poll(100000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes) {
    struct input input = {.bytes = bytes, .left_bytes = length_bytes};
    uint16_t port;

    simulated_link_init(&link_memory, 1);
    struct net_config config = {
        .transport = NET_FRAMES,
        .host = SERVER_HOST,
        .mask = 0xFFFFFF00u,
        .connection_max = 4,
        .keepalive_idle_ms = 5000,
        .keepalive_every_ms = 1000,
        .keepalive_count = 3,
        .frames = simulated_link_port(&link_memory, 0),
    };
    check(net_open(&config, &net) == NET_OK);
    check(net_listen(net, SERVER_PORT, &port) == NET_OK);
    open = false;
    connection = (struct net_id){0};
    handshake();
    for (uint32_t step = 0; step < STEP_MAX && input.left_bytes > 0; step++)
        step_take(&input);
    net_end(net);
    return 0;
}
