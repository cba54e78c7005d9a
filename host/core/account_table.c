#include "core/account_table.h"

#include <stddef.h>

#include "core/order_table.h"

static uint32_t owner_max(uint32_t account_max) {
    return account_max < OWNER_MAX ? account_max : OWNER_MAX;
}

size_t account_table_bytes(uint32_t account_max) {
    return ((size_t)account_max + 1) * sizeof(struct account) +
           owner_max(account_max) * sizeof(uint16_t) + 128;
}

void account_table_init(struct account_table *table, struct arena *arena, uint32_t account_max) {
    uint32_t owners = owner_max(account_max);

    *table = (struct account_table){
        .accounts = arena_take(arena, ((size_t)account_max + 1) * sizeof(struct account), 64),
        .free_owners = arena_take(arena, owners * sizeof(uint16_t), 64),
        .account_max = account_max,
        .free_owner_count = owners,
    };
    for (uint32_t i = 0; i < owners; i++)
        table->free_owners[i] = (uint16_t)(owners - i); /* 1 is lent first */
}

struct account *account_table_find(const struct account_table *table, uint32_t account) {
    if (account < ACCOUNT_FIRST_CLIENT || account > table->account_count)
        return NULL;
    return &table->accounts[account];
}

uint32_t account_table_create(struct account_table *table) {
    if (table->account_count == table->account_max)
        return 0;
    table->account_count++;
    table->accounts[table->account_count] =
        (struct account){.first_open = ORDER_INDEX_NONE, .last_open = ORDER_INDEX_NONE};
    return table->account_count;
}

bool account_table_lend_owner(struct account_table *table, struct account *account) {
    if (account->owner != 0)
        return true;
    if (table->free_owner_count == 0)
        return false;
    account->owner = table->free_owners[--table->free_owner_count];
    return true;
}

void account_table_return_owner(struct account_table *table, struct account *account) {
    check(account->owner != 0);
    check(account->open_count == 0);
    table->free_owners[table->free_owner_count++] = (uint16_t)account->owner;
    account->owner = 0;
}
