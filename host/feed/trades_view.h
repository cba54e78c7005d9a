/* Trades: the last ones of each instrument for everyone, and the last sides of trades for the accounts that
 * were part of them. Bounded: the oldest is forgotten. */
#ifndef FEED_TRADES_VIEW_H
#define FEED_TRADES_VIEW_H

#include <stdbool.h>

#include "base/arena.h"
#include "core/record.h"
#include "feed/limits.h"

struct trade_print {
    uint64_t match;
    uint64_t time_ns;
    uint64_t qty_lots;
    uint32_t price_ticks;
    uint32_t taker_account;
    uint8_t taker_side;
};

/* One account's side of a trade. */
struct fill_view {
    uint64_t match;
    uint64_t record_seq;
    uint64_t time_ns;
    uint64_t order_no;
    uint64_t qty_lots;
    amount_t fee_atoms;   /* of what it received */
    uint64_t next_number; /* its account's fill before this one: number + 1, 0 = none */
    uint32_t account;
    uint32_t price_ticks;
    uint16_t instrument;
    uint8_t side;
    bool is_maker;
};

struct trades_view {
    struct feed_limits limits;
    struct trade_print *prints; /* TRADES_KEPT for each instrument */
    uint64_t *print_counts;     /* ever, by instrument */
    struct fill_view *fills;    /* ring of fill_max */
    uint64_t fill_count;        /* ever */
    uint64_t *newest;           /* by account_index: number + 1, 0 = none */
};

size_t trades_view_bytes(const struct feed_limits *limits);
void trades_view_init(struct trades_view *view, struct arena *arena,
                      const struct feed_limits *limits);
void trades_view_record(struct trades_view *view, const union record *record);

/* How many are kept; number 0 is the newest. */
uint32_t trades_view_count(const struct trades_view *view, uint16_t instrument);
const struct trade_print *trades_view_print(const struct trades_view *view, uint16_t instrument,
                                            uint32_t age);
/* Walks an account's fills, newest first: start with NULL; NULL is the end. */
const struct fill_view *trades_view_next_fill(const struct trades_view *view, uint32_t account,
                                              const struct fill_view *after);

#endif
