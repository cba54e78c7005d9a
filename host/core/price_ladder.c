#include "core/price_ladder.h"

#define NO_SLOT    UINT32_MAX
#define BELOW(bit) ((UINT64_C(1) << (bit)) - 1)
#define ABOVE(bit) (~UINT64_C(1) << (bit))

static uint32_t top_bit(uint64_t word) {
    return (uint32_t)(63 - __builtin_clzll(word));
}

static uint32_t low_bit(uint64_t word) {
    return (uint32_t)__builtin_ctzll(word);
}

/* ---- the bitmap by slot ---- */

static uint32_t slot_highest(const struct price_ladder *ladder) {
    if (ladder->top == 0)
        return NO_SLOT;
    uint32_t group = top_bit(ladder->top);
    uint32_t word = group << 6 | top_bit(ladder->groups[group]);
    return word << 6 | top_bit(ladder->words[word]);
}

static uint32_t slot_lowest(const struct price_ladder *ladder) {
    if (ladder->top == 0)
        return NO_SLOT;
    uint32_t group = low_bit(ladder->top);
    uint32_t word = group << 6 | low_bit(ladder->groups[group]);
    return word << 6 | low_bit(ladder->words[word]);
}

/* The highest slot in use strictly below `slot`. */
static uint32_t slot_below(const struct price_ladder *ladder, uint32_t slot) {
    uint32_t word = slot >> 6;
    uint32_t group = slot >> 12;
    uint64_t bits = ladder->words[word] & BELOW(slot & 63);

    if (bits != 0)
        return word << 6 | top_bit(bits);
    bits = ladder->groups[group] & BELOW(word & 63);
    if (bits == 0) {
        bits = ladder->top & BELOW(group);
        if (bits == 0)
            return NO_SLOT;
        group = top_bit(bits);
        bits = ladder->groups[group];
    }
    word = group << 6 | top_bit(bits);
    return word << 6 | top_bit(ladder->words[word]);
}

/* The lowest slot in use strictly above `slot`. */
static uint32_t slot_above(const struct price_ladder *ladder, uint32_t slot) {
    uint32_t word = slot >> 6;
    uint32_t group = slot >> 12;
    uint64_t bits = ladder->words[word] & ABOVE(slot & 63);

    if (bits != 0)
        return word << 6 | low_bit(bits);
    bits = ladder->groups[group] & ABOVE(word & 63);
    if (bits == 0) {
        bits = ladder->top & ABOVE(group);
        if (bits == 0)
            return NO_SLOT;
        group = low_bit(bits);
        bits = ladder->groups[group];
    }
    word = group << 6 | low_bit(bits);
    return word << 6 | low_bit(ladder->words[word]);
}

/* ---- the window by key: slots run in a circle that starts at low_key ---- */

static int64_t key_at_slot(const struct price_ladder *ladder, uint32_t slot) {
    return (int64_t)ladder->low_key + ((slot - ladder->low_key) & ladder->slot_mask);
}

static int64_t window_below(const struct price_ladder *ladder, int64_t key) {
    int64_t high_key = (int64_t)ladder->low_key + ladder->slot_mask;
    uint32_t slot = NO_SLOT;

    if (key <= ladder->low_key)
        return LADDER_EMPTY;
    if (key > high_key)
        key = high_key + 1;
    /* Below in slots is below in keys unless the circle's start lies between: then the answer, if there is
     * one, is the highest slot. Whatever is not below in keys is dropped by the last comparison. */
    slot = slot_below(ladder, (uint32_t)key & ladder->slot_mask);
    if (slot == NO_SLOT)
        slot = slot_highest(ladder);
    if (slot == NO_SLOT || key_at_slot(ladder, slot) >= key)
        return LADDER_EMPTY;
    return key_at_slot(ladder, slot);
}

static int64_t window_above(const struct price_ladder *ladder, int64_t key) {
    int64_t high_key = (int64_t)ladder->low_key + ladder->slot_mask;
    uint32_t slot = NO_SLOT;

    if (key >= high_key)
        return LADDER_EMPTY;
    if (key < ladder->low_key)
        key = (int64_t)ladder->low_key - 1;
    slot = slot_above(ladder, (uint32_t)key & ladder->slot_mask);
    if (slot == NO_SLOT)
        slot = slot_lowest(ladder);
    if (slot == NO_SLOT || key_at_slot(ladder, slot) <= key)
        return LADDER_EMPTY;
    return key_at_slot(ladder, slot);
}

/* ---- the ladder ---- */

int64_t price_ladder_below(const struct price_ladder *ladder, int64_t key) {
    int64_t found = window_below(ladder, key);

    if (UNLIKELY(ladder->root.word != 0)) {
        int64_t in_trie = price_trie_below(ladder->trie, &ladder->root, key);
        if (in_trie > found)
            found = in_trie;
    }
    return found;
}

int64_t price_ladder_above(const struct price_ladder *ladder, int64_t key) {
    int64_t found = window_above(ladder, key);

    if (UNLIKELY(ladder->root.word != 0)) {
        int64_t in_trie = price_trie_above(ladder->trie, &ladder->root, key);
        if (in_trie != LADDER_EMPTY && (found == LADDER_EMPTY || in_trie < found))
            found = in_trie;
    }
    return found;
}

void price_ladder_close(struct price_ladder *ladder, uint32_t key) {
    if (LIKELY(price_ladder_is_dense(ladder, key))) {
        uint32_t slot = key & ladder->slot_mask;

        ladder->words[slot >> 6] &= ~(UINT64_C(1) << (slot & 63));
        if (ladder->words[slot >> 6] == 0) {
            ladder->groups[slot >> 12] &= ~(UINT64_C(1) << (slot >> 6 & 63));
            if (ladder->groups[slot >> 12] == 0)
                ladder->top &= ~(UINT64_C(1) << (slot >> 12));
        }
    } else {
        price_trie_remove(ladder->trie, &ladder->root, key);
    }
    if (ladder->best_key == key)
        ladder->best_key = price_ladder_below(ladder, key);
}

void price_ladder_place(struct price_ladder *ladder, uint32_t low_key) {
    ladder->low_key = low_key;
}

static size_t word_count(uint32_t window_bits) {
    return window_bits <= 6 ? 1 : (size_t)1 << (window_bits - 6);
}

static size_t group_count(uint32_t window_bits) {
    return window_bits <= 12 ? 1 : (size_t)1 << (window_bits - 12);
}

size_t price_ladder_bytes(uint32_t k) {
    uint32_t bits = price_ladder_window_bits(k);

    return ((size_t)1 << bits) * sizeof(struct price_level) + word_count(bits) * 8 +
           group_count(bits) * 8 + 3 * 64;
}

void price_ladder_init(struct price_ladder *ladder, struct arena *arena, uint32_t flip, uint32_t k,
                       struct price_trie *trie, uint32_t number) {
    uint32_t bits = price_ladder_window_bits(k);

    check(bits <= LADDER_DENSE_K_MAX);
    *ladder = (struct price_ladder){.best_key = LADDER_EMPTY,
                                    .slot_mask = (uint32_t)((UINT64_C(1) << bits) - 1),
                                    .flip = flip,
                                    .root = {.ladder = number},
                                    .trie = trie};
    ladder->levels = arena_take(arena, ((size_t)1 << bits) * sizeof *ladder->levels, 64);
    ladder->words = arena_take(arena, word_count(bits) * sizeof *ladder->words, 64);
    ladder->groups = arena_take(arena, group_count(bits) * sizeof *ladder->groups, 64);
}
