#include "apps/bots/quotes.h"

#include <string.h>

#include "core/matcher.h"

#define BEGIN_WAIT_MS 5000
#define E8_PER_E4     10000

void quotes_init(struct quotes *quotes, struct order_client *client, const struct demo_file *demo) {
    memset(quotes, 0, sizeof *quotes);
    quotes->client = client;
    quotes->demo = demo;
    quotes->next_ref = 1;
}

bool quotes_begin(struct quotes *quotes) {
    struct ouch50_message message = {.type = OUCH50_QUERY};

    if (!order_client_send(quotes->client, &message))
        return false;
    for (;;) {
        if (order_client_next(quotes->client, &message, BEGIN_WAIT_MS) != ORDER_CLIENT_MESSAGE)
            return false;
        if (message.type == OUCH50_QUERY_RESPONSE)
            break;
    }
    quotes->next_ref = message.next_user_ref;
    /* Orders of an earlier life are far more than one answer tells, but their refs are known: all below ours. */
    uint32_t first = quotes->next_ref > QUOTES_MAX ? quotes->next_ref - QUOTES_MAX : 1;

    for (uint32_t ref = first; ref < quotes->next_ref; ref++) {
        struct ouch50_message cancel = {.type = OUCH50_CANCEL, .user_ref = ref};

        if (!order_client_send(quotes->client, &cancel))
            return false;
    }
    return order_client_flush(quotes->client);
}

static struct quote *quotes_free(struct quotes *quotes) {
    for (size_t i = 0; i < QUOTES_MAX; i++)
        if (quotes->all[i].ref == 0)
            return &quotes->all[i];
    return NULL;
}

int quotes_place(struct quotes *quotes, const struct quote_order *order, bool *alive) {
    const struct demo_instrument_terms *terms = &quotes->demo->instruments[order->instrument];
    struct quote *quote = order->immediate ? NULL : quotes_free(quotes);
    struct ouch50_message message = {
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

    if (quote == NULL && !order->immediate)
        return -1;
    memset(message.symbol, ' ', sizeof message.symbol);
    memcpy(message.symbol, terms->symbol, strnlen(terms->symbol, sizeof message.symbol));
    memset(message.clord_id, ' ', sizeof message.clord_id);
    if (order->post_only) {
        message.appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY);
        message.appendage.post_only = 'P';
    }
    *alive = order_client_send(quotes->client, &message);
    quotes->next_ref++;
    quotes->sent_count++;
    if (quote == NULL)
        return -1;
    *quote = (struct quote){.ref = message.user_ref,
                            .price_ticks = order->price_ticks,
                            .qty_lots = order->qty_lots,
                            .instrument = order->instrument,
                            .side = order->side};
    return (int)(quote - quotes->all);
}

bool quotes_cancel(struct quotes *quotes, int index) {
    struct quote *quote = &quotes->all[index];
    struct ouch50_message message = {.type = OUCH50_CANCEL, .user_ref = quote->ref};

    if (quote->is_leaving)
        return true;
    quote->is_leaving = true;
    quotes->sent_count++;
    return order_client_send(quotes->client, &message);
}

static struct quote *quotes_find(struct quotes *quotes, uint32_t ref) {
    for (size_t i = 0; i < QUOTES_MAX; i++)
        if (quotes->all[i].ref == ref)
            return &quotes->all[i];
    return NULL;
}

void quotes_reply(struct quotes *quotes, const struct ouch50_message *message) {
    struct quote *quote = message->user_ref == 0 ? NULL : quotes_find(quotes, message->user_ref);

    if (message->type == OUCH50_EXECUTED)
        quotes->filled_count++;
    if (message->type == OUCH50_REJECTED)
        quotes->refused_count++;
    if (quote == NULL)
        return;
    switch (message->type) {
    case OUCH50_ACCEPTED: quote->is_live = true; break;
    case OUCH50_EXECUTED:
    case OUCH50_CANCELED:
    case OUCH50_AIQ_CANCELED:
        quote->qty_lots = message->qty < quote->qty_lots ? quote->qty_lots - message->qty : 0;
        if (quote->qty_lots == 0)
            quote->ref = 0;
        break;
    case OUCH50_REJECTED: quote->ref = 0; break;
    default: break;
    }
}
