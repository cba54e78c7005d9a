/* Balances from the records alone, by addition: an account of the money that shares no code with the ledger. */
#ifndef TESTS_RECOUNT_H
#define TESTS_RECOUNT_H

#include <string.h>

#include "base/check.h"
#include "core/ledger.h"
#include "core/matcher.h"
#include "core/record.h"
#include "core/verdict.h"

#define RECOUNT_ACCOUNTS 32 /* the outside is 0, the house comes last */
#define RECOUNT_ASSETS   8

struct recount {
    struct balance balances[RECOUNT_ACCOUNTS][RECOUNT_ASSETS];
    struct instrument_record instruments[8];
};

static inline struct balance *recount_of(struct recount *recount, uint32_t account,
                                         uint16_t asset) {
    uint32_t row = account == ACCOUNT_HOUSE ? RECOUNT_ACCOUNTS - 1 : account;

    check(row < RECOUNT_ACCOUNTS);
    check(asset < RECOUNT_ASSETS);
    return &recount->balances[row][asset];
}

static inline struct balance *recount_payer(struct recount *recount, const union record *record,
                                            uint32_t account, uint8_t side) {
    const struct instrument_record *terms = &recount->instruments[record->head.instrument];

    return recount_of(recount, account, side == SIDE_BUY ? terms->quote_asset : terms->base_asset);
}

static inline void recount_hold(struct balance *balance, amount_t atoms) {
    balance->available_atoms -= atoms;
    balance->held_atoms += atoms;
}

static inline void recount_trade(struct recount *recount, const struct trade_record *trade) {
    const struct instrument_record *terms = &recount->instruments[trade->head.instrument];
    bool taker_buys = trade->taker_side == SIDE_BUY;
    uint32_t buyer = taker_buys ? trade->taker_account : trade->maker_account;
    uint32_t seller = taker_buys ? trade->maker_account : trade->taker_account;
    amount_t buyer_fee = taker_buys ? trade->taker_fee_atoms : trade->maker_fee_atoms;
    amount_t seller_fee = taker_buys ? trade->maker_fee_atoms : trade->taker_fee_atoms;
    amount_t base = (amount_t)trade->qty_lots * terms->lot_atoms;
    amount_t quote = (amount_t)trade->qty_lots * trade->price_ticks * terms->tick_lot_atoms;

    recount_of(recount, buyer, terms->quote_asset)->held_atoms -= quote;
    recount_of(recount, seller, terms->quote_asset)->available_atoms += quote - seller_fee;
    recount_of(recount, ACCOUNT_HOUSE, terms->quote_asset)->available_atoms += seller_fee;
    recount_of(recount, seller, terms->base_asset)->held_atoms -= base;
    recount_of(recount, buyer, terms->base_asset)->available_atoms += base - buyer_fee;
    recount_of(recount, ACCOUNT_HOUSE, terms->base_asset)->available_atoms += buyer_fee;
    recount_hold(recount_of(recount, trade->taker_account, terms->quote_asset),
                 -trade->taker_release_atoms);
}

static inline void recount_transfer(struct recount *recount,
                                    const struct transfer_record *transfer) {
    struct balance *client = recount_of(recount, transfer->request.account, transfer->asset);
    struct balance *outside = recount_of(recount, ACCOUNT_OUTSIDE, transfer->asset);
    amount_t atoms = transfer->amount_atoms;

    if (transfer->transfer_kind == TRANSFER_DEPOSIT) {
        if (transfer->transfer_state == TRANSFER_DONE) {
            client->available_atoms += atoms;
            outside->available_atoms -= atoms;
        }
    } else if (transfer->transfer_state == TRANSFER_REQUESTED) {
        recount_hold(client, atoms);
    } else if (transfer->transfer_state == TRANSFER_DONE) {
        client->held_atoms -= atoms;
        outside->available_atoms += atoms;
    } else if (transfer->transfer_state == TRANSFER_REFUSED) {
        recount_hold(client, -atoms);
    }
}

static inline void recount_add(struct recount *recount, const union record *record) {
    if (RECORD_IS_INPUT(record->head.kind) && record->request.verdict != VERDICT_TAKEN)
        return;
    switch (record->head.kind) {
    case RECORD_INSTRUMENT:
        recount->instruments[record->head.instrument] = record->instrument;
        break;
    case RECORD_TRANSFER: recount_transfer(recount, &record->transfer); break;
    case RECORD_COMMAND:
        if (record->command.hold_atoms != 0)
            recount_hold(
                recount_payer(recount, record, record->request.account, record->command.side),
                record->command.hold_atoms);
        break;
    case RECORD_TRADE: recount_trade(recount, &record->trade); break;
    case RECORD_CANCELLED:
    case RECORD_REDUCED:
        recount_hold(
            recount_payer(recount, record, record->cancelled.account, record->cancelled.side),
            -record->cancelled.release_atoms);
        break;
    case RECORD_REJECTED:
        if (record->rejected.release_atoms != 0)
            recount_hold(
                recount_payer(recount, record, record->rejected.account, record->rejected.side),
                -record->rejected.release_atoms);
        break;
    default: break;
    }
}

#endif
