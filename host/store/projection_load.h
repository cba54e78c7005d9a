/* Reads the projection's state back from the tables: terms, open orders, balances, candles in hand, and the mark,
 * all of one moment. This is how the projector starts, and how it starts again after it lost its connection: what
 * was in memory is forgotten, so that there is one way and it is always used. */
#ifndef STORE_PROJECTION_LOAD_H
#define STORE_PROJECTION_LOAD_H

#include <libpq-fe.h>

#include "store/projection.h"

enum load_result {
    LOAD_DONE,          /* projection->record_seq is the mark, time_ns its time */
    LOAD_FAILED,        /* PostgreSQL said no or went away; PQerrorMessage says how */
    LOAD_OTHER_JOURNAL, /* the tables hold the rows of another journal; *owner is its name */
    LOAD_TOO_MUCH,      /* more open orders or balances than the core can have */
};

struct load_owner {
    char journal[32];
};

/* `journal` is cluster_id in 16 hex digits. Makes the mark when the tables are empty. */
NODISCARD enum load_result projection_load(struct projection *projection, PGconn *connection,
                                           const char *journal, struct load_owner *owner);

#endif
