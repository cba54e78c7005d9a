/* A log line is one line, whatever it is told. */
#include "os/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Standard error goes into a pipe while `say` runs. */
static size_t caught(void (*say)(void), char *line, size_t max) {
    int ends[2];
    int saved = dup(STDERR_FILENO);

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    say();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t got = read(ends[0], line, max - 1);
    close(ends[0]);
    line[got > 0 ? got : 0] = 0;
    return got > 0 ? (size_t)got : 0;
}

static void say_plain(void) {
    log_info("journal", "recovered last_seq=%d", 5123);
}

static void say_forged(void) {
    log_warn("web", "bad name user=%s", "eve\n2026-01-01T00:00:00Z INFO web all is well\x1b[2J");
}

static void say_long(void) {
    char text[2 * LOG_LINE_BYTES];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    log_error("web", "long text=%s", text);
}

static void say_debug(void) {
    log_debug("web", "not shown");
}

static void a_line_says_when_how_bad_and_who(void **state) {
    char line[2 * LOG_LINE_BYTES];

    (void)state;
    size_t bytes = caught(say_plain, line, sizeof line);
    assert_string_equal(line + strlen("2026-11-21T12:00:00.123456"),
                        "Z INFO journal recovered last_seq=5123\n");
    assert_int_equal(bytes, strlen(line));
    assert_int_equal(line[10], 'T');
    assert_int_equal(line[19], '.');
}

static void what_comes_from_outside_cannot_forge_a_line(void **state) {
    char line[2 * LOG_LINE_BYTES];

    (void)state;
    (void)caught(say_forged, line, sizeof line);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_null(strchr(line, '\x1b'));
    assert_non_null(strstr(line, "user=eve?2026"));
}

static void a_long_line_is_cut_and_says_so(void **state) {
    char line[2 * LOG_LINE_BYTES];

    (void)state;
    assert_in_range(caught(say_long, line, sizeof line), LOG_LINE_BYTES - 8, LOG_LINE_BYTES);
    assert_string_equal(line + strlen(line) - 5, "x...\n");
}

static void lines_below_the_level_are_not_written(void **state) {
    char line[2 * LOG_LINE_BYTES];

    (void)state;
    assert_int_equal(caught(say_debug, line, sizeof line), 0);
    log_set_level(LOG_LEVEL_DEBUG);
    assert_int_not_equal(caught(say_debug, line, sizeof line), 0);
    log_set_level(LOG_LEVEL_WARN);
    assert_int_equal(caught(say_plain, line, sizeof line), 0);
    log_set_level(LOG_LEVEL_INFO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_how_bad_and_who),
        cmocka_unit_test(what_comes_from_outside_cannot_forge_a_line),
        cmocka_unit_test(a_long_line_is_cut_and_says_so),
        cmocka_unit_test(lines_below_the_level_are_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
