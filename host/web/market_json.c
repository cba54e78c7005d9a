#include "web/market_json.h"

#include "core/matcher.h"

#define TICK_SCALE  8
#define FEE_SCALE   6 /* parts per million */
#define NS_PER_MS   1000000u
#define LOTS_MAX    UINT32_MAX
#define FILLS_MAX   100 /* of one answer */
#define RATIO_SCALE 3   /* percentages have three decimals */

static void time_key(struct json_out *out, const char *key, uint64_t time_ns) {
    json_out_key(out, key);
    json_out_integer(out, (int64_t)(time_ns / NS_PER_MS));
}

void market_json_price(struct json_out *out, const struct listed_instrument *instrument,
                       uint32_t price_ticks) {
    json_out_decimal_cut(out, (amount_t)price_ticks * instrument->tick_e8, TICK_SCALE,
                         instrument->price_decimals);
}

static void price_key(struct json_out *out, const char *key,
                      const struct listed_instrument *instrument, uint32_t price_ticks) {
    json_out_key(out, key);
    market_json_price(out, instrument, price_ticks);
}

void market_json_qty(struct json_out *out, const struct market_view *view,
                     const struct listed_instrument *instrument, uint64_t qty_lots) {
    json_out_decimal_cut(out, (amount_t)qty_lots * instrument->lot_atoms,
                         view->directory.assets[instrument->base_asset].decimals,
                         instrument->qty_decimals);
}

static void qty_key(struct json_out *out, const char *key, const struct market_view *view,
                    const struct listed_instrument *instrument, uint64_t qty_lots) {
    json_out_key(out, key);
    market_json_qty(out, view, instrument, qty_lots);
}

/* A product has no more decimals than its factors together. */
void market_json_value(struct json_out *out, const struct market_view *view,
                       const struct listed_instrument *instrument, amount_t tick_lots) {
    unsigned scale = view->directory.assets[instrument->quote_asset].decimals;
    unsigned shown = instrument->price_decimals + instrument->qty_decimals;

    json_out_decimal_cut(out, tick_lots * instrument->tick_lot_atoms, scale,
                         shown < scale ? shown : scale);
}

static void value_key(struct json_out *out, const char *key, const struct market_view *view,
                      const struct listed_instrument *instrument, amount_t tick_lots) {
    json_out_key(out, key);
    market_json_value(out, view, instrument, tick_lots);
}

static void string_key(struct json_out *out, const char *key, const char *text) {
    json_out_key(out, key);
    json_out_string(out, text);
}

static const char *status_word(uint8_t status) {
    switch ((enum order_view_status)status) {
    case ORDER_VIEW_PENDING:
    case ORDER_VIEW_WAITING:
    case ORDER_VIEW_OPEN: return "NEW";
    case ORDER_VIEW_PARTLY_FILLED: return "PARTIALLY_FILLED";
    case ORDER_VIEW_FILLED: return "FILLED";
    case ORDER_VIEW_CANCELLED: return "CANCELED";
    case ORDER_VIEW_REJECTED: return "REJECTED";
    case ORDER_VIEW_EXPIRED: return "EXPIRED";
    case ORDER_VIEW_EXPIRED_SELF_TRADE: return "EXPIRED_IN_MATCH";
    }
    return "NEW";
}

static const char *type_word(const struct order_view *order) {
    bool is_market = order->type == ORDER_TYPE_MARKET;

    if (order->trigger == TRIGGER_NONE) {
        if (is_market)
            return "MARKET";
        return order->post_only ? "LIMIT_MAKER" : "LIMIT";
    }
    bool is_stop = (order->side == SIDE_BUY) == (order->trigger == TRIGGER_ABOVE);
    if (is_stop)
        return is_market ? "STOP_LOSS" : "STOP_LOSS_LIMIT";
    return is_market ? "TAKE_PROFIT" : "TAKE_PROFIT_LIMIT";
}

static const char *tif_word(uint8_t tif) {
    static const char *const words[] = {"GTC", "IOC", "FOK"};
    return tif < 3 ? words[tif] : "GTC";
}

static const char *stp_word(uint8_t stp) {
    static const char *const words[] = {"NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH",
                                        "DECREMENT"};
    return stp < 5 ? words[stp] : "NONE";
}

static void fills_write(struct json_out *out, const struct market_view *view,
                        const struct order_view *order,
                        const struct listed_instrument *instrument) {
    const struct fill_view *fills[FILLS_MAX];
    const struct fill_view *fill = NULL;
    size_t count = 0;
    uint16_t received = order->side == SIDE_BUY ? instrument->base_asset : instrument->quote_asset;

    while (count < FILLS_MAX &&
           (fill = trades_view_next_fill(&view->trades, order->account, fill)) != NULL &&
           fill->record_seq > order->order_no)
        if (fill->order_no == order->order_no && !fill->is_maker)
            fills[count++] = fill;
    json_out_key(out, "fills");
    json_out_array(out);
    while (count-- > 0) {
        json_out_object(out);
        price_key(out, "price", instrument, fills[count]->price_ticks);
        qty_key(out, "qty", view, instrument, fills[count]->qty_lots);
        json_out_key(out, "commission");
        json_out_decimal(out, fills[count]->fee_atoms, view->directory.assets[received].decimals);
        string_key(out, "commissionAsset", view->directory.assets[received].name);
        json_out_key(out, "tradeId");
        json_out_integer(out, (int64_t)fills[count]->match);
        json_out_object_end(out);
    }
    json_out_array_end(out);
}

void market_json_order(struct json_out *out, const struct market_view *view,
                       const struct order_view *order, bool with_fills) {
    const struct listed_instrument *instrument =
        directory_instrument(&view->directory, order->instrument);

    json_out_object(out);
    string_key(out, "symbol", instrument->symbol);
    json_out_key(out, "orderId");
    json_out_integer(out, (int64_t)order->order_no);
    json_out_key(out, "orderListId");
    json_out_integer(out, -1);
    json_out_key(out, "clientOrderId");
    json_out_text(out, order->client_order_id, order->client_order_id_length);
    if (with_fills)
        time_key(out, "transactTime", order->updated_ns);
    price_key(out, "price", instrument, order->price_ticks);
    qty_key(out, "origQty", view, instrument, order->qty_lots);
    qty_key(out, "executedQty", view, instrument, order->executed_lots);
    value_key(out, "cummulativeQuoteQty", view, instrument, order->executed_tick_lots);
    string_key(out, "status", status_word(order->status));
    string_key(out, "timeInForce", tif_word(order->tif));
    string_key(out, "type", type_word(order));
    string_key(out, "side", order->side == SIDE_BUY ? "BUY" : "SELL");
    price_key(out, "stopPrice", instrument, order->trigger_ticks);
    qty_key(out, "icebergQty", view, instrument, 0);
    time_key(out, "time", order->created_ns);
    time_key(out, "updateTime", order->updated_ns);
    json_out_key(out, "isWorking");
    json_out_bool(out, order->status != ORDER_VIEW_WAITING);
    time_key(out, "workingTime", order->created_ns);
    value_key(out, "origQuoteOrderQty", view, instrument, 0);
    string_key(out, "selfTradePreventionMode", stp_word(order->stp));
    json_out_key(out, "user_id");
    json_out_quoted_integer(out, order->account);
    if (with_fills)
        fills_write(out, view, order, instrument);
    json_out_object_end(out);
}

void market_json_trade(struct json_out *out, const struct market_view *view, uint16_t index,
                       const struct trade_print *print) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);

    json_out_object(out);
    json_out_key(out, "id");
    json_out_integer(out, (int64_t)print->match);
    price_key(out, "price", instrument, print->price_ticks);
    qty_key(out, "qty", view, instrument, print->qty_lots);
    value_key(out, "quoteQty", view, instrument, (amount_t)print->price_ticks * print->qty_lots);
    time_key(out, "time", print->time_ns);
    json_out_key(out, "isBuyerMaker");
    json_out_bool(out, print->taker_side == SIDE_SELL);
    json_out_key(out, "isBestMatch");
    json_out_bool(out, true);
    json_out_object_end(out);
}

void market_json_my_trade(struct json_out *out, const struct market_view *view,
                          const struct fill_view *fill) {
    const struct listed_instrument *instrument =
        directory_instrument(&view->directory, fill->instrument);
    uint16_t received = fill->side == SIDE_BUY ? instrument->base_asset : instrument->quote_asset;

    json_out_object(out);
    string_key(out, "symbol", instrument->symbol);
    json_out_key(out, "id");
    json_out_integer(out, (int64_t)fill->match);
    json_out_key(out, "orderId");
    json_out_integer(out, (int64_t)fill->order_no);
    json_out_key(out, "orderListId");
    json_out_integer(out, -1);
    price_key(out, "price", instrument, fill->price_ticks);
    qty_key(out, "qty", view, instrument, fill->qty_lots);
    value_key(out, "quoteQty", view, instrument, (amount_t)fill->price_ticks * fill->qty_lots);
    json_out_key(out, "commission");
    json_out_decimal(out, fill->fee_atoms, view->directory.assets[received].decimals);
    string_key(out, "commissionAsset", view->directory.assets[received].name);
    time_key(out, "time", fill->time_ns);
    json_out_key(out, "isBuyer");
    json_out_bool(out, fill->side == SIDE_BUY);
    json_out_key(out, "isMaker");
    json_out_bool(out, fill->is_maker);
    json_out_key(out, "isBestMatch");
    json_out_bool(out, true);
    json_out_object_end(out);
}

void market_json_kline(struct json_out *out, const struct market_view *view, uint16_t index,
                       enum candle_interval interval, const struct candle *candle) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);
    uint64_t open_ms = candle->open_s * 1000;

    json_out_array(out);
    json_out_integer(out, (int64_t)open_ms);
    market_json_price(out, instrument, candle->open_ticks);
    market_json_price(out, instrument, candle->high_ticks);
    market_json_price(out, instrument, candle->low_ticks);
    market_json_price(out, instrument, candle->close_ticks);
    market_json_qty(out, view, instrument, candle->volume_lots);
    json_out_integer(out, (int64_t)(open_ms + candle_interval_s(interval) * UINT64_C(1000) - 1));
    market_json_value(out, view, instrument, candle->volume_tick_lots);
    json_out_integer(out, candle->trade_count);
    market_json_qty(out, view, instrument, candle->taker_buy_lots);
    market_json_value(out, view, instrument, candle->taker_buy_tick_lots);
    json_out_string(out, "0");
    json_out_array_end(out);
}

static void ticker_change(struct json_out *out, const struct listed_instrument *instrument,
                          const struct ticker *ticker) {
    amount_t before = ticker->close_before_ticks;
    amount_t change = (amount_t)ticker->day.close_ticks - before;
    amount_t lots = ticker->day.volume_lots;
    amount_t average_e8 = lots == 0 ? 0 : ticker->day.volume_tick_lots * instrument->tick_e8 / lots;

    if (before == 0)
        change = 0;
    json_out_key(out, "priceChange");
    json_out_decimal_cut(out, change * instrument->tick_e8, TICK_SCALE, instrument->price_decimals);
    json_out_key(out, "priceChangePercent");
    json_out_decimal(out, before == 0 ? 0 : change * 100000 / before, RATIO_SCALE);
    json_out_key(out, "weightedAvgPrice");
    json_out_decimal(out, average_e8, TICK_SCALE);
}

void market_json_ticker(struct json_out *out, const struct market_view *view, uint16_t index,
                        uint64_t now_s) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);
    struct ticker ticker;
    uint64_t last_lots = 0;

    ticker_read(&view->candles[index], now_s, &ticker);
    if (trades_view_count(&view->trades, index) > 0)
        last_lots = trades_view_print(&view->trades, index, 0)->qty_lots;
    json_out_object(out);
    string_key(out, "symbol", instrument->symbol);
    ticker_change(out, instrument, &ticker);
    price_key(out, "prevClosePrice", instrument, ticker.close_before_ticks);
    price_key(out, "lastPrice", instrument, ticker.day.close_ticks);
    qty_key(out, "lastQty", view, instrument, last_lots);
    price_key(out, "bidPrice", instrument, instrument->bid_ticks);
    qty_key(out, "bidQty", view, instrument, instrument->bid_qty_lots);
    price_key(out, "askPrice", instrument, instrument->ask_ticks);
    qty_key(out, "askQty", view, instrument, instrument->ask_qty_lots);
    price_key(out, "openPrice", instrument, ticker.day.open_ticks);
    price_key(out, "highPrice", instrument, ticker.day.high_ticks);
    price_key(out, "lowPrice", instrument, ticker.day.low_ticks);
    qty_key(out, "volume", view, instrument, ticker.day.volume_lots);
    value_key(out, "quoteVolume", view, instrument, ticker.day.volume_tick_lots);
    json_out_key(out, "openTime");
    json_out_integer(out, (int64_t)(ticker.open_time_s * 1000));
    json_out_key(out, "closeTime");
    json_out_integer(out, (int64_t)(ticker.close_time_s * 1000));
    json_out_key(out, "firstId");
    json_out_integer(out, ticker.day.trade_count == 0 ? -1 : (int64_t)ticker.day.first_match);
    json_out_key(out, "lastId");
    json_out_integer(out, ticker.day.trade_count == 0 ? -1 : (int64_t)ticker.day.last_match);
    json_out_key(out, "count");
    json_out_integer(out, ticker.day.trade_count);
    json_out_object_end(out);
}

static const char *state_word(uint8_t state) {
    switch ((enum trading_state)state) {
    case STATE_OPEN: return "TRADING";
    case STATE_HALTED: return "HALT";
    case STATE_CLOSED: return "BREAK";
    }
    return "BREAK";
}

void market_json_instrument(struct json_out *out, const struct market_view *view, uint16_t index) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);
    const struct listed_asset *assets = view->directory.assets;
    uint64_t last_ticks = instrument->band_base_ticks + (UINT64_C(1) << instrument->k) - 1;

    json_out_object(out);
    string_key(out, "symbol", instrument->symbol);
    string_key(out, "status", state_word(instrument->state));
    string_key(out, "baseAsset", assets[instrument->base_asset].name);
    string_key(out, "quoteAsset", assets[instrument->quote_asset].name);
    price_key(out, "tickSize", instrument, 1);
    qty_key(out, "stepSize", view, instrument, 1);
    json_out_key(out, "minNotional");
    json_out_decimal(out, instrument->min_notional_atoms, assets[instrument->quote_asset].decimals);
    price_key(out, "minPrice", instrument, instrument->band_base_ticks);
    price_key(out, "maxPrice", instrument,
              last_ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)last_ticks);
    qty_key(out, "maxQty", view, instrument,
            instrument->max_order_lots == 0 ? LOTS_MAX : instrument->max_order_lots);
    json_out_key(out, "makerFee");
    json_out_decimal(out, instrument->maker_fee_ppm, FEE_SCALE);
    json_out_key(out, "takerFee");
    json_out_decimal(out, instrument->taker_fee_ppm, FEE_SCALE);
    json_out_key(out, "pricePrecision");
    json_out_integer(out, instrument->price_decimals);
    json_out_key(out, "quantityPrecision");
    json_out_integer(out, instrument->qty_decimals);
    json_out_object_end(out);
}

void market_json_balance(struct json_out *out, const struct market_view *view,
                         const struct balance_view *balance) {
    const struct listed_asset *asset = &view->directory.assets[balance->asset];

    json_out_object(out);
    string_key(out, "asset", asset->name);
    json_out_key(out, "free");
    json_out_decimal(out, balance->available_atoms, asset->decimals);
    json_out_key(out, "locked");
    json_out_decimal(out, balance->held_atoms, asset->decimals);
    json_out_object_end(out);
}

void market_json_levels(struct json_out *out, const struct market_view *view, uint16_t index,
                        const struct depth_level *levels, size_t level_count) {
    const struct listed_instrument *instrument = directory_instrument(&view->directory, index);

    json_out_array(out);
    for (size_t i = 0; i < level_count; i++) {
        json_out_array(out);
        market_json_price(out, instrument, levels[i].price_ticks);
        market_json_qty(out, view, instrument, levels[i].qty_lots);
        json_out_array_end(out);
    }
    json_out_array_end(out);
}
