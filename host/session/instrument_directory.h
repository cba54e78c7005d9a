/* The instruments as order entry names them: symbols of 8 characters, prices with 4 decimals.
 *
 * Built from INSTRUMENT records. An instrument whose symbol is longer than 8 characters, or whose tick is not a
 * multiple of 0.0001, cannot be named or priced in OUCH: it is not in the directory, and an order for it is
 * refused as an unknown symbol. */
#ifndef SESSION_INSTRUMENT_DIRECTORY_H
#define SESSION_INSTRUMENT_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash_map.h"
#include "core/record.h"
#include "core/verdict.h"

#define DIRECTORY_SYMBOL_BYTES 8 /* padded with spaces, as OUCH carries it */

struct instrument_directory_terms {
    char symbol[DIRECTORY_SYMBOL_BYTES];
    uint64_t tick_e4; /* price of one tick in 0.0001 of the quote unit; 0: not in the directory */
};

struct instrument_directory {
    struct hash_map by_symbol;
    struct instrument_directory_terms *terms; /* by instrument index */
    uint32_t instrument_max;
};

size_t instrument_directory_bytes(uint32_t instrument_max);
void instrument_directory_init(struct instrument_directory *directory, struct arena *arena,
                               uint32_t instrument_max);
/* A listing, or a change (which keeps symbol and tick). Records that the engine refused are passed over. */
void instrument_directory_record(struct instrument_directory *directory,
                                 const struct instrument_record *record);

/* INSTRUMENT_NONE: there is no such symbol. */
uint16_t instrument_directory_find(const struct instrument_directory *directory,
                                   const char symbol[DIRECTORY_SYMBOL_BYTES]);
/* NULL: not in the directory. */
const struct instrument_directory_terms *instrument_directory_terms(
    const struct instrument_directory *directory, uint16_t instrument);
/* VERDICT_TAKEN and the exact number of ticks, VERDICT_OFF_TICK, or VERDICT_PRICE beyond 2^32-1 ticks. */
enum verdict instrument_directory_ticks(const struct instrument_directory_terms *terms,
                                        uint64_t price_e4, uint32_t *ticks);
uint64_t instrument_directory_price_e4(const struct instrument_directory_terms *terms,
                                       uint32_t ticks);

#endif
