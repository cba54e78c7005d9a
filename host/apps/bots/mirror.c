#include "apps/bots/bots.h"

#include <stdlib.h>
#include <string.h>

#include "apps/bots/mirror_book.h"
#include "core/matcher.h"
#include "os/clock.h"
#include "os/log.h"

/* Only what lies within this many ticks of the middle is quoted: a recording has thousands of levels far away. */
#define REACH_TICKS 1500
#define REMEASURE                                                                                  \
    100 /* ticks: when the middle has moved so far, the edges of the reach are looked at again */
#define OFFSETS     (2 * MIRROR_SPAN)
#define CATCH_UP_NS 20000000u /* how often fills are made good between two lines of the recording */
#define PAUSE_NS    1000000000u
#define DIRTY_MAX   (1u << 16) /* levels to look at after a line; the others wait for the next */

struct mirror {
    struct mirror_book book;
    uint8_t instrument;
    int *quotes[2];       /* by offset: place among the quotes, or QUOTES_NONE */
    uint32_t *refused[2]; /* by offset: the quantity that the exchange would not have there */
    uint32_t middle;      /* offset; before there is one: where the recording last was */
    bool has_middle;
    bool is_due; /* the recording has named levels since the book was last brought in line */
    struct {
        uint8_t side;
        uint32_t offset;
    } dirty[DIRTY_MAX];
    uint32_t dirty_count;
    uint64_t line;
};

static void mirror_dirty(struct mirror *mirror, uint8_t side, uint32_t offset) {
    if (mirror->dirty_count < DIRTY_MAX) {
        mirror->dirty[mirror->dirty_count].side = side;
        mirror->dirty[mirror->dirty_count].offset = offset;
        mirror->dirty_count++;
    }
}

static bool mirror_reaches(const struct mirror *mirror, uint32_t offset) {
    uint32_t away = offset > mirror->middle ? offset - mirror->middle : mirror->middle - offset;

    return mirror->has_middle && away <= REACH_TICKS;
}

static uint32_t mirror_wants(const struct mirror *mirror, uint8_t side, uint32_t offset) {
    return mirror_reaches(mirror, offset) ? mirror_book_lots(&mirror->book, side, offset) : 0;
}

static const struct quote *mirror_quote(const struct bot *bot, const struct mirror *mirror,
                                        uint8_t side, uint32_t offset) {
    return quotes_at(&bot->quotes, mirror->quotes[side][offset], mirror->instrument, side,
                     mirror->book.base_ticks + offset);
}

/* Between the best bid and the best ask of the recording; looked for from where it was. */
static void mirror_measure(struct mirror *mirror) {
    const struct mirror_book *book = &mirror->book;
    uint32_t hint = mirror->middle;
    /* The best bid may be above the hint, as the best ask may be below it. */
    uint32_t bid = hint + REACH_TICKS < OFFSETS ? hint + REACH_TICKS : OFFSETS - 1;
    uint32_t ask = hint > REACH_TICKS ? hint - REACH_TICKS : 0;

    while (bid > 0 && book->tick_qty_e8[SIDE_BUY][bid] == 0)
        bid--;
    while (ask + 1 < OFFSETS && book->tick_qty_e8[SIDE_SELL][ask] == 0)
        ask++;
    if (book->tick_qty_e8[SIDE_BUY][bid] == 0 || book->tick_qty_e8[SIDE_SELL][ask] == 0)
        return;
    uint32_t middle = (bid + ask) / 2;
    uint32_t moved = middle > mirror->middle ? middle - mirror->middle : mirror->middle - middle;

    if (mirror->has_middle && moved < REMEASURE)
        return;
    uint32_t reach = REACH_TICKS + moved;
    uint32_t low = middle > reach ? middle - reach : 0;

    mirror->middle = middle;
    mirror->has_middle = true;
    for (uint32_t offset = low; offset < OFFSETS && offset <= middle + reach; offset++)
        for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++)
            if (book->tick_qty_e8[side][offset] > 0 || mirror->quotes[side][offset] != QUOTES_NONE)
                mirror_dirty(mirror, side, offset);
}

/* One level: what stands there and is not what the recording says is withdrawn, and placed anew in full. */
static bool mirror_withdraw(struct bot *bot, struct mirror *mirror, uint8_t side, uint32_t offset) {
    const struct quote *quote = mirror_quote(bot, mirror, side, offset);
    int *place = &mirror->quotes[side][offset];
    bool alive = true;

    if (quote != NULL && quote->qty_lots == mirror_wants(mirror, side, offset))
        return true;
    if (quote != NULL)
        alive = quotes_cancel(&bot->quotes, *place);
    *place = QUOTES_NONE;
    return alive;
}

static bool mirror_place(struct bot *bot, struct mirror *mirror, uint8_t side, uint32_t offset) {
    uint32_t wanted = mirror_wants(mirror, side, offset);
    struct quote_order order = {.instrument = mirror->instrument,
                                .side = side,
                                .price_ticks = mirror->book.base_ticks + offset,
                                .qty_lots = wanted,
                                .post_only = true};
    bool alive = true;

    if (mirror->quotes[side][offset] != QUOTES_NONE || wanted == 0 ||
        mirror->refused[side][offset] == wanted)
        return true;
    mirror->refused[side][offset] = 0;
    mirror->quotes[side][offset] = quotes_place(&bot->quotes, &order, &alive);
    return alive;
}

/* Fills and refusals since the last look. A quantity that was refused (below the least the instrument trades, or in
 * somebody's way) is not asked for again until the recording changes it. */
static void mirror_learn(struct bot *bot, struct mirror *mirror) {
    for (uint32_t i = 0; i < bot->quotes.loss_count; i++) {
        const struct quote_loss *loss = &bot->quotes.losses[i];
        uint32_t offset = loss->price_ticks - mirror->book.base_ticks;

        if (loss->instrument != mirror->instrument || offset >= OFFSETS)
            continue;
        if (loss->is_refused)
            mirror->refused[loss->side][offset] = mirror_wants(mirror, loss->side, offset);
        mirror_dirty(mirror, loss->side, offset);
    }
    bot->quotes.loss_count = 0;
    if (bot->quotes.losses_forgotten) {
        bot->quotes.losses_forgotten = false;
        mirror->has_middle = false; /* everything is looked at again */
    }
}

/* Withdraws first on both sides, so that nothing of ours stands in the way of what is placed. */
static bool mirror_follow(struct bot *bot, struct mirror *mirror) {
    mirror_learn(bot, mirror);
    mirror_measure(mirror);
    for (uint32_t i = 0; i < mirror->dirty_count; i++)
        if (!mirror_withdraw(bot, mirror, mirror->dirty[i].side, mirror->dirty[i].offset))
            return false;
    for (uint32_t i = 0; i < mirror->dirty_count; i++)
        if (!mirror_place(bot, mirror, mirror->dirty[i].side, mirror->dirty[i].offset))
            return false;
    mirror->dirty_count = 0;
    mirror->is_due = false;
    return true;
}

/* Until the moment of the next line, making fills good. */
static bool mirror_wait(struct bot *bot, struct mirror *mirror, uint64_t due_ns) {
    uint64_t now_ns = clock_monotonic_ns();

    while (!*bot->stop && now_ns < due_ns) {
        uint64_t until_ns = due_ns - now_ns > CATCH_UP_NS ? now_ns + CATCH_UP_NS : due_ns;

        if (!bot_listen(bot, until_ns) || !mirror_follow(bot, mirror))
            return false;
        now_ns = clock_monotonic_ns();
    }
    return true;
}

static void mirror_change(struct mirror *mirror, const struct recording_change *change) {
    if (change->kind == RECORDING_TRADE)
        return; /* the taker trades as it likes */
    if (change->kind == RECORDING_SNAPSHOT) {
        for (uint32_t offset = 0; offset < OFFSETS; offset++)
            for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++)
                if (mirror->quotes[side][offset] != QUOTES_NONE)
                    mirror_dirty(mirror, side, offset);
        /* Offsets keep their meaning. */
        bool was_placed = mirror->book.is_placed;

        mirror_book_clear(&mirror->book);
        mirror->book.is_placed = was_placed;
    } else {
        uint32_t offset = mirror_book_change(&mirror->book, change);

        if (offset != MIRROR_NO_OFFSET) {
            mirror_dirty(mirror, change->side, offset);
            if (!mirror->has_middle)
                mirror->middle = offset;
        }
    }
    mirror->is_due = true;
}

static bool mirror_knows(struct bot *bot, struct mirror *mirror,
                         const struct recording *recording) {
    for (size_t i = 0; i < bot->demo.instrument_count; i++)
        if (strcmp(bot->demo.instruments[i].symbol, recording_symbol(recording)) == 0) {
            mirror->instrument = (uint8_t)i;
            mirror->book.terms = &bot->demo.instruments[i];
            return true;
        }
    return false;
}

/* Plays the recording once. False: the connection is gone. */
static bool mirror_play(struct bot *bot, struct mirror *mirror, struct recording *recording,
                        unsigned speed, bool *usable) {
    struct recording_change change;
    enum recording_result result = RECORDING_END;
    uint64_t begun_ns = clock_monotonic_ns();
    uint64_t first_ns = 0;

    mirror->line = 0;
    while (!*bot->stop && (result = recording_next(recording, &change)) == RECORDING_CHANGE) {
        if (first_ns == 0) {
            first_ns = change.time_ns;
            *usable = mirror_knows(bot, mirror, recording);
            if (!*usable) {
                log_error("maker", "the recording is of '%s', which the demo does not list",
                          recording_symbol(recording));
                bot->is_hopeless = true;
                return true;
            }
        }
        if (change.line != mirror->line) {
            uint64_t since_ns = change.time_ns > first_ns ? change.time_ns - first_ns : 0;

            mirror->line = change.line;
            if ((mirror->is_due && !mirror_follow(bot, mirror)) ||
                !mirror_wait(bot, mirror, begun_ns + since_ns / speed))
                return false;
        }
        mirror_change(mirror, &change);
    }
    if (!*bot->stop && result == RECORDING_DAMAGED)
        log_error("maker", "recording: %s", recording_place(recording));
    return mirror_follow(bot, mirror) && bot_listen(bot, clock_monotonic_ns() + PAUSE_NS);
}

/* Nothing of before counts any more; quotes_begin has withdrawn it, or is about to. */
static void mirror_clear(struct mirror *mirror) {
    mirror_book_clear(&mirror->book);
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (uint32_t i = 0; i < OFFSETS; i++) {
            mirror->quotes[side][i] = QUOTES_NONE;
            mirror->refused[side][i] = 0;
        }
    mirror->has_middle = false;
    mirror->is_due = false;
    mirror->dirty_count = 0;
}

static bool mirror_make(struct bot *bot, struct mirror *mirror) {
    bool good = mirror_book_make(&mirror->book, &bot->demo.instruments[0]);

    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        mirror->quotes[side] = malloc(OFFSETS * sizeof(int));
        mirror->refused[side] = malloc(OFFSETS * sizeof(uint32_t));
        good = good && mirror->quotes[side] != NULL && mirror->refused[side] != NULL;
    }
    return good;
}

bool mirror_run(struct bot *bot, const char *path, unsigned speed) {
    static struct mirror mirror;
    bool usable = true;
    bool alive = true;

    if (mirror.quotes[0] == NULL && !mirror_make(bot, &mirror)) {
        log_error("maker", "out of memory");
        bot->is_hopeless = true;
        return true;
    }
    while (!*bot->stop && usable && alive) {
        struct recording *recording = recording_open(path);

        if (recording == NULL) {
            log_error("maker", "cannot open the recording %s", path);
            bot->is_hopeless = true;
            return true;
        }
        mirror_clear(&mirror);
        alive = quotes_begin(&bot->quotes) && mirror_play(bot, &mirror, recording, speed, &usable);
        recording_close(recording);
    }
    return alive;
}
