#include "web/stream_news.h"

#include <string.h>

#include "web/market_json.h"
#include "web/web.h"
#include "web/ws_channels.h"
#include "web/ws_simple.h"

#define NS_PER_MS 1000000u
#define NS_PER_S  UINT64_C(1000000000)

static bool set_is_empty(const struct stream_set *set) {
    return stream_set_next(set, 0) == WS_CONNECTIONS_MAX;
}

static void stale_mark(struct streams *streams, struct ws_connection *connection,
                       struct subscription *subscription) {
    if (!subscription->is_stale)
        connection->stale_count++;
    subscription->is_stale = true;
    stream_set_put(&streams->touched, connection->index);
}

/* Public news to one reader: queued, or skipped and made good later. */
static void deliver(struct streams *streams, struct ws_connection *connection,
                    const struct subscription *wanted, size_t frame_bytes) {
    if (connection->stale_count > 0 || ws_connection_is_slow(connection)) {
        struct subscription *own =
            ws_connection_find(connection, wanted->topic, wanted->instrument, wanted->account);
        if (own != NULL && (own->is_stale || ws_connection_is_slow(connection))) {
            stale_mark(streams, connection, own);
            return;
        }
    }
    ws_connection_queue(connection, streams->frame, frame_bytes);
    stream_set_put(&streams->touched, connection->index);
}

static void publish(struct streams *streams, const struct stream_set *set,
                    const struct subscription *wanted, const struct json_out *out) {
    size_t count = ws_frame_make(streams->frame, out->bytes, out->used);

    for (uint32_t i = stream_set_next(set, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(set, i + 1))
        deliver(streams, streams->connections[i], wanted, count);
}

static void depth_changes_write(struct json_out *out, struct market_view *view, uint16_t instrument,
                                const struct depth_price *prices, size_t count) {
    static struct depth_level levels[DEPTH_CHANGES_MAX];

    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        size_t level_count = 0;
        for (size_t i = 0; i < count; i++)
            if (prices[i].side == (uint32_t)side)
                levels[level_count++] = (struct depth_level){
                    .price_ticks = prices[i].price_ticks,
                    .qty_lots = depth_qty_lots(&view->depth, instrument, (enum side)side,
                                               prices[i].price_ticks)};
        json_out_key(out, side == SIDE_BUY ? "bids" : "asks");
        market_json_levels(out, view, instrument, levels, level_count);
    }
}

void streams_publish_depth(struct streams *streams, uint16_t instrument) {
    static struct depth_price prices[DEPTH_CHANGES_MAX];
    struct market_view *view = &streams->web->view;
    const struct subscription wanted = {.topic = TOPIC_DEPTH, .instrument = instrument};
    const struct stream_set *set = &streams->books[TOPIC_DEPTH][instrument];
    uint64_t first_seq = streams->published_seq[instrument] + 1;
    struct json_out out;

    if (view->last_change_seq[instrument] < first_seq)
        return;
    streams->published_seq[instrument] = view->last_change_seq[instrument];
    size_t count = depth_changes_take(&view->depth, instrument, prices);
    if (set_is_empty(set))
        return;
    if (count == DEPTH_CHANGES_LOST) {
        for (uint32_t i = stream_set_next(set, 0); i < WS_CONNECTIONS_MAX;
             i = stream_set_next(set, i + 1)) {
            struct ws_connection *connection = streams->connections[i];
            stale_mark(streams, connection,
                       ws_connection_find(connection, TOPIC_DEPTH, instrument, 0));
        }
        return;
    }
    out = streams_text(streams);
    ws_channels_open(&out, view, &wanted, "update");
    json_out_object(&out);
    json_out_key(&out, "U");
    json_out_integer(&out, (int64_t)first_seq);
    json_out_key(&out, "u");
    json_out_integer(&out, (int64_t)streams->published_seq[instrument]);
    json_out_key(&out, "time");
    json_out_integer(&out, (int64_t)(view->time_ns / NS_PER_MS));
    depth_changes_write(&out, view, instrument, prices, count);
    json_out_object_end(&out);
    json_out_object_end(&out);
    publish(streams, set, &wanted, &out);
}

static void candle_publish(struct streams *streams, uint16_t instrument,
                           enum candle_interval interval, const struct candle *candle,
                           bool is_closed) {
    const struct subscription wanted = {.topic = (uint8_t)(TOPIC_CANDLE + interval),
                                        .instrument = instrument};
    struct json_out out = streams_text(streams);

    ws_channels_candle(&out, &streams->web->view, instrument, interval, candle, is_closed);
    publish(streams, &streams->books[wanted.topic][instrument], &wanted, &out);
}

static void candle_close(struct streams *streams, uint16_t instrument,
                         enum candle_interval interval, uint64_t open_s) {
    struct candle candle;

    if (candles_read(&streams->web->view.candles[instrument], interval,
                     (struct candle_range){open_s, open_s}, &candle, 1) == 1)
        candle_publish(streams, instrument, interval, &candle, true);
}

/* The live candle while it changes, and each once more when it has ended: also one whose only trades came between
 * the last look and its end. */
static void candle_news(struct streams *streams, uint16_t instrument, enum candle_interval interval,
                        uint64_t now_s) {
    const struct market_view *view = &streams->web->view;
    uint64_t *sent_s = &streams->candle_open_s[instrument][interval];
    uint32_t width_s = candle_interval_s(interval);
    uint64_t open_s = now_s - now_s % width_s;
    uint64_t closed_s = 0;
    struct candle candle;

    if (set_is_empty(&streams->books[TOPIC_CANDLE + interval][instrument])) {
        *sent_s = 0;
        return;
    }
    if (*sent_s != 0 && *sent_s < open_s) {
        closed_s = *sent_s;
        candle_close(streams, instrument, interval, closed_s);
        *sent_s = 0;
    }
    if (!streams->candle_is_dirty[instrument])
        return;
    uint64_t last_s = trades_view_print(&view->trades, instrument, 0)->time_ns / NS_PER_S;
    last_s -= last_s % width_s;
    if (last_s < open_s) {
        if (last_s != closed_s)
            candle_close(streams, instrument, interval, last_s);
        return;
    }
    if (candles_read(&view->candles[instrument], interval, (struct candle_range){last_s, last_s},
                     &candle, 1) == 1) {
        candle_publish(streams, instrument, interval, &candle, false);
        *sent_s = last_s;
    }
}

void stream_news_candles(struct streams *streams, uint64_t now_s) {
    for (uint16_t i = 0; i < streams->web->view.directory.instrument_count; i++) {
        for (int interval = 0; interval < CANDLE_INTERVAL_COUNT; interval++)
            candle_news(streams, i, (enum candle_interval)interval, now_s);
        streams->candle_is_dirty[i] = false;
    }
}

void stream_news_tickers(struct streams *streams) {
    const struct market_view *view = &streams->web->view;

    for (uint16_t i = 0; i < view->directory.instrument_count; i++) {
        struct subscription wanted = {.topic = TOPIC_TICKER, .instrument = i};
        struct subscription all = {.topic = TOPIC_ALL_TICKERS, .instrument = INSTRUMENT_NONE};
        const struct stream_set *set = &streams->books[TOPIC_TICKER][i];
        if (!streams->ticker_is_dirty[i])
            continue;
        streams->ticker_is_dirty[i] = false;
        if (!set_is_empty(set)) {
            struct json_out out = streams_text(streams);
            ws_channels_open(&out, view, &wanted, "ticker");
            market_json_ticker(&out, view, i, web_now_s());
            json_out_object_end(&out);
            publish(streams, set, &wanted, &out);
        }
        if (!set_is_empty(&streams->all_tickers)) {
            struct json_out out = streams_text(streams);
            ws_channels_open(&out, view, &all, "ticker");
            market_json_ticker(&out, view, i, web_now_s());
            json_out_object_end(&out);
            publish(streams, &streams->all_tickers, &all, &out);
        }
    }
}

static void trade_news(struct streams *streams, const struct trade_record *record) {
    const struct market_view *view = &streams->web->view;
    uint16_t instrument = record->head.instrument;
    const struct subscription wanted = {.topic = TOPIC_TRADE, .instrument = instrument};
    const struct stream_set *set = &streams->books[TOPIC_TRADE][instrument];
    struct json_out out;

    if (!set_is_empty(set)) {
        out = streams_text(streams);
        ws_channels_open(&out, view, &wanted, "trade");
        market_json_trade(&out, view, instrument, trades_view_print(&view->trades, instrument, 0));
        json_out_object_end(&out);
        publish(streams, set, &wanted, &out);
    }
    if (set_is_empty(&streams->simples))
        return;
    out = streams_text(streams);
    ws_simple_trades(&out, view, instrument, 1);
    for (uint32_t i = stream_set_next(&streams->simples, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->simples, i + 1)) {
        struct ws_connection *connection = streams->connections[i];
        if (connection->simple.instrument != instrument)
            continue;
        if (ws_connection_is_slow(connection))
            connection->simple.has_missed_trades = true;
        else
            streams_send(streams, connection, &out);
    }
}

static void account_publish(struct streams *streams, uint32_t account, const struct json_out *out) {
    for (uint32_t i = stream_set_next(&streams->users, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->users, i + 1))
        if (ws_connection_find(streams->connections[i], TOPIC_USER, INSTRUMENT_NONE, account))
            streams_send(streams, streams->connections[i], out);
}

static bool account_is_watched(const struct streams *streams, uint32_t account) {
    for (uint32_t i = stream_set_next(&streams->users, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->users, i + 1))
        if (ws_connection_find(streams->connections[i], TOPIC_USER, INSTRUMENT_NONE, account))
            return true;
    return false;
}

static struct json_out account_text(struct streams *streams, uint32_t account, const char *event) {
    const struct subscription wanted = {
        .topic = TOPIC_USER, .instrument = INSTRUMENT_NONE, .account = account};
    struct json_out out = streams_text(streams);

    ws_channels_open(&out, &streams->web->view, &wanted, event);
    return out;
}

static void order_news(struct streams *streams, uint64_t order_no) {
    const struct market_view *view = &streams->web->view;
    const struct order_view *order = orders_view_find(&view->orders, order_no);
    struct json_out out;

    if (order == NULL)
        return;
    if (account_is_watched(streams, order->account)) {
        out = account_text(streams, order->account, "order");
        market_json_order(&out, view, order, false);
        json_out_object_end(&out);
        account_publish(streams, order->account, &out);
    }
    for (uint32_t i = stream_set_next(&streams->simples, 0); i < WS_CONNECTIONS_MAX;
         i = stream_set_next(&streams->simples, i + 1)) {
        if (streams->connections[i]->simple.account != order->account)
            continue;
        out = streams_text(streams);
        json_out_object(&out);
        json_out_key(&out, "order");
        market_json_order(&out, view, order, false);
        json_out_object_end(&out);
        streams_send(streams, streams->connections[i], &out);
    }
}

static void fill_news(struct streams *streams, uint32_t account, uint64_t order_no) {
    const struct market_view *view = &streams->web->view;
    const struct fill_view *fill = NULL;

    if (!account_is_watched(streams, account))
        return;
    do
        fill = trades_view_next_fill(&view->trades, account, fill);
    while (fill != NULL && fill->order_no != order_no);
    if (fill == NULL)
        return;
    struct json_out out = account_text(streams, account, "trade");
    market_json_my_trade(&out, view, fill);
    json_out_object_end(&out);
    account_publish(streams, account, &out);
}

static void balance_news(struct streams *streams) {
    const struct market_view *view = &streams->web->view;

    for (uint32_t i = 0; i < view->balances.touched_count; i++) {
        const struct balance_view *balance = &view->balances.balances[view->balances.touched[i]];
        if (!account_is_watched(streams, balance->account))
            continue;
        struct json_out out = account_text(streams, balance->account, "balance");
        market_json_balance(&out, view, balance);
        json_out_object_end(&out);
        account_publish(streams, balance->account, &out);
    }
}

static void private_news(struct streams *streams, const union record *record) {
    switch (record->head.kind) {
    case RECORD_COMMAND:
        if (record->request.verdict == 0 && record->command.op == COMMAND_NEW &&
            record->command.seq == 0)
            order_news(streams, record->head.record_seq);
        break;
    case RECORD_ACCEPTED: order_news(streams, record->accepted.order_no); break;
    case RECORD_TRADE:
        order_news(streams, record->trade.maker_order_no);
        order_news(streams, record->trade.taker_order_no);
        fill_news(streams, record->trade.maker_account, record->trade.maker_order_no);
        fill_news(streams, record->trade.taker_account, record->trade.taker_order_no);
        break;
    case RECORD_CANCELLED:
    case RECORD_REDUCED: order_news(streams, record->cancelled.order_no); break;
    case RECORD_REJECTED: order_news(streams, record->rejected.order_no); break;
    default: break;
    }
    balance_news(streams);
}

void streams_record(struct streams *streams, const union record *record) {
    switch (record->head.kind) {
    case RECORD_TRADE:
        streams->candle_is_dirty[record->head.instrument] = true;
        streams->ticker_is_dirty[record->head.instrument] = true;
        trade_news(streams, &record->trade);
        break;
    case RECORD_RESTED:
    case RECORD_CANCELLED:
    case RECORD_REDUCED: streams->ticker_is_dirty[record->head.instrument] = true; break;
    default: break;
    }
    if (!set_is_empty(&streams->users) || !set_is_empty(&streams->simples))
        private_news(streams, record);
}
