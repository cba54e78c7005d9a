/* host/net at either end. */
#include "ping_pong.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDLE_POLLS_BEFORE_SLEEP 2000u

/* On a small machine a loop that finds nothing for a while lets others run. */
static void idle(const struct options *options, uint32_t event_count, uint32_t *idle_polls) {
    *idle_polls = event_count > 0 ? 0 : *idle_polls + 1;
    if (!options->spin && *idle_polls > IDLE_POLLS_BEFORE_SLEEP)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

/* As much as the connection takes; what it does not take stays unread and comes again. */
static void echo(struct net *net, struct net_id connection) {
    const unsigned char *bytes;
    uint32_t length = net_unread(net, connection, &bytes);

    net_consume(net, connection, net_send(net, connection, bytes, length));
}

/* Echoes on; a peer that has finished gets the rest of its echo, and then the end. */
static void serve_event(struct net *net, const struct net_event *event) {
    static bool finished[NET_CONNECTION_MAX];
    const unsigned char *bytes;

    switch (event->kind) {
    case NET_OPENED: finished[event->connection.index] = false; return;
    case NET_CLOSED: return;
    case NET_FINISHED: finished[event->connection.index] = true; break;
    case NET_RECEIVED:
    case NET_SENDABLE: break;
    }
    echo(net, event->connection);
    if (finished[event->connection.index] && net_unread(net, event->connection, &bytes) == 0)
        net_close(net, event->connection);
}

void serve_net(const struct options *options) {
    struct net_event events[NET_EVENT_BURST];
    struct frame_port *frames;
    struct net *net = net_of_options(options, &frames);
    uint32_t idle_polls = 0;
    uint16_t port;

    if (net_listen(net, options->port, &port) != NET_OK)
        give_up("cannot listen on port %u", options->port);
    printf("listening %u\n", port);
    while (!stop_asked()) {
        uint32_t count = net_poll(net, clock_now_ns(), events, NET_EVENT_BURST);

        for (uint32_t index = 0; index < count; index++)
            serve_event(net, &events[index]);
        net_flush(net);
        idle(options, count, &idle_polls);
    }
    net_end(net);
    if (frames != NULL) {
        fprintf(stderr, "frames: %llu in, %llu out, %llu refused, %llu dropped\n",
                (unsigned long long)frames->counters.received_count,
                (unsigned long long)frames->counters.sent_count,
                (unsigned long long)frames->counters.refused_count,
                (unsigned long long)frames->counters.dropped_count);
        frame_port_close(frames);
    }
}

/* Polls until such an event of the one connection has come. */
static void await(const struct options *options, struct net *net, enum net_event_kind kind) {
    struct net_event events[8];
    uint32_t idle_polls = 0;

    while (!stop_asked()) {
        uint32_t count = net_poll(net, clock_now_ns(), events, 8);
        bool found = false;

        for (uint32_t index = 0; index < count; index++) {
            if (events[index].kind == NET_CLOSED || events[index].kind == NET_FINISHED)
                give_up("the connection ended (%d)", (int)events[index].why);
            found |= events[index].kind == kind;
        }
        if (found)
            return;
        idle(options, count, &idle_polls);
    }
    give_up("stopped");
}

static void round_trip(const struct options *options, struct net *net, struct net_id connection,
                       const unsigned char *sent) {
    const unsigned char *received = NULL;
    uint32_t sent_bytes = net_send(net, connection, sent, options->message_bytes);

    net_flush(net);
    while (sent_bytes < options->message_bytes) {
        await(options, net, NET_SENDABLE);
        sent_bytes +=
            net_send(net, connection, sent + sent_bytes, options->message_bytes - sent_bytes);
        net_flush(net);
    }
    while (net_unread(net, connection, &received) < options->message_bytes)
        await(options, net, NET_RECEIVED);
    if (memcmp(sent, received, options->message_bytes) != 0)
        give_up("a message came back changed");
    net_consume(net, connection, options->message_bytes);
}

void call_net(const struct options *options) {
    static unsigned char sent[MESSAGE_BYTES_MAX];
    struct net_event events[8];
    struct frame_port *frames;
    struct net *net = net_of_options(options, &frames);
    struct net_id connection;
    uint64_t *round_trips_ns = calloc(options->round_count, sizeof *round_trips_ns);
    uint32_t ignored =
        net_poll(net, clock_now_ns(), events, 8); /* tells the stack what time it is */

    (void)ignored;
    if (round_trips_ns == NULL)
        give_up("no memory");
    if (net_connect(net, options->peer, &connection) != NET_OK)
        give_up("cannot connect");
    await(options, net, NET_OPENED);
    for (uint32_t round = 0; round < options->round_count; round++) {
        memset(sent, (int)(round % 251), options->message_bytes);
        memcpy(sent, &round,
               options->message_bytes < sizeof round ? options->message_bytes : sizeof round);
        uint64_t start_ns = clock_now_ns();

        round_trip(options, net, connection, sent);
        round_trips_ns[round] = clock_now_ns() - start_ns;
    }
    net_end(net);
    if (frames != NULL)
        frame_port_close(frames);
    report(options, round_trips_ns);
    free(round_trips_ns);
}
