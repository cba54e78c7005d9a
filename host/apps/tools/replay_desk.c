#include "apps/tools/replay_desk.h"

#include <stdlib.h>
#include <string.h>

#include "os/clock.h"

#define NS_PER_S 1000000000ull
#define BEGIN_MS 10000
#define WAIT_MS  100

/* What may have existed in an instrument since both sessions last were quiet. */
struct span {
    uint64_t since; /* which quiet moment: desk->waits then; else it is out of date */
    bool is_known;
    bool is_there[2];
    uint32_t best_ticks[2]; /* the highest buy, the lowest sell */
};

struct replay_desk {
    struct replay_check *judge;
    struct order_client *clients[2];
    uint32_t next_ref[2];
    struct span spans[REPLAY_INSTRUMENTS_MAX];
    bool sent[2]; /* since the quiet moment */
    bool crossed; /* some instrument's span, since then */
    uint64_t waits;
    uint64_t heard_ns;
    const char *failed;
};

static bool desk_ask_next_ref(struct replay_desk *desk, uint8_t session) {
    struct ouch50_message message = {.type = OUCH50_QUERY};

    if (!order_client_send(desk->clients[session], &message))
        return false;
    for (;;) {
        if (order_client_next(desk->clients[session], &message, BEGIN_MS) != ORDER_CLIENT_MESSAGE)
            return false;
        if (message.type == OUCH50_QUERY_RESPONSE) {
            desk->next_ref[session] = message.next_user_ref;
            return true;
        }
    }
}

struct replay_desk *replay_desk_open(struct replay_check *judge,
                                     const struct order_client_logon logons[2], char *error,
                                     size_t error_bytes) {
    struct replay_desk *desk = calloc(1, sizeof *desk);

    snprintf(error, error_bytes, "out of memory");
    if (desk == NULL)
        return NULL;
    desk->judge = judge;
    for (uint8_t i = 0; i < 2; i++) {
        desk->clients[i] = calloc(1, sizeof *desk->clients[i]);
        if (desk->clients[i] == NULL ||
            !order_client_open(desk->clients[i], &logons[i], error, error_bytes)) {
            free(desk->clients[i]);
            desk->clients[i] = NULL;
            replay_desk_close(desk);
            return NULL;
        }
        if (!desk_ask_next_ref(desk, i)) {
            snprintf(error, error_bytes, "%s:%u does not answer an account query", logons[i].host,
                     logons[i].port);
            replay_desk_close(desk);
            return NULL;
        }
    }
    return desk;
}

void replay_desk_close(struct replay_desk *desk) {
    for (int i = 0; i < 2; i++)
        if (desk->clients[i] != NULL) {
            order_client_close(desk->clients[i]);
            free(desk->clients[i]);
        }
    free(desk);
}

/* ---- replies ---- */

/* One reply of a session, waiting at most so long. False: none came. */
static bool desk_read(struct replay_desk *desk, uint8_t session, int wait_ms) {
    struct ouch50_message message;

    switch (order_client_next(desk->clients[session], &message, wait_ms)) {
    case ORDER_CLIENT_NOTHING: return false;
    case ORDER_CLIENT_CLOSED:
        desk->failed = "the exchange closed a session (its log says why)";
        return false;
    case ORDER_CLIENT_MESSAGE: break;
    }
    desk->heard_ns = clock_monotonic_ns();
    if (message.type != OUCH50_SYSTEM_EVENT)
        replay_check_reply(desk->judge, session, &message);
    return true;
}

static size_t desk_owed(const struct replay_desk *desk) {
    return replay_check_owed(desk->judge, 0) + replay_check_owed(desk->judge, 1);
}

/* Reads until no more than `owed_max` replies are owed. */
static void desk_read_down_to(struct replay_desk *desk, size_t owed_max) {
    desk->heard_ns = clock_monotonic_ns();
    if (desk_owed(desk) > owed_max &&
        (!order_client_flush(desk->clients[0]) || !order_client_flush(desk->clients[1])))
        desk->failed = "the connection to the exchange is gone";
    while (desk->failed == NULL && desk_owed(desk) > owed_max) {
        uint8_t session = replay_check_owed(desk->judge, 0) > 0 ? 0 : 1;

        /* The other one's heartbeats must not wait. */
        (void)desk_read(desk, 1 - session, 0);
        if (desk->failed == NULL && !desk_read(desk, session, WAIT_MS) &&
            clock_monotonic_ns() - desk->heard_ns > REPLAY_PATIENCE_S * NS_PER_S)
            desk->failed = "the exchange is silent, but owes replies";
    }
}

void replay_desk_until(struct replay_desk *desk, uint64_t until_ns) {
    for (uint64_t now_ns = clock_monotonic_ns(); desk->failed == NULL && now_ns < until_ns;
         now_ns = clock_monotonic_ns()) {
        uint64_t left_ms = (until_ns - now_ns) / 1000000;

        while (desk_read(desk, 0, 0))
            ;
        if (desk->failed == NULL)
            (void)desk_read(desk, 1, left_ms < 5 ? (int)left_ms : 5);
        if (left_ms == 0)
            return;
    }
}

void replay_desk_settle(struct replay_desk *desk) {
    desk_read_down_to(desk, 0);
    for (uint8_t i = 0; i < 2; i++)
        replay_check_missing(desk->judge, i);
    /* Anything beyond what was expected is on its way now or never. */
    replay_desk_until(desk, clock_monotonic_ns() + WAIT_MS * 1000000ull);
}

/* ---- the order of messages ---- */

static void span_widen(struct span *span, uint8_t side, uint32_t price_ticks) {
    bool is_better = side == SIDE_BUY ? price_ticks > span->best_ticks[side]
                                      : price_ticks < span->best_ticks[side];

    if (!span->is_there[side] || is_better)
        span->best_ticks[side] = price_ticks;
    span->is_there[side] = true;
}

static bool span_is_crossed(const struct span *span) {
    return span->is_there[SIDE_BUY] && span->is_there[SIDE_SELL] &&
           span->best_ticks[SIDE_BUY] >= span->best_ticks[SIDE_SELL];
}

/* The span of an instrument since the last quiet moment, with the new price in it. */
static struct span *span_with(struct replay_desk *desk, uint16_t instrument, uint8_t side,
                              const uint32_t *price_ticks) {
    struct span *span = &desk->spans[instrument];
    uint32_t touch_ticks;

    if (!span->is_known || span->since != desk->waits) {
        *span = (struct span){.since = desk->waits, .is_known = true};
        for (uint8_t i = SIDE_BUY; i <= SIDE_SELL; i++)
            if (replay_check_touch(desk->judge, instrument, i, &touch_ticks))
                span_widen(span, i, touch_ticks);
    }
    if (price_ticks != NULL)
        span_widen(span, side, *price_ticks);
    return span;
}

/* Before a message of `side` is judged and sent; `price_ticks` NULL: it brings no new price. What trades in one
 * instrument has replies on both sessions, so it must not overtake a message in another instrument either. */
static void desk_order(struct replay_desk *desk, uint16_t instrument, uint8_t side,
                       const uint32_t *price_ticks) {
    bool crossed = span_is_crossed(span_with(desk, instrument, side, price_ticks));

    if ((desk->crossed || crossed) && desk->sent[1 - side]) {
        desk_read_down_to(desk, 0);
        desk->waits++;
        desk->sent[0] = desk->sent[1] = desk->crossed = false;
        crossed = span_is_crossed(span_with(desk, instrument, side, price_ticks));
    }
    desk->crossed = desk->crossed || crossed;
    desk->sent[side] = true;
}

static void desk_send(struct replay_desk *desk, uint8_t side,
                      const struct ouch50_message *message) {
    if (desk->failed != NULL)
        return;
    if (!order_client_send(desk->clients[side], message)) {
        desk->failed = "the connection to the exchange is gone";
        return;
    }
    if (desk_owed(desk) >= REPLAY_OWED_MAX)
        desk_read_down_to(desk, REPLAY_OWED_MAX / 2);
}

/* ---- messages ---- */

static void terms_fill(struct replay_desk *desk, struct ouch50_message *message,
                       const struct replay_check_order *order) {
    const struct replay_check_terms *terms = replay_check_terms(desk->judge, order->instrument);

    message->side = order->side == SIDE_BUY ? 'B' : 'S';
    message->tif = order->immediate ? '3' : '0';
    message->display = 'Y';
    message->capacity = 'P';
    message->iso = 'N';
    message->cross = 'N';
    message->qty = order->qty_lots;
    message->price = order->price_ticks * terms->tick_e4;
    memcpy(message->symbol, terms->symbol, sizeof message->symbol);
    memset(message->clord_id, ' ', sizeof message->clord_id);
}

uint32_t replay_desk_enter(struct replay_desk *desk, const struct replay_check_order *order) {
    struct ouch50_message message = {.type = OUCH50_ENTER,
                                     .user_ref = desk->next_ref[order->side]++};

    desk_order(desk, order->instrument, order->side, &order->price_ticks);
    terms_fill(desk, &message, order);
    uint32_t number = replay_check_enter(desk->judge, order, message.user_ref);

    desk_send(desk, order->side, &message);
    return number;
}

void replay_desk_cancel(struct replay_desk *desk, uint32_t order) {
    const struct replay_check_order *terms = replay_check_order(desk->judge, order);
    struct ouch50_message message = {.type = OUCH50_CANCEL,
                                     .user_ref = replay_check_user_ref(desk->judge, order)};
    uint8_t side = terms->side;

    desk_order(desk, terms->instrument, side, NULL);
    replay_check_cancel(desk->judge, order);
    desk_send(desk, side, &message);
}

void replay_desk_reduce(struct replay_desk *desk, uint32_t order, uint32_t left_lots) {
    const struct replay_check_order *terms = replay_check_order(desk->judge, order);
    struct ouch50_message message = {.type = OUCH50_CANCEL,
                                     .user_ref = replay_check_user_ref(desk->judge, order)};
    uint8_t side = terms->side;

    desk_order(desk, terms->instrument, side, NULL);
    message.qty = replay_check_reduce(desk->judge, order, left_lots);
    desk_send(desk, side, &message);
}

uint32_t replay_desk_replace(struct replay_desk *desk, uint32_t order, uint32_t price_ticks,
                             uint32_t qty_lots) {
    struct replay_check_order terms = *replay_check_order(desk->judge, order);
    struct ouch50_message message = {.type = OUCH50_REPLACE,
                                     .user_ref = desk->next_ref[terms.side]++,
                                     .orig_user_ref = replay_check_user_ref(desk->judge, order)};

    terms.price_ticks = price_ticks;
    desk_order(desk, terms.instrument, terms.side, &price_ticks);
    terms_fill(desk, &message, &terms);
    uint32_t number = replay_check_replace(desk->judge, order, price_ticks, qty_lots,
                                           message.user_ref, &message.qty);

    desk_send(desk, terms.side, &message);
    return number;
}

const char *replay_desk_failed(const struct replay_desk *desk) {
    return desk->failed;
}

uint64_t replay_desk_waits(const struct replay_desk *desk) {
    return desk->waits;
}

struct replay_check *replay_desk_judge(const struct replay_desk *desk) {
    return desk->judge;
}
