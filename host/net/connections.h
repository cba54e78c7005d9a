/* The connections of one struct net: slots, what was received, and which events the owner has not
 * been told yet.
 *
 * Shared by both transports. A transport marks what happened (connection_mark), and net_poll
 * harvests the marks into events, in the order in which connections were first marked. The
 * transport's own part is `socket` or `pcb`.
 *
 * A slot: FREE -> CONNECTING -> OPEN -> LINGERING -> FREE, where CONNECTING is skipped by accepted
 * connections and LINGERING by those that end at once. DEAD is a connection that is gone, while its
 * NET_CLOSED waits to be harvested.
 *
 * Received bytes lie in one buffer of twice the window, so that what the owner sees is always in
 * one piece: before bytes are appended behind the end, the unread ones are moved to the front,
 * which happens at most once per window of bytes. */
#ifndef NET_CONNECTIONS_H
#define NET_CONNECTIONS_H

#include "net/net.h"

#include <assert.h>
#include <stdbool.h>

#define CONNECTION_BUFFER_BYTES 131072u
static_assert(CONNECTION_BUFFER_BYTES >= 2 * NET_WINDOW_BYTES, "unread bytes move once per window");
#define CONNECTION_NONE UINT32_MAX

enum connection_state {
    CONNECTION_FREE,
    CONNECTION_CONNECTING,
    CONNECTION_OPEN,
    CONNECTION_LINGERING,
    CONNECTION_DEAD,
};

/* Bits of `marks`: one for each kind of event. */
#define MARK(kind) (1u << (kind))

struct connection {
    enum connection_state state;
    uint32_t index;
    uint32_t generation;
    uint32_t marks;
    bool listed; /* in the list of marked connections */
    uint32_t next_marked_index;
    enum net_why why;
    uint16_t port;
    struct net_address peer;
    unsigned char *buffer;
    uint32_t unread_start;
    uint32_t unread_end;
    bool send_was_short;
    bool finished; /* the peer's FIN has come */
    uint64_t linger_until_ns;

    /* kernel sockets */
    int socket;
    bool readable; /* the kernel may have more: edge-triggered, so we must remember */
    bool reading;  /* in the list of connections to read */
    uint32_t next_reading_index;

    /* lwIP */
    void *pcb;
    /* in the list of connections to flush; outlives a slot's use, as the list entry does */
    bool flush_wanted;
    struct connections *home;
};

struct connections {
    struct connection *slots;
    unsigned char *buffers;
    uint32_t slot_count;
    uint32_t used_count;
    uint32_t lingering_count;
    uint32_t free_first; /* free slots are chained by next_marked_index */
    uint32_t marked_first;
    uint32_t marked_last;
    struct net_counters counters;
};

NODISCARD bool connections_init(struct connections *connections, uint32_t slot_count);
void connections_free(struct connections *connections);

/* NULL when all slots are in use (counted as refused). */
struct connection *connection_take(struct connections *connections);
/* The slot becomes free; no event that waits for it will be told. */
void connection_release(struct connections *connections, struct connection *connection);
/* The connection an owner's id means, NULL when it has ended, lingers, or never was. */
struct connection *connection_find(struct connections *connections, struct net_id id);

void connection_mark(struct connections *connections, struct connection *connection,
                     enum net_event_kind kind);
/* The owner has ended it: nothing that waits to be told will be. */
void connection_forget_marks(struct connections *connections, struct connection *connection);
/* The world ended it. The transport has already let go of its own part. */
void connection_died(struct connections *connections, struct connection *connection,
                     enum net_why why);
NODISCARD uint32_t connections_harvest(struct connections *connections, struct net_event *events,
                                       uint32_t event_max);

static inline uint32_t connection_unread_bytes(const struct connection *connection) {
    return connection->unread_end - connection->unread_start;
}
static inline uint32_t connection_room_bytes(const struct connection *connection) {
    return NET_WINDOW_BYTES - connection_unread_bytes(connection);
}
/* Where the next `room` bytes go; say connection_received when they are there. */
unsigned char *connection_tail(struct connection *connection);
void connection_received(struct connections *connections, struct connection *connection,
                         uint32_t length_bytes);
void connection_consume(struct connection *connection, uint32_t length_bytes);

#endif
