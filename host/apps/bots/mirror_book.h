/* The book that a recording shows, in the ticks and lots of the instrument it is played into.
 *
 * A recording may have finer ticks than the instrument: bids are then counted at the tick below and asks at the tick
 * above, several levels of the file together, so that no side looks better than it is. Quantities below a lot count
 * when they add up to one. Prices within MIRROR_SPAN ticks of the first one are kept, the others passed over. */
#ifndef BOTS_MIRROR_BOOK_H
#define BOTS_MIRROR_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/client/demo_file.h"
#include "apps/client/recording.h"
#include "base/hash_map.h"

#define MIRROR_SPAN (1u << 17) /* ticks each way */
#define MIRROR_PRICES                                                                              \
    (1u << 18) /* different prices of the file, each side; more are passed over, and counted */
#define MIRROR_NO_OFFSET UINT32_MAX

struct mirror_book {
    const struct demo_instrument_terms *terms;
    uint32_t base_ticks; /* of offset 0 */
    bool is_placed;
    struct hash_map by_price[2]; /* file price to index into file_qty */
    uint64_t *file_qty_e8[2];
    uint32_t file_count[2];
    uint64_t *tick_qty_e8[2]; /* by offset */
    uint64_t passed_over;
    void *memory;
};

/* False: no memory. */
NODISCARD bool mirror_book_make(struct mirror_book *book,
                                const struct demo_instrument_terms *terms);
void mirror_book_free(struct mirror_book *book);
void mirror_book_clear(struct mirror_book *book);
/* Takes a level; answers the offset whose quantity changed, or MIRROR_NO_OFFSET. */
uint32_t mirror_book_change(struct mirror_book *book, const struct recording_change *change);

static inline uint32_t mirror_book_lots(const struct mirror_book *book, uint8_t side,
                                        uint32_t offset) {
    uint64_t lots = book->tick_qty_e8[side][offset] / book->terms->lot_e8;

    return lots > UINT32_MAX ? UINT32_MAX : (uint32_t)lots;
}

#endif
