/* The channels (docs/web-api.md §4): subscribing, and the snapshot that opens each. */
#ifndef WEB_WS_CHANNELS_H
#define WEB_WS_CHANNELS_H

#include "web/streams.h"

/* A whole message of the client. */
void ws_channels_message(struct streams *streams, struct ws_connection *connection,
                         const char *text, size_t length);
/* What a new subscription, or a stale one, begins with. */
void ws_channels_snapshot(struct streams *streams, struct ws_connection *connection,
                          const struct subscription *subscription);

/* {"channel":"depth.TATA_INR","event":"update","data": ... ends with json_object_end. */
void ws_channels_open(struct json_out *out, const struct market_view *view,
                      const struct subscription *subscription, const char *event);
/* A candle's message, closed or live. */
void ws_channels_candle(struct json_out *out, const struct market_view *view, uint16_t instrument,
                        enum candle_interval interval, const struct candle *candle, bool is_closed);

#endif
