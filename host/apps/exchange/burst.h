/* A burst: inputs taken from the doors' rings together, and the order in which the engine gets them.
 *
 * Cancel priority: a cancel overtakes the new orders of other accounts that arrived in the same burst, so that
 * a maker can leave before it is hit, but never an earlier message of its own account: nobody's own messages
 * change their order. Everything else keeps its order of arrival. Pure. */
#ifndef EXCHANGE_BURST_H
#define EXCHANGE_BURST_H

#include <stdbool.h>

#include "core/record.h"

#define BURST_MAX 64 /* inputs; the doors are asked in turn, so no door starves another */

struct burst_input {
    enum door door;
    union record record;
};

struct burst {
    struct burst_input inputs[BURST_MAX];
    uint8_t order[BURST_MAX]; /* indices into inputs, in the order to be taken */
    uint32_t count;
    uint32_t taken;
};

/* Fixes the order of inputs 0..count-1. */
void burst_arrange(struct burst *burst);
/* The next input, or NULL when all were taken. It stays valid until the next burst_arrange. */
struct burst_input *burst_take(struct burst *burst);

#endif
