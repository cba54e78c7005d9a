/* One HTTP connection: the request under way and the answer being sent. Lives in memory of libwebsockets. */
#ifndef WEB_HTTP_SESSION_H
#define WEB_HTTP_SESSION_H

#include "web/parameters.h"
#include "web/web.h"

struct http_session {
    struct lws *wsi;
    enum listener listener;
    enum http_method method;
    struct route_match match;
    bool is_local;
    bool takes_gzip;
    bool has_body;
    bool body_is_too_large;
    bool must_close; /* after the answer */
    char path[PATH_BYTES_MAX + 1];
    struct parameters parameters;
    char parameter_fault[PARAMETER_NAME_BYTES_MAX + 1]; /* a value of the query that is too long */
    char *body;                                         /* allocated while a body is read */
    size_t body_bytes;
    unsigned char *response; /* allocated while an answer is sent; begins after LWS_PRE bytes */
    size_t response_bytes;
    size_t sent_bytes;
    uint32_t parked; /* index + 1; 0 = not waiting */
};

struct http_answer {
    uint16_t status;
    const char *type;
    const char *body;
    size_t body_bytes;
    const char *allow;    /* 405 */
    const char *encoding; /* "gzip" */
    const char *source;   /* X-History-Source */
};

/* Callbacks of libwebsockets; what they return goes back to it (-1: hang up). */
int http_session_begin(struct web *web, struct http_session *session, struct lws *wsi,
                       const char *path, size_t length);
int http_session_body(struct http_session *session, const char *bytes, size_t count);
int http_session_body_end(struct web *web, struct http_session *session);
int http_session_write(struct http_session *session);
void http_session_end(struct web *web, struct http_session *session);

/* Puts the answer in place; it is sent at once or when the socket takes it. */
void http_session_answer(struct http_session *session, const struct http_answer *answer);
void http_session_answer_json(struct http_session *session, uint16_t status,
                              const struct json_out *out);
void http_session_answer_error(struct http_session *session, const struct api_error *error);

/* The request waits: false when PENDING_MAX do already. */
NODISCARD bool http_session_park(struct web *web, struct http_session *session,
                                 struct waiter *waiter);
/* NULL: he hung up meanwhile. He is no longer waiting. */
struct http_session *http_session_unpark(struct web *web, struct waiter waiter);

#endif
