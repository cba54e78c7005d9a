/* The shapes of the API (docs/web-api.md), written from the views. */
#ifndef WEB_MARKET_JSON_H
#define WEB_MARKET_JSON_H

#include "feed/market_view.h"
#include "web/json_out.h"

void market_json_price(struct json_out *out, const struct listed_instrument *instrument,
                       uint32_t price_ticks);
void market_json_qty(struct json_out *out, const struct market_view *view,
                     const struct listed_instrument *instrument, uint64_t qty_lots);
/* tick_lots: a sum of price times quantity. */
void market_json_value(struct json_out *out, const struct market_view *view,
                       const struct listed_instrument *instrument, amount_t tick_lots);

/* ORDER; with_fills adds transactTime and the fills it had as a taker. */
void market_json_order(struct json_out *out, const struct market_view *view,
                       const struct order_view *order, bool with_fills);
void market_json_trade(struct json_out *out, const struct market_view *view, uint16_t instrument,
                       const struct trade_print *print);
void market_json_my_trade(struct json_out *out, const struct market_view *view,
                          const struct fill_view *fill);
void market_json_kline(struct json_out *out, const struct market_view *view, uint16_t instrument,
                       enum candle_interval interval, const struct candle *candle);
void market_json_ticker(struct json_out *out, const struct market_view *view, uint16_t instrument,
                        uint64_t now_s);
void market_json_instrument(struct json_out *out, const struct market_view *view,
                            uint16_t instrument);
void market_json_balance(struct json_out *out, const struct market_view *view,
                         const struct balance_view *balance);
/* [["100.00","10"],...] */
void market_json_levels(struct json_out *out, const struct market_view *view, uint16_t instrument,
                        const struct depth_level *levels, size_t level_count);

#endif
