#include "core/reference_book.h"

#include <string.h>

uint8_t reference_opposite(uint8_t side) {
    return side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
}

/* ---- events ---- */

static struct matcher_event *emit(struct reference *ref, const struct matcher_command *command,
                                  uint8_t type, uint8_t why) {
    check(ref->event_count < ref->event_max);
    struct matcher_event *event = &ref->events[ref->event_count];

    ref->event_count++;
    memset(event, 0, sizeof *event);
    event->seq = command->seq;
    event->instrument = command->instrument;
    event->type = type;
    event->why = why;
    return event;
}

void reference_emit_order(struct reference *ref, const struct matcher_command *command,
                          uint8_t type, uint8_t why, uint32_t handle, uint64_t qty_lots) {
    struct matcher_event *event = emit(ref, command, type, why);

    event->order.handle = handle;
    event->order.qty_lots = qty_lots;
}

static uint64_t level_total(const struct reference *ref, uint32_t first) {
    uint64_t total_lots = 0;

    for (uint32_t at = first; at != NOBODY; at = ref->orders[at].next)
        if (ref->orders[at].price_ticks == ref->orders[first].price_ticks)
            total_lots += ref->orders[at].left_lots;
    return total_lots;
}

void reference_emit_done(struct reference *ref, const struct matcher_command *command) {
    const struct listing *listing = &ref->listings[command->instrument];
    struct matcher_event *event = emit(ref, command, EVENT_DONE, 0);
    uint32_t bid = listing->first[SIDE_BUY];
    uint32_t ask = listing->first[SIDE_SELL];

    if (bid != NOBODY) {
        event->done.bid_ticks = ref->orders[bid].price_ticks;
        event->done.bid_qty_lots = level_total(ref, bid);
    }
    if (ask != NOBODY) {
        event->done.ask_ticks = ref->orders[ask].price_ticks;
        event->done.ask_qty_lots = level_total(ref, ask);
    }
}

/* ---- the lists ---- */

static bool is_better(uint8_t side, uint32_t price_ticks, uint32_t than_ticks) {
    return side == SIDE_BUY ? price_ticks > than_ticks : price_ticks < than_ticks;
}

static void enter(struct reference *ref, uint16_t instrument, const struct arrival *taker) {
    uint32_t index = HANDLE_INDEX(taker->handle);
    struct resting *order = &ref->orders[index];
    uint32_t *link = &ref->listings[instrument].first[taker->side];

    check(!order->live);
    while (*link != NOBODY &&
           !is_better(taker->side, taker->price_ticks, ref->orders[*link].price_ticks))
        link = &ref->orders[*link].next;
    *order = (struct resting){.left_lots = taker->left_lots,
                              .handle = taker->handle,
                              .owner = taker->owner,
                              .price_ticks = taker->price_ticks,
                              .next = *link,
                              .instrument = instrument,
                              .side = taker->side,
                              .live = true};
    *link = index;
}

static void leave(struct reference *ref, uint32_t index) {
    struct resting *order = &ref->orders[index];
    uint32_t *link = &ref->listings[order->instrument].first[order->side];

    check(order->live);
    while (*link != index)
        link = &ref->orders[*link].next;
    *link = order->next;
    order->live = false;
}

/* Cancels a resting order: one event, then it is gone. */
void reference_expire(struct reference *ref, const struct matcher_command *command, uint32_t index,
                      uint8_t why) {
    reference_emit_order(ref, command, EVENT_CANCELLED, why, ref->orders[index].handle,
                         ref->orders[index].left_lots);
    leave(ref, index);
}

/* ---- matching ---- */

bool reference_is_within_limit(const struct arrival *taker, uint32_t price_ticks) {
    if (taker->is_market && taker->price_ticks == 0)
        return true;
    return taker->side == SIDE_BUY ? price_ticks <= taker->price_ticks
                                   : price_ticks >= taker->price_ticks;
}

static bool is_self_trade(const struct arrival *taker, const struct resting *maker) {
    return taker->stp != STP_NONE && taker->owner != 0 && taker->owner == maker->owner;
}

bool reference_can_fill(const struct reference *ref, uint16_t instrument,
                        const struct arrival *taker) {
    uint64_t missing_lots = taker->left_lots;
    uint32_t at = ref->listings[instrument].first[reference_opposite(taker->side)];

    for (; at != NOBODY; at = ref->orders[at].next) {
        const struct resting *maker = &ref->orders[at];

        if (!reference_is_within_limit(taker, maker->price_ticks))
            return false;
        if (is_self_trade(taker, maker)) {
            if (taker->stp == STP_EXPIRE_MAKER)
                continue;
            return false;
        }
        if (maker->left_lots >= missing_lots)
            return true;
        missing_lots -= maker->left_lots;
    }
    return false;
}

static void trade(struct reference *ref, const struct matcher_command *command,
                  struct arrival *taker, uint32_t index) {
    struct resting *maker = &ref->orders[index];
    uint64_t qty_lots = maker->left_lots < taker->left_lots ? maker->left_lots : taker->left_lots;

    maker->left_lots -= qty_lots;
    taker->left_lots -= qty_lots;
    ref->last_match++;

    struct matcher_event *event = emit(ref, command, EVENT_TRADE, 0);
    event->order.match = ref->last_match;
    event->order.qty_lots = qty_lots;
    event->order.maker_left = maker->left_lots;
    event->order.taker_left = taker->left_lots;
    event->order.handle = taker->handle;
    event->order.maker = maker->handle;
    event->order.price_ticks = maker->price_ticks;
    if (maker->left_lots == 0)
        leave(ref, index);
}

static void emit_lowered(struct reference *ref, const struct matcher_command *command,
                         uint32_t handle, uint64_t left_lots, uint64_t by_lots) {
    if (left_lots == 0)
        reference_emit_order(ref, command, EVENT_CANCELLED, WHY_SELF_TRADE, handle, by_lots);
    else
        reference_emit_order(ref, command, EVENT_REDUCED, WHY_SELF_TRADE, handle, left_lots);
}

static void decrement(struct reference *ref, const struct matcher_command *command,
                      struct arrival *taker, uint32_t index) {
    struct resting *maker = &ref->orders[index];
    uint64_t by_lots = maker->left_lots < taker->left_lots ? maker->left_lots : taker->left_lots;

    maker->left_lots -= by_lots;
    taker->left_lots -= by_lots;
    emit_lowered(ref, command, maker->handle, maker->left_lots, by_lots);
    emit_lowered(ref, command, taker->handle, taker->left_lots, by_lots);
    if (maker->left_lots == 0)
        leave(ref, index);
}

/* The taker meets a maker of its own group. */
static void prevent(struct reference *ref, const struct matcher_command *command,
                    struct arrival *taker, uint32_t index) {
    if (taker->stp == STP_DECREMENT) {
        decrement(ref, command, taker, index);
        return;
    }
    if (taker->stp == STP_EXPIRE_MAKER || taker->stp == STP_EXPIRE_BOTH)
        reference_expire(ref, command, index, WHY_SELF_TRADE);
    if (taker->stp == STP_EXPIRE_TAKER || taker->stp == STP_EXPIRE_BOTH) {
        reference_emit_order(ref, command, EVENT_CANCELLED, WHY_SELF_TRADE, taker->handle,
                             taker->left_lots);
        taker->left_lots = 0;
    }
}

void reference_match_and_rest(struct reference *ref, const struct matcher_command *command,
                              struct arrival *taker) {
    const uint32_t *best =
        &ref->listings[command->instrument].first[reference_opposite(taker->side)];

    reference_emit_order(ref, command, EVENT_ACCEPTED, 0, taker->handle, 0);
    while (taker->left_lots > 0 && *best != NOBODY &&
           reference_is_within_limit(taker, ref->orders[*best].price_ticks)) {
        if (is_self_trade(taker, &ref->orders[*best]))
            prevent(ref, command, taker, *best);
        else
            trade(ref, command, taker, *best);
    }
    if (taker->left_lots == 0)
        return;
    if (taker->is_market || taker->tif != TIF_GTC) {
        reference_emit_order(ref, command, EVENT_CANCELLED, WHY_IOC, taker->handle,
                             taker->left_lots);
        return;
    }
    enter(ref, command->instrument, taker);
    reference_emit_order(ref, command, EVENT_RESTED, 0, taker->handle, taker->left_lots);
    ref->events[ref->event_count - 1].order.price_ticks = taker->price_ticks;
}
