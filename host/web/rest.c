#include "web/rest.h"

#include <string.h>

#include "web/market_json.h"
#include "web/order_request.h"

static const struct api_error fine = {0};

struct api_error rest_limit(const struct http_session *session, uint32_t otherwise,
                            uint32_t *limit) {
    const char *text = parameters_get(&session->parameters, PARAMETER_LIMIT);
    uint64_t value = otherwise;

    if (text != NULL && (!whole_read(text, UINT32_MAX, &value) || value == 0))
        return api_error_make(FAULT_BAD_PARAMETER, "limit");
    *limit = value > LIST_LIMIT_MAX ? LIST_LIMIT_MAX : (uint32_t)value;
    return fine;
}

static void answer_health(struct web *web, struct http_session *session) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);
    bool is_well = web->link.is_attached && web->has_caught_up;

    json_out_object(&out);
    json_out_key(&out, "status");
    json_out_string(&out, is_well ? "ok" : "degraded");
    json_out_key(&out, "exchange");
    json_out_string(&out, !web->link.is_attached ? "away"
                          : web->has_caught_up   ? "attached"
                                                 : "reading");
    json_out_key(&out, "recordSeq");
    json_out_integer(&out, (int64_t)web->view.record_seq);
    json_out_key(&out, "epoch");
    json_out_integer(&out, web->view.epoch);
    json_out_key(&out, "database");
    json_out_string(&out, history_has_database(&web->history) ? "attached" : "away");
    json_out_key(&out, "instruments");
    json_out_integer(&out, web->view.directory.instrument_count);
    json_out_key(&out, "pending");
    json_out_integer(&out, web->pendings.count);
    json_out_object_end(&out);
    http_session_answer_json(session, is_well ? 200 : 503, &out);
}

static struct api_error answer_page(struct web *web, struct http_session *session) {
    const struct static_file *file = static_files_find(&web->page, session->path);

    if (file == NULL)
        return api_error_make(FAULT_NOT_FOUND, NULL);
    bool is_gzip = file->gzip.bytes != NULL && (session->takes_gzip || file->plain.bytes == NULL);
    const struct static_content *content = is_gzip ? &file->gzip : &file->plain;
    http_session_answer(session, &(struct http_answer){.status = 200,
                                                       .type = file->type,
                                                       .body = (const char *)content->bytes,
                                                       .body_bytes = content->count,
                                                       .encoding = is_gzip ? "gzip" : NULL});
    return fine;
}

static struct api_error answer_openapi(struct web *web, struct http_session *session) {
    if (web->openapi == NULL)
        return api_error_make(FAULT_NOT_FOUND, NULL);
    http_session_answer(session, &(struct http_answer){.status = 200,
                                                       .type = "application/yaml",
                                                       .body = web->openapi,
                                                       .body_bytes = web->openapi_bytes});
    return fine;
}

static struct api_error route_handle(struct web *web, struct http_session *session) {
    switch (session->match.route) {
    case ROUTE_UNKNOWN: return api_error_make(FAULT_UNKNOWN_ROUTE, NULL);
    case ROUTE_METHOD: return api_error_make(FAULT_METHOD, session->match.allow);
    case ROUTE_PAGE: return answer_page(web, session);
    case ROUTE_OPENAPI: return answer_openapi(web, session);
    case ROUTE_HEALTH: answer_health(web, session); return fine;
    case ROUTE_ORDER_NEW:
    case ROUTE_ORDER_CANCEL:
    case ROUTE_ORDER_CANCEL_ALL: return rest_order(web, session);
    case ROUTE_ORDERS_OPEN:
    case ROUTE_ORDERS_HISTORY:
    case ROUTE_BALANCE:
    case ROUTE_ACCOUNTS: return rest_account(web, session);
    case ROUTE_TRADE_HISTORY:
        if (parameters_get(&session->parameters, PARAMETER_USER_ID) != NULL)
            return rest_account(web, session);
        session->match.route = ROUTE_TRADES; /* nobody's own: everybody's */
        return rest_market(web, session);
    case ROUTE_DEPTH:
    case ROUTE_TRADES:
    case ROUTE_KLINES:
    case ROUTE_TICKERS:
    case ROUTE_INSTRUMENTS: return rest_market(web, session);
    }
    return api_error_make(FAULT_UNKNOWN_ROUTE, NULL);
}

static struct api_error parameters_complete(struct http_session *session) {
    char detail[API_MESSAGE_BYTES] = "";

    if (session->parameter_fault[0] != '\0')
        return api_error_make(FAULT_BAD_PARAMETER, session->parameter_fault);
    if (session->body_bytes == 0)
        return fine;
    enum api_fault fault =
        parameters_read_json(&session->parameters, session->body, session->body_bytes, detail);
    return fault == FAULT_NONE ? fine : api_error_make(fault, detail);
}

void rest_handle(struct web *web, struct http_session *session) {
    struct api_error error = fine;

    if (route_is_private(session->match.route) && !session->is_local)
        error = api_error_make(FAULT_NOT_LOCAL, NULL);
    if (error.status == 0 && session->match.route < ROUTE_PAGE)
        error = parameters_complete(session);
    if (error.status == 0 && session->match.route < ROUTE_PAGE &&
        session->match.route != ROUTE_HEALTH && session->match.route != ROUTE_OPENAPI &&
        !web->has_caught_up && web->view.record_seq == 0)
        error = api_error_make(FAULT_EXCHANGE_AWAY, "no journal was read yet");
    if (error.status == 0)
        error = route_handle(web, session);
    if (error.status != 0)
        http_session_answer_error(session, &error);
}

struct api_error rest_order(struct web *web, struct http_session *session) {
    struct api_error error;
    union record record;
    struct waiter waiter;
    uint64_t request_id = web_request_id(web);

    if (!web_can_trade(web, &error))
        return error;
    switch (session->match.route) {
    case ROUTE_ORDER_NEW:
        error = order_request_new(&web->view, &session->parameters, request_id, &record);
        break;
    case ROUTE_ORDER_CANCEL:
        error = order_request_cancel(&web->view, &session->parameters, request_id, &record);
        break;
    default:
        error = order_request_cancel_all(&web->view, &session->parameters, request_id, &record);
        break;
    }
    if (error.status != 0)
        return error;
    if (!http_session_park(web, session, &waiter))
        return api_error_make(FAULT_OVERLOADED, NULL);
    error = web_submit(web, &record, waiter);
    if (error.status != 0)
        (void)http_session_unpark(web, waiter);
    return error;
}

void rest_outcome(struct web *web, const struct outcome *outcome) {
    struct http_session *session = http_session_unpark(web, outcome->pending.waiter);
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);

    if (session == NULL)
        return;
    const struct order_view *order = orders_view_find(&web->view.orders, outcome->pending.order_no);
    if (outcome->error.status != 0) {
        http_session_answer_error(session, &outcome->error);
    } else if (outcome->pending.op == COMMAND_CANCEL_ALL) {
        json_out_object(&out);
        json_out_key(&out, "cancelled");
        json_out_integer(&out, outcome->pending.cancelled_count);
        json_out_object_end(&out);
        http_session_answer_json(session, 200, &out);
    } else {
        check(order != NULL);
        market_json_order(&out, &web->view, order, outcome->pending.op == COMMAND_NEW);
        http_session_answer_json(session, 200, &out);
    }
    lws_callback_on_writable(session->wsi);
}
