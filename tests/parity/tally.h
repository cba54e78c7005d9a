/* What a stream contained, so that a run which never tried something cannot pass for a proof. */
#ifndef PARITY_TALLY_H
#define PARITY_TALLY_H

#include "core/matcher.h"

struct tally {
    uint64_t commands;
    uint64_t accepted;
    uint64_t trades;
    uint64_t events;
    uint64_t ops[OP_SET_STATE + 1];
    uint64_t rejects[REJECT_FOK + 1];
    uint64_t self_trades[STP_DECREMENT +
                         1]; /* commands in which the mode acted; NONE: traded with its own group */
    uint64_t evictions;      /* SET_BAND that cancelled something */
    uint64_t seen_above;     /* REPLACE with seen above the remainder */
    uint64_t seen_ate_all;   /* ... and nothing left to enter */
    uint64_t filled_fok;
    uint64_t resting_sum; /* over all commands: orders that rested after it */
    uint64_t post_only_rested;
};

/* `remainder_lots` of the order that a REPLACE names, 0 if it names none. `met_own` tells that the taker
 * traded with its own group. */
void tally_add(struct tally *tally, const struct matcher_command *command,
               const struct matcher_event *events, size_t count, uint64_t remainder_lots,
               bool met_own);

/* Prints the shares; false when less than 60 % was accepted or anything was below 0.1 % of the stream. */
bool tally_report(const struct tally *tally);

#endif
