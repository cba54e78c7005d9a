/* Price levels of one side of a book, and the places where two such books differ. */
#ifndef TOOLS_REPLAY_LEVELS_H
#define TOOLS_REPLAY_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* A level, of whoever's book. */
struct replay_level {
    uint32_t price_ticks;
    uint64_t qty_lots; /* above 0 */
};

/* Orders as levels: best price first, one entry a price. Returns how many. */
size_t replay_levels_sort(struct replay_level *levels, size_t count, uint8_t side);

/* Two books of one side, both sorted best first; l and r begin at 0. */
struct replay_levels_walk {
    const struct replay_level *left;
    const struct replay_level *right;
    size_t left_count;
    size_t right_count;
    size_t l;
    size_t r;
    uint8_t side;
};

/* The next price at which they differ; a quantity of 0: no such level. False: no more. */
NODISCARD bool replay_levels_next(struct replay_levels_walk *walk, uint32_t *price_ticks,
                                  uint64_t *left_lots, uint64_t *right_lots);

#endif
