#include "store/projection_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/database.h"
#include "store/row_labels.h"

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

static uint64_t value_u64(const struct row_stream *stream, int column) {
    return strtoull(PQgetvalue(stream->row, 0, column), NULL, 10); /* a null is 0 */
}

static uint32_t value_u32(const struct row_stream *stream, int column) {
    return (uint32_t)value_u64(stream, column);
}

static amount_t value_amount(const struct row_stream *stream, int column) {
    const char *text = PQgetvalue(stream->row, 0, column);
    bool negative = text[0] == '-';
    amount_t amount = 0;
    for (text += negative; *text >= '0' && *text <= '9'; text++)
        amount = amount * 10 + (*text - '0');
    return negative ? -amount : amount;
}

static uint8_t value_label(const struct row_stream *stream, int column, enum label_set set) {
    return label_value(set, PQgetvalue(stream->row, 0, column));
}

static bool value_is_true(const struct row_stream *stream, int column) {
    return PQgetvalue(stream->row, 0, column)[0] == 't';
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
        projection->record_seq = value_u64(&stream, 1);
        projection->time_ns = value_u64(&stream, 2);
    }
    return stream.has_failed ? LOAD_FAILED : result;
}

static enum load_result load_terms(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(
        &stream, connection,
        "select instrument, base_asset, quote_asset, lot_atoms, tick_lot_atoms from instruments");
    while (stream_next(&stream)) {
        uint32_t instrument = value_u32(&stream, 0);
        if (instrument < INSTRUMENT_MAX)
            projection->instruments[instrument] = (struct instrument_terms){
                .is_listed = true,
                .base_asset = (uint16_t)value_u32(&stream, 1),
                .quote_asset = (uint16_t)value_u32(&stream, 2),
                .lot_atoms = value_u64(&stream, 3),
                .tick_lot_atoms = value_u64(&stream, 4),
            };
    }
    return stream.has_failed ? LOAD_FAILED : LOAD_DONE;
}

static enum load_result load_balances(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(&stream, connection,
                 "select account, asset, available_atoms, held_atoms, seq from balances");
    while (stream_next(&stream)) {
        if (projection->balance_count == PROJECTION_BALANCES_MAX) {
            stream_end(&stream);
            return LOAD_TOO_MUCH;
        }
        struct balance_row *row =
            balances_row(projection, value_u32(&stream, 0), (uint16_t)value_u32(&stream, 1));
        row->available_atoms = value_amount(&stream, 2);
        row->held_atoms = value_amount(&stream, 3);
        row->seq = value_u64(&stream, 4);
    }
    return stream.has_failed ? LOAD_FAILED : LOAD_DONE;
}

static void order_read(const struct row_stream *stream, struct order_row *order) {
    order->account = value_u32(stream, 1);
    order->instrument = (uint16_t)value_u32(stream, 2);
    order->side = value_label(stream, 3, LABEL_SIDE);
    order->type = value_label(stream, 4, LABEL_TYPE);
    order->tif = value_label(stream, 5, LABEL_TIF);
    order->stp = value_label(stream, 6, LABEL_STP);
    order->post_only = value_is_true(stream, 7);
    order->door = value_label(stream, 8, LABEL_DOOR);
    size_t length = strnlen(PQgetvalue(stream->row, 0, 9), CLIENT_ORDER_ID_BYTES);
    order->client_order_id_length = (uint8_t)length;
    memcpy(order->client_order_id, PQgetvalue(stream->row, 0, 9), length);
    order->user_ref = value_u32(stream, 10);
    order->price_ticks = value_u32(stream, 11);
    order->limit_ticks = value_u32(stream, 12);
    order->trigger =
        PQgetisnull(stream->row, 0, 13) ? TRIGGER_NONE : value_label(stream, 13, LABEL_TRIGGER);
    order->trigger_ticks = value_u32(stream, 14);
    order->qty_lots = value_u64(stream, 15);
    order->executed_lots = value_u64(stream, 16);
    order->cancelled_lots = value_u64(stream, 17);
    order->left_lots = value_u64(stream, 18);
    order->quote_atoms = value_amount(stream, 19);
    order->fee_atoms = value_amount(stream, 20);
    order->status = value_label(stream, 21, LABEL_STATUS);
    order->matcher_seq = value_u64(stream, 22);
    order->replaces = value_u64(stream, 23);
    order->created_ns = value_u64(stream, 24);
    order->updated_ns = value_u64(stream, 25);
    order->seq = value_u64(stream, 26);
}

/* In order of matcher_seq, because replaces on their way are awaited in that order. */
static enum load_result load_orders(struct projection *projection, PGconn *connection) {
    struct row_stream stream;
    stream_begin(&stream, connection,
                 "select order_no, account, instrument, side, type, tif, stp, post_only, door, "
                 "client_order_id,"
                 " user_ref, price_ticks, limit_ticks, trigger, trigger_ticks, qty_lots, "
                 "executed_lots, cancelled_lots,"
                 " left_lots, quote_atoms, fee_atoms, status, matcher_seq, replaces, created_ns, "
                 "updated_ns, seq"
                 " from orders where is_open order by matcher_seq");
    while (stream_next(&stream)) {
        struct order_row *order = orders_add(projection, value_u64(&stream, 0));
        if (order == NULL) {
            stream_end(&stream);
            return LOAD_TOO_MUCH;
        }
        order_read(&stream, order);
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
        "select c.instrument, c.interval_s, c.open_ns, c.open_ticks, c.high_ticks, c.low_ticks, "
        "c.close_ticks,"
        " c.volume_lots, c.quote_atoms, c.taker_buy_lots, c.taker_buy_quote_atoms, c.trade_count,"
        " c.first_match, c.last_match, c.seq"
        " from instruments i cross join unnest(array[1, 60, 300, 900, 1800, 3600, 14400, 86400]) "
        "w(interval_s)"
        " cross join lateral (select * from candles c where c.instrument = i.instrument"
        " and c.interval_s = w.interval_s order by open_ns desc limit 1) c");
    while (stream_next(&stream)) {
        uint32_t instrument = value_u32(&stream, 0);
        for (uint32_t i = 0; i < CANDLE_INTERVALS && instrument < INSTRUMENT_MAX; i++) {
            if (candle_interval_s[i] != value_u32(&stream, 1))
                continue;
            projection->candles[instrument][i] = (struct candle){
                .open_ns = value_u64(&stream, 2),
                .open_ticks = value_u32(&stream, 3),
                .high_ticks = value_u32(&stream, 4),
                .low_ticks = value_u32(&stream, 5),
                .close_ticks = value_u32(&stream, 6),
                .volume_lots = value_u64(&stream, 7),
                .quote_atoms = value_amount(&stream, 8),
                .taker_buy_lots = value_u64(&stream, 9),
                .taker_buy_quote_atoms = value_amount(&stream, 10),
                .trade_count = value_u64(&stream, 11),
                .first_match = value_u64(&stream, 12),
                .last_match = value_u64(&stream, 13),
                .seq = value_u64(&stream, 14),
            };
        }
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
