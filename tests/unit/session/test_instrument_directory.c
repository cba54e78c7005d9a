#include "session/instrument_directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static unsigned char memory[1 << 14];

static struct instrument_directory fresh(void) {
    struct instrument_directory directory;
    struct arena arena;

    arena_init(&arena, memory, sizeof memory);
    instrument_directory_init(&directory, &arena, 8);
    return directory;
}

static void list(struct instrument_directory *directory, uint16_t index, const char *symbol,
                 uint64_t tick_e8) {
    struct instrument_record record = {.head.instrument = index, .tick_e8 = tick_e8};

    memcpy(record.symbol, symbol, strlen(symbol));
    instrument_directory_record(directory, &record);
}

static void symbols_are_padded_with_spaces(void **state) {
    (void)state;
    struct instrument_directory directory = fresh();

    list(&directory, 0, "BTCUSDT", 10000000);
    list(&directory, 1, "TATA_INR", 5000000);
    assert_int_equal(instrument_directory_find(&directory, "BTCUSDT "), 0);
    assert_int_equal(instrument_directory_find(&directory, "TATA_INR"), 1);
    assert_int_equal(instrument_directory_find(&directory, "BTCUSDT\0"), INSTRUMENT_NONE);
    assert_int_equal(instrument_directory_find(&directory, "btcusdt "), INSTRUMENT_NONE);
    assert_int_equal(instrument_directory_find(&directory, "        "), INSTRUMENT_NONE);
    assert_null(instrument_directory_terms(&directory, 2));
    assert_null(instrument_directory_terms(&directory, INSTRUMENT_NONE));
}

static void what_ouch_cannot_name_or_price_is_not_listed(void **state) {
    (void)state;
    struct instrument_directory directory = fresh();
    struct instrument_record refused = {.symbol = "NO",
                                        .tick_e8 = 10000,
                                        .request.verdict = VERDICT_UNKNOWN_ASSET,
                                        .head.instrument = INSTRUMENT_NONE};

    list(&directory, 0, "LONGSYMBOL", 10000);
    list(&directory, 1, "FINE", 9999); /* a tick of less than 0.0001 */
    list(&directory, 2, "ODD", 15000);
    list(&directory, 3, "ZERO", 0);
    list(&directory, 4, "VAST", UINT64_MAX / 10000 * 10000);
    instrument_directory_record(&directory, &refused);
    for (uint16_t i = 0; i < 8; i++)
        assert_null(instrument_directory_terms(&directory, i));
    list(&directory, 5, "SMALL", 10000);
    assert_non_null(instrument_directory_terms(&directory, 5));
}

static void prices_are_whole_ticks_or_refused(void **state) {
    (void)state;
    struct instrument_directory directory = fresh();
    uint32_t ticks = 0;

    list(&directory, 0, "BTCUSDT", 10000000); /* 0.10 */
    const struct instrument_directory_terms *terms = instrument_directory_terms(&directory, 0);
    assert_int_equal(instrument_directory_ticks(terms, 650000000, &ticks), VERDICT_TAKEN);
    assert_int_equal(ticks, 650000);
    assert_int_equal(instrument_directory_price_e4(terms, ticks), 650000000);
    assert_int_equal(instrument_directory_ticks(terms, 650000001, &ticks), VERDICT_OFF_TICK);
    assert_int_equal(instrument_directory_ticks(terms, 999, &ticks), VERDICT_OFF_TICK);
    assert_int_equal(instrument_directory_ticks(terms, 0, &ticks), VERDICT_TAKEN);
    assert_int_equal(ticks, 0);
    assert_int_equal(instrument_directory_ticks(terms, UINT64_C(4294967295) * 1000, &ticks),
                     VERDICT_TAKEN);
    assert_int_equal(ticks, UINT32_MAX);
    assert_int_equal(instrument_directory_ticks(terms, UINT64_C(4294967296) * 1000, &ticks),
                     VERDICT_PRICE);
    assert_int_equal(instrument_directory_ticks(terms, UINT64_MAX / 1000 * 1000, &ticks),
                     VERDICT_PRICE);
}

static void a_change_of_terms_keeps_symbol_and_tick(void **state) {
    (void)state;
    struct instrument_directory directory = fresh();

    list(&directory, 0, "BTCUSDT", 10000000);
    list(&directory, 0, "BTCUSDT", 10000000);
    assert_int_equal(instrument_directory_find(&directory, "BTCUSDT "), 0);
    assert_int_equal(instrument_directory_terms(&directory, 0)->tick_e4, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_are_padded_with_spaces),
        cmocka_unit_test(what_ouch_cannot_name_or_price_is_not_listed),
        cmocka_unit_test(prices_are_whole_ticks_or_refused),
        cmocka_unit_test(a_change_of_terms_keeps_symbol_and_tick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
