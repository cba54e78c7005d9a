#include "web/http_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/rest.h"

#define HEADERS_BYTES 1024
#define LINE_BYTES    512

static const char policy[] = "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' "
                             "'unsafe-inline'; img-src 'self' data:";

static void session_release(struct web *web, struct http_session *session) {
    free(session->body);
    free(session->response);
    session->body = NULL;
    session->response = NULL;
    if (session->parked != 0) {
        struct parked *parked = &web->parked[session->parked - 1];
        parked->wsi = NULL;
        parked->generation++;
        session->parked = 0;
    }
}

void http_session_end(struct web *web, struct http_session *session) {
    session_release(web, session);
}

bool http_session_park(struct web *web, struct http_session *session, struct waiter *waiter) {
    for (uint32_t i = 0; i < PENDING_MAX; i++) {
        struct parked *parked = &web->parked[i];
        if (parked->wsi != NULL)
            continue;
        parked->wsi = session->wsi;
        parked->session = session;
        session->parked = i + 1;
        *waiter =
            (struct waiter){.kind = WAITER_HTTP, .index = i, .generation = parked->generation};
        /* our own patience decides, and it is shorter */
        lws_set_timeout(session->wsi, PENDING_TIMEOUT_HTTP_CONTENT, 2 * PENDING_TIMEOUT_MS / 1000);
        return true;
    }
    return false;
}

struct http_session *http_session_unpark(struct web *web, struct waiter waiter) {
    struct parked *parked = &web->parked[waiter.index];

    if (waiter.kind != WAITER_HTTP || parked->wsi == NULL ||
        parked->generation != waiter.generation)
        return NULL;
    parked->session->parked = 0;
    parked->wsi = NULL;
    parked->generation++;
    return parked->session;
}

static enum http_method method_of(struct lws *wsi) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0)
        return METHOD_GET;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0)
        return METHOD_POST;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_DELETE_URI) > 0)
        return METHOD_DELETE;
    return METHOD_OTHER;
}

static void query_read(struct http_session *session) {
    char piece[HEADER_BYTES_MAX]; /* no fragment is longer than all headers may be */

    for (int i = 0; i < PARAMETERS_MAX; i++) {
        int length =
            lws_hdr_copy_fragment(session->wsi, piece, sizeof piece, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length < 0)
            return; /* no more */
        char *equals = memchr(piece, '=', (size_t)length);
        if (equals == NULL)
            continue;
        size_t name_length = (size_t)(equals - piece);
        size_t value_length = (size_t)length - name_length - 1;
        if (parameters_add(&session->parameters, piece, name_length, equals + 1, value_length) !=
            FAULT_NONE)
            snprintf(session->parameter_fault, sizeof session->parameter_fault, "%.*s",
                     (int)(name_length > 30 ? 30 : name_length), piece);
    }
}

/* -1: not a number, 0: none announced. */
static int64_t content_length_of(struct lws *wsi) {
    char text[24];
    int length = lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH);

    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0)
        return 0;
    if (length <= 0 || length > 12 || strspn(text, "0123456789") != (size_t)length)
        return -1;
    return strtoll(text, NULL, 10);
}

static bool header_has(struct lws *wsi, enum lws_token_indexes token, const char *word) {
    char text[256];

    return lws_hdr_copy(wsi, text, sizeof text, token) > 0 && strstr(text, word) != NULL;
}

static int refuse(struct http_session *session, enum api_fault fault) {
    struct api_error error = api_error_make(fault, NULL);

    http_session_answer_error(session, &error);
    return http_session_write(session);
}

static int dispatch(struct web *web, struct http_session *session) {
    rest_handle(web, session);
    return http_session_write(session);
}

int http_session_begin(struct web *web, struct http_session *session, struct lws *wsi,
                       const char *path, size_t length) {
    session_release(web, session);
    memset(session, 0, sizeof *session);
    session->wsi = wsi;
    session->listener = LISTENER_PLAIN;
    for (int i = 0; i < LISTENER_COUNT; i++)
        if (lws_get_vhost(wsi) == web->vhosts[i])
            session->listener = (enum listener)i;
    session->method = method_of(wsi);
    session->is_local = web_request_is_local(web, wsi);
    session->takes_gzip = header_has(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, "gzip");
    query_read(session);
    int64_t content_length = content_length_of(wsi);
    if (content_length < 0 || lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 ||
        (session->method == METHOD_POST &&
         lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0)) {
        session->must_close = true;
        return refuse(session, FAULT_LENGTH_REQUIRED);
    }
    if (content_length > BODY_BYTES_MAX) {
        session->must_close = content_length > BODY_DISCARD_BYTES_MAX;
        return refuse(session, FAULT_TOO_LARGE);
    }
    if (length > PATH_BYTES_MAX)
        return refuse(session, FAULT_UNKNOWN_ROUTE);
    memcpy(session->path, path, length);
    session->match = route_find(session->listener, session->method, path, length);
    session->has_body = content_length > 0;
    if (session->has_body || session->method == METHOD_POST)
        return 0; /* POST without a body too: BODY_COMPLETION follows */
    return dispatch(web, session);
}

int http_session_body(struct http_session *session, const char *bytes, size_t count) {
    if (session->response != NULL || count == 0)
        return 0; /* answered already: the rest is thrown away */
    if (session->body == NULL)
        session->body = malloc(BODY_BYTES_MAX);
    if (session->body == NULL)
        return -1;
    if (count > BODY_BYTES_MAX - session->body_bytes) {
        session->body_is_too_large = true;
        return 0;
    }
    memcpy(session->body + session->body_bytes, bytes, count);
    session->body_bytes += count;
    return 0;
}

int http_session_body_end(struct web *web, struct http_session *session) {
    if (session->response != NULL)
        return 0;
    if (session->body_is_too_large)
        return refuse(session, FAULT_TOO_LARGE);
    return dispatch(web, session);
}

int http_session_write(struct http_session *session) {
    if (session->response == NULL)
        return 0; /* parked */
    while (session->sent_bytes < session->response_bytes) {
        if (lws_send_pipe_choked(session->wsi))
            return lws_callback_on_writable(session->wsi) < 0 ? -1 : 0;
        size_t left = session->response_bytes - session->sent_bytes;
        size_t count = left > WRITE_BYTES ? WRITE_BYTES : left;
        if (lws_write(session->wsi, session->response + LWS_PRE + session->sent_bytes, count,
                      count == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
            return -1;
        session->sent_bytes += count;
    }
    free(session->response);
    session->response = NULL;
    if (session->must_close)
        return -1;
    return lws_http_transaction_completed(session->wsi) != 0 ? -1 : 0;
}

static const char *status_words(uint16_t status) {
    switch (status) {
    case 200: return "200 OK";
    case 400: return "400 Bad Request";
    case 403: return "403 Forbidden";
    case 404: return "404 Not Found";
    case 405: return "405 Method Not Allowed";
    case 411: return "411 Length Required";
    case 413: return "413 Payload Too Large";
    case 503: return "503 Service Unavailable";
    case 504: return "504 Gateway Timeout";
    default: return "500 Internal Server Error";
    }
}

static size_t header_add(char *headers, size_t used, const char *name, const char *value) {
    int length;

    if (value == NULL)
        return used;
    length = snprintf(headers + used, HEADERS_BYTES - used, "%s: %s\r\n", name, value);
    check(length > 0 && (size_t)length < HEADERS_BYTES - used);
    return used + (size_t)length;
}

void http_session_answer(struct http_session *session, const struct http_answer *answer) {
    char headers[HEADERS_BYTES];
    char length_text[24];
    size_t used;

    check(session->response == NULL);
    used =
        (size_t)snprintf(headers, sizeof headers, "HTTP/1.1 %s\r\n", status_words(answer->status));
    snprintf(length_text, sizeof length_text, "%zu", answer->body_bytes);
    used = header_add(headers, used, "content-type", answer->type);
    used = header_add(headers, used, "content-length", length_text);
    used = header_add(headers, used, "allow", answer->allow);
    used = header_add(headers, used, "content-encoding", answer->encoding);
    used = header_add(headers, used, "x-history-source", answer->source);
    used = header_add(headers, used, "cache-control", "no-cache");
    used = header_add(headers, used, "x-content-type-options", "nosniff");
    if (session->match.route == ROUTE_PAGE)
        used = header_add(headers, used, "content-security-policy", policy);
    if (session->must_close)
        used = header_add(headers, used, "connection", "close");
    memcpy(headers + used, "\r\n", 2);
    used += 2;

    session->response = malloc(LWS_PRE + used + answer->body_bytes);
    check(session->response != NULL);
    memcpy(session->response + LWS_PRE, headers, used);
    memcpy(session->response + LWS_PRE + used, answer->body, answer->body_bytes);
    session->response_bytes = used + answer->body_bytes;
    session->sent_bytes = 0;
}

void http_session_answer_json(struct http_session *session, uint16_t status,
                              const struct json_out *out) {
    http_session_answer(session, &(struct http_answer){.status = status,
                                                       .type = "application/json",
                                                       .body = out->bytes,
                                                       .body_bytes = out->used});
}

void http_session_answer_error(struct http_session *session, const struct api_error *error) {
    char text[LINE_BYTES];
    struct json_out out = json_out_on(text, sizeof text);

    api_error_write(&out, error);
    http_session_answer(session, &(struct http_answer){.status = error->status,
                                                       .type = "application/json",
                                                       .body = text,
                                                       .body_bytes = out.used,
                                                       .allow = session->match.allow});
}
