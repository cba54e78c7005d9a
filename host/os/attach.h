/* How another process joins the exchange: it connects to the attach socket, says which door it is, and gets
 * two pieces of shared memory: the journal's ring (read-only, sealed) and a command ring of its own.
 *
 * The socket is SOCK_SEQPACKET; one message each way, the answer carries the descriptors. The connection then
 * stays open and silent: its end is how each side learns that the other has gone. The exchange makes a
 * door's command ring anew at every attach, so nothing of a dead process is ever taken; a second attach
 * to a door that is held is refused. */
#ifndef OS_ATTACH_H
#define OS_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define ATTACH_MAGIC     0x31545458u /* "XTT1" */
#define ATTACH_VERSION   1u
#define ATTACH_DOOR_NONE 0u /* journal only: store, tools */

struct attach_request {
    uint32_t magic;
    uint32_t version;
    uint32_t door; /* enum door, or ATTACH_DOOR_NONE */
    uint32_t zero;
};

enum attach_answer_code {
    ATTACH_WELCOME = 0,
    ATTACH_BUSY = 1,        /* another process holds this door */
    ATTACH_NOT_ALLOWED = 2, /* no such door for other processes, or a foreign version */
};

struct attach_answer {
    uint32_t magic;
    uint32_t version;
    uint32_t code; /* enum attach_answer_code */
    uint32_t zero;
    uint64_t journal_ring_bytes;
    uint64_t command_ring_bytes; /* 0 with ATTACH_DOOR_NONE */
};

struct attachment {
    int socket_fd;            /* readable (end of file) when the exchange has gone */
    const void *journal_ring; /* for journal_ring_map */
    size_t journal_ring_bytes;
    void *command_ring; /* for ring_attach, as producer; NULL with ATTACH_DOOR_NONE */
    size_t command_ring_bytes;
};

enum attach_result {
    ATTACH_OK,
    ATTACH_NO_EXCHANGE, /* nobody listens at `path` */
    ATTACH_REFUSED,     /* the door is held, or we are of another version */
    ATTACH_FAILED,      /* the system refused memory or descriptors */
};

/* Blocks for at most a second. */
NODISCARD enum attach_result attach_client(const char *path, uint32_t door,
                                           struct attachment *attachment);
/* True when the exchange is gone; never blocks. */
bool attach_is_over(const struct attachment *attachment);
void attach_close(struct attachment *attachment);

/* The exchange's side. Sends the answer and, when welcome, one or two descriptors. False: the peer is gone. */
bool attach_answer(int client_fd, const struct attach_answer *answer, const int *fds,
                   size_t fd_count);

#endif
