#include "core/instrument.h"

#define E8_DECIMALS 8

static unsigned __int128 ten_to(unsigned exponent) {
    unsigned __int128 power = 1;

    for (unsigned i = 0; i < exponent; i++)
        power *= 10;
    return power;
}

enum verdict instrument_derive_tick_lot(const struct instrument_record *terms,
                                        uint8_t base_decimals, uint8_t quote_decimals,
                                        uint64_t *tick_lot_atoms) {
    check(base_decimals <= ASSET_DECIMALS_MAX);
    check(quote_decimals <= ASSET_DECIMALS_MAX);
    unsigned __int128 limit = (unsigned __int128)1 << TICK_LOT_BITS_MAX;
    unsigned __int128 product = (unsigned __int128)terms->tick_e8 * terms->lot_atoms;
    unsigned divided_by = E8_DECIMALS + base_decimals;

    /* tick_e8 / 10^8 quote units for 10^base_decimals atoms of base, times lot_atoms, in quote atoms. */
    if (quote_decimals >= divided_by) {
        unsigned __int128 factor = ten_to(quote_decimals - divided_by);
        if (product > limit / factor)
            return VERDICT_BAD_FIELD;
        product *= factor;
    } else {
        unsigned __int128 divisor = ten_to(divided_by - quote_decimals);
        if (product % divisor != 0)
            return VERDICT_BAD_FIELD;
        product /= divisor;
    }
    if (product == 0 || product >= limit)
        return VERDICT_BAD_FIELD;
    *tick_lot_atoms = (uint64_t)product;
    return VERDICT_TAKEN;
}

enum verdict instrument_check_terms(const struct instrument_record *terms) {
    bool good = terms->min_notional_atoms >= 0 &&
                terms->min_notional_atoms >> AMOUNT_BITS_MAX == 0 && terms->tick_e8 != 0 &&
                terms->lot_atoms != 0 && terms->max_order_lots >> QTY_BITS == 0 &&
                terms->maker_fee_ppm <= FEE_PPM_MAX && terms->taker_fee_ppm <= FEE_PPM_MAX &&
                terms->collar_ppm <= COLLAR_PPM_MAX && terms->k >= BAND_BITS_MIN &&
                terms->k <= BAND_BITS_MAX;

    if (!good || !instrument_band_fits(terms, terms->base_ticks))
        return VERDICT_BAD_FIELD;
    return VERDICT_TAKEN;
}

enum verdict instrument_ticks_from_e8(const struct instrument_record *terms, uint64_t price_e8,
                                      uint32_t *price_ticks) {
    check(terms->tick_e8 != 0);
    if (price_e8 % terms->tick_e8 != 0)
        return VERDICT_OFF_TICK;
    if (price_e8 / terms->tick_e8 > UINT32_MAX)
        return VERDICT_PRICE;
    *price_ticks = (uint32_t)(price_e8 / terms->tick_e8);
    return VERDICT_TAKEN;
}

enum verdict instrument_ticks_from_e4(const struct instrument_record *terms, uint64_t price_e4,
                                      uint32_t *price_ticks) {
    check(terms->tick_e8 != 0);
    unsigned __int128 price_e8 = (unsigned __int128)price_e4 * 10000;

    if (price_e8 % terms->tick_e8 != 0)
        return VERDICT_OFF_TICK;
    if (price_e8 / terms->tick_e8 > UINT32_MAX)
        return VERDICT_PRICE;
    *price_ticks = (uint32_t)(price_e8 / terms->tick_e8);
    return VERDICT_TAKEN;
}

amount_t instrument_e8_from_ticks(const struct instrument_record *terms, uint32_t price_ticks) {
    return (amount_t)price_ticks * terms->tick_e8;
}

enum verdict instrument_lots_from_atoms(const struct instrument_record *terms, amount_t atoms,
                                        uint64_t *qty_lots) {
    check(terms->lot_atoms != 0);
    if (atoms < 0)
        return VERDICT_QTY;
    if (atoms % terms->lot_atoms != 0)
        return VERDICT_OFF_LOT;
    if (atoms / terms->lot_atoms > UINT64_MAX)
        return VERDICT_QTY;
    *qty_lots = (uint64_t)(atoms / terms->lot_atoms);
    return VERDICT_TAKEN;
}

uint64_t instrument_order_max_lots(const struct instrument *instrument) {
    uint64_t max_lots = instrument->terms.max_order_lots;

    return max_lots != 0 ? max_lots : ((uint64_t)1 << QTY_BITS) - 1;
}

enum verdict instrument_check_size(const struct instrument *instrument, uint32_t price_ticks,
                                   uint64_t qty_lots) {
    if (qty_lots == 0 || qty_lots > instrument_order_max_lots(instrument))
        return VERDICT_QTY;
    if (instrument_cost_atoms(instrument, price_ticks, qty_lots) <
        instrument->terms.min_notional_atoms)
        return VERDICT_MIN_NOTIONAL;
    return VERDICT_TAKEN;
}

uint32_t instrument_collar_ticks(const struct instrument *instrument, uint8_t side,
                                 uint32_t reference_ticks) {
    uint32_t ppm = instrument->terms.collar_ppm;
    uint64_t away;

    if (ppm == 0)
        ppm = COLLAR_PPM_DEFAULT;
    away = (uint64_t)reference_ticks * ppm / 1000000;
    if (side == SIDE_SELL)
        return reference_ticks > away ? (uint32_t)(reference_ticks - away) : 1;
    /* A buy at 0 would be one without protection, too. */
    if (reference_ticks + away > UINT32_MAX)
        return UINT32_MAX;
    return reference_ticks + away == 0 ? 1 : (uint32_t)(reference_ticks + away);
}

bool instrument_reference_ticks(const struct instrument *instrument, uint8_t side,
                                uint32_t *reference_ticks) {
    if (side == SIDE_BUY && instrument->ask_qty_lots != 0) {
        *reference_ticks = instrument->ask_ticks;
        return true;
    }
    if (side == SIDE_SELL && instrument->bid_qty_lots != 0) {
        *reference_ticks = instrument->bid_ticks;
        return true;
    }
    *reference_ticks = instrument->last_trade_ticks;
    return instrument->has_traded;
}

bool instrument_should_move_band(const struct instrument *instrument, uint32_t *base_ticks) {
    bool has_bid = instrument->bid_qty_lots != 0;
    bool has_ask = instrument->ask_qty_lots != 0;
    uint64_t width = (uint64_t)1 << instrument->terms.k;
    uint64_t margin = width / 8;
    uint64_t base = instrument->band_base_ticks;

    if (!has_bid && !has_ask)
        return false;
    uint64_t low = has_bid ? instrument->bid_ticks : instrument->ask_ticks;
    uint64_t high = has_ask ? instrument->ask_ticks : instrument->bid_ticks;

    if (low >= base + margin && high < base + width - margin)
        return false;
    /* A spread this wide would touch an edge wherever the band goes. */
    if (high - low >= width - 2 * margin)
        return false;

    uint64_t middle = (low + high) / 2;
    uint64_t top = ((uint64_t)1 << 32) - width;
    uint64_t wanted = middle > width / 2 ? middle - width / 2 : 0;
    if (wanted > top)
        wanted = top;
    *base_ticks = (uint32_t)wanted;
    return wanted != base;
}
