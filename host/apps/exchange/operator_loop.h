/* The housekeeping loop: the attach socket (web, store, tools) and the operator's socket.
 *
 * It owns every descriptor on both, makes the memory of a command ring when a process attaches, and answers the
 * operator out of the journal, like every other reader: when the record is durable. It blocks in poll(2) for at
 * most OPERATOR_WAIT_MS, so it wants a thread of its own. */
#ifndef EXCHANGE_OPERATOR_LOOP_H
#define EXCHANGE_OPERATOR_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/exchange/engine_loop.h"
#include "apps/operator.h"

#define OPERATOR_WAIT_MS   5
#define ATTACHED_MAX       16            /* processes attached at once; more are refused: BUSY */
#define ATTACH_PATIENCE_NS 1000000000ull /* for the one message of a process that attaches */

struct operator_loop;

struct operator_setup {
    const char *var_path; /* sockets under its run/ */
    const struct shared_memory *journal_memory;
    struct journal_ring *journal;
    struct file_port *files;       /* of this loop alone */
    struct ring_producer *changes; /* to the engine loop */
    struct ring_producer commands; /* of the operator's door */
    uint32_t command_ring_slots;   /* of rings made for other processes */
    struct operator_status status; /* what does not change; the rest is filled at each question */
};

/* NULL: a socket could not be made; one sentence stands in `error`. */
struct operator_loop *operator_loop_open(const struct operator_setup *setup, char *error,
                                         size_t error_bytes);
bool operator_loop_poll(struct operator_loop *loop, uint64_t now_ns);
void operator_loop_close(struct operator_loop *loop);

#endif
