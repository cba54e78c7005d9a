#include "os/attach.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ATTACH_FDS_MAX 2

static int attach_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = 1};

    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));

    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Receives the answer; `fds` receives what came with it, -1 where nothing did. */
static bool attach_receive(int fd, struct attach_answer *answer, int fds[ATTACH_FDS_MAX]) {
    union {
        char bytes[CMSG_SPACE(sizeof(int) * ATTACH_FDS_MAX)];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = answer, .iov_len = sizeof *answer};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t bytes = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

    for (size_t i = 0; i < ATTACH_FDS_MAX; i++)
        fds[i] = -1;
    if (bytes < 0)
        return false;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL;
         head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (size_t i = 0; i < count && i < ATTACH_FDS_MAX; i++)
            memcpy(&fds[i], CMSG_DATA(head) + i * sizeof(int), sizeof(int));
    }
    return bytes == (ssize_t)sizeof *answer && answer->magic == ATTACH_MAGIC &&
           answer->version == ATTACH_VERSION;
}

static bool attach_map(const struct attach_answer *answer, const int fds[ATTACH_FDS_MAX],
                       struct attachment *attachment) {
    void *journal = mmap(NULL, answer->journal_ring_bytes, PROT_READ, MAP_SHARED, fds[0], 0);

    if (journal == MAP_FAILED)
        return false;
    attachment->journal_ring = journal;
    attachment->journal_ring_bytes = answer->journal_ring_bytes;
    if (answer->command_ring_bytes == 0)
        return true;

    void *commands =
        mmap(NULL, answer->command_ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fds[1], 0);

    if (commands == MAP_FAILED)
        return false;
    attachment->command_ring = commands;
    attachment->command_ring_bytes = answer->command_ring_bytes;
    return true;
}

enum attach_result attach_client(const char *path, uint32_t door, struct attachment *attachment) {
    struct attach_request request = {
        .magic = ATTACH_MAGIC, .version = ATTACH_VERSION, .door = door};
    struct attach_answer answer = {0};
    int fds[ATTACH_FDS_MAX];
    bool mapped = false;

    *attachment = (struct attachment){.socket_fd = attach_connect(path)};
    if (attachment->socket_fd < 0)
        return ATTACH_NO_EXCHANGE;
    if (send(attachment->socket_fd, &request, sizeof request, MSG_NOSIGNAL) !=
            (ssize_t)sizeof request ||
        !attach_receive(attachment->socket_fd, &answer, fds)) {
        attach_close(attachment);
        return ATTACH_NO_EXCHANGE;
    }
    if (answer.code == ATTACH_WELCOME)
        mapped = attach_map(&answer, fds, attachment);
    for (size_t i = 0; i < ATTACH_FDS_MAX; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (!mapped)
        attach_close(attachment);
    if (answer.code != ATTACH_WELCOME)
        return ATTACH_REFUSED;
    return mapped ? ATTACH_OK : ATTACH_FAILED;
}

bool attach_is_over(const struct attachment *attachment) {
    char byte;

    if (attachment->socket_fd < 0)
        return true;

    ssize_t bytes = recv(attachment->socket_fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

    return bytes == 0 || (bytes < 0 && errno != EAGAIN && errno != EINTR);
}

void attach_close(struct attachment *attachment) {
    if (attachment->journal_ring != NULL)
        munmap((void *)(uintptr_t)attachment->journal_ring, attachment->journal_ring_bytes);
    if (attachment->command_ring != NULL)
        munmap(attachment->command_ring, attachment->command_ring_bytes);
    if (attachment->socket_fd >= 0)
        close(attachment->socket_fd);
    *attachment = (struct attachment){.socket_fd = -1};
}

bool attach_answer(int client_fd, const struct attach_answer *answer, const int *fds,
                   size_t fd_count) {
    union {
        char bytes[CMSG_SPACE(sizeof(int) * ATTACH_FDS_MAX)];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)answer, .iov_len = sizeof *answer};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    check(fd_count <= ATTACH_FDS_MAX);
    if (fd_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);

        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * fd_count);
    }
    return sendmsg(client_fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *answer;
}
