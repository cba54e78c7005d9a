#include "core/match.h"

static bool is_own(const struct taker *taker, const struct order *maker) {
    return taker->guard_owner != 0 && maker->owner == taker->guard_owner;
}

bool match_can_fill(const struct match *match, struct book *book, const struct taker *taker) {
    const struct price_ladder *makers = match_makers(book, taker);
    uint64_t missing_lots = taker->left_lots;

    for (int64_t key = makers->best_key; key >= taker->reach_key;
         key = price_ladder_below(makers, key)) {
        uint32_t slot = price_ladder_level(makers, (uint32_t)key)->first;

        for (; slot != ORDER_NOBODY; slot = match->orders[slot].next) {
            const struct order *maker = &match->orders[slot];

            if (is_own(taker, maker)) {
                if (taker->stp != STP_EXPIRE_MAKER)
                    return false;
                continue;
            }
            if (maker->left_lots >= missing_lots)
                return true;
            missing_lots -= maker->left_lots;
        }
    }
    return false;
}

void match_cancel(struct match *match, struct book *book, const struct matcher_command *command,
                  uint32_t slot, enum cancel_why why) {
    const struct order *order = &match->orders[slot];

    event_queue_order(&match->queue, command, EVENT_CANCELLED, (uint8_t)why,
                      order_handle(match->orders, slot), order->left_lots, 0);
    book_remove(book, match->orders, slot);
}

/* Lowers the maker, or takes it out when nothing remains. */
static void lower_maker(struct match *match, struct book *book, uint32_t slot, uint64_t by_lots) {
    if (match->orders[slot].left_lots == by_lots)
        book_remove(book, match->orders, slot);
    else
        book_lower(book, match->orders, slot, by_lots);
}

static void trade(struct match *match, struct book *book, const struct matcher_command *command,
                  struct taker *taker, uint32_t slot) {
    const struct order *maker = &match->orders[slot];
    uint64_t qty_lots = maker->left_lots < taker->left_lots ? maker->left_lots : taker->left_lots;

    taker->left_lots -= qty_lots;
    match->last_match++;
    *event_queue_push(&match->queue) =
        (struct matcher_event){.seq = command->seq,
                               .order = {.match = match->last_match,
                                         .qty_lots = qty_lots,
                                         .maker_left = maker->left_lots - qty_lots,
                                         .taker_left = taker->left_lots,
                                         .handle = taker->handle,
                                         .maker = order_handle(match->orders, slot),
                                         .price_ticks = maker->price_ticks},
                               .instrument = command->instrument,
                               .type = EVENT_TRADE};
    lower_maker(match, book, slot, qty_lots);
}

static void emit_lowered(struct match *match, const struct matcher_command *command,
                         uint32_t handle, uint64_t left_lots, uint64_t by_lots) {
    if (left_lots == 0)
        event_queue_order(&match->queue, command, EVENT_CANCELLED, WHY_SELF_TRADE, handle, by_lots,
                          0);
    else
        event_queue_order(&match->queue, command, EVENT_REDUCED, WHY_SELF_TRADE, handle, left_lots,
                          0);
}

static void decrement(struct match *match, struct book *book, const struct matcher_command *command,
                      struct taker *taker, uint32_t slot) {
    const struct order *maker = &match->orders[slot];
    uint64_t by_lots = maker->left_lots < taker->left_lots ? maker->left_lots : taker->left_lots;

    taker->left_lots -= by_lots;
    emit_lowered(match, command, order_handle(match->orders, slot), maker->left_lots - by_lots,
                 by_lots);
    emit_lowered(match, command, taker->handle, taker->left_lots, by_lots);
    lower_maker(match, book, slot, by_lots);
}

/* The taker meets a maker of its own group. */
static __attribute__((noinline)) void prevent(struct match *match, struct book *book,
                                              const struct matcher_command *command,
                                              struct taker *taker, uint32_t slot) {
    if (taker->stp == STP_DECREMENT) {
        decrement(match, book, command, taker, slot);
        return;
    }
    if (taker->stp != STP_EXPIRE_TAKER)
        match_cancel(match, book, command, slot, WHY_SELF_TRADE);
    if (taker->stp != STP_EXPIRE_MAKER) {
        event_queue_order(&match->queue, command, EVENT_CANCELLED, WHY_SELF_TRADE, taker->handle,
                          taker->left_lots, 0);
        taker->left_lots = 0;
    }
}

void match_run(struct match *match, struct book *book, const struct matcher_command *command,
               struct taker *taker) {
    struct price_ladder *makers = match_makers(book, taker);

    while (taker->left_lots > 0 && makers->best_key >= taker->reach_key) {
        uint32_t slot = price_ladder_level(makers, (uint32_t)makers->best_key)->first;

        if (UNLIKELY(is_own(taker, &match->orders[slot])))
            prevent(match, book, command, taker, slot);
        else
            trade(match, book, command, taker, slot);
    }
}
