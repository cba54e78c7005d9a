/* Orders: every open order, and the finished ones of late, found by number, by account, and by the client's
 * own id. An order is in the view from its COMMAND on (ORDER_VIEW_PENDING until the matcher took it). */
#ifndef FEED_ORDERS_VIEW_H
#define FEED_ORDERS_VIEW_H

#include <stdbool.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/hash_map.h"
#include "core/record.h"
#include "feed/limits.h"

enum order_view_status {
    ORDER_VIEW_PENDING = 0, /* commanded; the matcher has not answered yet */
    ORDER_VIEW_WAITING,     /* a stop or take-profit that was not triggered yet */
    ORDER_VIEW_OPEN,
    ORDER_VIEW_PARTLY_FILLED,
    ORDER_VIEW_FILLED, /* from here on finished */
    ORDER_VIEW_CANCELLED,
    ORDER_VIEW_REJECTED,
    ORDER_VIEW_EXPIRED, /* IOC, FOK, what a market order left, a band that moved away */
    ORDER_VIEW_EXPIRED_SELF_TRADE,
};

struct order_view {
    uint64_t order_no;
    uint64_t created_ns;
    uint64_t updated_ns;
    uint64_t qty_lots; /* asked for; a user's reduction lowers it */
    uint64_t left_lots;
    uint64_t executed_lots;
    amount_t
        executed_tick_lots; /* sum of price times quantity; times tick_lot_atoms = quote atoms */
    uint64_t replaces_seq;  /* command that replaces another order by this one; 0 = none */
    uint32_t account;
    uint32_t price_ticks;
    uint32_t limit_ticks; /* market: protection price */
    uint32_t trigger_ticks;
    uint32_t next; /* chain of the account, newer order first; index + 1 */
    uint32_t previous;
    uint16_t instrument;
    uint8_t side;
    uint8_t type;
    uint8_t tif;
    uint8_t stp;
    uint8_t post_only;
    uint8_t trigger; /* enum trigger */
    uint8_t status;  /* enum order_view_status */
    uint8_t why;     /* enum cancel_why or reject_why that ended it; else 0 */
    uint8_t door;    /* enum door it came by */
    bool resting;    /* part of the book */
    uint8_t client_order_id_length;
    char client_order_id[CLIENT_ORDER_ID_BYTES];
};

struct account_orders {
    uint32_t open_first; /* index + 1 */
    uint32_t finished_first;
    uint32_t open_count;
};

struct orders_view {
    struct feed_limits limits;
    struct order_view *orders;
    struct account_orders *accounts; /* by account_index */
    uint32_t *finished;              /* ring of indices, oldest forgotten first */
    uint64_t finished_count;         /* ever */
    struct hash_map by_number;
    struct hash_map by_client_id; /* open orders that came by DOOR_WEB */
    struct hash_map by_replace_seq;
    uint32_t free_first; /* index + 1 */
    uint32_t used_count; /* indices ever used */
    uint32_t order_max;
};

size_t orders_view_bytes(const struct feed_limits *limits);
void orders_view_init(struct orders_view *view, struct arena *arena,
                      const struct feed_limits *limits);
void orders_view_record(struct orders_view *view, const union record *record);

/* Open, or finished and not yet forgotten; else NULL. Pointers hold until the next record. */
const struct order_view *orders_view_find(const struct orders_view *view, uint64_t order_no);
/* Open orders first, then the account's finished ones. */
const struct order_view *orders_view_find_client_id(const struct orders_view *view,
                                                    uint32_t account, const char *id,
                                                    size_t length);
/* Walk an account's orders, newest first (finished ones: last finished first): start with NULL. */
const struct order_view *orders_view_next_open(const struct orders_view *view, uint32_t account,
                                               const struct order_view *after);
const struct order_view *orders_view_next_finished(const struct orders_view *view, uint32_t account,
                                                   const struct order_view *after);
uint32_t orders_view_open_count(const struct orders_view *view, uint32_t account);

static inline bool order_view_is_finished(const struct order_view *order) {
    return order->status >= ORDER_VIEW_FILLED;
}

#endif
