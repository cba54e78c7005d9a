/* The orders that a bot has in the market, and what it has traded. Replies keep the picture true: a fill or a cancel
 * that was not asked for is seen, and after a lost connection the replies that were missed are read first. So a bot
 * that starts anew finds the orders that its earlier life left behind.
 *
 * Every order in the table is found by its UserRefNum in one step. One thread owns it. */
#ifndef BOTS_QUOTES_H
#define BOTS_QUOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/client/demo_file.h"
#include "apps/client/order_client.h"
#include "base/hash_map.h"

#define QUOTES_MAX   8192 /* orders at once over all instruments; more are not placed */
#define QUOTES_NONE  (-1)
#define QUOTES_FILLS 1024 /* fills remembered until they are taken; then only that some were lost */

struct quote {
    uint32_t ref; /* UserRefNum; 0: free */
    uint32_t price_ticks;
    uint32_t qty_lots;  /* open */
    uint8_t instrument; /* index in demo_file */
    uint8_t side;       /* enum side */
    bool is_live;       /* accepted */
    bool is_leaving;    /* a cancel is on its way */
};

/* What a bot has done in one instrument since the day began. */
struct quote_position {
    int64_t lots;        /* bought less sold */
    uint32_t last_ticks; /* of its last fill; 0: none */
};

/* A quote that a fill or a refusal made smaller. */
struct quote_loss {
    uint32_t price_ticks;
    uint8_t instrument;
    uint8_t side;
    bool is_refused;
};

struct quotes {
    struct order_client *client;
    const struct demo_file *demo;
    struct hash_map by_ref;
    void *memory; /* of by_ref */
    uint32_t free_places[QUOTES_MAX];
    uint32_t free_count;
    uint32_t next_ref;
    uint64_t sent_count;
    uint64_t filled_count;
    uint64_t refused_count;
    struct quote_position positions[DEMO_INSTRUMENTS_MAX];
    struct quote_loss losses[QUOTES_FILLS];
    uint32_t loss_count;
    bool losses_forgotten; /* there were more */
    struct quote all[QUOTES_MAX];
};

/* What to place. */
struct quote_order {
    uint8_t instrument;
    uint8_t side;
    uint32_t price_ticks;
    uint32_t qty_lots;
    bool post_only;
    bool immediate; /* IOC */
    bool market;    /* no limit price */
};

/* False: no memory. */
NODISCARD bool quotes_init(struct quotes *quotes, struct order_client *client,
                           const struct demo_file *demo);
/* A new day: refs and replies begin again. */
void quotes_forget(struct quotes *quotes);
/* Asks for the next UserRefNum, forgets what the exchange never got, and withdraws what rests. After a logon: once
 * every reply of before was handed to quotes_reply. */
NODISCARD bool quotes_begin(struct quotes *quotes);
/* The same, and waits until nothing of ours rests any more. */
NODISCARD bool quotes_end(struct quotes *quotes);
/* The place of the new order, or QUOTES_NONE: no room. False in *alive: the connection is gone. */
int quotes_place(struct quotes *quotes, const struct quote_order *order, bool *alive);
NODISCARD bool quotes_cancel(struct quotes *quotes, int place);
/* The quote at this place if it is still the one that was put there, and not leaving; else NULL. */
const struct quote *quotes_at(const struct quotes *quotes, int place, uint8_t instrument,
                              uint8_t side, uint32_t price_ticks);
void quotes_reply(struct quotes *quotes, const struct ouch50_message *message);

#endif
