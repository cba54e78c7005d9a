#include "session/instrument_directory.h"

#include <string.h>

#define TICK_E8_PER_E4 10000

size_t instrument_directory_bytes(uint32_t instrument_max) {
    return hash_map_bytes(instrument_max, DIRECTORY_SYMBOL_BYTES) + 64 +
           instrument_max * sizeof(struct instrument_directory_terms) + 64;
}

void instrument_directory_init(struct instrument_directory *directory, struct arena *arena,
                               uint32_t instrument_max) {
    hash_map_init(&directory->by_symbol, arena, instrument_max, DIRECTORY_SYMBOL_BYTES);
    directory->terms = arena_take(arena, instrument_max * sizeof *directory->terms, 64);
    memset(directory->terms, 0, instrument_max * sizeof *directory->terms);
    directory->instrument_max = instrument_max;
}

/* Every price of it, up to 2^32-1 ticks, must be a number below the code for "market". */
static bool tick_fits(uint64_t tick_e8) {
    return tick_e8 > 0 && tick_e8 % TICK_E8_PER_E4 == 0 &&
           tick_e8 / TICK_E8_PER_E4 <= INT64_MAX / UINT32_MAX;
}

void instrument_directory_record(struct instrument_directory *directory,
                                 const struct instrument_record *record) {
    uint16_t instrument = record->head.instrument;
    size_t length = strnlen(record->symbol, sizeof record->symbol);

    if (record->request.verdict != VERDICT_TAKEN)
        return;
    check(instrument < directory->instrument_max);
    if (length == 0 || length > DIRECTORY_SYMBOL_BYTES)
        return;
    if (!tick_fits(record->tick_e8))
        return;

    struct instrument_directory_terms *terms = &directory->terms[instrument];
    if (terms->tick_e4 != 0)
        return;
    memset(terms->symbol, ' ', sizeof terms->symbol);
    memcpy(terms->symbol, record->symbol, length);
    terms->tick_e4 = record->tick_e8 / TICK_E8_PER_E4;
    if (!hash_map_put(&directory->by_symbol, terms->symbol, instrument))
        check(!"there are no more symbols than instruments");
}

uint16_t instrument_directory_find(const struct instrument_directory *directory,
                                   const char symbol[DIRECTORY_SYMBOL_BYTES]) {
    uint32_t found = hash_map_find(&directory->by_symbol, symbol);

    return found == HASH_MAP_NONE ? INSTRUMENT_NONE : (uint16_t)found;
}

const struct instrument_directory_terms *instrument_directory_terms(
    const struct instrument_directory *directory, uint16_t instrument) {
    if (instrument >= directory->instrument_max || directory->terms[instrument].tick_e4 == 0)
        return NULL;
    return &directory->terms[instrument];
}

enum verdict instrument_directory_ticks(const struct instrument_directory_terms *terms,
                                        uint64_t price_e4, uint32_t *ticks) {
    uint64_t count = price_e4 / terms->tick_e4;

    if (price_e4 % terms->tick_e4 != 0)
        return VERDICT_OFF_TICK;
    if (count > UINT32_MAX)
        return VERDICT_PRICE;
    *ticks = (uint32_t)count;
    return VERDICT_TAKEN;
}

uint64_t instrument_directory_price_e4(const struct instrument_directory_terms *terms,
                                       uint32_t ticks) {
    return terms->tick_e4 * ticks;
}
