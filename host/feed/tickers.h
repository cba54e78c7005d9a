/* The figures of the last 24 hours, rolling by the minute: the sum of the last 1,440 one-minute candles, the
 * one of now included. */
#ifndef FEED_TICKERS_H
#define FEED_TICKERS_H

#include <assert.h>

#include "feed/candles.h"

#define TICKER_MINUTES 1440
static_assert(TICKER_MINUTES < CANDLE_MINUTES_MIN, "the minutes of a day are kept");

struct ticker {
    struct candle day; /* open_s: of its first minute; trade_count 0: nothing traded; then the
                                       prices are the last close, 0 when there never was one */
    uint32_t close_before_ticks; /* last price before the window; without one: the first in it */
    uint64_t open_time_s;
    uint64_t close_time_s; /* now */
};

void ticker_read(const struct candles *candles, uint64_t now_s, struct ticker *ticker);

#endif
