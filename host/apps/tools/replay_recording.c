/* A Binance recording: the file's book, level by level, and one order per level that follows it. Read twice: for
 * tick, lot and prices, and to play it. docs/lab.md has the rules; the levels in reach are one dense array. */
#include <stdlib.h>
#include <string.h>

#include "apps/client/recording.h"
#include "apps/tools/replay.h"

#define BAND_BITS     18u /* as wide as an instrument may be: a book has levels far out */
#define BAND_TICKS    (1u << BAND_BITS)
#define TICK_E8_LEAST 10000u /* OUCH prices have four decimals */
#define TOUCHED_AT_ONCE                                                                            \
    65536u /* levels between two lines; more: they are brought in line at once */

/* What the file says of one price, and the order that stands for it. */
struct level {
    uint64_t file_lots;
    uint32_t order; /* REPLAY_ORDER_NONE: never one */
};

struct place {
    uint8_t side;
    uint32_t offset; /* from the band's base */
};

static struct book {
    struct level levels[2][BAND_TICKS];
    struct place touched[TOUCHED_AT_ONCE];
    size_t touched_count;
    uint64_t line;       /* at hand */
    uint64_t line_count; /* that changed something */
    bool is_due;         /* the file named levels since the book last followed it */
} book;

/* ---- the first reading ---- */

struct terms_seen {
    uint64_t price_gcd_e8;
    uint64_t qty_gcd_e8;
    uint64_t qty_max_e8;
    uint64_t low_e8; /* of trades; without any, of the first levels of each side */
    uint64_t high_e8;
    uint64_t first_e8[2];
    bool has_trade;
};

static uint64_t gcd(uint64_t a, uint64_t b) {
    while (b != 0) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* The largest power of ten that divides it. */
static uint64_t ten_in(uint64_t value) {
    uint64_t power = 1;

    while (value != 0 && value % (power * 10) == 0)
        power *= 10;
    return power;
}

static void terms_see(struct terms_seen *seen, const struct recording_change *change) {
    if (change->kind == RECORDING_SNAPSHOT || change->price_e8 == 0)
        return;
    seen->price_gcd_e8 = gcd(seen->price_gcd_e8, change->price_e8);
    seen->qty_gcd_e8 = gcd(seen->qty_gcd_e8, change->qty_e8);
    if (change->qty_e8 > seen->qty_max_e8)
        seen->qty_max_e8 = change->qty_e8;
    if (change->kind == RECORDING_LEVEL && change->qty_e8 > 0 && seen->first_e8[change->side] == 0)
        seen->first_e8[change->side] = change->price_e8;
    if (change->kind != RECORDING_TRADE)
        return;
    if (!seen->has_trade || change->price_e8 < seen->low_e8)
        seen->low_e8 = change->price_e8;
    if (!seen->has_trade || change->price_e8 > seen->high_e8)
        seen->high_e8 = change->price_e8;
    seen->has_trade = true;
}

static bool terms_take(struct replay *replay, struct terms_seen *seen, const char *symbol) {
    struct replay_instrument *instrument = &replay->instruments[0];

    if (!seen->has_trade) {
        seen->low_e8 = seen->first_e8[0] == 0 ? seen->first_e8[1] : seen->first_e8[0];
        seen->high_e8 = seen->first_e8[1] == 0 ? seen->first_e8[0] : seen->first_e8[1];
    }
    instrument->tick_e8 = ten_in(seen->price_gcd_e8);
    instrument->lot_e8 = ten_in(seen->qty_gcd_e8);
    snprintf(instrument->symbol, sizeof instrument->symbol, "%.8s", symbol);
    replay->instrument_count = 1;
    if (seen->low_e8 == 0 || seen->qty_gcd_e8 == 0)
        snprintf(replay->error, sizeof replay->error, "the recording has no level and no trade");
    else if (strlen(symbol) == 0 || strlen(symbol) > OUCH50_SYMBOL_BYTES)
        snprintf(replay->error, sizeof replay->error,
                 "'%s' does not fit the 8 characters of a symbol", symbol);
    else if (instrument->tick_e8 < TICK_E8_LEAST)
        snprintf(replay->error, sizeof replay->error,
                 "prices with more than the four decimals of OUCH");
    else if (seen->qty_max_e8 / instrument->lot_e8 > UINT32_MAX)
        snprintf(replay->error, sizeof replay->error,
                 "quantities of more lots than an order may have");
    else
        return true;
    return false;
}

bool replay_recording_terms(struct replay *replay, const char *path) {
    struct recording *recording = recording_open(path);
    struct terms_seen seen = {.has_trade = false};
    struct recording_change change;
    enum recording_result result;

    if (recording == NULL) {
        snprintf(replay->error, sizeof replay->error, "cannot open %s", path);
        return false;
    }
    while ((result = recording_next(recording, &change)) == RECORDING_CHANGE)
        terms_see(&seen, &change);
    bool good = result == RECORDING_END && terms_take(replay, &seen, recording_symbol(recording));

    if (result == RECORDING_DAMAGED)
        snprintf(replay->error, sizeof replay->error, "%s", recording_place(recording));
    recording_close(recording);
    if (good) {
        uint64_t tick_e8 = replay->instruments[0].tick_e8;

        replay_choose_band(&replay->instruments[0], (uint32_t)(seen.low_e8 / tick_e8),
                           (uint32_t)(seen.high_e8 / tick_e8), BAND_BITS);
    }
    return good;
}

/* ---- the file's book ---- */

static struct level *level_of(const struct place *place) {
    return &book.levels[place->side][place->offset];
}

static uint32_t level_left(const struct replay *replay, const struct level *level) {
    return level->order == REPLAY_ORDER_NONE
               ? 0
               : replay_check_left(replay_desk_judge(replay->desk), level->order);
}

static uint32_t price_of(const struct replay *replay, uint32_t offset) {
    return replay->instruments[0].base_ticks + offset;
}

/* A newer level where older ones of the other side stand: a venue's book is never crossed, so those are gone. */
static void overrule(struct replay *replay, const struct place *place) {
    const struct replay_check *judge = replay_desk_judge(replay->desk);
    uint32_t price_ticks = price_of(replay, place->offset);
    uint8_t other = 1 - place->side;
    uint32_t best_ticks;

    while (replay_check_touch(judge, 0, other, &best_ticks) &&
           (other == SIDE_SELL ? best_ticks <= price_ticks : best_ticks >= price_ticks)) {
        struct level *level = &book.levels[other][best_ticks - replay->instruments[0].base_ticks];

        level->file_lots = 0;
        replay->totals.overruled++;
        replay_desk_cancel(replay->desk, level->order);
    }
}

static void level_withdraw(struct replay *replay, const struct place *place) {
    const struct level *level = level_of(place);
    uint32_t left = level_left(replay, level);

    if (left > 0 && level->file_lots == 0)
        replay_desk_cancel(replay->desk, level->order);
    else if (left > level->file_lots)
        replay_desk_reduce(replay->desk, level->order, (uint32_t)level->file_lots);
}

static void level_place(struct replay *replay, const struct place *place) {
    struct level *level = level_of(place);
    uint32_t left = level_left(replay, level);
    struct replay_check_order order = {.instrument = 0,
                                       .side = place->side,
                                       .price_ticks = price_of(replay, place->offset),
                                       .qty_lots = (uint32_t)level->file_lots};

    if (left >= level->file_lots)
        return;
    if (left > 0) {
        level->order =
            replay_desk_replace(replay->desk, level->order, order.price_ticks, order.qty_lots);
        return;
    }
    overrule(replay, place);
    level->order = replay_desk_enter(replay->desk, &order);
}

/* Brings every level that the file or a trade touched to what the file says: first what goes, then what comes. */
static void book_follow(struct replay *replay) {
    for (size_t i = 0; i < book.touched_count; i++)
        level_withdraw(replay, &book.touched[i]);
    for (size_t i = 0; i < book.touched_count; i++)
        level_place(replay, &book.touched[i]);
    book.touched_count = 0;
}

static void book_touch(struct replay *replay, uint8_t side, uint32_t offset) {
    if (book.touched_count == TOUCHED_AT_ONCE)
        book_follow(replay);
    book.touched[book.touched_count++] = (struct place){.side = side, .offset = offset};
}

/* ---- playing ---- */

static bool book_offset(struct replay *replay, const struct recording_change *change,
                        uint32_t *offset) {
    const struct replay_instrument *instrument = &replay->instruments[0];
    uint64_t price_ticks = change->price_e8 / instrument->tick_e8;

    if (price_ticks > UINT32_MAX || !replay_in_reach(instrument, (uint32_t)price_ticks)) {
        replay->totals.beyond_reach++;
        return false;
    }
    *offset = (uint32_t)price_ticks - instrument->base_ticks;
    return true;
}

/* Would it trade with the exchange's book as it stands before this line is played? */
static bool level_crosses(const struct replay *replay, uint8_t side, uint32_t price_ticks) {
    uint32_t best_ticks;

    if (!replay_check_touch(replay_desk_judge(replay->desk), 0, 1 - side, &best_ticks))
        return false;
    return side == SIDE_BUY ? price_ticks >= best_ticks : price_ticks <= best_ticks;
}

static void play_level(struct replay *replay, const struct recording_change *change) {
    uint32_t offset;

    if (!book_offset(replay, change, &offset))
        return;
    book.levels[change->side][offset].file_lots = change->qty_e8 / replay->instruments[0].lot_e8;
    if (change->qty_e8 > 0 && level_crosses(replay, change->side, price_of(replay, offset)))
        replay->totals.crossing++;
    book_touch(replay, change->side, offset);
}

/* All that a snapshot does not name again is gone. */
static void play_snapshot(struct replay *replay) {
    for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (uint32_t offset = 0; offset < BAND_TICKS; offset++)
            if (book.levels[side][offset].file_lots > 0) {
                book.levels[side][offset].file_lots = 0;
                book_touch(replay, side, offset);
            }
}

/* The taker's order, for at most what the file says it took and at no worse price. Levels that it takes from in our
 * book are looked at again with the next line. */
static void play_trade(struct replay *replay, const struct recording_change *change) {
    const struct replay_check *judge = replay_desk_judge(replay->desk);
    struct replay_check_order order = {.side = change->side, .immediate = true};
    const uint32_t *hits;
    uint32_t offset;

    if (!book_offset(replay, change, &offset))
        return;
    order.price_ticks = price_of(replay, offset);
    order.qty_lots = (uint32_t)(change->qty_e8 / replay->instruments[0].lot_e8);
    if (order.qty_lots == 0)
        return;
    (void)replay_desk_enter(replay->desk, &order);
    size_t count = replay_check_hits(judge, &hits);

    for (size_t i = 0; i < count; i++)
        book_touch(replay, 1 - order.side,
                   replay_check_order(judge, hits[i])->price_ticks -
                       replay->instruments[0].base_ticks);
}

static bool play_change(struct replay *replay, const struct recording_change *change) {
    if (change->line != book.line) {
        if (book.is_due)
            book_follow(replay);
        book.line = change->line;
        book.line_count++;
        if (!replay_pace(replay, change->time_ns))
            return false;
    }
    switch (change->kind) {
    case RECORDING_LEVEL: play_level(replay, change); break;
    case RECORDING_SNAPSHOT: play_snapshot(replay); break;
    case RECORDING_TRADE: play_trade(replay, change); return true;
    }
    book.is_due = true;
    return true;
}

static void book_clear(void) {
    for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (uint32_t offset = 0; offset < BAND_TICKS; offset++)
            book.levels[side][offset] = (struct level){.order = REPLAY_ORDER_NONE};
    book.touched_count = 0;
    book.line = 0;
    book.line_count = 0;
    book.is_due = false;
}

bool replay_recording_play(struct replay *replay, const char *path) {
    struct recording *recording = recording_open(path);
    struct recording_change change;
    enum recording_result result;
    bool good = true;

    if (recording == NULL) {
        snprintf(replay->error, sizeof replay->error, "cannot open %s", path);
        return false;
    }
    book_clear();
    while (good && (result = recording_next(recording, &change)) == RECORDING_CHANGE) {
        if (replay->message_max != 0 && change.line > replay->message_max)
            break;
        replay->permille = recording_permille(recording);
        good = play_change(replay, &change);
    }
    replay->totals.messages = recording_line(recording);
    if (replay->message_max != 0 && replay->totals.messages > replay->message_max)
        replay->totals.messages = replay->message_max;
    replay->totals.not_orders = replay->totals.messages - book.line_count;
    if (result == RECORDING_DAMAGED) {
        snprintf(replay->error, sizeof replay->error, "%s", recording_place(recording));
        good = false;
    }
    recording_close(recording);
    if (good)
        book_follow(replay);
    return good;
}

size_t replay_recording_book(const struct replay *replay, uint8_t side,
                             struct replay_level *levels) {
    size_t count = 0;

    for (uint32_t i = 0; i < BAND_TICKS && count < REPLAY_ORDERS_MAX; i++) {
        uint32_t offset = side == SIDE_BUY ? BAND_TICKS - 1 - i : i;
        uint64_t file_lots = book.levels[side][offset].file_lots;

        if (file_lots > 0)
            levels[count++] = (struct replay_level){price_of(replay, offset), file_lots};
    }
    return count;
}
