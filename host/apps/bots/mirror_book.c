#include "apps/bots/mirror_book.h"

#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"

#define OFFSETS (2 * MIRROR_SPAN)

static size_t map_bytes(void) {
    return 2 * (hash_map_bytes(MIRROR_PRICES, sizeof(uint64_t)) + 64);
}

bool mirror_book_make(struct mirror_book *book, const struct demo_instrument_terms *terms) {
    *book = (struct mirror_book){.terms = terms, .memory = malloc(map_bytes())};
    bool good = book->memory != NULL;

    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        book->file_qty_e8[side] = calloc(MIRROR_PRICES, sizeof(uint64_t));
        book->tick_qty_e8[side] = calloc(OFFSETS, sizeof(uint64_t));
        good = good && book->file_qty_e8[side] != NULL && book->tick_qty_e8[side] != NULL;
    }
    if (good)
        mirror_book_clear(book);
    else
        mirror_book_free(book);
    return good;
}

void mirror_book_free(struct mirror_book *book) {
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        free(book->file_qty_e8[side]);
        free(book->tick_qty_e8[side]);
    }
    free(book->memory);
    *book = (struct mirror_book){.memory = NULL};
}

void mirror_book_clear(struct mirror_book *book) {
    struct arena arena;

    memset(book->memory, 0, map_bytes());
    arena_init(&arena, book->memory, map_bytes());
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        hash_map_init(&book->by_price[side], &arena, MIRROR_PRICES, sizeof(uint64_t));
        memset(book->tick_qty_e8[side], 0, OFFSETS * sizeof(uint64_t));
        book->file_count[side] = 0;
    }
    book->is_placed = false;
    book->passed_over = 0;
}

/* The quantity that the file has at this price; NULL: no room for one more price. */
static uint64_t *file_qty(struct mirror_book *book, uint8_t side, uint64_t price_e8) {
    uint32_t index = hash_map_find(&book->by_price[side], &price_e8);

    if (index == HASH_MAP_NONE) {
        index = book->file_count[side];
        if (!hash_map_put(&book->by_price[side], &price_e8, index))
            return NULL;
        book->file_qty_e8[side][index] = 0;
        book->file_count[side]++;
    }
    return &book->file_qty_e8[side][index];
}

uint32_t mirror_book_change(struct mirror_book *book, const struct recording_change *change) {
    uint64_t tick_e8 = book->terms->tick_e8;
    uint64_t up = change->side == SIDE_SELL ? tick_e8 - 1 : 0;
    uint64_t ticks = (change->price_e8 + up) / tick_e8;

    if (!book->is_placed && change->qty_e8 > 0 && ticks <= UINT32_MAX) {
        book->base_ticks = ticks > MIRROR_SPAN ? (uint32_t)ticks - MIRROR_SPAN : 0;
        book->is_placed = true;
    }
    uint64_t *qty_e8 = NULL;

    if (book->is_placed && ticks >= book->base_ticks && ticks - book->base_ticks < OFFSETS)
        qty_e8 = file_qty(book, change->side, change->price_e8);
    if (qty_e8 == NULL) {
        book->passed_over++;
        return MIRROR_NO_OFFSET;
    }
    uint32_t offset = (uint32_t)(ticks - book->base_ticks);

    book->tick_qty_e8[change->side][offset] += change->qty_e8 - *qty_e8;
    *qty_e8 = change->qty_e8;
    return offset;
}
