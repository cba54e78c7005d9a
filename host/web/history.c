#include "web/history.h"

const char *history_source_name(enum history_source source) {
    return source == HISTORY_DATABASE ? "database" : "window";
}

enum history_source history_candles(struct history *history, const struct market_view *view,
                                    uint16_t instrument, enum candle_interval interval,
                                    struct candle_range range, struct candle *candles, size_t max,
                                    size_t *count) {
    history->has_database = false;
    *count = candles_read(&view->candles[instrument], interval, range, candles, max);
    return HISTORY_WINDOW;
}
