/* The books when the replay is over: the exchange's, as its journal tells it to every reader; the reference's; the
 * file's. */
#include <stdlib.h>

#include "apps/tools/market.h"
#include "apps/tools/replay.h"

struct books {
    struct depth_level *depth;
    struct replay_level *exchange;
    struct replay_level *other;
};

static size_t exchange_book(struct market *market, uint16_t index, uint8_t side,
                            struct books *books) {
    size_t count = depth_top(&market->view->depth, index, side, books->depth, REPLAY_ORDERS_MAX);

    for (size_t i = 0; i < count; i++)
        books->exchange[i] =
            (struct replay_level){books->depth[i].price_ticks, books->depth[i].qty_lots};
    return count;
}

static void compare_side(struct replay *replay, struct market *market, struct books *books,
                         uint16_t number, uint8_t side, bool is_recording) {
    static const char *const sides[] = {"buy", "sell"};
    const struct replay_instrument *instrument = &replay->instruments[number];
    struct replay_check *judge = replay_desk_judge(replay->desk);
    size_t count = exchange_book(market, instrument->index, side, books);
    size_t other_count = replay_check_book(judge, number, side, books->other);
    char who[64];

    snprintf(who, sizeof who, "%s %s: exchange, reference", instrument->listed, sides[side]);
    (void)replay_check_levels(judge, who, side, books->exchange, count, books->other, other_count);
    replay->totals.levels_compared += count > other_count ? count : other_count;
    if (!is_recording)
        return;
    other_count = replay_recording_book(replay, side, books->other);
    snprintf(who, sizeof who, "%s %s: exchange, file", instrument->listed, sides[side]);
    replay->totals.file_differences +=
        replay_check_levels(judge, who, side, books->exchange, count, books->other, other_count);
    replay->totals.file_levels_compared += count > other_count ? count : other_count;
}

bool replay_compare_books(struct replay *replay, const char *var_path, bool is_recording) {
    struct books books = {.depth = calloc(REPLAY_ORDERS_MAX, sizeof *books.depth),
                          .exchange = calloc(REPLAY_ORDERS_MAX, sizeof *books.exchange),
                          .other = calloc(REPLAY_ORDERS_MAX, sizeof *books.other)};
    struct market market;
    bool good = books.depth != NULL && books.exchange != NULL && books.other != NULL &&
                market_read(&market, var_path);

    if (good) {
        for (uint16_t i = 0; i < replay->instrument_count; i++)
            for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++)
                compare_side(replay, &market, &books, i, side, is_recording);
        market_close(&market);
    } else {
        snprintf(replay->error, sizeof replay->error, "the journal cannot be read");
    }
    free(books.depth);
    free(books.exchange);
    free(books.other);
    return good;
}
