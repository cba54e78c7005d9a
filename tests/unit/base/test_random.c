#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Computed by another implementation (Python) from the definition. */
static void the_sequence_is_the_one_of_the_definition(void **state) {
    (void)state;
    struct random random = random_seeded(1);

    assert_true(random_next(&random) == 0x623DB6B5E198453E);
    assert_true(random_next(&random) == 0x4F02C6BBE4E8FF45);
    assert_int_equal(random_below(&random, 1000), 686);
}

static void a_bound_is_never_reached(void **state) {
    (void)state;
    struct random random = random_seeded(9);

    for (uint32_t bound = 1; bound < 2000; bound++)
        assert_true(random_below(&random, bound) < bound);
    assert_int_equal(random_below(&random, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sequence_is_the_one_of_the_definition),
        cmocka_unit_test(a_bound_is_never_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
