/* The whole market as of one record: all views, fed by one call.
 *
 *     reader ─▶ market_view_record ─┬▶ directory    listings, states, the touch
 *                                   ├▶ orders       open orders, finished ones of late
 *                                   ├▶ depth        levels, changed prices
 *                                   ├▶ balances     an independent recount
 *                                   ├▶ trades       for everyone, and per account
 *                                   └▶ candles      eight widths per instrument; tickers are read from them
 *
 * Owned by one thread. Memory: market_view_bytes from an arena of zeroed memory, most of it never touched. */
#ifndef FEED_MARKET_VIEW_H
#define FEED_MARKET_VIEW_H

#include "feed/balances_view.h"
#include "feed/candles.h"
#include "feed/depth.h"
#include "feed/directory.h"
#include "feed/orders_view.h"
#include "feed/tickers.h"
#include "feed/trades_view.h"

struct market_view {
    struct directory directory;
    struct orders_view orders;
    struct depth depth;
    struct balances_view balances;
    struct trades_view trades;
    struct candles *candles; /* by instrument */
    uint64_t record_seq;     /* of the last record taken; 0 = none */
    uint64_t time_ns;
    uint32_t epoch;
    uint32_t instrument_max;
    uint64_t *last_change_seq; /* by instrument: the last record that changed its depth */
};

size_t market_view_bytes(const struct feed_limits *limits);
void market_view_init(struct market_view *view, struct arena *arena,
                      const struct feed_limits *limits);
/* Takes the next record of the journal. Each exactly once, in order, from the first on: check. */
void market_view_record(struct market_view *view, const union record *record);

#endif
