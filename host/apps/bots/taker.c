#include "apps/bots/bots.h"

#include "core/matcher.h"
#include "os/clock.h"

#define VALUE_E8     40000000000u /* of a usual order, in quote units */
#define TREND_TURNS  30           /* orders on average before the mood turns */
#define RUN_PERCENT  25           /* chance that the next order follows within RUN_PAUSE */
#define RUN_PAUSE_NS 40000000u
#define PAUSE_NS                                                                                   \
    600000000u            /* else: at most, so that a few come every second over all instruments */
#define FIRST_LOTS   1000 /* worth more than the least that the demo trades, and little */
#define PATIENCE_PPM 2000 /* how far beyond the price last seen it goes */

/* What was bought is sold again: beyond so many usual orders the mood leans against it. */
#define POSITION_USUAL 50

struct taker_mood {
    uint32_t buys; /* per cent */
    bool was_unfilled[DEMO_INSTRUMENTS_MAX];
    uint64_t filled_count;
};

/* Lots of an order of about VALUE_E8. Before the first fill nothing is known of the price: one lot finds out. */
static uint64_t taker_usual(const struct demo_instrument_terms *terms, uint32_t last_ticks) {
    unsigned __int128 lot_value_e8 =
        (unsigned __int128)last_ticks * terms->tick_e8 * terms->lot_e8 / 100000000;

    return lot_value_e8 == 0 ? 1 : (uint64_t)(VALUE_E8 / lot_value_e8) + 1;
}

static uint8_t taker_side(struct bot *bot, const struct taker_mood *mood, uint8_t instrument,
                          uint64_t usual) {
    int64_t excess = bot->quotes.positions[instrument].lots / (int64_t)usual;
    int64_t buys = (int64_t)mood->buys - excess * 50 / POSITION_USUAL;

    return (int64_t)random_below(&bot->random, 100) < buys ? SIDE_BUY : SIDE_SELL;
}

/* Many small ones, a few large: the product of two uniform draws. The least is worth what the exchange asks. */
static uint32_t taker_size(struct bot *bot, uint64_t usual) {
    uint64_t lots = (uint64_t)random_below(&bot->random, 1000) * random_below(&bot->random, 1000) *
                    usual / 250000;
    uint64_t least = usual / 20 + 1;

    return (uint32_t)(lots < least ? least : lots);
}

static struct quote_order taker_order(struct bot *bot, struct taker_mood *mood,
                                      uint8_t instrument) {
    uint32_t last_ticks = bot->quotes.positions[instrument].last_ticks;
    uint64_t usual = taker_usual(&bot->demo.instruments[instrument], last_ticks);
    uint8_t side = taker_side(bot, mood, instrument, usual);
    uint32_t away = (uint32_t)((uint64_t)last_ticks * PATIENCE_PPM / 1000000) + 1;

    return (struct quote_order){
        .instrument = instrument,
        .side = side,
        .price_ticks = side == SIDE_BUY    ? last_ticks + away
                       : last_ticks > away ? last_ticks - away
                                           : 1,
        .qty_lots = last_ticks == 0 ? FIRST_LOTS : taker_size(bot, usual),
        .immediate = true,
        /* The price it knows is nobody's any more when its last order found nothing. */
        .market = last_ticks == 0 || mood->was_unfilled[instrument],
    };
}

static uint64_t taker_pause_ns(struct bot *bot) {
    return random_below(&bot->random, 100) < RUN_PERCENT ? random_below(&bot->random, RUN_PAUSE_NS)
                                                         : random_below(&bot->random, PAUSE_NS);
}

bool taker_run(struct bot *bot) {
    struct taker_mood mood = {.buys = 50, .filled_count = bot->quotes.filled_count};
    uint8_t instrument = 0;

    while (!*bot->stop) {
        instrument = (uint8_t)random_below(&bot->random, (uint32_t)bot->demo.instrument_count);
        struct quote_order order = taker_order(bot, &mood, instrument);
        bool alive = true;

        if (random_below(&bot->random, TREND_TURNS) == 0)
            mood.buys = 35 + random_below(&bot->random, 31);
        (void)quotes_place(&bot->quotes, &order, &alive);
        if (!alive || !bot_listen(bot, clock_monotonic_ns() + taker_pause_ns(bot)))
            return false;
        mood.was_unfilled[instrument] = bot->quotes.filled_count == mood.filled_count;
        mood.filled_count = bot->quotes.filled_count;
        bot->quotes.loss_count = 0;
    }
    return true;
}
