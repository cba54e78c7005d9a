#include "apps/client/order_client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "wire/soup_bin.h"

#define HEARTBEAT_NS 1000000000u
#define SILENCE_NS   15000000000u
#define LOGON_MS     10000

static int client_connect(const struct order_client_logon *logon) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char port[8];
    int one = 1;
    int fd = -1;

    snprintf(port, sizeof port, "%u", logon->port);
    if (getaddrinfo(logon->host, port, &hints, &found) != 0)
        return -1;
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void client_pad(char *field, size_t bytes, const char *text) {
    size_t length = strnlen(text, bytes);

    memset(field, ' ', bytes);
    memcpy(field, text, length);
}

bool order_client_flush(struct order_client *client) {
    size_t sent = 0;

    while (sent < client->out_bytes) {
        ssize_t count =
            send(client->fd, client->out + sent, client->out_bytes - sent, MSG_NOSIGNAL);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        sent += (size_t)count;
    }
    if (sent > 0)
        client->last_sent_ns = clock_monotonic_ns();
    client->out_bytes = 0;
    return true;
}

/* Room for a packet in the buffer, or NULL when the connection is gone. */
static unsigned char *client_room(struct order_client *client, size_t bytes) {
    if (client->out_bytes + bytes > sizeof client->out && !order_client_flush(client))
        return NULL;
    return client->out + client->out_bytes;
}

static bool client_heartbeat(struct order_client *client) {
    unsigned char *out = client_room(client, SOUP_BIN_HEAD_BYTES);

    if (out == NULL)
        return false;
    client->out_bytes += soup_bin_encode(SOUP_BIN_CLIENT_HEARTBEAT, NULL, 0, out,
                                         sizeof client->out - client->out_bytes);
    return order_client_flush(client);
}

bool order_client_send(struct order_client *client, const struct ouch50_message *message) {
    unsigned char bytes[OUCH50_MESSAGE_BYTES_MAX];
    size_t length = ouch50_encode_client(message, bytes, sizeof bytes);
    unsigned char *out = client_room(client, SOUP_BIN_HEAD_BYTES + sizeof bytes);

    check(length > 0);
    if (out == NULL)
        return false;
    client->out_bytes += soup_bin_encode(SOUP_BIN_UNSEQUENCED, bytes, length, out,
                                         sizeof client->out - client->out_bytes);
    return true;
}

/* Waits for bytes and appends them. False: the connection is gone. */
static bool client_fill(struct order_client *client, int wait_ms, bool *came) {
    struct pollfd polled = {.fd = client->fd, .events = POLLIN};

    *came = false;
    if (poll(&polled, 1, wait_ms) <= 0)
        return true;
    if (client->in_from > 0) {
        memmove(client->in, client->in + client->in_from, client->in_bytes - client->in_from);
        client->in_bytes -= client->in_from;
        client->in_from = 0;
    }
    ssize_t count =
        recv(client->fd, client->in + client->in_bytes, sizeof client->in - client->in_bytes, 0);

    if (count <= 0)
        return count < 0 && errno == EINTR;
    client->in_bytes += (size_t)count;
    client->last_heard_ns = clock_monotonic_ns();
    *came = true;
    return true;
}

/* The next packet that lies whole in the buffer. */
static enum soup_bin_result client_packet(struct order_client *client,
                                          struct soup_bin_packet *packet) {
    enum soup_bin_result result =
        soup_bin_decode(client->in + client->in_from, client->in_bytes - client->in_from, packet);

    if (result == SOUP_BIN_PACKET)
        client->in_from += packet->packet_bytes;
    return result;
}

static bool client_logon(struct order_client *client, const struct order_client_logon *logon,
                         char *error, size_t error_bytes) {
    struct soup_bin_login login = {.sequence = logon->sequence};
    struct soup_bin_accepted accepted;
    struct soup_bin_packet packet;
    uint64_t until_ns = clock_monotonic_ns() + LOGON_MS * 1000000ull;
    bool came;

    client_pad(login.username, sizeof login.username, logon->username);
    client_pad(login.password, sizeof login.password, logon->password);
    memset(login.session, ' ', sizeof login.session);
    client->out_bytes = soup_bin_encode_login(&login, client->out, sizeof client->out);
    snprintf(error, error_bytes, "%s:%u did not answer the logon", logon->host, logon->port);
    if (!order_client_flush(client))
        return false;
    while (client_packet(client, &packet) != SOUP_BIN_PACKET)
        if (!client_fill(client, 100, &came) || clock_monotonic_ns() > until_ns)
            return false;
    if (packet.type == SOUP_BIN_LOGIN_REJECTED)
        snprintf(error, error_bytes,
                 "%s:%u refused %s: wrong name or password, or another day's session", logon->host,
                 logon->port, logon->username);
    if (packet.type != SOUP_BIN_LOGIN_ACCEPTED ||
        !soup_bin_decode_accepted(packet.payload, packet.payload_bytes, &accepted))
        return false;
    client->sequence = accepted.sequence;
    memcpy(client->session, accepted.session, sizeof accepted.session);
    return true;
}

bool order_client_open(struct order_client *client, const struct order_client_logon *logon,
                       char *error, size_t error_bytes) {
    client->in_from = 0;
    client->in_bytes = 0;
    client->out_bytes = 0;
    memset(client->session, 0, sizeof client->session);
    client->fd = client_connect(logon);
    if (client->fd < 0) {
        snprintf(error, error_bytes, "cannot connect to %s:%u: %s", logon->host, logon->port,
                 strerror(errno));
        return false;
    }
    client->last_heard_ns = clock_monotonic_ns();
    if (client_logon(client, logon, error, error_bytes))
        return true;
    order_client_close(client);
    return false;
}

enum order_client_event order_client_next(struct order_client *client,
                                          struct ouch50_message *message, int wait_ms) {
    uint64_t until_ns = clock_monotonic_ns() + (uint64_t)wait_ms * 1000000u;
    struct soup_bin_packet packet;
    uint64_t now_ns;
    bool came;

    for (;;) {
        switch (client_packet(client, &packet)) {
        case SOUP_BIN_MALFORMED: return ORDER_CLIENT_CLOSED;
        case SOUP_BIN_MORE:
            now_ns = clock_monotonic_ns();
            if (now_ns - client->last_sent_ns > HEARTBEAT_NS && !client_heartbeat(client))
                return ORDER_CLIENT_CLOSED;
            if (!order_client_flush(client) || now_ns - client->last_heard_ns > SILENCE_NS ||
                !client_fill(client,
                             now_ns < until_ns ? (int)((until_ns - now_ns) / 1000000u) + 1 : 0,
                             &came))
                return ORDER_CLIENT_CLOSED;
            if (!came && clock_monotonic_ns() >= until_ns)
                return ORDER_CLIENT_NOTHING;
            break;
        case SOUP_BIN_PACKET:
            if (packet.type == SOUP_BIN_END_OF_SESSION)
                return ORDER_CLIENT_CLOSED;
            if (packet.type != SOUP_BIN_SEQUENCED)
                break; /* heartbeats */
            client->sequence++;
            if (ouch50_decode_server(packet.payload, packet.payload_bytes, message) == OUCH50_OK)
                return ORDER_CLIENT_MESSAGE;
            return ORDER_CLIENT_CLOSED; /* a message we cannot read: going on would be guessing */
        }
    }
}

void order_client_close(struct order_client *client) {
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}
