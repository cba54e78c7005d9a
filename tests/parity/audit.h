/* The invariants of docs/matching.md §7 that events alone can show, recounted from nothing but commands and
 * events: what two matchers agree on can still be wrong in both.
 *
 * Every lot that entered was traded, reduced, cancelled or rests; each order ends once; matches are
 * consecutive; the book is never crossed; a command has one DONE, last. A broken rule is a failed check. */
#ifndef PARITY_AUDIT_H
#define PARITY_AUDIT_H

#include "parity/generate.h"

struct audit {
    uint64_t left_lots[GENERATE_HANDLES]; /* of resting orders, by handle index */
    uint32_t handles[GENERATE_HANDLES];
    uint64_t last_match;
    unsigned __int128 entered_lots;
    unsigned __int128 traded_lots; /* counted for both orders */
    unsigned __int128 reduced_lots;
    unsigned __int128 cancelled_lots;
    unsigned __int128 resting_lots;
};

void audit_add(struct audit *audit, const struct matcher_command *command,
               const struct matcher_event *events, size_t count);

#endif
