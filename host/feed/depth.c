#include "feed/depth.h"

#include <string.h>

#include "base/check.h"

size_t depth_bytes(const struct feed_limits *limits) {
    return price_trie_bytes(limits->order_max, limits->instrument_max * 2) +
           limits->instrument_max *
               (sizeof(struct depth_book) + DEPTH_CHANGES_MAX * sizeof(struct depth_price)) +
           256;
}

void depth_init(struct depth *depth, struct arena *arena, const struct feed_limits *limits) {
    *depth = (struct depth){.instrument_max = limits->instrument_max};
    price_trie_init(&depth->trie, arena, limits->order_max, limits->instrument_max * 2);
    depth->books = arena_take(arena, limits->instrument_max * sizeof *depth->books, 64);
    struct depth_price *changes =
        arena_take(arena, (size_t)limits->instrument_max * DEPTH_CHANGES_MAX * sizeof *changes, 64);
    for (uint32_t i = 0; i < limits->instrument_max; i++) {
        depth->books[i] = (struct depth_book){.changes = changes + (size_t)i * DEPTH_CHANGES_MAX};
        depth->books[i].sides[SIDE_BUY].ladder = 2 * i;
        depth->books[i].sides[SIDE_SELL].ladder = 2 * i + 1;
    }
}

static struct depth_book *book_of(struct depth *depth, uint16_t instrument) {
    check(instrument < depth->instrument_max);
    return &depth->books[instrument];
}

static void change_note(struct depth_book *book, enum side side, uint32_t price_ticks) {
    if (book->change_count > 0) {
        const struct depth_price *last = &book->changes[book->change_count - 1];
        if (last->price_ticks == price_ticks && last->side == side)
            return;
    }
    if (book->change_count == DEPTH_CHANGES_MAX) {
        book->changes_lost = true;
        return;
    }
    book->changes[book->change_count++] = (struct depth_price){price_ticks, side};
}

void depth_add(struct depth *depth, uint16_t instrument, enum side side, uint32_t price_ticks,
               uint64_t qty_lots) {
    struct depth_book *book = book_of(depth, instrument);

    check(qty_lots > 0);
    price_trie_reach(&depth->trie, &book->sides[side], price_ticks)->total_lots += qty_lots;
    change_note(book, side, price_ticks);
}

void depth_remove(struct depth *depth, uint16_t instrument, enum side side, uint32_t price_ticks,
                  uint64_t qty_lots) {
    struct depth_book *book = book_of(depth, instrument);
    struct price_level *level = price_trie_level(&depth->trie, &book->sides[side], price_ticks);

    check(level->total_lots >= qty_lots);
    level->total_lots -= qty_lots;
    if (level->total_lots == 0)
        price_trie_remove(&depth->trie, &book->sides[side], price_ticks);
    change_note(book, side, price_ticks);
}

/* The best level, or the next one behind `price`; -1 when there is none. */
static int64_t level_after(const struct depth *depth, const struct trie_root *root, enum side side,
                           int64_t price) {
    return side == SIDE_BUY ? price_trie_below(&depth->trie, root, price)
                            : price_trie_above(&depth->trie, root, price);
}

static int64_t before_best(enum side side) {
    return side == SIDE_BUY ? INT64_C(1) << 32 : -1;
}

uint64_t depth_qty_lots(struct depth *depth, uint16_t instrument, enum side side,
                        uint32_t price_ticks) {
    struct trie_root *root = &book_of(depth, instrument)->sides[side];

    if (price_trie_above(&depth->trie, root, (int64_t)price_ticks - 1) != (int64_t)price_ticks)
        return 0;
    return price_trie_level(&depth->trie, root, price_ticks)->total_lots;
}

size_t depth_top(struct depth *depth, uint16_t instrument, enum side side,
                 struct depth_level *levels, size_t level_max) {
    return depth_grouped(depth, instrument, side, 1, levels, level_max);
}

static uint32_t group_of(enum side side, uint32_t price_ticks, uint32_t step_ticks) {
    uint32_t below = price_ticks % step_ticks;

    if (below == 0)
        return price_ticks;
    if (side == SIDE_BUY)
        return price_ticks - below;
    uint64_t above = (uint64_t)price_ticks - below + step_ticks;
    return above > UINT32_MAX ? UINT32_MAX : (uint32_t)above;
}

size_t depth_grouped(struct depth *depth, uint16_t instrument, enum side side, uint32_t step_ticks,
                     struct depth_level *levels, size_t level_max) {
    const struct trie_root *root = &book_of(depth, instrument)->sides[side];
    size_t count = 0;

    check(step_ticks > 0);
    for (int64_t price = level_after(depth, root, side, before_best(side)); price >= 0;
         price = level_after(depth, root, side, price)) {
        uint32_t group = group_of(side, (uint32_t)price, step_ticks);
        uint64_t lots = price_trie_level(&depth->trie, root, (uint32_t)price)->total_lots;

        if (count > 0 && levels[count - 1].price_ticks == group) {
            levels[count - 1].qty_lots += lots;
            continue;
        }
        if (count == level_max)
            break;
        levels[count++] = (struct depth_level){group, lots};
    }
    return count;
}

/* Bottom-up heap sort: in place, no recursion, no worst case. */
static uint64_t sort_key(struct depth_price price) {
    return (uint64_t)price.side << 32 | price.price_ticks;
}

static void sift_down(struct depth_price *prices, size_t root, size_t count) {
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count)
            return;
        if (child + 1 < count && sort_key(prices[child]) < sort_key(prices[child + 1]))
            child++;
        if (sort_key(prices[root]) >= sort_key(prices[child]))
            return;
        struct depth_price moved = prices[root];
        prices[root] = prices[child];
        prices[child] = moved;
        root = child;
    }
}

static void prices_sort(struct depth_price *prices, size_t count) {
    for (size_t root = count / 2; root-- > 0;)
        sift_down(prices, root, count);
    for (size_t end = count; end-- > 1;) {
        struct depth_price largest = prices[0];
        prices[0] = prices[end];
        prices[end] = largest;
        sift_down(prices, 0, end);
    }
}

size_t depth_changes_take(struct depth *depth, uint16_t instrument, struct depth_price *prices) {
    struct depth_book *book = book_of(depth, instrument);
    size_t noted = book->change_count;
    size_t count = 0;
    bool lost = book->changes_lost;

    book->change_count = 0;
    book->changes_lost = false;
    if (lost)
        return DEPTH_CHANGES_LOST;
    prices_sort(book->changes, noted);
    for (size_t i = 0; i < noted; i++)
        if (i == 0 || sort_key(book->changes[i]) != sort_key(book->changes[i - 1]))
            prices[count++] = book->changes[i];
    return count;
}
