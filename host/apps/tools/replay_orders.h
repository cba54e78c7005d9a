/* The orders of a replay as the reference knows them: each has a number for the life of the replay, and a handle at
 * the matcher for as long as it lives there. */
#ifndef TOOLS_REPLAY_ORDERS_H
#define TOOLS_REPLAY_ORDERS_H

#include "apps/tools/replay_check.h"

struct replay_known_order {
    struct replay_check_order terms;
    uint32_t user_ref;
    uint32_t handle;
    uint32_t left_lots;     /* at rest */
    uint32_t executed_lots; /* of the whole chain of replaces */
};

struct replay_orders {
    struct replay_known_order *all; /* moves when an order is added */
    uint32_t count;
    uint32_t room;
    uint32_t *free_handles; /* a stack of indices */
    uint32_t free_count;
    uint32_t *order_of_handle; /* by index */
    uint8_t *generations;
};

/* False: no memory. */
NODISCARD bool replay_orders_make(struct replay_orders *orders);
void replay_orders_free(struct replay_orders *orders);
/* The new order's number. */
uint32_t replay_orders_add(struct replay_orders *orders, const struct replay_check_order *terms,
                           uint32_t user_ref);
struct replay_known_order *replay_orders_of(struct replay_orders *orders, uint32_t handle);
/* It is gone from the matcher: its handle may be given again. */
void replay_orders_end(struct replay_orders *orders, struct replay_known_order *order);

#endif
