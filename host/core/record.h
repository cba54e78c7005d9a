/* The records: everything that is asked of the exchange and everything that happens, in one language.
 *
 * A door (order entry, web, operator) fills an INPUT record and puts it into its ring; the engine copies it,
 * decides, fills in its own fields (verdict, numbers, holds) and appends it to the journal, followed in time
 * by the EVENT records that it causes. The bytes in the ring of the journal, in its segment files and on the
 * way to another machine are the same. Readers need nothing else: balances, books, orders and candles follow
 * from the records by addition.
 *
 * All integers are little-endian. A record is `units` times 64 bytes:
 *
 *     0  crc32c       u32   over bytes 4 .. 64*units-1; the journal writer sets it
 *     4  group        u32   low half of the number of the synced group; the journal writer sets it
 *     8  record_seq   u64   numbers records, from 1, without gaps, for ever; the engine sets it
 *    16  time_ns      u64   nanoseconds since 1970 UTC when the engine decided; never falls
 *    24  epoch        u32   raised at every start; the journal writer sets it
 *    28  kind         u8    enum record_kind
 *    29  units        u8    length in units of 64 bytes
 *    30  instrument   u16   INSTRUMENT_NONE where there is none
 *    32  body               by kind, below; unused bytes are zero
 *
 * GROUP and PAD live in segment files only and are not numbered by record_seq (see journal/segment.h). */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/amount.h"
#include "core/limits.h"

#define RECORD_UNIT_BYTES 64
#define RECORD_HEAD_BYTES 32
#define RECORD_BYTES_MAX  192 /* the largest record; also the slot of every input ring */

enum record_kind {
    /* Inputs: asked for from outside, or made by the engine itself (REQUEST_GENERATED). */
    RECORD_START = 1,      /* the exchange started: a new epoch */
    RECORD_COMMAND = 2,    /* an order, a cancel, a replace, a change of band or state */
    RECORD_ASSET = 3,      /* list an asset */
    RECORD_INSTRUMENT = 4, /* list an instrument or change its terms */
    RECORD_ACCOUNT = 5,    /* create an account or change its terms */
    RECORD_CREDENTIAL = 6, /* a name and password verifier for order entry */
    RECORD_TRANSFER = 7,   /* deposit, withdrawal */
    RECORD_SESSION = 8,    /* an order entry session dropped, or asked for its next UserRefNum */
    RECORD_DAY = 9,        /* a new business day: order entry sessions and UserRefNum start again */
    /* Events: what happened. */
    RECORD_ACCEPTED = 32,
    RECORD_TRADE = 33,
    RECORD_RESTED = 34,
    RECORD_CANCELLED = 35,
    RECORD_REDUCED = 36,
    RECORD_REJECTED = 37,
    RECORD_DONE = 38,
    RECORD_DIGEST = 39, /* digests of matcher and ledger at this place */
    /* Only in segment files. */
    RECORD_GROUP = 64,
    RECORD_PAD = 65,
};

#define RECORD_IS_INPUT(kind) ((kind) >= RECORD_START && (kind) <= RECORD_DAY)
#define RECORD_IS_EVENT(kind) ((kind) >= RECORD_ACCEPTED && (kind) <= RECORD_DIGEST)

struct record_head {
    uint32_t crc32c;
    uint32_t group;
    uint64_t record_seq;
    uint64_t time_ns;
    uint32_t epoch;
    uint8_t kind;
    uint8_t units;
    uint16_t instrument;
};

/* Where an input came from. Each door has a ring of its own; the engine decides what may come through. */
enum door {
    DOOR_ENGINE = 0,      /* made by the engine: triggers, band moves, cancels on disconnect */
    DOOR_ORDER_ENTRY = 1, /* SoupBinTCP sessions */
    DOOR_WEB = 2,         /* REST and WebSocket */
    DOOR_OPERATOR = 3,    /* the operator's socket */
};

enum request_flag {
    REQUEST_GENERATED = 1,    /* made by the engine; replay regenerates and compares it */
    REQUEST_QTY_IS_TOTAL = 2, /* REDUCE, REPLACE: qty counts what was executed too (OUCH) */
    /* REPLACE that is refused or rejected: the engine cancels the old order */
    REQUEST_OR_CANCEL = 4,
    REQUEST_QUIET = 8, /* an order that is not there (any more): no record, no reply (OUCH) */
    REQUEST_ON_DISCONNECT =
        16, /* NEW, REPLACE: cancel this order when its account's session drops */
    /* Set by the engine: the verdict is about the input's form, as the door or the engine found it. What meant nothing
     * was cleared, so replay keeps this verdict, and judges every other one again. */
    REQUEST_FLAWED = 32,
};

/* The first 16 bytes of every input's body. */
struct request {
    uint64_t request_id; /* the door's own number, echoed; with `door` it finds the reply */
    uint32_t account;
    uint8_t door;     /* enum door; the engine overwrites it with the ring's */
    uint8_t flags;    /* enum request_flag */
    uint16_t verdict; /* enum verdict: from the door, a flaw it found; then the engine's decision */
};

/* COMMAND: 0..15 request, then: */
/* 1..7 as in core/matcher.h. */
enum command_op {
    COMMAND_NEW = 1,
    COMMAND_CANCEL = 2,
    COMMAND_REDUCE = 3,
    COMMAND_REPLACE = 4,
    /* the account's resting orders in one instrument; operator, account 0: everyone's */
    COMMAND_MASS_CANCEL = 5,
    COMMAND_SET_BAND = 6,  /* operator or engine */
    COMMAND_SET_STATE = 7, /* operator */
    COMMAND_TRIGGER = 8,   /* engine only: a waiting order enters the matcher */
    /* every order of the account, waiting ones too, in one instrument or (NONE) in all; the
     * engine makes the single CANCELs */
    COMMAND_CANCEL_ALL = 9,
};

enum trigger {
    TRIGGER_NONE = 0,
    /* waits until a trade at or above trigger_ticks: stop buy, take-profit sell */
    TRIGGER_ABOVE = 1,
    TRIGGER_BELOW = 2, /* waits until a trade at or below it: stop sell, take-profit buy */
};

struct command_record {
    struct record_head head;
    struct request request;
    /* NEW: the engine sets it, = record_seq; others: the order named, or 0 when named by
     * orig_user_ref (order entry) or client_order_id (web); the engine fills it */
    uint64_t order_no;
    uint64_t seq; /* number sent to the matcher; 0 = nothing was sent */
    /* NEW, REPLACE; REDUCE: by how much (or the new total, REQUEST_QTY_IS_TOTAL) */
    uint64_t qty_lots;
    uint64_t seen_lots; /* REPLACE: set by the engine */
    /* moved from available to held by this command: quote for a buy, base for a sell */
    amount_t hold_atoms;
    uint32_t price_ticks; /* limit price; SET_BAND: new base */
    /* market: protection price, 0 = the engine sets the instrument's collar */
    uint32_t limit_ticks;
    uint32_t trigger_ticks;
    uint32_t handle; /* set by the engine; REPLACE: the old order's */
    /* REPLACE: set by the engine. The new order's number is this record's record_seq */
    uint32_t new_handle;
    uint32_t owner; /* set by the engine: the number lent to the account at the matcher */
    /* order entry: UserRefNum of this message, strictly increasing per account and day; 0 none */
    uint32_t user_ref;
    uint32_t orig_user_ref; /* order entry: names the order meant by CANCEL, REDUCE, REPLACE */
    /* order entry: bytes that replies repeat (display, capacity, ...); opaque to the engine */
    uint8_t echo[8];
    uint8_t op;   /* enum command_op */
    uint8_t side; /* enum side; for CANCEL, REDUCE, REPLACE set by the engine */
    uint8_t type; /* enum order_type */
    uint8_t tif;  /* enum time_in_force */
    uint8_t stp;  /* enum stp_mode */
    uint8_t post_only;
    uint8_t state;   /* SET_STATE: enum trading_state */
    uint8_t trigger; /* enum trigger; NEW only */
    /* 0 = none; unique among the account's open orders when it came by DOOR_WEB */
    uint8_t client_order_id_length;
    char client_order_id[CLIENT_ORDER_ID_BYTES];
    uint8_t zero[11];
};

struct start_record {
    struct record_head head;
    struct request request;
    uint32_t epoch;
    uint32_t version; /* of the record layouts: RECORD_VERSION */
    char build[40];   /* version control id of the program, NUL padded */
    uint32_t
        account_max; /* struct engine_limits: fixed for the life of a journal, since a refusal for want
                                of room must be one again when the journal is replayed */
    uint32_t balance_max;
    uint32_t order_max;
    uint32_t instrument_max;
    uint8_t zero[16];
};
#define RECORD_VERSION 1u

struct asset_record {
    struct record_head head;
    struct request request;
    char name[SYMBOL_BYTES];
    uint16_t asset;   /* index, set by the engine: 0, 1, 2 ... */
    uint8_t decimals; /* atoms per unit = 10^decimals */
    uint8_t zero[61];
};

/* Listing: a new symbol. Changing: a known symbol; then base, quote, tick, lot and k must be equal and fees,
 * collar and limits take effect from this record on. */
struct instrument_record {
    struct record_head head; /* head.instrument: index, set by the engine */
    struct request request;
    amount_t min_notional_atoms;
    uint64_t tick_e8;   /* price of one tick in 1e-8 of the quote unit */
    uint64_t lot_atoms; /* base atoms in one lot */
    /* quote atoms of one tick times one lot; set by the engine; must be whole and > 0 */
    uint64_t tick_lot_atoms;
    uint64_t max_order_lots; /* 0 = QTY_BITS decides */
    char symbol[SYMBOL_BYTES];
    char base_asset_name[SYMBOL_BYTES];
    char quote_asset_name[SYMBOL_BYTES];
    uint32_t base_ticks; /* lower edge of the price band at listing */
    uint32_t maker_fee_ppm;
    uint32_t taker_fee_ppm;
    uint32_t collar_ppm; /* market orders: how far beyond the touch they may trade; 0 = 50,000 */
    uint16_t base_asset; /* indices, set by the engine from the names */
    uint16_t quote_asset;
    uint8_t k; /* band of 2^k ticks */
    uint8_t zero[27];
};

#define FEE_INHERIT 0xFFFFFFFFu
enum account_flag { ACCOUNT_SUSPENDED = 1 /* may cancel, may not place */ };
struct account_record {
    struct record_head head;
    /* request.account: 0 = create and let the engine choose; else change (or create that number,
     * if it is the next free one); the engine fills it */
    struct request request;
    char name[ACCOUNT_NAME_BYTES];
    uint32_t maker_fee_ppm; /* FEE_INHERIT = the instrument's */
    uint32_t taker_fee_ppm;
    uint32_t open_order_max; /* 0 = OPEN_ORDERS_DEFAULT */
    uint32_t account_flags;
    uint8_t zero[48];
};

/* The verifier is HMAC-SHA256(key file, username || password): the journal alone tells nobody anything. */
struct credential_record {
    struct record_head head;
    struct request request;
    char username[USERNAME_BYTES];
    uint8_t revoked;
    uint8_t zero[7];
    uint8_t verifier[32];
    uint8_t zero2[32];
};

enum transfer_kind { TRANSFER_DEPOSIT = 1, TRANSFER_WITHDRAWAL = 2 };
enum transfer_state {
    TRANSFER_REQUESTED = 1,
    TRANSFER_APPROVED = 2,
    TRANSFER_DONE = 3,
    TRANSFER_REFUSED = 4
};
/* A deposit is DONE at once when it comes from the operator. A withdrawal holds the funds when REQUESTED, and
 * pays out at DONE or releases at REFUSED; the later records name the first by transfer_no. */
struct transfer_record {
    struct record_head head;
    struct request request;
    amount_t amount_atoms;
    /* 0 in the first record of a transfer, which becomes its number; set by the engine */
    uint64_t transfer_no;
    uint16_t asset;
    uint8_t transfer_kind;
    uint8_t transfer_state;
    uint8_t zero[4];
    char reference[32]; /* the outside's name for it */
    uint8_t zero2[16];
};

enum session_event {
    SESSION_DROPPED = 1, /* its account's orders with REQUEST_ON_DISCONNECT are cancelled */
    /* the client asks for its next UserRefNum: changes nothing; a record so that the answer has a
     * number among the replies, and the same one after a restart */
    SESSION_QUERIED = 2,
};
struct session_record {
    struct record_head head;
    struct request request;
    uint8_t session_event;
    uint8_t zero[3];
    /* SESSION_QUERIED: the smallest that would be taken; set by the engine */
    uint32_t next_user_ref;
    uint8_t zero2[8];
};

struct day_record {
    struct record_head head;
    struct request request;
    uint32_t day; /* YYYYMMDD */
    uint8_t zero[12];
};

/* Events. `seq` is the matcher's number of the command that caused them (0: the engine alone). */
struct accepted_record {
    struct record_head head;
    uint64_t seq;
    uint64_t order_no;
    uint32_t account;
    uint32_t handle;
    uint8_t zero[8];
};

struct trade_record {
    struct record_head head;
    uint64_t seq;
    uint64_t match; /* number of the trade */
    uint64_t maker_order_no;
    uint64_t taker_order_no;
    uint64_t qty_lots;
    uint64_t maker_left_lots; /* 0: that order is finished */
    uint64_t taker_left_lots;
    uint32_t price_ticks;
    uint32_t maker_account;
    uint32_t taker_account;
    uint8_t taker_side; /* enum side */
    uint8_t zero[3];
    uint64_t zero2;
    /* of what that side receives: base for the buyer, quote for the seller */
    amount_t maker_fee_atoms;
    amount_t taker_fee_atoms;
    /* quote: price improvement of a buying taker, back to available */
    amount_t taker_release_atoms;
    uint8_t zero3[32];
};

struct rested_record {
    struct record_head head;
    uint64_t seq;
    uint64_t order_no;
    uint64_t qty_lots;
    uint32_t price_ticks;
    uint8_t side;
    uint8_t zero[3];
};

/* CANCELLED: qty is all that was left. REDUCED: qty is the new remainder. */
struct cancelled_record {
    struct record_head head;
    uint64_t seq;
    uint64_t order_no;
    amount_t release_atoms; /* from held back to available: quote for a buy, base for a sell */
    uint64_t qty_lots;
    uint64_t taken_lots; /* how much of the order this took away (CANCELLED: = qty_lots) */
    uint32_t account;
    uint8_t why; /* enum cancel_why; of a waiting order the engine cancels: WHY_USER */
    uint8_t side;
    uint8_t zero[2];
    /* CANCELLED(WHY_REPLACE): the order that takes its place; its hold moved there, so
     * release_atoms is only what the new one does not need */
    uint64_t new_order_no;
    uint8_t zero2[32];
};

/* The matcher rejected the command `seq`: what it held is released, nothing else changed. */
struct rejected_record {
    struct record_head head;
    uint64_t seq;
    /* NEW, TRIGGER: the order; REPLACE: the new order's number; else the order named */
    uint64_t order_no;
    amount_t release_atoms;
    uint32_t account;
    uint8_t why; /* enum reject_why */
    uint8_t op;  /* enum command_op */
    uint8_t side;
    uint8_t zero[57];
};

struct done_record {
    struct record_head head; /* head.instrument: whose touch it is */
    uint64_t seq;
    uint64_t bid_qty_lots; /* 0 = no bid */
    uint64_t ask_qty_lots;
    uint32_t bid_ticks;
    uint32_t ask_ticks;
};

struct digest_record {
    struct record_head head;
    uint64_t seq; /* last number sent to the matcher */
    uint64_t matcher_digest;
    uint64_t ledger_digest;
    uint8_t zero[8];
};

static_assert(sizeof(struct record_head) == RECORD_HEAD_BYTES, "layout");
static_assert(sizeof(struct request) == 16, "layout");
static_assert(sizeof(struct command_record) == 192, "layout");
static_assert(offsetof(struct command_record, hold_atoms) == 80, "layout");
static_assert(offsetof(struct command_record, echo) == 128, "layout");
static_assert(offsetof(struct command_record, client_order_id) == 145, "layout");
static_assert(sizeof(struct start_record) == 128, "layout");
static_assert(sizeof(struct asset_record) == 128, "layout");
static_assert(sizeof(struct instrument_record) == 192, "layout");
static_assert(sizeof(struct account_record) == 128, "layout");
static_assert(sizeof(struct credential_record) == 128, "layout");
static_assert(sizeof(struct transfer_record) == 128, "layout");
static_assert(sizeof(struct session_record) == 64, "layout");
static_assert(sizeof(struct day_record) == 64, "layout");
static_assert(sizeof(struct accepted_record) == 64, "layout");
static_assert(sizeof(struct trade_record) == 192, "layout");
static_assert(offsetof(struct trade_record, maker_fee_atoms) == 112, "layout");
static_assert(sizeof(struct rested_record) == 64, "layout");
static_assert(sizeof(struct cancelled_record) == 128, "layout");
static_assert(sizeof(struct rejected_record) == 128, "layout");
static_assert(sizeof(struct done_record) == 64, "layout");
static_assert(sizeof(struct digest_record) == 64, "layout");

/* Room for any record; aligned so that amounts may be read in place. */
union record {
    struct record_head head;
    struct {
        struct record_head input_head;
        struct request request; /* inputs only */
    };
    struct start_record start;
    struct command_record command;
    struct asset_record asset;
    struct instrument_record instrument;
    struct account_record account;
    struct credential_record credential;
    struct transfer_record transfer;
    struct session_record session;
    struct day_record day;
    struct accepted_record accepted;
    struct trade_record trade;
    struct rested_record rested;
    struct cancelled_record cancelled; /* also REDUCED */
    struct rejected_record rejected;
    struct done_record done;
    struct digest_record digest;
    unsigned char bytes[RECORD_BYTES_MAX];
};
static_assert(sizeof(union record) == RECORD_BYTES_MAX, "layout");

/* Units of 64 bytes of a kind; 0 for a kind we do not know (refused by every reader). */
static inline uint8_t record_units(uint8_t kind) {
    switch (kind) {
    case RECORD_COMMAND:
    case RECORD_INSTRUMENT:
    case RECORD_TRADE: return 3;
    case RECORD_START:
    case RECORD_ASSET:
    case RECORD_ACCOUNT:
    case RECORD_CREDENTIAL:
    case RECORD_TRANSFER:
    case RECORD_CANCELLED:
    case RECORD_REDUCED:
    case RECORD_REJECTED: return 2;
    case RECORD_SESSION:
    case RECORD_DAY:
    case RECORD_ACCEPTED:
    case RECORD_RESTED:
    case RECORD_DONE:
    case RECORD_DIGEST: return 1;
    default: return 0;
    }
}

#endif
