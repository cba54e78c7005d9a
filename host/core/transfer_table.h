/* Deposits and withdrawals that have been requested and have not ended. A transfer's number is the record_seq of its
 * first record. Holds TRANSFER_MAX. Owned by the engine's thread. */
#ifndef CORE_TRANSFER_TABLE_H
#define CORE_TRANSFER_TABLE_H

#include "base/amount.h"
#include "base/arena.h"
#include "base/hash_map.h"

struct open_transfer {
    amount_t amount_atoms;
    uint64_t transfer_no; /* 0: this entry is free */
    uint32_t
        balance_index; /* withdrawal: the balance that holds the amount; deposit: BALANCE_NONE */
    uint32_t account;
    uint16_t asset;
    uint8_t kind;  /* enum transfer_kind */
    uint8_t state; /* enum transfer_state: REQUESTED or APPROVED */
};

struct transfer_table {
    struct open_transfer *transfers;
    uint32_t *free_entries; /* a stack */
    uint32_t free_count;
    struct hash_map by_transfer_no;
};

size_t transfer_table_bytes(void);
void transfer_table_init(struct transfer_table *table, struct arena *arena);
/* NULL when there is no such open transfer. */
struct open_transfer *transfer_table_find(const struct transfer_table *table, uint64_t transfer_no);
/* False: the table is full. */
NODISCARD bool transfer_table_add(struct transfer_table *table,
                                  const struct open_transfer *transfer);
void transfer_table_remove(struct transfer_table *table, uint64_t transfer_no);

#endif
