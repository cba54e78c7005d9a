/* The orders that are open: waiting for a trigger, on their way to the matcher, or resting there.
 *
 * A slot's index is the index of the order's handle. Slots come from one free list, last freed first, with a new
 * generation each time, as docs/matching.md §1 prescribes. An order has two ends: it is *closed* when it can no longer
 * be named (its terminal event, or the rejection of its NEW), and its slot is *freed*, which for a rejected order is
 * at the DONE.
 *
 * An open order is found by its number, by (account, client order id) if it came by the web, by (account, user_ref) if
 * it came by order entry; and stands in its account's list, in order of arrival. Owned by the engine's thread. */
#ifndef CORE_ORDER_TABLE_H
#define CORE_ORDER_TABLE_H

#include <stdbool.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/hash_map.h"
#include "core/account_table.h"
#include "core/limits.h"
#include "core/matcher.h"

#define ORDER_INDEX_NONE HASH_MAP_NONE

enum order_state {
    ORDER_FREE = 0,
    ORDER_WAITING = 1,   /* for its trigger; the matcher does not know it */
    ORDER_TRIGGERED = 2, /* out of the trigger book, to be sent or cancelled next */
    ORDER_SENT = 3,      /* on its way: not accepted yet */
    ORDER_LIVE = 4,
    ORDER_CLOSED = 5, /* never accepted; its slot is freed at the DONE */
};

/* What the engine owes an order (engine_generate). */
enum order_owed { OWED_NOTHING = 0, OWED_TRIGGER = 1, OWED_CANCEL = 2 };

struct open_order {
    uint64_t order_no;       /* also its place in arrival */
    uint64_t remaining_lots; /* as the last event said; before the first, as asked */
    uint64_t executed_lots;  /* of the whole chain of replaces */
    uint64_t reducing_lots;  /* asked for by REDUCEs in flight */
    amount_t held_atoms;
    uint32_t handle;
    uint32_t account;
    uint32_t
        price_ticks; /* limit, or protection price of a market order: what a buy holds per lot */
    uint32_t trigger_ticks;
    uint32_t user_ref;
    uint32_t pays_index; /* ledger: the balance that holds */
    uint32_t receives_index;
    uint32_t cancelling_count; /* CANCELs in flight */
    uint32_t replaced_by; /* slot of the order that a REPLACE in flight would put in its place */
    uint32_t account_previous;
    uint32_t account_next;
    uint32_t owed_previous;
    uint32_t owed_next;
    uint32_t trigger_child;
    uint32_t trigger_next;
    uint32_t trigger_previous;
    uint16_t instrument;
    uint8_t side;
    uint8_t type;
    uint8_t tif;
    uint8_t stp;
    uint8_t post_only;
    uint8_t trigger;
    uint8_t state; /* enum order_state */
    uint8_t owed;  /* enum order_owed */
    uint8_t door;
    bool cancel_on_disconnect;
    bool client_id_is_mapped;
    uint8_t client_order_id_length;
    char client_order_id[CLIENT_ORDER_ID_BYTES];
};

struct order_table {
    struct open_order *orders; /* by slot */
    uint32_t *free_slots;      /* a stack */
    struct account_table *accounts;
    uint32_t free_count;
    uint32_t order_max;
    struct hash_map by_order_no;
    struct hash_map by_client_id;
    struct hash_map by_user_ref;
};

size_t order_table_bytes(uint32_t order_max);
void order_table_init(struct order_table *table, struct arena *arena,
                      struct account_table *accounts, uint32_t order_max);

/* The slot that order_table_take would give, without taking it; ORDER_INDEX_NONE when the table is full. */
uint32_t order_table_next(const struct order_table *table);
/* Takes that slot: all of it zero but the handle; links empty. The caller fills it, then opens it. */
struct open_order *order_table_take(struct order_table *table);
/* Makes a filled order nameable, last in its account's list. */
void order_table_open(struct order_table *table, uint32_t index);
/* Registers the client order id of an open order, whose predecessor in a replace had the same. */
void order_table_map_client_id(struct order_table *table, uint32_t index);
/* The order can no longer be found by its user_ref. */
void order_table_forget_user_ref(struct order_table *table, uint32_t index);
/* No longer nameable nor counted; the slot stays taken. */
void order_table_close(struct order_table *table, uint32_t index);
void order_table_free(struct order_table *table, uint32_t index);

/* Open orders only. ORDER_INDEX_NONE when there is none. */
uint32_t order_table_find(const struct order_table *table, uint64_t order_no);
uint32_t order_table_find_client_id(const struct order_table *table, uint32_t account,
                                    const char *id);
uint32_t order_table_find_user_ref(const struct order_table *table, uint32_t account,
                                   uint32_t user_ref);

/* What will rest once the commands in flight are done, as far as the host knows; at least the truth, unless one of
 * its REDUCEs or CANCELs is rejected. */
static inline uint64_t order_expected_lots(const struct open_order *order) {
    if (order->cancelling_count != 0 || order->reducing_lots >= order->remaining_lots)
        return 0;
    return order->remaining_lots - order->reducing_lots;
}

/* The matcher has not been told of it. */
static inline bool order_is_waiting(const struct open_order *order) {
    return order->state == ORDER_WAITING || order->state == ORDER_TRIGGERED;
}
/* Market, IOC and FOK orders on their way cannot be named: by the time the matcher hears it, they are over. */
static inline bool order_can_rest(const struct open_order *order) {
    return order->type == ORDER_TYPE_LIMIT && order->tif == TIF_GTC;
}

#endif
