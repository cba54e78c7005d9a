/* Writes records as the engine would, numbered, for tests of readers. Static: each test includes its own. */
#ifndef TESTS_UNIT_FEED_SCRIBE_H
#define TESTS_UNIT_FEED_SCRIBE_H

#include <string.h>

#include "core/matcher.h"
#include "core/record.h"

struct scribe {
    uint64_t record_seq;
    uint64_t seq;
    uint64_t match;
    uint64_t time_ns;
    union record record; /* the one made last */
};

static inline union record *scribe_start(struct scribe *scribe, uint8_t kind, uint16_t instrument) {
    memset(&scribe->record, 0, sizeof scribe->record);
    scribe->record.head = (struct record_head){.record_seq = ++scribe->record_seq,
                                               .time_ns = scribe->time_ns,
                                               .epoch = 1,
                                               .kind = kind,
                                               .units = record_units(kind),
                                               .instrument = instrument};
    return &scribe->record;
}

static inline union record *scribe_asset(struct scribe *scribe, const char *name, uint16_t asset,
                                         uint8_t decimals) {
    union record *record = scribe_start(scribe, RECORD_ASSET, INSTRUMENT_NONE);

    memcpy(record->asset.name, name, strlen(name));
    record->asset.asset = asset;
    record->asset.decimals = decimals;
    return record;
}

/* Base is asset 0, quote asset 1; a tick is 0.05, a lot one unit of 2 decimals; quote has 2 decimals. */
static inline union record *scribe_instrument(struct scribe *scribe, const char *symbol,
                                              uint16_t instrument) {
    union record *record = scribe_start(scribe, RECORD_INSTRUMENT, instrument);

    memcpy(record->instrument.symbol, symbol, strlen(symbol));
    record->instrument.tick_e8 = 5000000;
    record->instrument.lot_atoms = 100;
    record->instrument.tick_lot_atoms = 5;
    record->instrument.base_asset = 0;
    record->instrument.quote_asset = 1;
    record->instrument.k = 18;
    return record;
}

static inline union record *scribe_account(struct scribe *scribe, uint32_t account,
                                           const char *name) {
    union record *record = scribe_start(scribe, RECORD_ACCOUNT, INSTRUMENT_NONE);

    record->request.account = account;
    memcpy(record->account.name, name, strlen(name));
    return record;
}

static inline union record *scribe_deposit(struct scribe *scribe, uint32_t account, uint16_t asset,
                                           amount_t amount_atoms) {
    union record *record = scribe_start(scribe, RECORD_TRANSFER, INSTRUMENT_NONE);

    record->request.account = account;
    record->transfer.asset = asset;
    record->transfer.amount_atoms = amount_atoms;
    record->transfer.transfer_kind = TRANSFER_DEPOSIT;
    record->transfer.transfer_state = TRANSFER_DONE;
    return record;
}

static inline union record *scribe_command(struct scribe *scribe, uint8_t op, uint16_t instrument,
                                           uint32_t account) {
    union record *record = scribe_start(scribe, RECORD_COMMAND, instrument);

    record->request.account = account;
    record->request.door = DOOR_WEB;
    record->command.op = op;
    record->command.seq = ++scribe->seq;
    return record;
}

/* A limit order; its number is the record's. */
static inline union record *scribe_new(struct scribe *scribe, uint16_t instrument, uint32_t account,
                                       enum side side, uint32_t price_ticks, uint64_t qty_lots) {
    union record *record = scribe_command(scribe, COMMAND_NEW, instrument, account);

    record->command.order_no = record->head.record_seq;
    record->command.side = (uint8_t)side;
    record->command.price_ticks = price_ticks;
    record->command.qty_lots = qty_lots;
    record->command.hold_atoms =
        side == SIDE_BUY ? (amount_t)price_ticks * qty_lots * 5 : (amount_t)qty_lots * 100;
    return record;
}

static inline union record *scribe_accepted(struct scribe *scribe, uint16_t instrument,
                                            uint64_t order_no) {
    union record *record = scribe_start(scribe, RECORD_ACCEPTED, instrument);

    record->accepted.order_no = order_no;
    record->accepted.seq = scribe->seq;
    return record;
}

static inline union record *scribe_rested(struct scribe *scribe, uint16_t instrument,
                                          uint64_t order_no, enum side side, uint32_t price_ticks,
                                          uint64_t qty_lots) {
    union record *record = scribe_start(scribe, RECORD_RESTED, instrument);

    record->rested.seq = scribe->seq;
    record->rested.order_no = order_no;
    record->rested.qty_lots = qty_lots;
    record->rested.price_ticks = price_ticks;
    record->rested.side = (uint8_t)side;
    return record;
}

static inline union record *scribe_cancelled(struct scribe *scribe, uint8_t kind,
                                             uint16_t instrument, uint64_t order_no, uint8_t why,
                                             uint64_t qty_lots, uint64_t taken_lots) {
    union record *record = scribe_start(scribe, kind, instrument);

    record->cancelled.seq = scribe->seq;
    record->cancelled.order_no = order_no;
    record->cancelled.qty_lots = qty_lots;
    record->cancelled.taken_lots = taken_lots;
    record->cancelled.why = why;
    return record;
}

static inline union record *scribe_trade(struct scribe *scribe, uint16_t instrument,
                                         uint64_t maker_order_no, uint64_t taker_order_no,
                                         enum side taker_side, uint32_t price_ticks,
                                         uint64_t qty_lots) {
    union record *record = scribe_start(scribe, RECORD_TRADE, instrument);

    record->trade.seq = scribe->seq;
    record->trade.match = ++scribe->match;
    record->trade.maker_order_no = maker_order_no;
    record->trade.taker_order_no = taker_order_no;
    record->trade.taker_side = (uint8_t)taker_side;
    record->trade.price_ticks = price_ticks;
    record->trade.qty_lots = qty_lots;
    return record;
}

static inline union record *scribe_done(struct scribe *scribe, uint16_t instrument) {
    union record *record = scribe_start(scribe, RECORD_DONE, instrument);

    record->done.seq = scribe->seq;
    return record;
}

#endif
