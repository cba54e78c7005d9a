#include "core/order_table.h"

#include <string.h>

struct client_id_key {
    uint32_t account;
    char id[CLIENT_ORDER_ID_BYTES];
};
static_assert(sizeof(struct client_id_key) % 8 == 0, "a key of the hash map");

size_t order_table_bytes(uint32_t order_max) {
    return (size_t)order_max * (sizeof(struct open_order) + sizeof(uint32_t)) +
           2 * hash_map_bytes(order_max, 8) +
           hash_map_bytes(order_max, sizeof(struct client_id_key)) + 128;
}

void order_table_init(struct order_table *table, struct arena *arena,
                      struct account_table *accounts, uint32_t order_max) {
    check(order_max <= HANDLE_INDEX_MASK + 1);
    *table = (struct order_table){
        .orders = arena_take(arena, (size_t)order_max * sizeof(struct open_order), 64),
        .free_slots = arena_take(arena, (size_t)order_max * sizeof(uint32_t), 64),
        .accounts = accounts,
        .free_count = order_max,
        .order_max = order_max,
    };
    hash_map_init(&table->by_order_no, arena, order_max, 8);
    hash_map_init(&table->by_client_id, arena, order_max, sizeof(struct client_id_key));
    hash_map_init(&table->by_user_ref, arena, order_max, 8);
    for (uint32_t i = 0; i < order_max; i++) {
        table->orders[i] = (struct open_order){.handle = HANDLE_MAKE(0, i)};
        table->free_slots[i] = order_max - 1 - i; /* slot 0 is given first */
    }
}

uint32_t order_table_next(const struct order_table *table) {
    return table->free_count == 0 ? ORDER_INDEX_NONE : table->free_slots[table->free_count - 1];
}

struct open_order *order_table_take(struct order_table *table) {
    check(table->free_count > 0);
    uint32_t index = table->free_slots[--table->free_count];
    struct open_order *order = &table->orders[index];
    check(order->state == ORDER_FREE);

    *order = (struct open_order){
        .handle = order->handle,
        .replaced_by = ORDER_INDEX_NONE,
        .account_previous = ORDER_INDEX_NONE,
        .account_next = ORDER_INDEX_NONE,
        .owed_previous = ORDER_INDEX_NONE,
        .owed_next = ORDER_INDEX_NONE,
        .trigger_child = ORDER_INDEX_NONE,
        .trigger_next = ORDER_INDEX_NONE,
        .trigger_previous = ORDER_INDEX_NONE,
    };
    return order;
}

static struct client_id_key client_id_key(uint32_t account, const char *id) {
    struct client_id_key key = {.account = account};

    memcpy(key.id, id, CLIENT_ORDER_ID_BYTES);
    return key;
}

static uint64_t user_ref_key(uint32_t account, uint32_t user_ref) {
    return (uint64_t)account << 32 | user_ref;
}

void order_table_map_client_id(struct order_table *table, uint32_t index) {
    struct open_order *order = &table->orders[index];
    check(!order->client_id_is_mapped);
    struct client_id_key key = client_id_key(order->account, order->client_order_id);

    order->client_id_is_mapped = hash_map_put(&table->by_client_id, &key, index);
    check(order->client_id_is_mapped);
}

void order_table_open(struct order_table *table, uint32_t index) {
    struct open_order *order = &table->orders[index];
    struct account *account = account_table_find(table->accounts, order->account);
    check(account != NULL);
    check(order->state == ORDER_WAITING || order->state == ORDER_SENT);

    bool mapped = hash_map_put(&table->by_order_no, &order->order_no, index);
    check(mapped); /* the maps have a place for every slot */
    if (order->user_ref != 0) {
        uint64_t key = user_ref_key(order->account, order->user_ref);
        mapped = hash_map_put(&table->by_user_ref, &key, index);
        check(mapped);
    }
    order->account_previous = account->last_open;
    if (account->last_open == ORDER_INDEX_NONE)
        account->first_open = index;
    else
        table->orders[account->last_open].account_next = index;
    account->last_open = index;
    account->open_count++;
}

void order_table_forget_user_ref(struct order_table *table, uint32_t index) {
    struct open_order *order = &table->orders[index];

    if (order->user_ref == 0)
        return;
    uint64_t key = user_ref_key(order->account, order->user_ref);
    hash_map_remove(&table->by_user_ref, &key);
    order->user_ref = 0;
}

void order_table_close(struct order_table *table, uint32_t index) {
    struct open_order *order = &table->orders[index];
    struct account *account = account_table_find(table->accounts, order->account);
    check(account != NULL);
    check(account->open_count > 0);
    check(order->state != ORDER_FREE);
    check(order->state != ORDER_CLOSED);

    hash_map_remove(&table->by_order_no, &order->order_no);
    order_table_forget_user_ref(table, index);
    if (order->client_id_is_mapped) {
        struct client_id_key key = client_id_key(order->account, order->client_order_id);
        hash_map_remove(&table->by_client_id, &key);
    }
    if (order->account_previous == ORDER_INDEX_NONE)
        account->first_open = order->account_next;
    else
        table->orders[order->account_previous].account_next = order->account_next;
    if (order->account_next == ORDER_INDEX_NONE)
        account->last_open = order->account_previous;
    else
        table->orders[order->account_next].account_previous = order->account_previous;
    account->open_count--;
    if (account->open_count == 0)
        account_table_return_owner(table->accounts, account);
    order->state = ORDER_CLOSED;
}

void order_table_free(struct order_table *table, uint32_t index) {
    struct open_order *order = &table->orders[index];
    check(order->state == ORDER_CLOSED);
    check(order->held_atoms == 0);
    check(table->free_count < table->order_max);

    order->state = ORDER_FREE;
    order->order_no = 0;
    order->handle = HANDLE_MAKE((HANDLE_GENERATION(order->handle) + 1) & 0xFF, index);
    table->free_slots[table->free_count++] = index;
}

uint32_t order_table_find(const struct order_table *table, uint64_t order_no) {
    return hash_map_find(&table->by_order_no, &order_no);
}

uint32_t order_table_find_client_id(const struct order_table *table, uint32_t account,
                                    const char *id) {
    struct client_id_key key = client_id_key(account, id);

    return hash_map_find(&table->by_client_id, &key);
}

uint32_t order_table_find_user_ref(const struct order_table *table, uint32_t account,
                                   uint32_t user_ref) {
    uint64_t key = user_ref_key(account, user_ref);

    return hash_map_find(&table->by_user_ref, &key);
}
