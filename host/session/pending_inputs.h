/* The orders under way: given for the ring, and not yet seen in the journal.
 *
 * A replace names no symbol, and its price cannot be counted in ticks without one; so the door must know the
 * instrument of an order that may be a microsecond old. The engine takes inputs in order, but for cancels, which may
 * overtake other accounts' inputs of the same burst: when the record of one arrives, it is done with, and so is all that
 * is too old to have been overtaken, what was ignored silently too.
 *
 * Holds the last PENDING_INPUTS_MAX; an older one is forgotten, and a replace that names it is then ignored. That
 * is far more than a ring and the journal's delay hold. Empty after a restart: what was under way is lost. */
#ifndef SESSION_PENDING_INPUTS_H
#define SESSION_PENDING_INPUTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash_map.h"

#define PENDING_INPUTS_MAX           (1u << 16)
#define PENDING_INPUTS_OVERTAKEN_MAX 64u /* inputs in a burst (apps/exchange/burst.h) */

struct pending_input {
    uint64_t request_id;
    uint64_t key; /* (account, user_ref); 0: forgotten, or it was under way already */
    uint16_t instrument;
    char side;
};

struct pending_inputs {
    struct pending_input *inputs; /* a ring, by count modulo PENDING_INPUTS_MAX */
    struct hash_map by_user_ref;
    uint64_t first;
    uint64_t end;
};

size_t pending_inputs_bytes(void);
void pending_inputs_init(struct pending_inputs *pending, struct arena *arena);
void pending_inputs_clear(struct pending_inputs *pending);
/* request_id rises. The second of two with the same user_ref is a retransmission; if it names another instrument
 * or side, nobody can say which of them the engine will take: instrument is INSTRUMENT_NONE until one is done. */
void pending_inputs_add(struct pending_inputs *pending, uint64_t request_id, uint32_t account,
                        uint32_t user_ref, uint16_t instrument, char side);
/* Forgets request_id, and all that none so young could have overtaken. */
void pending_inputs_done(struct pending_inputs *pending, uint64_t request_id);
/* NULL: none under way. */
const struct pending_input *pending_inputs_find(const struct pending_inputs *pending,
                                                uint32_t account, uint32_t user_ref);

#endif
