#include "web/streams.h"

#include <stdlib.h>
#include <string.h>

#include "web/market_json.h"
#include "web/order_request.h"
#include "web/stream_news.h"
#include "web/web.h"
#include "web/ws_channels.h"
#include "web/ws_simple.h"

#define SWEEPS_PER_SECOND 16

struct streams *streams_open(struct web *web) {
    struct streams *streams = calloc(1, sizeof *streams);

    if (streams == NULL)
        return NULL;
    streams->web = web;
    streams->guests.prefix = web->settings.guest_prefix;
    return streams;
}

void streams_close(struct streams *streams) {
    free(streams);
}

struct json_out streams_text(struct streams *streams) {
    return json_out_on(streams->text, sizeof streams->text);
}

struct ws_connection *streams_connect(struct streams *streams, struct lws *wsi, enum ws_kind kind,
                                      bool is_local) {
    uint32_t index = 0;

    while (index < WS_CONNECTIONS_MAX && streams->connections[index] != NULL)
        index++;
    if (index == WS_CONNECTIONS_MAX)
        return NULL;
    struct ws_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->wsi = wsi;
    connection->index = index;
    connection->generation = ++streams->generations[index];
    connection->kind = kind;
    connection->is_local = is_local;
    streams->connections[index] = connection;
    return connection;
}

static struct stream_set *set_of(struct streams *streams, const struct subscription *subscription) {
    switch ((enum topic)subscription->topic) {
    case TOPIC_ALL_TICKERS: return &streams->all_tickers;
    case TOPIC_USER: return &streams->users;
    case TOPIC_STATUS: return &streams->status;
    default: return &streams->books[subscription->topic][subscription->instrument];
    }
}

void streams_subscribe(struct streams *streams, struct ws_connection *connection,
                       const struct subscription *subscription) {
    check(connection->subscription_count < WS_SUBSCRIPTIONS_MAX);
    connection->subscriptions[connection->subscription_count++] = *subscription;
    stream_set_put(set_of(streams, subscription), connection->index);
}

void streams_unsubscribe(struct streams *streams, struct ws_connection *connection,
                         struct subscription *subscription) {
    struct subscription gone = *subscription;
    bool hears_another_user = false;

    if (gone.is_stale)
        connection->stale_count--;
    *subscription = connection->subscriptions[--connection->subscription_count];
    for (uint32_t i = 0; i < connection->subscription_count; i++)
        if (connection->subscriptions[i].topic == TOPIC_USER)
            hears_another_user = true;
    if (gone.topic != TOPIC_USER || !hears_another_user)
        stream_set_remove(set_of(streams, &gone), connection->index);
}

void streams_disconnect(struct streams *streams, struct ws_connection *connection) {
    if (connection->kind == WS_SIMPLE)
        ws_simple_close(streams, connection);
    while (connection->subscription_count > 0)
        streams_unsubscribe(streams, connection, &connection->subscriptions[0]);
    stream_set_remove(&streams->simples, connection->index);
    stream_set_remove(&streams->touched, connection->index);
    streams->connections[connection->index] = NULL;
    free(connection->queue);
    free(connection);
}

static bool is_too_eager(struct ws_connection *connection) {
    uint64_t second = web_now_ms() / 1000;

    if (connection->rate_second != second) {
        connection->rate_second = second;
        connection->rate_count = 0;
    }
    return ++connection->rate_count > WS_MESSAGES_PER_S_MAX;
}

void streams_receive(struct streams *streams, struct ws_connection *connection, const char *bytes,
                     size_t count, bool is_last) {
    if (connection->close_code != 0)
        return;
    if (count > sizeof connection->message - connection->message_bytes) {
        ws_connection_close_with(connection, WS_CLOSE_TOO_LARGE);
        return;
    }
    memcpy(connection->message + connection->message_bytes, bytes, count);
    connection->message_bytes += count;
    if (!is_last)
        return;
    size_t length = connection->message_bytes;
    connection->message_bytes = 0;
    if (is_too_eager(connection)) {
        ws_connection_close_with(connection, WS_CLOSE_POLICY);
        return;
    }
    if (connection->kind == WS_SIMPLE)
        ws_simple_message(streams, connection, connection->message, length);
    else
        ws_channels_message(streams, connection, connection->message, length);
    streams_flush(streams);
}

void streams_send(struct streams *streams, struct ws_connection *connection,
                  const struct json_out *out) {
    size_t count = ws_frame_make(streams->frame, out->bytes, out->used);

    ws_connection_queue(connection, streams->frame, count);
    stream_set_put(&streams->touched, connection->index);
}

/* What was skipped is made good, as far as the client takes it. */
static void stale_refresh(struct streams *streams, struct ws_connection *connection) {
    for (uint32_t i = 0; i < connection->subscription_count && connection->stale_count > 0; i++) {
        struct subscription *subscription = &connection->subscriptions[i];
        if (!subscription->is_stale)
            continue;
        if (ws_connection_is_slow(connection))
            return;
        subscription->is_stale = false;
        connection->stale_count--;
        ws_channels_snapshot(streams, connection, subscription);
    }
}

static void connection_flush(struct streams *streams, struct ws_connection *connection) {
    ws_connection_flush(connection);
    if (connection->stale_count > 0 && ws_connection_is_empty(connection)) {
        stale_refresh(streams, connection);
        ws_connection_flush(connection);
    }
}

bool streams_writeable(struct streams *streams, struct ws_connection *connection) {
    connection->is_writing_asked = false;
    if (!connection->is_overrun)
        connection_flush(streams, connection);
    if (connection->close_code == 0 ||
        (!connection->is_overrun && !ws_connection_is_empty(connection)))
        return true;
    lws_close_reason(connection->wsi, (enum lws_close_status)connection->close_code, NULL, 0);
    return false;
}

void streams_flush(struct streams *streams) {
    for (uint32_t i = stream_set_next(&streams->touched, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->touched, i + 1)) {
        stream_set_remove(&streams->touched, i);
        connection_flush(streams, streams->connections[i]);
    }
}

static void depth_tick(struct streams *streams) {
    for (uint16_t i = 0; i < streams->web->view.directory.instrument_count; i++)
        streams_publish_depth(streams, i);
}

static void simple_tick(struct streams *streams) {
    uint64_t now_ms = web_now_ms();

    for (uint32_t i = stream_set_next(&streams->simples, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->simples, i + 1))
        ws_simple_tick(streams, streams->connections[i], now_ms);
}

void streams_tick(struct streams *streams) {
    depth_tick(streams);
    simple_tick(streams);
    if (streams->turn_count++ % (CANDLE_INTERVAL_MS / DEPTH_INTERVAL_MS) == 0)
        stream_news_candles(streams, web_now_s());
    streams_flush(streams);
}

void streams_second(struct streams *streams) {
    struct web *web = streams->web;
    struct api_error error;
    uint32_t account = 0;

    stream_news_tickers(streams);
    streams_flush(streams);
    if (!web_can_trade(web, &error))
        return;
    for (int i = 0; i < SWEEPS_PER_SECOND; i++) {
        union record record;
        account = guests_next_to_sweep(&streams->guests, &web->view, account);
        if (account == 0)
            return;
        order_request_sweep(account, web_request_id(web), &record);
        error = web_submit(web, &record, (struct waiter){.kind = WAITER_NOBODY});
        if (error.status != 0)
            return;
    }
}

void streams_status(struct streams *streams) {
    const struct subscription subscription = {.topic = TOPIC_STATUS, .instrument = INSTRUMENT_NONE};

    for (uint32_t i = stream_set_next(&streams->status, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->status, i + 1))
        ws_channels_snapshot(streams, streams->connections[i], &subscription);
    streams_flush(streams);
}

void streams_outcome(struct streams *streams, const struct waiter *waiter,
                     const struct api_error *error) {
    struct ws_connection *connection = streams->connections[waiter->index];

    if (connection == NULL || connection->generation != waiter->generation || error->status == 0)
        return; /* a success speaks for itself: the order's events */
    ws_simple_error(streams, connection, error);
}
