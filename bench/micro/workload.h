/* Streams of orders that other engines were measured with, made from their written definitions
 * (the streams named in workload.c): same draws, same totals, same hash of trades, or the figure means nothing. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "core/matcher.h"

enum workload_kind { WORKLOAD_REAL, WORKLOAD_DEEP, WORKLOAD_SWEEP };

struct workload {
    const char *name;
    enum workload_kind kind;
    uint32_t preload_count; /* commands before the timed ones */
    uint32_t timed_count;
    uint32_t symbol_count;
    uint64_t seed;
    uint32_t target; /* resting orders the stream tends to */
    uint32_t handle_count;
    uint64_t adds;
    uint64_t cancels;
    uint64_t replaces;
    uint64_t trades;
    uint64_t volume_lots;
    uint64_t hash;
};

#define WORKLOAD_COUNT 4
extern const struct workload workloads[WORKLOAD_COUNT];

#define WORKLOAD_BAND_K 16u /* every price is below 65,536 */

/* A command as it is kept: a third of struct matcher_command, so that reading the stream costs little. */
struct packed_command {
    uint32_t price_ticks;
    uint32_t qty_lots;
    uint32_t handle;
    uint32_t new_handle;
    uint16_t symbol;
    uint8_t op; /* enum matcher_op */
    uint8_t flags;
};
static_assert(sizeof(struct packed_command) == 20, "three to a cache line");

#define PACKED_SELL 1u
#define PACKED_IOC  2u

static inline void packed_expand(const struct packed_command *packed, uint64_t seq,
                                 struct matcher_command *command) {
    command->seq = seq;
    command->qty_lots = packed->qty_lots;
    command->price_ticks = packed->price_ticks;
    command->handle = packed->handle;
    command->new_handle = packed->new_handle;
    command->instrument = packed->symbol;
    command->op = packed->op;
    command->side = packed->flags & PACKED_SELL;
    command->tif = (packed->flags & PACKED_IOC) != 0 ? TIF_IOC : TIF_GTC;
}

/* Fills `commands` (preload and timed) by playing the stream against `matcher`, which is empty and has the
 * symbols declared. False, with a line that says why, if totals or hash differ from the definition. */
bool workload_generate(const struct workload *workload, struct matcher *matcher,
                       struct packed_command *commands);

#endif
