/* One side of one book: its levels by price, the best one always known.
 *
 * Prices are mirrored into keys so that one code path serves both sides: a buy's key is its price, a sell's
 * key is the price complemented. The best level has the highest key, and "within the limit" is "key at or
 * above". In this file above and below mean keys.
 *
 *   dense window   2^w levels in an array at key mod 2^w, so that moving the band moves no data, under a
 *                  64-ary bitmap of three layers: words (a bit per level), groups (a bit per word), top.
 *                  k <= 18: w = k and the window is the band. k > 18: w = 16, placed around the first
 *                  order that rests in an empty book; levels elsewhere live in the trie (price_trie.h).
 *
 * A level is in the bitmap, or in the trie, exactly while it holds orders. */
#ifndef CORE_PRICE_LADDER_H
#define CORE_PRICE_LADDER_H

#include <stdbool.h>

#include "base/check.h"
#include "core/price_level.h"
#include "core/price_trie.h"

#define LADDER_DENSE_K_MAX 18u /* a wider band gets a window and the trie */
#define LADDER_WINDOW_BITS 16u /* of that window: 32,768 ticks to each side */
#define LADDER_EMPTY       INT64_C(-1)

struct price_ladder {
    int64_t best_key;           /* highest key with orders, or LADDER_EMPTY */
    struct price_level *levels; /* the window, by key & slot_mask */
    uint64_t *words;            /* bit (slot & 63) of words[slot >> 6]: the level has orders */
    uint64_t *groups;           /* bit (word & 63) of groups[word >> 6]: the word is not 0 */
    uint64_t top;               /* bit: the group is not 0 */
    uint32_t slot_mask;         /* 2^w - 1 */
    uint32_t low_key;           /* the window holds the keys low_key .. low_key + slot_mask */
    uint32_t flip;              /* key = price ^ flip: 0 for buys, all ones for sells */
    uint32_t order_count;
    struct trie_root root;
    struct price_trie *trie;
};

/* Bits of the dense window of a band of 2^k. */
static inline uint32_t price_ladder_window_bits(uint32_t k) {
    return k <= LADDER_DENSE_K_MAX ? k : LADDER_WINDOW_BITS;
}

static inline uint32_t price_ladder_key(const struct price_ladder *ladder, uint32_t price_ticks) {
    return price_ticks ^ ladder->flip;
}

static inline uint32_t price_ladder_price(const struct price_ladder *ladder, uint32_t key) {
    return key ^ ladder->flip;
}

static inline bool price_ladder_is_dense(const struct price_ladder *ladder, uint32_t key) {
    return key - ladder->low_key <= ladder->slot_mask;
}

/* The level at `key`, which has orders. The pointer holds until a level is closed. */
static inline struct price_level *price_ladder_level(const struct price_ladder *ladder,
                                                     uint32_t key) {
    if (LIKELY(price_ladder_is_dense(ladder, key)))
        return &ladder->levels[key & ladder->slot_mask];
    return price_trie_level(ladder->trie, &ladder->root, key);
}

/* The level at `key` to add an order to. If it is empty, price_ladder_open must follow. */
static inline struct price_level *price_ladder_reach(struct price_ladder *ladder, uint32_t key) {
    if (LIKELY(price_ladder_is_dense(ladder, key)))
        return &ladder->levels[key & ladder->slot_mask];
    return price_trie_reach(ladder->trie, &ladder->root, key);
}

/* The level at `key` is about to get its first order. */
static inline void price_ladder_open(struct price_ladder *ladder, uint32_t key) {
    if ((int64_t)key > ladder->best_key)
        ladder->best_key = key;
    if (LIKELY(price_ladder_is_dense(ladder, key))) {
        uint32_t slot = key & ladder->slot_mask;

        ladder->words[slot >> 6] |= UINT64_C(1) << (slot & 63);
        ladder->groups[slot >> 12] |= UINT64_C(1) << (slot >> 6 & 63);
        ladder->top |= UINT64_C(1) << (slot >> 12);
    }
}

/* Memory of one ladder over a band of 2^k, and its start in a zeroed arena. `trie` is used when k > 18;
 * `number` tells the ladder from the others that share it. */
size_t price_ladder_bytes(uint32_t k);
void price_ladder_init(struct price_ladder *ladder, struct arena *arena, uint32_t flip, uint32_t k,
                       struct price_trie *trie, uint32_t number);

/* Says that the window starts at `low_key`. Every level in use must be inside both the old window and the new. */
void price_ladder_place(struct price_ladder *ladder, uint32_t low_key);

/* Takes an empty level out; the best moves on if it was the best. */
void price_ladder_close(struct price_ladder *ladder, uint32_t key);

/* The nearest level strictly below or above `key` (-1 to 2^32), or LADDER_EMPTY. */
int64_t price_ladder_below(const struct price_ladder *ladder, int64_t key);
int64_t price_ladder_above(const struct price_ladder *ladder, int64_t key);

#endif
