/* What happened longer ago than the views remember, asked of PostgreSQL without blocking.
 *
 * The views answer what they hold; only a request that reaches behind them goes to the database, for what is older,
 * and is parked meanwhile. While the database is away, or too busy, such a request is answered from the views alone.
 * The answer's header X-History-Source says which of the two it was. */
#ifndef WEB_HISTORY_H
#define WEB_HISTORY_H

#include <stdbool.h>

#include "feed/market_view.h"
#include "store/queries.h"
#include "web/pending.h"

enum history_source { HISTORY_WINDOW, HISTORY_DATABASE };
/* For the header. */
const char *history_source_name(enum history_source source);

enum history_kind { HISTORY_CANDLES, HISTORY_ORDERS, HISTORY_FILLS };

/* What was asked for, kept while the database is asked. */
struct history_request {
    enum history_kind kind;
    struct waiter waiter;
    uint64_t ticket;
    struct candle_range range; /* candles */
    enum candle_interval interval;
    bool has_before;       /* the close before the range was asked for: two questions */
    uint32_t before_ticks; /* 0: none is known */
    uint32_t account;      /* orders, fills */
    uint32_t limit;
    uint16_t instrument; /* INSTRUMENT_NONE: all, for orders and fills */
};

struct history {
    struct database database;
    struct queries *queries;
    struct history_request requests[QUERIES_WAITING_MAX];
    uint32_t request_count;
    uint64_t next_poll_ns;
};

/* `url` "" = the cluster in folder `cluster`. The texts must outlive it. */
void history_open(struct history *history, const char *cluster, const char *url);
void history_close(struct history *history);
bool history_has_database(const struct history *history);

/* Whether the views alone cannot answer it whole. */
bool history_is_needed(const struct market_view *view, const struct history_request *request);
/* Asks for what is older. False: not now; answer from the views. */
NODISCARD bool history_ask(struct history *history, const struct market_view *view,
                           const struct history_request *request, uint64_t now_ns);
/* Call often. True: *request is answered by *answer, valid until the next call. */
NODISCARD bool history_next(struct history *history, const struct market_view *view,
                            uint64_t now_ns, struct history_request *request,
                            struct query_answer *answer);

/* Rows as the views have them. `answer` NULL or not DONE: no rows. */
size_t history_candles(const struct market_view *view, const struct history_request *request,
                       const struct query_answer *answer, struct candle *candles);
/* False: a row that says nothing (a refused order). */
NODISCARD bool history_order(const struct market_view *view, const struct query_answer *answer,
                             uint32_t row, struct order_view *order);
/* The account's side or sides of the trade; returns how many (1 or 2). */
size_t history_fills(const struct query_answer *answer, uint32_t row, uint32_t account,
                     struct fill_view fills[2]);

#endif
