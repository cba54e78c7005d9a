#include "session/named_orders.h"

#include <string.h>

#define NONE HASH_MAP_NONE

static uint64_t ref_key(uint32_t account, uint32_t user_ref) {
    return (uint64_t)account << 32 | user_ref;
}

size_t named_orders_bytes(uint32_t order_max) {
    return order_max * sizeof(struct named_order) + 64 + 2 * (hash_map_bytes(order_max, 8) + 64);
}

void named_orders_init(struct named_orders *named, struct arena *arena, uint32_t order_max) {
    check(order_max > 0);
    named->orders = arena_take(arena, order_max * sizeof *named->orders, 64);
    named->order_max = order_max;
    hash_map_init(&named->by_order_no, arena, order_max, 8);
    hash_map_init(&named->by_user_ref, arena, order_max, 8);
    memset(named->orders, 0, order_max * sizeof *named->orders);
    for (uint32_t i = 0; i < order_max; i++)
        named->orders[i].next_free = i + 1 < order_max ? i + 1 : NONE;
    named->first_free = 0;
}

void named_orders_clear(struct named_orders *named) {
    for (uint32_t i = 0; i < named->order_max; i++)
        if (named->orders[i].state != NAMED_FREE)
            named_orders_remove(named, &named->orders[i]);
}

struct named_order *named_orders_add(struct named_orders *named, uint64_t order_no,
                                     uint32_t account, uint32_t user_ref) {
    uint32_t index = named->first_free;
    uint64_t key = ref_key(account, user_ref);

    check(index != NONE);
    struct named_order *order = &named->orders[index];
    named->first_free = order->next_free;
    *order = (struct named_order){
        .order_no = order_no, .account = account, .user_ref = user_ref, .state = NAMED_ASKED};
    if (!hash_map_put(&named->by_order_no, &order_no, index))
        check(!"as many places as orders");
    if (!hash_map_put(&named->by_user_ref, &key, index))
        check(!"as many places as orders");
    return order;
}

struct named_order *named_orders_find(const struct named_orders *named, uint64_t order_no) {
    uint32_t index = hash_map_find(&named->by_order_no, &order_no);

    return index == NONE ? NULL : &named->orders[index];
}

const struct named_order *named_orders_find_ref(const struct named_orders *named, uint32_t account,
                                                uint32_t user_ref) {
    uint64_t key = ref_key(account, user_ref);
    uint32_t index = hash_map_find(&named->by_user_ref, &key);

    return index == NONE ? NULL : &named->orders[index];
}

void named_orders_remove(struct named_orders *named, struct named_order *order) {
    uint32_t index = (uint32_t)(order - named->orders);
    uint64_t key = ref_key(order->account, order->user_ref);

    check(order->state != NAMED_FREE);
    hash_map_remove(&named->by_order_no, &order->order_no);
    hash_map_remove(&named->by_user_ref, &key);
    *order = (struct named_order){.next_free = named->first_free};
    named->first_free = index;
}
