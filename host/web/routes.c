#include "web/routes.h"

#include <string.h>

struct route_row {
    enum listener listener;
    enum http_method method;
    const char *path;
    enum route route;
};

static const struct route_row rows[] = {
    {LISTENER_PLAIN, METHOD_GET, "/health", ROUTE_HEALTH},
    {LISTENER_PLAIN, METHOD_GET, "/openapi.yaml", ROUTE_OPENAPI},
    {LISTENER_PLAIN, METHOD_POST, "/order", ROUTE_ORDER_NEW},
    {LISTENER_PLAIN, METHOD_DELETE, "/order", ROUTE_ORDER_CANCEL},
    {LISTENER_PLAIN, METHOD_POST, "/order/cancel_all", ROUTE_ORDER_CANCEL_ALL},
    {LISTENER_PLAIN, METHOD_GET, "/orders/open", ROUTE_ORDERS_OPEN},
    {LISTENER_PLAIN, METHOD_GET, "/orders/history", ROUTE_ORDERS_HISTORY},
    {LISTENER_PLAIN, METHOD_GET, "/balance", ROUTE_BALANCE},
    {LISTENER_PLAIN, METHOD_GET, "/trade/history", ROUTE_TRADE_HISTORY},
    {LISTENER_PLAIN, METHOD_GET, "/accounts", ROUTE_ACCOUNTS},
    {LISTENER_PLAIN, METHOD_GET, "/depth", ROUTE_DEPTH},
    {LISTENER_PLAIN, METHOD_GET, "/trades", ROUTE_TRADES},
    {LISTENER_PLAIN, METHOD_GET, "/klines", ROUTE_KLINES},
    {LISTENER_PLAIN, METHOD_GET, "/tickers", ROUTE_TICKERS},
    {LISTENER_PLAIN, METHOD_GET, "/instruments", ROUTE_INSTRUMENTS},
    {LISTENER_V1, METHOD_GET, "/health", ROUTE_HEALTH},
    {LISTENER_V1, METHOD_GET, "/openapi.yaml", ROUTE_OPENAPI},
    {LISTENER_V1, METHOD_POST, "/api/v1/order", ROUTE_ORDER_NEW},
    {LISTENER_V1, METHOD_DELETE, "/api/v1/order", ROUTE_ORDER_CANCEL},
    {LISTENER_V1, METHOD_GET, "/api/v1/order/open", ROUTE_ORDERS_OPEN},
    {LISTENER_V1, METHOD_GET, "/api/v1/depth", ROUTE_DEPTH},
    {LISTENER_V1, METHOD_GET, "/api/v1/trades", ROUTE_TRADES},
    {LISTENER_V1, METHOD_GET, "/api/v1/klines", ROUTE_KLINES},
    {LISTENER_V1, METHOD_GET, "/api/v1/tickers", ROUTE_TICKERS},
    {LISTENER_V1, METHOD_GET, "/api/v1/instruments", ROUTE_INSTRUMENTS},
    {LISTENER_WS, METHOD_GET, "/health", ROUTE_HEALTH},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const char *allow_of(unsigned methods) {
    static const char *const allows[] = {
        "",       "GET",         "POST",         "GET, POST",
        "DELETE", "GET, DELETE", "POST, DELETE", "GET, POST, DELETE"};
    return allows[methods];
}

struct route_match route_find(enum listener listener, enum http_method method, const char *path,
                              size_t length) {
    unsigned methods = 0;

    if (length > 1 && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct route_row *row = &rows[i];
        if (row->listener != listener || strlen(row->path) != length ||
            memcmp(row->path, path, length) != 0)
            continue;
        if (row->method == method)
            return (struct route_match){.route = row->route};
        methods |= 1u << row->method;
    }
    if (methods != 0)
        return (struct route_match){.route = ROUTE_METHOD, .allow = allow_of(methods)};
    if (listener != LISTENER_PLAIN)
        return (struct route_match){.route = ROUTE_UNKNOWN};
    if (method == METHOD_GET)
        return (struct route_match){.route = ROUTE_PAGE};
    return (struct route_match){.route = ROUTE_UNKNOWN};
}

bool route_is_private(enum route route) {
    switch (route) {
    case ROUTE_ORDER_NEW:
    case ROUTE_ORDER_CANCEL:
    case ROUTE_ORDER_CANCEL_ALL:
    case ROUTE_ORDERS_OPEN:
    case ROUTE_ORDERS_HISTORY:
    case ROUTE_BALANCE:
    case ROUTE_TRADE_HISTORY:
    case ROUTE_ACCOUNTS: return true;
    case ROUTE_HEALTH:
    case ROUTE_OPENAPI:
    case ROUTE_DEPTH:
    case ROUTE_TRADES:
    case ROUTE_KLINES:
    case ROUTE_TICKERS:
    case ROUTE_INSTRUMENTS:
    case ROUTE_PAGE:
    case ROUTE_UNKNOWN:
    case ROUTE_METHOD: return false;
    }
    return true;
}
