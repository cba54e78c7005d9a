#include "base/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/random.h"

#include <cmocka.h>

#define AMOUNT_MAX ((amount_t)(~(unsigned __int128)0 >> 1))

static enum decimal_result reading(const char *text, unsigned scale, int64_t max, int64_t *value) {
    amount_t amount = -7;
    enum decimal_result result = decimal_read(text, strlen(text), scale, max, &amount);

    if (result != DECIMAL_OK)
        assert_true(amount == -7);
    *value = (int64_t)amount;
    return result;
}

static void decimals_become_whole_numbers_at_the_scale(void **state) {
    (void)state;
    int64_t value;

    assert_int_equal(reading("0.10", 8, INT64_MAX, &value), DECIMAL_OK);
    assert_int_equal(value, 10000000);
    assert_int_equal(reading("65000", 2, INT64_MAX, &value), DECIMAL_OK);
    assert_int_equal(value, 6500000);
    assert_int_equal(reading("0", 0, INT64_MAX, &value), DECIMAL_OK);
    assert_int_equal(value, 0);
    assert_int_equal(reading("007.5", 1, INT64_MAX, &value), DECIMAL_OK);
    assert_int_equal(value, 75);
}

static void zeros_at_the_end_are_no_precision(void **state) {
    (void)state;
    int64_t value;

    assert_int_equal(reading("1.1000000000", 1, INT64_MAX, &value), DECIMAL_OK);
    assert_int_equal(value, 11);
    assert_int_equal(reading("3.000", 0, INT64_MAX, &value), DECIMAL_OK);
    assert_int_equal(value, 3);
    assert_int_equal(reading("1.1000000001", 1, INT64_MAX, &value), DECIMAL_TOO_PRECISE);
    assert_int_equal(reading("0.001", 2, INT64_MAX, &value), DECIMAL_TOO_PRECISE);
}

static void what_is_no_plain_decimal_is_refused(void **state) {
    (void)state;
    static const char *const refused[] = {"",    ".",   "1.",  ".5",   "-1",      "+1",   "1e3",
                                          "1E3", " 1",  "1 ",  "1,5",  "1.2.3",   "0x10", "1..2",
                                          "nan", "inf", "1_0", "1\n0", "\xD9\xA1"};
    int64_t value;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(reading(refused[i], 8, INT64_MAX, &value), DECIMAL_MALFORMED);

    char longest[DECIMAL_READ_BYTES_MAX + 1];
    memset(longest, '0', sizeof longest);
    amount_t amount;
    assert_int_equal(decimal_read(longest, sizeof longest - 1, 8, 9, &amount), DECIMAL_OK);
    assert_int_equal(decimal_read(longest, sizeof longest, 8, 9, &amount), DECIMAL_MALFORMED);
    assert_int_equal(decimal_read("1\0002", 3, 8, INT64_MAX, &amount), DECIMAL_MALFORMED);
}

static void more_than_the_maximum_is_refused_to_the_last_atom(void **state) {
    (void)state;
    int64_t value;
    amount_t amount;

    assert_int_equal(reading("10.00", 2, 1000, &value), DECIMAL_OK);
    assert_int_equal(reading("10.01", 2, 1000, &value), DECIMAL_TOO_LARGE);
    assert_int_equal(reading("11", 2, 1000, &value), DECIMAL_TOO_LARGE);
    assert_int_equal(reading("1", 0, 0, &value), DECIMAL_TOO_LARGE);

    const char *most = "170141183460469231731687303715884105727";
    assert_int_equal(decimal_read(most, strlen(most), 0, AMOUNT_MAX, &amount), DECIMAL_OK);
    assert_true(amount == AMOUNT_MAX);
    const char *one_more = "170141183460469231731687303715884105728";
    assert_int_equal(decimal_read(one_more, strlen(one_more), 0, AMOUNT_MAX, &amount),
                     DECIMAL_TOO_LARGE);
    assert_int_equal(decimal_read(most, strlen(most), 1, AMOUNT_MAX, &amount), DECIMAL_TOO_LARGE);
}

static void printing_shows_every_decimal_of_the_scale(void **state) {
    (void)state;
    char text[DECIMAL_TEXT_BYTES];

    assert_int_equal(decimal_print(text, 10, 2), 4);
    assert_string_equal(text, "0.10");
    decimal_print(text, -10, 2);
    assert_string_equal(text, "-0.10");
    decimal_print(text, 0, 0);
    assert_string_equal(text, "0");
    decimal_print(text, 123456, 0);
    assert_string_equal(text, "123456");
    decimal_print(text, 6500000, 2);
    assert_string_equal(text, "65000.00");
    decimal_print(text, -AMOUNT_MAX - 1, 38);
    assert_string_equal(text, "-1.70141183460469231731687303715884105728");
    decimal_print(text, -1, 38);
    assert_string_equal(text, "-0.00000000000000000000000000000000000001");
}

static void what_was_printed_reads_back(void **state) {
    (void)state;
    struct random random = random_seeded(2);

    for (int i = 0; i < 20000; i++) {
        unsigned scale = random_below(&random, DECIMAL_SCALE_MAX + 1);
        amount_t value =
            (amount_t)((unsigned __int128)random_next(&random) << 63 | random_next(&random));
        value >>= random_below(&random, 127);
        char text[DECIMAL_TEXT_BYTES];
        amount_t back;

        size_t length = decimal_print(text, value, scale);
        assert_int_equal(length, strlen(text));
        assert_int_equal(decimal_read(text, length, scale, AMOUNT_MAX, &back), DECIMAL_OK);
        assert_true(back == value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_become_whole_numbers_at_the_scale),
        cmocka_unit_test(zeros_at_the_end_are_no_precision),
        cmocka_unit_test(what_is_no_plain_decimal_is_refused),
        cmocka_unit_test(more_than_the_maximum_is_refused_to_the_last_atom),
        cmocka_unit_test(printing_shows_every_decimal_of_the_scale),
        cmocka_unit_test(what_was_printed_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
