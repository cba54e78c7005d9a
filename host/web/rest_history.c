#include "web/rest_history.h"

#include "os/clock.h"
#include "web/market_json.h"

static void candles_write(struct json_out *out, const struct market_view *view,
                          const struct history_request *request,
                          const struct query_answer *answer) {
    static struct candle candles[LIST_LIMIT_MAX];
    size_t count = history_candles(view, request, answer, candles);

    for (size_t i = 0; i < count; i++)
        market_json_kline(out, view, request->instrument, request->interval, &candles[i]);
}

static bool is_wanted(const struct history_request *request, uint16_t instrument) {
    return request->instrument == INSTRUMENT_NONE || request->instrument == instrument;
}

static void orders_write(struct json_out *out, const struct market_view *view,
                         const struct history_request *request, const struct query_answer *answer) {
    const struct order_view *order = NULL;
    struct order_view old;
    uint32_t count = 0;

    while (count < request->limit &&
           (order = orders_view_next_finished(&view->orders, request->account, order)) != NULL) {
        if (!is_wanted(request, order->instrument))
            continue;
        market_json_order(out, view, order, false);
        count++;
    }
    for (uint32_t i = 0; answer != NULL && i < answer->row_count && count < request->limit; i++) {
        if (!history_order(view, answer, i, &old) ||
            orders_view_find(&view->orders, old.order_no) != NULL)
            continue; /* the views have told of it */
        market_json_order(out, view, &old, false);
        count++;
    }
}

static void fills_write(struct json_out *out, const struct market_view *view,
                        const struct history_request *request, const struct query_answer *answer) {
    const struct fill_view *fill = NULL;
    uint64_t oldest_seq = UINT64_MAX;
    uint32_t count = 0;

    while (count < request->limit &&
           (fill = trades_view_next_fill(&view->trades, request->account, fill)) != NULL) {
        oldest_seq = fill->record_seq;
        if (!is_wanted(request, fill->instrument))
            continue;
        market_json_my_trade(out, view, fill);
        count++;
    }
    for (uint32_t i = 0; answer != NULL && i < answer->row_count; i++) {
        struct fill_view old[2];
        size_t sides = history_fills(answer, i, request->account, old);
        for (size_t side = 0; side < sides && count < request->limit; side++) {
            if (old[side].record_seq >= oldest_seq)
                continue;
            market_json_my_trade(out, view, &old[side]);
            count++;
        }
    }
}

static void answer_write(struct web *web, struct http_session *session,
                         const struct history_request *request, const struct query_answer *answer) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);

    if (answer != NULL && answer->outcome != QUERY_DONE)
        answer = NULL;
    json_out_array(&out);
    switch (request->kind) {
    case HISTORY_CANDLES: candles_write(&out, &web->view, request, answer); break;
    case HISTORY_ORDERS: orders_write(&out, &web->view, request, answer); break;
    case HISTORY_FILLS: fills_write(&out, &web->view, request, answer); break;
    }
    json_out_array_end(&out);
    http_session_answer(
        session, &(struct http_answer){.status = 200,
                                       .type = "application/json",
                                       .body = out.bytes,
                                       .body_bytes = out.used,
                                       .source = history_source_name(
                                           answer != NULL ? HISTORY_DATABASE : HISTORY_WINDOW)});
}

void rest_history(struct web *web, struct http_session *session, struct history_request *request) {
    if (history_is_needed(&web->view, request) && history_has_database(&web->history) &&
        http_session_park(web, session, &request->waiter)) {
        if (history_ask(&web->history, &web->view, request, clock_monotonic_ns()))
            return;
        (void)http_session_unpark(web, request->waiter);
    }
    answer_write(web, session, request, NULL);
}

void rest_history_turn(struct web *web) {
    struct history_request request;
    struct query_answer answer;

    while (history_next(&web->history, &web->view, clock_monotonic_ns(), &request, &answer)) {
        struct http_session *session = http_session_unpark(web, request.waiter);
        if (session == NULL)
            continue;
        answer_write(web, session, &request, &answer);
        lws_callback_on_writable(session->wsi);
    }
}
