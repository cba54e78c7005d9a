#include "apps/bots/bots.h"

#include "core/matcher.h"
#include "os/clock.h"

#define PAUSE_NS    250000000u   /* on average, between orders */
#define VALUE_E8    40000000000u /* of a usual order, in quote units */
#define TREND_TURNS 30           /* orders on average before the mood turns */

/* Lots for about VALUE_E8 at a price that is roughly the instrument's. */
static uint32_t taker_size(struct bot *bot, const struct demo_instrument_terms *terms) {
    uint64_t price_e8 = terms->symbol[0] == 'B'   ? 6000000000000u
                        : terms->symbol[0] == 'E' ? 250000000000u
                                                  : 10000000000u;
    uint64_t lot_value_e8 = (uint64_t)((__int128)price_e8 * terms->lot_e8 / 100000000);
    uint64_t usual = VALUE_E8 / (lot_value_e8 == 0 ? 1 : lot_value_e8) + 1;

    /* Many small ones, a few large: the product of two uniform draws. */
    uint64_t lots = (uint64_t)random_below(&bot->random, 1000) * random_below(&bot->random, 1000) *
                    usual / 250000;

    return lots == 0 ? 1 : (uint32_t)lots;
}

bool taker_run(struct bot *bot) {
    uint32_t mood = 50; /* per cent of buys */

    while (!*bot->stop) {
        uint8_t instrument =
            (uint8_t)random_below(&bot->random, (uint32_t)bot->demo.instrument_count);
        struct quote_order order = {
            .instrument = instrument,
            .side = random_below(&bot->random, 100) < mood ? SIDE_BUY : SIDE_SELL,
            .qty_lots = taker_size(bot, &bot->demo.instruments[instrument]),
            .immediate = true,
            .market = true,
        };
        bool alive = true;

        (void)quotes_place(&bot->quotes, &order, &alive);
        if (!alive)
            return false;
        if (random_below(&bot->random, TREND_TURNS) == 0)
            mood = 35 + random_below(&bot->random, 31);
        if (!bot_listen(bot, clock_monotonic_ns() + random_below(&bot->random, 2 * PAUSE_NS)))
            return false;
    }
    return true;
}
