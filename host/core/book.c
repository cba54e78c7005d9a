#include "core/book.h"

size_t book_bytes(uint32_t k) {
    return 2 * price_ladder_bytes(k);
}

/* Puts both windows over the prices from `low_ticks` on. */
static void place_windows(struct book *book, uint32_t low_ticks) {
    struct price_ladder *buys = &book->sides[SIDE_BUY];
    struct price_ladder *sells = &book->sides[SIDE_SELL];

    price_ladder_place(buys, low_ticks);
    price_ladder_place(sells, price_ladder_key(sells, low_ticks + sells->slot_mask));
}

void book_init(struct book *book, struct arena *arena, struct price_trie *trie, uint16_t instrument,
               uint32_t base_ticks, uint32_t k) {
    *book = (struct book){.base_ticks = base_ticks,
                          .k = k,
                          .instrument = instrument,
                          .state = STATE_OPEN,
                          .declared = true};
    price_ladder_init(&book->sides[SIDE_BUY], arena, 0, k, trie, 2u * instrument + SIDE_BUY);
    price_ladder_init(&book->sides[SIDE_SELL], arena, UINT32_MAX, k, trie,
                      2u * instrument + SIDE_SELL);
    place_windows(book, base_ticks);
}

void book_move_band(struct book *book, uint32_t base_ticks) {
    book->base_ticks = base_ticks;
    if (book->k <= LADDER_DENSE_K_MAX)
        place_windows(book, base_ticks);
}

/* The window of a wide band goes to where trading is: around the first order of an empty book. */
static void centre_windows(struct book *book, uint32_t price_ticks) {
    uint32_t half = (1u << LADDER_WINDOW_BITS) / 2;
    uint32_t low_ticks = price_ticks < half ? 0 : price_ticks - half;

    if (low_ticks > UINT32_MAX - (2 * half - 1))
        low_ticks = UINT32_MAX - (2 * half - 1);
    place_windows(book, low_ticks);
}

void book_rest(struct book *book, struct order *orders, uint32_t slot) {
    struct order *order = &orders[slot];
    struct price_ladder *ladder = &book->sides[order->side];

    if (UNLIKELY(book->k > LADDER_DENSE_K_MAX) &&
        book->sides[SIDE_BUY].order_count + book->sides[SIDE_SELL].order_count == 0)
        centre_windows(book, order->price_ticks);

    uint32_t key = price_ladder_key(ladder, order->price_ticks);
    struct price_level *level = price_ladder_reach(ladder, key);

    order->next = ORDER_NOBODY;
    if (level->total_lots == 0) {
        price_ladder_open(ladder, key);
        level->first = slot;
        order->previous = ORDER_NOBODY;
    } else {
        order->previous = level->last;
        orders[level->last].next = slot;
    }
    level->last = slot;
    level->total_lots += order->left_lots;
    ladder->order_count++;
}

void book_remove(struct book *book, struct order *orders, uint32_t slot) {
    struct order *order = &orders[slot];
    struct price_ladder *ladder = &book->sides[order->side];
    uint32_t key = price_ladder_key(ladder, order->price_ticks);
    struct price_level *level = price_ladder_level(ladder, key);
    uint32_t next = order->next;
    uint32_t previous = order->previous;

    orders[previous].next = next;
    orders[next].previous = previous;
    level->first = level->first == slot ? next : level->first;
    level->last = level->last == slot ? previous : level->last;
    level->total_lots -= order->left_lots;
    order->left_lots = 0;
    ladder->order_count--;
    if (level->total_lots == 0)
        price_ladder_close(ladder, key);
}

void book_lower(struct book *book, struct order *orders, uint32_t slot, uint64_t by_lots) {
    struct order *order = &orders[slot];
    struct price_ladder *ladder = &book->sides[order->side];

    check(by_lots < order->left_lots);
    order->left_lots -= by_lots;
    price_ladder_level(ladder, price_ladder_key(ladder, order->price_ticks))->total_lots -= by_lots;
}
