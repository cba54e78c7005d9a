#include "net/connections.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

bool connections_init(struct connections *connections, uint32_t slot_count) {
    size_t buffers_bytes = (size_t)slot_count * CONNECTION_BUFFER_BYTES;

    memset(connections, 0, sizeof *connections);
    connections->slots = calloc(slot_count, sizeof connections->slots[0]);
    if (connections->slots == NULL)
        return false;
    /* Address space only: a page is the kernel's until a connection first writes to it. */
    connections->buffers =
        mmap(NULL, buffers_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (connections->buffers == MAP_FAILED) {
        free(connections->slots);
        return false;
    }
    connections->slot_count = slot_count;
    connections->free_first = 0;
    connections->marked_first = CONNECTION_NONE;
    connections->marked_last = CONNECTION_NONE;
    for (uint32_t index = 0; index < slot_count; index++) {
        struct connection *connection = &connections->slots[index];

        connection->index = index;
        connection->home = connections;
        connection->socket = -1;
        connection->buffer = connections->buffers + (size_t)index * CONNECTION_BUFFER_BYTES;
        connection->next_marked_index = index + 1 < slot_count ? index + 1 : CONNECTION_NONE;
    }
    return true;
}

void connections_free(struct connections *connections) {
    munmap(connections->buffers, (size_t)connections->slot_count * CONNECTION_BUFFER_BYTES);
    free(connections->slots);
}

struct connection *connection_take(struct connections *connections) {
    struct connection *connection;

    if (connections->free_first == CONNECTION_NONE) {
        connections->counters.refused_count++;
        return NULL;
    }
    connection = &connections->slots[connections->free_first];
    check(connection->state == CONNECTION_FREE);
    connections->free_first = connection->next_marked_index;
    connections->used_count++;

    connection->generation++;
    connection->state = CONNECTION_CONNECTING;
    connection->marks = 0;
    connection->next_marked_index = CONNECTION_NONE;
    connection->why = NET_WHY_NONE;
    connection->port = 0;
    connection->unread_start = 0;
    connection->unread_end = 0;
    connection->send_was_short = false;
    connection->finished = false;
    connection->readable = false;
    connection->linger_until_ns = 0;
    return connection;
}

/* Rare (an end while events wait), so the list is walked. */
void connection_forget_marks(struct connections *connections, struct connection *connection) {
    uint32_t before = CONNECTION_NONE;
    uint32_t index = connections->marked_first;

    if (!connection->listed)
        return;
    while (index != connection->index) {
        check(index != CONNECTION_NONE);
        before = index;
        index = connections->slots[index].next_marked_index;
    }
    if (before == CONNECTION_NONE)
        connections->marked_first = connection->next_marked_index;
    else
        connections->slots[before].next_marked_index = connection->next_marked_index;
    if (connections->marked_last == connection->index)
        connections->marked_last = before;
    connection->listed = false;
    connection->marks = 0;
}

void connection_release(struct connections *connections, struct connection *connection) {
    check(connection->state != CONNECTION_FREE);
    check(connection->socket == -1);
    check(connection->pcb == NULL);

    connection_forget_marks(connections, connection);
    if (connection->state == CONNECTION_LINGERING)
        connections->lingering_count--;
    connection->state = CONNECTION_FREE;
    connection->next_marked_index = connections->free_first;
    connections->free_first = connection->index;
    connections->used_count--;
    connections->counters.closed_count++;
}

struct connection *connection_find(struct connections *connections, struct net_id id) {
    struct connection *connection;

    if (id.index >= connections->slot_count)
        return NULL;
    connection = &connections->slots[id.index];
    if (connection->generation != id.generation)
        return NULL;
    return connection->state == CONNECTION_CONNECTING || connection->state == CONNECTION_OPEN
               ? connection
               : NULL;
}

void connection_mark(struct connections *connections, struct connection *connection,
                     enum net_event_kind kind) {
    connection->marks |= MARK(kind);
    if (connection->listed)
        return;
    connection->listed = true;
    connection->next_marked_index = CONNECTION_NONE;
    if (connections->marked_last == CONNECTION_NONE)
        connections->marked_first = connection->index;
    else
        connections->slots[connections->marked_last].next_marked_index = connection->index;
    connections->marked_last = connection->index;
}

void connection_died(struct connections *connections, struct connection *connection,
                     enum net_why why) {
    check(connection->state != CONNECTION_FREE);
    check(connection->state != CONNECTION_DEAD);

    if (connection->state == CONNECTION_LINGERING) {
        connection_release(connections, connection); /* the owner has long turned away */
        return;
    }
    connection->state = CONNECTION_DEAD;
    connection->why = why;
    connection_mark(connections, connection, NET_CLOSED);
}

static struct net_event event_of(const struct connection *connection, enum net_event_kind kind) {
    struct net_event event = {
        .kind = kind,
        .why = kind == NET_CLOSED ? connection->why : NET_WHY_NONE,
        .connection = {.index = connection->index, .generation = connection->generation},
        .port = connection->port,
        .peer = connection->peer,
    };

    if (kind == NET_RECEIVED) {
        event.bytes = connection->buffer + connection->unread_start;
        event.length_bytes = connection_unread_bytes(connection);
    }
    return event;
}

uint32_t connections_harvest(struct connections *connections, struct net_event *events,
                             uint32_t event_max) {
    uint32_t count = 0;

    while (connections->marked_first != CONNECTION_NONE && count < event_max) {
        struct connection *connection = &connections->slots[connections->marked_first];

        /* The order of the enum is the order in which the owner is told. */
        for (uint32_t kind = NET_OPENED; kind <= NET_CLOSED && count < event_max; kind++) {
            if (!(connection->marks & MARK(kind)))
                continue;
            events[count++] = event_of(connection, (enum net_event_kind)kind);
            connection->marks &= ~MARK(kind);
        }
        if (connection->marks != 0)
            break;
        connections->marked_first = connection->next_marked_index;
        if (connections->marked_first == CONNECTION_NONE)
            connections->marked_last = CONNECTION_NONE;
        connection->listed = false;
        if (connection->state == CONNECTION_DEAD)
            connection_release(connections, connection);
    }
    return count;
}

unsigned char *connection_tail(struct connection *connection) {
    uint32_t unread_bytes = connection_unread_bytes(connection);

    check(unread_bytes <= NET_WINDOW_BYTES);
    if (unread_bytes == 0) {
        connection->unread_start = 0;
        connection->unread_end = 0;
    } else if (connection->unread_end + connection_room_bytes(connection) >
               CONNECTION_BUFFER_BYTES) {
        memmove(connection->buffer, connection->buffer + connection->unread_start, unread_bytes);
        connection->unread_start = 0;
        connection->unread_end = unread_bytes;
    }
    return connection->buffer + connection->unread_end;
}

void connection_received(struct connections *connections, struct connection *connection,
                         uint32_t length_bytes) {
    check(length_bytes <= connection_room_bytes(connection));

    connection->unread_end += length_bytes;
    check(connection->unread_end <= CONNECTION_BUFFER_BYTES);
    connections->counters.received_bytes += length_bytes;
    connection_mark(connections, connection, NET_RECEIVED);
}

void connection_consume(struct connection *connection, uint32_t length_bytes) {
    check(length_bytes <= connection_unread_bytes(connection));

    connection->unread_start += length_bytes;
}
