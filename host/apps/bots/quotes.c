#include "apps/bots/quotes.h"

#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"

#define BEGIN_WAIT_MS 5000
#define E8_PER_E4     10000

static void quotes_clear(struct quotes *quotes) {
    size_t bytes = hash_map_bytes(QUOTES_MAX, sizeof(uint64_t)) + 64;
    struct arena arena;

    memset(quotes->memory, 0, bytes);
    arena_init(&arena, quotes->memory, bytes);
    hash_map_init(&quotes->by_ref, &arena, QUOTES_MAX, sizeof(uint64_t));
    memset(quotes->all, 0, sizeof quotes->all);
    for (uint32_t i = 0; i < QUOTES_MAX; i++)
        quotes->free_places[i] = QUOTES_MAX - 1 - i;
    quotes->free_count = QUOTES_MAX;
    quotes->loss_count = 0;
    quotes->losses_forgotten = false;
    quotes->next_ref = 1;
}

bool quotes_init(struct quotes *quotes, struct order_client *client, const struct demo_file *demo) {
    memset(quotes, 0, sizeof *quotes);
    quotes->client = client;
    quotes->demo = demo;
    quotes->memory = malloc(hash_map_bytes(QUOTES_MAX, sizeof(uint64_t)) + 64);
    if (quotes->memory == NULL)
        return false;
    quotes_clear(quotes);
    return true;
}

void quotes_forget(struct quotes *quotes) {
    quotes_clear(quotes);
    memset(quotes->positions, 0, sizeof quotes->positions);
}

/* ---- the table ---- */

static struct quote *quote_find(struct quotes *quotes, uint32_t ref) {
    uint64_t key = ref;
    uint32_t place = hash_map_find(&quotes->by_ref, &key);

    return place == HASH_MAP_NONE ? NULL : &quotes->all[place];
}

/* NULL: the table is full. */
static struct quote *quote_take(struct quotes *quotes, uint32_t ref) {
    uint64_t key = ref;

    if (quotes->free_count == 0)
        return NULL;
    uint32_t place = quotes->free_places[--quotes->free_count];
    bool put = hash_map_put(&quotes->by_ref, &key, place);

    check(put);
    quotes->all[place] = (struct quote){.ref = ref};
    return &quotes->all[place];
}

static void quote_drop(struct quotes *quotes, struct quote *quote) {
    uint64_t key = quote->ref;

    hash_map_remove(&quotes->by_ref, &key);
    quote->ref = 0;
    quotes->free_places[quotes->free_count++] = (uint32_t)(quote - quotes->all);
}

const struct quote *quotes_at(const struct quotes *quotes, int place, uint8_t instrument,
                              uint8_t side, uint32_t price_ticks) {
    const struct quote *quote = place < 0 ? NULL : &quotes->all[place];

    if (quote == NULL || quote->ref == 0 || quote->is_leaving || quote->instrument != instrument ||
        quote->side != side || quote->price_ticks != price_ticks)
        return NULL;
    return quote;
}

/* ---- what is sent ---- */

static bool send_cancel(struct quotes *quotes, uint32_t ref) {
    struct ouch50_message message = {.type = OUCH50_CANCEL, .user_ref = ref};

    quotes->sent_count++;
    return order_client_send(quotes->client, &message);
}

bool quotes_begin(struct quotes *quotes) {
    struct ouch50_message message = {.type = OUCH50_QUERY};

    if (!order_client_send(quotes->client, &message))
        return false;
    do {
        if (order_client_next(quotes->client, &message, BEGIN_WAIT_MS) != ORDER_CLIENT_MESSAGE)
            return false;
        quotes_reply(quotes, &message);
    } while (message.type != OUCH50_QUERY_RESPONSE);
    quotes->next_ref = message.next_user_ref;
    /* The answer stands behind all replies to what was sent before it: what is not accepted now never came through. */
    for (size_t i = 0; i < QUOTES_MAX; i++)
        if (quotes->all[i].ref != 0 && !quotes->all[i].is_live)
            quote_drop(quotes, &quotes->all[i]);
    for (int i = 0; i < QUOTES_MAX; i++) {
        quotes->all[i].is_leaving = false; /* a cancel of before may never have arrived */
        if (quotes->all[i].ref != 0 && !quotes_cancel(quotes, i))
            return false;
    }
    quotes->loss_count = 0;
    quotes->losses_forgotten = false;
    return order_client_flush(quotes->client);
}

bool quotes_end(struct quotes *quotes) {
    struct ouch50_message message;

    if (!quotes_begin(quotes))
        return false;
    while (quotes->free_count < QUOTES_MAX) {
        if (order_client_next(quotes->client, &message, BEGIN_WAIT_MS) != ORDER_CLIENT_MESSAGE)
            return false;
        quotes_reply(quotes, &message);
    }
    return true;
}

static void place_fill(const struct quotes *quotes, const struct quote_order *order,
                       struct ouch50_message *message) {
    const struct demo_instrument_terms *terms = &quotes->demo->instruments[order->instrument];

    *message = (struct ouch50_message){
        .type = OUCH50_ENTER,
        .side = order->side == SIDE_BUY ? 'B' : 'S',
        .tif = order->immediate ? '3' : '0',
        .display = 'Y',
        .capacity = 'P',
        .iso = 'N',
        .cross = 'N',
        .user_ref = quotes->next_ref,
        .qty = order->qty_lots,
        .price =
            order->market ? OUCH50_PRICE_MARKET : order->price_ticks * terms->tick_e8 / E8_PER_E4,
    };
    memset(message->symbol, ' ', sizeof message->symbol);
    memcpy(message->symbol, terms->symbol, strnlen(terms->symbol, sizeof message->symbol));
    memset(message->clord_id, ' ', sizeof message->clord_id);
    if (order->post_only) {
        message->appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY);
        message->appendage.post_only = 'P';
    }
}

int quotes_place(struct quotes *quotes, const struct quote_order *order, bool *alive) {
    struct ouch50_message message;
    struct quote *quote = quote_take(quotes, quotes->next_ref);

    if (quote == NULL)
        return QUOTES_NONE;
    place_fill(quotes, order, &message);
    quote->price_ticks = order->price_ticks;
    quote->qty_lots = order->qty_lots;
    quote->instrument = order->instrument;
    quote->side = order->side;
    *alive = order_client_send(quotes->client, &message);
    quotes->next_ref++;
    quotes->sent_count++;
    return (int)(quote - quotes->all);
}

bool quotes_cancel(struct quotes *quotes, int place) {
    struct quote *quote = &quotes->all[place];

    if (quote->ref == 0 || quote->is_leaving)
        return true;
    quote->is_leaving = true;
    return send_cancel(quotes, quote->ref);
}

/* ---- what comes ---- */

/* An order of an earlier life: only its acceptance tells what it is. */
static void reply_accepted(struct quotes *quotes, const struct ouch50_message *message) {
    struct quote *quote = quote_find(quotes, message->user_ref);
    const struct demo_file *demo = quotes->demo;

    for (size_t i = 0; quote == NULL && i < demo->instrument_count; i++) {
        const char *symbol = demo->instruments[i].symbol;
        size_t length = strnlen(symbol, sizeof message->symbol);

        if (memcmp(symbol, message->symbol, length) != 0 ||
            (length < sizeof message->symbol && message->symbol[length] != ' '))
            continue;
        quote = quote_take(quotes, message->user_ref);
        if (quote == NULL)
            return;
        quote->instrument = (uint8_t)i;
        quote->side = message->side == 'B' ? SIDE_BUY : SIDE_SELL;
        quote->qty_lots = message->qty;
        quote->price_ticks =
            message->price == OUCH50_PRICE_MARKET
                ? 0
                : (uint32_t)(message->price * E8_PER_E4 / demo->instruments[i].tick_e8);
    }
    if (quote != NULL)
        quote->is_live = true;
}

static void note_loss(struct quotes *quotes, const struct quote *quote, bool is_refused) {
    if (quotes->loss_count == QUOTES_FILLS) {
        quotes->losses_forgotten = true;
        return;
    }
    quotes->losses[quotes->loss_count++] = (struct quote_loss){.price_ticks = quote->price_ticks,
                                                               .instrument = quote->instrument,
                                                               .side = quote->side,
                                                               .is_refused = is_refused};
}

static void reply_executed(struct quotes *quotes, const struct quote *quote,
                           const struct ouch50_message *message) {
    struct quote_position *position = &quotes->positions[quote->instrument];
    uint64_t tick_e8 = quotes->demo->instruments[quote->instrument].tick_e8;

    quotes->filled_count++;
    position->lots += quote->side == SIDE_BUY ? (int64_t)message->qty : -(int64_t)message->qty;
    position->last_ticks = (uint32_t)(message->price * E8_PER_E4 / tick_e8);
    note_loss(quotes, quote, false);
}

void quotes_reply(struct quotes *quotes, const struct ouch50_message *message) {
    if (message->type == OUCH50_ACCEPTED) {
        reply_accepted(quotes, message);
        return;
    }
    if (message->type == OUCH50_REJECTED)
        quotes->refused_count++;
    struct quote *quote = message->user_ref == 0 ? NULL : quote_find(quotes, message->user_ref);

    if (quote == NULL)
        return;
    switch (message->type) {
    case OUCH50_EXECUTED:
    case OUCH50_CANCELED:
    case OUCH50_AIQ_CANCELED:
        if (message->type == OUCH50_EXECUTED)
            reply_executed(quotes, quote, message);
        quote->qty_lots = message->qty < quote->qty_lots ? quote->qty_lots - message->qty : 0;
        if (quote->qty_lots == 0)
            quote_drop(quotes, quote);
        break;
    case OUCH50_REJECTED:
        note_loss(quotes, quote, true);
        quote_drop(quotes, quote);
        break;
    default: break;
    }
}
