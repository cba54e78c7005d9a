/* Two struct nets that can reach each other, a server and a client, over either transport, in one
 * thread and one simulated clock. With NET_FRAMES both are sides of the same lwIP, joined by a
 * simulated link. */
#ifndef TESTS_NET_PAIR_H
#define TESTS_NET_PAIR_H

#include "drivers/nic/simulated_port.h"
#include "net/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAIR_STEP_NS     100000u
#define PAIR_SERVER_HOST 0x0A090002u /* 10.9.0.2 */
#define PAIR_CLIENT_HOST 0x0A090001u
#define PAIR_EVENT_MAX   16u

struct pair {
    enum net_transport transport;
    uint32_t server_connection_max;
    uint32_t keepalive_idle_ms;
    uint64_t now_ns;
    struct net *server;
    struct net *client;
    struct simulated_link *link;
    struct net_address server_address;
    uint32_t server_event_count;
    uint32_t client_event_count;
    struct net_event server_events[PAIR_EVENT_MAX];
    struct net_event client_events[PAIR_EVENT_MAX];
};

static inline struct net_config pair_config(const struct pair *pair, uint32_t side) {
    struct net_config config = {
        .transport = pair->transport,
        .host = 0x7F000001u,
        .connection_max = side == 0 ? pair->server_connection_max : 8,
        .keepalive_idle_ms = pair->keepalive_idle_ms,
        .keepalive_every_ms = 500,
        .keepalive_count = 3,
    };

    if (pair->transport == NET_FRAMES) {
        config.host = side == 0 ? PAIR_SERVER_HOST : PAIR_CLIENT_HOST;
        config.mask = 0xFFFFFF00u;
        config.frames = simulated_link_port(pair->link, side);
    }
    return config;
}

static inline struct pair *pair_new_patient(enum net_transport transport,
                                            uint32_t server_connection_max,
                                            uint32_t keepalive_idle_ms, uint64_t seed) {
    struct pair *pair = calloc(1, sizeof *pair);
    uint16_t port = 0;

    assert_non_null(pair);
    pair->transport = transport;
    pair->server_connection_max = server_connection_max;
    pair->keepalive_idle_ms = keepalive_idle_ms;
    pair->link = malloc(sizeof *pair->link);
    assert_non_null(pair->link);
    /* Each pair's time goes on where the last one's ended: lwIP is one per process, and its clock
     * must not go back. */
    static uint64_t last_ns = 1000000000u;
    pair->now_ns = last_ns += 1000000000000u;
    simulated_link_init(pair->link, seed);

    struct net_config config = pair_config(pair, 0);
    assert_int_equal(net_open(&config, &pair->server), NET_OK);
    assert_int_equal(net_listen(pair->server, 0, &port), NET_OK);
    pair->server_address = (struct net_address){.host = config.host, .port = port};
    config = pair_config(pair, 1);
    assert_int_equal(net_open(&config, &pair->client), NET_OK);
    return pair;
}

static inline struct pair *pair_new(enum net_transport transport, uint32_t server_connection_max,
                                    uint64_t seed) {
    return pair_new_patient(transport, server_connection_max, 1000, seed);
}

static inline void pair_free(struct pair *pair) {
    net_end(pair->client);
    net_end(pair->server);
    free(pair->link);
    free(pair);
}

/* One turn of both loops. */
static inline void pair_step(struct pair *pair) {
    pair->now_ns += PAIR_STEP_NS;
    pair->client_event_count =
        net_poll(pair->client, pair->now_ns, pair->client_events, PAIR_EVENT_MAX);
    pair->server_event_count =
        net_poll(pair->server, pair->now_ns, pair->server_events, PAIR_EVENT_MAX);
}

/* Steps until that side (0 server, 1 client) tells such an event; fails after `step_max` steps.
 * Other events are dropped. */
static inline struct net_event pair_await_within(struct pair *pair, uint32_t side,
                                                 enum net_event_kind kind, uint32_t step_max) {
    for (uint32_t step = 0; step < step_max; step++) {
        pair_step(pair);
        uint32_t count = side == 0 ? pair->server_event_count : pair->client_event_count;
        const struct net_event *events = side == 0 ? pair->server_events : pair->client_events;

        for (uint32_t index = 0; index < count; index++)
            if (events[index].kind == kind)
                return events[index];
    }
    fail_msg("side %u never told event %d", side, (int)kind);
    return (struct net_event){0};
}

static inline struct net_event pair_await(struct pair *pair, uint32_t side,
                                          enum net_event_kind kind) {
    return pair_await_within(pair, side, kind, 20000);
}

/* A connection that both sides have been told of. */
static inline void pair_connect(struct pair *pair, struct net_id *client, struct net_id *server) {
    bool client_open = false;
    bool server_open = false;

    assert_int_equal(net_connect(pair->client, pair->server_address, client), NET_OK);
    for (uint32_t step = 0; step < 200000 && !(client_open && server_open); step++) {
        pair_step(pair);
        for (uint32_t index = 0; index < pair->client_event_count; index++)
            client_open |= pair->client_events[index].kind == NET_OPENED;
        for (uint32_t index = 0; index < pair->server_event_count; index++) {
            if (pair->server_events[index].kind != NET_OPENED)
                continue;
            server_open = true;
            *server = pair->server_events[index].connection;
            assert_int_equal(pair->server_events[index].port, pair->server_address.port);
        }
    }
    assert_true(client_open);
    assert_true(server_open);
}

static inline void pair_run(struct pair *pair, uint32_t step_count) {
    for (uint32_t step = 0; step < step_count; step++)
        pair_step(pair);
}

#endif
