/* The reference matcher's books: sorted lists of orders, and the match. Only the reference uses them. */
#ifndef CORE_REFERENCE_BOOK_H
#define CORE_REFERENCE_BOOK_H

#include "core/matcher.h"

/* An order in the book. It stands in the table at the index of its handle, and is linked by that index
 * into the sorted list of its side: best price first, oldest first within a price. */
struct resting {
    uint64_t left_lots;
    uint32_t handle;
    uint32_t owner;
    uint32_t price_ticks;
    uint32_t next; /* index of the order behind this one, or NOBODY */
    uint16_t instrument;
    uint8_t side;
    bool live;
};

struct listing {
    uint32_t first[2]; /* by side: index of the best order, or NOBODY */
    uint32_t base_ticks;
    uint32_t k;
    uint8_t state;
    bool declared;
};

struct reference {
    struct matcher_limits limits;
    uint64_t next_seq;
    uint64_t last_match;
    struct resting *orders;
    struct listing *listings;
    struct matcher_event *events;
    size_t event_max;
    size_t event_count;
    size_t event_taken;
};

/* The order that arrives: what NEW and REPLACE have in common. */
struct arrival {
    uint64_t left_lots;
    uint32_t handle;
    uint32_t owner;
    uint32_t price_ticks; /* of a limit order, or the protection price of a market order */
    uint8_t side;
    uint8_t tif;
    uint8_t stp;
    bool is_market;
    bool post_only;
};

#define NOBODY UINT32_MAX

uint8_t reference_opposite(uint8_t side);
bool reference_is_within_limit(const struct arrival *taker, uint32_t price_ticks);

/* Appends one event of `command` about one order. */
void reference_emit_order(struct reference *ref, const struct matcher_command *command,
                          uint8_t type, uint8_t why, uint32_t handle, uint64_t qty_lots);
void reference_emit_done(struct reference *ref, const struct matcher_command *command);

/* Cancels the resting order at `index`: one event, then it is gone. */
void reference_expire(struct reference *ref, const struct matcher_command *command, uint32_t index,
                      uint8_t why);

/* Would a fill-or-kill order get its whole quantity? */
bool reference_can_fill(const struct reference *ref, uint16_t instrument,
                        const struct arrival *taker);

/* Accepts, matches, and rests or cancels what is left. */
void reference_match_and_rest(struct reference *ref, const struct matcher_command *command,
                              struct arrival *taker);

#endif
