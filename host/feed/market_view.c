#include "feed/market_view.h"

#include "base/check.h"

size_t market_view_bytes(const struct feed_limits *limits) {
    return directory_bytes(limits) + orders_view_bytes(limits) + depth_bytes(limits) +
           balances_view_bytes(limits) + trades_view_bytes(limits) +
           limits->instrument_max *
               (sizeof(struct candles) + candles_bytes(limits->candle_max) + sizeof(uint64_t)) +
           512;
}

void market_view_init(struct market_view *view, struct arena *arena,
                      const struct feed_limits *limits) {
    directory_init(&view->directory, arena, limits);
    orders_view_init(&view->orders, arena, limits);
    depth_init(&view->depth, arena, limits);
    balances_view_init(&view->balances, arena, limits);
    trades_view_init(&view->trades, arena, limits);
    view->instrument_max = limits->instrument_max;
    view->candles = arena_take(arena, limits->instrument_max * sizeof *view->candles, 64);
    for (uint32_t i = 0; i < limits->instrument_max; i++)
        candles_init(&view->candles[i], arena, limits->candle_max);
    view->last_change_seq =
        arena_take(arena, limits->instrument_max * sizeof *view->last_change_seq, 64);
    view->record_seq = 0;
    view->time_ns = 0;
    view->epoch = 0;
}

static void take_trade(struct market_view *view, const struct trade_record *record) {
    enum side maker_side = record->taker_side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;

    depth_remove(&view->depth, record->head.instrument, maker_side, record->price_ticks,
                 record->qty_lots);
    candles_trade(&view->candles[record->head.instrument],
                  &(struct candle_trade){.time_ns = record->head.time_ns,
                                         .match = record->match,
                                         .qty_lots = record->qty_lots,
                                         .price_ticks = record->price_ticks,
                                         .taker_side = record->taker_side});
}

/* What leaves the book; an order that never rested (a taker's remainder, a waiting stop) takes nothing along. */
static void take_cancelled(struct market_view *view, const struct cancelled_record *record) {
    const struct order_view *order = orders_view_find(&view->orders, record->order_no);

    if (order == NULL || !order->resting)
        return;
    depth_remove(&view->depth, order->instrument, (enum side)order->side, order->price_ticks,
                 record->taken_lots);
}

/* Before the orders view takes the record: it forgets what rested where. */
static void take_depth(struct market_view *view, const union record *record) {
    switch (record->head.kind) {
    case RECORD_RESTED:
        depth_add(&view->depth, record->head.instrument, (enum side)record->rested.side,
                  record->rested.price_ticks, record->rested.qty_lots);
        break;
    case RECORD_TRADE: take_trade(view, &record->trade); break;
    case RECORD_CANCELLED:
    case RECORD_REDUCED: take_cancelled(view, &record->cancelled); break;
    default: return;
    }
    view->last_change_seq[record->head.instrument] = record->head.record_seq;
}

void market_view_record(struct market_view *view, const union record *record) {
    check(record_units(record->head.kind) != 0);
    check(record->head.record_seq == view->record_seq + 1);
    view->record_seq = record->head.record_seq;
    view->time_ns = record->head.time_ns;
    view->epoch = record->head.epoch;

    directory_record(&view->directory, record);
    take_depth(view, record);
    orders_view_record(&view->orders, record);
    balances_view_record(&view->balances, &view->directory, record);
    trades_view_record(&view->trades, record);
}
