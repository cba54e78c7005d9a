/* Balances follow from the records by addition; nothing is looked up but the instrument's two assets. */
#include "core/matcher.h"
#include "core/verdict.h"
#include "store/projection.h"

struct movement {
    const char *reason; /* balance_reason */
    uint64_t reference;
    amount_t available_atoms; /* what is added */
    amount_t held_atoms;
    uint32_t account;
    uint16_t asset;
};

struct balance_row *balances_row(struct projection *projection, uint32_t account, uint16_t asset) {
    uint64_t key = (uint64_t)account << 32 | asset;
    uint32_t index = hash_map_find(&projection->balance_by_key, &key);
    if (index == HASH_MAP_NONE) {
        index = projection->balance_count;
        check(index < PROJECTION_BALANCES_MAX); /* the engine refuses before: BALANCE_LIMIT */
        projection->balance_count++;
        projection->balances[index] = (struct balance_row){.account = account, .asset = asset};
        bool is_put = hash_map_put(&projection->balance_by_key, &key, index);
        check(is_put);
    }
    return &projection->balances[index];
}

static void balance_move(struct projection *projection, struct movement movement) {
    if (movement.available_atoms == 0 && movement.held_atoms == 0)
        return;
    struct balance_row *row = balances_row(projection, movement.account, movement.asset);
    row->available_atoms += movement.available_atoms;
    row->held_atoms += movement.held_atoms;
    row->seq = projection->record_seq;
    if (!row->is_dirty) {
        row->is_dirty = true;
        projection->dirty_balances[projection->dirty_balance_count++] =
            (uint32_t)(row - projection->balances);
    }
    struct copy_rows *rows = &projection->rows[TABLE_BALANCE_CHANGES];
    copy_rows_begin(rows, 11);
    copy_rows_int8(rows, projection->record_seq);
    copy_rows_int2(rows, projection->change_part++);
    copy_rows_int8(rows, projection->time_ns);
    copy_rows_int8(rows, movement.account);
    copy_rows_int4(rows, movement.asset);
    copy_rows_label(rows, movement.reason);
    copy_rows_int8(rows, movement.reference);
    copy_rows_numeric(rows, movement.available_atoms);
    copy_rows_numeric(rows, movement.held_atoms);
    copy_rows_numeric(rows, row->available_atoms);
    copy_rows_numeric(rows, row->held_atoms);
}

bool balances_command(struct projection *projection, const struct command_record *command) {
    if (command->request.verdict != VERDICT_TAKEN || command->hold_atoms == 0)
        return true;
    const struct instrument_terms *terms = projection_terms(projection, command->head.instrument);
    if (terms == NULL)
        return false;
    balance_move(
        projection,
        (struct movement){
            .reason = "order_held",
            /* a replace holds what its new order needs, and that is called by this record */
            .reference =
                command->op == COMMAND_REPLACE ? command->head.record_seq : command->order_no,
            .available_atoms = -command->hold_atoms,
            .held_atoms = command->hold_atoms,
            .account = command->request.account,
            .asset = command->side == SIDE_BUY ? terms->quote_asset : terms->base_asset,
        });
    return true;
}

bool balances_release(struct projection *projection, struct balance_release release) {
    const struct instrument_terms *terms = projection_terms(projection, release.instrument);
    if (terms == NULL)
        return false;
    balance_move(projection,
                 (struct movement){
                     .reason = "order_released",
                     .reference = release.order_no,
                     .available_atoms = release.atoms,
                     .held_atoms = -release.atoms,
                     .account = release.account,
                     .asset = release.side == SIDE_BUY ? terms->quote_asset : terms->base_asset,
                 });
    return true;
}

/* One side of a trade: pays from what it held, receives without the fee, and the house gets the fee. */
struct trade_side {
    uint64_t order_no;
    amount_t paid_atoms;
    amount_t saved_atoms; /* held for a worse price: back to available */
    amount_t received_atoms;
    amount_t fee_atoms;
    uint32_t account;
    uint16_t paid_asset;
    uint16_t received_asset;
};

static void trade_side_move(struct projection *projection, struct trade_side side) {
    balance_move(projection, (struct movement){.reason = "trade_paid",
                                               .reference = side.order_no,
                                               .available_atoms = side.saved_atoms,
                                               .held_atoms = -(side.paid_atoms + side.saved_atoms),
                                               .account = side.account,
                                               .asset = side.paid_asset});
    balance_move(projection,
                 (struct movement){.reason = "trade_received",
                                   .reference = side.order_no,
                                   .available_atoms = side.received_atoms - side.fee_atoms,
                                   .account = side.account,
                                   .asset = side.received_asset});
    balance_move(projection, (struct movement){.reason = "fee",
                                               .reference = side.order_no,
                                               .available_atoms = side.fee_atoms,
                                               .account = ACCOUNT_HOUSE,
                                               .asset = side.received_asset});
}

bool balances_trade(struct projection *projection, const struct trade_record *trade) {
    const struct instrument_terms *terms = projection_terms(projection, trade->head.instrument);
    if (terms == NULL)
        return false;
    amount_t base_atoms = (amount_t)trade->qty_lots * terms->lot_atoms;
    amount_t quote_atoms = (amount_t)trade->price_ticks * trade->qty_lots * terms->tick_lot_atoms;
    bool taker_buys = trade->taker_side == SIDE_BUY;
    struct trade_side taker = {.order_no = trade->taker_order_no,
                               .paid_atoms = taker_buys ? quote_atoms : base_atoms,
                               .saved_atoms = trade->taker_release_atoms,
                               .received_atoms = taker_buys ? base_atoms : quote_atoms,
                               .fee_atoms = trade->taker_fee_atoms,
                               .account = trade->taker_account,
                               .paid_asset = taker_buys ? terms->quote_asset : terms->base_asset,
                               .received_asset =
                                   taker_buys ? terms->base_asset : terms->quote_asset};
    struct trade_side maker = {.order_no = trade->maker_order_no,
                               .paid_atoms = taker.received_atoms,
                               .received_atoms = taker.paid_atoms,
                               .fee_atoms = trade->maker_fee_atoms,
                               .account = trade->maker_account,
                               .paid_asset = taker.received_asset,
                               .received_asset = taker.paid_asset};
    trade_side_move(projection, taker);
    trade_side_move(projection, maker);
    return true;
}

void balances_transfer(struct projection *projection, const struct transfer_record *transfer) {
    amount_t amount = transfer->amount_atoms;
    struct movement client = {.reference = transfer->transfer_no != 0 ? transfer->transfer_no
                                                                      : transfer->head.record_seq,
                              .account = transfer->request.account,
                              .asset = transfer->asset};
    struct movement outside = client;
    outside.account = ACCOUNT_OUTSIDE;
    bool is_deposit = transfer->transfer_kind == TRANSFER_DEPOSIT;
    switch ((enum transfer_state)transfer->transfer_state) {
    case TRANSFER_REQUESTED:
        client.reason = "withdrawal_requested";
        client.available_atoms = is_deposit ? 0 : -amount;
        client.held_atoms = is_deposit ? 0 : amount;
        break;
    case TRANSFER_APPROVED: break;
    case TRANSFER_DONE:
        client.reason = outside.reason = is_deposit ? "deposit" : "withdrawal_done";
        client.available_atoms = is_deposit ? amount : 0;
        client.held_atoms = is_deposit ? 0 : -amount;
        outside.available_atoms = is_deposit ? -amount : amount;
        break;
    case TRANSFER_REFUSED:
        client.reason = "withdrawal_refused";
        client.available_atoms = is_deposit ? 0 : amount;
        client.held_atoms = is_deposit ? 0 : -amount;
        break;
    }
    balance_move(projection, client);
    balance_move(projection, outside);
}

void balances_flush(struct projection *projection) {
    struct copy_rows *rows = &projection->rows[TABLE_BALANCES];
    for (uint32_t i = 0; i < projection->dirty_balance_count; i++) {
        struct balance_row *row = &projection->balances[projection->dirty_balances[i]];
        row->is_dirty = false;
        copy_rows_begin(rows, 5);
        copy_rows_int8(rows, row->account);
        copy_rows_int4(rows, row->asset);
        copy_rows_numeric(rows, row->available_atoms);
        copy_rows_numeric(rows, row->held_atoms);
        copy_rows_int8(rows, row->seq);
    }
    projection->dirty_balance_count = 0;
}
