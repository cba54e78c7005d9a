/* One WebSocket: what waits to be sent to it, and what it asked for.
 *
 * Messages wait as whole frames in one buffer and leave in batches by direct writes, as long as the socket takes
 * them: one write carries what a batch of journal records brought. A client that does not read fills its buffer;
 * beyond WS_CONFLATE_BYTES public news is skipped and its subscription marked stale (a snapshot makes it good when
 * the buffer has drained), beyond WS_QUEUE_BYTES_MAX it is closed with 1013. */
#ifndef WEB_WS_CONNECTION_H
#define WEB_WS_CONNECTION_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed/candles.h"
#include "web/limits.h"

#define WS_CLOSE_POLICY     1008
#define WS_CLOSE_TOO_LARGE  1009
#define WS_CLOSE_OVERRUN    1013 /* try again later */
#define WS_CLOSE_PATIENCE_S 5    /* for the closing handshake; then cut */

/* What may be subscribed. The first ones are per instrument. */
enum topic {
    TOPIC_DEPTH,
    TOPIC_TRADE,
    TOPIC_TICKER,
    TOPIC_CANDLE, /* + enum candle_interval */
    TOPIC_BOOK_COUNT = TOPIC_CANDLE + CANDLE_INTERVAL_COUNT,
    TOPIC_ALL_TICKERS = TOPIC_BOOK_COUNT,
    TOPIC_USER,
    TOPIC_STATUS,
    TOPIC_COUNT
};

struct subscription {
    uint8_t topic;
    bool is_stale;
    uint16_t instrument;
    uint32_t account; /* TOPIC_USER */
};

enum ws_kind { WS_CHANNELS, WS_SIMPLE };

/* The one-socket exchange (ws_simple.h). */
struct simple_state {
    uint32_t account; /* the guest; 0 = none */
    uint32_t step_ticks;
    uint32_t interval_ms;
    uint16_t instrument;
    bool has_missed_trades;
    uint64_t next_book_ms;
    uint64_t book_seq; /* of the book sent last */
};

struct ws_connection {
    struct lws *wsi;
    uint32_t index;
    uint32_t generation;
    enum ws_kind kind;
    bool is_local;
    bool is_writing_asked; /* a writeable callback will come */
    bool is_overrun;       /* does not read: hung up without waiting for its queue */
    uint16_t
        close_code; /* 0: stays open; else closed when the queue is empty, or at once when overrun */
    unsigned char *queue; /* begins after LWS_PRE bytes */
    size_t queue_max;
    size_t queued_bytes;
    size_t sent_bytes;
    char message[WS_MESSAGE_BYTES_MAX];
    size_t message_bytes;
    uint64_t rate_second;
    uint32_t rate_count;
    struct subscription subscriptions[WS_SUBSCRIPTIONS_MAX];
    uint32_t subscription_count;
    uint32_t stale_count;
    struct simple_state simple;
};

/* A frame around `count` bytes of text, into `frame` (10 bytes longer); returns its length. */
#define WS_FRAME_HEAD_MAX 10
size_t ws_frame_make(unsigned char *frame, const char *text, size_t count);

/* Takes whole frames. What does not fit any more closes the connection (overrun). */
void ws_connection_queue(struct ws_connection *connection, const unsigned char *frames,
                         size_t count);
bool ws_connection_is_slow(const struct ws_connection *connection);
bool ws_connection_is_empty(const struct ws_connection *connection);
/* Sends what the socket takes now, and asks to be called for the rest. Anywhere on the loop's thread. */
void ws_connection_flush(struct ws_connection *connection);
/* To be closed as soon as the next writeable callback comes. */
void ws_connection_close_with(struct ws_connection *connection, uint16_t code);

struct subscription *ws_connection_find(struct ws_connection *connection, uint8_t topic,
                                        uint16_t instrument, uint32_t account);

#endif
