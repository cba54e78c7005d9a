/* Spare segments: files of zeros, synced, waiting to become the next segment.
 *
 * A spare is filled a step at a time as filling-NNNNNN.journal, and renamed to spare-NNNNNN.journal when it is
 * whole and synced; only a name of the second kind is believed after a restart. The journal writer owns the stock. */
#ifndef JOURNAL_SPARE_STOCK_H
#define JOURNAL_SPARE_STOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "journal/file_port.h"
#include "journal/segment.h"

#define SPARE_STOCK_MAX       8u
#define SPARE_STEP_FAST_BYTES (UINT32_C(1) << 20) /* when the writer has to wait for it */

struct spare_stock {
    struct file_port *files;
    uint64_t segment_bytes;
    uint32_t wanted; /* spares to keep ready */
    bool sync;       /* false at level NONE */
    uint32_t ready_count;
    uint64_t ready[SPARE_STOCK_MAX]; /* numbers in their names */
    uint64_t highest_no; /* of any file in the directory: the next one filled gets one more */
    int filling;         /* handle; FILE_HANDLE_NONE: nothing is being filled */
    uint64_t filling_no;
    uint64_t filled_bytes;
};

enum spare_result {
    SPARE_STEP,     /* filled a bit, or nothing was to do */
    SPARE_READY,    /* one more is ready */
    SPARE_NO_SPACE, /* the disk is full; what was begun has been removed */
    SPARE_FAILED,   /* *result says how: as final as any failed write */
};

/* Takes over the spares that lie in the directory and have the right length; removes the others. */
NODISCARD enum file_result spare_stock_open(struct spare_stock *stock);
/* Fills `step_bytes` more of the next spare, syncs them, and finishes the spare when it is full. */
NODISCARD enum spare_result spare_stock_fill(struct spare_stock *stock, uint32_t step_bytes,
                                             enum file_result *result);
bool spare_stock_full(const struct spare_stock *stock);
/* Opens a spare to become a segment: the caller writes its header and renames it from *name. One must be ready. */
NODISCARD enum file_result spare_stock_take(struct spare_stock *stock, struct file_name *name,
                                            int *handle);
/* Closes what is being filled; the file stays and is removed at the next start. */
void spare_stock_close(struct spare_stock *stock);

#endif
