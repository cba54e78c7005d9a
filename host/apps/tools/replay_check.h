/* The judge of a replay: runs the reference matcher (core/reference.h) on the orders that go to the exchange, says
 * from its events which replies every session must see, in which order, and compares those that come.
 *
 *     what is sent ──▶ replay_check_enter, _replace, _reduce, _cancel ──▶ reference ──▶ replies to expect
 *     what comes   ──▶ replay_check_reply ────────────────────────────▶ compared, field by field
 *
 * Compared are type, UserRefNums, side, symbol, quantity, price, time in force, state, liquidity and reasons. The
 * exchange numbers trades over all its instruments, so match numbers are compared by their partners (both sides
 * of a trade tell the same one) and by their order (a later trade has a higher number).
 *
 * Two sessions: all buys come by one account and all sells by the other (enum side is the session's number), so
 * that no order ever meets its own account. The order in which the exchange takes the messages of two sessions is
 * the caller's to hold to: see replay_desk.h.
 *
 * No I/O but the lines about differences, which go to `out`. Sizes: REPLAY_ORDERS_MAX at rest at once; one more
 * ends the program, as everything else does that the caller must not do. */
#ifndef TOOLS_REPLAY_CHECK_H
#define TOOLS_REPLAY_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "apps/tools/replay_levels.h"
#include "core/matcher.h"
#include "wire/ouch50.h"

#define REPLAY_ORDERS_MAX        131072 /* as exchange.limits.orders unless it is configured */
#define REPLAY_INSTRUMENTS_MAX   64
#define REPLAY_DIFFERENCES_SHOWN 10 /* the others are counted */
#define REPLAY_ORDER_NONE        UINT32_MAX

struct replay_check;

/* What the exchange's instrument is, as far as replies tell. */
struct replay_check_terms {
    char symbol[OUCH50_SYMBOL_BYTES]; /* padded with spaces */
    uint64_t tick_e4;                 /* price of a tick as OUCH counts it */
    uint32_t base_ticks;              /* of the price band */
    uint32_t k;
};

struct replay_check_order {
    uint16_t instrument;
    uint8_t side;
    bool immediate; /* IOC */
    uint32_t price_ticks;
    uint32_t qty_lots;
};

struct replay_check_counts {
    uint64_t sent[2]; /* messages, by session */
    uint64_t accepted;
    uint64_t replaced;
    uint64_t cancelled;
    uint64_t executed; /* replies: two for each trade */
    uint64_t rejected;
    uint64_t trades; /* by the reference */
    uint64_t compared;
    uint64_t differences;
    uint64_t rejected_by_reason[64]; /* OUCH reason; 63: that and all above */
};

/* NULL: no memory. */
struct replay_check *replay_check_make(FILE *out);
void replay_check_free(struct replay_check *judge);
/* Declares the next instrument: numbers run from 0. */
void replay_check_declare(struct replay_check *judge, const struct replay_check_terms *terms);

const struct replay_check_terms *replay_check_terms(const struct replay_check *judge,
                                                    uint16_t instrument);

/* What is sent, in the order in which the exchange takes it. Orders get numbers of our own, from 0. qty of a replace
 * is what shall rest; *_qty returned is what the OUCH message must say (it counts what was executed, too). */
uint32_t replay_check_enter(struct replay_check *judge, const struct replay_check_order *order,
                            uint32_t user_ref);
void replay_check_cancel(struct replay_check *judge, uint32_t order);
uint32_t replay_check_reduce(struct replay_check *judge, uint32_t order, uint32_t left_lots);
/* The order must rest. */
uint32_t replay_check_replace(struct replay_check *judge, uint32_t order, uint32_t price_ticks,
                              uint32_t qty_lots, uint32_t user_ref, uint32_t *message_qty);

/* 0: it does not rest (any more). */
uint32_t replay_check_left(const struct replay_check *judge, uint32_t order);
const struct replay_check_order *replay_check_order(const struct replay_check *judge,
                                                    uint32_t order);
uint32_t replay_check_user_ref(const struct replay_check *judge, uint32_t order);
/* The resting orders that the last message traded with. */
size_t replay_check_hits(const struct replay_check *judge, const uint32_t **orders);
/* The best price of a side as the reference's last DONE told it. False: that side is empty. */
bool replay_check_touch(const struct replay_check *judge, uint16_t instrument, uint8_t side,
                        uint32_t *price_ticks);

/* A reply of the exchange; heartbeats, system events and query responses are not for us. */
void replay_check_reply(struct replay_check *judge, uint8_t session,
                        const struct ouch50_message *message);
/* How many replies a session still owes. */
size_t replay_check_owed(const struct replay_check *judge, uint8_t session);
/* Counts what is owed as missing, with one line about the first, and forgets it. */
void replay_check_missing(struct replay_check *judge, uint8_t session);

/* The reference's book, best level first; returns how many levels. `levels` has room for REPLAY_ORDERS_MAX. */
size_t replay_check_book(const struct replay_check *judge, uint16_t instrument, uint8_t side,
                         struct replay_level *levels);
/* Compares two books of one side, each sorted best first. Returns the levels that differ, with a line about each of
 * the first few; `who` names both, e.g. "BTCUSDTR buy: exchange, reference". */
uint64_t replay_check_levels(struct replay_check *judge, const char *who, uint8_t side,
                             const struct replay_level *left, size_t left_count,
                             const struct replay_level *right, size_t right_count);

const struct replay_check_counts *replay_check_counts(const struct replay_check *judge);

#endif
