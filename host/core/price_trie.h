/* Levels by price for bands too wide for a dense window: a radix-64 trie over 32-bit keys.
 *
 * A node is one 64-bit word: bit d says that the subtree of digit d holds a level. Nodes are not linked by
 * pointers: node and level are found by hashing (ladder, depth, prefix) in one open table, so that a known
 * level is one probe away, only words that hold something exist, and memory is bounded by the handles.
 *
 *   depth 5, root:  key >> 30   (2 bits; the word is kept by the ladder)
 *   depth 4 .. 0:   the 6 bits at key >> 24, 18, 12, 6, 0
 *
 * All ladders of a matcher share one trie. Keys are mirrored prices (price_ladder.h): higher is better.
 * Prices that collide in the hash make a search longer, never wrong; the table is at most half full. */
#ifndef CORE_PRICE_TRIE_H
#define CORE_PRICE_TRIE_H

#include "base/arena.h"
#include "core/price_level.h"

/* What the table holds at one tag: a word of the trie, or a level. Tag 0 is a free slot. */
struct trie_slot {
    uint64_t tag;
    union {
        uint64_t word;
        struct price_level level;
    };
};

struct price_trie {
    struct trie_slot *slots; /* NULL until price_trie_init */
    uint32_t slot_mask;
    uint32_t used_count;
};

/* The trie's place in a ladder. */
struct trie_root {
    uint64_t word;   /* the root's word; 0 = no level */
    uint32_t ladder; /* number of the ladder among all that share the trie, below 2^17 */
};

size_t price_trie_bytes(uint32_t level_max, uint32_t ladder_max);

/* Room for `level_max` levels spread over at most `ladder_max` ladders, in a zeroed arena. */
void price_trie_init(struct price_trie *trie, struct arena *arena, uint32_t level_max,
                     uint32_t ladder_max);

/* The level at `key`; it must be there. The pointer holds until the next remove. */
struct price_level *price_trie_level(struct price_trie *trie, const struct trie_root *root,
                                     uint32_t key);

/* The level at `key`, made empty if it was not there. */
struct price_level *price_trie_reach(struct price_trie *trie, struct trie_root *root, uint32_t key);

/* Takes out the level at `key`, which must be there. */
void price_trie_remove(struct price_trie *trie, struct trie_root *root, uint32_t key);

/* The nearest level strictly below or above `key` (which may be -1 or 2^32), or -1. */
int64_t price_trie_below(const struct price_trie *trie, const struct trie_root *root, int64_t key);
int64_t price_trie_above(const struct price_trie *trie, const struct trie_root *root, int64_t key);

#endif
