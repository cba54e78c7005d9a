/* The stop and take-profit orders of one instrument that wait for a price: two pairing heaps, one for each direction,
 * woven through the orders' own slots, so that there is nothing to fill up beside the order table.
 *
 * The best of each heap is the order whose trigger the market reaches first. Adding costs a comparison, taking out
 * log n on the average of many. Owned by the engine's thread. */
#ifndef CORE_TRIGGER_BOOK_H
#define CORE_TRIGGER_BOOK_H

#include "core/order_table.h"

struct trigger_book {
    uint32_t above_root; /* TRIGGER_ABOVE: the lowest trigger first */
    uint32_t below_root; /* TRIGGER_BELOW: the highest first */
};

void trigger_book_init(struct trigger_book *book);
/* By the order's trigger and trigger_ticks. */
void trigger_book_add(struct trigger_book *book, struct open_order *orders, uint32_t index);
void trigger_book_remove(struct trigger_book *book, struct open_order *orders, uint32_t index);
/* Takes out every order that trades between these prices (both included) trigger. Returns the first of a list
 * linked by owed_next, in order of arrival; ORDER_INDEX_NONE when there is none. */
uint32_t trigger_book_take(struct trigger_book *book, struct open_order *orders, uint32_t low_ticks,
                           uint32_t high_ticks);

#endif
