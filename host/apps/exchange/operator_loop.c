#include "apps/exchange/operator_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal/reader.h"
#include "os/attach.h"
#include "os/log.h"

struct attached {
    int fd; /* -1: free */
    uint32_t door;
    uint64_t silent_since_ns; /* it has not said yet which door it is; 0: it has */
};

struct operator_client {
    int fd;              /* -1: free */
    uint64_t request_id; /* 0: nothing asked */
    uint8_t kind;        /* of the record that will answer */
    uint64_t asked_ns;
};

struct operator_loop {
    struct operator_setup setup;
    int attach_fd;
    int operator_fd;
    char attach_path[108];
    char operator_path[108];
    struct attached attached[ATTACHED_MAX];
    struct operator_client clients[OPERATOR_CLIENTS_MAX];
    uint64_t last_request_id;
    struct journal_reader *reader;
};

static int operator_listen(const char *path, mode_t mode) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    unlink(path); /* of a process that was killed: the lock on var/ says that we are the only one */

    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    mode_t before = umask(0777 & ~mode);
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);

    umask(before);
    if (bound != 0 || listen(fd, 16) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

struct operator_loop *operator_loop_open(const struct operator_setup *setup, char *error,
                                         size_t error_bytes) {
    struct operator_loop *loop = calloc(1, sizeof *loop);

    check(loop != NULL);
    loop->setup = *setup;
    snprintf(loop->attach_path, sizeof loop->attach_path, "%s/run/attach.sock", setup->var_path);
    snprintf(loop->operator_path, sizeof loop->operator_path, "%s/run/operator.sock",
             setup->var_path);
    for (size_t i = 0; i < ATTACHED_MAX; i++)
        loop->attached[i].fd = -1;
    for (size_t i = 0; i < OPERATOR_CLIENTS_MAX; i++)
        loop->clients[i].fd = -1;
    loop->attach_fd = operator_listen(loop->attach_path, 0660);
    loop->operator_fd = operator_listen(loop->operator_path, 0600);
    loop->reader =
        journal_reader_open(setup->journal, setup->files, journal_ring_durable_seq(setup->journal));
    if (loop->attach_fd < 0 || loop->operator_fd < 0 || loop->reader == NULL) {
        snprintf(error, error_bytes,
                 "cannot listen at %s (paths of sockets may have 107 characters): %s",
                 loop->attach_path, strerror(errno));
        operator_loop_close(loop);
        return NULL;
    }
    return loop;
}

/* Makes a door's command ring and tells the engine. False: refused. */
static bool operator_give_ring(struct operator_loop *loop, uint32_t door,
                               struct shared_memory *memory) {
    struct door_change change = {.door = (enum door)door};
    size_t bytes = ring_bytes(RECORD_BYTES_MAX, loop->setup.command_ring_slots);

    if (!shared_memory_create(memory, "crosspoint-commands", bytes, SHARED_MEMORY_OTHERS_WRITE))
        return false;
    ring_format(&change.consumer, memory->bytes, RECORD_BYTES_MAX, loop->setup.command_ring_slots);
    change.memory = *memory;
    if (ring_put(loop->setup.changes, &change, sizeof change) != RING_OK) {
        shared_memory_close(memory);
        return false;
    }
    return true;
}

static bool operator_door_is_held(const struct operator_loop *loop, uint32_t door) {
    for (size_t i = 0; i < ATTACHED_MAX; i++)
        if (loop->attached[i].fd >= 0 && loop->attached[i].door == door && door != ATTACH_DOOR_NONE)
            return true;
    return false;
}

static void operator_welcome(struct operator_loop *loop, struct attached *attached,
                             uint64_t now_ns) {
    struct attach_request request;
    struct attach_answer answer = {.magic = ATTACH_MAGIC,
                                   .version = ATTACH_VERSION,
                                   .journal_ring_bytes = loop->setup.journal_memory->size_bytes};
    int fds[2] = {loop->setup.journal_memory->fd, -1};
    size_t fd_count = 1;
    struct shared_memory commands;
    ssize_t bytes = recv(attached->fd, &request, sizeof request, MSG_DONTWAIT);

    if (bytes < 0 && (errno == EAGAIN || errno == EINTR) &&
        now_ns - attached->silent_since_ns < ATTACH_PATIENCE_NS)
        return;
    attached->silent_since_ns = 0;
    if (bytes != (ssize_t)sizeof request || request.magic != ATTACH_MAGIC ||
        request.version != ATTACH_VERSION ||
        (request.door != ATTACH_DOOR_NONE && request.door != DOOR_WEB)) {
        answer.code = ATTACH_NOT_ALLOWED;
    } else if (operator_door_is_held(loop, request.door)) {
        answer.code = ATTACH_BUSY;
    } else if (request.door != ATTACH_DOOR_NONE) {
        if (operator_give_ring(loop, request.door, &commands)) {
            answer.command_ring_bytes = commands.size_bytes;
            fds[fd_count++] = commands.fd;
        } else {
            answer.code = ATTACH_BUSY;
        }
    }
    bool sent =
        attach_answer(attached->fd, &answer, fds, answer.code == ATTACH_WELCOME ? fd_count : 0);

    if (!sent || answer.code != ATTACH_WELCOME) {
        log_warn("operator", "attach refused code=%u", answer.code);
        close(attached->fd);
        attached->fd = -1;
        return;
    }
    attached->door = request.door;
    log_info("operator", "process attached door=%u", request.door);
}

static void operator_accept_attached(struct operator_loop *loop, uint64_t now_ns) {
    int fd = accept4(loop->attach_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    for (size_t i = 0; i < ATTACHED_MAX; i++)
        if (loop->attached[i].fd < 0) {
            loop->attached[i] =
                (struct attached){.fd = fd, .door = ATTACH_DOOR_NONE, .silent_since_ns = now_ns};
            return;
        }
    close(fd);
}

static void operator_accept_client(struct operator_loop *loop) {
    for (size_t i = 0; i < OPERATOR_CLIENTS_MAX; i++)
        if (loop->clients[i].fd < 0) {
            loop->clients[i] = (struct operator_client){
                .fd = accept4(loop->operator_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)};
            return;
        }
}

static void operator_reply(struct operator_loop *loop, struct operator_client *client,
                           uint32_t code, const union record *record) {
    struct operator_answer answer = {
        .magic = OPERATOR_MAGIC, .code = code, .status = loop->setup.status};

    if (record != NULL)
        answer.record = *record;
    answer.status.record_seq = journal_ring_written_seq(loop->setup.journal);
    answer.status.durable_seq = journal_ring_durable_seq(loop->setup.journal);
    client->request_id = 0;
    if (send(client->fd, &answer, sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT) !=
        (ssize_t)sizeof answer) {
        close(client->fd);
        client->fd = -1;
    }
}

/* Puts the client's record into the operator's ring. */
static void operator_submit(struct operator_loop *loop, struct operator_client *client,
                            const struct operator_request *request, uint64_t now_ns) {
    union record record = request->record;

    if (request->what == OPERATOR_DIGEST)
        record = (union record){.head = {.kind = RECORD_DIGEST, .instrument = INSTRUMENT_NONE}};
    else if (!RECORD_IS_INPUT(record.head.kind) || record.head.kind == RECORD_START) {
        operator_reply(loop, client, OPERATOR_BAD_REQUEST, NULL);
        return;
    }
    record.head.units = record_units(record.head.kind);
    client->request_id = ++loop->last_request_id;
    client->kind = record.head.kind;
    client->asked_ns = now_ns;
    if (record.head.kind != RECORD_DIGEST)
        record.request.request_id = client->request_id;
    if (ring_put(&loop->setup.commands, &record, sizeof record) != RING_OK)
        operator_reply(loop, client, OPERATOR_BUSY, NULL);
}

static void operator_hear(struct operator_loop *loop, struct operator_client *client,
                          uint64_t now_ns) {
    struct operator_request request;
    ssize_t bytes = recv(client->fd, &request, sizeof request, MSG_DONTWAIT);

    if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (bytes <= 0) {
        close(client->fd);
        client->fd = -1;
        return;
    }
    if (bytes != (ssize_t)sizeof request || request.magic != OPERATOR_MAGIC) {
        operator_reply(loop, client, OPERATOR_BAD_REQUEST, NULL);
        return;
    }
    switch (request.what) {
    case OPERATOR_RECORD:
    case OPERATOR_DIGEST: operator_submit(loop, client, &request, now_ns); break;
    case OPERATOR_STATUS: operator_reply(loop, client, OPERATOR_DONE, NULL); break;
    default: operator_reply(loop, client, OPERATOR_BAD_REQUEST, NULL); break;
    }
}

/* Answers those whose record has become durable. A DIGEST has no request id: it answers all who asked for one. */
static void operator_deliver(struct operator_loop *loop, const union record *record) {
    bool is_digest = record->head.kind == RECORD_DIGEST;

    if (!is_digest &&
        (!RECORD_IS_INPUT(record->head.kind) || record->request.door != DOOR_OPERATOR))
        return;
    for (size_t i = 0; i < OPERATOR_CLIENTS_MAX; i++) {
        struct operator_client *client = &loop->clients[i];

        if (client->fd < 0 || client->request_id == 0 || client->kind != record->head.kind)
            continue;
        if (is_digest || client->request_id == record->request.request_id)
            operator_reply(loop, client, OPERATOR_DONE, record);
    }
}

static bool operator_read_journal(struct operator_loop *loop) {
    union record record;
    bool worked = false;

    for (int i = 0; i < 4096 && journal_reader_next(loop->reader, &record) == READ_RECORD; i++) {
        operator_deliver(loop, &record);
        worked = true;
    }
    return worked;
}

static void operator_watch_attached(struct operator_loop *loop) {
    for (size_t i = 0; i < ATTACHED_MAX; i++) {
        const struct attachment view = {.socket_fd = loop->attached[i].fd};

        if (loop->attached[i].fd < 0 || !attach_is_over(&view))
            continue;
        log_info("operator", "process left door=%u", loop->attached[i].door);
        close(loop->attached[i].fd);
        loop->attached[i].fd = -1;
    }
}

bool operator_loop_poll(struct operator_loop *loop, uint64_t now_ns) {
    struct pollfd polled[2 + OPERATOR_CLIENTS_MAX];
    nfds_t count = 2;

    polled[0] = (struct pollfd){.fd = loop->attach_fd, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = -1, .events = POLLIN};
    /* Whom we would not serve now must not wake us either: poll would never wait. */
    for (size_t i = 0; i < OPERATOR_CLIENTS_MAX; i++) {
        const struct operator_client *client = &loop->clients[i];

        polled[count++] =
            (struct pollfd){.fd = client->request_id == 0 ? client->fd : -1, .events = POLLIN};
        if (client->fd < 0)
            polled[1].fd = loop->operator_fd;
    }
    bool behind = operator_read_journal(loop);

    poll(polled, count, behind ? 0 : OPERATOR_WAIT_MS);
    operator_watch_attached(loop);
    if ((polled[0].revents & POLLIN) != 0)
        operator_accept_attached(loop, now_ns);
    for (size_t i = 0; i < ATTACHED_MAX; i++)
        if (loop->attached[i].fd >= 0 && loop->attached[i].silent_since_ns != 0)
            operator_welcome(loop, &loop->attached[i], now_ns);
    if ((polled[1].revents & POLLIN) != 0)
        operator_accept_client(loop);
    for (size_t i = 0; i < OPERATOR_CLIENTS_MAX; i++) {
        struct operator_client *client = &loop->clients[i];

        if (client->fd >= 0 && client->request_id == 0)
            operator_hear(loop, client, now_ns);
        else if (client->fd >= 0 && now_ns - client->asked_ns > OPERATOR_PATIENCE_NS)
            operator_reply(loop, client, OPERATOR_UNKNOWN, NULL);
    }
    return behind;
}

void operator_loop_close(struct operator_loop *loop) {
    if (loop->attach_fd >= 0) {
        close(loop->attach_fd);
        unlink(loop->attach_path);
    }
    if (loop->operator_fd >= 0) {
        close(loop->operator_fd);
        unlink(loop->operator_path);
    }
    for (size_t i = 0; i < ATTACHED_MAX; i++)
        if (loop->attached[i].fd >= 0)
            close(loop->attached[i].fd);
    for (size_t i = 0; i < OPERATOR_CLIENTS_MAX; i++)
        if (loop->clients[i].fd >= 0)
            close(loop->clients[i].fd);
    if (loop->reader != NULL)
        journal_reader_close(loop->reader);
    free(loop);
}
