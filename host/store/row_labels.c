#include "store/row_labels.h"

#include <stddef.h>
#include <string.h>

#include "core/matcher.h"
#include "core/record.h"
#include "store/rows.h"

#define LABELS_MAX 10

static const char *const labels[][LABELS_MAX] = {
    [LABEL_SIDE] = {[SIDE_BUY] = "buy", [SIDE_SELL] = "sell"},
    [LABEL_TYPE] = {[ORDER_TYPE_LIMIT] = "limit", [ORDER_TYPE_MARKET] = "market"},
    [LABEL_TIF] = {[TIF_GTC] = "gtc", [TIF_IOC] = "ioc", [TIF_FOK] = "fok"},
    [LABEL_STP] = {[STP_NONE] = "none",
                   [STP_EXPIRE_TAKER] = "expire_taker",
                   [STP_EXPIRE_MAKER] = "expire_maker",
                   [STP_EXPIRE_BOTH] = "expire_both",
                   [STP_DECREMENT] = "decrement"},
    [LABEL_DOOR] = {[DOOR_ENGINE] = "engine",
                    [DOOR_ORDER_ENTRY] = "order_entry",
                    [DOOR_WEB] = "web",
                    [DOOR_OPERATOR] = "operator"},
    [LABEL_TRIGGER] = {[TRIGGER_ABOVE] = "above", [TRIGGER_BELOW] = "below"},
    [LABEL_STATUS] = {[ORDER_STATUS_SENT] = "sent",
                      [ORDER_STATUS_WAITING] = "waiting",
                      [ORDER_STATUS_OPEN] = "open",
                      [ORDER_STATUS_PARTLY_FILLED] = "partly_filled",
                      [ORDER_STATUS_FILLED] = "filled",
                      [ORDER_STATUS_CANCELLED] = "cancelled",
                      [ORDER_STATUS_REPLACED] = "replaced",
                      [ORDER_STATUS_REFUSED] = "refused",
                      [ORDER_STATUS_REJECTED] = "rejected"},
    [LABEL_CANCEL_WHY] = {[WHY_USER] = "user",
                          [WHY_IOC] = "ioc",
                          [WHY_SELF_TRADE] = "self_trade",
                          [WHY_BAND] = "band",
                          [WHY_MASS] = "mass",
                          [WHY_REPLACE] = "replace"},
    [LABEL_REJECT_WHY] = {[REJECT_UNKNOWN_ORDER] = "unknown_order",
                          [REJECT_HANDLE] = "handle",
                          [REJECT_STATE] = "state",
                          [REJECT_QTY] = "qty",
                          [REJECT_PRICE_BAND] = "price_band",
                          [REJECT_WOULD_CROSS] = "would_cross",
                          [REJECT_FOK] = "fok"},
};

const char *label_of(enum label_set set, uint8_t value) {
    return value < LABELS_MAX ? labels[set][value] : NULL;
}

uint8_t label_value(enum label_set set, const char *label) {
    for (uint8_t value = 0; value < LABELS_MAX; value++)
        if (labels[set][value] != NULL && strcmp(labels[set][value], label) == 0)
            return value;
    return LABEL_UNKNOWN;
}
