/* The orders that have a UserRefNum: what replies about them need, from the COMMAND that asked for them to their
 * last event. Orders that came by another door, or on an earlier day, are not here, and no reply names them.
 *
 * A pure function of the journal. It never holds more than the engine's table of orders, whose limit it has. */
#ifndef SESSION_NAMED_ORDERS_H
#define SESSION_NAMED_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash_map.h"
#include "wire/ouch50.h"

enum named_state {
    NAMED_FREE = 0,
    NAMED_ASKED, /* the command is known, the matcher's answer is not */
    NAMED_ENTERING, /* a replace was accepted; how much it enters shows in its next event: then it is announced */
    NAMED_LIVE, /* accepted or replaced: the client was told */
};

struct named_order {
    uint64_t order_no;
    uint64_t executed_lots; /* of the whole chain of replaces */
    uint64_t qty_lots;      /* as asked */
    uint64_t entered_ns;    /* NAMED_ENTERING: the time of its ACCEPTED */
    uint32_t account;
    uint32_t stream;
    uint32_t user_ref;
    uint32_t orig_user_ref; /* 0: entered, not replaced */
    uint32_t price_ticks;
    uint32_t next_free;
    uint16_t instrument;
    uint8_t state; /* enum named_state */
    uint8_t type;  /* enum order_type */
    bool on_disconnect;
    uint8_t echo[8]; /* session/ouch_input.h */
    char clord_id[OUCH50_CLORD_BYTES];
};

struct named_orders {
    struct named_order *orders;
    struct hash_map by_order_no;
    struct hash_map by_user_ref; /* (account, user_ref) */
    uint32_t first_free;
    uint32_t order_max;
};

size_t named_orders_bytes(uint32_t order_max);
void named_orders_init(struct named_orders *named, struct arena *arena, uint32_t order_max);
void named_orders_clear(struct named_orders *named);

/* Takes a slot for order_no, account and user_ref; the caller fills the rest. */
struct named_order *named_orders_add(struct named_orders *named, uint64_t order_no,
                                     uint32_t account, uint32_t user_ref);
/* NULL: it has no UserRefNum, or it is over. */
struct named_order *named_orders_find(const struct named_orders *named, uint64_t order_no);
const struct named_order *named_orders_find_ref(const struct named_orders *named, uint32_t account,
                                                uint32_t user_ref);
void named_orders_remove(struct named_orders *named, struct named_order *order);

#endif
