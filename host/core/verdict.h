/* What the engine (or a door, for what it alone can see) decided about an input. Stable numbers: they are in
 * the journal. TAKEN changes state; every other verdict changes nothing. */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum verdict {
    VERDICT_TAKEN = 0,
    /* the order itself */
    VERDICT_BAD_FIELD = 1, /* a field has a value that means nothing */
    VERDICT_UNKNOWN_INSTRUMENT = 2,
    VERDICT_OFF_TICK = 3,     /* price is no multiple of the tick */
    VERDICT_OFF_LOT = 4,      /* quantity is no multiple of the lot */
    VERDICT_PRICE = 5,        /* outside the price band, or unrepresentable */
    VERDICT_QTY = 6,          /* zero, or above the instrument's maximum */
    VERDICT_MIN_NOTIONAL = 7, /* price times quantity below the instrument's minimum */
    /* a market order without a protection price, and no price to derive one from */
    VERDICT_NO_REFERENCE = 8,
    VERDICT_WOULD_TRIGGER = 9, /* a stop that the last trade would trigger at once */
    VERDICT_UNSUPPORTED = 10,  /* a field the protocol has and this venue has not */
    /* the account */
    VERDICT_UNKNOWN_ACCOUNT = 20,
    VERDICT_SUSPENDED = 21,
    VERDICT_NO_FUNDS = 22,
    VERDICT_OPEN_ORDER_LIMIT = 23,
    VERDICT_DUPLICATE_ID = 24,    /* client order id is in use by an open order */
    VERDICT_UNKNOWN_ORDER = 25,   /* no such open order of this account */
    VERDICT_NOT_REPLACEABLE = 26, /* waiting, or already being replaced */
    /* the venue */
    VERDICT_STATE = 40,       /* trading is halted or closed */
    VERDICT_NOT_ALLOWED = 41, /* this door may not ask for that */
    VERDICT_ORDER_LIMIT = 42, /* the venue's table of orders is full */
    VERDICT_OWNER_LIMIT = 43,
    VERDICT_ASSET_LIMIT = 44,
    VERDICT_INSTRUMENT_LIMIT = 45,
    VERDICT_ACCOUNT_LIMIT = 46,
    VERDICT_BALANCE_LIMIT = 47,
    VERDICT_UNKNOWN_ASSET = 48,
    VERDICT_DIFFERENT_TERMS = 49, /* listing again with a tick, lot, band or assets that differ */
    VERDICT_UNKNOWN_TRANSFER = 50,
    VERDICT_TRANSFER_STATE = 51, /* that step does not follow from the transfer's state */
    VERDICT_TRANSFER_LIMIT = 52, /* the venue's table of open transfers is full */
    VERDICT_DISK_SPACE =
        53, /* the journal's disk is nearly full: only what closes orders is taken */
    VERDICT_DAY_BEGUN = 54, /* that business day is the one at hand */
};

/* Whether it is one of the above: what a door or a file brings may be none. */
bool verdict_known(uint16_t verdict);
/* "NO_FUNDS"; and "The account has not enough available for this order." Never NULL. */
const char *verdict_name(uint16_t verdict);
const char *verdict_sentence(uint16_t verdict);

#endif
