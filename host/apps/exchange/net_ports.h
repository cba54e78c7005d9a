/* Where the exchange listens for order entry: kernel sockets, DPDK, or both. Each is one struct net; connections
 * of all of them share one numbering, so that a session need not know how its bytes travel. */
#ifndef EXCHANGE_NET_PORTS_H
#define EXCHANGE_NET_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/exchange/settings.h"
#include "net/net.h"

#define NET_PORTS_MAX 2

struct frame_port;

struct net_ports {
    struct net *nets[NET_PORTS_MAX];
    uint32_t count;
    struct frame_port *frames; /* of the DPDK port; NULL: none */
};

/* False: one sentence stands in `error`; net_ports_close must still be called. */
NODISCARD bool net_ports_open(struct net_ports *ports, const struct settings *settings, char *error,
                              size_t error_bytes);
void net_ports_close(struct net_ports *ports);

/* The number of a connection of port `port`, and back. */
static inline uint32_t net_ports_number(uint32_t port, struct net_id id) {
    return port * NET_CONNECTION_MAX + id.index;
}
static inline struct net *net_ports_of(const struct net_ports *ports, uint32_t connection) {
    return ports->nets[connection / NET_CONNECTION_MAX];
}

#endif
