/* A recorded Binance market data feed: gzip or plain, each line `local-nanoseconds JSON`, depth updates, depth
 * snapshots and trades; what else a line may hold (best prices) is passed over.
 *
 * Hands out one change at a time: a depth update of three levels is three changes with one time. */
#ifndef CLIENT_RECORDING_H
#define CLIENT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define RECORDING_LINE_BYTES_MAX (8u << 20) /* a longer line ends the recording as damaged */

struct recording;

enum recording_kind {
    RECORDING_LEVEL,    /* the quantity at a price is now qty; 0: none */
    RECORDING_SNAPSHOT, /* a whole book follows as levels: forget the one before */
    RECORDING_TRADE,    /* somebody took qty at price */
};

struct recording_change {
    enum recording_kind kind;
    uint64_t line; /* changes of one line happened at once */
    uint64_t time_ns;
    uint8_t side; /* enum side; TRADE: of the aggressor */
    uint64_t price_e8;
    uint64_t qty_e8;
};

enum recording_result {
    RECORDING_CHANGE,
    RECORDING_END,
    RECORDING_DAMAGED, /* not in this format, or cut: recording_place says where */
};

/* NULL: it cannot be opened. */
struct recording *recording_open(const char *path);
enum recording_result recording_next(struct recording *recording, struct recording_change *change);
/* Of the last line read that named one, e.g. "BTCUSDT"; "" before. */
const char *recording_symbol(const struct recording *recording);
/* "line 17: a price that is no number" */
const char *recording_place(const struct recording *recording);
/* Lines read so far, those that were passed over too. */
uint64_t recording_line(const struct recording *recording);
/* How far into the file, 0 .. 1000, for progress. */
unsigned recording_permille(const struct recording *recording);
void recording_close(struct recording *recording);

#endif
