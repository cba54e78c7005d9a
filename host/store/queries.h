/* History for the web, asked without ever blocking: one connection as xc_reader, one query on its way, the others
 * waiting in line. For event loops:
 *
 *     ticket = queries_ask(queries, &query, now_ns);       0: away or full, answer from the window instead
 *     poll queries_fd for queries_events, and call queries_poll then and at least every 100 ms
 *     while (queries_poll(queries, now_ns, &answer))       one finished query: its ticket, its rows
 *         rows_read_trade(answer.result, i, &row) ...      until the next queries_poll
 *
 * A query that has no answer QUERIES_PATIENCE_NS after it was asked is answered TIMED_OUT and the connection dropped;
 * when the connection is lost, all that were asked are answered AWAY. It connects again by itself. One thread
 * owns it. */
#ifndef STORE_QUERIES_H
#define STORE_QUERIES_H

#include "store/database.h"
#include "store/rows.h"

#define QUERIES_WAITING_MAX 64   /* one more is not taken: ticket 0 */
#define QUERIES_ROWS_MAX    1500 /* a larger limit is lowered to it */
#define QUERIES_PATIENCE_NS                                                                        \
    UINT64_C(2500000000) /* a little longer than the server's own DATABASE_READER_MS */
#define QUERIES_RETRY_NS UINT64_C(1000000000) /* between two attempts to connect */

struct queries;

enum query_kind {
    QUERY_CANDLES, /* instrument, interval_s, from_ns <= open_ns <= until_ns; rows_read_candle */
    QUERY_TRADES, /* instrument, from_ns <= time_ns <= until_ns, record_seq below `before`; rows_read_trade */
    QUERY_ACCOUNT_ORDERS, /* account, instrument or NONE, order_no below `before`; rows_read_order */
    QUERY_ACCOUNT_TRADES, /* account, instrument or NONE, record_seq below `before`; rows_read_trade */
    QUERY_BALANCE_CHANGES, /* account, asset or QUERY_ANY_ASSET, record_seq below `before`; rows_read_balance_change */
};
#define QUERY_ANY_ASSET 0xFFFFu

struct query {
    enum query_kind kind;
    uint32_t account;
    uint32_t interval_s;
    uint32_t limit;      /* rows */
    uint16_t instrument; /* INSTRUMENT_NONE: all, for the kinds by account */
    uint16_t asset;
    uint64_t from_ns;
    uint64_t until_ns;     /* 0: no end */
    uint64_t before;       /* 0: from the newest on */
    bool is_oldest_first;  /* else newest first; candles and trades only */
    bool is_finished_only; /* orders: leave open ones out */
};

enum query_outcome {
    QUERY_DONE,
    QUERY_AWAY,      /* the connection was lost, or could not be had */
    QUERY_TIMED_OUT, /* too slow; the connection is made anew */
    QUERY_FAILED,    /* PostgreSQL refused it: `sentence` */
};

struct query_answer {
    uint64_t ticket;
    enum query_outcome outcome;
    uint32_t row_count;
    const PGresult *result; /* for rows_read_...; valid until the next call of queries_poll */
    const char *sentence;   /* "" when DONE */
};

/* NULL when memory runs out. Begins to connect at the first poll. `database` must outlive it. */
struct queries *queries_open(struct database *database);
void queries_close(struct queries *queries);

/* The ticket (never 0, never reused), or 0. */
uint64_t queries_ask(struct queries *queries, const struct query *query, uint64_t now_ns);
/* True: *answer holds one finished query; ask again, there may be more. False: nothing now. now_ns is monotonic. */
NODISCARD bool queries_poll(struct queries *queries, uint64_t now_ns, struct query_answer *answer);
bool queries_are_ready(const struct queries *queries);
/* -1 while there is no connection. It changes with each connection: ask after every queries_poll. */
int queries_fd(const struct queries *queries);
/* POLLIN, and POLLOUT while there is something to send. */
short queries_events(const struct queries *queries);

#endif
