#include "apps/bots/bots.h"

#include <string.h>

#include "core/matcher.h"
#include "os/clock.h"

#define LEVELS         24 /* per side and instrument: the orders of a book are never more than twice that */
#define STEP_NS        100000000u
#define MOVES_PER_STEP 2  /* quotes looked at per instrument and step; most stay where they are */
#define WANDER_PPM     12 /* of the middle, per step, at most */
#define RETURN_SHARE   400 /* the middle is drawn back by 1/400 of its distance from where it began */
#define GAP_PPM        60 /* between levels, growing outward */
#define REFRESH                                                                                    \
    12 /* one look in so many withdraws a quote that stands well, so that sizes change */

/* What was bought must be sold again: with POSITION_USUAL usual sizes too much, prices lean by LEAN_PPM against it
 * and the side that would add to it shrinks; at POSITION_WORST times that it is not quoted at all. */
#define POSITION_USUAL 40
#define POSITION_WORST 8
#define LEAN_PPM       300

/* One instrument's book as we want it. */
struct maker_book {
    uint8_t instrument;
    int64_t home_ticks;
    int64_t middle_milli; /* thousandths of a tick: a coarse tick must not make it run */
    uint64_t usual_lots;
    int quotes[2][LEVELS]; /* place among the quotes, or QUOTES_NONE */
    uint32_t prices[2][LEVELS];
};

static const struct maker_home {
    const char *symbol;
    uint64_t home_e8;
    uint64_t value_e8; /* of a usual level, in quote units: sizes follow from it */
} maker_homes[] = {
    {"BTCUSDT", 6000000000000u, 60000000000u},
    {"ETHUSDT", 250000000000u, 40000000000u},
    {"TATA_INR", 10000000000u, 250000000000u},
};
static const struct maker_home home_of_others = {"", 10000000000u, 25000000000u};

static void maker_book_init(struct maker_book *book, const struct demo_file *demo,
                            uint8_t instrument) {
    const struct demo_instrument_terms *terms = &demo->instruments[instrument];
    const struct maker_home *home = &home_of_others;

    for (size_t i = 0; i < sizeof maker_homes / sizeof maker_homes[0]; i++)
        if (strcmp(maker_homes[i].symbol, terms->symbol) == 0)
            home = &maker_homes[i];
    book->instrument = instrument;
    book->home_ticks = (int64_t)(home->home_e8 / terms->tick_e8);
    book->middle_milli = book->home_ticks * 1000;
    uint64_t lot_value_e8 =
        (uint64_t)((unsigned __int128)home->home_e8 * terms->lot_e8 / 100000000);

    book->usual_lots = home->value_e8 / (lot_value_e8 == 0 ? 1 : lot_value_e8) + 1;
}

static void maker_book_empty(struct maker_book *book) {
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (int level = 0; level < LEVELS; level++)
            book->quotes[side][level] = QUOTES_NONE;
}

static void maker_wander(struct maker_book *book, struct random *random) {
    int64_t reach = book->middle_milli * WANDER_PPM / 1000000 + 1;
    int64_t step = (int64_t)random_below(random, (uint32_t)(2 * reach + 1)) - reach;

    book->middle_milli += step + (book->home_ticks * 1000 - book->middle_milli) / RETURN_SHARE;
    if (book->middle_milli < book->home_ticks * 500)
        book->middle_milli = book->home_ticks * 500;
}

/* Between two levels near the touch. */
static int64_t maker_gap(const struct maker_book *book) {
    return book->middle_milli / 1000 * GAP_PPM / 1000000 + 1;
}

/* In thousandths of the usual most: above 0 too much was bought. */
static int64_t maker_excess(const struct bot *bot, const struct maker_book *book) {
    int64_t most = (int64_t)book->usual_lots * POSITION_USUAL;
    int64_t lots = bot->quotes.positions[book->instrument].lots;

    return lots > most * POSITION_WORST    ? 1000 * POSITION_WORST
           : lots < -most * POSITION_WORST ? -1000 * POSITION_WORST
                                           : lots * 1000 / most;
}

/* The middle of our prices: the market's, leaning against what we have too much of. */
static int64_t maker_middle(const struct bot *bot, const struct maker_book *book) {
    int64_t lean_milli =
        book->middle_milli / 1000 * LEAN_PPM / 1000 * maker_excess(bot, book) / 1000;

    return (book->middle_milli - lean_milli) / 1000;
}

/* Where a level should stand, with a little noise so that the book is not a comb. */
static int64_t maker_target(struct bot *bot, const struct maker_book *book, int side, int level) {
    int64_t gap = maker_gap(book);
    uint32_t noise = random_below(&bot->random, (uint32_t)(level == 0 ? gap / 4 + 1 : gap));
    int64_t away = 1 + gap * level * (LEVELS + level) / LEVELS / 2 + noise;
    int64_t middle = maker_middle(bot, book);

    return side == SIDE_BUY ? middle - away : middle + away;
}

/* Small near the touch, larger behind it. 0: this side would add to too much. */
static uint32_t maker_size(struct bot *bot, const struct maker_book *book, int side, int level) {
    int64_t excess = maker_excess(bot, book) * (side == SIDE_BUY ? 1 : -1);
    uint64_t lots = book->usual_lots / 5 + random_below(&bot->random, (uint32_t)book->usual_lots) *
                                               (uint64_t)(level + 2) / 8;

    if (excess >= 1000 * POSITION_WORST)
        return 0;
    if (excess > 0)
        lots = lots * 1000 / (uint64_t)(1000 + 2 * excess);
    return lots == 0 ? 1 : (uint32_t)lots;
}

/* Looks after one level: places what is missing, withdraws what stands in the wrong place. */
static bool maker_tend(struct bot *bot, struct maker_book *book, int side, int level) {
    int *place = &book->quotes[side][level];
    int64_t target = maker_target(bot, book, side, level);
    int64_t tolerance = maker_gap(book) * (level + 1);
    uint32_t was_ticks = book->prices[side][level];
    bool stands = quotes_at(&bot->quotes, *place, book->instrument, (uint8_t)side, was_ticks);
    int64_t off = (int64_t)was_ticks - target;
    bool crossed = side == SIDE_BUY ? was_ticks >= maker_middle(bot, book)
                                    : was_ticks <= maker_middle(bot, book);
    bool alive = true;

    if (stands) {
        if (!crossed && off < tolerance && off > -tolerance &&
            random_below(&bot->random, REFRESH) != 0)
            return true;
        if (!quotes_cancel(&bot->quotes, *place))
            return false;
    }
    struct quote_order order = {.instrument = book->instrument,
                                .side = (uint8_t)side,
                                .price_ticks = (uint32_t)target,
                                .qty_lots = maker_size(bot, book, side, level),
                                .post_only = true};

    *place = QUOTES_NONE;
    book->prices[side][level] = order.price_ticks;
    if (order.qty_lots > 0)
        *place = quotes_place(&bot->quotes, &order, &alive);
    return alive;
}

/* Whatever the middle has run over must go at once: our own other side must not meet it. */
static bool maker_clear_middle(struct bot *bot, struct maker_book *book) {
    int64_t middle = maker_middle(bot, book);

    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (int level = 0; level < LEVELS; level++) {
            uint32_t price = book->prices[side][level];
            bool crossed = side == SIDE_BUY ? price >= middle : price <= middle;

            if (crossed && quotes_at(&bot->quotes, book->quotes[side][level], book->instrument,
                                     (uint8_t)side, price) != NULL) {
                if (!quotes_cancel(&bot->quotes, book->quotes[side][level]))
                    return false;
                book->quotes[side][level] = QUOTES_NONE;
            }
        }
    return true;
}

static bool maker_step(struct bot *bot, struct maker_book *book) {
    maker_wander(book, &bot->random);
    if (!maker_clear_middle(bot, book))
        return false;
    for (int move = 0; move < MOVES_PER_STEP; move++) {
        /* The touch is busier than what lies behind it. */
        uint32_t level = random_below(&bot->random, 1 + random_below(&bot->random, LEVELS));

        if (!maker_tend(bot, book, (int)random_below(&bot->random, 2), (int)level))
            return false;
    }
    /* A gap that a taker tore is closed from the touch outward, one level a step. */
    for (int level = 0; level < LEVELS; level++)
        for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
            if (quotes_at(&bot->quotes, book->quotes[side][level], book->instrument, (uint8_t)side,
                          book->prices[side][level]) == NULL)
                return maker_tend(bot, book, side, level);
    return true;
}

static bool maker_fill(struct bot *bot, struct maker_book *book) {
    maker_book_empty(book);
    for (int level = 0; level < LEVELS; level++)
        if (!maker_tend(bot, book, SIDE_BUY, level) || !maker_tend(bot, book, SIDE_SELL, level))
            return false;
    return true;
}

/* A quote that was refused would have met somebody's order: the market is not where we thought. */
static void maker_learn(struct bot *bot, struct maker_book *books) {
    for (uint32_t i = 0; i < bot->quotes.loss_count; i++) {
        const struct quote_loss *loss = &bot->quotes.losses[i];
        struct maker_book *book = &books[loss->instrument];
        int64_t gap_milli = maker_gap(book) * 1000;

        if (loss->is_refused)
            book->middle_milli += loss->side == SIDE_BUY ? -gap_milli : gap_milli;
    }
    bot->quotes.loss_count = 0;
}

bool maker_run(struct bot *bot) {
    static struct maker_book books[DEMO_INSTRUMENTS_MAX];
    static bool begun; /* the market goes on where it was when the connection was lost */

    for (size_t i = 0; i < bot->demo.instrument_count; i++) {
        if (!begun)
            maker_book_init(&books[i], &bot->demo, (uint8_t)i);
        if (!maker_fill(bot, &books[i]))
            return false;
    }
    begun = true;
    for (uint64_t next_ns = clock_monotonic_ns() + STEP_NS; !*bot->stop; next_ns += STEP_NS) {
        if (!bot_listen(bot, next_ns))
            return false;
        maker_learn(bot, books);
        for (size_t i = 0; i < bot->demo.instrument_count; i++)
            if (!maker_step(bot, &books[i]))
                return false;
    }
    return true;
}
