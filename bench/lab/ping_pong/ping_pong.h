/* ping_pong: one connection, one message there and back, over any of the stacks; also the echo server
 * of the system tests. A program of the bench, not of the exchange.
 *
 *     ping_pong serve --stack lwip --nic dpdk:net_af_xdp0,iface=va --host 10.9.0.2 --port 7000
 *     ping_pong call  --stack spinning --peer 10.9.0.2 --port 7000 --count 20000 --bytes 64
 *
 * `serve` says "listening PORT" and echoes until SIGTERM. `call` sends, awaits the echo, compares every
 * byte, and prints one JSON line with percentiles of the round trip. */
#ifndef PING_PONG_H
#define PING_PONG_H

#include "drivers/nic/dpdk_port.h"
#include "net/net.h"

#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_BYTES_MAX 60000u
#define ROUND_MAX         1000000u

enum stack {
    STACK_BLOCKING, /* plain sockets: recv sleeps */
    STACK_SPINNING, /* plain sockets: recv is asked again and again */
    STACK_KERNEL,   /* host/net over kernel sockets */
    STACK_LWIP,     /* host/net over a frame port */
};

struct options {
    bool serve;
    enum stack stack;
    const char *nic; /* dpdk:DEVICE or tap:NAME */
    const char *file_prefix;
    enum dpdk_memory memory;
    uint32_t core;
    uint32_t wait_ms;
    uint32_t host;
    struct net_address peer;
    uint16_t port;
    uint32_t round_count;
    uint32_t message_bytes;
    bool spin; /* never give the core away */
    bool verbose;
};

/* Each ends the process with a sentence when it cannot go on. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

uint64_t clock_now_ns(void);
/* True once SIGTERM or SIGINT has come. */
bool stop_asked(void);

/* Opens the port and the net that the options ask for; NULL port with kernel sockets. */
struct net *net_of_options(const struct options *options, struct frame_port **frames);

void serve_plain(const struct options *options);
void serve_net(const struct options *options);
void call_plain(const struct options *options);
void call_net(const struct options *options);
/* Sorts the times and prints the line. */
void report(const struct options *options, uint64_t *round_trips_ns);

#endif
