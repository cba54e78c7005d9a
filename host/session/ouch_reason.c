#include "session/ouch_reason.h"

#include "core/matcher.h"
#include "core/record.h"
#include "core/verdict.h"

/* What is not here is a matter of the venue's tables, not of the order: PROCESSING. */
static const uint8_t reason_of_verdict[] = {
    [VERDICT_BAD_FIELD] = OUCH_REJECT_OTHER,
    [VERDICT_UNKNOWN_INSTRUMENT] = OUCH_REJECT_SYMBOL,
    [VERDICT_OFF_TICK] = OUCH_REJECT_PRICE,
    [VERDICT_OFF_LOT] = OUCH_REJECT_QTY,
    [VERDICT_PRICE] = OUCH_REJECT_PRICE,
    [VERDICT_QTY] = OUCH_REJECT_QTY,
    [VERDICT_MIN_NOTIONAL] = OUCH_REJECT_QTY,
    [VERDICT_NO_REFERENCE] = OUCH_REJECT_QUOTE_UNAVAILABLE,
    [VERDICT_WOULD_TRIGGER] = OUCH_REJECT_ORDER_TYPE,
    [VERDICT_UNSUPPORTED] = OUCH_REJECT_OTHER,
    [VERDICT_UNKNOWN_ACCOUNT] = OUCH_REJECT_FIRM,
    [VERDICT_SUSPENDED] = OUCH_REJECT_RESTRICTED,
    [VERDICT_NO_FUNDS] = OUCH_REJECT_EXPOSURE,
    [VERDICT_OPEN_ORDER_LIMIT] = OUCH_REJECT_SHARES_THRESHOLD,
    [VERDICT_DUPLICATE_ID] = OUCH_REJECT_OTHER,
    [VERDICT_UNKNOWN_ORDER] = OUCH_REJECT_REPLACE,
    [VERDICT_NOT_REPLACEABLE] = OUCH_REJECT_REPLACE,
    [VERDICT_STATE] = OUCH_REJECT_HALTED,
    [VERDICT_NOT_ALLOWED] = OUCH_REJECT_OTHER,
};

uint16_t ouch_reason_of_verdict(uint16_t verdict) {
    if (verdict >= sizeof reason_of_verdict || reason_of_verdict[verdict] == 0)
        return OUCH_REJECT_PROCESSING;
    return reason_of_verdict[verdict];
}

uint16_t ouch_reason_of_reject(uint8_t why) {
    switch ((enum reject_why)why) {
    case REJECT_STATE: return OUCH_REJECT_HALTED;
    case REJECT_QTY: return OUCH_REJECT_QTY;
    case REJECT_PRICE_BAND: return OUCH_REJECT_PRICE;
    case REJECT_WOULD_CROSS: return OUCH_REJECT_CROSSED_MARKET;
    case REJECT_FOK: return OUCH_REJECT_MIN_QTY;
    case REJECT_UNKNOWN_ORDER:
    case REJECT_HANDLE: break;
    }
    return OUCH_REJECT_PROCESSING;
}

char ouch_reason_of_cancel(uint8_t why, uint8_t door, uint8_t flags) {
    switch ((enum cancel_why)why) {
    case WHY_IOC: return OUCH_CANCEL_IOC;
    case WHY_SELF_TRADE: return OUCH_CANCEL_SELF_MATCH;
    case WHY_BAND: return OUCH_CANCEL_COLLAR;
    case WHY_USER:
    case WHY_MASS:
    case WHY_REPLACE: break;
    }
    if (flags & REQUEST_GENERATED)
        return OUCH_CANCEL_SYSTEM;
    return door == DOOR_OPERATOR ? OUCH_CANCEL_SUPERVISORY : OUCH_CANCEL_USER;
}
