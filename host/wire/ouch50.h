/* OUCH 5.0: messages between a client and the exchange, each in one SoupBinTCP packet (client: unsequenced,
 * exchange: sequenced). Offsets, lengths and names are in the tables of ouch50.c.
 *
 * One struct carries the fields of all messages; those that a message does not have are zero after decoding and
 * not looked at when encoding. Text is padded with spaces on the right. The two directions are two sets of
 * messages: `U` means replace from a client, replaced from the exchange.
 *
 * Some messages end with an appendage: a length u16, then elements of (length u8, tag u8, value). */
#ifndef WIRE_OUCH50_H
#define WIRE_OUCH50_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* The price that means market order; prices count 0.0001. */
#define OUCH50_PRICE_MARKET 0x7FFFFFFFFFFFFFFFu
#define OUCH50_CLORD_BYTES  14
#define OUCH50_SYMBOL_BYTES 8
#define OUCH50_MESSAGE_BYTES_MAX                                                                   \
    256 /* a head of at most 66 bytes and every tag once; a buffer of this size always fits */

enum ouch50_client_type {
    OUCH50_ENTER = 'O',
    OUCH50_REPLACE = 'U',
    OUCH50_CANCEL = 'X',
    OUCH50_MODIFY = 'M',
    OUCH50_QUERY = 'Q',
};

enum ouch50_server_type {
    OUCH50_SYSTEM_EVENT = 'S',
    OUCH50_ACCEPTED = 'A',
    OUCH50_REPLACED = 'U',
    OUCH50_CANCELED = 'C',
    OUCH50_AIQ_CANCELED = 'D',
    OUCH50_EXECUTED = 'E',
    OUCH50_BROKEN = 'B',
    OUCH50_REJECTED = 'J',
    OUCH50_CANCEL_PENDING = 'P',
    OUCH50_CANCEL_REJECTED = 'I',
    OUCH50_PRIORITY = 'T',
    OUCH50_MODIFIED = 'M',
    OUCH50_RESTATED = 'R',
    OUCH50_QUERY_RESPONSE = 'Q',
};

enum ouch50_tag {
    OUCH50_TAG_UNKNOWN = 0, /* a tag that is not here; its value was passed over */
    OUCH50_TAG_SECONDARY_REF = 1,
    OUCH50_TAG_FIRM = 2,
    OUCH50_TAG_MIN_QTY = 3,
    OUCH50_TAG_CUSTOMER_TYPE = 4,
    OUCH50_TAG_MAX_FLOOR = 5,
    OUCH50_TAG_PRICE_TYPE = 6,
    OUCH50_TAG_PEG_OFFSET = 7,
    OUCH50_TAG_DISCRETION_PRICE = 9,
    OUCH50_TAG_DISCRETION_PRICE_TYPE = 10,
    OUCH50_TAG_DISCRETION_PEG_OFFSET = 11,
    OUCH50_TAG_POST_ONLY = 12,
    OUCH50_TAG_RANDOM_RESERVES = 13,
    OUCH50_TAG_ROUTE = 14,
    OUCH50_TAG_EXPIRE_TIME = 15,
    OUCH50_TAG_TRADE_NOW = 16,
    OUCH50_TAG_HANDLE_INST = 17,
    OUCH50_TAG_BBO_WEIGHT = 18,
    OUCH50_TAG_DISPLAY_QTY = 22,
    OUCH50_TAG_DISPLAY_PRICE = 23,
    OUCH50_TAG_GROUP_ID = 24,
    OUCH50_TAG_SHARES_LOCATED = 25,
};
#define OUCH50_TAG_MAX      25
#define OUCH50_TAG_BIT(tag) (1u << (tag))

struct ouch50_appendage {
    uint32_t present; /* OUCH50_TAG_BIT of each */
    uint32_t min_qty;
    uint32_t max_floor;
    uint32_t peg_offset; /* signed, two's complement */
    uint32_t discretion_peg_offset;
    uint32_t random_reserves;
    uint32_t expire_time_seconds;
    uint32_t display_qty;
    uint64_t secondary_ref;
    uint64_t discretion_price;
    uint64_t display_price;
    uint16_t group_id;
    char firm[4];
    char route[4];
    char customer_type;
    char price_type;
    char discretion_price_type;
    char post_only;
    char trade_now;
    char handle_inst;
    char bbo_weight;
    char shares_located;
};

struct ouch50_message {
    char type;
    char side;
    char tif;
    char display;
    char capacity;
    char iso;
    char cross;
    char state;
    char liquidity;
    char reason; /* canceled, AIQ canceled, broken, restated */
    char event;
    char strategy;
    uint16_t reject_reason;
    uint32_t user_ref; /* replace and replaced: the new one */
    uint32_t orig_user_ref;
    uint32_t qty; /* canceled, executed: by how much; cancel, modify: the new total */
    uint32_t prevented_qty;
    uint32_t next_user_ref;
    uint64_t timestamp_ns; /* since midnight */
    uint64_t price;
    uint64_t order_ref;
    uint64_t match;
    char symbol[OUCH50_SYMBOL_BYTES];
    char clord_id[OUCH50_CLORD_BYTES];
    struct ouch50_appendage appendage;
};

enum ouch50_result {
    OUCH50_OK,
    OUCH50_UNKNOWN_TYPE,
    OUCH50_TRUNCATED,     /* shorter than its fields */
    OUCH50_OVERSIZED,     /* bytes behind its fields */
    OUCH50_BAD_APPENDAGE, /* elements that do not add up, a tag twice, a value of the wrong size */
};

/* `bytes` is one message, all of it. The message is meaningful only with OUCH50_OK. */
NODISCARD enum ouch50_result ouch50_decode_client(const unsigned char *bytes, size_t length_bytes,
                                                  struct ouch50_message *message);
NODISCARD enum ouch50_result ouch50_decode_server(const unsigned char *bytes, size_t length_bytes,
                                                  struct ouch50_message *message);
/* The length; 0: it does not fit into out_max, or there is no such type. Tags are written in rising order. */
size_t ouch50_encode_client(const struct ouch50_message *message, unsigned char *out,
                            size_t out_max);
size_t ouch50_encode_server(const struct ouch50_message *message, unsigned char *out,
                            size_t out_max);

#endif
