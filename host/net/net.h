/* TCP for the net thread: bytes per connection, over one of two transports behind one face.
 *
 *   NET_KERNEL_SOCKETS   Linux sockets: epoll, non-blocking, TCP_NODELAY
 *   NET_FRAMES           lwIP on a frame port (DPDK, TAP or simulated): no system call on the way
 *
 * The loop of the owner:
 *
 *     count = net_poll(net, now_ns, events, NET_EVENT_BURST);
 *     for each event
 *         NET_OPENED     a client connected, or net_connect succeeded
 *         NET_RECEIVED   `bytes` are ALL bytes not consumed yet, the new ones last. Take any number
 *                        of them with net_consume; the rest comes again before the next new ones
 *         NET_SENDABLE   there is room again after net_send took less than it was given
 *         NET_FINISHED   the peer will send no more. Its bytes stay, and it can still be sent to;
 *                        answer with net_close when done
 *         NET_CLOSED     the connection is gone, and why; bytes not consumed are lost
 *     net_flush(net);    what net_send took goes out now, and not only at the next poll
 *
 * Events of one connection come in the order above. A connection ends exactly once: by NET_CLOSED,
 * or by the owner's net_close or net_abort, after which no event names it. Ids carry a generation:
 * calls with the id of a connection that has ended do nothing and say 0, so that the rest of a
 * burst may be handled without care.
 *
 * Backpressure: bytes that are not consumed fill the connection's buffer (NET_WINDOW_BYTES), then
 * TCP's window closes and the peer must wait. A throttled session is just one that does not
 * consume; net_unread shows it its bytes at any later time.
 *
 * Time: now_ns is any clock that does not go back; all timers (retransmission, keepalive, linger)
 * count in it.
 *
 * Owner: one thread owns a struct net and makes every call. All struct nets with NET_FRAMES share
 * the state of lwIP, so they must live in one thread of the process and be given one clock.
 *
 * Limits, and what happens there: the constants below; docs/network.md has them in one table. */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/check.h"

#include <stddef.h>
#include <stdint.h>

/* Connections of one struct net over kernel sockets; one more is reset as soon as it connects. */
#define NET_CONNECTION_MAX 1024u
/* The same over lwIP, where memory is set aside for so many in the process. */
#define NET_FRAMES_CONNECTION_MAX 256u
/* Struct nets with NET_FRAMES in one process. */
#define NET_FRAMES_NET_MAX 4u
#define NET_LISTENER_MAX   8u
/* Received and not consumed, per connection; then the peer must wait. */
#define NET_WINDOW_BYTES 65535u
/* Taken and not acknowledged, per connection; then net_send takes less than it is given. */
#define NET_SEND_BYTES 65535u
/* Handshakes at once, per listener; more are not answered, and the client retries. */
#define NET_BACKLOG 64
/* A good size for the array of events; others work. */
#define NET_EVENT_BURST 256u
/* How long the last bytes may take after net_close; then the connection is reset. */
#define NET_LINGER_NS 5000000000u

enum net_transport { NET_KERNEL_SOCKETS, NET_FRAMES };

enum net_result {
    NET_OK,
    NET_BAD_CONFIG, /* a limit out of range, no port, no address */
    NET_NO_MEMORY,
    NET_NO_ADDRESS,   /* the address is not one of this machine, or the port is taken */
    NET_FULL,         /* NET_LISTENER_MAX, NET_FRAMES_NET_MAX or connection_max */
    NET_NO_RESOURCES, /* the kernel or lwIP refused for another reason */
};

enum net_event_kind { NET_OPENED, NET_RECEIVED, NET_SENDABLE, NET_FINISHED, NET_CLOSED };

enum net_why {
    NET_WHY_NONE,       /* every event but NET_CLOSED */
    NET_WHY_PEER_RESET, /* the peer reset it */
    NET_WHY_TIMEOUT,    /* the peer does not answer: keepalive or retransmission gave up */
    NET_WHY_REFUSED,    /* net_connect: nobody listens there, or no way to it */
};

/* Which connection. The owner may use index (0 .. connection_max - 1) for a table of its own. */
struct net_id {
    uint32_t index;
    uint32_t generation;
};

/* IPv4, in host byte order: 127.0.0.1 is 0x7F000001. */
struct net_address {
    uint32_t host;
    uint16_t port;
};

struct net_event {
    enum net_event_kind kind;
    enum net_why why;
    struct net_id connection;
    uint16_t port; /* ours: the one that was listened to (net_connect: 0) */
    struct net_address peer;
    const unsigned char *bytes; /* NET_RECEIVED only; valid until the next net_poll */
    uint32_t length_bytes;
};

struct frame_port;

struct net_config {
    enum net_transport transport;
    uint32_t host;           /* our address; kernel sockets: the one to listen on, 0 for all */
    uint32_t connection_max; /* 1 .. NET_CONNECTION_MAX or NET_FRAMES_CONNECTION_MAX */
    /* Silence before the first probe (0: no keepalive), time between probes, and how many go
     * unanswered before NET_CLOSED. lwIP also counts the silence of a peer that owes an
     * acknowledgement, so keep the sum above 3 s: a lost frame may be sent again that late. */
    uint32_t keepalive_idle_ms;
    uint32_t keepalive_every_ms;
    uint32_t keepalive_count;

    /* NET_FRAMES only. */
    struct frame_port *frames; /* the caller's; closed by the caller after net_end */
    uint32_t mask;             /* 0xFFFFFF00 for /24 */
    uint32_t gateway;          /* 0: none */
};

struct net_counters {
    uint64_t opened_count;
    uint64_t refused_count; /* beyond connection_max */
    uint64_t closed_count;
    uint64_t received_bytes;
    uint64_t sent_bytes;
    uint64_t short_send_count;
};

struct net;

/* Allocates everything it will ever use. On NET_OK `*net` is the caller's until net_end. */
NODISCARD enum net_result net_open(const struct net_config *config, struct net **net);
/* Resets all connections, closes the listeners, frees. */
void net_end(struct net *net);

/* Listens on `port`; 0 takes a free one. `*bound_port` says which it became. */
NODISCARD enum net_result net_listen(struct net *net, uint16_t port, uint16_t *bound_port);
/* No new connections from now on; those that are open stay. */
void net_close_listeners(struct net *net);

/* Starts to connect. NET_OPENED or NET_CLOSED follows. */
NODISCARD enum net_result net_connect(struct net *net, struct net_address peer,
                                      struct net_id *connection);

/* Moves everything on, without blocking, and says what happened: how many of `events` were filled.
 * When there was more than event_max, the rest comes with the next call. */
NODISCARD uint32_t net_poll(struct net *net, uint64_t now_ns, struct net_event *events,
                            uint32_t event_max);

/* How many of the bytes were taken: all, or fewer when the connection's buffer is full;
 * NET_SENDABLE follows then. They are copied. One call per burst of messages: with kernel sockets
 * each call is a system call. */
NODISCARD uint32_t net_send(struct net *net, struct net_id connection, const void *bytes,
                            uint32_t length_bytes);
void net_flush(struct net *net);

/* The bytes not consumed yet, oldest first; valid until the next net_poll. */
NODISCARD uint32_t net_unread(struct net *net, struct net_id connection,
                              const unsigned char **bytes);
/* At most what is unread. */
void net_consume(struct net *net, struct net_id connection, uint32_t length_bytes);

/* Everything taken by net_send is still delivered, then the connection ends; what the peer sends
 * meanwhile is thrown away. It counts against connection_max until the peer has closed too, or
 * NET_LINGER_NS. */
void net_close(struct net *net, struct net_id connection);
/* Ends it now; the peer sees a reset. */
void net_abort(struct net *net, struct net_id connection);

const struct net_counters *net_counters(const struct net *net);

#endif
