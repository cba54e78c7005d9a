#include "web/market_json.h"
#include "web/order_request.h"
#include "web/rest.h"

#define HISTORY_LIMIT 100

static const struct api_error fine = {0};

struct account_query {
    uint32_t account;
    uint32_t limit;
    uint16_t instrument; /* INSTRUMENT_NONE: all */
};

static void orders_write(struct json_out *out, const struct market_view *view,
                         const struct account_query *query, bool is_open) {
    const struct order_view *order = NULL;
    uint32_t count = 0;

    json_out_array(out);
    while (count < query->limit) {
        order = is_open ? orders_view_next_open(&view->orders, query->account, order)
                        : orders_view_next_finished(&view->orders, query->account, order);
        if (order == NULL)
            break;
        if (query->instrument != INSTRUMENT_NONE && query->instrument != order->instrument)
            continue;
        market_json_order(out, view, order, false);
        count++;
    }
    json_out_array_end(out);
}

static void fills_write(struct json_out *out, const struct market_view *view,
                        const struct account_query *query) {
    const struct fill_view *fill = NULL;
    uint32_t count = 0;

    json_out_array(out);
    while (count < query->limit &&
           (fill = trades_view_next_fill(&view->trades, query->account, fill)) != NULL) {
        if (query->instrument != INSTRUMENT_NONE && query->instrument != fill->instrument)
            continue;
        market_json_my_trade(out, view, fill);
        count++;
    }
    json_out_array_end(out);
}

static void balances_write(struct json_out *out, const struct market_view *view, uint32_t account) {
    const struct balance_view *balance = NULL;

    json_out_array(out);
    while ((balance = balances_view_next(&view->balances, account, balance)) != NULL)
        market_json_balance(out, view, balance);
    json_out_array_end(out);
}

static void accounts_write(struct json_out *out, const struct market_view *view) {
    uint32_t count = 0;

    json_out_array(out);
    for (uint32_t i = ACCOUNT_FIRST_CLIENT;
         i < view->directory.account_end && count < LIST_LIMIT_MAX; i++) {
        const struct listed_account *account = directory_account(&view->directory, i);
        if (account == NULL)
            continue;
        json_out_object(out);
        json_out_key(out, "user_id");
        json_out_quoted_integer(out, i);
        json_out_key(out, "name");
        json_out_string(out, account->name);
        json_out_object_end(out);
        count++;
    }
    json_out_array_end(out);
}

struct api_error rest_account(struct web *web, struct http_session *session) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);
    struct account_query query = {0};
    bool is_open = session->match.route == ROUTE_ORDERS_OPEN;
    struct api_error error = fine;

    if (session->match.route != ROUTE_ACCOUNTS)
        error = order_request_account(&web->view, &session->parameters, &query.account);
    if (error.status == 0)
        error =
            order_request_instrument(&web->view, &session->parameters, false, &query.instrument);
    if (error.status == 0)
        error = rest_limit(session, is_open ? LIST_LIMIT_MAX : HISTORY_LIMIT, &query.limit);
    if (error.status != 0)
        return error;
    switch (session->match.route) {
    case ROUTE_ORDERS_OPEN:
    case ROUTE_ORDERS_HISTORY: orders_write(&out, &web->view, &query, is_open); break;
    case ROUTE_TRADE_HISTORY: fills_write(&out, &web->view, &query); break;
    case ROUTE_BALANCE: balances_write(&out, &web->view, query.account); break;
    default: accounts_write(&out, &web->view); break;
    }
    http_session_answer(session,
                        &(struct http_answer){.status = 200,
                                              .type = "application/json",
                                              .body = out.bytes,
                                              .body_bytes = out.used,
                                              .source = history_source_name(HISTORY_WINDOW)});
    return fine;
}
