/* The table of routes: what may be asked for, at which listener, with which method. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

enum listener { LISTENER_PLAIN, LISTENER_V1, LISTENER_WS, LISTENER_COUNT };

enum http_method {
    METHOD_GET,
    METHOD_POST,
    METHOD_DELETE,
    METHOD_OTHER, /* answered 405 */
};

enum route {
    ROUTE_HEALTH,
    ROUTE_OPENAPI,
    ROUTE_ORDER_NEW,
    ROUTE_ORDER_CANCEL,
    ROUTE_ORDER_CANCEL_ALL,
    ROUTE_ORDERS_OPEN,
    ROUTE_ORDERS_HISTORY,
    ROUTE_BALANCE,
    ROUTE_TRADE_HISTORY,
    ROUTE_ACCOUNTS,
    ROUTE_DEPTH,
    ROUTE_TRADES,
    ROUTE_KLINES,
    ROUTE_TICKERS,
    ROUTE_INSTRUMENTS,
    ROUTE_PAGE,    /* GET of anything else on the plain listener: a file of the page */
    ROUTE_UNKNOWN, /* 404 */
    ROUTE_METHOD,  /* 405: the path is known, the method is not its */
};

struct route_match {
    enum route route;
    const char *allow; /* ROUTE_METHOD: for the Allow header */
};

/* `path` without the query; a slash at its end does not matter. */
struct route_match route_find(enum listener listener, enum http_method method, const char *path,
                              size_t length);
/* Whether it speaks for a user, and so is for local callers only. */
bool route_is_private(enum route route);

#endif
