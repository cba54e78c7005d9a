#include "web/market_json.h"
#include "web/order_request.h"
#include "web/rest.h"
#include "web/rest_history.h"

#define HISTORY_LIMIT 100

static const struct api_error fine = {0};

struct account_query {
    uint32_t account;
    uint32_t limit;
    uint16_t instrument; /* INSTRUMENT_NONE: all */
};

static void open_orders_write(struct json_out *out, const struct market_view *view,
                              const struct account_query *query) {
    const struct order_view *order = NULL;
    uint32_t count = 0;

    json_out_array(out);
    while (count < query->limit &&
           (order = orders_view_next_open(&view->orders, query->account, order)) != NULL) {
        if (query->instrument != INSTRUMENT_NONE && query->instrument != order->instrument)
            continue;
        market_json_order(out, view, order, false);
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
    enum route route = session->match.route;
    struct account_query query = {0};
    struct api_error error = fine;

    if (route != ROUTE_ACCOUNTS)
        error = order_request_account(&web->view, &session->parameters, &query.account);
    if (error.status == 0)
        error =
            order_request_instrument(&web->view, &session->parameters, false, &query.instrument);
    if (error.status == 0)
        error = rest_limit(session, route == ROUTE_ORDERS_OPEN ? LIST_LIMIT_MAX : HISTORY_LIMIT,
                           &query.limit);
    if (error.status != 0)
        return error;
    if (route == ROUTE_ORDERS_HISTORY || route == ROUTE_TRADE_HISTORY) {
        struct history_request request = {.kind = route == ROUTE_ORDERS_HISTORY ? HISTORY_ORDERS
                                                                                : HISTORY_FILLS,
                                          .account = query.account,
                                          .limit = query.limit,
                                          .instrument = query.instrument};
        rest_history(web, session, &request);
        return fine;
    }
    if (route == ROUTE_ORDERS_OPEN)
        open_orders_write(&out, &web->view, &query);
    else if (route == ROUTE_BALANCE)
        balances_write(&out, &web->view, query.account);
    else
        accounts_write(&out, &web->view);
    http_session_answer_json(session, 200, &out);
    return fine;
}
