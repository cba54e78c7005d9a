#include "net/kernel_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* What epoll carries for us: a connection's index and generation, or this bit and a listener's
 * index. */
#define LISTENER_BIT (1ull << 63)

static struct sockaddr_in socket_address(uint32_t host, uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
}

static struct net_address net_address_of(const struct sockaddr_in *address) {
    return (struct net_address){.host = ntohl(address->sin_addr.s_addr),
                                .port = ntohs(address->sin_port)};
}

static void set_option(int socket, int level, int name, int value) {
    /* All of them are refinements: a kernel without one still carries the bytes. */
    (void)setsockopt(socket, level, name, &value, sizeof value);
}

static void socket_tune(const struct net_config *config, int socket) {
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    if (config->keepalive_idle_ms == 0)
        return;
    /* The kernel counts in whole seconds, at least one. */
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, (int)((config->keepalive_idle_ms + 999) / 1000));
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL,
               (int)((config->keepalive_every_ms + 999) / 1000));
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, (int)config->keepalive_count);
}

/* Before listen or connect: the sizes take part in the handshake. Fixed, so that no peer makes the
 * kernel grow them. */
static int socket_new(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        set_option(fd, SOL_SOCKET, SO_SNDBUF, (int)NET_SEND_BYTES);
        set_option(fd, SOL_SOCKET, SO_RCVBUF, (int)NET_WINDOW_BYTES);
    }
    return fd;
}

static bool watch(struct kernel_sockets *sockets, int fd, uint32_t what, uint64_t tag) {
    struct epoll_event event = {.events = what, .data.u64 = tag};

    return epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool watch_connection(struct kernel_sockets *sockets, const struct connection *connection) {
    uint64_t tag = (uint64_t)(connection->generation & 0x7FFFFFFFu) << 32 | connection->index;

    return watch(sockets, connection->socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, tag);
}

static void socket_drop(struct connection *connection, bool reset) {
    if (reset)
        (void)setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                         sizeof(struct linger));
    close(connection->socket);
    connection->socket = -1;
}

static void socket_failed(struct kernel_sockets *sockets, struct connection *connection,
                          int failure) {
    enum net_why why = failure == ETIMEDOUT ? NET_WHY_TIMEOUT : NET_WHY_PEER_RESET;

    if (connection->state == CONNECTION_CONNECTING && failure != ETIMEDOUT)
        why = NET_WHY_REFUSED;
    socket_drop(connection, false);
    connection_died(sockets->connections, connection, why);
}

enum net_result kernel_sockets_open(struct kernel_sockets *sockets, struct connections *connections,
                                    const struct net_config *config) {
    *sockets = (struct kernel_sockets){
        .connections = connections,
        .config = *config,
        .reading_first = CONNECTION_NONE,
        .reading_last = CONNECTION_NONE,
    };
    sockets->epoll = epoll_create1(EPOLL_CLOEXEC);
    return sockets->epoll >= 0 ? NET_OK : NET_NO_RESOURCES;
}

void kernel_sockets_end(struct kernel_sockets *sockets) {
    kernel_sockets_close_listeners(sockets);
    for (uint32_t index = 0; index < sockets->connections->slot_count; index++)
        if (sockets->connections->slots[index].socket >= 0)
            socket_drop(&sockets->connections->slots[index], true);
    close(sockets->epoll);
}

enum net_result kernel_sockets_listen(struct kernel_sockets *sockets, uint16_t port,
                                      uint16_t *bound_port) {
    struct sockaddr_in address = socket_address(sockets->config.host, port);
    socklen_t address_bytes = sizeof address;

    if (sockets->listener_count == NET_LISTENER_MAX)
        return NET_FULL;
    int fd = socket_new();
    if (fd < 0)
        return NET_NO_RESOURCES;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, NET_BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &address_bytes) != 0) {
        close(fd);
        return NET_NO_ADDRESS;
    }
    if (!watch(sockets, fd, EPOLLIN, LISTENER_BIT | sockets->listener_count)) {
        close(fd);
        return NET_NO_RESOURCES;
    }
    *bound_port = ntohs(address.sin_port);
    sockets->listener_ports[sockets->listener_count] = *bound_port;
    sockets->listeners[sockets->listener_count++] = fd;
    return NET_OK;
}

void kernel_sockets_close_listeners(struct kernel_sockets *sockets) {
    for (uint32_t index = 0; index < sockets->listener_count; index++)
        close(sockets->listeners[index]);
    sockets->listener_count = 0;
}

enum net_result kernel_sockets_connect(struct kernel_sockets *sockets,
                                       struct connection *connection) {
    struct sockaddr_in peer = socket_address(connection->peer.host, connection->peer.port);

    connection->socket = socket_new();
    if (connection->socket < 0)
        return NET_NO_RESOURCES;
    socket_tune(&sockets->config, connection->socket);
    if (connect(connection->socket, (struct sockaddr *)&peer, sizeof peer) != 0 &&
        errno != EINPROGRESS) {
        socket_drop(connection, false);
        return NET_NO_ADDRESS;
    }
    if (!watch_connection(sockets, connection)) {
        socket_drop(connection, false);
        return NET_NO_RESOURCES;
    }
    return NET_OK;
}

static void listener_accept(struct kernel_sockets *sockets, uint32_t listener_index) {
    for (uint32_t accepted = 0; accepted < KERNEL_ACCEPT_MAX; accepted++) {
        struct sockaddr_in peer;
        socklen_t peer_bytes = sizeof peer;
        int fd = accept4(sockets->listeners[listener_index], (struct sockaddr *)&peer, &peer_bytes,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0)
            return; /* none waits, or no descriptor is free: the clients stay in the backlog */
        struct connection *connection = connection_take(sockets->connections);
        if (connection == NULL) {
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                             sizeof(struct linger));
            close(fd);
            continue;
        }
        connection->socket = fd;
        connection->state = CONNECTION_OPEN;
        connection->port = sockets->listener_ports[listener_index];
        connection->peer = net_address_of(&peer);
        socket_tune(&sockets->config, fd);
        if (!watch_connection(sockets, connection)) {
            socket_drop(connection, true);
            connection_release(sockets->connections, connection);
            continue;
        }
        sockets->connections->counters.opened_count++;
        connection_mark(sockets->connections, connection, NET_OPENED);
    }
}

static void reading_list(struct kernel_sockets *sockets, struct connection *connection) {
    if (connection->reading)
        return;
    connection->reading = true;
    connection->next_reading_index = CONNECTION_NONE;
    if (sockets->reading_last == CONNECTION_NONE)
        sockets->reading_first = connection->index;
    else
        sockets->connections->slots[sockets->reading_last].next_reading_index = connection->index;
    sockets->reading_last = connection->index;
}

/* A connection that lingers has no owner to consume: its bytes are thrown away as they come. */
static void connection_read(struct kernel_sockets *sockets, struct connection *connection) {
    bool lingers = connection->state == CONNECTION_LINGERING;

    for (uint32_t tries = 0; tries < KERNEL_READ_MAX; tries++) {
        if (lingers)
            connection_consume(connection, connection_unread_bytes(connection));
        unsigned char *tail = connection_tail(connection);
        uint32_t room_bytes = connection_room_bytes(connection);

        if (room_bytes == 0)
            return; /* stays readable; consumed bytes bring it back */
        ssize_t length = recv(connection->socket, tail, room_bytes, 0);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno != EAGAIN) {
            socket_failed(sockets, connection, errno);
            return;
        }
        if (length <= 0)
            connection->readable = false;
        if (length == 0) {
            connection->finished = true;
            if (lingers) {
                socket_drop(connection, false);
                connection_release(sockets->connections, connection);
            } else {
                connection_mark(sockets->connections, connection, NET_FINISHED);
            }
        }
        if (length <= 0)
            return;
        if (lingers)
            connection->unread_end += (uint32_t)length;
        else
            connection_received(sockets->connections, connection, (uint32_t)length);
    }
}

static void connection_connected(struct kernel_sockets *sockets, struct connection *connection) {
    connection->state = CONNECTION_OPEN;
    sockets->connections->counters.opened_count++;
    connection_mark(sockets->connections, connection, NET_OPENED);
}

static void connection_event(struct kernel_sockets *sockets, const struct epoll_event *event) {
    uint32_t index = (uint32_t)event->data.u64;
    struct connection *connection = &sockets->connections->slots[index];
    int failure = 0;
    socklen_t failure_bytes = sizeof failure;

    /* An event of the same burst may speak of a connection that another one has ended. */
    if (connection->socket < 0 ||
        (connection->generation & 0x7FFFFFFFu) != (uint32_t)(event->data.u64 >> 32))
        return;
    if (event->events & EPOLLERR &&
        getsockopt(connection->socket, SOL_SOCKET, SO_ERROR, &failure, &failure_bytes) == 0 &&
        failure != 0) {
        socket_failed(sockets, connection, failure);
        return;
    }
    if (event->events & EPOLLOUT) {
        if (connection->state == CONNECTION_CONNECTING)
            connection_connected(sockets, connection);
        if (connection->send_was_short && connection->state == CONNECTION_OPEN) {
            connection->send_was_short = false;
            connection_mark(sockets->connections, connection, NET_SENDABLE);
        }
    }
    if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) {
        connection->readable = true;
        reading_list(sockets, connection);
    }
}

/* One round over the list as it is now; those with more to read line up again behind. */
static void read_all(struct kernel_sockets *sockets) {
    uint32_t index = sockets->reading_first;

    sockets->reading_first = CONNECTION_NONE;
    sockets->reading_last = CONNECTION_NONE;
    while (index != CONNECTION_NONE) {
        struct connection *connection = &sockets->connections->slots[index];

        index = connection->next_reading_index;
        connection->reading = false;
        if (connection->socket < 0)
            continue;
        connection_read(sockets, connection);
        if (connection->socket >= 0 && connection->readable &&
            connection_room_bytes(connection) > 0)
            reading_list(sockets, connection);
    }
}

static void linger_end(struct kernel_sockets *sockets) {
    for (uint32_t index = 0; index < sockets->connections->slot_count; index++) {
        struct connection *connection = &sockets->connections->slots[index];

        if (connection->state != CONNECTION_LINGERING ||
            sockets->now_ns < connection->linger_until_ns)
            continue;
        socket_drop(connection, true);
        connection_release(sockets->connections, connection);
    }
}

void kernel_sockets_poll(struct kernel_sockets *sockets, uint64_t now_ns) {
    struct epoll_event events[KERNEL_EVENT_MAX];
    int count = epoll_wait(sockets->epoll, events, KERNEL_EVENT_MAX, 0);

    sockets->now_ns = now_ns;
    for (int index = 0; index < count; index++) {
        if (events[index].data.u64 & LISTENER_BIT)
            listener_accept(sockets, (uint32_t)events[index].data.u64);
        else
            connection_event(sockets, &events[index]);
    }
    read_all(sockets);
    if (sockets->connections->lingering_count > 0 && now_ns >= sockets->linger_look_ns) {
        linger_end(sockets);
        sockets->linger_look_ns = now_ns + KERNEL_LINGER_LOOK_NS;
    }
}

uint32_t kernel_sockets_send(struct connection *connection, const void *bytes,
                             uint32_t length_bytes) {
    ssize_t taken = send(connection->socket, bytes, length_bytes, MSG_NOSIGNAL);

    /* An error is told by the next poll: the kernel raises EPOLLERR for it. */
    return taken > 0 ? (uint32_t)taken : 0;
}

void kernel_sockets_consumed(struct kernel_sockets *sockets, struct connection *connection) {
    if (connection->readable)
        reading_list(sockets, connection);
}

void kernel_sockets_close(struct kernel_sockets *sockets, struct connection *connection) {
    bool finished = connection->finished;

    if (connection->state == CONNECTION_CONNECTING || shutdown(connection->socket, SHUT_WR) != 0 ||
        finished) {
        socket_drop(connection, false);
        connection_release(sockets->connections, connection);
        return;
    }
    connection->state = CONNECTION_LINGERING;
    connection->linger_until_ns = sockets->now_ns + NET_LINGER_NS;
    sockets->connections->lingering_count++;
    reading_list(sockets, connection);
}

void kernel_sockets_abort(struct kernel_sockets *sockets, struct connection *connection) {
    socket_drop(connection, true);
    connection_release(sockets->connections, connection);
}
