/* Candles of one instrument in eight widths.
 *
 * Each trade touches the second it falls into and nothing else. When the next second begins, the closed one is
 * folded into its minute, a closed minute into its 5 minutes, and so on upwards (a cascade: a fifth of the work
 * of eight updates per trade). A reader sees the stored candles, then what is still open at each width below.
 *
 * Candles are half-open: a trade at exactly the end of one belongs to the next. Only candles with trades are
 * stored; candles_read fills the idle ones in between with the last close and no volume. */
#ifndef FEED_CANDLES_H
#define FEED_CANDLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/amount.h"
#include "base/arena.h"
#include "feed/limits.h"

enum candle_interval {
    CANDLE_1S,
    CANDLE_1M,
    CANDLE_5M,
    CANDLE_15M,
    CANDLE_30M,
    CANDLE_1H,
    CANDLE_4H,
    CANDLE_1D,
    CANDLE_INTERVAL_COUNT
};

struct candle {
    uint64_t open_s; /* seconds since 1970 UTC, a multiple of the width */
    uint64_t volume_lots;
    uint64_t taker_buy_lots;
    amount_t volume_tick_lots; /* sum of price times quantity */
    amount_t taker_buy_tick_lots;
    uint64_t first_match;
    uint64_t last_match;
    uint32_t open_ticks;
    uint32_t high_ticks;
    uint32_t low_ticks;
    uint32_t close_ticks;
    uint32_t trade_count; /* 0: nothing traded; the prices are the last close */
};

struct candles {
    struct candle *kept[CANDLE_INTERVAL_COUNT]; /* rings of closed candles */
    uint32_t kept_max[CANDLE_INTERVAL_COUNT];
    uint64_t kept_count[CANDLE_INTERVAL_COUNT]; /* ever */
    struct candle
        open[CANDLE_INTERVAL_COUNT]; /* trade_count 0: none; [CANDLE_1S] is the live second */
};

struct candle_trade {
    uint64_t time_ns; /* does not fall */
    uint64_t match;
    uint64_t qty_lots;
    uint32_t price_ticks;
    uint8_t taker_side;
};

/* Of the kept rings of one instrument. */
size_t candles_bytes(uint32_t kept_max);
/* Keeps that many of each width, of minutes at least CANDLE_MINUTES_MIN; the oldest is forgotten. */
void candles_init(struct candles *candles, struct arena *arena, uint32_t kept_max);
void candles_trade(struct candles *candles, const struct candle_trade *trade);

uint32_t candle_interval_s(enum candle_interval interval);
/* "1m"; and back, -1 when it is none of them (case counts). */
const char *candle_interval_name(enum candle_interval interval);
int candle_interval_find(const char *name, size_t length);

#define CANDLE_NO_LIMIT UINT64_MAX
struct candle_range {
    uint64_t from_s; /* CANDLE_NO_LIMIT: the newest `max` up to to_s */
    uint64_t to_s;   /* candles that begin at or before; at most now */
};
/* Writes candles without gaps, oldest first, and returns how many; none before the first trade that is kept. */
size_t candles_read(const struct candles *candles, enum candle_interval interval,
                    struct candle_range range, struct candle *out, size_t max);
/* A candle in which nothing traded. */
struct candle candle_idle(uint64_t open_s, uint32_t close_ticks);
/* How many candles with trades there are (the kept and the open ones), and one of them; 0 is
 * the oldest. */
size_t candles_stored_count(const struct candles *candles, enum candle_interval interval);
void candles_stored(const struct candles *candles, enum candle_interval interval, size_t index,
                    struct candle *candle);

#endif
