/* Candles: times never fall, so a trade either belongs to the candle in hand or begins a later one. */
#include "core/matcher.h"
#include "store/projection.h"

const uint32_t candle_interval_s[CANDLE_INTERVALS] = {1, 60, 300, 900, 1800, 3600, 14400, 86400};

#define NS_PER_S UINT64_C(1000000000)

static void candle_write(struct projection *projection, uint16_t instrument, uint32_t interval,
                         struct candle_row *candle) {
    struct copy_rows *rows = &projection->rows[TABLE_CANDLES];
    copy_rows_begin(rows, 15);
    copy_rows_int4(rows, instrument);
    copy_rows_int4(rows, candle_interval_s[interval]);
    copy_rows_int8(rows, candle->open_ns);
    copy_rows_int8(rows, candle->open_ticks);
    copy_rows_int8(rows, candle->high_ticks);
    copy_rows_int8(rows, candle->low_ticks);
    copy_rows_int8(rows, candle->close_ticks);
    copy_rows_int8(rows, candle->volume_lots);
    copy_rows_numeric(rows, candle->quote_atoms);
    copy_rows_int8(rows, candle->taker_buy_lots);
    copy_rows_numeric(rows, candle->taker_buy_quote_atoms);
    copy_rows_int8(rows, candle->trade_count);
    copy_rows_int8(rows, candle->first_match);
    copy_rows_int8(rows, candle->last_match);
    copy_rows_int8(rows, candle->seq);
    candle->is_dirty = false;
}

static void candle_fold(struct candle_row *candle, const struct trade_record *trade,
                        amount_t quote_atoms) {
    if (candle->trade_count == 0) {
        candle->open_ticks = candle->high_ticks = candle->low_ticks = trade->price_ticks;
        candle->first_match = trade->match;
    }
    if (trade->price_ticks > candle->high_ticks)
        candle->high_ticks = trade->price_ticks;
    if (trade->price_ticks < candle->low_ticks)
        candle->low_ticks = trade->price_ticks;
    candle->close_ticks = trade->price_ticks;
    candle->volume_lots += trade->qty_lots;
    candle->quote_atoms += quote_atoms;
    if (trade->taker_side == SIDE_BUY) {
        candle->taker_buy_lots += trade->qty_lots;
        candle->taker_buy_quote_atoms += quote_atoms;
    }
    candle->trade_count++;
    candle->last_match = trade->match;
    candle->seq = trade->head.record_seq;
    candle->is_dirty = true;
}

void candle_rows_trade(struct projection *projection, const struct trade_record *trade) {
    uint16_t instrument = trade->head.instrument;
    if (instrument >= INSTRUMENT_MAX)
        return; /* the balances say so */
    amount_t quote_atoms = (amount_t)trade->price_ticks * trade->qty_lots *
                           projection->instruments[instrument].tick_lot_atoms;
    for (uint32_t interval = 0; interval < CANDLE_INTERVALS; interval++) {
        struct candle_row *candle = &projection->candles[instrument][interval];
        uint64_t open_ns =
            trade->head.time_ns - trade->head.time_ns % (candle_interval_s[interval] * NS_PER_S);
        if (candle->trade_count != 0 && candle->open_ns != open_ns) {
            if (candle->is_dirty)
                candle_write(projection, instrument, interval, candle);
            *candle = (struct candle_row){0};
        }
        candle->open_ns = open_ns;
        candle_fold(candle, trade, quote_atoms);
    }
}

void candle_rows_flush(struct projection *projection) {
    for (uint16_t instrument = 0; instrument < INSTRUMENT_MAX; instrument++) {
        if (!projection->instruments[instrument].is_listed)
            continue;
        for (uint32_t interval = 0; interval < CANDLE_INTERVALS; interval++) {
            struct candle_row *candle = &projection->candles[instrument][interval];
            if (candle->is_dirty)
                candle_write(projection, instrument, interval, candle);
        }
    }
}
