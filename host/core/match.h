/* The meeting of an arriving order with a book: trades, self-trade prevention, fill-or-kill counting. */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include "core/book.h"
#include "core/event_queue.h"

/* What all books of a matcher share. */
struct match {
    struct order *orders; /* by slot (book.h) */
    struct event_queue queue;
    uint64_t last_match; /* number of the last trade */
    struct price_trie trie;
};

/* The order that arrives. */
struct taker {
    uint64_t left_lots;
    int64_t reach_key; /* worst key of the other side that it may meet; 0 = any */
    uint32_t handle;
    uint32_t owner;
    uint32_t
        /* owner when prevention is on, else 0: this group's orders are not traded with */
        guard_owner;
    uint32_t price_ticks; /* where a limit order would rest */
    uint8_t side;
    uint8_t tif;
    uint8_t stp;
    bool post_only;
    bool can_rest;
};

static inline struct price_ladder *match_makers(struct book *book, const struct taker *taker) {
    return &book->sides[taker->side ^ 1];
}

/* Is the best opposite level within the taker's limit? An empty side has key -1. */
static inline bool match_would_cross(struct book *book, const struct taker *taker) {
    return match_makers(book, taker)->best_key >= taker->reach_key;
}

/* Would the whole quantity trade, by the counting rule of fill-or-kill? */
bool match_can_fill(const struct match *match, struct book *book, const struct taker *taker);

/* Matches until the taker is done, prevented, or meets no price within its limit. Emits as it goes. */
void match_run(struct match *match, struct book *book, const struct matcher_command *command,
               struct taker *taker);

/* Takes a resting order out and emits its CANCELLED. */
void match_cancel(struct match *match, struct book *book, const struct matcher_command *command,
                  uint32_t slot, enum cancel_why why);

#endif
