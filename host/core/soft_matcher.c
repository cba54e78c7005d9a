#include "core/soft_matcher.h"

#include "core/digest.h"
#include "core/match.h"

/* Room for events beyond one worst command, so that several small commands can be taken between polls. */
#define EVENT_SLACK 4096
/* A command's events beside two for each resting order: CANCELLED of a replaced order, ACCEPTED, an end, DONE. */
#define EVENT_FRAME 4

struct soft_matcher {
    struct matcher_limits limits;
    uint64_t next_seq;
    uint64_t qty_max_lots;
    struct arena *arena; /* declares take the books from it */
    struct book *books;  /* by instrument */
    struct match match;
};

/* ---- checks: each gives a reject reason, or REJECTED_NOT ---- */

#define REJECTED_NOT 0

static bool rests_here(const struct soft_matcher *soft, const struct matcher_command *command) {
    uint32_t slot = order_slot(command->handle);

    if (slot > soft->limits.handle_count)
        return false;
    const struct order *order = &soft->match.orders[slot];
    return order->left_lots != 0 && order->generation == HANDLE_GENERATION(command->handle) &&
           order->instrument == command->instrument;
}

static bool is_good_qty(const struct soft_matcher *soft, uint64_t qty_lots) {
    return qty_lots - 1 < soft->qty_max_lots; /* 0 wraps to the top */
}

/* What NEW and REPLACE check alike, up to the price band. */
static uint8_t entry_refusal(const struct soft_matcher *soft, const struct book *book,
                             const struct matcher_command *command, uint32_t handle,
                             bool is_limit) {
    uint32_t slot = order_slot(handle);

    if (UNLIKELY(slot > soft->limits.handle_count))
        return REJECT_HANDLE;
    if (UNLIKELY(soft->match.orders[slot].left_lots != 0))
        return REJECT_HANDLE;
    if (UNLIKELY(book->state != STATE_OPEN))
        return REJECT_STATE;
    if (UNLIKELY(!is_good_qty(soft, command->qty_lots)))
        return REJECT_QTY;
    if (is_limit && UNLIKELY(!book_is_in_band(book, command->price_ticks)))
        return REJECT_PRICE_BAND;
    return REJECTED_NOT;
}

static uint8_t crossing_refusal(const struct soft_matcher *soft, struct book *book,
                                const struct taker *taker) {
    if (taker->post_only && match_would_cross(book, taker))
        return REJECT_WOULD_CROSS;
    if (taker->tif == TIF_FOK && !match_can_fill(&soft->match, book, taker))
        return REJECT_FOK;
    return REJECTED_NOT;
}

/* ---- commands ---- */

static void rest(struct soft_matcher *soft, struct book *book,
                 const struct matcher_command *command, const struct taker *taker) {
    uint32_t slot = order_slot(taker->handle);
    struct order *order = &soft->match.orders[slot];

    order->left_lots = taker->left_lots;
    order->price_ticks = taker->price_ticks;
    order->owner = taker->owner;
    order->instrument = command->instrument;
    order->side = taker->side;
    order->generation = (uint8_t)HANDLE_GENERATION(taker->handle);
    book_rest(book, soft->match.orders, slot);
    event_queue_order(&soft->match.queue, command, EVENT_RESTED, 0, taker->handle, taker->left_lots,
                      taker->price_ticks);
}

/* The checks are passed: accept, match, and place or cancel what is left. */
static void enter(struct soft_matcher *soft, struct book *book,
                  const struct matcher_command *command, struct taker *taker) {
    struct event_queue *queue = &soft->match.queue;

    event_queue_order(queue, command, EVENT_ACCEPTED, 0, taker->handle, 0, 0);
    if (match_would_cross(book, taker)) {
        match_run(&soft->match, book, command, taker);
        if (taker->left_lots == 0)
            return;
    }
    if (LIKELY(taker->can_rest))
        rest(soft, book, command, taker);
    else
        event_queue_order(queue, command, EVENT_CANCELLED, WHY_IOC, taker->handle, taker->left_lots,
                          0);
}

static void check_entry_values(const struct matcher_command *command) {
    check(command->tif <= TIF_FOK);
    check(command->stp <= STP_DECREMENT);
    check(command->post_only <= 1);
}

static uint8_t do_new(struct soft_matcher *soft, struct book *book,
                      const struct matcher_command *command) {
    check_entry_values(command);
    check(command->side <= SIDE_SELL);
    check(command->type <= ORDER_TYPE_MARKET);
    check((uint64_t)command->owner >> soft->limits.owner_bits == 0);
    bool is_limit = command->type == ORDER_TYPE_LIMIT;
    uint32_t limit_ticks = is_limit ? command->price_ticks : command->limit_ticks;
    bool has_limit = is_limit || limit_ticks != 0;

    uint8_t refusal = entry_refusal(soft, book, command, command->handle, is_limit);
    if (UNLIKELY(refusal != REJECTED_NOT))
        return refusal;

    struct taker taker = {
        .left_lots = command->qty_lots,
        .reach_key = has_limit ? price_ladder_key(&book->sides[command->side ^ 1], limit_ticks) : 0,
        .handle = command->handle,
        .owner = command->owner,
        .guard_owner = command->stp != STP_NONE ? command->owner : 0,
        .price_ticks = command->price_ticks,
        .side = command->side,
        .tif = command->tif,
        .stp = command->stp,
        .post_only = command->post_only != 0,
        .can_rest = is_limit && command->tif == TIF_GTC};
    refusal = crossing_refusal(soft, book, &taker);
    if (UNLIKELY(refusal != REJECTED_NOT))
        return refusal;
    enter(soft, book, command, &taker);
    return REJECTED_NOT;
}

static uint8_t do_replace(struct soft_matcher *soft, struct book *book,
                          const struct matcher_command *command) {
    check_entry_values(command);
    if (!rests_here(soft, command))
        return REJECT_UNKNOWN_ORDER;
    uint8_t refusal = entry_refusal(soft, book, command, command->new_handle, true);
    if (refusal != REJECTED_NOT)
        return refusal;

    uint32_t old_slot = order_slot(command->handle);
    const struct order *old = &soft->match.orders[old_slot];
    uint64_t gone_lots =
        command->seen_lots > old->left_lots ? command->seen_lots - old->left_lots : 0;
    struct taker taker = {
        .left_lots = command->qty_lots > gone_lots ? command->qty_lots - gone_lots : 0,
        .reach_key = price_ladder_key(&book->sides[old->side ^ 1], command->price_ticks),
        .handle = command->new_handle,
        .owner = old->owner,
        .guard_owner = command->stp != STP_NONE ? old->owner : 0,
        .price_ticks = command->price_ticks,
        .side = old->side,
        .tif = command->tif,
        .stp = command->stp,
        .post_only = command->post_only != 0,
        .can_rest = command->tif == TIF_GTC};

    if (taker.left_lots > 0)
        refusal = crossing_refusal(soft, book, &taker);
    if (refusal != REJECTED_NOT)
        return refusal;
    match_cancel(&soft->match, book, command, old_slot, WHY_REPLACE);
    if (taker.left_lots > 0)
        enter(soft, book, command, &taker);
    return REJECTED_NOT;
}

static uint8_t do_cancel(struct soft_matcher *soft, struct book *book,
                         const struct matcher_command *command) {
    if (UNLIKELY(!rests_here(soft, command)))
        return REJECT_UNKNOWN_ORDER;
    if (UNLIKELY(book->state == STATE_CLOSED))
        return REJECT_STATE;
    match_cancel(&soft->match, book, command, order_slot(command->handle), WHY_USER);
    return REJECTED_NOT;
}

static uint8_t do_reduce(struct soft_matcher *soft, struct book *book,
                         const struct matcher_command *command) {
    if (!rests_here(soft, command))
        return REJECT_UNKNOWN_ORDER;
    if (book->state == STATE_CLOSED)
        return REJECT_STATE;
    if (!is_good_qty(soft, command->qty_lots))
        return REJECT_QTY;

    uint32_t slot = order_slot(command->handle);
    struct order *orders = soft->match.orders;
    if (command->qty_lots >= orders[slot].left_lots) {
        match_cancel(&soft->match, book, command, slot, WHY_USER);
        return REJECTED_NOT;
    }
    book_lower(book, orders, slot, command->qty_lots);
    event_queue_order(&soft->match.queue, command, EVENT_REDUCED, WHY_USER, command->handle,
                      orders[slot].left_lots, 0);
    return REJECTED_NOT;
}

/* Cancels the orders of one level, oldest first: all, or those of one owner. */
static void cancel_level(struct soft_matcher *soft, struct book *book,
                         const struct matcher_command *command, struct price_ladder *ladder,
                         uint32_t key, uint32_t owner, enum cancel_why why) {
    const struct order *orders = soft->match.orders;
    uint32_t next;

    for (uint32_t at = price_ladder_level(ladder, key)->first; at != ORDER_NOBODY; at = next) {
        next = orders[at].next;
        if (owner == 0 || orders[at].owner == owner)
            match_cancel(&soft->match, book, command, at, why);
    }
}

static uint8_t do_mass_cancel(struct soft_matcher *soft, struct book *book,
                              const struct matcher_command *command) {
    check((uint64_t)command->owner >> soft->limits.owner_bits == 0);
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        struct price_ladder *ladder = &book->sides[side];

        for (int64_t key = ladder->best_key; key != LADDER_EMPTY;
             key = price_ladder_below(ladder, key))
            cancel_level(soft, book, command, ladder, (uint32_t)key, command->owner, WHY_MASS);
    }
    return REJECTED_NOT;
}

/* Lowest tick first, which is upward in the keys of buys and downward in those of sells. */
static uint8_t do_set_band(struct soft_matcher *soft, struct book *book,
                           const struct matcher_command *command) {
    struct price_ladder *buys = &book->sides[SIDE_BUY];
    struct price_ladder *sells = &book->sides[SIDE_SELL];
    uint32_t low_ticks = command->price_ticks;
    int64_t end_ticks = (int64_t)low_ticks + (INT64_C(1) << book->k);

    if (end_ticks > INT64_C(1) << 32)
        return REJECT_PRICE_BAND;
    uint32_t high_ticks = (uint32_t)(end_ticks - 1);
    int64_t key = price_ladder_above(buys, LADDER_EMPTY);
    while (key != LADDER_EMPTY) {
        if (key >= low_ticks && key <= high_ticks) {
            key = price_ladder_above(buys, high_ticks);
            continue;
        }
        cancel_level(soft, book, command, buys, (uint32_t)key, 0, WHY_BAND);
        key = price_ladder_above(buys, key);
    }

    uint32_t low_key = price_ladder_key(sells, high_ticks);
    uint32_t high_key = price_ladder_key(sells, low_ticks);
    key = sells->best_key;
    while (key != LADDER_EMPTY) {
        if (key >= low_key && key <= high_key) {
            key = price_ladder_below(sells, low_key);
            continue;
        }
        cancel_level(soft, book, command, sells, (uint32_t)key, 0, WHY_BAND);
        key = price_ladder_below(sells, key);
    }
    book_move_band(book, low_ticks);
    return REJECTED_NOT;
}

static uint8_t do_command(struct soft_matcher *soft, struct book *book,
                          const struct matcher_command *command) {
    switch ((enum matcher_op)command->op) {
    case OP_NEW: return do_new(soft, book, command);
    case OP_CANCEL: return do_cancel(soft, book, command);
    case OP_REDUCE: return do_reduce(soft, book, command);
    case OP_REPLACE: return do_replace(soft, book, command);
    case OP_MASS_CANCEL: return do_mass_cancel(soft, book, command);
    case OP_SET_BAND: return do_set_band(soft, book, command);
    case OP_SET_STATE:
        check(command->state <= STATE_CLOSED);
        book->state = command->state;
        return REJECTED_NOT;
    }
    check(!"an op of the matcher");
    return REJECTED_NOT;
}

static void emit_done(struct soft_matcher *soft, const struct book *book,
                      const struct matcher_command *command) {
    const struct price_ladder *buys = &book->sides[SIDE_BUY];
    const struct price_ladder *sells = &book->sides[SIDE_SELL];
    struct matcher_event *event = event_queue_push(&soft->match.queue);

    *event = (struct matcher_event){
        .seq = command->seq, .instrument = command->instrument, .type = EVENT_DONE};
    if (LIKELY(buys->best_key != LADDER_EMPTY)) {
        uint32_t key = (uint32_t)buys->best_key;
        event->done.bid_ticks = price_ladder_price(buys, key);
        event->done.bid_qty_lots = price_ladder_level(buys, key)->total_lots;
    }
    if (LIKELY(sells->best_key != LADDER_EMPTY)) {
        uint32_t key = (uint32_t)sells->best_key;
        event->done.ask_ticks = price_ladder_price(sells, key);
        event->done.ask_qty_lots = price_ladder_level(sells, key)->total_lots;
    }
}

/* ---- the port ---- */

static enum matcher_taken soft_submit(void *self, const struct matcher_command *command) {
    struct soft_matcher *soft = self;

    check(command->seq == soft->next_seq);
    check(command->instrument < soft->limits.instrument_count);
    struct book *book = &soft->books[command->instrument];
    check(book->declared);
    size_t resting_count =
        (size_t)book->sides[SIDE_BUY].order_count + book->sides[SIDE_SELL].order_count;
    if (UNLIKELY(!event_queue_has_room(&soft->match.queue, 2 * resting_count + EVENT_FRAME)))
        return MATCHER_FULL;
    soft->next_seq++;

    uint8_t refusal = do_command(soft, book, command);
    if (UNLIKELY(refusal != REJECTED_NOT))
        event_queue_order(&soft->match.queue, command, EVENT_REJECT, refusal,
                          command->op == OP_SET_BAND ? 0 : command->handle, 0, 0);
    emit_done(soft, book, command);
    return MATCHER_TAKEN;
}

static size_t soft_poll(void *self, struct matcher_event *events, size_t max) {
    struct soft_matcher *soft = self;

    return event_queue_take(&soft->match.queue, events, max);
}

static uint32_t ladder_max(const struct matcher_limits *limits) {
    return 2 * limits->instrument_count;
}

static void soft_declare(void *self, uint16_t instrument, uint32_t base_ticks, uint32_t k) {
    struct soft_matcher *soft = self;

    check(instrument < soft->limits.instrument_count);
    check(k <= 32);
    check(base_ticks + (UINT64_C(1) << k) <= UINT64_C(1) << 32);
    struct book *book = &soft->books[instrument];
    check(!book->declared);
    if (k > LADDER_DENSE_K_MAX && soft->match.trie.slots == NULL)
        price_trie_init(&soft->match.trie, soft->arena, soft->limits.handle_count,
                        ladder_max(&soft->limits));
    book_init(book, soft->arena, &soft->match.trie, instrument, base_ticks, k);
}

static void digest_book(const struct soft_matcher *soft, const struct book *book,
                        struct digest *digest) {
    digest_number(digest, book->instrument);
    digest_number(digest, book->base_ticks);
    digest_number(digest, book->state);
    digest_number(digest,
                  (uint64_t)book->sides[SIDE_BUY].order_count + book->sides[SIDE_SELL].order_count);
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        const struct price_ladder *ladder = &book->sides[side];

        for (int64_t key = ladder->best_key; key != LADDER_EMPTY;
             key = price_ladder_below(ladder, key)) {
            uint32_t at = price_ladder_level(ladder, (uint32_t)key)->first;

            for (; at != ORDER_NOBODY; at = soft->match.orders[at].next) {
                const struct order *order = &soft->match.orders[at];

                digest_number(digest, order->side);
                digest_number(digest, order->price_ticks);
                digest_number(digest, order_handle(soft->match.orders, at));
                digest_number(digest, order->owner);
                digest_number(digest, order->left_lots);
            }
        }
    }
}

static uint64_t soft_digest(void *self) {
    const struct soft_matcher *soft = self;
    struct digest digest;

    digest_start(&digest);
    digest_number(&digest, soft->match.last_match);
    for (uint32_t i = 0; i < soft->limits.instrument_count; i++)
        if (soft->books[i].declared)
            digest_book(soft, &soft->books[i], &digest);
    return digest.hash;
}

static size_t event_max(const struct matcher_limits *limits) {
    return 2 * (size_t)limits->handle_count + EVENT_FRAME + EVENT_SLACK;
}

size_t soft_matcher_bytes(const struct matcher_limits *limits, uint32_t instruments, uint32_t k) {
    bool is_wide = k > LADDER_DENSE_K_MAX;
    size_t trie_bytes = is_wide ? price_trie_bytes(limits->handle_count, ladder_max(limits)) : 0;

    return sizeof(struct soft_matcher) + limits->instrument_count * sizeof(struct book) +
           (limits->handle_count + 1) * sizeof(struct order) +
           event_max(limits) * sizeof(struct matcher_event) + 4 * 64 +
           instruments * book_bytes(is_wide ? LADDER_DENSE_K_MAX : k) + trie_bytes;
}

struct soft_matcher *soft_matcher_init(struct arena *arena, const struct matcher_limits *limits) {
    check(matcher_limits_fit(limits));
    struct soft_matcher *soft = arena_take(arena, sizeof *soft, 64);

    *soft = (struct soft_matcher){.limits = *limits,
                                  .next_seq = 1,
                                  .qty_max_lots = UINT64_MAX >> (64 - limits->qty_bits),
                                  .arena = arena,
                                  .match.queue.max = event_max(limits)};
    soft->books = arena_take(arena, limits->instrument_count * sizeof *soft->books, 64);
    soft->match.orders =
        arena_take(arena, (limits->handle_count + 1) * sizeof *soft->match.orders, 64);
    soft->match.queue.events =
        arena_take(arena, soft->match.queue.max * sizeof(struct matcher_event), 64);
    return soft;
}

struct matcher soft_matcher_port(struct soft_matcher *soft) {
    static const struct matcher_ops ops = {
        .declare = soft_declare, .submit = soft_submit, .poll = soft_poll, .digest = soft_digest};

    return (struct matcher){.ops = &ops, .self = soft};
}
