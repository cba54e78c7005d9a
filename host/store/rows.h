/* Rows of the tables as C knows them: what the projection writes and what queries read. Columns and their meaning
 * stand in migrations/; zero stands for null where a number cannot be zero. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/amount.h"
#include "core/limits.h"

enum order_status { /* as in migrations/0004 */
                    ORDER_STATUS_SENT,
                    ORDER_STATUS_WAITING,
                    ORDER_STATUS_OPEN,
                    ORDER_STATUS_PARTLY_FILLED,
                    ORDER_STATUS_FILLED,
                    ORDER_STATUS_CANCELLED,
                    ORDER_STATUS_REPLACED,
                    ORDER_STATUS_REFUSED,
                    ORDER_STATUS_REJECTED,
};
#define ORDER_STATUS_IS_OPEN(status) ((status) <= ORDER_STATUS_PARTLY_FILLED)
#define ORDER_WHY_BYTES              32

struct order_row {
    uint64_t order_no;
    uint64_t qty_lots;
    uint64_t executed_lots;
    uint64_t cancelled_lots;
    uint64_t left_lots;
    uint64_t matcher_seq;
    uint64_t replaces;
    uint64_t replaced_by;
    uint64_t created_ns;
    uint64_t updated_ns;
    uint64_t seq;
    amount_t quote_atoms;
    amount_t fee_atoms;
    uint32_t account;
    uint32_t price_ticks;
    uint32_t limit_ticks;
    uint32_t trigger_ticks;
    uint32_t user_ref;
    uint16_t instrument;
    uint8_t
        side; /* the records' numbers (row_labels.h names them); LABEL_UNKNOWN: it meant nothing */
    uint8_t type;
    uint8_t tif;
    uint8_t stp;
    uint8_t post_only;
    uint8_t door;
    uint8_t trigger;
    uint8_t status; /* enum order_status */
    bool is_dirty;  /* projection: on the list of the next flush */
    uint8_t client_order_id_length;
    char client_order_id[CLIENT_ORDER_ID_BYTES];
    char why[ORDER_WHY_BYTES]; /* "" = null */
};

struct trade_row {
    uint64_t record_seq;
    uint64_t time_ns;
    uint64_t match;
    uint64_t qty_lots;
    uint64_t maker_order_no;
    uint64_t taker_order_no;
    amount_t maker_fee_atoms;
    amount_t taker_fee_atoms;
    uint32_t price_ticks;
    uint32_t maker_account;
    uint32_t taker_account;
    uint16_t instrument;
    uint8_t taker_side;
};

struct balance_row {
    uint32_t account;
    uint16_t asset;
    bool is_dirty; /* projection: on the list of the next flush */
    amount_t available_atoms;
    amount_t held_atoms;
    uint64_t seq;
};

struct balance_change_row {
    uint64_t record_seq;
    uint64_t time_ns;
    uint64_t reference;
    amount_t available_delta_atoms;
    amount_t held_delta_atoms;
    amount_t available_atoms; /* after it */
    amount_t held_atoms;
    uint32_t account;
    uint16_t asset;
    uint16_t part;
    char reason[24];
};

struct candle_row {
    uint64_t open_ns;
    uint64_t volume_lots;
    uint64_t taker_buy_lots;
    uint64_t trade_count; /* 0: no candle */
    uint64_t first_match;
    uint64_t last_match;
    uint64_t seq;
    amount_t quote_atoms;
    amount_t taker_buy_quote_atoms;
    uint32_t open_ticks;
    uint32_t high_ticks;
    uint32_t low_ticks;
    uint32_t close_ticks;
    uint32_t interval_s;
    uint16_t instrument;
    bool is_dirty; /* projection: changed since the last flush */
};

/* The columns in the order in which the functions below read them. */
#define ORDER_ROW_COLUMNS                                                                          \
    "order_no, account, instrument, side, type, tif, stp, post_only, door, client_order_id, "      \
    "user_ref, price_ticks, limit_ticks, trigger, trigger_ticks, qty_lots, executed_lots, "        \
    "cancelled_lots, left_lots, quote_atoms, fee_atoms, status, is_open, why, matcher_seq, "       \
    "replaces, replaced_by, created_ns, updated_ns, seq"
#define TRADE_ROW_COLUMNS                                                                          \
    "record_seq, time_ns, instrument, match, price_ticks, qty_lots, maker_order_no, "              \
    "taker_order_no, maker_account, taker_account, taker_side, maker_fee_atoms, taker_fee_atoms"
#define BALANCE_ROW_COLUMNS "account, asset, available_atoms, held_atoms, seq"
#define BALANCE_CHANGE_ROW_COLUMNS                                                                 \
    "record_seq, part, time_ns, account, asset, reason, reference, available_delta_atoms, "        \
    "held_delta_atoms, available_atoms, held_atoms"
#define CANDLE_ROW_COLUMNS                                                                         \
    "instrument, interval_s, open_ns, open_ticks, high_ticks, low_ticks, close_ticks, "            \
    "volume_lots, quote_atoms, taker_buy_lots, taker_buy_quote_atoms, trade_count, first_match, "  \
    "last_match, seq"

/* `result` is in text format; `row` counts from 0. */
void rows_read_order(const PGresult *result, int row, struct order_row *order);
void rows_read_trade(const PGresult *result, int row, struct trade_row *trade);
void rows_read_balance(const PGresult *result, int row, struct balance_row *balance);
void rows_read_balance_change(const PGresult *result, int row, struct balance_change_row *change);
void rows_read_candle(const PGresult *result, int row, struct candle_row *candle);
/* One value; a null is 0. */
uint64_t rows_value(const PGresult *result, int row, int column);

#endif
