#include "web/json_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char bytes[512];

static void assert_text(const struct json_out *out, const char *expected) {
    assert_int_equal(out->used, strlen(expected));
    assert_memory_equal(out->bytes, expected, out->used);
}

static void commas_stand_where_they_belong(void **state) {
    (void)state;
    struct json_out out = json_out_on(bytes, sizeof bytes);

    json_out_object(&out);
    json_out_key(&out, "a");
    json_out_array(&out);
    json_out_integer(&out, -1);
    json_out_string(&out, "x");
    json_out_array(&out);
    json_out_array_end(&out);
    json_out_object(&out);
    json_out_object_end(&out);
    json_out_array_end(&out);
    json_out_key(&out, "b");
    json_out_bool(&out, true);
    json_out_key(&out, "c");
    json_out_null(&out);
    json_out_key(&out, "d");
    json_out_quoted_integer(&out, UINT64_MAX);
    json_out_object_end(&out);
    assert_text(&out,
                "{\"a\":[-1,\"x\",[],{}],\"b\":true,\"c\":null,\"d\":\"18446744073709551615\"}");
}

static void text_that_ends_like_an_opening_still_gets_its_comma(void **state) {
    (void)state;
    struct json_out out = json_out_on(bytes, sizeof bytes);

    json_out_array(&out);
    json_out_string(&out, "[");
    json_out_string(&out, "{:");
    json_out_array_end(&out);
    assert_text(&out, "[\"[\",\"{:\"]");
}

static void what_could_break_out_of_a_string_is_escaped(void **state) {
    (void)state;
    struct json_out out = json_out_on(bytes, sizeof bytes);

    json_out_text(&out, "a\"b\\c\n\x01\0d", 9);
    assert_text(&out, "\"a\\\"b\\\\c\\u000a\\u0001\\u0000d\"");
}

static void decimals_are_exact(void **state) {
    (void)state;
    struct json_out out = json_out_on(bytes, sizeof bytes);

    json_out_array(&out);
    json_out_decimal(&out, 10005, 2);
    json_out_decimal(&out, -5, 2);
    json_out_decimal(&out, 7, 0);
    json_out_decimal_cut(&out, 123456789, 8, 2);
    json_out_decimal_cut(&out, -199999999, 8, 0);
    json_out_array_end(&out);
    assert_text(&out, "[\"100.05\",\"-0.05\",\"7\",\"1.23\",\"-1\"]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_where_they_belong),
        cmocka_unit_test(text_that_ends_like_an_opening_still_gets_its_comma),
        cmocka_unit_test(what_could_break_out_of_a_string_is_escaped),
        cmocka_unit_test(decimals_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
