/* Every bound of the views, and what happens when it is reached. Memory for all of it is asked for once; pages
 * that nothing was written to cost nothing. */
#ifndef FEED_LIMITS_H
#define FEED_LIMITS_H

#include <stdint.h>

#include "base/check.h"
#include "core/limits.h"

/* The engine's own tops (core/limits.h) fit into these, so that a record beyond them is a mistake: check. */
struct feed_limits {
    uint32_t account_max;
    uint32_t balance_max;
    uint32_t order_max;      /* alive at once */
    uint32_t instrument_max; /* at most INSTRUMENT_MAX */
    uint32_t finished_max;   /* finished orders; the oldest is forgotten */
    uint32_t fill_max;       /* sides of trades, for their accounts; the oldest is forgotten */
    uint32_t candle_max;     /* of each width and instrument; the oldest is forgotten */
};

/* Orders that replace another one which is still alive; more: check. */
#define FEED_IN_FLIGHT_MAX 4096
/* Trades per instrument; the oldest is forgotten. */
#define TRADES_KEPT 1024
/* One-minute candles kept whatever is asked for: the figures of 24 hours need them. */
#define CANDLE_MINUTES_MIN 1536
/* Changed levels per instrument between two looks; more: "everything". */
#define DEPTH_CHANGES_MAX 2048
/* Balances that one record changes; there are no more. */
#define BALANCES_TOUCHED_MAX 8

#define CANDLES_KEPT_USUAL  1536
#define FINISHED_KEPT_USUAL (1u << 16)
#define FILLS_KEPT_USUAL    (1u << 17)

static inline struct feed_limits feed_limits_usual(void) {
    return (struct feed_limits){.account_max = ACCOUNT_MAX,
                                .balance_max = BALANCE_MAX,
                                .order_max = ORDER_MAX,
                                .instrument_max = INSTRUMENT_MAX,
                                .finished_max = FINISHED_KEPT_USUAL,
                                .fill_max = FILLS_KEPT_USUAL,
                                .candle_max = CANDLES_KEPT_USUAL};
}

/* The house stands behind the clients, in arrays of account_max + 1. */
static inline uint32_t account_index(const struct feed_limits *limits, uint32_t account) {
    if (account == ACCOUNT_HOUSE)
        return limits->account_max;
    check(account < limits->account_max);
    return account;
}

#endif
