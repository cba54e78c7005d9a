#include "feed/candles.h"

#include <string.h>

#include "base/check.h"
#include "core/matcher.h"

#define NS_PER_S UINT64_C(1000000000)

static const uint32_t widths_s[CANDLE_INTERVAL_COUNT] = {1, 60, 300, 900, 1800, 3600, 14400, 86400};
static const char *const names[CANDLE_INTERVAL_COUNT] = {"1s",  "1m", "5m", "15m",
                                                         "30m", "1h", "4h", "1d"};

/* A day of minutes is kept whatever is asked for: the figures of 24 hours need it. */
static uint32_t kept_max_of(size_t interval, uint32_t kept_max) {
    return interval == CANDLE_1M && kept_max < CANDLE_MINUTES_MIN ? CANDLE_MINUTES_MIN : kept_max;
}

size_t candles_bytes(uint32_t kept_max) {
    size_t count = 0;

    for (size_t i = 0; i < CANDLE_INTERVAL_COUNT; i++)
        count += kept_max_of(i, kept_max);
    return count * sizeof(struct candle) + CANDLE_INTERVAL_COUNT * 16;
}

void candles_init(struct candles *candles, struct arena *arena, uint32_t kept_max) {
    check(kept_max > 0);
    memset(candles, 0, sizeof *candles);
    for (size_t i = 0; i < CANDLE_INTERVAL_COUNT; i++) {
        candles->kept_max[i] = kept_max_of(i, kept_max);
        candles->kept[i] = arena_take(arena, candles->kept_max[i] * sizeof *candles->kept[i], 16);
    }
}

uint32_t candle_interval_s(enum candle_interval interval) {
    return widths_s[interval];
}

const char *candle_interval_name(enum candle_interval interval) {
    return names[interval];
}

int candle_interval_find(const char *name, size_t length) {
    for (int i = 0; i < CANDLE_INTERVAL_COUNT; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return i;
    return -1;
}

static uint64_t bucket_of(uint64_t time_s, size_t interval) {
    return time_s - time_s % widths_s[interval];
}

/* `later` follows `into` in time. */
static void candle_fold(struct candle *into, const struct candle *later) {
    if (into->high_ticks < later->high_ticks)
        into->high_ticks = later->high_ticks;
    if (into->low_ticks > later->low_ticks)
        into->low_ticks = later->low_ticks;
    into->close_ticks = later->close_ticks;
    into->volume_lots += later->volume_lots;
    into->taker_buy_lots += later->taker_buy_lots;
    into->volume_tick_lots += later->volume_tick_lots;
    into->taker_buy_tick_lots += later->taker_buy_tick_lots;
    into->trade_count += later->trade_count;
    into->last_match = later->last_match;
}

static void candle_keep(struct candles *candles, size_t interval, const struct candle *closed) {
    candles->kept[interval][candles->kept_count[interval]++ % candles->kept_max[interval]] =
        *closed;
}

/* The live second has ended: keep it, and fold it upwards for as long as what it falls into closes too. */
static void candles_cascade(struct candles *candles) {
    struct candle closed = candles->open[CANDLE_1S];

    candle_keep(candles, CANDLE_1S, &closed);
    for (size_t i = CANDLE_1M; i < CANDLE_INTERVAL_COUNT; i++) {
        struct candle *open = &candles->open[i];
        uint64_t bucket_s = bucket_of(closed.open_s, i);

        if (open->trade_count > 0 && open->open_s == bucket_s) {
            candle_fold(open, &closed);
            return;
        }
        struct candle ended = *open;
        *open = closed;
        open->open_s = bucket_s;
        if (ended.trade_count == 0)
            return;
        candle_keep(candles, i, &ended);
        closed = ended;
    }
}

void candles_trade(struct candles *candles, const struct candle_trade *trade) {
    struct candle *live = &candles->open[CANDLE_1S];
    amount_t tick_lots = (amount_t)trade->price_ticks * trade->qty_lots;
    bool taker_buys = trade->taker_side == SIDE_BUY;
    struct candle one = {
        .open_s = trade->time_ns / NS_PER_S,
        .volume_lots = trade->qty_lots,
        .taker_buy_lots = taker_buys ? trade->qty_lots : 0,
        .volume_tick_lots = tick_lots,
        .taker_buy_tick_lots = taker_buys ? tick_lots : 0,
        .first_match = trade->match,
        .last_match = trade->match,
        .open_ticks = trade->price_ticks,
        .high_ticks = trade->price_ticks,
        .low_ticks = trade->price_ticks,
        .close_ticks = trade->price_ticks,
        .trade_count = 1,
    };

    if (live->trade_count > 0 && live->open_s == one.open_s) {
        candle_fold(live, &one);
        return;
    }
    check(live->trade_count == 0 || live->open_s < one.open_s);
    if (live->trade_count > 0)
        candles_cascade(candles);
    *live = one;
}

/* What is still open at this width and below, oldest first: the wider ones came earlier. */
static size_t candles_unfinished(const struct candles *candles, enum candle_interval interval,
                                 struct candle *out) {
    size_t count = 0;

    for (size_t i = (size_t)interval + 1; i-- > 0;) {
        struct candle open = candles->open[i];
        if (open.trade_count == 0)
            continue;
        open.open_s = bucket_of(open.open_s, interval);
        if (count > 0 && out[count - 1].open_s == open.open_s)
            candle_fold(&out[count - 1], &open);
        else
            out[count++] = open;
    }
    return count;
}

/* Everything with trades in time order: the ring, then what is unfinished. */
struct candle_series {
    const struct candles *candles;
    enum candle_interval interval;
    uint64_t first_number; /* of the oldest in the ring */
    size_t ring_count;
    size_t count;
    struct candle unfinished[CANDLE_INTERVAL_COUNT];
};

static void series_open(struct candle_series *series, const struct candles *candles,
                        enum candle_interval interval) {
    uint64_t kept = candles->kept_count[interval];

    series->candles = candles;
    series->interval = interval;
    uint32_t kept_max = candles->kept_max[interval];
    series->ring_count = kept < kept_max ? (size_t)kept : kept_max;
    series->first_number = kept - series->ring_count;
    series->count = series->ring_count + candles_unfinished(candles, interval, series->unfinished);
}

static const struct candle *series_at(const struct candle_series *series, size_t index) {
    if (index >= series->ring_count)
        return &series->unfinished[index - series->ring_count];
    uint64_t number = series->first_number + index;
    return &series->candles
                ->kept[series->interval][number % series->candles->kept_max[series->interval]];
}

/* The last one that begins at or before time_s; `count` when there is none. */
static size_t series_find(const struct candle_series *series, uint64_t time_s) {
    size_t low = 0;
    size_t high = series->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series_at(series, middle)->open_s <= time_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? series->count : low - 1;
}

size_t candles_stored_count(const struct candles *candles, enum candle_interval interval) {
    struct candle_series series;

    series_open(&series, candles, interval);
    return series.count;
}

void candles_stored(const struct candles *candles, enum candle_interval interval, size_t index,
                    struct candle *candle) {
    struct candle_series series;

    series_open(&series, candles, interval);
    check(index < series.count);
    *candle = *series_at(&series, index);
}

struct candle candle_idle(uint64_t open_s, uint32_t close_ticks) {
    return (struct candle){.open_s = open_s,
                           .open_ticks = close_ticks,
                           .high_ticks = close_ticks,
                           .low_ticks = close_ticks,
                           .close_ticks = close_ticks};
}

size_t candles_read(const struct candles *candles, enum candle_interval interval,
                    struct candle_range range, struct candle *out, size_t max) {
    struct candle_series series;
    uint64_t width_s = widths_s[interval];
    size_t count = 0;

    series_open(&series, candles, interval);
    if (series.count == 0 || max == 0)
        return 0;
    uint64_t oldest_s = series_at(&series, 0)->open_s;
    uint64_t last_s = bucket_of(range.to_s, interval);
    uint64_t first_s = oldest_s;
    if (range.from_s == CANDLE_NO_LIMIT) {
        if (last_s >= oldest_s && (last_s - oldest_s) / width_s >= max)
            first_s = last_s - (max - 1) * width_s;
    } else if (range.from_s > oldest_s) {
        first_s = bucket_of(range.from_s, interval);
        if (first_s < range.from_s)
            first_s += width_s; /* candles that begin in the range */
    }
    if (first_s > last_s)
        return 0;

    size_t index = series_find(&series, first_s);
    check(index < series.count);
    for (uint64_t open_s = first_s; open_s <= last_s && count < max; open_s += width_s) {
        if (index + 1 < series.count && series_at(&series, index + 1)->open_s <= open_s)
            index++;
        const struct candle *stored = series_at(&series, index);
        out[count++] =
            stored->open_s == open_s ? *stored : candle_idle(open_s, stored->close_ticks);
    }
    return count;
}
