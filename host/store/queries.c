#include "store/queries.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 6

enum queries_state {
    QUERIES_AWAY,
    QUERIES_CONNECTING,
    QUERIES_READY, /* nothing is on its way */
    QUERIES_BUSY,  /* the head of the line is on its way */
};

struct asked {
    uint64_t ticket;
    uint64_t asked_ns;
    struct query query;
};

struct queries {
    struct database *database;
    PGconn *connection;
    PGresult *result; /* of the answer given last */
    enum queries_state state;
    short events;
    uint64_t retry_at_ns;
    uint64_t began_ns; /* to connect */
    uint64_t last_ticket;
    uint32_t head; /* of the line, a ring */
    uint32_t count;
    struct asked line[QUERIES_WAITING_MAX];
    char sentence[256];
};

struct queries *queries_open(struct database *database) {
    struct queries *queries = calloc(1, sizeof *queries);
    if (queries != NULL)
        queries->database = database;
    return queries;
}

static void queries_drop(struct queries *queries, uint64_t now_ns) {
    PQfinish(queries->connection);
    queries->connection = NULL;
    database_close(queries->database);
    queries->state = QUERIES_AWAY;
    queries->retry_at_ns = now_ns + QUERIES_RETRY_NS;
}

void queries_close(struct queries *queries) {
    if (queries == NULL)
        return;
    PQclear(queries->result);
    queries_drop(queries, 0);
    free(queries);
}

bool queries_are_ready(const struct queries *queries) {
    return queries->state == QUERIES_READY || queries->state == QUERIES_BUSY;
}

int queries_fd(const struct queries *queries) {
    return queries->connection == NULL ? -1 : PQsocket(queries->connection);
}

short queries_events(const struct queries *queries) {
    return queries->events;
}

uint64_t queries_ask(struct queries *queries, const struct query *query, uint64_t now_ns) {
    if (!queries_are_ready(queries) || queries->count == QUERIES_WAITING_MAX)
        return 0;
    struct asked *asked = &queries->line[(queries->head + queries->count) % QUERIES_WAITING_MAX];
    *asked = (struct asked){.ticket = ++queries->last_ticket, .asked_ns = now_ns, .query = *query};
    queries->count++;
    return asked->ticket;
}

/* ---- statements: every value is a parameter; only constant text is put together ---- */

struct statement {
    char text[1024];
    char values[PARAMETERS_MAX][24];
    const char *pointers[PARAMETERS_MAX];
    int count;
};

static void statement_value(struct statement *statement, uint64_t value) {
    char *text = statement->values[statement->count];
    snprintf(text, sizeof statement->values[0], "%" PRIu64,
             value > INT64_MAX ? (uint64_t)INT64_MAX : value);
    statement->pointers[statement->count++] = text;
}

static uint64_t or_the_end(uint64_t value) {
    return value == 0 ? INT64_MAX : value;
}

#define INSTRUMENT_OR_ALL " and ($4::bigint = %u or instrument = $4::bigint)"

static void statement_text(struct statement *statement, const struct query *query) {
    char *text = statement->text;
    size_t bytes = sizeof statement->text;
    const char *order = query->is_oldest_first ? "asc" : "desc";
    switch (query->kind) {
    case QUERY_CANDLES:
        snprintf(text, bytes,
                 "select " CANDLE_ROW_COLUMNS " from candles where instrument = $2::bigint"
                 " and interval_s = $3::bigint and open_ns between $4 and $5"
                 " order by open_ns %s limit $1",
                 order);
        break;
    case QUERY_TRADES:
        snprintf(text, bytes,
                 "select " TRADE_ROW_COLUMNS " from trades where instrument = $2::bigint"
                 " and record_seq < $3 and time_ns between $4 and $5"
                 " order by record_seq %s limit $1",
                 order);
        break;
    case QUERY_ACCOUNT_ORDERS:
        snprintf(text, bytes,
                 "select " ORDER_ROW_COLUMNS " from orders where account = $2"
                 " and order_no < $3" INSTRUMENT_OR_ALL "%s order by order_no desc limit $1",
                 INSTRUMENT_NONE, query->is_finished_only ? " and not is_open" : "");
        break;
    case QUERY_ACCOUNT_TRADES:
        /* Each side by its own index; `union` keeps a trade with oneself once. */
        snprintf(text, bytes,
                 "(select " TRADE_ROW_COLUMNS " from trades where maker_account = $2"
                 " and record_seq < $3" INSTRUMENT_OR_ALL " order by record_seq desc limit $1)"
                 " union (select " TRADE_ROW_COLUMNS " from trades where taker_account = $2"
                 " and record_seq < $3" INSTRUMENT_OR_ALL " order by record_seq desc limit $1)"
                 " order by record_seq desc limit $1",
                 INSTRUMENT_NONE, INSTRUMENT_NONE);
        break;
    case QUERY_BALANCE_CHANGES:
        snprintf(text, bytes,
                 "select " BALANCE_CHANGE_ROW_COLUMNS " from balance_changes where account = $2"
                 " and record_seq < $3 and ($4::bigint = %u or asset = $4::bigint)"
                 " order by record_seq desc, part desc limit $1",
                 QUERY_ANY_ASSET);
        break;
    }
}

static void statement_fill(struct statement *statement, const struct query *query) {
    bool is_candles = query->kind == QUERY_CANDLES;
    bool is_changes = query->kind == QUERY_BALANCE_CHANGES;
    statement->count = 0;
    statement_text(statement, query);
    statement_value(statement, query->limit < QUERIES_ROWS_MAX ? query->limit : QUERIES_ROWS_MAX);
    if (is_candles || query->kind == QUERY_TRADES) {
        statement_value(statement, query->instrument);
        statement_value(statement, is_candles ? query->interval_s : or_the_end(query->before));
        statement_value(statement, query->from_ns);
        statement_value(statement, or_the_end(query->until_ns));
    } else {
        statement_value(statement, query->account);
        statement_value(statement, or_the_end(query->before));
        statement_value(statement, is_changes ? query->asset : query->instrument);
    }
}

/* ---- the line ---- */

/* Takes the head of the line off as finished. */
static bool finish(struct queries *queries, enum query_outcome outcome,
                   struct query_answer *answer) {
    *answer = (struct query_answer){
        .ticket = queries->line[queries->head].ticket,
        .outcome = outcome,
        .row_count = queries->result == NULL ? 0 : (uint32_t)PQntuples(queries->result),
        .result = queries->result,
        .sentence = outcome == QUERY_DONE ? "" : queries->sentence,
    };
    queries->head = (queries->head + 1) % QUERIES_WAITING_MAX;
    queries->count--;
    return true;
}

static void poll_away(struct queries *queries, uint64_t now_ns) {
    queries->events = 0;
    if (now_ns < queries->retry_at_ns)
        return;
    queries->connection = database_connect_start(queries->database, DATABASE_READER);
    queries->began_ns = now_ns;
    if (queries->connection == NULL || PQstatus(queries->connection) == CONNECTION_BAD) {
        queries_drop(queries, now_ns);
        return;
    }
    queries->events = POLLOUT; /* what libpq asks to be assumed before the first PQconnectPoll */
    queries->state = QUERIES_CONNECTING;
}

static void poll_connecting(struct queries *queries, uint64_t now_ns) {
    switch (PQconnectPoll(queries->connection)) {
    case PGRES_POLLING_READING: queries->events = POLLIN; break;
    case PGRES_POLLING_WRITING: queries->events = POLLOUT; break;
    case PGRES_POLLING_OK:
        queries->events = POLLIN;
        if (PQsetnonblocking(queries->connection, 1) == 0)
            queries->state = QUERIES_READY;
        else
            queries_drop(queries, now_ns);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE: queries_drop(queries, now_ns); return;
    }
    if (now_ns - queries->began_ns > QUERIES_PATIENCE_NS)
        queries_drop(queries, now_ns);
}

static void lose(struct queries *queries, uint64_t now_ns) {
    database_error(queries->connection, queries->sentence, sizeof queries->sentence);
    queries_drop(queries, now_ns);
}

static void send_next(struct queries *queries, uint64_t now_ns) {
    struct statement statement;
    statement_fill(&statement, &queries->line[queries->head].query);
    if (PQsendQueryParams(queries->connection, statement.text, statement.count, NULL,
                          statement.pointers, NULL, NULL, 0) != 1)
        lose(queries, now_ns);
    else
        queries->state = QUERIES_BUSY;
}

/* True when the query on its way is finished; the connection is then READY, or AWAY when it was lost. */
static bool receive(struct queries *queries, uint64_t now_ns, enum query_outcome *outcome) {
    int unsent = PQflush(queries->connection);
    if (unsent < 0 || PQconsumeInput(queries->connection) != 1) {
        lose(queries, now_ns);
        *outcome = QUERY_AWAY;
        return true;
    }
    queries->events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    while (!PQisBusy(queries->connection)) {
        PGresult *result = PQgetResult(queries->connection);
        if (result == NULL) {
            queries->state = QUERIES_READY;
            *outcome =
                PQresultStatus(queries->result) == PGRES_TUPLES_OK ? QUERY_DONE : QUERY_FAILED;
            return true;
        }
        PQclear(queries->result);
        queries->result = result;
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            database_error(queries->connection, queries->sentence, sizeof queries->sentence);
    }
    return false;
}

bool queries_poll(struct queries *queries, uint64_t now_ns, struct query_answer *answer) {
    enum query_outcome outcome = QUERY_AWAY;
    if (queries->state != QUERIES_BUSY) {
        PQclear(queries->result);
        queries->result = NULL;
    }
    if (queries->state == QUERIES_AWAY) {
        if (queries->count > 0)
            return finish(queries, QUERY_AWAY, answer);
        poll_away(queries, now_ns);
    } else if (queries->state == QUERIES_CONNECTING) {
        poll_connecting(queries, now_ns);
    }
    if (queries->state == QUERIES_READY) {
        /* Hears of a server that goes while nothing is asked. */
        if (PQconsumeInput(queries->connection) != 1 ||
            PQstatus(queries->connection) != CONNECTION_OK)
            lose(queries, now_ns);
        else if (queries->count > 0)
            send_next(queries, now_ns);
    }
    if (queries->state != QUERIES_BUSY)
        return false;
    if (receive(queries, now_ns, &outcome))
        return finish(queries, outcome, answer);
    if (now_ns - queries->line[queries->head].asked_ns < QUERIES_PATIENCE_NS)
        return false;
    snprintf(queries->sentence, sizeof queries->sentence, "the database took too long");
    PQclear(queries->result);
    queries->result = NULL;
    queries_drop(queries, now_ns);
    return finish(queries, QUERY_TIMED_OUT, answer);
}
