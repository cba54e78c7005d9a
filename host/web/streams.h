/* All WebSockets: who is connected, who hears what, and what is said when.
 *
 *     a record      trades, orders, balances     queued at once, written when the batch of records is read
 *     every 50 ms   changed depth                each change once, the newest total
 *     every 250 ms  candles that changed
 *     every second  tickers that changed, guests to be swept
 *
 * A message is written and framed once, and copied to each of its readers. */
#ifndef WEB_STREAMS_H
#define WEB_STREAMS_H

#include "core/record.h"
#include "feed/market_view.h"
#include "web/guests.h"
#include "web/pending.h"
#include "web/ws_connection.h"

struct web;

#define STREAM_SET_WORDS  (WS_CONNECTIONS_MAX / 64)
#define STREAM_TEXT_BYTES 262144 /* no message is longer: check */

/* A set of connections by index. */
struct stream_set {
    uint64_t words[STREAM_SET_WORDS];
};

struct streams {
    struct web *web;
    struct ws_connection *connections[WS_CONNECTIONS_MAX];
    uint32_t generations[WS_CONNECTIONS_MAX];
    struct stream_set books[TOPIC_BOOK_COUNT][INSTRUMENT_MAX];
    struct stream_set all_tickers;
    struct stream_set users;
    struct stream_set status;
    struct stream_set simples;
    struct stream_set touched;              /* have something to be flushed */
    uint64_t published_seq[INSTRUMENT_MAX]; /* `u` of the last depth update */
    uint64_t candle_open_s[INSTRUMENT_MAX]
                          [CANDLE_INTERVAL_COUNT]; /* the live one last sent; 0 = none */
    bool candle_is_dirty[INSTRUMENT_MAX];
    bool ticker_is_dirty[INSTRUMENT_MAX];
    struct guests guests;
    uint64_t turn_count;
    char text[STREAM_TEXT_BYTES];
    unsigned char frame[STREAM_TEXT_BYTES + WS_FRAME_HEAD_MAX];
};

/* NULL when memory runs out. */
struct streams *streams_open(struct web *web);
void streams_close(struct streams *streams);

/* NULL: WS_CONNECTIONS_MAX are there already. */
struct ws_connection *streams_connect(struct streams *streams, struct lws *wsi, enum ws_kind kind,
                                      bool is_local);
void streams_disconnect(struct streams *streams, struct ws_connection *connection);
/* A piece of a message; `is_last` ends it. */
void streams_receive(struct streams *streams, struct ws_connection *connection, const char *bytes,
                     size_t count, bool is_last);
/* The socket takes more. False: hang up. */
bool streams_writeable(struct streams *streams, struct ws_connection *connection);

/* The view has taken the record. */
void streams_record(struct streams *streams, const union record *record);
/* After a batch of records, and after each timer: writes what was queued. */
void streams_flush(struct streams *streams);
void streams_tick(struct streams *streams); /* every DEPTH_INTERVAL_MS */
void streams_second(struct streams *streams);
/* The exchange came or went. */
void streams_status(struct streams *streams);
/* What became of a command that came by WebSocket. */
void streams_outcome(struct streams *streams, const struct waiter *waiter,
                     const struct api_error *error);

/* For the faces (ws_channels.c, ws_simple.c). */
void streams_send(struct streams *streams, struct ws_connection *connection,
                  const struct json_out *out);
void streams_subscribe(struct streams *streams, struct ws_connection *connection,
                       const struct subscription *subscription);
void streams_unsubscribe(struct streams *streams, struct ws_connection *connection,
                         struct subscription *subscription);
/* Brings everyone's depth of an instrument up to now, so that a snapshot and the next update meet. */
void streams_publish_depth(struct streams *streams, uint16_t instrument);
struct json_out streams_text(struct streams *streams);

static inline void stream_set_put(struct stream_set *set, uint32_t index) {
    set->words[index / 64] |= UINT64_C(1) << index % 64;
}
static inline void stream_set_remove(struct stream_set *set, uint32_t index) {
    set->words[index / 64] &= ~(UINT64_C(1) << index % 64);
}
static inline bool stream_set_has(const struct stream_set *set, uint32_t index) {
    return (set->words[index / 64] >> index % 64 & 1) != 0;
}
/* The first member at or after `from`; WS_CONNECTIONS_MAX: no more. */
static inline uint32_t stream_set_next(const struct stream_set *set, uint32_t from) {
    for (uint32_t word = from / 64; word < STREAM_SET_WORDS; word++) {
        uint64_t bits = set->words[word];
        if (word == from / 64)
            bits &= ~UINT64_C(0) << from % 64;
        if (bits != 0)
            return word * 64 + (uint32_t)__builtin_ctzll(bits);
    }
    return WS_CONNECTIONS_MAX;
}

#endif
