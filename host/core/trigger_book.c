#include "core/trigger_book.h"

#include "core/record.h"

void trigger_book_init(struct trigger_book *book) {
    *book = (struct trigger_book){ORDER_INDEX_NONE, ORDER_INDEX_NONE};
}

/* Mirrored, so that in both heaps the lowest key comes first. */
static uint32_t trigger_key(const struct open_order *order) {
    return order->trigger == TRIGGER_ABOVE ? order->trigger_ticks : ~order->trigger_ticks;
}

/* Joins two heaps, of which either may be empty; neither root has siblings. */
static uint32_t heap_join(struct open_order *orders, uint32_t a, uint32_t b) {
    if (a == ORDER_INDEX_NONE)
        return b;
    if (b == ORDER_INDEX_NONE)
        return a;
    if (trigger_key(&orders[b]) < trigger_key(&orders[a])) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    orders[b].trigger_next = orders[a].trigger_child;
    if (orders[b].trigger_next != ORDER_INDEX_NONE)
        orders[orders[b].trigger_next].trigger_previous = b;
    orders[b].trigger_previous = a; /* the first child's previous is its parent */
    orders[a].trigger_child = b;
    return a;
}

static uint32_t heap_detach(struct open_order *orders, uint32_t index) {
    uint32_t next = orders[index].trigger_next;

    orders[index].trigger_next = ORDER_INDEX_NONE;
    orders[index].trigger_previous = ORDER_INDEX_NONE;
    return next;
}

/* The children of an order that leaves become one heap: joined in pairs forwards, then the pairs backwards. */
static uint32_t heap_join_children(struct open_order *orders, uint32_t index) {
    uint32_t at = orders[index].trigger_child;
    uint32_t pairs = ORDER_INDEX_NONE; /* a stack, linked by trigger_next */
    uint32_t root = ORDER_INDEX_NONE;

    orders[index].trigger_child = ORDER_INDEX_NONE;
    while (at != ORDER_INDEX_NONE) {
        uint32_t first = at;
        uint32_t second = heap_detach(orders, first);
        at = second == ORDER_INDEX_NONE ? ORDER_INDEX_NONE : heap_detach(orders, second);
        uint32_t pair = heap_join(orders, first, second);
        orders[pair].trigger_next = pairs;
        pairs = pair;
    }
    while (pairs != ORDER_INDEX_NONE) {
        uint32_t pair = pairs;
        pairs = heap_detach(orders, pair);
        root = heap_join(orders, root, pair);
    }
    return root;
}

static uint32_t *trigger_book_root(struct trigger_book *book, const struct open_order *order) {
    check(order->trigger == TRIGGER_ABOVE || order->trigger == TRIGGER_BELOW);
    return order->trigger == TRIGGER_ABOVE ? &book->above_root : &book->below_root;
}

void trigger_book_add(struct trigger_book *book, struct open_order *orders, uint32_t index) {
    uint32_t *root = trigger_book_root(book, &orders[index]);

    check(orders[index].trigger_child == ORDER_INDEX_NONE);
    *root = heap_join(orders, *root, index);
}

void trigger_book_remove(struct trigger_book *book, struct open_order *orders, uint32_t index) {
    uint32_t *root = trigger_book_root(book, &orders[index]);

    if (*root == index) {
        *root = heap_join_children(orders, index);
        return;
    }
    uint32_t previous = orders[index].trigger_previous;
    uint32_t next = orders[index].trigger_next;
    check(previous != ORDER_INDEX_NONE);
    if (orders[previous].trigger_child == index)
        orders[previous].trigger_child = next;
    else
        orders[previous].trigger_next = next;
    if (next != ORDER_INDEX_NONE)
        orders[next].trigger_previous = previous;
    (void)heap_detach(orders, index);
    *root = heap_join(orders, *root, heap_join_children(orders, index));
}

/* Merges two lists that are in order of arrival. */
static uint32_t list_merge(struct open_order *orders, uint32_t a, uint32_t b) {
    uint32_t first = ORDER_INDEX_NONE;
    uint32_t *link = &first;

    while (a != ORDER_INDEX_NONE && b != ORDER_INDEX_NONE) {
        uint32_t *from = orders[a].order_no < orders[b].order_no ? &a : &b;
        *link = *from;
        link = &orders[*from].owed_next;
        *from = *link;
    }
    *link = a != ORDER_INDEX_NONE ? a : b;
    return first;
}

/* A bottom-up merge sort: runs[n] holds a sorted list of 2^n orders, or nothing. */
#define RUN_COUNT (HANDLE_INDEX_BITS + 1)

struct sorted_runs {
    uint32_t runs[RUN_COUNT];
};

static void sorted_runs_add(struct sorted_runs *sorted, struct open_order *orders, uint32_t index) {
    uint32_t list = index;
    int n = 0;

    orders[index].owed_next = ORDER_INDEX_NONE;
    for (; sorted->runs[n] != ORDER_INDEX_NONE; n++) {
        list = list_merge(orders, sorted->runs[n], list);
        sorted->runs[n] = ORDER_INDEX_NONE;
    }
    sorted->runs[n] = list;
}

static bool trigger_book_reaches(const struct trigger_book *book, const struct open_order *orders,
                                 uint32_t low_ticks, uint32_t high_ticks) {
    return (book->above_root != ORDER_INDEX_NONE &&
            orders[book->above_root].trigger_ticks <= high_ticks) ||
           (book->below_root != ORDER_INDEX_NONE &&
            orders[book->below_root].trigger_ticks >= low_ticks);
}

uint32_t trigger_book_take(struct trigger_book *book, struct open_order *orders, uint32_t low_ticks,
                           uint32_t high_ticks) {
    struct sorted_runs sorted;
    uint32_t list = ORDER_INDEX_NONE;

    if (!trigger_book_reaches(book, orders, low_ticks, high_ticks))
        return ORDER_INDEX_NONE;
    for (int n = 0; n < RUN_COUNT; n++)
        sorted.runs[n] = ORDER_INDEX_NONE;
    while (book->above_root != ORDER_INDEX_NONE &&
           orders[book->above_root].trigger_ticks <= high_ticks) {
        uint32_t index = book->above_root;
        book->above_root = heap_join_children(orders, index);
        sorted_runs_add(&sorted, orders, index);
    }
    while (book->below_root != ORDER_INDEX_NONE &&
           orders[book->below_root].trigger_ticks >= low_ticks) {
        uint32_t index = book->below_root;
        book->below_root = heap_join_children(orders, index);
        sorted_runs_add(&sorted, orders, index);
    }
    for (int n = 0; n < RUN_COUNT; n++)
        list = list_merge(orders, sorted.runs[n], list);
    return list;
}
