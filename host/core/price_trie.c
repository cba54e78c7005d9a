#include "core/price_trie.h"

#include <stddef.h>

#include "base/check.h"

#define ROOT_DEPTH  5u
#define LEVEL_DEPTH 7u /* not a depth of the trie: marks the level itself */
#define DIGIT_MASK  63u

static uint64_t tag_of(const struct trie_root *root, uint32_t depth, uint32_t prefix) {
    return UINT64_C(1) << 63 | (uint64_t)root->ladder << 35 | (uint64_t)depth << 32 | prefix;
}

static uint32_t slot_of(const struct price_trie *trie, uint64_t tag) {
    tag ^= tag >> 32;
    tag *= UINT64_C(0x9E3779B97F4A7C15);
    tag ^= tag >> 29;
    tag *= UINT64_C(0xBF58476D1CE4E5B9);
    return (uint32_t)(tag >> 32) & trie->slot_mask;
}

/* The slot that holds the tag, or the free one where it would go. */
static struct trie_slot *find(const struct price_trie *trie, uint64_t tag) {
    uint32_t at = slot_of(trie, tag);

    while (trie->slots[at].tag != tag && trie->slots[at].tag != 0)
        at = (at + 1) & trie->slot_mask;
    return &trie->slots[at];
}

static struct trie_slot *find_or_add(struct price_trie *trie, uint64_t tag) {
    struct trie_slot *slot = find(trie, tag);

    if (slot->tag == 0) {
        check(trie->used_count <= trie->slot_mask / 2);
        trie->used_count++;
        slot->tag = tag;
        slot->level = (struct price_level){0};
    }
    return slot;
}

/* Frees a slot and moves the ones behind it up, so that every search still meets no gap. */
static void remove_slot(struct price_trie *trie, struct trie_slot *slot) {
    uint32_t hole = (uint32_t)(slot - trie->slots);

    for (uint32_t at = (hole + 1) & trie->slot_mask; trie->slots[at].tag != 0;
         at = (at + 1) & trie->slot_mask) {
        uint32_t home = slot_of(trie, trie->slots[at].tag);

        if (((at - home) & trie->slot_mask) >= ((at - hole) & trie->slot_mask)) {
            trie->slots[hole] = trie->slots[at];
            hole = at;
        }
    }
    trie->slots[hole].tag = 0;
    trie->used_count--;
}

static uint64_t word_at(const struct price_trie *trie, const struct trie_root *root, uint32_t depth,
                        uint32_t prefix) {
    if (depth == ROOT_DEPTH)
        return root->word;
    const struct trie_slot *slot = find(trie, tag_of(root, depth, prefix));
    return slot->tag == 0 ? 0 : slot->word;
}

/* The key's bits above the digit of this depth. 64 bits wide, because the root shifts by 36. */
static uint32_t prefix_at(uint32_t key, uint32_t depth) {
    return (uint32_t)((uint64_t)key >> (6 * (depth + 1)));
}

static uint32_t digit_at(uint32_t key, uint32_t depth) {
    return (key >> (6 * depth)) & DIGIT_MASK;
}

static uint32_t slot_count(uint32_t level_max, uint32_t ladder_max) {
    uint64_t used = level_max;

    for (uint32_t depth = 0; depth < ROOT_DEPTH; depth++) {
        uint64_t words = (uint64_t)ladder_max << (32 - 6 * (depth + 1));
        used += words < level_max ? words : level_max;
    }
    uint64_t count = 64;
    while (count < 2 * used)
        count *= 2;
    return (uint32_t)count;
}

size_t price_trie_bytes(uint32_t level_max, uint32_t ladder_max) {
    return slot_count(level_max, ladder_max) * sizeof(struct trie_slot) + 64;
}

void price_trie_init(struct price_trie *trie, struct arena *arena, uint32_t level_max,
                     uint32_t ladder_max) {
    uint32_t count = slot_count(level_max, ladder_max);

    trie->slots = arena_take(arena, count * sizeof *trie->slots, 64);
    trie->slot_mask = count - 1;
    trie->used_count = 0;
}

struct price_level *price_trie_level(struct price_trie *trie, const struct trie_root *root,
                                     uint32_t key) {
    struct trie_slot *slot = find(trie, tag_of(root, LEVEL_DEPTH, key));

    check(slot->tag != 0);
    return &slot->level;
}

struct price_level *price_trie_reach(struct price_trie *trie, struct trie_root *root,
                                     uint32_t key) {
    struct trie_slot *level = find(trie, tag_of(root, LEVEL_DEPTH, key));

    if (level->tag != 0)
        return &level->level;
    level = find_or_add(trie, tag_of(root, LEVEL_DEPTH, key));
    for (uint32_t depth = 0; depth < ROOT_DEPTH; depth++) {
        struct trie_slot *node = find_or_add(trie, tag_of(root, depth, prefix_at(key, depth)));
        bool was_there = node->word != 0;

        node->word |= UINT64_C(1) << digit_at(key, depth);
        if (was_there)
            return &level->level;
    }
    root->word |= UINT64_C(1) << digit_at(key, ROOT_DEPTH);
    return &level->level;
}

void price_trie_remove(struct price_trie *trie, struct trie_root *root, uint32_t key) {
    struct trie_slot *level = find(trie, tag_of(root, LEVEL_DEPTH, key));

    check(level->tag != 0);
    remove_slot(trie, level);
    for (uint32_t depth = 0; depth < ROOT_DEPTH; depth++) {
        struct trie_slot *node = find(trie, tag_of(root, depth, prefix_at(key, depth)));

        check(node->tag != 0);
        node->word &= ~(UINT64_C(1) << digit_at(key, depth));
        if (node->word != 0)
            return;
        remove_slot(trie, node);
    }
    root->word &= ~(UINT64_C(1) << digit_at(key, ROOT_DEPTH));
}

int64_t price_trie_below(const struct price_trie *trie, const struct trie_root *root, int64_t key) {
    uint32_t depth = 0;
    uint32_t prefix = 0;
    uint64_t word = 0;

    if (key > UINT32_MAX) {
        word = root->word;
        depth = ROOT_DEPTH;
    } else if (key >= 0) {
        for (; depth <= ROOT_DEPTH && word == 0; depth++) {
            prefix = prefix_at((uint32_t)key, depth);
            word = word_at(trie, root, depth, prefix) &
                   ((UINT64_C(1) << digit_at((uint32_t)key, depth)) - 1);
        }
        depth--;
    }
    if (word == 0)
        return -1;
    prefix = prefix << 6 | (uint32_t)(63 - __builtin_clzll(word));
    while (depth-- > 0)
        prefix = prefix << 6 | (uint32_t)(63 - __builtin_clzll(word_at(trie, root, depth, prefix)));
    return prefix;
}

int64_t price_trie_above(const struct price_trie *trie, const struct trie_root *root, int64_t key) {
    uint32_t depth = 0;
    uint32_t prefix = 0;
    uint64_t word = 0;

    if (key < 0) {
        word = root->word;
        depth = ROOT_DEPTH;
    } else if (key <= UINT32_MAX) {
        for (; depth <= ROOT_DEPTH && word == 0; depth++) {
            prefix = prefix_at((uint32_t)key, depth);
            word = word_at(trie, root, depth, prefix) &
                   (~UINT64_C(1) << digit_at((uint32_t)key, depth));
        }
        depth--;
    }
    if (word == 0)
        return -1;
    prefix = prefix << 6 | (uint32_t)__builtin_ctzll(word);
    while (depth-- > 0)
        prefix = prefix << 6 | (uint32_t)__builtin_ctzll(word_at(trie, root, depth, prefix));
    return prefix;
}
