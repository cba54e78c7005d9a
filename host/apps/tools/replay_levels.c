#include "apps/tools/replay_levels.h"

#include <stdlib.h>

#include "core/matcher.h"

static int level_lower(const void *a, const void *b) {
    const struct replay_level *left = a;
    const struct replay_level *right = b;

    return left->price_ticks < right->price_ticks ? -1 : left->price_ticks > right->price_ticks;
}

static int level_higher(const void *a, const void *b) {
    return level_lower(b, a);
}

size_t replay_levels_sort(struct replay_level *levels, size_t count, uint8_t side) {
    size_t kept = 0;

    qsort(levels, count, sizeof *levels, side == SIDE_BUY ? level_higher : level_lower);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && levels[kept - 1].price_ticks == levels[i].price_ticks)
            levels[kept - 1].qty_lots += levels[i].qty_lots;
        else
            levels[kept++] = levels[i];
    }
    return kept;
}

static uint64_t level_at(const struct replay_level *levels, size_t count, size_t at,
                         uint32_t price_ticks) {
    return at < count && levels[at].price_ticks == price_ticks ? levels[at].qty_lots : 0;
}

/* The better of the two prices that come next. */
static uint32_t level_next(uint8_t side, const struct replay_level *left, bool has_left,
                           const struct replay_level *right, bool has_right) {
    if (!has_left || !has_right)
        return has_left ? left->price_ticks : right->price_ticks;
    bool left_first = side == SIDE_BUY ? left->price_ticks > right->price_ticks
                                       : left->price_ticks < right->price_ticks;

    return left_first ? left->price_ticks : right->price_ticks;
}

bool replay_levels_next(struct replay_levels_walk *walk, uint32_t *price_ticks, uint64_t *left_lots,
                        uint64_t *right_lots) {
    while (walk->l < walk->left_count || walk->r < walk->right_count) {
        *price_ticks = level_next(walk->side, &walk->left[walk->l], walk->l < walk->left_count,
                                  &walk->right[walk->r], walk->r < walk->right_count);
        *left_lots = level_at(walk->left, walk->left_count, walk->l, *price_ticks);
        *right_lots = level_at(walk->right, walk->right_count, walk->r, *price_ticks);
        walk->l += *left_lots > 0;
        walk->r += *right_lots > 0;
        if (*left_lots != *right_lots)
            return true;
    }
    return false;
}
