#include "core/instrument.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* BTCUSDT: tick 0.10, lot 0.00001 BTC. */
static const struct instrument_record bitcoin = {
    .tick_e8 = 10000000, .lot_atoms = 1000, .tick_lot_atoms = 100, .base_ticks = 1000, .k = 12};

static void a_tick_and_a_lot_must_make_whole_atoms(void **state) {
    (void)state;
    struct instrument_record terms = bitcoin;
    uint64_t atoms;

    assert_int_equal(instrument_derive_tick_lot(&terms, 8, 8, &atoms), VERDICT_TAKEN);
    assert_int_equal(atoms, 100);
    assert_int_equal(instrument_derive_tick_lot(&terms, 8, 6, &atoms), VERDICT_TAKEN);
    assert_int_equal(atoms, 1);
    assert_int_equal(instrument_derive_tick_lot(&terms, 8, 5, &atoms), VERDICT_BAD_FIELD);
    terms.lot_atoms = 15;
    assert_int_equal(instrument_derive_tick_lot(&terms, 8, 8, &atoms), VERDICT_BAD_FIELD);
    /* Ether: 18 decimals, lot 0.0001. */
    terms.lot_atoms = 100000000000000;
    assert_int_equal(instrument_derive_tick_lot(&terms, 18, 8, &atoms), VERDICT_TAKEN);
    assert_int_equal(atoms, 1000);
}

static void atoms_that_could_overflow_are_refused(void **state) {
    (void)state;
    struct instrument_record terms = bitcoin;
    uint64_t atoms;

    terms.tick_e8 = UINT64_MAX;
    terms.lot_atoms = UINT64_MAX;
    assert_int_equal(instrument_derive_tick_lot(&terms, 0, 18, &atoms), VERDICT_BAD_FIELD);
    assert_int_equal(instrument_derive_tick_lot(&terms, 0, 8, &atoms), VERDICT_BAD_FIELD);
    terms.tick_e8 = 1;
    terms.lot_atoms = 1;
    assert_int_equal(instrument_derive_tick_lot(&terms, 0, 18, &atoms), VERDICT_TAKEN);
    assert_true(atoms == 10000000000);
    assert_int_equal(instrument_derive_tick_lot(&terms, 18, 0, &atoms), VERDICT_BAD_FIELD);
    terms.tick_e8 = (uint64_t)1 << (TICK_LOT_BITS_MAX - 1);
    assert_int_equal(instrument_derive_tick_lot(&terms, 0, 8, &atoms), VERDICT_TAKEN);
    terms.tick_e8 *= 2;
    assert_int_equal(instrument_derive_tick_lot(&terms, 0, 8, &atoms), VERDICT_BAD_FIELD);
}

static void prices_become_ticks_or_are_refused(void **state) {
    (void)state;
    uint32_t ticks;

    assert_int_equal(instrument_ticks_from_e8(&bitcoin, 6500010000000, &ticks), VERDICT_TAKEN);
    assert_int_equal(ticks, 650001);
    assert_int_equal(instrument_ticks_from_e8(&bitcoin, 6500015000000, &ticks), VERDICT_OFF_TICK);
    assert_int_equal(instrument_ticks_from_e8(&bitcoin, 10000000 * ((uint64_t)1 << 32), &ticks),
                     VERDICT_PRICE);
    assert_int_equal(instrument_ticks_from_e4(&bitcoin, 650001000, &ticks), VERDICT_TAKEN);
    assert_int_equal(ticks, 650001);
    assert_int_equal(instrument_ticks_from_e4(&bitcoin, 650001500, &ticks), VERDICT_OFF_TICK);
    assert_int_equal(instrument_ticks_from_e4(&bitcoin, UINT64_MAX / 1000 * 1000, &ticks),
                     VERDICT_PRICE);
    assert_true(instrument_e8_from_ticks(&bitcoin, 650001) == 6500010000000);
}

static void quantities_become_lots_or_are_refused(void **state) {
    (void)state;
    uint64_t lots;

    assert_int_equal(instrument_lots_from_atoms(&bitcoin, 5000, &lots), VERDICT_TAKEN);
    assert_int_equal(lots, 5);
    assert_int_equal(instrument_lots_from_atoms(&bitcoin, 5001, &lots), VERDICT_OFF_LOT);
    assert_int_equal(instrument_lots_from_atoms(&bitcoin, -1000, &lots), VERDICT_QTY);
    assert_int_equal(instrument_lots_from_atoms(&bitcoin, (amount_t)1000 << 64, &lots),
                     VERDICT_QTY);
}

static void terms_out_of_range_are_refused(void **state) {
    (void)state;
    struct instrument_record terms = bitcoin;

    assert_int_equal(instrument_check_terms(&terms), VERDICT_TAKEN);
#define REFUSED(field, value)                                                                      \
    terms = bitcoin;                                                                               \
    terms.field = (value);                                                                         \
    assert_int_equal(instrument_check_terms(&terms), VERDICT_BAD_FIELD)
    REFUSED(tick_e8, 0);
    REFUSED(lot_atoms, 0);
    REFUSED(k, BAND_BITS_MIN - 1);
    REFUSED(k, BAND_BITS_MAX + 1);
    REFUSED(k, 255);
    REFUSED(base_ticks, UINT32_MAX - 4094);
    REFUSED(maker_fee_ppm, FEE_PPM_MAX + 1);
    REFUSED(taker_fee_ppm, FEE_INHERIT);
    REFUSED(collar_ppm, COLLAR_PPM_MAX + 1);
    REFUSED(max_order_lots, (uint64_t)1 << QTY_BITS);
    REFUSED(min_notional_atoms, -1);
    REFUSED(min_notional_atoms, (amount_t)1 << AMOUNT_BITS_MAX);
#undef REFUSED
    terms = bitcoin;
    terms.base_ticks = UINT32_MAX - 4095;
    assert_int_equal(instrument_check_terms(&terms), VERDICT_TAKEN);
}

static void the_collar_stays_within_prices(void **state) {
    (void)state;
    struct instrument instrument = {.terms = bitcoin};

    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_BUY, 2000), 2100);
    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_SELL, 2000), 1900);
    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_BUY, UINT32_MAX), UINT32_MAX);
    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_SELL, 0), 1);
    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_BUY, 0), 1);
    instrument.terms.collar_ppm = COLLAR_PPM_MAX;
    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_SELL, 2000), 1);
    assert_int_equal(instrument_collar_ticks(&instrument, SIDE_BUY, 2000), 4000);
}

static bool moves(uint32_t base, uint32_t bid, uint32_t ask, uint32_t *wanted) {
    struct instrument instrument = {.terms = bitcoin,
                                    .band_base_ticks = base,
                                    .bid_ticks = bid,
                                    .ask_ticks = ask,
                                    .bid_qty_lots = bid != 0,
                                    .ask_qty_lots = ask != 0};

    return instrument_should_move_band(&instrument, wanted);
}

/* 4096 ticks wide, an eighth is 512. */
static void the_band_moves_when_the_touch_is_near_an_edge(void **state) {
    (void)state;
    uint32_t wanted;

    assert_false(moves(10000, 0, 0, &wanted));
    assert_false(moves(10000, 10512, 13583, &wanted));
    assert_true(moves(10000, 10511, 10600, &wanted));
    assert_int_equal(wanted, 10555 - 2048);
    assert_true(moves(10000, 13000, 13584, &wanted));
    assert_int_equal(wanted, 13292 - 2048);
    assert_true(moves(10000, 0, 13584, &wanted));
    assert_int_equal(wanted, 13584 - 2048);
    /* A spread of three quarters touches an edge wherever the band is. */
    assert_false(moves(10000, 10100, 13172, &wanted));
    assert_true(moves(10000, 10100, 13171, &wanted));
    /* At the ends of all prices it stays. */
    assert_false(moves(0, 5, 10, &wanted));
    assert_false(moves(UINT32_MAX - 4095, UINT32_MAX - 20, UINT32_MAX - 10, &wanted));
}

static void after_a_move_the_same_touch_asks_for_no_other(void **state) {
    (void)state;
    uint32_t wanted;
    uint32_t again;

    for (uint32_t bid = 10000; bid < 14096; bid += 7)
        for (uint32_t ask = bid + 1; ask < 14096; ask += 13)
            if (moves(10000, bid, ask, &wanted)) {
                assert_true(bid >= wanted && ask < wanted + 4096);
                assert_false(moves(wanted, bid, ask, &again));
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tick_and_a_lot_must_make_whole_atoms),
        cmocka_unit_test(atoms_that_could_overflow_are_refused),
        cmocka_unit_test(prices_become_ticks_or_are_refused),
        cmocka_unit_test(quantities_become_lots_or_are_refused),
        cmocka_unit_test(terms_out_of_range_are_refused),
        cmocka_unit_test(the_collar_stays_within_prices),
        cmocka_unit_test(the_band_moves_when_the_touch_is_near_an_edge),
        cmocka_unit_test(after_a_move_the_same_touch_asks_for_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
