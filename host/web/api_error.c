#include "web/api_error.h"

#include <stdio.h>

#include "core/matcher.h"
#include "core/verdict.h"

struct fault_words {
    uint16_t status;
    int32_t code;
    const char *reason;
    const char *sentence;
};

static const struct fault_words words[FAULT_COUNT] = {
    [FAULT_NONE] = {200, 0, "NONE", "No error."},
    [FAULT_BAD_JSON] = {400, -1135, "BAD_JSON", "The body is not a flat JSON object."},
    [FAULT_MISSING_PARAMETER] = {400, -1102, "MISSING_PARAMETER",
                                 "A mandatory parameter was not sent."},
    [FAULT_BAD_PARAMETER] = {400, -1102, "BAD_PARAMETER", "A parameter has no valid value."},
    [FAULT_BAD_INTERVAL] = {400, -1120, "BAD_INTERVAL",
                            "The interval is none of 1s 1m 5m 15m 30m 1h 4h 1d."},
    [FAULT_BAD_CLIENT_ID] = {400, -1100, "BAD_CLIENT_ID",
                             "A client order id is 1 to 36 of A-Z a-z 0-9 . _ : / -"},
    [FAULT_NOT_LOCAL] = {403, -1002, "NOT_LOCAL",
                         "Routes with a user_id are served to local pages and programs only."},
    [FAULT_UNKNOWN_ROUTE] = {404, -1100, "UNKNOWN_ROUTE", "There is no such path."},
    [FAULT_METHOD] = {405, -1100, "METHOD", "This path does not know that method."},
    [FAULT_LENGTH_REQUIRED] = {411, -1101, "LENGTH_REQUIRED",
                               "A request with a body must have a Content-Length."},
    [FAULT_TOO_LARGE] = {413, -1101, "TOO_LARGE", "The body is larger than 16 KiB."},
    [FAULT_EXCHANGE_AWAY] = {503, -1000, "EXCHANGE_AWAY",
                             "The exchange cannot be reached; nothing was sent."},
    [FAULT_OVERLOADED] = {503, -1008, "OVERLOADED",
                          "Too many requests wait for the exchange; nothing was sent."},
    [FAULT_OUTCOME_UNKNOWN] = {504, -1007, "UNKNOWN",
                               "The exchange did not answer in time; the outcome is unknown. Ask "
                               "for the order by its client order id."},
    [FAULT_NO_GUEST] = {503, -1003, "NO_GUEST", "All guest accounts are lent; try again later."},
    [FAULT_TOO_MANY] = {400, -1003, "TOO_MANY", "This connection has as many channels as it may."},
    [FAULT_NOT_FOUND] = {404, -1100, "NOT_FOUND", "The page has no such file."},
};

struct api_error api_error_make(enum api_fault fault, const char *detail) {
    const struct fault_words *word = &words[fault];
    struct api_error error = {.status = word->status, .code = word->code, .reason = word->reason};

    if (detail == NULL)
        snprintf(error.message, sizeof error.message, "%s", word->sentence);
    else
        snprintf(error.message, sizeof error.message, "%s (%s)", word->sentence, detail);
    return error;
}

static int32_t code_of_verdict(uint16_t verdict) {
    switch (verdict) {
    case VERDICT_UNKNOWN_INSTRUMENT: return -1121;
    case VERDICT_OFF_TICK:
    case VERDICT_OFF_LOT: return -1111;
    case VERDICT_PRICE:
    case VERDICT_QTY:
    case VERDICT_MIN_NOTIONAL: return -1013;
    case VERDICT_BAD_FIELD: return -1102;
    case VERDICT_UNKNOWN_ORDER: return -2011;
    default: return -2010;
    }
}

struct api_error api_error_of_verdict(uint16_t verdict) {
    struct api_error error = {
        .status = 400, .code = code_of_verdict(verdict), .reason = verdict_name(verdict)};

    snprintf(error.message, sizeof error.message, "%s", verdict_sentence(verdict));
    return error;
}

struct api_error api_error_of_reject(uint8_t why) {
    struct api_error error = {.status = 400, .code = -2010};
    const char *sentence = "The matcher rejected the order.";

    switch (why) {
    case REJECT_UNKNOWN_ORDER: return api_error_of_verdict(VERDICT_UNKNOWN_ORDER);
    case REJECT_STATE: return api_error_of_verdict(VERDICT_STATE);
    case REJECT_QTY: return api_error_of_verdict(VERDICT_QTY);
    case REJECT_PRICE_BAND: return api_error_of_verdict(VERDICT_PRICE);
    case REJECT_WOULD_CROSS:
        error.reason = "WOULD_CROSS";
        sentence = "A post-only order would trade at once.";
        break;
    case REJECT_FOK:
        error.reason = "FOK";
        sentence = "The whole quantity cannot trade at once.";
        break;
    default: error.reason = "REJECTED"; break;
    }
    snprintf(error.message, sizeof error.message, "%s", sentence);
    return error;
}

void api_error_write(struct json_out *out, const struct api_error *error) {
    json_out_object(out);
    json_out_key(out, "code");
    json_out_integer(out, error->code);
    json_out_key(out, "msg");
    json_out_string(out, error->message);
    json_out_key(out, "reason");
    json_out_string(out, error->reason);
    json_out_object_end(out);
}
