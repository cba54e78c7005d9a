/* Orders that rest, and the books they rest in.
 *
 * The order table has one 32-byte slot per handle, in the order of their indices, behind slot 0, which is
 * nobody: the end of every list. Nobody's links are written and never read, so that taking an order out
 * needs no case for the first or the last of its level. A slot with no remainder is free. */
#ifndef CORE_BOOK_H
#define CORE_BOOK_H

#include "core/matcher.h"
#include "core/price_ladder.h"

struct order {
    uint64_t left_lots; /* 0: this slot is free */
    uint32_t next;      /* slot of the order behind it in the level, or ORDER_NOBODY */
    uint32_t previous;
    uint32_t price_ticks;
    uint32_t owner;
    uint16_t instrument;
    uint8_t side;
    uint8_t generation;
    uint32_t zero;
};
static_assert(sizeof(struct order) == 32, "two orders to a cache line");

#define ORDER_NOBODY 0u

static inline uint32_t order_slot(uint32_t handle) {
    return HANDLE_INDEX(handle) + 1;
}

static inline uint32_t order_handle(const struct order *orders, uint32_t slot) {
    return HANDLE_MAKE(orders[slot].generation, slot - 1);
}

struct book {
    struct price_ladder sides[2]; /* by enum side */
    uint32_t base_ticks;
    uint32_t k;
    uint16_t instrument;
    uint8_t state; /* enum trading_state */
    bool declared;
};

static inline bool book_is_in_band(const struct book *book, uint32_t price_ticks) {
    return ((uint64_t)(price_ticks - book->base_ticks) >> book->k) == 0;
}

size_t book_bytes(uint32_t k);
void book_init(struct book *book, struct arena *arena, struct price_trie *trie, uint16_t instrument,
               uint32_t base_ticks, uint32_t k);

/* Puts the order in `slot`, filled but for its links, last into its level. */
void book_rest(struct book *book, struct order *orders, uint32_t slot);

/* Takes the order in `slot` out, with whatever remains of it, and frees the slot. */
void book_remove(struct book *book, struct order *orders, uint32_t slot);

/* Lowers a resting order that keeps at least one lot. */
void book_lower(struct book *book, struct order *orders, uint32_t slot, uint64_t by_lots);

/* Moves the band. No order may be outside the new one. */
void book_move_band(struct book *book, uint32_t base_ticks);

#endif
