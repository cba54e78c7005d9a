#include "apps/tools/replay_orders.h"

#include <stdlib.h>

bool replay_orders_make(struct replay_orders *orders) {
    *orders = (struct replay_orders){
        .free_handles = calloc(REPLAY_ORDERS_MAX, sizeof *orders->free_handles),
        .order_of_handle = calloc(REPLAY_ORDERS_MAX, sizeof *orders->order_of_handle),
        .generations = calloc(REPLAY_ORDERS_MAX, sizeof *orders->generations),
        .free_count = REPLAY_ORDERS_MAX};
    if (orders->free_handles == NULL || orders->order_of_handle == NULL ||
        orders->generations == NULL)
        return false;
    for (uint32_t i = 0; i < REPLAY_ORDERS_MAX; i++)
        orders->free_handles[i] = REPLAY_ORDERS_MAX - 1 - i;
    return true;
}

void replay_orders_free(struct replay_orders *orders) {
    free(orders->all);
    free(orders->free_handles);
    free(orders->order_of_handle);
    free(orders->generations);
    *orders = (struct replay_orders){.all = NULL};
}

uint32_t replay_orders_add(struct replay_orders *orders, const struct replay_check_order *terms,
                           uint32_t user_ref) {
    if (orders->count == orders->room) {
        orders->room = orders->room == 0 ? 1024 : 2 * orders->room;
        orders->all = realloc(orders->all, orders->room * sizeof *orders->all);
        check(orders->all != NULL);
    }
    check(orders->free_count > 0);
    uint32_t index = orders->free_handles[--orders->free_count];

    orders->generations[index]++;
    orders->order_of_handle[index] = orders->count;
    orders->all[orders->count] =
        (struct replay_known_order){.terms = *terms,
                                    .user_ref = user_ref,
                                    .handle = HANDLE_MAKE(orders->generations[index], index)};
    return orders->count++;
}

struct replay_known_order *replay_orders_of(struct replay_orders *orders, uint32_t handle) {
    return &orders->all[orders->order_of_handle[HANDLE_INDEX(handle)]];
}

void replay_orders_end(struct replay_orders *orders, struct replay_known_order *order) {
    order->left_lots = 0;
    orders->free_handles[orders->free_count++] = HANDLE_INDEX(order->handle);
}
