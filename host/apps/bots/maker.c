#include "apps/bots/bots.h"

#include <string.h>

#include "core/matcher.h"
#include "os/clock.h"

#define LEVELS         24 /* per side and instrument */
#define STEP_NS        50000000u
#define MOVES_PER_STEP 3  /* quotes touched per instrument and step */
#define WANDER_PPM     25 /* of the middle, per step, at most */
#define RETURN_SHARE   400 /* the middle is drawn back by 1/400 of its distance from where it began */
#define GAP_PPM        60 /* between levels, growing outward */

/* One instrument's book as we want it. */
struct maker_book {
    uint8_t instrument;
    int64_t home_ticks;
    int64_t middle_ticks;
    int quotes[2][LEVELS]; /* index into the quotes, -1: none */
};

static const struct {
    const char *symbol;
    uint64_t home_e8;
    uint64_t value_e8; /* of a usual level, in quote units: sizes follow from it */
} maker_homes[] = {
    {"BTCUSDT", 6000000000000u, 250000000000u},
    {"ETHUSDT", 250000000000u, 150000000000u},
    {"TATA_INR", 10000000000u, 1000000000000u},
};

static void maker_book_init(struct maker_book *book, const struct demo_file *demo,
                            uint8_t instrument) {
    const struct demo_instrument_terms *terms = &demo->instruments[instrument];
    uint64_t home_e8 = 10000000000u;

    for (size_t i = 0; i < sizeof maker_homes / sizeof maker_homes[0]; i++)
        if (strcmp(maker_homes[i].symbol, terms->symbol) == 0)
            home_e8 = maker_homes[i].home_e8;
    book->instrument = instrument;
    book->home_ticks = (int64_t)(home_e8 / terms->tick_e8);
    book->middle_ticks = book->home_ticks;
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (int level = 0; level < LEVELS; level++)
            book->quotes[side][level] = -1;
}

static void maker_wander(struct maker_book *book, struct random *random) {
    int64_t reach = book->middle_ticks * WANDER_PPM / 1000000 + 1;
    int64_t step = (int64_t)random_below(random, (uint32_t)(2 * reach + 1)) - reach;

    book->middle_ticks += step + (book->home_ticks - book->middle_ticks) / RETURN_SHARE;
    if (book->middle_ticks < LEVELS * 4)
        book->middle_ticks = LEVELS * 4;
}

/* Where a level should stand, with a little noise so that the book is not a comb. */
static int64_t maker_target(const struct maker_book *book, struct random *random, int side,
                            int level) {
    int64_t gap = book->middle_ticks * GAP_PPM / 1000000 + 1;
    int64_t away =
        1 + gap * level * (LEVELS + level) / LEVELS / 2 + random_below(random, (uint32_t)gap);

    return side == SIDE_BUY ? book->middle_ticks - away : book->middle_ticks + away;
}

static uint32_t maker_size(const struct bot *bot, const struct maker_book *book,
                           struct random *random, int level) {
    const struct demo_instrument_terms *terms = &bot->demo.instruments[book->instrument];
    uint64_t value_e8 = 100000000000u;

    for (size_t i = 0; i < sizeof maker_homes / sizeof maker_homes[0]; i++)
        if (strcmp(maker_homes[i].symbol, terms->symbol) == 0)
            value_e8 = maker_homes[i].value_e8;
    /* lots = value / (price * lot); small near the touch, larger behind it */
    uint64_t lot_value_e8 = (uint64_t)((__int128)((uint64_t)book->middle_ticks * terms->tick_e8) *
                                       terms->lot_e8 / 100000000);
    uint64_t usual = value_e8 / (lot_value_e8 == 0 ? 1 : lot_value_e8) / 4;
    uint64_t lots =
        usual / 5 + random_below(random, (uint32_t)(usual + 1)) * (uint64_t)(level + 2) / 8;

    return lots == 0 ? 1 : (uint32_t)lots;
}

/* Looks after one level: places what is missing, withdraws what stands in the wrong place. */
static bool maker_tend(struct bot *bot, struct maker_book *book, int side, int level) {
    int *place = &book->quotes[side][level];
    int64_t target = maker_target(book, &bot->random, side, level);
    int64_t tolerance = (book->middle_ticks * GAP_PPM / 1000000 + 1) * (level + 2);
    bool alive = true;

    if (*place >= 0) {
        const struct quote *quote = &bot->quotes.all[*place];
        int64_t off = (int64_t)quote->price_ticks - target;
        bool is_ours =
            quote->ref != 0 && quote->instrument == book->instrument && quote->side == side;

        if (is_ours && off < tolerance && off > -tolerance && random_below(&bot->random, 12) != 0)
            return true;
        if (is_ours)
            alive = quotes_cancel(&bot->quotes, *place);
        *place = -1;
        if (!alive)
            return false;
    }
    struct quote_order order = {.instrument = book->instrument,
                                .side = (uint8_t)side,
                                .price_ticks = (uint32_t)target,
                                .qty_lots = maker_size(bot, book, &bot->random, level),
                                .post_only = true};

    *place = quotes_place(&bot->quotes, &order, &alive);
    return alive;
}

static bool maker_step(struct bot *bot, struct maker_book *book, bool everything) {
    maker_wander(book, &bot->random);
    if (everything) {
        for (int level = 0; level < LEVELS; level++)
            if (!maker_tend(bot, book, SIDE_BUY, level) || !maker_tend(bot, book, SIDE_SELL, level))
                return false;
        return true;
    }
    for (int move = 0; move < MOVES_PER_STEP; move++) {
        /* The touch is busier than what lies behind it. */
        uint32_t level = random_below(&bot->random, 1 + random_below(&bot->random, LEVELS));

        if (!maker_tend(bot, book, (int)random_below(&bot->random, 2), (int)level))
            return false;
    }
    /* Whatever the middle has run over must go at once. */
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (int level = 0; level < LEVELS; level++) {
            int place = book->quotes[side][level];
            const struct quote *quote = place < 0 ? NULL : &bot->quotes.all[place];
            bool crossed = quote != NULL && quote->ref != 0 &&
                           (side == SIDE_BUY ? (int64_t)quote->price_ticks >= book->middle_ticks
                                             : (int64_t)quote->price_ticks <= book->middle_ticks);

            if (crossed && !maker_tend(bot, book, side, level))
                return false;
        }
    return true;
}

bool maker_run(struct bot *bot) {
    struct maker_book books[DEMO_INSTRUMENTS_MAX];
    uint64_t next_ns = clock_monotonic_ns();

    for (size_t i = 0; i < bot->demo.instrument_count; i++) {
        maker_book_init(&books[i], &bot->demo, (uint8_t)i);
        if (!maker_step(bot, &books[i], true))
            return false;
    }
    while (!*bot->stop) {
        for (size_t i = 0; i < bot->demo.instrument_count; i++)
            if (!maker_step(bot, &books[i], false))
                return false;
        next_ns += STEP_NS;
        if (!bot_listen(bot, next_ns))
            return false;
    }
    return true;
}
