/* Plain sockets at either end: what the stacks are compared with. */
#include "ping_pong.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address_of(uint32_t host, uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
}

static int socket_new(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        give_up("no socket: %s", strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* As many bytes as there are, 0 when the peer is done or we shall stop. */
static size_t receive_some(const struct options *options, int fd, unsigned char *bytes,
                           size_t max) {
    int flags = options->stack == STACK_SPINNING ? MSG_DONTWAIT : 0;

    while (!stop_asked()) {
        ssize_t length = recv(fd, bytes, max, flags);

        if (length >= 0)
            return (size_t)length;
        if (errno != EAGAIN && errno != EINTR)
            return 0;
    }
    return 0;
}

static void send_all(int fd, const unsigned char *bytes, size_t length) {
    for (size_t sent = 0; sent < length;) {
        ssize_t taken = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);

        if (taken < 0 && errno != EINTR)
            return; /* the next receive will say that it is over */
        if (taken > 0)
            sent += (size_t)taken;
    }
}

void serve_plain(const struct options *options) {
    static unsigned char bytes[MESSAGE_BYTES_MAX];
    struct sockaddr_in address = address_of(options->host, options->port);
    socklen_t address_bytes = sizeof address;
    int listener = socket_new();

    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &address_bytes) != 0)
        give_up("cannot listen: %s", strerror(errno));
    printf("listening %u\n", ntohs(address.sin_port));
    while (!stop_asked()) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        int on = 1;
        size_t length;

        if (fd < 0)
            continue;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        while ((length = receive_some(options, fd, bytes, sizeof bytes)) > 0)
            send_all(fd, bytes, length);
        close(fd);
    }
    close(listener);
}

void call_plain(const struct options *options) {
    static unsigned char sent[MESSAGE_BYTES_MAX];
    static unsigned char received[MESSAGE_BYTES_MAX];
    struct sockaddr_in peer = address_of(options->peer.host, options->peer.port);
    uint64_t *round_trips_ns = calloc(options->round_count, sizeof *round_trips_ns);
    int fd = socket_new();

    if (round_trips_ns == NULL)
        give_up("no memory");
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0)
        give_up("cannot connect: %s", strerror(errno));
    for (uint32_t round = 0; round < options->round_count; round++) {
        uint64_t start_ns = clock_now_ns();
        size_t length = 0;

        memset(sent, (int)(round % 251), options->message_bytes);
        memcpy(sent, &round,
               options->message_bytes < sizeof round ? options->message_bytes : sizeof round);
        send_all(fd, sent, options->message_bytes);
        while (length < options->message_bytes) {
            size_t more =
                receive_some(options, fd, received + length, options->message_bytes - length);

            if (more == 0)
                give_up("the server went away in round %u", round);
            length += more;
        }
        round_trips_ns[round] = clock_now_ns() - start_ns;
        if (memcmp(sent, received, options->message_bytes) != 0)
            give_up("round %u came back changed", round);
    }
    close(fd);
    report(options, round_trips_ns);
    free(round_trips_ns);
}
