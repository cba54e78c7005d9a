/* The matcher port: a book of orders behind three verbs, obeyed by the C matcher and by the card.
 *
 * docs/matching.md is the law: for the same commands every matcher emits the same events in the same order.
 * The host sends a struct matcher_command with consecutive `seq`, and takes back struct matcher_event until
 * the DONE of that `seq`. A matcher owns its books; it knows nothing of money, accounts or sessions.
 *
 * Both structs are 64 bytes, hold no pointers and have no hidden padding, so that they can be compared with
 * memcmp. Fields that an op does not use are zero. */
#ifndef CORE_MATCHER_H
#define CORE_MATCHER_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum side { SIDE_BUY = 0, SIDE_SELL = 1 };
enum order_type { ORDER_TYPE_LIMIT = 0, ORDER_TYPE_MARKET = 1 };
enum time_in_force { TIF_GTC = 0, TIF_IOC = 1, TIF_FOK = 2 };
enum stp_mode {
    STP_NONE = 0,
    STP_EXPIRE_TAKER = 1,
    STP_EXPIRE_MAKER = 2,
    STP_EXPIRE_BOTH = 3,
    STP_DECREMENT = 4
};
enum trading_state { STATE_OPEN = 0, STATE_HALTED = 1, STATE_CLOSED = 2 };

enum matcher_op {
    OP_NEW = 1,
    OP_CANCEL = 2,
    OP_REDUCE = 3,
    OP_REPLACE = 4,
    OP_MASS_CANCEL = 5,
    OP_SET_BAND = 6,
    OP_SET_STATE = 7,
};

/* A handle names a resting order in every matcher: 8 bits of generation above 24 bits of index. */
#define HANDLE_INDEX_BITS         24
#define HANDLE_INDEX_MASK         0xFFFFFFu
#define HANDLE_INDEX(handle)      (HANDLE_INDEX_MASK & (handle))
#define HANDLE_GENERATION(handle) ((handle) >> HANDLE_INDEX_BITS)
#define HANDLE_MAKE(generation, index)                                                             \
    (((uint32_t)(generation) << HANDLE_INDEX_BITS) | (uint32_t)(index))

struct matcher_command {
    uint64_t seq;         /* consecutive from 1 */
    uint64_t qty_lots;    /* NEW, REDUCE (by how much), REPLACE (new open quantity) */
    uint64_t seen_lots;   /* REPLACE: the remainder the host expects; 0 = take qty as it is */
    uint32_t price_ticks; /* limit price; SET_BAND: the new base */
    uint32_t limit_ticks; /* market order's protection price; 0 = none */
    uint32_t handle;      /* the order; REPLACE: the old one */
    uint32_t new_handle;  /* REPLACE only */
    uint32_t owner;       /* self-trade group, 0 = none; MASS_CANCEL: whose orders, 0 = all */
    uint16_t instrument;
    uint8_t op;        /* enum matcher_op */
    uint8_t side;      /* enum side */
    uint8_t type;      /* enum order_type */
    uint8_t tif;       /* enum time_in_force */
    uint8_t stp;       /* enum stp_mode */
    uint8_t post_only; /* 0 or 1 */
    uint8_t state;     /* SET_STATE: enum trading_state */
    uint8_t zero[11];
};
static_assert(sizeof(struct matcher_command) == 64, "one cache line");

enum event_type {
    EVENT_ACCEPTED = 1,
    EVENT_TRADE = 2,
    EVENT_RESTED = 3,
    EVENT_CANCELLED = 4,
    EVENT_REDUCED = 5,
    EVENT_REJECT = 6,
    EVENT_DONE = 7,
};

/* Why an order was cancelled or reduced. */
enum cancel_why {
    WHY_USER = 1,
    WHY_IOC = 2,
    WHY_SELF_TRADE = 3,
    WHY_BAND = 4,
    WHY_MASS = 5,
    WHY_REPLACE = 6,
};

/* Why a command was rejected by the matcher. */
enum reject_why {
    REJECT_UNKNOWN_ORDER = 1,
    REJECT_HANDLE = 2,
    REJECT_STATE = 3,
    REJECT_QTY = 4,
    REJECT_PRICE_BAND = 5,
    REJECT_WOULD_CROSS = 6,
    REJECT_FOK = 7,
};

struct matcher_event {
    uint64_t seq; /* of the command that caused it */
    union {
        struct {               /* all but DONE */
            uint64_t match;    /* TRADE: number of the trade, from 1 per matcher */
            uint64_t qty_lots; /* TRADE, RESTED, CANCELLED (taken away), REDUCED (new remainder) */
            uint64_t maker_left;  /* TRADE: remainder of the maker */
            uint64_t taker_left;  /* TRADE: remainder of the taker */
            uint32_t handle;      /* the order; TRADE: the taker */
            uint32_t maker;       /* TRADE only */
            uint32_t price_ticks; /* TRADE, RESTED */
            uint32_t zero;
        } order;
        struct {                   /* DONE: the touch of the command's instrument after it */
            uint64_t bid_qty_lots; /* aggregate of the best level; 0 = no bid */
            uint64_t ask_qty_lots;
            uint32_t bid_ticks; /* 0 when there is none */
            uint32_t ask_ticks;
            uint64_t zero[3];
        } done;
    };
    uint16_t instrument;
    uint8_t type; /* enum event_type */
    uint8_t why;  /* enum cancel_why or reject_why; else 0 */
    uint8_t zero[4];
};
static_assert(sizeof(struct matcher_event) == 64, "one cache line");

/* What a matcher is built for; fixed for its life. The aggregate of a level must fit 64 bits:
 * qty_bits + log2(handle_count), rounded up, is at most 64. */
struct matcher_limits {
    uint32_t qty_bits;         /* 1..64; quantities above 2^qty_bits - 1 are REJECT(QTY) */
    uint32_t owner_bits;       /* 1..32; a wider owner is a fault */
    uint32_t handle_count;     /* 1..2^24; an index not below it is REJECT(HANDLE) */
    uint32_t instrument_count; /* 1..65536: instruments 0..count-1 may be declared */
};

/* Can the C matchers be built for these? */
NODISCARD static inline bool matcher_limits_fit(const struct matcher_limits *limits) {
    uint32_t handle_bits = 0;

    while (UINT64_C(1) << handle_bits < limits->handle_count)
        handle_bits++;
    return limits->qty_bits >= 1 && limits->qty_bits + handle_bits <= 64 &&
           limits->owner_bits >= 1 && limits->owner_bits <= 32 && limits->handle_count >= 1 &&
           handle_bits <= HANDLE_INDEX_BITS && limits->instrument_count >= 1 &&
           limits->instrument_count <= 65536;
}

enum matcher_taken { MATCHER_TAKEN, MATCHER_FULL };

/* The port. `self` belongs to the implementation; one thread owns a matcher and is the only caller.
 *
 * declare  announces an instrument before its first command: band [base, base + 2^k), k <= 32,
 *          base + 2^k <= 2^32, state OPEN. Not sequenced.
 * submit   hands over one command. MATCHER_FULL: nothing was taken, poll first, then try again.
 *          What only a broken host sends (a gap in seq, an undeclared instrument, an unknown op or value,
 *          an owner too wide) is a fault: the C matcher stops by check, a card halts.
 * poll     moves up to max events, oldest first, into `events` and returns how many.
 * digest   FNV-1a of the books as docs/matching.md §7 defines it; call it when no command is in flight. */
struct matcher_ops {
    void (*declare)(void *self, uint16_t instrument, uint32_t base_ticks, uint32_t k);
    enum matcher_taken (*submit)(void *self, const struct matcher_command *command);
    size_t (*poll)(void *self, struct matcher_event *events, size_t max);
    uint64_t (*digest)(void *self);
};

struct matcher {
    const struct matcher_ops *ops;
    void *self;
};

#endif
