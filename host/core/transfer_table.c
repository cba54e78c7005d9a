#include "core/transfer_table.h"

#include "core/limits.h"

size_t transfer_table_bytes(void) {
    return TRANSFER_MAX * (sizeof(struct open_transfer) + sizeof(uint32_t)) +
           hash_map_bytes(TRANSFER_MAX, 8) + 128;
}

void transfer_table_init(struct transfer_table *table, struct arena *arena) {
    *table = (struct transfer_table){
        .transfers = arena_take(arena, TRANSFER_MAX * sizeof(struct open_transfer), 64),
        .free_entries = arena_take(arena, TRANSFER_MAX * sizeof(uint32_t), 64),
        .free_count = TRANSFER_MAX,
    };
    hash_map_init(&table->by_transfer_no, arena, TRANSFER_MAX, 8);
    for (uint32_t i = 0; i < TRANSFER_MAX; i++) {
        table->transfers[i] = (struct open_transfer){0};
        table->free_entries[i] = TRANSFER_MAX - 1 - i;
    }
}

struct open_transfer *transfer_table_find(const struct transfer_table *table,
                                          uint64_t transfer_no) {
    uint32_t entry = hash_map_find(&table->by_transfer_no, &transfer_no);

    return entry == HASH_MAP_NONE ? NULL : &table->transfers[entry];
}

bool transfer_table_add(struct transfer_table *table, const struct open_transfer *transfer) {
    check(transfer->transfer_no != 0);
    if (table->free_count == 0)
        return false;
    uint32_t entry = table->free_entries[--table->free_count];
    bool mapped = hash_map_put(&table->by_transfer_no, &transfer->transfer_no, entry);
    check(mapped);
    table->transfers[entry] = *transfer;
    return true;
}

void transfer_table_remove(struct transfer_table *table, uint64_t transfer_no) {
    uint32_t entry = hash_map_find(&table->by_transfer_no, &transfer_no);
    check(entry != HASH_MAP_NONE);
    hash_map_remove(&table->by_transfer_no, &transfer_no);
    table->transfers[entry] = (struct open_transfer){0};
    table->free_entries[table->free_count++] = entry;
}
