#include "web/iso_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_time(const char *text, uint64_t expected_ms) {
    uint64_t time_ms = 1;

    assert_true(iso_time_read(text, &time_ms));
    assert_int_equal(time_ms, expected_ms);
}

static void digits_are_milliseconds(void **state) {
    (void)state;
    assert_time("0", 0);
    assert_time("1704067200000", 1704067200000);
}

static void dates_and_times_are_utc_unless_they_say_otherwise(void **state) {
    (void)state;
    assert_time("1970-01-01", 0);
    assert_time("2024-01-01T00:00:00Z", 1704067200000);
    assert_time("2024-01-01T00:00:00", 1704067200000);
    assert_time("2024-01-01", 1704067200000);
    assert_time("2024-01-01T00:00", 1704067200000);
    assert_time("2024-02-29T12:34:56.789Z", 1709210096789);
    assert_time("2024-01-01T05:30:00+05:30", 1704067200000);
    assert_time("2024-01-01T05:30:00 05:30", 1704067200000);
    assert_time("2023-12-31T19:00:00-0500", 1704067200000);
    assert_time("2000-03-01T00:00:00Z", 951868800000);
}

static void what_is_no_time_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "now",
                                        "-5",
                                        "1e3",
                                        "9999999999999999",
                                        "2024-13-01",
                                        "2024-00-10",
                                        "2023-02-29",
                                        "2024-02-30",
                                        "1969-12-31",
                                        "2024-01-01T",
                                        "2024-01-01T24:00",
                                        "2024-01-01T10",
                                        "2024-01-01T10:60",
                                        "2024-01-01T10:00:61",
                                        "2024-01-01T10:00:00.",
                                        "2024-01-01T10:00:00Zulu",
                                        "2024-01-01T10:00:00+15:00",
                                        "2024-01-01T10:00:00+1",
                                        "2024-1-1",
                                        "1970-01-01T00:00:00+01:00"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint64_t time_ms;
        if (iso_time_read(texts[i], &time_ms))
            fail_msg("taken: %s", texts[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_milliseconds),
        cmocka_unit_test(dates_and_times_are_utc_unless_they_say_otherwise),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
