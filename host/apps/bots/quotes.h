/* The orders that a bot has in the market, one per price level and side of an instrument, and the messages that
 * move them toward what it wants. Replies keep the picture true: a fill or cancel that was not asked for is seen. */
#ifndef BOTS_QUOTES_H
#define BOTS_QUOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/client/demo_file.h"
#include "apps/client/order_client.h"

#define QUOTES_MAX 4096 /* orders at once over all instruments; more are not placed */

struct quote {
    uint32_t ref; /* UserRefNum; 0: free */
    uint32_t price_ticks;
    uint32_t qty_lots;  /* open */
    uint8_t instrument; /* index in demo_file */
    uint8_t side;       /* enum side */
    bool is_live;       /* accepted */
    bool is_leaving;    /* a cancel is on its way */
};

struct quotes {
    struct order_client *client;
    const struct demo_file *demo;
    uint32_t next_ref;
    uint64_t sent_count;
    uint64_t filled_count;
    uint64_t refused_count;
    struct quote all[QUOTES_MAX];
};

/* What to place. */
struct quote_order {
    uint8_t instrument;
    uint8_t side;
    uint32_t price_ticks;
    uint32_t qty_lots;
    bool post_only;
    bool immediate; /* IOC; not kept as a quote */
    bool market;    /* no limit price */
};

void quotes_init(struct quotes *quotes, struct order_client *client, const struct demo_file *demo);
/* The place of the new quote, or -1: no room, or immediate. False in *alive: the connection is gone. */
int quotes_place(struct quotes *quotes, const struct quote_order *order, bool *alive);
NODISCARD bool quotes_cancel(struct quotes *quotes, int index);
void quotes_reply(struct quotes *quotes, const struct ouch50_message *message);
/* Asks the exchange for the next UserRefNum and cancels what an earlier life of the bot left behind. */
NODISCARD bool quotes_begin(struct quotes *quotes);

#endif
