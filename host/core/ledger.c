#include "core/ledger.h"

#include <string.h>

size_t ledger_bytes(uint32_t balance_max) {
    return (size_t)balance_max * sizeof(struct ledger_entry) + hash_map_bytes(balance_max, 8) + 64;
}

void ledger_init(struct ledger *ledger, struct arena *arena, uint32_t balance_max) {
    memset(ledger, 0, sizeof *ledger);
    ledger->entries = arena_take(arena, (size_t)balance_max * sizeof(struct ledger_entry), 64);
    ledger->entry_max = balance_max;
    hash_map_init(&ledger->index_of_balance, arena, balance_max, 8);
}

uint16_t ledger_find_asset(const struct ledger *ledger, const char *name) {
    for (uint32_t i = 0; i < ledger->asset_count; i++)
        if (memcmp(ledger->assets[i].name, name, SYMBOL_BYTES) == 0)
            return (uint16_t)i;
    return ASSET_NONE;
}

enum verdict ledger_list_asset(struct ledger *ledger, const char *name, uint8_t decimals,
                               uint16_t *asset) {
    *asset = ledger_find_asset(ledger, name);
    if (*asset != ASSET_NONE)
        return ledger->assets[*asset].decimals == decimals ? VERDICT_TAKEN
                                                           : VERDICT_DIFFERENT_TERMS;
    if (ledger->asset_count == ASSET_MAX)
        return VERDICT_ASSET_LIMIT;
    if (ledger->entry_max - ledger->entry_count < 2)
        return VERDICT_BALANCE_LIMIT;

    *asset = (uint16_t)ledger->asset_count++;
    struct asset *listed = &ledger->assets[*asset];
    memcpy(listed->name, name, SYMBOL_BYTES);
    listed->decimals = decimals;
    listed->outside_index = ledger_open(ledger, ACCOUNT_OUTSIDE, *asset);
    listed->house_index = ledger_open(ledger, ACCOUNT_HOUSE, *asset);
    check(listed->outside_index != BALANCE_NONE);
    check(listed->house_index != BALANCE_NONE);
    return VERDICT_TAKEN;
}

uint32_t ledger_find(const struct ledger *ledger, uint32_t account, uint16_t asset) {
    uint64_t key = (uint64_t)account << 16 | asset;

    return hash_map_find(&ledger->index_of_balance, &key);
}

uint32_t ledger_open(struct ledger *ledger, uint32_t account, uint16_t asset) {
    check(asset < ledger->asset_count);
    uint64_t key = (uint64_t)account << 16 | asset;
    uint32_t index = hash_map_find(&ledger->index_of_balance, &key);

    if (index != HASH_MAP_NONE)
        return index;
    if (!hash_map_put(&ledger->index_of_balance, &key, ledger->entry_count))
        return BALANCE_NONE;
    index = ledger->entry_count++;
    ledger->entries[index] = (struct ledger_entry){.account = account, .asset = asset};
    return index;
}

static struct ledger_entry *ledger_entry(struct ledger *ledger, uint32_t index) {
    check(index < ledger->entry_count);
    return &ledger->entries[index];
}

/* Both halves of a move pass here; between them, and only between them, the asset's sum is not zero. */
static void ledger_add(struct ledger *ledger, uint16_t asset, amount_t *place, amount_t atoms) {
    amount_t *sum = &ledger->assets[asset].sum_atoms;

    ledger->open_sum_count -= *sum != 0;
    *place += atoms;
    *sum += atoms;
    ledger->open_sum_count += *sum != 0;
}

bool ledger_hold(struct ledger *ledger, uint32_t index, amount_t atoms) {
    check(atoms >= 0);
    if (index == BALANCE_NONE)
        return atoms == 0;
    struct ledger_entry *entry = ledger_entry(ledger, index);
    check(entry->balance.available_atoms >= 0);

    if (entry->balance.available_atoms < atoms)
        return false;
    ledger_add(ledger, entry->asset, &entry->balance.available_atoms, -atoms);
    ledger_add(ledger, entry->asset, &entry->balance.held_atoms, atoms);
    return true;
}

void ledger_release(struct ledger *ledger, uint32_t index, amount_t atoms) {
    struct ledger_entry *entry = ledger_entry(ledger, index);
    check(atoms >= 0);
    check(entry->balance.held_atoms >= atoms);

    ledger_add(ledger, entry->asset, &entry->balance.held_atoms, -atoms);
    ledger_add(ledger, entry->asset, &entry->balance.available_atoms, atoms);
}

void ledger_settle(struct ledger *ledger, uint32_t from, uint32_t to, amount_t atoms) {
    struct ledger_entry *payer = ledger_entry(ledger, from);
    struct ledger_entry *payee = ledger_entry(ledger, to);
    check(payer->asset == payee->asset);
    check(atoms >= 0);
    check(payer->balance.held_atoms >= atoms);

    ledger_add(ledger, payer->asset, &payer->balance.held_atoms, -atoms);
    ledger_add(ledger, payee->asset, &payee->balance.available_atoms, atoms);
}

void ledger_pay_fee(struct ledger *ledger, uint32_t index, amount_t atoms) {
    struct ledger_entry *payer = ledger_entry(ledger, index);
    struct ledger_entry *house = ledger_entry(ledger, ledger->assets[payer->asset].house_index);
    check(atoms >= 0);
    check(payer->balance.available_atoms >= atoms);

    ledger_add(ledger, payer->asset, &payer->balance.available_atoms, -atoms);
    ledger_add(ledger, payer->asset, &house->balance.available_atoms, atoms);
}

bool ledger_may_deposit(const struct ledger *ledger, uint16_t asset, amount_t atoms) {
    check(asset < ledger->asset_count);
    const struct ledger_entry *outside = &ledger->entries[ledger->assets[asset].outside_index];
    amount_t top = (amount_t)1 << AMOUNT_BITS_MAX;

    return atoms <= top + outside->balance.available_atoms;
}

bool ledger_deposit(struct ledger *ledger, uint32_t index, amount_t atoms) {
    struct ledger_entry *payee = ledger_entry(ledger, index);
    struct ledger_entry *outside = ledger_entry(ledger, ledger->assets[payee->asset].outside_index);
    check(atoms > 0);
    check(index != ledger->assets[payee->asset].outside_index);

    if (!ledger_may_deposit(ledger, payee->asset, atoms))
        return false;
    ledger_add(ledger, payee->asset, &outside->balance.available_atoms, -atoms);
    ledger_add(ledger, payee->asset, &payee->balance.available_atoms, atoms);
    return true;
}

void ledger_withdraw(struct ledger *ledger, uint32_t index, amount_t atoms) {
    struct ledger_entry *payer = ledger_entry(ledger, index);

    ledger_settle(ledger, index, ledger->assets[payer->asset].outside_index, atoms);
}

amount_t ledger_fee(amount_t atoms, uint32_t fee_ppm) {
    check(atoms >= 0);
    check(fee_ppm <= FEE_PPM_MAX);
    /* In two parts: the product of both could pass 127 bits. */
    return atoms / 1000000 * fee_ppm + (atoms % 1000000 * fee_ppm + 999999) / 1000000;
}

void ledger_recount(const struct ledger *ledger) {
    amount_t sums[ASSET_MAX] = {0};

    for (uint32_t i = 0; i < ledger->entry_count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        check(entry->asset < ledger->asset_count);
        check(ledger_find(ledger, entry->account, entry->asset) == i);
        check(entry->balance.held_atoms >= 0);
        if (entry->account != ACCOUNT_OUTSIDE)
            check(entry->balance.available_atoms >= 0);
        sums[entry->asset] += entry->balance.available_atoms + entry->balance.held_atoms;
    }
    for (uint32_t i = 0; i < ledger->asset_count; i++) {
        check(sums[i] == 0);
        check(ledger->assets[i].sum_atoms == 0);
    }
    ledger_check_closed(ledger);
}

void ledger_add_to_digest(const struct ledger *ledger, struct digest *digest) {
    digest_number(digest, ledger->entry_count);
    for (uint32_t i = 0; i < ledger->entry_count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        digest_number(digest, entry->account);
        digest_number(digest, entry->asset);
        digest_number(digest, (uint64_t)entry->balance.available_atoms);
        digest_number(digest, (uint64_t)(entry->balance.available_atoms >> 64));
        digest_number(digest, (uint64_t)entry->balance.held_atoms);
        digest_number(digest, (uint64_t)(entry->balance.held_atoms >> 64));
    }
}
