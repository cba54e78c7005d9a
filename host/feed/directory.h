/* The directory: assets, instruments and accounts as they were listed and changed.
 *
 * Refused listings leave no trace. Indices are the engine's; nothing is ever unlisted. */
#ifndef FEED_DIRECTORY_H
#define FEED_DIRECTORY_H

#include <stdbool.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/hash_map.h"
#include "core/matcher.h"
#include "core/record.h"
#include "feed/limits.h"

struct listed_asset {
    char name[SYMBOL_BYTES + 1]; /* NUL-terminated */
    uint8_t decimals;
};

struct listed_instrument {
    char symbol[SYMBOL_BYTES + 1];
    bool listed;
    uint8_t k;
    uint8_t state;          /* enum trading_state */
    uint8_t price_decimals; /* decimals that every price of this tick needs, of the quote unit */
    uint8_t qty_decimals;   /* and every quantity of this lot, of the base unit */
    uint16_t base_asset;
    uint16_t quote_asset;
    uint32_t band_base_ticks;
    uint32_t band_base_before_ticks; /* if the matcher rejects the last move */
    uint8_t state_before;
    uint32_t maker_fee_ppm;
    uint32_t taker_fee_ppm;
    uint32_t collar_ppm;
    uint64_t tick_e8;
    uint64_t lot_atoms;
    uint64_t tick_lot_atoms; /* quote atoms of one tick times one lot */
    uint64_t max_order_lots; /* 0: QTY_BITS decides */
    amount_t min_notional_atoms;
    /* The touch after the last DONE; a quantity of 0: that side is empty. */
    uint64_t bid_qty_lots;
    uint64_t ask_qty_lots;
    uint32_t bid_ticks;
    uint32_t ask_ticks;
};

struct listed_account {
    char name[ACCOUNT_NAME_BYTES + 1];
    bool listed;
    uint32_t account_flags;
    uint32_t maker_fee_ppm; /* FEE_INHERIT: the instrument's */
    uint32_t taker_fee_ppm;
    uint32_t open_order_max; /* 0: OPEN_ORDERS_DEFAULT */
};

struct directory {
    struct feed_limits limits;
    struct listed_asset assets[ASSET_MAX];
    struct listed_instrument instruments[INSTRUMENT_MAX];
    struct listed_account *accounts; /* by number */
    struct hash_map symbols;
    uint32_t asset_count;
    uint32_t instrument_count;
    uint32_t account_end; /* one above the highest account */
};

size_t directory_bytes(const struct feed_limits *limits);
void directory_init(struct directory *directory, struct arena *arena,
                    const struct feed_limits *limits);
/* Takes ASSET, INSTRUMENT, ACCOUNT, changes of state and band, their rejects, and DONE; ignores all else. */
void directory_record(struct directory *directory, const union record *record);

/* INSTRUMENT_NONE: no instrument has this name. */
uint16_t directory_find(const struct directory *directory, const char *symbol, size_t length);
const struct listed_instrument *directory_instrument(const struct directory *directory,
                                                     uint16_t instrument);
/* NULL: no such account. */
const struct listed_account *directory_account(const struct directory *directory, uint32_t account);

#endif
