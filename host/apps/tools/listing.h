/* What is listed: assets, instruments, accounts, as the journal's records say. For tools. */
#ifndef TOOLS_LISTING_H
#define TOOLS_LISTING_H

#include "apps/tools/journal_source.h"
#include "core/limits.h"

struct listing {
    struct asset_record assets[ASSET_MAX];
    struct instrument_record instruments[INSTRUMENT_MAX];
    struct account_record accounts[ACCOUNT_MAX]; /* by number; an empty name: there is none */
    uint8_t states[INSTRUMENT_MAX];              /* enum trading_state */
    uint32_t asset_count;
    uint32_t instrument_count;
    uint32_t account_top; /* highest number + 1 */
};

/* Takes one record; refused ones are passed over. */
void listing_record(struct listing *listing, const union record *record);
/* Reads the whole journal. NULL, and a line on standard error, when it cannot be read; else free() it. */
struct listing *listing_read(const char *var_path);
/* NULL: not listed. */
const struct asset_record *listing_asset(const struct listing *listing, const char *name);
const struct instrument_record *listing_instrument(const struct listing *listing,
                                                   const char *symbol);

#endif
