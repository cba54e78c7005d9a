/* The accounts: their terms, the head of each one's list of open orders, and the numbers lent to them at the matcher.
 *
 * Clients are numbered from ACCOUNT_FIRST_CLIENT without gaps. The outside and the house are places of the ledger,
 * not accounts here: nobody acts for them. A matcher knows 16 bits of owner, so that an account has a number there
 * only while it has open orders. Owned by the engine's thread. */
#ifndef CORE_ACCOUNT_TABLE_H
#define CORE_ACCOUNT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"
#include "core/limits.h"

struct account {
    uint32_t maker_fee_ppm; /* or FEE_INHERIT */
    uint32_t taker_fee_ppm;
    uint32_t open_order_max;
    uint32_t flags;         /* enum account_flag */
    uint32_t last_user_ref; /* highest taken since the day began */
    uint32_t owner;         /* lent at the matcher; 0 = none */
    uint32_t open_count;    /* open orders, waiting ones too */
    uint32_t first_open;    /* slots of the order table, in order of arrival */
    uint32_t last_open;
};

struct account_table {
    struct account *accounts; /* by number; entry 0 is unused */
    uint16_t *free_owners;    /* a stack */
    uint32_t account_count;   /* the last client's number */
    uint32_t account_max;
    uint32_t free_owner_count;
};

size_t account_table_bytes(uint32_t account_max);
void account_table_init(struct account_table *table, struct arena *arena, uint32_t account_max);

/* NULL when there is no such client. */
struct account *account_table_find(const struct account_table *table, uint32_t account);
/* Makes the next account; its number, or 0 when the table is full. */
NODISCARD uint32_t account_table_create(struct account_table *table);

/* Lends an owner number if the account has none. False: none is left. */
NODISCARD bool account_table_lend_owner(struct account_table *table, struct account *account);
void account_table_return_owner(struct account_table *table, struct account *account);

#endif
