#include "core/verdict.h"

#include <stddef.h>

struct verdict_words {
    const char *name;
    const char *sentence;
};

/* Indexed by verdict; the numbers between have no words and are no verdicts. */
static const struct verdict_words words_of_verdict[] = {
    [VERDICT_TAKEN] = {"TAKEN", "The request was taken."},
    [VERDICT_BAD_FIELD] = {"BAD_FIELD", "A field has a value that means nothing."},
    [VERDICT_UNKNOWN_INSTRUMENT] = {"UNKNOWN_INSTRUMENT", "There is no such instrument."},
    [VERDICT_OFF_TICK] = {"OFF_TICK", "The price is not a multiple of the tick size."},
    [VERDICT_OFF_LOT] = {"OFF_LOT", "The quantity is not a multiple of the lot size."},
    [VERDICT_PRICE] = {"PRICE", "The price is outside the instrument's price band."},
    [VERDICT_QTY] = {"QTY", "The quantity is zero or above the instrument's maximum."},
    [VERDICT_MIN_NOTIONAL] = {"MIN_NOTIONAL",
                              "Price times quantity is below the instrument's minimum."},
    [VERDICT_NO_REFERENCE] = {"NO_REFERENCE",
                              "There is no price from which to protect this market order."},
    [VERDICT_WOULD_TRIGGER] = {"WOULD_TRIGGER", "The last trade would trigger this order at once."},
    [VERDICT_UNSUPPORTED] = {"UNSUPPORTED", "This venue does not support that field."},
    [VERDICT_UNKNOWN_ACCOUNT] = {"UNKNOWN_ACCOUNT", "There is no such account."},
    [VERDICT_SUSPENDED] = {"SUSPENDED",
                           "The account is suspended: it may cancel, but not place orders."},
    [VERDICT_NO_FUNDS] = {"NO_FUNDS", "The account has not enough available for this request."},
    [VERDICT_OPEN_ORDER_LIMIT] = {"OPEN_ORDER_LIMIT",
                                  "The account has as many open orders as it may."},
    [VERDICT_DUPLICATE_ID] = {"DUPLICATE_ID", "An open order already has this client order id."},
    [VERDICT_UNKNOWN_ORDER] = {"UNKNOWN_ORDER", "The account has no such open order."},
    [VERDICT_NOT_REPLACEABLE] = {"NOT_REPLACEABLE",
                                 "The order waits for its trigger or is already being replaced."},
    [VERDICT_STATE] = {"STATE", "Trading in this instrument is halted or closed."},
    [VERDICT_NOT_ALLOWED] = {"NOT_ALLOWED", "That may not be asked for through this door."},
    [VERDICT_ORDER_LIMIT] = {"ORDER_LIMIT", "The venue holds as many open orders as it can."},
    [VERDICT_OWNER_LIMIT] = {"OWNER_LIMIT",
                             "As many accounts have open orders as the venue can tell apart."},
    [VERDICT_ASSET_LIMIT] = {"ASSET_LIMIT", "The venue lists as many assets as it can."},
    [VERDICT_INSTRUMENT_LIMIT] = {"INSTRUMENT_LIMIT",
                                  "The venue lists as many instruments as it can."},
    [VERDICT_ACCOUNT_LIMIT] = {"ACCOUNT_LIMIT", "The venue holds as many accounts as it can."},
    [VERDICT_BALANCE_LIMIT] = {"BALANCE_LIMIT", "The venue holds as many balances as it can."},
    [VERDICT_UNKNOWN_ASSET] = {"UNKNOWN_ASSET", "There is no such asset."},
    [VERDICT_DIFFERENT_TERMS] = {"DIFFERENT_TERMS",
                                 "It is listed already, with terms that cannot be changed."},
    [VERDICT_UNKNOWN_TRANSFER] = {"UNKNOWN_TRANSFER", "There is no such open transfer."},
    [VERDICT_TRANSFER_STATE] = {"TRANSFER_STATE",
                                "That step does not follow from the transfer's state."},
    [VERDICT_DAY_BEGUN] = {"DAY_BEGUN", "That business day has begun already."},
    [VERDICT_DISK_SPACE] = {"DISK_SPACE",
                            "The venue takes no new orders until its disk has room again."},
    [VERDICT_TRANSFER_LIMIT] = {"TRANSFER_LIMIT",
                                "The venue holds as many open transfers as it can."},
};

static const struct verdict_words words_of_unknown = {"UNKNOWN", "This verdict is not known here."};

static struct verdict_words verdict_words(uint16_t verdict) {
    if (!verdict_known(verdict))
        return words_of_unknown;
    return words_of_verdict[verdict];
}

bool verdict_known(uint16_t verdict) {
    return verdict < sizeof words_of_verdict / sizeof *words_of_verdict &&
           words_of_verdict[verdict].name != NULL;
}

const char *verdict_name(uint16_t verdict) {
    return verdict_words(verdict).name;
}

const char *verdict_sentence(uint16_t verdict) {
    return verdict_words(verdict).sentence;
}
