/* The projector: moves the journal into PostgreSQL, each record exactly once.
 *
 *     journal ──reader──▶ projection ──batch──▶  begin
 *                                                update marks .. where record_seq = (where the batch began)
 *                                                copy trades, balance_changes
 *                                                copy staging; insert .. on conflict do update .. where older
 *                                                commit
 *
 * The rows and the move of the mark are one transaction, so a batch is there wholly or not at all, and a second
 * writer (or our own former self, whose commit arrived late) cannot bring it again. After every trouble, and at the
 * start, there is one way: forget what is in memory, connect, read the mark and the state at the mark from the
 * tables (projection_load.h), and read the journal on from there. While PostgreSQL is away nothing is read, so
 * memory stays as it is; the records wait in the segment files.
 *
 * At most PROJECTION_BATCH_RECORDS records or PROJECTOR_BATCH_NS make a batch, and a batch ends with the UTC day.
 * The caller polls, sleeps when told there is nothing, and logs the sentences. One thread owns a projector. */
#ifndef STORE_PROJECTOR_H
#define STORE_PROJECTOR_H

#include <stdint.h>

#include "base/check.h"
#include "journal/file_port.h"
#include "journal/journal_ring.h"
#include "store/database.h"

#define PROJECTOR_BATCH_NS     UINT64_C(20000000)  /* the first record of a batch waits no longer */
#define PROJECTOR_RETRY_NS     UINT64_C(100000000) /* after the first failure; doubles up to */
#define PROJECTOR_RETRY_NS_MAX UINT64_C(5000000000)
#define PROJECTOR_LOOKS        4 /* at a journal that reads as damaged; then it is */
#define PROJECTOR_DAYS_AHEAD   2 /* partitions made before their first row */

struct projector;

enum projector_step {
    PROJECTOR_AWAY,     /* no journal yet, or PostgreSQL does not answer: tries again by itself */
    PROJECTOR_IDLE,     /* all there is, is in the tables */
    PROJECTOR_GATHERED, /* a batch waits for more records or its time */
    PROJECTOR_WROTE,    /* a batch was committed */
    PROJECTOR_STOPPED, /* journal and tables do not fit together, or the journal is damaged: a person must look */
};

struct projector_status {
    bool is_connected;
    uint64_t mark;        /* last record in the tables, as far as we know */
    uint64_t batch_count; /* committed since the start */
    uint64_t retry_count; /* connections lost or not had */
    const char *sentence; /* why AWAY or STOPPED; "" otherwise */
};

/* NULL when memory runs out. `database` must outlive it. */
struct projector *projector_open(struct database *database);
/* Where the journal is read from now on; called again when a ring comes or goes. `ring` may be NULL. Both stay the
 * caller's, and must live until the next call or projector_close. */
void projector_source(struct projector *projector, const struct journal_ring *ring,
                      struct file_port *files);
/* now_ns is a monotonic clock. Blocks while PostgreSQL works. */
enum projector_step projector_poll(struct projector *projector, uint64_t now_ns);
struct projector_status projector_status(const struct projector *projector);
void projector_close(struct projector *projector);

#endif
