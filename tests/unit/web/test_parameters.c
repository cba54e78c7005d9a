#include "web/parameters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#include <cmocka.h>

static struct parameters parameters;
static char detail[API_MESSAGE_BYTES];

static enum api_fault read_text(const char *text) {
    parameters_clear(&parameters);
    return parameters_read_json(&parameters, text, strlen(text), detail);
}

static void assert_value(enum parameter parameter, const char *expected) {
    assert_non_null(parameters_get(&parameters, parameter));
    assert_string_equal(parameters_get(&parameters, parameter), expected);
}

static void numbers_keep_their_digits(void **state) {
    (void)state;
    assert_int_equal(
        read_text("{\"price\":100.10,\"quantity\":3,\"user_id\":1,"
                  "\"post_only\":true,\"stop_price\":1e5,\"step\":0.30000000000000000001}"),
        FAULT_NONE);
    assert_value(PARAMETER_PRICE, "100.10");
    assert_value(PARAMETER_QUANTITY, "3");
    assert_value(PARAMETER_POST_ONLY, "true");
    assert_value(PARAMETER_STOP_PRICE, "1e5");
    assert_value(PARAMETER_STEP, "0.30000000000000000001");
}

static void text_that_looks_like_a_number_stays_text(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"client_order_id\":\"1.5 \\\" 2.5\",\"price\":\"-1.50\"}"),
                     FAULT_NONE);
    assert_value(PARAMETER_CLIENT_ORDER_ID, "1.5 \" 2.5");
    assert_value(PARAMETER_PRICE, "-1.50");
}

static void names_that_mean_the_same_are_one(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"market\":\"A\",\"orderId\":5,\"unknown\":\"x\"}"), FAULT_NONE);
    assert_value(PARAMETER_SYMBOL, "A");
    assert_value(PARAMETER_ORDER_ID, "5");
    assert_int_equal(read_text("{\"market\":\"A\",\"symbol\":\"A\"}"), FAULT_BAD_JSON);
}

static void null_counts_as_not_sent(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"price\":null}"), FAULT_NONE);
    assert_null(parameters_get(&parameters, PARAMETER_PRICE));
}

static void the_body_comes_before_the_query(void **state) {
    (void)state;
    parameters_clear(&parameters);
    assert_int_equal(parameters_add(&parameters, "user_id", 7, "1", 1), FAULT_NONE);
    assert_int_equal(parameters_add(&parameters, "userId", 6, "2", 1), FAULT_NONE);
    assert_value(PARAMETER_USER_ID, "1");
    assert_int_equal(parameters_read_json(&parameters, "{\"user_id\":3}", 13, detail), FAULT_NONE);
    assert_value(PARAMETER_USER_ID, "3");
}

static void what_is_no_flat_object_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "1",
                                        "\"x\"",
                                        "null",
                                        "{}{}",
                                        "{\"price\":1.2.3x}",
                                        "{\"price\":[1]}",
                                        "{\"a\":{\"b\":1}}",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"price\":+1}",
                                        "{'price':1}",
                                        "{\"a\":1,}",
                                        "[[[[[[1]]]]]]",
                                        "{\"price\":\"\\u0000\"}"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (read_text(texts[i]) != FAULT_BAD_JSON)
            fail_msg("taken: %s", texts[i]);
}

static void long_values_and_many_names_are_refused(void **state) {
    (void)state;
    static char text[8192];
    size_t used = 0;

    snprintf(text, sizeof text, "{\"price\":\"%0*d\"}", PARAMETER_BYTES_MAX, 0);
    assert_int_equal(read_text(text), FAULT_NONE);
    snprintf(text, sizeof text, "{\"price\":\"%0*d\"}", PARAMETER_BYTES_MAX + 1, 0);
    assert_int_equal(read_text(text), FAULT_BAD_JSON);
    used = (size_t)snprintf(text, sizeof text, "{\"a\":1");
    for (int i = 0; i < PARAMETERS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",\"n%d\":1", i);
    snprintf(text + used, sizeof text - used, "}");
    assert_int_equal(read_text(text), FAULT_BAD_JSON);
}

/* Whatever comes, it is read or refused; run under the sanitizers this looks for more than an answer. */
static void random_bytes_are_survived(void **state) {
    (void)state;
    static const char alphabet[] = "{}[]\":,.-+eE0123456789 \\untrfalsprice\x80\xff\x01";
    struct random random = random_seeded(9);
    char text[300];

    for (int round = 0; round < 200000; round++) {
        size_t length = random_below(&random, sizeof text);
        for (size_t i = 0; i < length; i++)
            text[i] = alphabet[random_below(&random, sizeof alphabet - 1)];
        parameters_clear(&parameters);
        enum api_fault fault = parameters_read_json(&parameters, text, length, detail);
        assert_true(fault == FAULT_NONE || fault == FAULT_BAD_JSON);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(text_that_looks_like_a_number_stays_text),
        cmocka_unit_test(names_that_mean_the_same_are_one),
        cmocka_unit_test(null_counts_as_not_sent),
        cmocka_unit_test(the_body_comes_before_the_query),
        cmocka_unit_test(what_is_no_flat_object_is_refused),
        cmocka_unit_test(long_values_and_many_names_are_refused),
        cmocka_unit_test(random_bytes_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
