#include <string.h>

#include "web/iso_time.h"
#include "web/market_json.h"
#include "web/order_request.h"
#include "web/rest.h"
#include "web/rest_history.h"

#define DEPTH_LIMIT  100
#define TRADES_LIMIT 100
#define KLINES_LIMIT 500

static const struct api_error fine = {0};

static struct api_error answer_depth(struct web *web, struct http_session *session,
                                     uint16_t instrument) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);
    struct depth_level levels[DEPTH_LEVELS_MAX];
    const char *step = parameters_get(&session->parameters, PARAMETER_STEP);
    uint32_t step_ticks = 1;
    uint32_t limit = 0;
    struct api_error error = rest_limit(session, DEPTH_LIMIT, &limit);

    if (error.status == 0 && step != NULL)
        error = order_request_ticks(directory_instrument(&web->view.directory, instrument), step,
                                    &step_ticks);
    if (error.status != 0)
        return error;
    json_out_object(&out);
    json_out_key(&out, "lastUpdateId");
    json_out_integer(&out, (int64_t)web->view.last_change_seq[instrument]);
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        size_t count =
            depth_grouped(&web->view.depth, instrument, (enum side)side, step_ticks, levels, limit);
        json_out_key(&out, side == SIDE_BUY ? "bids" : "asks");
        market_json_levels(&out, &web->view, instrument, levels, count);
    }
    json_out_object_end(&out);
    http_session_answer_json(session, 200, &out);
    return fine;
}

static struct api_error answer_trades(struct web *web, struct http_session *session,
                                      uint16_t instrument) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);
    uint32_t count = trades_view_count(&web->view.trades, instrument);
    uint32_t limit = 0;
    struct api_error error = rest_limit(session, TRADES_LIMIT, &limit);

    if (error.status != 0)
        return error;
    json_out_array(&out);
    for (uint32_t age = count < limit ? count : limit; age-- > 0;)
        market_json_trade(&out, &web->view, instrument,
                          trades_view_print(&web->view.trades, instrument, age));
    json_out_array_end(&out);
    http_session_answer_json(session, 200, &out);
    return fine;
}

static struct api_error time_read(const struct http_session *session, enum parameter parameter,
                                  uint64_t *time_s, bool rounds_up) {
    const char *text = parameters_get(&session->parameters, parameter);
    uint64_t time_ms;

    if (text == NULL)
        return fine;
    if (!iso_time_read(text, &time_ms))
        return api_error_make(FAULT_BAD_PARAMETER, parameter_name(parameter));
    *time_s = (time_ms + (rounds_up ? 999 : 0)) / 1000;
    return fine;
}

static struct api_error answer_klines(struct web *web, struct http_session *session,
                                      uint16_t instrument) {
    const char *text = parameters_get(&session->parameters, PARAMETER_INTERVAL);
    struct history_request request = {
        .kind = HISTORY_CANDLES,
        .range = {.from_s = CANDLE_NO_LIMIT, .to_s = web_now_s()},
        .instrument = instrument,
    };
    uint64_t end_s = request.range.to_s;

    if (text == NULL)
        return api_error_make(FAULT_MISSING_PARAMETER, "interval");
    int interval = candle_interval_find(text, strlen(text));
    if (interval < 0)
        return api_error_make(FAULT_BAD_INTERVAL, NULL);
    request.interval = (enum candle_interval)interval;
    struct api_error error = time_read(session, PARAMETER_START_TIME, &request.range.from_s, true);
    if (error.status == 0)
        error = time_read(session, PARAMETER_END_TIME, &end_s, false);
    if (error.status == 0)
        error = rest_limit(session, KLINES_LIMIT, &request.limit);
    if (error.status != 0)
        return error;
    if (end_s < request.range.to_s)
        request.range.to_s = end_s;
    rest_history(web, session, &request);
    return fine;
}

static void answer_tickers(struct web *web, struct http_session *session, uint16_t instrument) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);

    json_out_array(&out);
    for (uint16_t i = 0; i < web->view.directory.instrument_count; i++)
        if (instrument == INSTRUMENT_NONE || instrument == i)
            market_json_ticker(&out, &web->view, i, web_now_s());
    json_out_array_end(&out);
    http_session_answer_json(session, 200, &out);
}

static void answer_instruments(struct web *web, struct http_session *session) {
    struct json_out out = json_out_on(web->scratch, sizeof web->scratch);

    json_out_array(&out);
    for (uint16_t i = 0; i < web->view.directory.instrument_count; i++)
        market_json_instrument(&out, &web->view, i);
    json_out_array_end(&out);
    http_session_answer_json(session, 200, &out);
}

struct api_error rest_market(struct web *web, struct http_session *session) {
    enum route route = session->match.route;
    uint16_t instrument;
    bool is_needed = route != ROUTE_TICKERS && route != ROUTE_INSTRUMENTS;
    struct api_error error =
        order_request_instrument(&web->view, &session->parameters, is_needed, &instrument);

    if (error.status != 0)
        return error;
    switch (route) {
    case ROUTE_DEPTH: return answer_depth(web, session, instrument);
    case ROUTE_TRADES: return answer_trades(web, session, instrument);
    case ROUTE_KLINES: return answer_klines(web, session, instrument);
    case ROUTE_TICKERS: answer_tickers(web, session, instrument); return fine;
    default: answer_instruments(web, session); return fine;
    }
}
