#include "web/history.h"

#include <string.h>

#include "store/row_labels.h"
#include "web/limits.h"

#define NS_PER_S     UINT64_C(1000000000)
#define IDLE_POLL_NS UINT64_C(100000000)

const char *history_source_name(enum history_source source) {
    return source == HISTORY_DATABASE ? "database" : "window";
}

void history_open(struct history *history, const char *cluster, const char *url) {
    bool is_elsewhere = url[0] != '\0';

    *history = (struct history){.database = {.cluster = is_elsewhere ? NULL : cluster,
                                             .url = is_elsewhere ? url : NULL,
                                             .socket_folder_fd = -1}};
    history->queries = queries_open(&history->database);
    check(history->queries != NULL);
}

void history_close(struct history *history) {
    if (history->queries != NULL)
        queries_close(history->queries);
    history->queries = NULL;
}

bool history_has_database(const struct history *history) {
    return history->queries != NULL && queries_are_ready(history->queries);
}

/* Before this second the views know no candle. */
static uint64_t oldest_candle_s(const struct market_view *view,
                                const struct history_request *request) {
    const struct candles *candles = &view->candles[request->instrument];
    struct candle oldest;

    if (candles_stored_count(candles, request->interval) == 0)
        return 0;
    candles_stored(candles, request->interval, 0, &oldest);
    return oldest.open_s;
}

/* The first second that the answer may hold. */
static uint64_t first_candle_s(const struct history_request *request) {
    uint64_t width_s = candle_interval_s(request->interval);
    uint64_t last_s = request->range.to_s - request->range.to_s % width_s;
    uint64_t span_s = (request->limit - 1) * width_s;

    if (request->range.from_s != CANDLE_NO_LIMIT) {
        uint64_t late_s = request->range.from_s % width_s;
        return late_s == 0 ? request->range.from_s : request->range.from_s - late_s + width_s;
    }
    return last_s > span_s ? last_s - span_s : 0;
}

bool history_is_needed(const struct market_view *view, const struct history_request *request) {
    switch (request->kind) {
    case HISTORY_CANDLES:
        return view->candles[request->instrument].kept_count[request->interval] >
                   view->candles[request->instrument].kept_max[request->interval] &&
               first_candle_s(request) < oldest_candle_s(view, request);
    case HISTORY_ORDERS: return view->orders.finished_count > view->orders.limits.finished_max;
    case HISTORY_FILLS: return view->trades.fill_count > view->trades.limits.fill_max;
    }
    return false;
}

/* Fills come newest first: the database is asked for those before the oldest that the views have. */
static uint64_t oldest_fill_seq(const struct market_view *view,
                                const struct history_request *request) {
    const struct fill_view *fill = NULL;
    uint64_t seq = 0;

    while ((fill = trades_view_next_fill(&view->trades, request->account, fill)) != NULL)
        seq = fill->record_seq;
    return seq;
}

static struct query query_of(const struct market_view *view,
                             const struct history_request *request) {
    struct query query = {
        .account = request->account, .limit = request->limit, .instrument = request->instrument};

    switch (request->kind) {
    case HISTORY_CANDLES:
        query.kind = QUERY_CANDLES;
        query.interval_s = candle_interval_s(request->interval);
        if (!request->has_before) {
            query.limit = 1;
            query.until_ns = first_candle_s(request) * NS_PER_S - 1;
            break;
        }
        query.from_ns = first_candle_s(request) * NS_PER_S;
        query.until_ns = oldest_candle_s(view, request) * NS_PER_S - 1;
        query.is_oldest_first = true;
        break;
    case HISTORY_ORDERS:
        query.kind = QUERY_ACCOUNT_ORDERS;
        query.is_finished_only = true;
        query.limit = LIST_LIMIT_MAX; /* some of them the views have already */
        break;
    case HISTORY_FILLS:
        query.kind = QUERY_ACCOUNT_TRADES;
        query.before = oldest_fill_seq(view, request);
        break;
    }
    return query;
}

bool history_ask(struct history *history, const struct market_view *view,
                 const struct history_request *request, uint64_t now_ns) {
    struct history_request *kept = &history->requests[history->request_count];
    struct query query = query_of(view, request);

    if (!history_has_database(history) || history->request_count == QUERIES_WAITING_MAX)
        return false;
    uint64_t ticket = queries_ask(history->queries, &query, now_ns);
    if (ticket == 0)
        return false;
    *kept = *request;
    kept->ticket = ticket;
    history->request_count++;
    return true;
}

/* The first of a candle's two answers; true when the second question is on its way. */
static bool before_take(struct history *history, const struct market_view *view,
                        struct history_request *request, struct query_answer *answer,
                        uint64_t now_ns) {
    struct candle_row row;

    if (request->kind != HISTORY_CANDLES || request->has_before || answer->outcome != QUERY_DONE)
        return false;
    request->has_before = true;
    if (answer->row_count > 0) {
        rows_read_candle(answer->result, 0, &row);
        request->before_ticks = row.close_ticks;
    }
    if (history_ask(history, view, request, now_ns))
        return true;
    answer->outcome = QUERY_AWAY; /* half an answer is none */
    return false;
}

bool history_next(struct history *history, const struct market_view *view, uint64_t now_ns,
                  struct history_request *request, struct query_answer *answer) {
    if (history->request_count == 0 && now_ns < history->next_poll_ns)
        return false;
    history->next_poll_ns = now_ns + IDLE_POLL_NS;
    while (queries_poll(history->queries, now_ns, answer)) {
        uint32_t i = 0;
        while (i < history->request_count && history->requests[i].ticket != answer->ticket)
            i++;
        check(i < history->request_count); /* every ticket is ours */
        *request = history->requests[i];
        history->requests[i] = history->requests[--history->request_count];
        if (before_take(history, view, request, answer, now_ns))
            continue;
        return true;
    }
    return false;
}

static struct candle candle_of_row(const struct market_view *view, const struct candle_row *row) {
    amount_t tick_lot_atoms =
        directory_instrument(&view->directory, row->instrument)->tick_lot_atoms;

    return (struct candle){.open_s = row->open_ns / NS_PER_S,
                           .volume_lots = row->volume_lots,
                           .taker_buy_lots = row->taker_buy_lots,
                           .volume_tick_lots = row->quote_atoms / tick_lot_atoms,
                           .taker_buy_tick_lots = row->taker_buy_quote_atoms / tick_lot_atoms,
                           .first_match = row->first_match,
                           .last_match = row->last_match,
                           .open_ticks = row->open_ticks,
                           .high_ticks = row->high_ticks,
                           .low_ticks = row->low_ticks,
                           .close_ticks = row->close_ticks,
                           .trade_count = (uint32_t)row->trade_count};
}

static uint32_t rows_of(const struct query_answer *answer) {
    return answer == NULL || answer->outcome != QUERY_DONE ? 0 : answer->row_count;
}

/* Old candles with their idle ones between, up to where the views begin. */
static size_t old_candles(const struct market_view *view, const struct history_request *request,
                          const struct query_answer *answer, struct candle *candles) {
    uint64_t width_s = candle_interval_s(request->interval);
    uint64_t end_s = oldest_candle_s(view, request);
    uint64_t next_s = first_candle_s(request);
    uint32_t close_ticks = request->before_ticks; /* 0: nothing traded before */
    uint32_t row_count = rows_of(answer);
    size_t count = 0;

    for (uint32_t i = 0; i <= row_count; i++) {
        struct candle_row row;
        if (i < row_count)
            rows_read_candle(answer->result, (int)i, &row);
        uint64_t row_s = i < row_count ? row.open_ns / NS_PER_S : end_s;
        for (; close_ticks > 0 && next_s < row_s && count < request->limit; next_s += width_s)
            candles[count++] = candle_idle(next_s, close_ticks);
        if (i == row_count || count == request->limit)
            break;
        candles[count++] = candle_of_row(view, &row);
        next_s = row_s + width_s;
        close_ticks = row.close_ticks;
    }
    return count;
}

size_t history_candles(const struct market_view *view, const struct history_request *request,
                       const struct query_answer *answer, struct candle *candles) {
    struct candle_range range = request->range;
    size_t count = answer == NULL ? 0 : old_candles(view, request, answer, candles);

    if (count > 0)
        range.from_s = oldest_candle_s(view, request);
    while (count > 0 && candles[count - 1].open_s > range.to_s)
        count--; /* the range ends before the views begin */
    return count + candles_read(&view->candles[request->instrument], request->interval, range,
                                candles + count, request->limit - count);
}

static enum order_view_status status_of_row(const struct order_row *row) {
    switch ((enum order_status)row->status) {
    case ORDER_STATUS_SENT: return ORDER_VIEW_PENDING;
    case ORDER_STATUS_WAITING: return ORDER_VIEW_WAITING;
    case ORDER_STATUS_OPEN: return ORDER_VIEW_OPEN;
    case ORDER_STATUS_PARTLY_FILLED: return ORDER_VIEW_PARTLY_FILLED;
    case ORDER_STATUS_FILLED: return ORDER_VIEW_FILLED;
    case ORDER_STATUS_REPLACED: return ORDER_VIEW_CANCELLED;
    case ORDER_STATUS_REFUSED:
    case ORDER_STATUS_REJECTED: return ORDER_VIEW_REJECTED;
    case ORDER_STATUS_CANCELLED: break;
    }
    switch (label_value(LABEL_CANCEL_WHY, row->why)) {
    case WHY_IOC:
    case WHY_BAND: return ORDER_VIEW_EXPIRED;
    case WHY_SELF_TRADE: return ORDER_VIEW_EXPIRED_SELF_TRADE;
    default: return ORDER_VIEW_CANCELLED;
    }
}

bool history_order(const struct market_view *view, const struct query_answer *answer,
                   uint32_t row_index, struct order_view *order) {
    struct order_row row;

    rows_read_order(answer->result, (int)row_index, &row);
    if (row.status == ORDER_STATUS_REFUSED || row.instrument >= view->directory.instrument_count ||
        row.side > SIDE_SELL)
        return false;
    amount_t tick_lot_atoms =
        directory_instrument(&view->directory, row.instrument)->tick_lot_atoms;
    *order = (struct order_view){.order_no = row.order_no,
                                 .created_ns = row.created_ns,
                                 .updated_ns = row.updated_ns,
                                 .qty_lots = row.qty_lots,
                                 .left_lots = row.left_lots,
                                 .executed_lots = row.executed_lots,
                                 .executed_tick_lots = row.quote_atoms / tick_lot_atoms,
                                 .account = row.account,
                                 .price_ticks = row.price_ticks,
                                 .limit_ticks = row.limit_ticks,
                                 .trigger_ticks = row.trigger_ticks,
                                 .instrument = row.instrument,
                                 .side = row.side,
                                 .type = row.type,
                                 .tif = row.tif,
                                 .stp = row.stp,
                                 .post_only = row.post_only,
                                 .trigger = row.trigger,
                                 .status = (uint8_t)status_of_row(&row),
                                 .door = row.door,
                                 .client_order_id_length = row.client_order_id_length};
    memcpy(order->client_order_id, row.client_order_id, row.client_order_id_length);
    return true;
}

size_t history_fills(const struct query_answer *answer, uint32_t row_index, uint32_t account,
                     struct fill_view fills[2]) {
    struct trade_row row;
    size_t count = 0;

    rows_read_trade(answer->result, (int)row_index, &row);
    for (int is_maker = 0; is_maker <= 1; is_maker++) {
        if ((is_maker ? row.maker_account : row.taker_account) != account)
            continue;
        uint8_t maker_side = row.taker_side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
        fills[count++] =
            (struct fill_view){.match = row.match,
                               .record_seq = row.record_seq,
                               .time_ns = row.time_ns,
                               .order_no = is_maker ? row.maker_order_no : row.taker_order_no,
                               .qty_lots = row.qty_lots,
                               .fee_atoms = is_maker ? row.maker_fee_atoms : row.taker_fee_atoms,
                               .account = account,
                               .price_ticks = row.price_ticks,
                               .instrument = row.instrument,
                               .side = is_maker ? maker_side : row.taker_side,
                               .is_maker = is_maker != 0};
    }
    return count;
}
