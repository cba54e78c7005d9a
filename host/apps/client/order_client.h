/* A client of order entry: OUCH 5.0 over SoupBinTCP on a kernel socket. For bots and the lab.
 *
 * It logs on when opened, keeps the session alive with heartbeats, counts sequenced messages, and hands them
 * out one by one. What is sent waits in a buffer until order_client_flush. One thread owns a client. */
#ifndef CLIENT_ORDER_CLIENT_H
#define CLIENT_ORDER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ouch50.h"

#define ORDER_CLIENT_BUFFER_BYTES (1u << 20) /* each way; order_client_send waits when it is full */

struct order_client_logon {
    const char *host; /* IPv4 or a name */
    uint16_t port;
    const char *username; /* at most 6 characters */
    const char *password; /* at most 10 */
    uint64_t sequence;    /* first message wanted; 0: only what is new */
};

struct order_client {
    int fd;
    uint64_t sequence; /* number of the next message */
    uint64_t last_sent_ns;
    uint64_t last_heard_ns;
    char session[11];
    size_t in_from;
    size_t in_bytes;
    size_t out_bytes;
    unsigned char in[ORDER_CLIENT_BUFFER_BYTES];
    unsigned char out[ORDER_CLIENT_BUFFER_BYTES];
};

enum order_client_event {
    ORDER_CLIENT_MESSAGE, /* *message holds the next one */
    ORDER_CLIENT_NOTHING, /* none came in time */
    ORDER_CLIENT_CLOSED,  /* the exchange ended the session or the connection, or is silent */
};

/* False: one sentence stands in `error`. */
NODISCARD bool order_client_open(struct order_client *client,
                                 const struct order_client_logon *logon, char *error,
                                 size_t error_bytes);
/* Queues a message; sends what waits when the buffer is full. False: the connection is gone. */
NODISCARD bool order_client_send(struct order_client *client, const struct ouch50_message *message);
NODISCARD bool order_client_flush(struct order_client *client);
/* The next message; waits at most wait_ms. Flushes before it waits. */
enum order_client_event order_client_next(struct order_client *client,
                                          struct ouch50_message *message, int wait_ms);
void order_client_close(struct order_client *client);

#endif
