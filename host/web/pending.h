/* Requests that were sent to the engine and wait for what became of them.
 *
 *     submit ──▶ COMMAND record, found by its request id ──▶ refused: answered
 *                                                        └─▶ taken: until the DONE of its seq (or the last of
 *                                                            the cancels that it made): answered from the views
 *
 * Who asked may hang up meanwhile; he is remembered by index and generation, never by pointer. */
#ifndef WEB_PENDING_H
#define WEB_PENDING_H

#include <stdbool.h>

#include "core/record.h"
#include "feed/market_view.h"
#include "web/api_error.h"
#include "web/limits.h"

enum waiter_kind { WAITER_NOBODY, WAITER_HTTP, WAITER_WS };
struct waiter {
    enum waiter_kind kind;
    uint32_t index;
    uint32_t generation;
};

struct pending {
    uint64_t request_id;
    uint64_t deadline_ms;
    uint64_t command_seq; /* record_seq of its COMMAND; 0 = not seen yet */
    uint64_t seq;         /* at the matcher; 0 = it was not needed */
    uint64_t order_no;    /* the order it made or named */
    uint32_t account;
    uint16_t instrument;
    uint8_t op; /* enum command_op */
    struct waiter waiter;
    uint32_t left_count; /* CANCEL_ALL: orders that are still there */
    uint32_t cancelled_count;
};

struct pendings {
    struct pending items[PENDING_MAX];
    uint32_t count;
};

/* What became of it. */
struct outcome {
    struct pending pending;
    struct api_error error; /* status 0: as asked */
};

/* False: there are PENDING_MAX already. Call before the record is sent. */
NODISCARD bool pendings_add(struct pendings *pendings, const union record *record,
                            struct waiter waiter, uint64_t now_ms);
/* It was not sent after all. */
void pendings_drop(struct pendings *pendings, uint64_t request_id);
/* The view has taken the record. Writes what is decided by it and returns how many (at most PENDING_MAX). */
uint32_t pendings_record(struct pendings *pendings, const struct market_view *view,
                         const union record *record, struct outcome *outcomes);
/* Those that waited too long. */
uint32_t pendings_expire(struct pendings *pendings, uint64_t now_ms, struct outcome *outcomes);

#endif
