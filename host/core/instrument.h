/* An instrument: its terms, as its record lists them, and what the host knows of its market.
 *
 * A price is a count of ticks and a quantity a count of lots; one tick times one lot is tick_lot_atoms of the quote
 * asset, a whole number by the rule of listing, so that no product is ever rounded. Doors turn the decimals of their
 * protocols into ticks and lots here, with the terms they read from the journal. */
#ifndef CORE_INSTRUMENT_H
#define CORE_INSTRUMENT_H

#include <stdbool.h>

#include "core/record.h"
#include "core/trigger_book.h"
#include "core/verdict.h"

struct instrument {
    struct instrument_record terms;
    struct trigger_book waiting;
    uint64_t bid_qty_lots; /* the touch of the last DONE; 0 = none */
    uint64_t ask_qty_lots;
    uint32_t bid_ticks;
    uint32_t ask_ticks;
    uint32_t last_trade_ticks;
    uint32_t band_base_ticks; /* as the last command sent leaves it */
    uint32_t band_moves_in_flight;
    bool has_traded;
    bool band_is_owed; /* engine_generate is to look whether to move it */
    uint8_t state;     /* enum trading_state, as the last command sent leaves it */
};

/* Quote atoms of one tick times one lot, for assets of these decimals. BAD_FIELD unless it is whole, above zero and
 * below 2^TICK_LOT_BITS_MAX. Reads tick_e8 and lot_atoms. */
NODISCARD enum verdict instrument_derive_tick_lot(const struct instrument_record *terms,
                                                  uint8_t base_decimals, uint8_t quote_decimals,
                                                  uint64_t *tick_lot_atoms);
/* All that can be said of a listing's numbers without looking at assets: TAKEN or BAD_FIELD. */
NODISCARD enum verdict instrument_check_terms(const struct instrument_record *terms);

/* A price in 1e-8 of the quote unit, or with four decimals as OUCH has it, as ticks. OFF_TICK, PRICE or TAKEN. */
NODISCARD enum verdict instrument_ticks_from_e8(const struct instrument_record *terms,
                                                uint64_t price_e8, uint32_t *price_ticks);
NODISCARD enum verdict instrument_ticks_from_e4(const struct instrument_record *terms,
                                                uint64_t price_e4, uint32_t *price_ticks);
/* Ticks as a price in 1e-8 of the quote unit; always exact. */
amount_t instrument_e8_from_ticks(const struct instrument_record *terms, uint32_t price_ticks);
/* Atoms of the base asset as lots. OFF_LOT, QTY or TAKEN. */
NODISCARD enum verdict instrument_lots_from_atoms(const struct instrument_record *terms,
                                                  amount_t atoms, uint64_t *qty_lots);

/* Quote atoms of a quantity at a price; base atoms of a quantity. qty_lots below 2^QTY_BITS. */
static inline amount_t instrument_cost_atoms(const struct instrument *instrument,
                                             uint32_t price_ticks, uint64_t qty_lots) {
    return (amount_t)price_ticks * qty_lots * instrument->terms.tick_lot_atoms;
}
static inline amount_t instrument_base_atoms(const struct instrument *instrument,
                                             uint64_t qty_lots) {
    return (amount_t)qty_lots * instrument->terms.lot_atoms;
}
/* What an order of this side holds: the cost at its price, or the base it sells. */
static inline amount_t instrument_hold_atoms(const struct instrument *instrument, uint8_t side,
                                             uint32_t price_ticks, uint64_t qty_lots) {
    return side == SIDE_BUY ? instrument_cost_atoms(instrument, price_ticks, qty_lots)
                            : instrument_base_atoms(instrument, qty_lots);
}

static inline bool instrument_is_in_band(const struct instrument *instrument,
                                         uint32_t price_ticks) {
    return ((uint64_t)(price_ticks - instrument->band_base_ticks) >> instrument->terms.k) == 0;
}
/* Whether a band of the instrument's width may start there. */
static inline bool instrument_band_fits(const struct instrument_record *terms,
                                        uint32_t base_ticks) {
    return base_ticks + ((uint64_t)1 << terms->k) <= (uint64_t)1 << 32;
}

/* The most lots an order may have. */
uint64_t instrument_order_max_lots(const struct instrument *instrument);
/* The rules of the instrument on an order of this price and quantity: QTY, MIN_NOTIONAL or TAKEN. */
NODISCARD enum verdict instrument_check_size(const struct instrument *instrument,
                                             uint32_t price_ticks, uint64_t qty_lots);
/* The protection price that the collar gives to a market order, from `reference_ticks`. Never 0 for a sell, for 0
 * means none. */
uint32_t instrument_collar_ticks(const struct instrument *instrument, uint8_t side,
                                 uint32_t reference_ticks);
/* From what a market order of this side is protected: the best opposite price, else the last trade. False: neither. */
NODISCARD bool instrument_reference_ticks(const struct instrument *instrument, uint8_t side,
                                          uint32_t *reference_ticks);

/* Whether the touch has come within an eighth of an edge of the band, and a move would take it away from there; then
 * *base_ticks is where the band should start. */
NODISCARD bool instrument_should_move_band(const struct instrument *instrument,
                                           uint32_t *base_ticks);

#endif
