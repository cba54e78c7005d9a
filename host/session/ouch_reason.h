/* The codes by which OUCH says why: of rejected orders, and of canceled ones. docs/order-entry.md has the tables. */
#ifndef SESSION_OUCH_REASON_H
#define SESSION_OUCH_REASON_H

#include <stdint.h>

/* In `J`; the published numbers that this venue uses. */
enum ouch_reject {
    OUCH_REJECT_QUOTE_UNAVAILABLE = 1,
    OUCH_REJECT_DISPLAY = 3,
    OUCH_REJECT_MAX_FLOOR = 4,
    OUCH_REJECT_HALTED = 7,
    OUCH_REJECT_ISO = 8,
    OUCH_REJECT_SIDE = 9,
    OUCH_REJECT_PROCESSING = 10,
    OUCH_REJECT_FIRM = 12,
    OUCH_REJECT_MIN_QTY = 13,
    OUCH_REJECT_OTHER = 15,
    OUCH_REJECT_PEGGING = 17,
    OUCH_REJECT_CROSSED_MARKET = 18,
    OUCH_REJECT_QTY = 19,
    OUCH_REJECT_CROSS_ORDER = 20,
    OUCH_REJECT_REPLACE = 21,
    OUCH_REJECT_ROUTING = 22,
    OUCH_REJECT_SYMBOL = 23,
    OUCH_REJECT_PRICE = 29,
    OUCH_REJECT_SHARES_THRESHOLD = 30,
    OUCH_REJECT_EXPOSURE = 32,
    OUCH_REJECT_RESTRICTED = 34,
    OUCH_REJECT_SHORT_SELL = 35,
    OUCH_REJECT_ORDER_TYPE = 36,
};

/* In `C`. */
enum ouch_cancel {
    OUCH_CANCEL_USER = 'U',
    OUCH_CANCEL_IOC = 'I',
    OUCH_CANCEL_SUPERVISORY = 'S',
    OUCH_CANCEL_SELF_MATCH = 'Q',
    OUCH_CANCEL_SYSTEM = 'Z',
    OUCH_CANCEL_COLLAR = 'K',
};

/* Of a command that the engine refused, and of one that the matcher rejected (enum reject_why). */
uint16_t ouch_reason_of_verdict(uint16_t verdict);
uint16_t ouch_reason_of_reject(uint8_t why);
/* Of an order that was cancelled or reduced: enum cancel_why, and the door and flags of the command that did it. */
char ouch_reason_of_cancel(uint8_t why, uint8_t door, uint8_t flags);

#endif
