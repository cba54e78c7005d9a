/* The web process, all of it: one thread, one loop, one view of the market. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <ev.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>

#include "feed/market_view.h"
#include "web/exchange_link.h"
#include "web/history.h"
#include "web/limits.h"
#include "web/pending.h"
#include "web/routes.h"
#include "web/static_files.h"
#include "web/streams.h"

struct web_settings {
    const char *var_path;
    const char *bind_address;
    const char *cluster_path; /* of PostgreSQL, host/store/cluster.sh */
    const char *database_url; /* instead of it; "" = none */
    uint32_t finished_kept;   /* finished orders in the window, of all accounts */
    uint32_t candles_kept;    /* of each width and instrument */
    uint32_t fills_kept;      /* sides of trades in the window, of all accounts */
    const char *page_path;
    const char *openapi_path;
    const char *allowed_origin;     /* one more that may use user_id routes; "" = none */
    const char *guest_prefix;       /* accounts whose names begin so are lent by /simple */
    uint16_t ports[LISTENER_COUNT]; /* 0: any free one */
    bool
        user_routes_anywhere; /* user_id routes for callers that are not local: only where that is meant */
};

/* An HTTP request that waits for its answer. */
struct parked {
    struct lws *wsi; /* NULL: free */
    struct http_session *session;
    uint32_t generation;
};

struct web {
    struct web_settings settings;
    struct ev_loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhosts[LISTENER_COUNT];
    uint16_t ports[LISTENER_COUNT]; /* as bound */

    struct exchange_link link;
    struct market_view view;
    unsigned char *view_memory;
    size_t view_bytes;
    bool has_caught_up; /* read to the journal's end once: from then on the views are of now */

    uint64_t next_request_id;
    struct pendings pendings;
    struct outcome outcomes[PENDING_MAX]; /* scratch of web_turn */
    struct parked parked[PENDING_MAX];
    struct streams *streams;
    struct history history;
    struct static_files page;
    char *openapi;
    size_t openapi_bytes;

    lws_sorted_usec_list_t heartbeat; /* of the library's timers (server.c) */
    struct ev_timer journal_timer;
    struct ev_timer stream_timer;
    struct ev_timer second_timer;
    char scratch[RESPONSE_BYTES_MAX]; /* where answers are written before they are copied out */
};

/* False: one sentence is on the log. */
NODISCARD bool web_open(struct web *web, const struct web_settings *settings);
void web_close(struct web *web);

/* True when orders can be sent now; else why not. */
bool web_can_trade(const struct web *web, struct api_error *error);
/* Sends a record to the engine; `waiter` hears what became of it. */
struct api_error web_submit(struct web *web, const union record *record, struct waiter waiter);
uint64_t web_request_id(struct web *web);
uint64_t web_now_ms(void);
uint64_t web_now_s(void);

/* Whether the request comes from this machine and from nobody else's page. */
bool web_request_is_local(struct web *web, struct lws *wsi);

#endif
