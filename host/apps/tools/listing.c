#include "apps/tools/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "core/verdict.h"

void listing_record(struct listing *listing, const union record *record) {
    if (!RECORD_IS_INPUT(record->head.kind) || record->request.verdict != VERDICT_TAKEN)
        return;
    switch (record->head.kind) {
    case RECORD_ASSET:
        listing->assets[record->asset.asset] = record->asset;
        if (record->asset.asset >= listing->asset_count)
            listing->asset_count = record->asset.asset + 1u;
        break;
    case RECORD_INSTRUMENT:
        listing->instruments[record->head.instrument] = record->instrument;
        if (record->head.instrument >= listing->instrument_count)
            listing->instrument_count = record->head.instrument + 1u;
        break;
    case RECORD_ACCOUNT:
        if (record->request.account >= ACCOUNT_MAX)
            break;
        listing->accounts[record->request.account] = record->account;
        if (record->request.account >= listing->account_top)
            listing->account_top = record->request.account + 1;
        break;
    case RECORD_COMMAND:
        if (record->command.op == COMMAND_SET_STATE && record->head.instrument < INSTRUMENT_MAX)
            listing->states[record->head.instrument] = record->command.state;
        break;
    default: break;
    }
}

struct listing *listing_read(const char *var_path) {
    struct journal_source source;
    struct listing *listing = calloc(1, sizeof *listing);
    union record record;
    enum read_result result;

    if (listing == NULL || !journal_source_open(&source, var_path, 0)) {
        free(listing);
        return NULL;
    }
    while ((result = journal_source_next(&source, &record)) == READ_RECORD)
        listing_record(listing, &record);
    journal_source_close(&source);
    if (result == READ_NOTHING)
        return listing;
    free(listing);
    return NULL;
}

const struct asset_record *listing_asset(const struct listing *listing, const char *name) {
    for (uint32_t i = 0; i < listing->asset_count; i++)
        if (strncmp(listing->assets[i].name, name, SYMBOL_BYTES) == 0)
            return &listing->assets[i];
    fprintf(stderr, "crosspoint: no asset '%s' is listed (crosspoint asset list)\n", name);
    return NULL;
}

const struct instrument_record *listing_instrument(const struct listing *listing,
                                                   const char *symbol) {
    for (uint32_t i = 0; i < listing->instrument_count; i++)
        if (strncmp(listing->instruments[i].symbol, symbol, SYMBOL_BYTES) == 0)
            return &listing->instruments[i];
    fprintf(stderr, "crosspoint: no instrument '%s' is listed (crosspoint instrument list)\n",
            symbol);
    return NULL;
}
