/* Depth: how much rests at each price of each instrument, exactly, however many prices there are.
 *
 * Levels live in a radix trie (core/price_trie.h) whose size follows from the number of orders alive: each
 * level holds at least one. Beside them runs a list of the prices that changed, so that a stream can send
 * differences; it has one reader in the process. */
#ifndef FEED_DEPTH_H
#define FEED_DEPTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "core/matcher.h"
#include "core/price_trie.h"
#include "feed/limits.h"

struct depth_level {
    uint32_t price_ticks;
    uint64_t qty_lots; /* in a change: the new total, 0 = the level is gone */
};

struct depth_price {
    uint32_t price_ticks;
    uint32_t side;
};

struct depth_book {
    struct trie_root sides[2];
    struct depth_price *changes; /* may name a price more than once */
    uint32_t change_count;
    bool changes_lost; /* more than DEPTH_CHANGES_MAX: send a snapshot */
};

struct depth {
    struct price_trie trie;
    struct depth_book *books; /* by instrument */
    uint32_t instrument_max;
};

size_t depth_bytes(const struct feed_limits *limits);
void depth_init(struct depth *depth, struct arena *arena, const struct feed_limits *limits);

void depth_add(struct depth *depth, uint16_t instrument, enum side side, uint32_t price_ticks,
               uint64_t qty_lots);
/* There must be that much. */
void depth_remove(struct depth *depth, uint16_t instrument, enum side side, uint32_t price_ticks,
                  uint64_t qty_lots);

uint64_t depth_qty_lots(struct depth *depth, uint16_t instrument, enum side side,
                        uint32_t price_ticks);
/* The best levels, best first; returns how many. */
size_t depth_top(struct depth *depth, uint16_t instrument, enum side side,
                 struct depth_level *levels, size_t level_max);
/* The same, levels of one multiple of step_ticks (>= 1) taken together: bids fall to it, asks rise. An ask
 * that would rise above the largest price stays there. */
size_t depth_grouped(struct depth *depth, uint16_t instrument, enum side side, uint32_t step_ticks,
                     struct depth_level *levels, size_t level_max);

#define DEPTH_CHANGES_LOST SIZE_MAX
/* Moves out what changed since the last call, each price once, in no particular order;
 * DEPTH_CHANGES_LOST: too much to tell. `prices` has room for DEPTH_CHANGES_MAX. */
size_t depth_changes_take(struct depth *depth, uint16_t instrument, struct depth_price *prices);

#endif
