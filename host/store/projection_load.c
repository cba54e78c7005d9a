#include "store/projection_load.h"

#include <stdio.h>
#include <string.h>

#include "store/database.h"

/* Rows come one at a time: a quarter of a million open orders need no second copy in memory. */
struct row_stream {
    PGconn *connection;
    PGresult *row;
    bool has_failed;
};

static void stream_begin(struct row_stream *stream, PGconn *connection, const char *query) {
    *stream = (struct row_stream){.connection = connection};
    stream->has_failed = PQsendQuery(connection, query) != 1 || PQsetSingleRowMode(connection) != 1;
}

/* False at the end; then the connection is free again, and has_failed tells how it ended. */
static bool stream_next(struct row_stream *stream) {
    PQclear(stream->row);
    stream->row = PQgetResult(stream->connection);
    if (PQresultStatus(stream->row) == PGRES_SINGLE_TUPLE)
        return true;
    while (stream->row != NULL) {
        if (PQresultStatus(stream->row) != PGRES_TUPLES_OK)
            stream->has_failed = true;
        PQclear(stream->row);
        stream->row = PQgetResult(stream->connection);
    }
    return false;
}

/* Stops early: what is still to come is read and dropped. */
static void stream_end(struct row_stream *stream) {
    while (stream_next(stream))
        continue;
}

static uint64_t value(const struct row_stream *stream, int column) {
    return rows_value(stream->row, 0, column);
}

static enum load_result load_mark(struct projection *projection, PGconn *connection,
                                  const char *journal, struct load_owner *owner) {
    const char *values[] = {journal};
    PGresult *made = PQexecParams(connection,
                                  "insert into marks (journal, record_seq, time_ns) select $1, 0, 0"
                                  " where not exists (select from marks)",
                                  1, NULL, values, NULL, NULL, 0);
    bool is_good = PQresultStatus(made) == PGRES_COMMAND_OK;
    PQclear(made);
    if (!is_good)
        return LOAD_FAILED;
    enum load_result result = LOAD_FAILED;
    struct row_stream stream;
    stream_begin(&stream, connection, "select journal, record_seq, time_ns from marks");
    while (stream_next(&stream)) {
        snprintf(owner->journal, sizeof owner->journal, "%s", PQgetvalue(stream.row, 0, 0));
        result = strcmp(owner->journal, journal) == 0 ? LOAD_DONE : LOAD_OTHER_JOURNAL;
        projection->record_seq = value(&stream, 1);
        projection->time_ns = value(&stream, 2);
    }
    return stream.has_failed ? LOAD_FAILED : result;
}

static enum load_result load_terms(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(
        &stream, connection,
        "select instrument, base_asset, quote_asset, lot_atoms, tick_lot_atoms from instruments");
    while (stream_next(&stream)) {
        uint32_t instrument = (uint32_t)value(&stream, 0);
        if (instrument < INSTRUMENT_MAX)
            projection->instruments[instrument] = (struct instrument_terms){
                .is_listed = true,
                .base_asset = (uint16_t)value(&stream, 1),
                .quote_asset = (uint16_t)value(&stream, 2),
                .lot_atoms = value(&stream, 3),
                .tick_lot_atoms = value(&stream, 4),
            };
    }
    return stream.has_failed ? LOAD_FAILED : LOAD_DONE;
}

static enum load_result load_balances(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(&stream, connection, "select " BALANCE_ROW_COLUMNS " from balances");
    while (stream_next(&stream)) {
        struct balance_row read;
        if (projection->balance_count == PROJECTION_BALANCES_MAX) {
            stream_end(&stream);
            return LOAD_TOO_MUCH;
        }
        rows_read_balance(stream.row, 0, &read);
        *balances_row(projection, read.account, read.asset) = read;
    }
    return stream.has_failed ? LOAD_FAILED : LOAD_DONE;
}

/* In order of matcher_seq, because replaces on their way are awaited in that order. */
static enum load_result load_orders(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(&stream, connection,
                 "select " ORDER_ROW_COLUMNS " from orders where is_open order by matcher_seq");
    while (stream_next(&stream)) {
        struct order_row *order = orders_add(projection, value(&stream, 0));
        if (order == NULL) {
            stream_end(&stream);
            return LOAD_TOO_MUCH;
        }
        rows_read_order(stream.row, 0, order);
        if (order->status == ORDER_STATUS_SENT && order->replaces != 0)
            orders_await_replace(projection,
                                 (struct replace_in_flight){order->matcher_seq, order->order_no});
    }
    return stream.has_failed ? LOAD_FAILED : LOAD_DONE;
}

static enum load_result load_candles(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(
        &stream, connection,
        "select c.* from instruments i"
        " cross join unnest(array[1, 60, 300, 900, 1800, 3600, 14400, 86400]) w(interval_s)"
        " cross join lateral (select " CANDLE_ROW_COLUMNS " from candles"
        " where instrument = i.instrument and interval_s = w.interval_s"
        " order by open_ns desc limit 1) c");
    while (stream_next(&stream)) {
        struct candle_row read;
        rows_read_candle(stream.row, 0, &read);
        for (uint32_t i = 0; i < CANDLE_INTERVALS && read.instrument < INSTRUMENT_MAX; i++)
            if (candle_interval_s[i] == read.interval_s)
                projection->candles[read.instrument][i] = read;
    }
    return stream.has_failed ? LOAD_FAILED : LOAD_DONE;
}

enum load_result projection_load(struct projection *projection, PGconn *connection,
                                 const char *journal, struct load_owner *owner) {
    projection_reset(projection);
    if (!database_run(connection, "begin isolation level repeatable read"))
        return LOAD_FAILED;
    enum load_result result = load_mark(projection, connection, journal, owner);
    if (result == LOAD_DONE)
        result = load_terms(projection, connection);
    if (result == LOAD_DONE)
        result = load_balances(projection, connection);
    if (result == LOAD_DONE)
        result = load_orders(projection, connection);
    if (result == LOAD_DONE)
        result = load_candles(projection, connection);
    if (result == LOAD_DONE && !database_run(connection, "commit"))
        result = LOAD_FAILED;
    return result;
}
