#include "feed/directory.h"

#include <string.h>

#define TICK_SCALE 8 /* tick_e8 */

size_t directory_bytes(const struct feed_limits *limits) {
    return limits->account_max * sizeof(struct listed_account) +
           hash_map_bytes(INSTRUMENT_MAX, SYMBOL_BYTES) + 128;
}

void directory_init(struct directory *directory, struct arena *arena,
                    const struct feed_limits *limits) {
    check(limits->instrument_max <= INSTRUMENT_MAX);
    memset(directory, 0, sizeof *directory);
    directory->limits = *limits;
    directory->accounts = arena_take(arena, limits->account_max * sizeof *directory->accounts, 64);
    hash_map_init(&directory->symbols, arena, INSTRUMENT_MAX, SYMBOL_BYTES);
}

static uint8_t decimals_without_zeros(uint64_t value, uint8_t scale) {
    while (scale > 0 && value % 10 == 0) {
        value /= 10;
        scale--;
    }
    return scale;
}

static void take_asset(struct directory *directory, const struct asset_record *record) {
    check(record->asset < ASSET_MAX);
    struct listed_asset *asset = &directory->assets[record->asset];

    memcpy(asset->name, record->name, SYMBOL_BYTES);
    asset->decimals = record->decimals;
    if (record->asset >= directory->asset_count)
        directory->asset_count = record->asset + 1u;
}

static void take_instrument(struct directory *directory, const struct instrument_record *record) {
    uint16_t index = record->head.instrument;

    check(index < directory->limits.instrument_max);
    check(record->base_asset < directory->asset_count);
    check(record->quote_asset < directory->asset_count);
    struct listed_instrument *instrument = &directory->instruments[index];

    if (!instrument->listed) {
        memcpy(instrument->symbol, record->symbol, SYMBOL_BYTES);
        bool added = hash_map_put(&directory->symbols, instrument->symbol, index);
        check(added);
        instrument->listed = true;
        instrument->k = record->k;
        instrument->band_base_ticks = record->base_ticks;
        instrument->base_asset = record->base_asset;
        instrument->quote_asset = record->quote_asset;
        instrument->tick_e8 = record->tick_e8;
        instrument->lot_atoms = record->lot_atoms;
        instrument->tick_lot_atoms = record->tick_lot_atoms;
        instrument->price_decimals = decimals_without_zeros(record->tick_e8, TICK_SCALE);
        instrument->qty_decimals = decimals_without_zeros(
            record->lot_atoms, directory->assets[record->base_asset].decimals);
        if (index >= directory->instrument_count)
            directory->instrument_count = index + 1u;
    }
    instrument->maker_fee_ppm = record->maker_fee_ppm;
    instrument->taker_fee_ppm = record->taker_fee_ppm;
    instrument->collar_ppm = record->collar_ppm;
    instrument->max_order_lots = record->max_order_lots;
    instrument->min_notional_atoms = record->min_notional_atoms;
}

static void take_account(struct directory *directory, const struct account_record *record) {
    uint32_t number = record->request.account;

    if (number == ACCOUNT_HOUSE)
        return;
    check(number < directory->limits.account_max);
    struct listed_account *account = &directory->accounts[number];

    memcpy(account->name, record->name, ACCOUNT_NAME_BYTES);
    account->listed = true;
    account->account_flags = record->account_flags;
    account->maker_fee_ppm = record->maker_fee_ppm;
    account->taker_fee_ppm = record->taker_fee_ppm;
    account->open_order_max = record->open_order_max;
    if (number >= directory->account_end)
        directory->account_end = number + 1;
}

static void take_command(struct directory *directory, const struct command_record *record) {
    if (record->op != COMMAND_SET_BAND && record->op != COMMAND_SET_STATE)
        return;
    check(record->head.instrument < directory->instrument_count);
    struct listed_instrument *instrument = &directory->instruments[record->head.instrument];

    instrument->band_base_before_ticks = instrument->band_base_ticks;
    instrument->state_before = instrument->state;
    if (record->op == COMMAND_SET_BAND)
        instrument->band_base_ticks = record->price_ticks;
    else
        instrument->state = record->state;
}

static void take_rejected(struct directory *directory, const struct rejected_record *record) {
    if (record->op != COMMAND_SET_BAND && record->op != COMMAND_SET_STATE)
        return;
    check(record->head.instrument < directory->instrument_count);
    struct listed_instrument *instrument = &directory->instruments[record->head.instrument];

    instrument->band_base_ticks = instrument->band_base_before_ticks;
    instrument->state = instrument->state_before;
}

static void take_done(struct directory *directory, const struct done_record *record) {
    if (record->head.instrument >= directory->instrument_count)
        return;
    struct listed_instrument *instrument = &directory->instruments[record->head.instrument];

    instrument->bid_qty_lots = record->bid_qty_lots;
    instrument->ask_qty_lots = record->ask_qty_lots;
    instrument->bid_ticks = record->bid_ticks;
    instrument->ask_ticks = record->ask_ticks;
}

void directory_record(struct directory *directory, const union record *record) {
    switch (record->head.kind) {
    case RECORD_ASSET:
        if (record->request.verdict == 0)
            take_asset(directory, &record->asset);
        break;
    case RECORD_INSTRUMENT:
        if (record->request.verdict == 0)
            take_instrument(directory, &record->instrument);
        break;
    case RECORD_ACCOUNT:
        if (record->request.verdict == 0)
            take_account(directory, &record->account);
        break;
    case RECORD_COMMAND:
        if (record->request.verdict == 0)
            take_command(directory, &record->command);
        break;
    case RECORD_REJECTED: take_rejected(directory, &record->rejected); break;
    case RECORD_DONE: take_done(directory, &record->done); break;
    default: break;
    }
}

uint16_t directory_find(const struct directory *directory, const char *symbol, size_t length) {
    char key[SYMBOL_BYTES] = {0};

    if (length == 0 || length > SYMBOL_BYTES)
        return INSTRUMENT_NONE;
    memcpy(key, symbol, length);
    uint32_t found = hash_map_find(&directory->symbols, key);
    return found == HASH_MAP_NONE ? INSTRUMENT_NONE : (uint16_t)found;
}

const struct listed_instrument *directory_instrument(const struct directory *directory,
                                                     uint16_t instrument) {
    check(instrument < directory->instrument_count);
    return &directory->instruments[instrument];
}

const struct listed_account *directory_account(const struct directory *directory,
                                               uint32_t account) {
    if (account >= directory->account_end || !directory->accounts[account].listed)
        return NULL;
    return &directory->accounts[account];
}
