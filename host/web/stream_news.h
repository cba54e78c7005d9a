/* News for the WebSockets: each message is written and framed once and copied to everyone who hears it. */
#ifndef WEB_STREAM_NEWS_H
#define WEB_STREAM_NEWS_H

#include "web/streams.h"

/* Candles that changed or ended by now; tickers that changed. */
void stream_news_candles(struct streams *streams, uint64_t now_s);
void stream_news_tickers(struct streams *streams);

#endif
