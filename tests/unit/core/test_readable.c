#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/readable.h"

static struct readable_line parse(const char *text) {
    struct readable_line line;

    readable_parse(text, strlen(text), &line);
    return line;
}

static void a_printed_line_reads_back_and_prints_the_same(void **state) {
    (void)state;
    static const char *const lines[] = {
        "LIMITS qty_bits=32 handles=65536",
        "INSTRUMENT i=65535 base=4294963200 k=12",
        "NEW i=3 side=buy type=limit px=100 qty=5 tif=gtc h=255:17 owner=3 stp=expire_taker post=1",
        "NEW i=0 side=sell type=market qty=18446744073709551615 tif=fok h=0:16777215 owner=4 "
        "stp=decrement post=0 limit=7",
        "CANCEL i=0 h=0:17",
        "REDUCE i=0 h=0:17 qty=2",
        "REPLACE i=0 h=0:17 new=0:19 px=101 qty=5 seen=9 tif=ioc stp=expire_both post=0",
        "MASS_CANCEL i=0 owner=4294967295",
        "SET_BAND i=0 base=64",
        "SET_STATE i=0 state=halted",
    };
    char text[READABLE_LINE_MAX + 1];

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct readable_line line = parse(lines[i]);
        assert_int_not_equal(line.kind, READABLE_BAD);
        text[readable_print_line(&line, text)] = '\0';
        assert_string_equal(text, lines[i]);
    }
}

static void order_blanks_and_comments_do_not_matter(void **state) {
    (void)state;
    struct readable_line line = parse("\t NEW   h=1:2 qty=3\tpx=4 # side=sell\r");

    assert_int_equal(line.kind, READABLE_COMMAND);
    assert_int_equal(line.command.op, OP_NEW);
    assert_int_equal(line.command.handle, HANDLE_MAKE(1, 2));
    assert_int_equal(line.command.qty_lots, 3);
    assert_int_equal(line.command.price_ticks, 4);
    assert_int_equal(line.command.side, SIDE_BUY);
    assert_int_equal(parse("").kind, READABLE_NOTHING);
    assert_int_equal(parse(" \t\r").kind, READABLE_NOTHING);
    assert_int_equal(parse("# NEW qty=1").kind, READABLE_NOTHING);
}

static void an_error_says_what_and_where_in_printable_words(void **state) {
    (void)state;

    assert_string_equal(parse("NEW colour=red").error, "unknown key: 'colour=red'");
    assert_string_equal(parse("NEW qty=1 qty=1").error, "repeated key: 'qty=1'");
    assert_string_equal(parse("NEW qty=18446744073709551616").error,
                        "value too wide: 'qty=18446744073709551616'");
    assert_string_equal(parse("NEW h=0:16777216").error,
                        "handle too wide (8 bits : 24 bits): 'h=0:16777216'");
    assert_string_equal(parse("\x1b[31m").error, "unknown word: '?[31m'");
    assert_string_equal(parse("LIMITS handles=0").error, "value too small: 'handles=0'");
    assert_string_equal(parse("INSTRUMENT base=1 k=32").error,
                        "band ends above 2^32: 'INSTRUMENT'");
    assert_string_equal(parse("NEW type=market px=1").error, "a key of limit orders only: 'px'");
}

/* Whatever the bytes: no crash, and either a form that prints or an error with an end. */
static void any_bytes_are_read_or_refused(void **state) {
    (void)state;
    static const char *const pieces[] = {"NEW",
                                         " ",
                                         "qty",
                                         "=",
                                         "1",
                                         ":",
                                         "h",
                                         "#",
                                         "\t",
                                         "px",
                                         "LIMITS",
                                         "INSTRUMENT",
                                         "REPLACE",
                                         "\xff",
                                         "k",
                                         "handles",
                                         "9999999999999999999999",
                                         "side=buy",
                                         "",
                                         "\r"};
    char text[READABLE_LINE_MAX];
    char *exact;
    uint64_t seed = 7;

    print_message("seed %llu\n", (unsigned long long)seed);
    for (int turn = 0; turn < 100000; turn++) {
        size_t length = 0;
        for (int piece = 0; piece < 9; piece++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            const char *word = pieces[(seed >> 33) % (sizeof pieces / sizeof *pieces)];
            memcpy(text + length, word, strlen(word));
            length += strlen(word);
        }
        exact = malloc(length + 1); /* so that a sanitizer sees the first byte read too far */
        assert_non_null(exact);
        memcpy(exact, text, length);
        struct readable_line line;
        readable_parse(exact, length, &line);
        free(exact);
        if (line.kind == READABLE_BAD)
            assert_in_range(strnlen(line.error, sizeof line.error), 1, sizeof line.error - 1);
        else if (line.kind != READABLE_NOTHING)
            assert_in_range(readable_print_line(&line, text), 1, READABLE_LINE_MAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_printed_line_reads_back_and_prints_the_same),
        cmocka_unit_test(order_blanks_and_comments_do_not_matter),
        cmocka_unit_test(an_error_says_what_and_where_in_printable_words),
        cmocka_unit_test(any_bytes_are_read_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
