#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "os/clock.h"
#include "os/log.h"
#include "web/rest.h"
#include "web/rest_history.h"
#include "web/server.h"

#define NS_PER_MS      1000000u
#define NS_PER_S       1000000000u
#define PATH_MAX_BYTES 512

uint64_t web_now_ms(void) {
    return clock_monotonic_ns() / NS_PER_MS;
}

uint64_t web_now_s(void) {
    return clock_wall_ns() / NS_PER_S;
}

uint64_t web_request_id(struct web *web) {
    return web->next_request_id++;
}

bool web_can_trade(const struct web *web, struct api_error *error) {
    *error = (struct api_error){0};
    if (web->link.is_attached && web->has_caught_up)
        return true;
    *error = api_error_make(FAULT_EXCHANGE_AWAY,
                            web->link.is_attached ? "the journal is still being read" : NULL);
    return false;
}

struct api_error web_submit(struct web *web, const union record *record, struct waiter waiter) {
    if (!pendings_add(&web->pendings, record, waiter, web_now_ms()))
        return api_error_make(FAULT_OVERLOADED, NULL);
    switch (exchange_link_submit(&web->link, record)) {
    case SUBMIT_QUEUED: return (struct api_error){0};
    case SUBMIT_FULL:
        pendings_drop(&web->pendings, record->request.request_id);
        return api_error_make(FAULT_OVERLOADED, NULL);
    case SUBMIT_AWAY: break;
    }
    pendings_drop(&web->pendings, record->request.request_id);
    return api_error_make(FAULT_EXCHANGE_AWAY, NULL);
}

static struct feed_limits limits_of(const struct web *web) {
    struct feed_limits limits = feed_limits_usual();

    limits.finished_max = web->settings.finished_kept;
    limits.candle_max = web->settings.candles_kept;
    limits.fill_max = web->settings.fills_kept;
    return limits;
}

static void view_init(struct web *web) {
    const struct feed_limits limits = limits_of(web);
    struct arena arena;

    arena_init(&arena, web->view_memory, web->view_bytes);
    market_view_init(&web->view, &arena, &limits);
    arena_seal(&arena);
}

static bool view_open(struct web *web) {
    const struct feed_limits limits = limits_of(web);

    web->view_bytes = market_view_bytes(&limits);
    void *memory = mmap(NULL, web->view_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        log_error("web", "no memory for the views: %zu bytes", web->view_bytes);
        return false;
    }
    web->view_memory = memory;
    view_init(web);
    return true;
}

/* Another journal than the one read so far: everything starts again, and readers of streams get snapshots. */
static void view_restart(struct web *web) {
    int dropped = madvise(web->view_memory, web->view_bytes, MADV_DONTNEED);

    check(dropped == 0);
    log_warn("web", "this exchange has another journal: reading it from the start");
    view_init(web);
    web->has_caught_up = false;
    memset(web->streams->published_seq, 0, sizeof web->streams->published_seq);
}

static void outcomes_deliver(struct web *web, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const struct outcome *outcome = &web->outcomes[i];
        switch (outcome->pending.waiter.kind) {
        case WAITER_HTTP: rest_outcome(web, outcome); break;
        case WAITER_WS:
            streams_outcome(web->streams, &outcome->pending.waiter, &outcome->error);
            break;
        case WAITER_NOBODY: break;
        }
    }
}

static void record_take(struct web *web, const union record *record) {
    market_view_record(&web->view, record);
    if (web->pendings.count > 0)
        outcomes_deliver(web, pendings_record(&web->pendings, &web->view, record, web->outcomes));
    if (web->has_caught_up)
        streams_record(web->streams, record);
}

static void journal_turn(struct web *web) {
    enum read_result result = READ_NOTHING;
    union record record;

    for (uint32_t i = 0; i < RECORDS_PER_TURN; i++) {
        result = exchange_link_next(&web->link, &record);
        if (result != READ_RECORD)
            break;
        record_take(web, &record);
    }
    if (result == READ_NOTHING && web->link.is_attached && !web->has_caught_up) {
        web->has_caught_up = true;
        log_info("web", "caught up record_seq=%llu instruments=%u",
                 (unsigned long long)web->view.record_seq, web->view.directory.instrument_count);
    }
    streams_flush(web->streams);
}

static void journal_timer_fired(struct ev_loop *loop, struct ev_timer *timer, int events) {
    struct web *web = timer->data;

    (void)loop;
    (void)events;
    switch (exchange_link_tend(&web->link, web_now_ms(), web->view.record_seq)) {
    case LINK_SAME: break;
    case LINK_OTHER_JOURNAL:
        view_restart(web);
        streams_status(web->streams);
        break;
    case LINK_ATTACHED:
    case LINK_LOST: streams_status(web->streams); break;
    }
    journal_turn(web);
    rest_history_turn(web);
}

static void stream_timer_fired(struct ev_loop *loop, struct ev_timer *timer, int events) {
    struct web *web = timer->data;

    (void)loop;
    (void)events;
    if (web->has_caught_up)
        streams_tick(web->streams);
}

static void second_timer_fired(struct ev_loop *loop, struct ev_timer *timer, int events) {
    struct web *web = timer->data;

    (void)loop;
    (void)events;
    outcomes_deliver(web, pendings_expire(&web->pendings, web_now_ms(), web->outcomes));
    if (web->has_caught_up)
        streams_second(web->streams);
}

static void timer_start(struct web *web, struct ev_timer *timer,
                        void (*fired)(struct ev_loop *, struct ev_timer *, int),
                        unsigned interval_ms) {
    timer->data = web;
    ev_timer_init(timer, fired, interval_ms / 1e3, interval_ms / 1e3);
    ev_timer_start(web->loop, timer);
}

static void openapi_read(struct web *web) {
    FILE *file = fopen(web->settings.openapi_path, "rb");
    long length;

    if (file == NULL)
        return;
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) > 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        web->openapi = malloc((size_t)length);
        if (web->openapi != NULL)
            web->openapi_bytes = fread(web->openapi, 1, (size_t)length, file);
    }
    fclose(file);
}

bool web_open(struct web *web, const struct web_settings *settings) {
    static char attach_path[PATH_MAX_BYTES];
    static char journal_path[PATH_MAX_BYTES];

    web->settings = *settings;
    web->next_request_id = clock_wall_ns(); /* unlike any of an earlier run's */
    snprintf(attach_path, sizeof attach_path, "%s/run/attach.sock", settings->var_path);
    snprintf(journal_path, sizeof journal_path, "%s/journal", settings->var_path);
    exchange_link_open(&web->link, attach_path, journal_path);
    history_open(&web->history, settings->cluster_path, settings->database_url);
    if (!view_open(web))
        return false;
    web->streams = streams_open(web);
    web->loop = ev_loop_new(EVFLAG_AUTO);
    if (web->streams == NULL || web->loop == NULL)
        return false;
    static_files_read(&web->page, settings->page_path);
    openapi_read(web);
    if (!server_open(web))
        return false;
    timer_start(web, &web->journal_timer, journal_timer_fired, JOURNAL_POLL_MS);
    timer_start(web, &web->stream_timer, stream_timer_fired, DEPTH_INTERVAL_MS);
    timer_start(web, &web->second_timer, second_timer_fired, 1000);
    return true;
}

void web_close(struct web *web) {
    if (web->context != NULL)
        lws_context_destroy(web->context);
    if (web->loop != NULL)
        ev_loop_destroy(web->loop);
    if (web->streams != NULL)
        streams_close(web->streams);
    exchange_link_close(&web->link);
    history_close(&web->history);
    static_files_forget(&web->page);
    free(web->openapi);
    if (web->view_memory != NULL)
        munmap(web->view_memory, web->view_bytes);
}
