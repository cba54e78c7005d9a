/* The one-socket exchange (docs/web-api.md §5): an account for as long as the socket is open. */
#ifndef WEB_WS_SIMPLE_H
#define WEB_WS_SIMPLE_H

#include "web/streams.h"

/* The socket is open; `parameters` is what its address asked for (market, step, interval). */
struct parameters;
void ws_simple_open(struct streams *streams, struct ws_connection *connection,
                    const struct parameters *parameters);
void ws_simple_close(struct streams *streams, struct ws_connection *connection);
void ws_simple_message(struct streams *streams, struct ws_connection *connection, const char *text,
                       size_t length);
/* Sends what is due: the book, trades that were missed. */
void ws_simple_tick(struct streams *streams, struct ws_connection *connection, uint64_t now_ms);
void ws_simple_trades(struct json_out *out, const struct market_view *view, uint16_t instrument,
                      uint32_t newest_count);
void ws_simple_error(struct streams *streams, struct ws_connection *connection,
                     const struct api_error *error);

#endif
