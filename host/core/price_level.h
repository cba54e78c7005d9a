/* A price level: the queue of one side's orders at one price, oldest first.
 *
 * The orders are linked by slot (struct order). A level is empty when its total is 0, and then `first` and
 * `last` mean nothing. */
#ifndef CORE_PRICE_LEVEL_H
#define CORE_PRICE_LEVEL_H

#include <assert.h>
#include <stdint.h>

struct price_level {
    uint64_t total_lots; /* exact sum of the remainders of its orders */
    uint32_t first;      /* slot of the oldest order */
    uint32_t last;
};
static_assert(sizeof(struct price_level) == 16, "four levels to a cache line");

#endif
