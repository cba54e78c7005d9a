#include "web/ws_simple.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web/market_json.h"
#include "web/order_request.h"
#include "web/parameters.h"
#include "web/web.h"

#define INTERVAL_DEFAULT_MS 250
#define INTERVAL_MIN_MS     DEPTH_INTERVAL_MS
#define INTERVAL_MAX_MS     60000
#define BOOK_LEVELS         50
#define NS_PER_MS           1000000u

static const struct api_error fine = {0};

static void book_side(struct json_out *out, struct market_view *view, uint16_t index,
                      enum side side, uint32_t step_ticks) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);
    struct depth_level levels[BOOK_LEVELS];
    size_t count = depth_grouped(&view->depth, index, side, step_ticks, levels, BOOK_LEVELS);

    json_out_array(out);
    for (size_t i = 0; i < count; i++) {
        json_out_object(out);
        json_out_key(out, "price");
        market_json_price(out, instrument, levels[i].price_ticks);
        json_out_key(out, "amount");
        market_json_qty(out, view, instrument, levels[i].qty_lots);
        json_out_key(out, "total");
        market_json_value(out, view, instrument,
                          (amount_t)levels[i].price_ticks * levels[i].qty_lots);
        json_out_object_end(out);
    }
    json_out_array_end(out);
}

static void book_send(struct streams *streams, struct ws_connection *connection) {
    struct simple_state *simple = &connection->simple;
    struct market_view *view = &streams->web->view;
    struct json_out out = streams_text(streams);

    json_out_object(&out);
    json_out_key(&out, "aggOrderBook");
    json_out_object(&out);
    json_out_key(&out, "timestamp");
    json_out_integer(&out, (int64_t)(view->time_ns / NS_PER_MS));
    json_out_key(&out, "ask");
    book_side(&out, view, simple->instrument, SIDE_SELL, simple->step_ticks);
    json_out_key(&out, "bid");
    book_side(&out, view, simple->instrument, SIDE_BUY, simple->step_ticks);
    json_out_object_end(&out);
    json_out_object_end(&out);
    streams_send(streams, connection, &out);
    simple->book_seq = view->last_change_seq[simple->instrument];
}

void ws_simple_trades(struct json_out *out, const struct market_view *view, uint16_t index,
                      uint32_t newest_count) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);
    uint32_t count = trades_view_count(&view->trades, index);

    json_out_object(out);
    json_out_key(out, "trades");
    json_out_array(out);
    for (uint32_t age = count < newest_count ? count : newest_count; age-- > 0;) {
        const struct trade_print *print = trades_view_print(&view->trades, index, age);
        json_out_object(out);
        json_out_key(out, "userId");
        json_out_quoted_integer(out, print->taker_account);
        json_out_key(out, "security");
        json_out_string(out, instrument->symbol);
        json_out_key(out, "timestamp");
        json_out_integer(out, (int64_t)(print->time_ns / NS_PER_MS));
        json_out_key(out, "price");
        market_json_price(out, instrument, print->price_ticks);
        json_out_key(out, "amount");
        market_json_qty(out, view, instrument, print->qty_lots);
        json_out_key(out, "total");
        market_json_value(out, view, instrument, (amount_t)print->price_ticks * print->qty_lots);
        json_out_object_end(out);
    }
    json_out_array_end(out);
    json_out_object_end(out);
}

static void trades_send(struct streams *streams, struct ws_connection *connection) {
    struct json_out out = streams_text(streams);

    ws_simple_trades(&out, &streams->web->view, connection->simple.instrument, WS_SNAPSHOT_TRADES);
    streams_send(streams, connection, &out);
    connection->simple.has_missed_trades = false;
}

void ws_simple_error(struct streams *streams, struct ws_connection *connection,
                     const struct api_error *error) {
    struct json_out out = streams_text(streams);

    json_out_object(&out);
    json_out_key(&out, "error");
    api_error_write(&out, error);
    json_out_object_end(&out);
    streams_send(streams, connection, &out);
}

static struct api_error settings_read(struct web *web, const struct parameters *parameters,
                                      struct simple_state *simple) {
    const char *step = parameters_get(parameters, PARAMETER_STEP);
    const char *interval = parameters_get(parameters, PARAMETER_INTERVAL);
    uint64_t interval_ms = INTERVAL_DEFAULT_MS;
    struct api_error error =
        order_request_instrument(&web->view, parameters, false, &simple->instrument);

    if (error.status != 0)
        return error;
    if (simple->instrument == INSTRUMENT_NONE) {
        if (web->view.directory.instrument_count == 0)
            return api_error_make(FAULT_EXCHANGE_AWAY, "nothing is listed yet");
        simple->instrument = 0;
    }
    simple->step_ticks = 1;
    if (step != NULL)
        error = order_request_ticks(directory_instrument(&web->view.directory, simple->instrument),
                                    step, &simple->step_ticks);
    if (interval != NULL &&
        (!whole_read(interval, INTERVAL_MAX_MS, &interval_ms) || interval_ms < INTERVAL_MIN_MS))
        return api_error_make(FAULT_BAD_PARAMETER, "interval is 50 to 60000 ms");
    simple->interval_ms = (uint32_t)interval_ms;
    return error;
}

void ws_simple_open(struct streams *streams, struct ws_connection *connection,
                    const struct parameters *parameters) {
    struct web *web = streams->web;
    struct json_out out;
    struct api_error error = fine;

    if (!connection->is_local)
        error = api_error_make(FAULT_NOT_LOCAL, NULL);
    if (error.status == 0 && web_can_trade(web, &error))
        error = settings_read(web, parameters, &connection->simple);
    if (error.status == 0) {
        connection->simple.account = guests_lend(&streams->guests, &web->view);
        if (connection->simple.account == 0)
            error = api_error_make(FAULT_NO_GUEST, NULL);
    }
    if (error.status != 0) {
        ws_simple_error(streams, connection, &error);
        ws_connection_close_with(connection, WS_CLOSE_OVERRUN);
        return;
    }
    stream_set_put(&streams->simples, connection->index);
    out = streams_text(streams);
    json_out_object(&out);
    json_out_key(&out, "userId");
    json_out_quoted_integer(&out, connection->simple.account);
    json_out_object_end(&out);
    streams_send(streams, connection, &out);
    book_send(streams, connection);
    connection->simple.next_book_ms = web_now_ms() + connection->simple.interval_ms;
    trades_send(streams, connection);
}

void ws_simple_close(struct streams *streams, struct ws_connection *connection) {
    struct web *web = streams->web;
    uint32_t account = connection->simple.account;
    union record record;

    if (account == 0)
        return;
    guests_return(&streams->guests, account);
    connection->simple.account = 0;
    if (orders_view_open_count(&web->view.orders, account) == 0 && web->pendings.count == 0)
        return;
    order_request_sweep(account, web_request_id(web), &record);
    /* what cannot be sent now is swept by the second (streams_second) */
    (void)web_submit(web, &record, (struct waiter){.kind = WAITER_NOBODY});
}

static void parameter_put(struct parameters *parameters, const char *name, const char *value) {
    enum api_fault fault = parameters_add(parameters, name, strlen(name), value, strlen(value));
    check(fault == FAULT_NONE);
}

/* add: exec_type market or limit, type bid or ask; in the words of the other faces. */
static struct api_error add_translate(struct parameters *parameters) {
    const char *type = parameters_get(parameters, PARAMETER_TYPE);
    const char *exec_type = parameters_get(parameters, PARAMETER_EXEC_TYPE);
    bool is_bid;

    if (type == NULL)
        return api_error_make(FAULT_MISSING_PARAMETER, "type");
    is_bid = strcasecmp(type, "bid") == 0;
    if (!is_bid && strcasecmp(type, "ask") != 0)
        return api_error_make(FAULT_BAD_PARAMETER, "type is bid or ask");
    parameters->sent[PARAMETER_SIDE] = false;
    parameter_put(parameters, "side", is_bid ? "buy" : "sell");
    parameters->sent[PARAMETER_TYPE] = false;
    if (exec_type != NULL)
        parameter_put(parameters, "type", exec_type);
    return fine;
}

static struct api_error message_handle(struct streams *streams, struct ws_connection *connection,
                                       struct parameters *parameters) {
    struct web *web = streams->web;
    const struct listed_instrument *instrument =
        directory_instrument(&web->view.directory, connection->simple.instrument);
    const char *command = parameters_get(parameters, PARAMETER_COMMAND);
    uint64_t request_id = web_request_id(web);
    char account[16];
    union record record;
    struct api_error error;

    if (!web_can_trade(web, &error))
        return error;
    snprintf(account, sizeof account, "%u", connection->simple.account);
    parameters->sent[PARAMETER_USER_ID] = false; /* a guest speaks for himself only */
    parameter_put(parameters, "user_id", account);
    if (parameters_get(parameters, PARAMETER_SYMBOL) == NULL)
        parameter_put(parameters, "market", instrument->symbol);
    if (command != NULL && strcasecmp(command, "add") == 0) {
        error = add_translate(parameters);
        if (error.status == 0)
            error = order_request_new(&web->view, parameters, request_id, &record);
    } else if (command != NULL && strcasecmp(command, "delete") == 0) {
        error = order_request_cancel(&web->view, parameters, request_id, &record);
    } else {
        return api_error_make(FAULT_BAD_PARAMETER, "command is add or delete");
    }
    if (error.status != 0)
        return error;
    return web_submit(web, &record,
                      (struct waiter){.kind = WAITER_WS,
                                      .index = connection->index,
                                      .generation = connection->generation});
}

void ws_simple_message(struct streams *streams, struct ws_connection *connection, const char *text,
                       size_t length) {
    char detail[API_MESSAGE_BYTES] = "";
    struct parameters parameters;
    struct api_error error;

    if (connection->simple.account == 0)
        return; /* refused already, and about to be closed */
    parameters_clear(&parameters);
    enum api_fault fault = parameters_read_json(&parameters, text, length, detail);
    if (fault != FAULT_NONE)
        error = api_error_make(fault, detail);
    else
        error = message_handle(streams, connection, &parameters);
    if (error.status != 0)
        ws_simple_error(streams, connection, &error);
}

void ws_simple_tick(struct streams *streams, struct ws_connection *connection, uint64_t now_ms) {
    struct simple_state *simple = &connection->simple;

    if (ws_connection_is_slow(connection))
        return;
    if (simple->has_missed_trades)
        trades_send(streams, connection);
    if (now_ms >= simple->next_book_ms &&
        streams->web->view.last_change_seq[simple->instrument] != simple->book_seq) {
        book_send(streams, connection);
        simple->next_book_ms = now_ms + simple->interval_ms;
    }
}
