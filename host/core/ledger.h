/* The ledger: assets, and what each account has of each: available, and held for open orders and withdrawals.
 *
 * Double entry: every verb moves atoms between two places, so that each asset sums to zero over all clients, the
 * house and the outside, after every record. The sum of each asset is kept as it goes and must close
 * (ledger_check_closed, always on, one comparison); ledger_recount adds everything up again the slow way.
 *
 * A place is a balance, named by its index: callers look it up once and keep it, for a balance never moves or goes
 * away. Only the outside's balances go below zero; what would take another there is a refusal (ledger_hold) or a
 * mistake of ours (everything else: check). Owned by the engine's thread. */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdbool.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/hash_map.h"
#include "core/digest.h"
#include "core/limits.h"
#include "core/verdict.h"

#define BALANCE_NONE HASH_MAP_NONE
#define ASSET_NONE   0xFFFFu

struct balance {
    amount_t available_atoms;
    amount_t held_atoms;
};

struct ledger_entry {
    struct balance balance;
    uint32_t account;
    uint16_t asset;
};

struct asset {
    amount_t sum_atoms; /* over all accounts, the house and the outside: zero between records */
    uint32_t house_index;
    uint32_t outside_index;
    char name[SYMBOL_BYTES];
    uint8_t decimals;
};

struct ledger {
    struct ledger_entry *entries; /* in the order in which they were opened */
    uint32_t entry_count;
    uint32_t entry_max;
    uint32_t asset_count;
    uint32_t open_sum_count;          /* assets whose sum is not zero just now */
    struct hash_map index_of_balance; /* account << 16 | asset */
    struct asset assets[ASSET_MAX];
};

size_t ledger_bytes(uint32_t balance_max);
void ledger_init(struct ledger *ledger, struct arena *arena, uint32_t balance_max);

/* ASSET_NONE when there is none. `name` is SYMBOL_BYTES, NUL padded. */
uint16_t ledger_find_asset(const struct ledger *ledger, const char *name);
/* Lists a new asset, with balances of the house and the outside; or finds it, when name and decimals are known.
 * TAKEN, DIFFERENT_TERMS, ASSET_LIMIT or BALANCE_LIMIT. */
NODISCARD enum verdict ledger_list_asset(struct ledger *ledger, const char *name, uint8_t decimals,
                                         uint16_t *asset);

/* BALANCE_NONE when the account never had any. */
uint32_t ledger_find(const struct ledger *ledger, uint32_t account, uint16_t asset);
/* The account's balance, opened at zero if need be. BALANCE_NONE: the ledger is full. */
NODISCARD uint32_t ledger_open(struct ledger *ledger, uint32_t account, uint16_t asset);

/* available to held, if there is as much. index may be BALANCE_NONE: then there is nothing. atoms >= 0. */
NODISCARD bool ledger_hold(struct ledger *ledger, uint32_t index, amount_t atoms);
/* held back to available. */
void ledger_release(struct ledger *ledger, uint32_t index, amount_t atoms);
/* From what `from` holds to what `to` has available, of the same asset. */
void ledger_settle(struct ledger *ledger, uint32_t from, uint32_t to, amount_t atoms);
/* From what the balance has available to the house. */
void ledger_pay_fee(struct ledger *ledger, uint32_t index, amount_t atoms);
/* Whether the outside may owe as much more: for whoever must know before a balance is opened. */
NODISCARD bool ledger_may_deposit(const struct ledger *ledger, uint16_t asset, amount_t atoms);
/* From the outside. False: beyond AMOUNT_BITS_MAX, nothing changed. */
NODISCARD bool ledger_deposit(struct ledger *ledger, uint32_t index, amount_t atoms);
/* What the balance holds leaves for the outside. */
void ledger_withdraw(struct ledger *ledger, uint32_t index, amount_t atoms);

/* The fee on what a side receives: ppm of it, rounded up. 0 <= atoms. */
amount_t ledger_fee(amount_t atoms, uint32_t fee_ppm);

/* Every asset sums to zero. Call after every record. */
static inline void ledger_check_closed(const struct ledger *ledger) {
    check(ledger->open_sum_count == 0);
}
/* The same by adding up every balance, and none below zero but the outside's. */
void ledger_recount(const struct ledger *ledger);
void ledger_add_to_digest(const struct ledger *ledger, struct digest *digest);

#endif
