#include "web/ws_channels.h"

#include <stdio.h>
#include <string.h>

#include "core/verdict.h"
#include "web/json_in.h"
#include "web/market_json.h"
#include "web/order_request.h"
#include "web/web.h"

#define NAME_BYTES_MAX 64
#define NS_PER_MS      1000000u

static const struct api_error fine = {0};

static void channel_name(char name[NAME_BYTES_MAX], const struct market_view *view,
                         const struct subscription *subscription) {
    const char *symbol =
        subscription->topic < TOPIC_BOOK_COUNT
            ? directory_instrument(&view->directory, subscription->instrument)->symbol
            : "";

    switch ((enum topic)subscription->topic) {
    case TOPIC_DEPTH: snprintf(name, NAME_BYTES_MAX, "depth.%s", symbol); return;
    case TOPIC_TRADE: snprintf(name, NAME_BYTES_MAX, "trade.%s", symbol); return;
    case TOPIC_TICKER: snprintf(name, NAME_BYTES_MAX, "ticker.%s", symbol); return;
    case TOPIC_ALL_TICKERS: snprintf(name, NAME_BYTES_MAX, "ticker.*"); return;
    case TOPIC_USER: snprintf(name, NAME_BYTES_MAX, "user.%u", subscription->account); return;
    case TOPIC_STATUS: snprintf(name, NAME_BYTES_MAX, "status"); return;
    default:
        snprintf(name, NAME_BYTES_MAX, "candle.%s.%s", symbol,
                 candle_interval_name((enum candle_interval)(subscription->topic - TOPIC_CANDLE)));
        return;
    }
}

void ws_channels_open(struct json_out *out, const struct market_view *view,
                      const struct subscription *subscription, const char *event) {
    char name[NAME_BYTES_MAX];

    channel_name(name, view, subscription);
    json_out_object(out);
    json_out_key(out, "channel");
    json_out_string(out, name);
    json_out_key(out, "event");
    json_out_string(out, event);
    json_out_key(out, "data");
}

static bool symbol_find(const struct market_view *view, const char *symbol, size_t length,
                        struct subscription *subscription) {
    subscription->instrument = directory_find(&view->directory, symbol, length);
    return subscription->instrument != INSTRUMENT_NONE;
}

/* "candle.SYMBOL.1m", without "candle." */
static struct api_error candle_parse(const struct market_view *view, const char *rest,
                                     struct subscription *subscription) {
    const char *dot = strrchr(rest, '.');
    int interval = dot == NULL ? -1 : candle_interval_find(dot + 1, strlen(dot + 1));

    if (interval < 0)
        return api_error_make(FAULT_BAD_INTERVAL, NULL);
    if (!symbol_find(view, rest, (size_t)(dot - rest), subscription))
        return api_error_of_verdict(VERDICT_UNKNOWN_INSTRUMENT);
    subscription->topic = (uint8_t)(TOPIC_CANDLE + interval);
    return fine;
}

static struct api_error user_parse(const struct market_view *view, const char *rest, bool is_local,
                                   struct subscription *subscription) {
    uint64_t account;

    if (!is_local)
        return api_error_make(FAULT_NOT_LOCAL, NULL);
    if (!whole_read(rest, UINT32_MAX - 1, &account))
        return api_error_make(FAULT_BAD_PARAMETER, "user");
    if (account < ACCOUNT_FIRST_CLIENT ||
        directory_account(&view->directory, (uint32_t)account) == NULL)
        return api_error_of_verdict(VERDICT_UNKNOWN_ACCOUNT);
    subscription->topic = TOPIC_USER;
    subscription->account = (uint32_t)account;
    return fine;
}

static struct api_error channel_parse(const struct market_view *view, const char *name,
                                      bool is_local, struct subscription *subscription) {
    static const struct {
        const char *start;
        uint8_t topic;
    } books[] = {{"depth.", TOPIC_DEPTH}, {"trade.", TOPIC_TRADE}, {"ticker.", TOPIC_TICKER}};

    *subscription = (struct subscription){.instrument = INSTRUMENT_NONE};
    if (strcmp(name, "status") == 0 || strcmp(name, "ticker.*") == 0) {
        subscription->topic = name[0] == 's' ? TOPIC_STATUS : TOPIC_ALL_TICKERS;
        return fine;
    }
    if (strncmp(name, "user.", 5) == 0)
        return user_parse(view, name + 5, is_local, subscription);
    if (strncmp(name, "candle.", 7) == 0)
        return candle_parse(view, name + 7, subscription);
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(books[i].start);
        if (strncmp(name, books[i].start, length) != 0)
            continue;
        subscription->topic = books[i].topic;
        if (!symbol_find(view, name + length, strlen(name + length), subscription))
            return api_error_of_verdict(VERDICT_UNKNOWN_INSTRUMENT);
        return fine;
    }
    return api_error_make(FAULT_BAD_PARAMETER, "there is no such channel");
}

/* Answers in the client's own words: the id goes back as it came. */
static void reply_id(struct json_out *out, const json_t *id) {
    json_out_key(out, "id");
    if (json_is_string(id) && json_string_length(id) <= 36)
        json_out_text(out, json_string_value(id), json_string_length(id));
    else if (json_is_integer(id))
        json_out_integer(out, json_integer_value(id));
    else
        json_out_null(out);
    json_out_object_end(out);
}

static void reply_error(struct streams *streams, struct ws_connection *connection,
                        const struct api_error *error, const json_t *id) {
    struct json_out out = streams_text(streams);

    json_out_object(&out);
    json_out_key(&out, "error");
    api_error_write(&out, error);
    reply_id(&out, id);
    streams_send(streams, connection, &out);
}

static void reply_list(struct streams *streams, struct ws_connection *connection,
                       const json_t *id) {
    struct json_out out = streams_text(streams);

    json_out_object(&out);
    json_out_key(&out, "result");
    json_out_array(&out);
    for (uint32_t i = 0; i < connection->subscription_count; i++) {
        char name[NAME_BYTES_MAX];
        channel_name(name, &streams->web->view, &connection->subscriptions[i]);
        json_out_string(&out, name);
    }
    json_out_array_end(&out);
    reply_id(&out, id);
    streams_send(streams, connection, &out);
}

static void reply_done(struct streams *streams, struct ws_connection *connection,
                       const json_t *id) {
    struct json_out out = streams_text(streams);

    json_out_object(&out);
    json_out_key(&out, "result");
    json_out_null(&out);
    reply_id(&out, id);
    streams_send(streams, connection, &out);
}

/* All names, or none: the first that is wrong is named. */
static struct api_error params_parse(struct streams *streams, struct ws_connection *connection,
                                     const json_t *params,
                                     struct subscription wanted[WS_SUBSCRIPTIONS_MAX],
                                     size_t *wanted_count) {
    size_t count = json_array_size(params);

    if (!json_is_array(params) || count == 0)
        return api_error_make(FAULT_MISSING_PARAMETER, "params");
    if (count > WS_SUBSCRIPTIONS_MAX)
        return api_error_make(FAULT_TOO_MANY, NULL);
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(params, i);
        if (!json_is_string(name) || json_string_length(name) >= NAME_BYTES_MAX)
            return api_error_make(FAULT_BAD_PARAMETER, "params");
        struct api_error error = channel_parse(&streams->web->view, json_string_value(name),
                                               connection->is_local, &wanted[i]);
        if (error.status != 0)
            return error;
    }
    *wanted_count = count;
    return fine;
}

static void subscribe(struct streams *streams, struct ws_connection *connection,
                      const json_t *params, const json_t *id) {
    struct subscription wanted[WS_SUBSCRIPTIONS_MAX];
    size_t wanted_count = 0;
    struct api_error error = params_parse(streams, connection, params, wanted, &wanted_count);

    if (error.status == 0 && connection->subscription_count + wanted_count > WS_SUBSCRIPTIONS_MAX)
        error = api_error_make(FAULT_TOO_MANY, NULL);
    if (error.status != 0) {
        reply_error(streams, connection, &error, id);
        return;
    }
    reply_done(streams, connection, id);
    for (size_t i = 0; i < wanted_count; i++) {
        if (ws_connection_find(connection, wanted[i].topic, wanted[i].instrument,
                               wanted[i].account) != NULL)
            continue;
        ws_channels_snapshot(streams, connection, &wanted[i]);
        streams_subscribe(streams, connection, &wanted[i]);
    }
}

static void unsubscribe(struct streams *streams, struct ws_connection *connection,
                        const json_t *params, const json_t *id) {
    struct subscription unwanted[WS_SUBSCRIPTIONS_MAX];
    size_t count = 0;
    struct api_error error = params_parse(streams, connection, params, unwanted, &count);

    if (error.status != 0) {
        reply_error(streams, connection, &error, id);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct subscription *found = ws_connection_find(
            connection, unwanted[i].topic, unwanted[i].instrument, unwanted[i].account);
        if (found != NULL)
            streams_unsubscribe(streams, connection, found);
    }
    reply_done(streams, connection, id);
}

void ws_channels_message(struct streams *streams, struct ws_connection *connection,
                         const char *text, size_t length) {
    char detail[API_MESSAGE_BYTES] = "";
    json_t *root = json_in_object(text, length, detail);

    if (root == NULL) {
        struct api_error error = api_error_make(FAULT_BAD_JSON, detail);
        reply_error(streams, connection, &error, NULL);
        return;
    }
    const char *method = json_string_value(json_object_get(root, "method"));
    const json_t *params = json_object_get(root, "params");
    const json_t *id = json_object_get(root, "id");
    if (method != NULL && strcmp(method, "SUBSCRIBE") == 0) {
        subscribe(streams, connection, params, id);
    } else if (method != NULL && strcmp(method, "UNSUBSCRIBE") == 0) {
        unsubscribe(streams, connection, params, id);
    } else if (method != NULL && strcmp(method, "LIST_SUBSCRIPTIONS") == 0) {
        reply_list(streams, connection, id);
    } else {
        struct api_error error =
            api_error_make(FAULT_BAD_PARAMETER, "method is SUBSCRIBE, UNSUBSCRIBE or "
                                                "LIST_SUBSCRIPTIONS");
        reply_error(streams, connection, &error, id);
    }
    json_decref(root);
}

static void depth_write(struct json_out *out, struct streams *streams, uint16_t instrument) {
    struct market_view *view = &streams->web->view;
    struct depth_level levels[WS_SNAPSHOT_LEVELS];

    json_out_object(out);
    json_out_key(out, "u");
    json_out_integer(out, (int64_t)streams->published_seq[instrument]);
    json_out_key(out, "time");
    json_out_integer(out, (int64_t)(view->time_ns / NS_PER_MS));
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        size_t count =
            depth_top(&view->depth, instrument, (enum side)side, levels, WS_SNAPSHOT_LEVELS);
        json_out_key(out, side == SIDE_BUY ? "bids" : "asks");
        market_json_levels(out, view, instrument, levels, count);
    }
    json_out_object_end(out);
}

static void trades_write(struct json_out *out, const struct market_view *view,
                         uint16_t instrument) {
    uint32_t count = trades_view_count(&view->trades, instrument);

    json_out_array(out);
    for (uint32_t age = count < WS_SNAPSHOT_TRADES ? count : WS_SNAPSHOT_TRADES; age-- > 0;)
        market_json_trade(out, view, instrument, trades_view_print(&view->trades, instrument, age));
    json_out_array_end(out);
}

static void user_write(struct json_out *out, const struct market_view *view, uint32_t account) {
    const struct order_view *order = NULL;
    const struct balance_view *balance = NULL;
    const struct fill_view *fill = NULL;
    uint32_t count = 0;

    json_out_object(out);
    json_out_key(out, "orders");
    json_out_array(out);
    while (count++ < WS_SNAPSHOT_ORDERS &&
           (order = orders_view_next_open(&view->orders, account, order)) != NULL)
        market_json_order(out, view, order, false);
    json_out_array_end(out);
    json_out_key(out, "balances");
    json_out_array(out);
    while ((balance = balances_view_next(&view->balances, account, balance)) != NULL)
        market_json_balance(out, view, balance);
    json_out_array_end(out);
    json_out_key(out, "trades");
    json_out_array(out);
    for (count = 0; count < WS_SNAPSHOT_TRADES; count++) {
        fill = trades_view_next_fill(&view->trades, account, fill);
        if (fill == NULL)
            break;
        market_json_my_trade(out, view, fill);
    }
    json_out_array_end(out);
    json_out_object_end(out);
}

static void status_write(struct json_out *out, const struct web *web) {
    json_out_object(out);
    json_out_key(out, "exchange");
    json_out_string(out, web->link.is_attached ? "attached" : "away");
    json_out_key(out, "recordSeq");
    json_out_integer(out, (int64_t)web->view.record_seq);
    json_out_key(out, "epoch");
    json_out_integer(out, web->view.epoch);
    json_out_object_end(out);
}

void ws_channels_candle(struct json_out *out, const struct market_view *view, uint16_t instrument,
                        enum candle_interval interval, const struct candle *candle,
                        bool is_closed) {
    struct subscription subscription = {.topic = (uint8_t)(TOPIC_CANDLE + interval),
                                        .instrument = instrument};

    ws_channels_open(out, view, &subscription, "candle");
    json_out_object(out);
    json_out_key(out, "symbol");
    json_out_string(out, directory_instrument(&view->directory, instrument)->symbol);
    json_out_key(out, "interval");
    json_out_string(out, candle_interval_name(interval));
    json_out_key(out, "closed");
    json_out_bool(out, is_closed);
    json_out_key(out, "kline");
    market_json_kline(out, view, instrument, interval, candle);
    json_out_object_end(out);
    json_out_object_end(out);
}

static void tickers_send(struct streams *streams, struct ws_connection *connection,
                         const struct subscription *subscription) {
    const struct market_view *view = &streams->web->view;

    for (uint16_t i = 0; i < view->directory.instrument_count; i++) {
        if (subscription->topic == TOPIC_TICKER && subscription->instrument != i)
            continue;
        struct json_out out = streams_text(streams);
        ws_channels_open(&out, view, subscription, "ticker");
        market_json_ticker(&out, view, i, web_now_s());
        json_out_object_end(&out);
        streams_send(streams, connection, &out);
    }
}

static void candle_send(struct streams *streams, struct ws_connection *connection,
                        const struct subscription *subscription) {
    enum candle_interval interval = (enum candle_interval)(subscription->topic - TOPIC_CANDLE);
    const struct market_view *view = &streams->web->view;
    struct json_out out = streams_text(streams);
    struct candle candle;

    if (candles_read(&view->candles[subscription->instrument], interval,
                     (struct candle_range){CANDLE_NO_LIMIT, web_now_s()}, &candle, 1) == 0)
        return;
    ws_channels_candle(&out, view, subscription->instrument, interval, &candle, false);
    streams_send(streams, connection, &out);
}

void ws_channels_snapshot(struct streams *streams, struct ws_connection *connection,
                          const struct subscription *subscription) {
    const struct market_view *view = &streams->web->view;
    uint8_t topic = subscription->topic;
    struct json_out out;

    if (topic == TOPIC_TICKER || topic == TOPIC_ALL_TICKERS) {
        tickers_send(streams, connection, subscription);
        return;
    }
    if (topic >= TOPIC_CANDLE && topic < TOPIC_BOOK_COUNT) {
        candle_send(streams, connection, subscription);
        return;
    }
    if (topic == TOPIC_DEPTH)
        streams_publish_depth(streams, subscription->instrument);
    out = streams_text(streams);
    ws_channels_open(&out, view, subscription, topic == TOPIC_STATUS ? "status" : "snapshot");
    if (topic == TOPIC_DEPTH)
        depth_write(&out, streams, subscription->instrument);
    else if (topic == TOPIC_TRADE)
        trades_write(&out, view, subscription->instrument);
    else if (topic == TOPIC_USER)
        user_write(&out, view, subscription->account);
    else
        status_write(&out, streams->web);
    json_out_object_end(&out);
    streams_send(streams, connection, &out);
}
