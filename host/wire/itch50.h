/* ITCH 5.0: market data messages, each in a MoldUDP64 block or a SoupBinTCP packet. Offsets and lengths are in
 * the tables of itch50.c; every type has one length.
 *
 * All messages start with the same four fields; the rest is in the union under the message's name. Symbols are
 * padded with spaces; prices have 4 decimals in 32 bits (breaker levels: 8 decimals in 64). */
#ifndef WIRE_ITCH50_H
#define WIRE_ITCH50_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define ITCH50_MESSAGE_BYTES_MAX 50

enum itch50_type {
    ITCH50_SYSTEM = 'S',
    ITCH50_DIRECTORY = 'R',
    ITCH50_TRADING = 'H',
    ITCH50_SHORT_SALE = 'Y',
    ITCH50_PARTICIPANT = 'L',
    ITCH50_BREAKER_LEVELS = 'V',
    ITCH50_BREAKER_STATUS = 'W',
    ITCH50_IPO = 'K',
    ITCH50_COLLAR = 'J',
    ITCH50_OPERATIONAL_HALT = 'h',
    ITCH50_ADD = 'A',
    ITCH50_ADD_ATTRIBUTED = 'F',
    ITCH50_EXECUTED = 'E',
    ITCH50_EXECUTED_AT = 'C',
    ITCH50_CANCEL = 'X',
    ITCH50_DELETE = 'D',
    ITCH50_REPLACE = 'U',
    ITCH50_TRADE = 'P',
    ITCH50_CROSS = 'Q',
    ITCH50_BROKEN = 'B',
    ITCH50_IMBALANCE = 'I',
    ITCH50_RETAIL = 'N',
    ITCH50_DIRECT_LISTING = 'O',
};

struct itch50_message {
    char type;
    uint16_t locate; /* number of the instrument for the day */
    uint16_t tracking;
    uint64_t timestamp_ns; /* since midnight; 48 bits on the wire */
    union {
        struct {
            char event;
        } system;
        struct {
            char symbol[8];
            char category;
            char financial;
            uint32_t round_lot;
            char lots_only;
            char issue_class;
            char subtype[2];
            char authenticity;
            char threshold;
            char ipo;
            char luld_tier;
            char etp;
            uint32_t etp_leverage;
            char inverse;
        } directory;
        struct {
            char symbol[8];
            char state;
            char reserved;
            char reason[4];
        } trading;
        struct {
            char symbol[8];
            char action;
        } short_sale;
        struct {
            char mpid[4];
            char symbol[8];
            char primary;
            char mode;
            char state;
        } participant;
        struct {
            uint64_t level_1;
            uint64_t level_2;
            uint64_t level_3;
        } breaker_levels;
        struct {
            char breached;
        } breaker_status;
        struct {
            char symbol[8];
            uint32_t time_seconds;
            char qualifier;
            uint32_t price;
        } ipo;
        struct {
            char symbol[8];
            uint32_t reference;
            uint32_t upper;
            uint32_t lower;
            uint32_t extension;
        } collar;
        struct {
            char symbol[8];
            char market;
            char action;
        } operational_halt;
        struct { /* also ADD_ATTRIBUTED */
            uint64_t order_ref;
            char side;
            uint32_t qty;
            char symbol[8];
            uint32_t price;
            char attribution[4];
        } add;
        struct { /* also EXECUTED_AT */
            uint64_t order_ref;
            uint32_t qty;
            uint64_t match;
            char printable;
            uint32_t price;
        } executed;
        struct {
            uint64_t order_ref;
            uint32_t qty;
        } cancel;
        struct {
            uint64_t order_ref;
        } remove; /* DELETE */
        struct {
            uint64_t orig_order_ref;
            uint64_t order_ref;
            uint32_t qty;
            uint32_t price;
        } replace;
        struct {
            uint64_t order_ref;
            char side;
            uint32_t qty;
            char symbol[8];
            uint32_t price;
            uint64_t match;
        } trade;
        struct {
            uint64_t qty;
            char symbol[8];
            uint32_t price;
            uint64_t match;
            char cross;
        } cross;
        struct {
            uint64_t match;
        } broken;
        struct {
            uint64_t paired;
            uint64_t imbalance;
            char direction;
            char symbol[8];
            uint32_t far;
            uint32_t near;
            uint32_t reference;
            char cross;
            char variation;
        } imbalance;
        struct {
            char symbol[8];
            char flag;
        } retail;
        struct {
            char symbol[8];
            char open;
            uint32_t min_price;
            uint32_t max_price;
            uint32_t near;
            uint64_t near_time;
            uint32_t lower;
            uint32_t upper;
        } direct_listing;
    };
};

enum itch50_result {
    ITCH50_OK,
    ITCH50_UNKNOWN_TYPE,
    ITCH50_WRONG_LENGTH, /* not the length of its type */
};

/* The length of every message of this type; 0: no message has it. */
size_t itch50_bytes(char type);
/* `bytes` is one message, all of it. The message is meaningful only with ITCH50_OK. */
NODISCARD enum itch50_result itch50_decode(const unsigned char *bytes, size_t length_bytes,
                                           struct itch50_message *message);
/* The length; 0: it does not fit into out_max, or there is no such type. */
size_t itch50_encode(const struct itch50_message *message, unsigned char *out, size_t out_max);

#endif
