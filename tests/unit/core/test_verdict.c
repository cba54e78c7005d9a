#include "core/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_verdict_has_a_name_and_a_sentence(void **state) {
    (void)state;
    uint32_t known = 0;

    for (uint32_t verdict = 0; verdict <= UINT16_MAX; verdict++) {
        const char *name = verdict_name((uint16_t)verdict);
        const char *sentence = verdict_sentence((uint16_t)verdict);
        assert_non_null(name);
        assert_int_equal(sentence[strlen(sentence) - 1], '.');
        known += verdict_known((uint16_t)verdict);
        assert_true(verdict_known((uint16_t)verdict) == (strcmp(name, "UNKNOWN") != 0));
    }
    assert_true(known >= 32); /* none is ever taken back */
}

static void numbers_in_the_journal_keep_their_meaning(void **state) {
    (void)state;
    assert_string_equal(verdict_name(0), "TAKEN");
    assert_string_equal(verdict_name(22), "NO_FUNDS");
    assert_string_equal(verdict_name(41), "NOT_ALLOWED");
    assert_string_equal(verdict_name(52), "TRANSFER_LIMIT");
    assert_string_equal(verdict_name(19), "UNKNOWN");
    assert_string_equal(verdict_name(UINT16_MAX), "UNKNOWN");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_has_a_name_and_a_sentence),
        cmocka_unit_test(numbers_in_the_journal_keep_their_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
