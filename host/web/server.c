#include "web/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "os/log.h"
#include "web/http_session.h"
#include "web/ws_simple.h"

#define PING_S       20
#define HANGUP_S     60
#define NAME_BYTES   128
#define HEARTBEAT_US 1000000

/* libwebsockets' memory of one connection. */
struct session {
    struct http_session http;
    struct ws_connection *connection; /* NULL: not a WebSocket */
};

static const char *listener_name(enum listener listener) {
    static const char *const names[] = {"plain", "v1", "ws"};
    return names[listener];
}

static bool host_is_local(const char *host) {
    static const char *const locals[] = {"localhost", "127.0.0.1", "[::1]"};

    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(locals[i]);
        if (strncasecmp(host, locals[i], length) == 0 &&
            (host[length] == '\0' || host[length] == ':'))
            return true;
    }
    return false;
}

/* "http://localhost:8080", at one of our own ports. */
static bool origin_is_ours(const struct web *web, const char *origin) {
    if (web->settings.allowed_origin[0] != '\0' &&
        strcasecmp(origin, web->settings.allowed_origin) == 0)
        return true;
    if (strncasecmp(origin, "http://", 7) != 0 || !host_is_local(origin + 7))
        return false;
    const char *colon = strrchr(origin, ':');
    if (colon == origin + 4)
        return false; /* port 80 is none of ours */
    for (int i = 0; i < LISTENER_COUNT; i++) {
        char port[8];
        snprintf(port, sizeof port, "%u", web->ports[i]);
        if (strcmp(colon + 1, port) == 0)
            return true;
    }
    return false;
}

bool web_request_is_local(struct web *web, struct lws *wsi) {
    char host[NAME_BYTES];
    char origin[NAME_BYTES];
    bool is_loopback = strncmp(web->settings.bind_address, "127.", 4) == 0 ||
                       strcmp(web->settings.bind_address, "::1") == 0;

    if (web->settings.user_routes_anywhere)
        return true;
    if (!is_loopback || lws_hdr_copy(wsi, host, sizeof host, WSI_TOKEN_HOST) <= 0 ||
        !host_is_local(host))
        return false;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) == 0)
        return true;
    return lws_hdr_copy(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN) > 0 &&
           origin_is_ours(web, origin);
}

/* Never reads `in` of this callback: it may point to freed memory. */
static int upgrade_confirm(struct lws *wsi) {
    char upgrade[16];

    if (lws_hdr_copy(wsi, upgrade, sizeof upgrade, WSI_TOKEN_UPGRADE) <= 0 ||
        strcasecmp(upgrade, "websocket") != 0)
        return -1;
    return 0;
}

/* -1: there is no WebSocket at this path of this listener. */
static int ws_kind_of(const struct web *web, struct lws *wsi) {
    char path[32];

    if (lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) <= 0)
        return -1;
    if (lws_get_vhost(wsi) == web->vhosts[LISTENER_WS]) {
        if (strcmp(path, "/") == 0)
            return WS_CHANNELS;
        if (strcmp(path, "/simple") == 0 || strcmp(path, "/simple/") == 0)
            return WS_SIMPLE;
    }
    if (lws_get_vhost(wsi) == web->vhosts[LISTENER_PLAIN] &&
        (strcmp(path, "/channels") == 0 || strcmp(path, "/channels/") == 0))
        return WS_CHANNELS;
    return -1;
}

static void simple_parameters(struct lws *wsi, struct parameters *parameters) {
    char piece[PARAMETER_NAME_BYTES_MAX + PARAMETER_BYTES_MAX];
    int length;

    parameters_clear(parameters);
    for (int i = 0; i < PARAMETERS_MAX; i++) {
        length = lws_hdr_copy_fragment(wsi, piece, sizeof piece, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length <= 0)
            return;
        char *equals = memchr(piece, '=', (size_t)length);
        if (equals != NULL &&
            parameters_add(parameters, piece, (size_t)(equals - piece), equals + 1,
                           (size_t)(piece + length - equals - 1)) != FAULT_NONE)
            return;
    }
}

static int ws_established(struct web *web, struct session *session, struct lws *wsi) {
    struct parameters parameters;
    int kind = ws_kind_of(web, wsi);
    int unsent_bytes = WS_NOTSENT_BYTES;

    session->connection = kind < 0 ? NULL
                                   : streams_connect(web->streams, wsi, (enum ws_kind)kind,
                                                     web_request_is_local(web, wsi));
    if (session->connection == NULL)
        return -1;
    /* refused by the system: what is sent is less fresh under load, nothing else */
    (void)setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes,
                     sizeof unsent_bytes);
    if (kind == WS_SIMPLE) {
        simple_parameters(wsi, &parameters);
        ws_simple_open(web->streams, session->connection, &parameters);
        streams_flush(web->streams);
    }
    return 0;
}

static int ws_receive(struct web *web, struct session *session, struct lws *wsi, const char *bytes,
                      size_t count) {
    if (session->connection == NULL || lws_frame_is_binary(wsi))
        return -1;
    streams_receive(web->streams, session->connection, bytes, count,
                    lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0);
    return 0;
}

static int server_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                           size_t count) {
    struct session *session = user;
    struct web *web = wsi == NULL ? NULL : lws_context_user(lws_get_context(wsi));

    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return upgrade_confirm(wsi);
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX: return -1; /* CONNECT ends here */
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return ws_kind_of(web, wsi) < 0 ? -1 : 0;
    case LWS_CALLBACK_HTTP: return http_session_begin(web, &session->http, wsi, in, count);
    case LWS_CALLBACK_HTTP_BODY: return http_session_body(&session->http, in, count);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return http_session_body_end(web, &session->http);
    case LWS_CALLBACK_HTTP_WRITEABLE: return http_session_write(&session->http);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (session != NULL)
            http_session_end(web, &session->http);
        return 0;
    case LWS_CALLBACK_ESTABLISHED: return ws_established(web, session, wsi);
    case LWS_CALLBACK_RECEIVE: return ws_receive(web, session, wsi, in, count);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return session->connection != NULL && streams_writeable(web->streams, session->connection)
                   ? 0
                   : -1;
    case LWS_CALLBACK_CLOSED:
        if (session != NULL && session->connection != NULL)
            streams_disconnect(web->streams, session->connection);
        if (session != NULL)
            session->connection = NULL;
        return 0;
    default: return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "crosspoint",
     .callback = server_callback,
     .per_session_data_size = sizeof(struct session),
     .rx_buffer_size = WS_MESSAGE_BYTES_MAX,
     .tx_packet_size = WRITE_BYTES},
    {0},
};

static void ports_write(const struct web *web) {
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/run/web.ports", web->settings.var_path);
    file = fopen(path, "w");
    if (file == NULL) {
        log_warn("web", "cannot write %s", path);
        return;
    }
    fprintf(file, "{\"plain\":%u,\"v1\":%u,\"ws\":%u}\n", web->ports[LISTENER_PLAIN],
            web->ports[LISTENER_V1], web->ports[LISTENER_WS]);
    fclose(file);
}

static void library_log(int level, const char *line) {
    size_t length = strlen(line);

    while (length > 0 && line[length - 1] == '\n')
        length--;
    log_line((level & LLL_ERR) != 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "web", "%.*s", (int)length,
             line);
}

static bool listener_open(struct web *web, enum listener listener) {
    struct lws_context_creation_info info = {
        .port = web->settings.ports[listener],
        .iface = web->settings.bind_address,
        .protocols = protocols,
        .vhost_name = listener_name(listener),
        .keepalive_timeout = KEEPALIVE_S,
        .timeout_secs = HEADER_TIMEOUT_S,
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
    };
    static const lws_retry_bo_t policy = {.secs_since_valid_ping = PING_S,
                                          .secs_since_valid_hangup = HANGUP_S};

    info.retry_and_idle_policy = &policy;
    web->vhosts[listener] = lws_create_vhost(web->context, &info);
    if (web->vhosts[listener] == NULL) {
        log_error("web", "cannot listen at %s port %u", web->settings.bind_address,
                  web->settings.ports[listener]);
        return false;
    }
    web->ports[listener] = (uint16_t)lws_get_vhost_listen_port(web->vhosts[listener]);
    log_info("web", "listening name=%s address=%s port=%u", listener_name(listener),
             web->settings.bind_address, web->ports[listener]);
    return true;
}

/* The library arms its libev timer for the earliest timeout it knows, and does not move it when an earlier one
 * comes. With a timeout of our own due every second, none of the others is ever late by more. */
static void heartbeat_beat(lws_sorted_usec_list_t *heartbeat) {
    struct web *web = lws_container_of(heartbeat, struct web, heartbeat);

    lws_sul_schedule(web->context, 0, heartbeat, heartbeat_beat, HEARTBEAT_US);
}

bool server_open(struct web *web) {
    void *loops[] = {web->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = web,
        .timeout_secs = HEADER_TIMEOUT_S,
        .max_http_header_data = HEADER_BYTES_MAX,
        .max_http_header_pool = HEADER_POOL_MAX,
        .fd_limit_per_thread = DESCRIPTORS_MAX,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };

    lws_set_log_level(LLL_ERR, library_log);
    web->context = lws_create_context(&info);
    if (web->context == NULL) {
        log_error("web", "libwebsockets does not start");
        return false;
    }
    for (int i = 0; i < LISTENER_COUNT; i++)
        if (!listener_open(web, (enum listener)i))
            return false;
    ports_write(web);
    heartbeat_beat(&web->heartbeat);
    return true;
}
