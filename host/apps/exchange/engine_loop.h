/* The engine's loop: takes inputs from the doors' rings, drives the engine, appends to the journal's ring.
 *
 * Order of work in one poll: everything that the engine owes (events to settle, inputs of its own), then one
 * burst of inputs, each settled before the next is taken. It stops early, and goes on at the next poll, when the
 * journal's ring has no room for a step; inputs then wait in their rings, and their senders are not read. */
#ifndef EXCHANGE_ENGINE_LOOP_H
#define EXCHANGE_ENGINE_LOOP_H

#include <stdbool.h>

#include "base/ring.h"
#include "core/engine.h"
#include "journal/journal_ring.h"
#include "os/shared_memory.h"

#define ENGINE_DOORS     4  /* rings are indexed by enum door; DOOR_ENGINE has none */
#define DOOR_CHANGES_MAX 16 /* waiting in the ring of changes */

/* A process attached: the engine goes over to the new ring and unmaps the old. Sent by the operator loop. */
struct door_change {
    enum door door;
    struct ring_consumer consumer;
    struct shared_memory memory;
};

struct engine_loop;

/* Allocates. The engine has been replayed; the ring of the journal is formatted behind its last record. Records of the
 * loop are never older than started_ns, which is no earlier than the last record, whatever the clock says now. */
struct engine_loop *engine_loop_open(struct engine *engine, struct journal_ring *journal,
                                     uint64_t started_ns);
/* Before the threads start: the producer's side of the ring by which door changes come. */
struct ring_producer *engine_loop_changes(struct engine_loop *loop);
/* Before the threads start: appends what a record of the exchange's own (START) and a finished replay made. */
void engine_loop_append(struct engine_loop *loop, const struct outbox *outbox);
/* Before the threads start: a door whose producer lives in this process. */
void engine_loop_connect(struct engine_loop *loop, enum door door,
                         const struct ring_consumer *consumer);
bool engine_loop_poll(struct engine_loop *loop, uint64_t now_ns);
void engine_loop_close(struct engine_loop *loop);

#endif
