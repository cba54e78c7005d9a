/* What happened longer ago than the views remember. From PostgreSQL when it is there, else what the views have:
 * the answer's header X-History-Source says which. The one place that decides between the two. */
#ifndef WEB_HISTORY_H
#define WEB_HISTORY_H

#include "feed/market_view.h"

enum history_source { HISTORY_WINDOW, HISTORY_DATABASE };

/* For the header and for /health. */
const char *history_source_name(enum history_source source);

struct history {
    bool has_database;
};

/* Fills `candles` (oldest first) and says how many in *count. */
enum history_source history_candles(struct history *history, const struct market_view *view,
                                    uint16_t instrument, enum candle_interval interval,
                                    struct candle_range range, struct candle *candles, size_t max,
                                    size_t *count);

#endif
