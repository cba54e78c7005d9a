#include "apps/tools/replay_check.h"

#include <stdlib.h>
#include <string.h>

#include "apps/tools/replay_expected.h"
#include "apps/tools/replay_orders.h"
#include "base/arena.h"
#include "core/reference.h"

#define EVENTS_AT_ONCE 256
#define STP_OF_VENUE   STP_EXPIRE_TAKER /* docs/order-entry.md; never met here: see replay_check.h */

struct touch {
    uint32_t price_ticks[2];
    bool is_there[2];
};

struct replay_check {
    FILE *out;
    void *memory;
    struct matcher reference;
    uint64_t seq;
    struct replay_orders orders;
    struct replay_check_terms terms[REPLAY_INSTRUMENTS_MAX];
    struct touch touches[REPLAY_INSTRUMENTS_MAX];
    uint32_t instrument_count;
    uint32_t *hits;
    size_t hit_count;
    struct replay_expected expected;
    struct replay_check_counts counts;
    uint64_t lines_shown;
};

struct replay_check *replay_check_make(FILE *out) {
    static const struct matcher_limits limits = {.qty_bits = 32,
                                                 .owner_bits = 16,
                                                 .handle_count = REPLAY_ORDERS_MAX,
                                                 .instrument_count = REPLAY_INSTRUMENTS_MAX};
    struct replay_check *judge = calloc(1, sizeof *judge);
    size_t bytes = reference_bytes(&limits);
    struct arena arena;

    if (judge == NULL)
        return NULL;
    judge->out = out;
    judge->memory = calloc(1, bytes);
    judge->hits = calloc(REPLAY_ORDERS_MAX, sizeof *judge->hits);
    if (judge->memory == NULL || judge->hits == NULL || !replay_orders_make(&judge->orders)) {
        replay_check_free(judge);
        return NULL;
    }
    arena_init(&arena, judge->memory, bytes);
    judge->reference = reference_port(reference_init(&arena, &limits));
    return judge;
}

void replay_check_free(struct replay_check *judge) {
    if (judge == NULL)
        return;
    replay_expected_free(&judge->expected);
    free(judge->memory);
    replay_orders_free(&judge->orders);
    free(judge->hits);
    free(judge);
}

void replay_check_declare(struct replay_check *judge, const struct replay_check_terms *terms) {
    check(judge->instrument_count < REPLAY_INSTRUMENTS_MAX);
    judge->terms[judge->instrument_count] = *terms;
    judge->reference.ops->declare(judge->reference.self, (uint16_t)judge->instrument_count,
                                  terms->base_ticks, terms->k);
    judge->instrument_count++;
}

const struct replay_check_terms *replay_check_terms(const struct replay_check *judge,
                                                    uint16_t instrument) {
    check(instrument < judge->instrument_count);
    return &judge->terms[instrument];
}

/* ---- from the reference's events to the replies that follow ---- */

static uint64_t order_price(const struct replay_check *judge,
                            const struct replay_known_order *order) {
    return order->terms.price_ticks * judge->terms[order->terms.instrument].tick_e4;
}

/* ---- reasons, by the published codes and not by the exchange's own table ---- */

static char cancel_reason(uint8_t why) {
    switch ((enum cancel_why)why) {
    case WHY_IOC: return 'I';
    case WHY_SELF_TRADE: return 'Q';
    case WHY_BAND: return 'K';
    case WHY_USER:
    case WHY_MASS:
    case WHY_REPLACE: break;
    }
    return 'U';
}

static uint16_t reject_reason(uint8_t why) {
    return why == REJECT_QTY ? 19 : why == REJECT_PRICE_BAND ? 29 : 10;
}

static struct ouch50_message message_of(const struct replay_known_order *order, char type) {
    return (struct ouch50_message){.type = type, .user_ref = order->user_ref};
}

static void expect(struct replay_check *judge, const struct replay_known_order *order,
                   const struct ouch50_message *message) {
    replay_expected_add(&judge->expected, order->terms.side, message);
}

/* A or U. A replace is announced with what enters the book or trades. */
static void expect_entered(struct replay_check *judge, const struct replay_known_order *order,
                           const struct replay_known_order *replaced, uint32_t qty_lots) {
    struct ouch50_message message =
        message_of(order, replaced == NULL ? OUCH50_ACCEPTED : OUCH50_REPLACED);

    message.orig_user_ref = replaced == NULL ? 0 : replaced->user_ref;
    message.side = order->terms.side == SIDE_BUY ? 'B' : 'S';
    message.tif = order->terms.immediate ? '3' : '0';
    message.state = 'L';
    message.qty = qty_lots;
    message.price = order_price(judge, order);
    memcpy(message.symbol, judge->terms[order->terms.instrument].symbol, sizeof message.symbol);
    expect(judge, order, &message);
}

static void expect_executed(struct replay_check *judge, struct replay_known_order *order,
                            const struct matcher_event *event, char liquidity) {
    struct ouch50_message message = message_of(order, OUCH50_EXECUTED);

    order->executed_lots += (uint32_t)event->order.qty_lots;
    message.qty = (uint32_t)event->order.qty_lots;
    message.price = event->order.price_ticks * judge->terms[order->terms.instrument].tick_e4;
    message.liquidity = liquidity;
    message.match = event->order.match;
    expect(judge, order, &message);
}

static void expect_trade(struct replay_check *judge, const struct matcher_event *event) {
    struct replay_known_order *maker = replay_orders_of(&judge->orders, event->order.maker);
    struct replay_known_order *taker = replay_orders_of(&judge->orders, event->order.handle);

    judge->counts.trades++;
    judge->hits[judge->hit_count++] = (uint32_t)(maker - judge->orders.all);
    expect_executed(judge, maker, event, 'A');
    expect_executed(judge, taker, event, 'R');
    maker->left_lots = (uint32_t)event->order.maker_left;
    if (event->order.maker_left == 0)
        replay_orders_end(&judge->orders, maker);
    if (event->order.taker_left == 0)
        replay_orders_end(&judge->orders, taker);
}

static void expect_cancelled(struct replay_check *judge, struct replay_known_order *order,
                             uint32_t qty_lots, char reason) {
    struct ouch50_message message = message_of(order, OUCH50_CANCELED);

    message.qty = qty_lots;
    message.reason = reason;
    expect(judge, order, &message);
}

/* `replaced` stands for the old order of a REPLACE, else NULL. */
static void expect_event(struct replay_check *judge, const struct matcher_event *event,
                         const struct replay_known_order *replaced) {
    struct replay_known_order *order = replay_orders_of(&judge->orders, event->order.handle);
    struct ouch50_message message;

    switch ((enum event_type)event->type) {
    case EVENT_ACCEPTED: expect_entered(judge, order, replaced, order->terms.qty_lots); break;
    case EVENT_TRADE: expect_trade(judge, event); break;
    case EVENT_RESTED: order->left_lots = (uint32_t)event->order.qty_lots; break;
    case EVENT_CANCELLED:
        if (event->why != WHY_REPLACE)
            expect_cancelled(judge, order, (uint32_t)event->order.qty_lots,
                             cancel_reason(event->why));
        replay_orders_end(&judge->orders, order);
        break;
    case EVENT_REDUCED:
        expect_cancelled(judge, order, order->left_lots - (uint32_t)event->order.qty_lots, 'U');
        order->left_lots = (uint32_t)event->order.qty_lots;
        break;
    case EVENT_REJECT: /* of a NEW: callers name only orders that rest, and replace inside the band */
        check(replaced == NULL);
        message = message_of(order, OUCH50_REJECTED);
        message.reject_reason = reject_reason(event->why);
        expect(judge, order, &message);
        replay_orders_end(&judge->orders, order);
        break;
    case EVENT_DONE: break;
    }
}

static void touch_keep(struct replay_check *judge, const struct matcher_event *done) {
    judge->touches[done->instrument] =
        (struct touch){.price_ticks = {done->done.bid_ticks, done->done.ask_ticks},
                       .is_there = {done->done.bid_qty_lots != 0, done->done.ask_qty_lots != 0}};
}

static void judge_run(struct replay_check *judge, struct matcher_command *command,
                      uint32_t replaced) {
    struct matcher_event events[EVENTS_AT_ONCE];
    size_t count;

    command->seq = ++judge->seq;
    judge->hit_count = 0;
    enum matcher_taken taken = judge->reference.ops->submit(judge->reference.self, command);

    check(taken == MATCHER_TAKEN);
    while ((count = judge->reference.ops->poll(judge->reference.self, events, EVENTS_AT_ONCE)) > 0)
        for (size_t i = 0; i < count; i++) {
            if (events[i].type == EVENT_DONE)
                touch_keep(judge, &events[i]);
            else
                expect_event(judge, &events[i],
                             replaced == REPLAY_ORDER_NONE ? NULL : &judge->orders.all[replaced]);
        }
}

/* ---- what is sent ---- */

uint32_t replay_check_enter(struct replay_check *judge, const struct replay_check_order *order,
                            uint32_t user_ref) {
    uint32_t number = replay_orders_add(&judge->orders, order, user_ref);
    struct matcher_command command = {.op = OP_NEW,
                                      .qty_lots = order->qty_lots,
                                      .price_ticks = order->price_ticks,
                                      .handle = judge->orders.all[number].handle,
                                      .owner = 1u + order->side,
                                      .instrument = order->instrument,
                                      .side = order->side,
                                      .type = ORDER_TYPE_LIMIT,
                                      .tif = order->immediate ? TIF_IOC : TIF_GTC,
                                      .stp = STP_OF_VENUE};

    judge->counts.sent[order->side]++;
    judge_run(judge, &command, REPLAY_ORDER_NONE);
    return number;
}

/* An order that is not there is passed over in silence, by the exchange too. */
void replay_check_cancel(struct replay_check *judge, uint32_t order) {
    const struct replay_known_order *known = &judge->orders.all[order];
    struct matcher_command command = {
        .op = OP_CANCEL, .handle = known->handle, .instrument = known->terms.instrument};

    judge->counts.sent[known->terms.side]++;
    if (known->left_lots > 0)
        judge_run(judge, &command, REPLAY_ORDER_NONE);
}

uint32_t replay_check_reduce(struct replay_check *judge, uint32_t order, uint32_t left_lots) {
    const struct replay_known_order *known = &judge->orders.all[order];
    struct matcher_command command = {
        .op = OP_REDUCE, .handle = known->handle, .instrument = known->terms.instrument};
    uint32_t total_lots = known->executed_lots + left_lots;

    check(left_lots > 0);
    judge->counts.sent[known->terms.side]++;
    if (known->left_lots > left_lots) {
        command.qty_lots = known->left_lots - left_lots;
        judge_run(judge, &command, REPLAY_ORDER_NONE);
    }
    return total_lots;
}

uint32_t replay_check_replace(struct replay_check *judge, uint32_t order, uint32_t price_ticks,
                              uint32_t qty_lots, uint32_t user_ref, uint32_t *message_qty) {
    struct replay_check_order terms = judge->orders.all[order].terms;

    check(judge->orders.all[order].left_lots > 0);
    terms.price_ticks = price_ticks;
    terms.qty_lots = qty_lots;
    uint32_t number = replay_orders_add(&judge->orders, &terms, user_ref);

    judge->orders.all[number].executed_lots = judge->orders.all[order].executed_lots;
    *message_qty = judge->orders.all[order].executed_lots + qty_lots;
    struct matcher_command command = {.op = OP_REPLACE,
                                      .qty_lots = qty_lots,
                                      .price_ticks = price_ticks,
                                      .handle = judge->orders.all[order].handle,
                                      .new_handle = judge->orders.all[number].handle,
                                      .instrument = terms.instrument,
                                      .tif = TIF_GTC,
                                      .stp = STP_OF_VENUE};

    judge->counts.sent[terms.side]++;
    judge_run(judge, &command, order);
    return number;
}

uint32_t replay_check_left(const struct replay_check *judge, uint32_t order) {
    check(order < judge->orders.count);
    return judge->orders.all[order].left_lots;
}

const struct replay_check_order *replay_check_order(const struct replay_check *judge,
                                                    uint32_t order) {
    check(order < judge->orders.count);
    return &judge->orders.all[order].terms;
}

uint32_t replay_check_user_ref(const struct replay_check *judge, uint32_t order) {
    check(order < judge->orders.count);
    return judge->orders.all[order].user_ref;
}

size_t replay_check_hits(const struct replay_check *judge, const uint32_t **orders) {
    *orders = judge->hits;
    return judge->hit_count;
}

bool replay_check_touch(const struct replay_check *judge, uint16_t instrument, uint8_t side,
                        uint32_t *price_ticks) {
    *price_ticks = judge->touches[instrument].price_ticks[side];
    return judge->touches[instrument].is_there[side];
}

/* ---- what comes ---- */

static void count_reply(struct replay_check_counts *counts, const struct ouch50_message *message) {
    switch (message->type) {
    case OUCH50_ACCEPTED: counts->accepted++; break;
    case OUCH50_REPLACED: counts->replaced++; break;
    case OUCH50_CANCELED: counts->cancelled++; break;
    case OUCH50_EXECUTED: counts->executed++; break;
    case OUCH50_REJECTED:
        counts->rejected++;
        counts->rejected_by_reason[message->reject_reason < 63 ? message->reject_reason : 63]++;
        break;
    default: break;
    }
}

static bool may_show(struct replay_check *judge) {
    return judge->lines_shown++ < REPLAY_DIFFERENCES_SHOWN;
}

void replay_check_reply(struct replay_check *judge, uint8_t session,
                        const struct ouch50_message *message) {
    static const char *const names[] = {"buys", "sells"};
    char lines[REPLAY_TEXT_BYTES];

    count_reply(&judge->counts, message);
    judge->counts.compared++;
    if (replay_expected_take(&judge->expected, session, message, lines))
        return;
    judge->counts.differences++;
    if (may_show(judge))
        fprintf(judge->out, "difference: %s: %s\n", names[session], lines);
}

size_t replay_check_owed(const struct replay_check *judge, uint8_t session) {
    return replay_expected_count(&judge->expected, session);
}

void replay_check_missing(struct replay_check *judge, uint8_t session) {
    size_t owed = replay_check_owed(judge, session);

    if (owed == 0)
        return;
    judge->counts.differences += owed;
    fprintf(judge->out, "difference: %zu replies to the %s never came\n", owed,
            session == SIDE_BUY ? "buys" : "sells");
    replay_expected_forget(&judge->expected, session);
}

/* ---- books ---- */

size_t replay_check_book(const struct replay_check *judge, uint16_t instrument, uint8_t side,
                         struct replay_level *levels) {
    size_t count = 0;

    for (uint32_t i = 0; i < judge->orders.count; i++) {
        const struct replay_known_order *order = &judge->orders.all[i];

        if (order->left_lots > 0 && order->terms.instrument == instrument &&
            order->terms.side == side)
            levels[count++] = (struct replay_level){order->terms.price_ticks, order->left_lots};
    }
    return replay_levels_sort(levels, count, side);
}

uint64_t replay_check_levels(struct replay_check *judge, const char *who, uint8_t side,
                             const struct replay_level *left, size_t left_count,
                             const struct replay_level *right, size_t right_count) {
    struct replay_levels_walk walk = {.left = left,
                                      .right = right,
                                      .left_count = left_count,
                                      .right_count = right_count,
                                      .side = side};
    uint64_t differences = 0;
    uint64_t left_lots;
    uint64_t right_lots;
    uint32_t price_ticks;

    while (replay_levels_next(&walk, &price_ticks, &left_lots, &right_lots)) {
        differences++;
        if (may_show(judge))
            fprintf(judge->out, "difference: %s: at %u ticks %llu and %llu lots\n", who,
                    price_ticks, (unsigned long long)left_lots, (unsigned long long)right_lots);
    }
    judge->counts.differences += differences;
    return differences;
}

const struct replay_check_counts *replay_check_counts(const struct replay_check *judge) {
    return &judge->counts;
}
