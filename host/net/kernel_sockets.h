/* The transport over Linux sockets. Called by net.c alone; net.h is the manual of what must happen.
 *
 * Connections are watched edge-triggered, so a throttled one costs nothing; listeners
 * level-triggered, so that connections left over by a full burst of accepts are seen again. Each
 * connection is read until it is empty or its window is full.
 *
 * A close is: shutdown of our side, throwing away what still comes, and the end when the peer
 * closes or linger_until_ns has passed. A plain close(2) would reset the connection whenever unread
 * bytes are left, and the peer could lose our last words. */
#ifndef NET_KERNEL_SOCKETS_H
#define NET_KERNEL_SOCKETS_H

#include "net/connections.h"

#define KERNEL_EVENT_MAX  128
#define KERNEL_ACCEPT_MAX 64u /* per listener and poll */
#define KERNEL_READ_MAX                                                                            \
    4u /* reads per connection and poll, so that one cannot hold up the others */
#define KERNEL_LINGER_LOOK_NS 1000000u

struct kernel_sockets {
    struct connections *connections;
    struct net_config config;
    int epoll;
    uint32_t listener_count;
    int listeners[NET_LISTENER_MAX];
    uint16_t listener_ports[NET_LISTENER_MAX];
    uint32_t reading_first;
    uint32_t reading_last;
    uint64_t now_ns;
    uint64_t linger_look_ns; /* when to look again for connections that have lingered long enough */
};

NODISCARD enum net_result kernel_sockets_open(struct kernel_sockets *sockets,
                                              struct connections *connections,
                                              const struct net_config *config);
void kernel_sockets_end(struct kernel_sockets *sockets);
NODISCARD enum net_result kernel_sockets_listen(struct kernel_sockets *sockets, uint16_t port,
                                                uint16_t *bound_port);
void kernel_sockets_close_listeners(struct kernel_sockets *sockets);
NODISCARD enum net_result kernel_sockets_connect(struct kernel_sockets *sockets,
                                                 struct connection *connection);
void kernel_sockets_poll(struct kernel_sockets *sockets, uint64_t now_ns);
NODISCARD uint32_t kernel_sockets_send(struct connection *connection, const void *bytes,
                                       uint32_t length_bytes);
/* There is room again in a connection whose reading stopped. */
void kernel_sockets_consumed(struct kernel_sockets *sockets, struct connection *connection);
void kernel_sockets_close(struct kernel_sockets *sockets, struct connection *connection);
void kernel_sockets_abort(struct kernel_sockets *sockets, struct connection *connection);

#endif
