#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/copy_rows.h"

#define TOP ((amount_t)((~(unsigned __int128)0) >> 1)) /* 2^127 - 1 */

static void assert_bytes(const struct copy_rows *rows, const void *expected, size_t bytes) {
    assert_int_equal(rows->used_bytes, bytes);
    assert_memory_equal(rows->bytes, expected, bytes);
}

static void a_row_is_its_column_count_and_values_each_behind_its_length(void **state) {
    (void)state;
    struct copy_rows rows = {0};
    copy_rows_begin(&rows, 6);
    copy_rows_int2(&rows, 0x0102);
    copy_rows_int4(&rows, 0x01020304);
    copy_rows_int8(&rows, 0x0102030405060708);
    copy_rows_bool(&rows, true);
    copy_rows_label(&rows, "buy");
    copy_rows_null(&rows);
    static const unsigned char expected[] = {
        0,    6,                                              /* columns */
        0,    0,    0,    2,    1,   2,                       /* int2 */
        0,    0,    0,    4,    1,   2,   3,   4,             /* int4 */
        0,    0,    0,    8,    1,   2,   3,   4, 5, 6, 7, 8, /* int8 */
        0,    0,    0,    1,    1,                            /* bool */
        0,    0,    0,    3,    'b', 'u', 'y',                /* label */
        0xff, 0xff, 0xff, 0xff,                               /* null */
    };
    assert_bytes(&rows, expected, sizeof expected);
    assert_int_equal(rows.row_count, 1);
    copy_rows_clear(&rows);
    assert_int_equal(rows.row_count, 0);
    copy_rows_free(&rows);
}

struct numeric_case {
    amount_t value;
    size_t bytes;
    unsigned char expected[32];
};

/* digit count, weight, sign, scale, digits of base 10,000 */
static void amounts_become_digits_of_base_ten_thousand(void **state) {
    (void)state;
    static const struct numeric_case cases[] = {
        {0, 8, {0, 0, 0, 0, 0, 0, 0, 0}},
        {1, 10, {0, 1, 0, 0, 0, 0, 0, 0, 0, 1}},
        {9999, 10, {0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x0f}},
        {10000, 12, {0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0}},
        {-10203, 12, {0, 2, 0, 1, 0x40, 0, 0, 0, 0, 1, 0, 203}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct copy_rows rows = {0};
        copy_rows_numeric(&rows, cases[i].value);
        assert_int_equal(rows.used_bytes, 4 + cases[i].bytes);
        assert_memory_equal(rows.bytes + 4, cases[i].expected, cases[i].bytes);
        copy_rows_free(&rows);
    }
}

static void the_largest_and_the_smallest_amount_need_ten_digits(void **state) {
    (void)state;
    /* 2^127 - 1 = 170 1411 8346 0469 2317 3168 7303 7158 8410 5727 */
    static const uint16_t digits[] = {170, 1411, 8346, 469, 2317, 3168, 7303, 7158, 8410, 5727};
    struct copy_rows rows = {0};
    copy_rows_numeric(&rows, TOP);
    copy_rows_numeric(&rows, -TOP - 1);
    assert_int_equal(rows.used_bytes, 2 * (4 + 8 + 20));
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(rows.bytes[12 + 2 * i] << 8 | rows.bytes[13 + 2 * i], digits[i]);
    assert_int_equal(rows.bytes[32 + 8], 0x40);    /* negative */
    assert_int_equal(rows.bytes[63], 5728 & 0xff); /* one more in the last digit */
    copy_rows_free(&rows);
}

static void what_postgresql_would_refuse_is_made_acceptable(void **state) {
    (void)state;
    struct copy_rows rows = {0};
    copy_rows_text(&rows, "a\xff\n~", 4);
    copy_rows_text(&rows, "", 4);
    copy_rows_text(&rows, "abcdef", 3);
    copy_rows_int8(&rows, UINT64_MAX);
    copy_rows_int4(&rows, UINT32_MAX);
    copy_rows_label(&rows, NULL);
    static const unsigned char expected[] = {
        0,    0,   0,   4,   'a', '?',  '?',  '~',  0xff, 0xff, 0xff, 0xff, 0,    0,    0,
        3,    'a', 'b', 'c', 0,   0,    0,    8,    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0,   0,   0,   4,   0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    assert_bytes(&rows, expected, sizeof expected);
    copy_rows_free(&rows);
}

static void a_buffer_grows_and_keeps_what_it_holds(void **state) {
    (void)state;
    struct copy_rows rows = {0};
    for (uint64_t i = 0; i < 100000; i++)
        copy_rows_int8(&rows, i);
    assert_int_equal(rows.used_bytes, 1200000);
    assert_int_equal(rows.bytes[1200000 - 1], 99999 & 0xff);
    assert_int_equal(rows.bytes[11], 0);
    copy_rows_free(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_its_column_count_and_values_each_behind_its_length),
        cmocka_unit_test(amounts_become_digits_of_base_ten_thousand),
        cmocka_unit_test(the_largest_and_the_smallest_amount_need_ten_digits),
        cmocka_unit_test(what_postgresql_would_refuse_is_made_acceptable),
        cmocka_unit_test(a_buffer_grows_and_keeps_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
