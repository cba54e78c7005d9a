#include "feed/tickers.h"

#include <string.h>

static void day_fold(struct candle *day, const struct candle *minute) {
    if (day->trade_count == 0) {
        *day = *minute;
        return;
    }
    if (day->high_ticks < minute->high_ticks)
        day->high_ticks = minute->high_ticks;
    if (day->low_ticks > minute->low_ticks)
        day->low_ticks = minute->low_ticks;
    day->close_ticks = minute->close_ticks;
    day->volume_lots += minute->volume_lots;
    day->taker_buy_lots += minute->taker_buy_lots;
    day->volume_tick_lots += minute->volume_tick_lots;
    day->taker_buy_tick_lots += minute->taker_buy_tick_lots;
    day->trade_count += minute->trade_count;
    day->last_match = minute->last_match;
}

void ticker_read(const struct candles *candles, uint64_t now_s, struct ticker *ticker) {
    uint64_t minute_s = now_s - now_s % 60;
    uint64_t window_s = (TICKER_MINUTES - 1) * UINT64_C(60);
    uint64_t first_s = minute_s > window_s ? minute_s - window_s : 0;
    struct candle minutes[TICKER_MINUTES + 1];
    size_t count = candles_read(candles, CANDLE_1M,
                                (struct candle_range){.from_s = CANDLE_NO_LIMIT, .to_s = minute_s},
                                minutes, TICKER_MINUTES + 1);

    memset(ticker, 0, sizeof *ticker);
    ticker->open_time_s = first_s;
    ticker->close_time_s = now_s;
    for (size_t i = 0; i < count; i++) {
        if (minutes[i].open_s < first_s)
            ticker->close_before_ticks = minutes[i].close_ticks;
        else if (minutes[i].trade_count > 0)
            day_fold(&ticker->day, &minutes[i]);
    }
    if (ticker->close_before_ticks == 0)
        ticker->close_before_ticks = ticker->day.open_ticks;
    if (ticker->day.trade_count == 0 && count > 0) {
        uint32_t last_ticks = minutes[count - 1].close_ticks;
        ticker->day.open_ticks = ticker->day.high_ticks = last_ticks;
        ticker->day.low_ticks = ticker->day.close_ticks = last_ticks;
    }
}
