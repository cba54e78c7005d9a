#include "store/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/record.h"
#include "store/row_labels.h"

uint64_t rows_value(const PGresult *result, int row, int column) {
    return strtoull(PQgetvalue(result, row, column), NULL, 10);
}

static uint32_t value32(const PGresult *result, int row, int column) {
    return (uint32_t)rows_value(result, row, column);
}

static amount_t value_amount(const PGresult *result, int row, int column) {
    const char *text = PQgetvalue(result, row, column);
    bool negative = text[0] == '-';
    amount_t amount = 0;
    for (text += negative; *text >= '0' && *text <= '9'; text++)
        amount = amount * 10 + (*text - '0');
    return negative ? -amount : amount;
}

static uint8_t value_label(const PGresult *result, int row, int column, enum label_set set) {
    return label_value(set, PQgetvalue(result, row, column));
}

void rows_read_order(const PGresult *result, int row, struct order_row *order) {
    *order = (struct order_row){
        .order_no = rows_value(result, row, 0),
        .account = value32(result, row, 1),
        .instrument = (uint16_t)value32(result, row, 2),
        .side = value_label(result, row, 3, LABEL_SIDE),
        .type = value_label(result, row, 4, LABEL_TYPE),
        .tif = value_label(result, row, 5, LABEL_TIF),
        .stp = value_label(result, row, 6, LABEL_STP),
        .post_only = PQgetvalue(result, row, 7)[0] == 't',
        .door = value_label(result, row, 8, LABEL_DOOR),
        .user_ref = value32(result, row, 10),
        .price_ticks = value32(result, row, 11),
        .limit_ticks = value32(result, row, 12),
        .trigger = PQgetisnull(result, row, 13) ? TRIGGER_NONE
                                                : value_label(result, row, 13, LABEL_TRIGGER),
        .trigger_ticks = value32(result, row, 14),
        .qty_lots = rows_value(result, row, 15),
        .executed_lots = rows_value(result, row, 16),
        .cancelled_lots = rows_value(result, row, 17),
        .left_lots = rows_value(result, row, 18),
        .quote_atoms = value_amount(result, row, 19),
        .fee_atoms = value_amount(result, row, 20),
        .status = value_label(result, row, 21, LABEL_STATUS),
        .matcher_seq = rows_value(result, row, 24),
        .replaces = rows_value(result, row, 25),
        .replaced_by = rows_value(result, row, 26),
        .created_ns = rows_value(result, row, 27),
        .updated_ns = rows_value(result, row, 28),
        .seq = rows_value(result, row, 29),
    };
    const char *client_order_id = PQgetvalue(result, row, 9);
    size_t length = strnlen(client_order_id, CLIENT_ORDER_ID_BYTES);
    order->client_order_id_length = (uint8_t)length;
    memcpy(order->client_order_id, client_order_id, length);
    snprintf(order->why, sizeof order->why, "%s", PQgetvalue(result, row, 23));
}

void rows_read_trade(const PGresult *result, int row, struct trade_row *trade) {
    *trade = (struct trade_row){
        .record_seq = rows_value(result, row, 0),
        .time_ns = rows_value(result, row, 1),
        .instrument = (uint16_t)value32(result, row, 2),
        .match = rows_value(result, row, 3),
        .price_ticks = value32(result, row, 4),
        .qty_lots = rows_value(result, row, 5),
        .maker_order_no = rows_value(result, row, 6),
        .taker_order_no = rows_value(result, row, 7),
        .maker_account = value32(result, row, 8),
        .taker_account = value32(result, row, 9),
        .taker_side = value_label(result, row, 10, LABEL_SIDE),
        .maker_fee_atoms = value_amount(result, row, 11),
        .taker_fee_atoms = value_amount(result, row, 12),
    };
}

void rows_read_balance(const PGresult *result, int row, struct balance_row *balance) {
    *balance = (struct balance_row){
        .account = value32(result, row, 0),
        .asset = (uint16_t)value32(result, row, 1),
        .available_atoms = value_amount(result, row, 2),
        .held_atoms = value_amount(result, row, 3),
        .seq = rows_value(result, row, 4),
    };
}

void rows_read_balance_change(const PGresult *result, int row, struct balance_change_row *change) {
    *change = (struct balance_change_row){
        .record_seq = rows_value(result, row, 0),
        .part = (uint16_t)value32(result, row, 1),
        .time_ns = rows_value(result, row, 2),
        .account = value32(result, row, 3),
        .asset = (uint16_t)value32(result, row, 4),
        .reference = rows_value(result, row, 6),
        .available_delta_atoms = value_amount(result, row, 7),
        .held_delta_atoms = value_amount(result, row, 8),
        .available_atoms = value_amount(result, row, 9),
        .held_atoms = value_amount(result, row, 10),
    };
    snprintf(change->reason, sizeof change->reason, "%s", PQgetvalue(result, row, 5));
}

void rows_read_candle(const PGresult *result, int row, struct candle_row *candle) {
    *candle = (struct candle_row){
        .instrument = (uint16_t)value32(result, row, 0),
        .interval_s = value32(result, row, 1),
        .open_ns = rows_value(result, row, 2),
        .open_ticks = value32(result, row, 3),
        .high_ticks = value32(result, row, 4),
        .low_ticks = value32(result, row, 5),
        .close_ticks = value32(result, row, 6),
        .volume_lots = rows_value(result, row, 7),
        .quote_atoms = value_amount(result, row, 8),
        .taker_buy_lots = rows_value(result, row, 9),
        .taker_buy_quote_atoms = value_amount(result, row, 10),
        .trade_count = rows_value(result, row, 11),
        .first_match = rows_value(result, row, 12),
        .last_match = rows_value(result, row, 13),
        .seq = rows_value(result, row, 14),
    };
}
