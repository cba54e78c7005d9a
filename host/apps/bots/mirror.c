#include "apps/bots/bots.h"

#include <string.h>

#include "apps/client/recording.h"
#include "core/matcher.h"
#include "os/clock.h"
#include "os/log.h"

/* Only what lies within this many ticks of the middle is kept: a recording has thousands of levels far away. */
#define REACH_TICKS 3000

struct mirror {
    uint8_t instrument;
    int quotes[2][2 * REACH_TICKS]; /* by price, circular: index into the quotes, -1: none */
    uint64_t begun_ns;
    uint64_t first_ns;
};

static int *mirror_place(struct mirror *mirror, uint8_t side, uint32_t price_ticks) {
    return &mirror->quotes[side][price_ticks % (2 * REACH_TICKS)];
}

/* Makes the quote at one price what the recording says: withdraw the old, place the new. */
static bool mirror_level(struct bot *bot, struct mirror *mirror,
                         const struct recording_change *change) {
    const struct demo_instrument_terms *terms = &bot->demo.instruments[mirror->instrument];
    uint32_t price_ticks = (uint32_t)(change->price_e8 / terms->tick_e8);
    uint64_t lots = change->qty_e8 / terms->lot_e8;
    int *place = mirror_place(mirror, change->side, price_ticks);
    bool alive = true;

    if (*place >= 0 && bot->quotes.all[*place].ref != 0)
        alive = quotes_cancel(&bot->quotes, *place);
    *place = -1;
    if (!alive || lots == 0)
        return alive;
    struct quote_order order = {.instrument = mirror->instrument,
                                .side = change->side,
                                .price_ticks = price_ticks,
                                .qty_lots = lots > 0xFFFFFFFFu ? 0xFFFFFFFFu : (uint32_t)lots,
                                .post_only = true};

    *place = quotes_place(&bot->quotes, &order, &alive);
    return alive;
}

/* Plays the recording once. */
static bool mirror_play(struct bot *bot, struct mirror *mirror, struct recording *recording,
                        unsigned speed, bool *usable) {
    struct recording_change change;
    enum recording_result result;

    mirror->first_ns = 0;
    mirror->begun_ns = clock_monotonic_ns();
    while (!*bot->stop && (result = recording_next(recording, &change)) == RECORDING_CHANGE) {
        if (mirror->first_ns == 0) {
            mirror->first_ns = change.time_ns;
            *usable = false;
        }
        for (size_t i = 0; !*usable && i < bot->demo.instrument_count; i++)
            if (strcmp(bot->demo.instruments[i].symbol, recording_symbol(recording)) == 0) {
                mirror->instrument = (uint8_t)i;
                *usable = true;
            }
        if (!*usable && recording_symbol(recording)[0] != '\0') {
            log_error("maker", "the recording is of %s, which the demo does not list",
                      recording_symbol(recording));
            return true;
        }
        uint64_t due_ns = mirror->begun_ns + (change.time_ns - mirror->first_ns) / speed;

        if (due_ns > clock_monotonic_ns() && !bot_listen(bot, due_ns))
            return false;
        if (change.kind == RECORDING_LEVEL && !mirror_level(bot, mirror, &change))
            return false;
    }
    if (!*bot->stop && result == RECORDING_DAMAGED)
        log_error("maker", "recording: %s", recording_place(recording));
    return true;
}

bool mirror_run(struct bot *bot, const char *path, unsigned speed) {
    static struct mirror mirror;
    bool usable = true;

    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (int i = 0; i < 2 * REACH_TICKS; i++)
            mirror.quotes[side][i] = -1;
    while (!*bot->stop && usable) {
        struct recording *recording = recording_open(path);

        if (recording == NULL) {
            log_error("maker", "cannot open the recording %s", path);
            return true;
        }
        bool alive = mirror_play(bot, &mirror, recording, speed, &usable);

        recording_close(recording);
        if (!alive)
            return false;
    }
    return true;
}
