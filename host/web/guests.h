/* Guest accounts, lent one at a time to whoever opens /simple. They are the accounts whose names begin with the
 * configured prefix; a guest whose orders are not all gone yet is not lent. */
#ifndef WEB_GUESTS_H
#define WEB_GUESTS_H

#include <stdbool.h>

#include "feed/market_view.h"
#include "web/limits.h"

struct guests {
    const char *prefix;
    uint32_t accounts[GUESTS_MAX]; /* that are lent */
    uint32_t lent_count;
};

/* 0: none is free. */
uint32_t guests_lend(struct guests *guests, const struct market_view *view);
void guests_return(struct guests *guests, uint32_t account);
/* The next account after `after` that nobody has and that still has open orders; 0: none. */
uint32_t guests_next_to_sweep(const struct guests *guests, const struct market_view *view,
                              uint32_t after);

#endif
