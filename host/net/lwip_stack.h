/* The transport over lwIP and a frame port. Called by net.c alone; net.h is the manual of what must
 * happen.
 *
 * lwIP's state is one per process; a `lwip_side` is one address on one frame port, and up to
 * NET_FRAMES_NET_MAX of them share that state. What runs on a side stays there: each pcb is bound
 * to its side's interface.
 *
 * What came in is copied out of lwIP at once (into the connection's buffer) and acknowledged to
 * TCP's window only when the owner consumes it, so no peer can pin lwIP's memory by being unread.
 * What is sent is copied in and sent by the next flush. */
#ifndef NET_LWIP_STACK_H
#define NET_LWIP_STACK_H

#include "net/connections.h"

struct lwip_side;

NODISCARD enum net_result lwip_side_open(struct connections *connections,
                                         const struct net_config *config, struct lwip_side **side);
void lwip_side_end(struct lwip_side *side);
NODISCARD enum net_result lwip_side_listen(struct lwip_side *side, uint16_t port,
                                           uint16_t *bound_port);
void lwip_side_close_listeners(struct lwip_side *side);
NODISCARD enum net_result lwip_side_connect(struct lwip_side *side, struct connection *connection);
void lwip_side_poll(struct lwip_side *side, uint64_t now_ns);
NODISCARD uint32_t lwip_side_send(struct lwip_side *side, struct connection *connection,
                                  const unsigned char *bytes, uint32_t length_bytes);
void lwip_side_flush(struct lwip_side *side);
/* The owner consumed so much: TCP's window opens by it. */
void lwip_side_consumed(struct connection *connection, uint32_t length_bytes);
void lwip_side_close(struct lwip_side *side, struct connection *connection);
void lwip_side_abort(struct lwip_side *side, struct connection *connection);

#endif
