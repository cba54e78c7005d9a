#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/readable.h"
#include "core/soft_matcher.h"

#define HANDLES  64u
#define TEXT_MAX 16384

/* A matcher in memory of exactly the size it asked for. */
struct fixture {
    struct matcher matcher;
    struct arena arena;
    void *bytes;
    uint64_t next_seq;
    char said[TEXT_MAX];
};

static const struct matcher_limits limits = {
    .qty_bits = 32, .owner_bits = 16, .handle_count = HANDLES, .instrument_count = 4};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    size_t bytes = soft_matcher_bytes(&limits, 4, 32);

    assert_non_null(fixture);
    fixture->bytes = calloc(1, bytes);
    assert_non_null(fixture->bytes);
    arena_init(&fixture->arena, fixture->bytes, bytes);
    fixture->matcher = soft_matcher_port(soft_matcher_init(&fixture->arena, &limits));
    fixture->next_seq = 1;
    fixture->matcher.ops->declare(fixture->matcher.self, 0, 1000, 12);
    fixture->matcher.ops->declare(fixture->matcher.self, 1, 0, 32);
    fixture->matcher.ops->declare(fixture->matcher.self, 2, 999, 18);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;

    free(fixture->bytes);
    free(fixture);
    return 0;
}

static struct matcher_command command_of(struct fixture *fixture, const char *text) {
    struct readable_line line;

    readable_parse(text, strlen(text), &line);
    assert_int_equal(line.kind, READABLE_COMMAND);
    line.command.seq = fixture->next_seq++;
    return line.command;
}

static void submit(struct fixture *fixture, const char *text) {
    struct matcher_command command = command_of(fixture, text);

    assert_int_equal(fixture->matcher.ops->submit(fixture->matcher.self, &command), MATCHER_TAKEN);
}

/* Runs one command and returns its events as text, one a line. */
static const char *run(struct fixture *fixture, const char *text) {
    struct matcher_event event;
    size_t at = 0;

    submit(fixture, text);
    while (fixture->matcher.ops->poll(fixture->matcher.self, &event, 1) == 1) {
        assert_true(at + READABLE_LINE_MAX < TEXT_MAX);
        at += readable_print_event(&event, fixture->said + at);
        fixture->said[at++] = '\n';
    }
    fixture->said[at] = '\0';
    return fixture->said;
}

static uint64_t digest(struct fixture *fixture) {
    return fixture->matcher.ops->digest(fixture->matcher.self);
}

static void a_buy_above_the_touch_trades_at_the_resting_price(void **state) {
    struct fixture *fixture = *state;

    (void)run(fixture, "NEW side=sell px=1100 qty=5 h=0:1");
    assert_string_equal(
        run(fixture, "NEW side=buy px=1200 qty=5 h=0:2"),
        "ACCEPTED seq=2 h=0:2\n"
        "TRADE seq=2 match=1 maker=0:1 taker=0:2 px=1100 qty=5 maker_left=0 taker_left=0\n"
        "DONE seq=2 bid=- ask=-\n");
}

static void a_level_adds_up_beyond_32_bits(void **state) {
    struct fixture *fixture = *state;
    char text[128];

    for (int i = 0; i < 40; i++) {
        (void)snprintf(text, sizeof text, "NEW side=buy px=1500 qty=4294967295 h=0:%d", i);
        (void)run(fixture, text);
    }
    assert_string_equal(run(fixture, "CANCEL h=0:20"),
                        "CANCELLED seq=41 h=0:20 qty=4294967295 why=user\n"
                        "DONE seq=41 bid=1500x167503724505 ask=-\n");
}

static void an_index_comes_back_under_another_generation(void **state) {
    struct fixture *fixture = *state;
    char text[128];

    for (unsigned generation = 0; generation < 300; generation++) {
        unsigned name = generation & 255;
        (void)snprintf(text, sizeof text, "NEW side=buy px=1500 qty=1 h=%u:7", name);
        assert_non_null(strstr(run(fixture, text), "RESTED"));
        (void)snprintf(text, sizeof text, "CANCEL h=%u:7", (name + 255) & 255);
        assert_non_null(strstr(run(fixture, text), "REJECT"));
        (void)snprintf(text, sizeof text, "CANCEL h=%u:7", name);
        assert_non_null(strstr(run(fixture, text), "CANCELLED"));
        assert_non_null(strstr(run(fixture, text), "why=unknown_order"));
    }
}

/*   trie        |        window around the first order        |       trie
 *   10, 900000  |  968000 .. 1000000 .. 1030000               |  1100000, 4294967295   */
static void a_sweep_of_a_wide_band_goes_through_trie_and_window_in_price_order(void **state) {
    struct fixture *fixture = *state;

    (void)run(fixture, "NEW i=1 side=sell px=1000000 qty=1 h=0:0");
    (void)run(fixture, "NEW i=1 side=sell px=4294967295 qty=1 h=0:1");
    (void)run(fixture, "NEW i=1 side=sell px=10 qty=1 h=0:2");
    (void)run(fixture, "NEW i=1 side=sell px=1100000 qty=1 h=0:3");
    (void)run(fixture, "NEW i=1 side=sell px=968000 qty=1 h=0:4");
    (void)run(fixture, "NEW i=1 side=sell px=900000 qty=1 h=0:5");
    (void)run(fixture, "NEW i=1 side=sell px=1030000 qty=1 h=0:6");
    assert_string_equal(
        run(fixture, "NEW i=1 side=buy type=market qty=9 h=1:9"),
        "ACCEPTED seq=8 h=1:9\n"
        "TRADE seq=8 match=1 maker=0:2 taker=1:9 px=10 qty=1 maker_left=0 taker_left=8\n"
        "TRADE seq=8 match=2 maker=0:5 taker=1:9 px=900000 qty=1 maker_left=0 taker_left=7\n"
        "TRADE seq=8 match=3 maker=0:4 taker=1:9 px=968000 qty=1 maker_left=0 taker_left=6\n"
        "TRADE seq=8 match=4 maker=0:0 taker=1:9 px=1000000 qty=1 maker_left=0 taker_left=5\n"
        "TRADE seq=8 match=5 maker=0:6 taker=1:9 px=1030000 qty=1 maker_left=0 taker_left=4\n"
        "TRADE seq=8 match=6 maker=0:3 taker=1:9 px=1100000 qty=1 maker_left=0 taker_left=3\n"
        "TRADE seq=8 match=7 maker=0:1 taker=1:9 px=4294967295 qty=1 maker_left=0 taker_left=2\n"
        "CANCELLED seq=8 h=1:9 qty=2 why=ioc\n"
        "DONE seq=8 bid=- ask=-\n");
}

static void an_empty_wide_book_takes_its_window_along(void **state) {
    struct fixture *fixture = *state;
    static const char *const prices[] = {"0", "4294967295", "2147483648", "70000"};
    char text[128];

    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++) {
        (void)snprintf(text, sizeof text, "NEW i=1 side=%s px=%s qty=2 h=0:1",
                       i % 2 == 0 ? "buy" : "sell", prices[i]);
        assert_non_null(strstr(run(fixture, text), "RESTED"));
        assert_non_null(strstr(run(fixture, "REDUCE i=1 h=0:1 qty=1"), "REDUCED"));
        assert_non_null(strstr(run(fixture, "CANCEL i=1 h=0:1"), "bid=- ask=-"));
    }
}

/* The base is not a multiple of the window, so the slots of the levels wrap between 262143 and 262144. */
static void a_moved_band_evicts_by_tick_across_the_circle_of_slots(void **state) {
    struct fixture *fixture = *state;

    (void)run(fixture, "NEW i=2 side=buy px=262143 qty=1 h=0:1");
    (void)run(fixture, "NEW i=2 side=buy px=262144 qty=2 h=0:2");
    (void)run(fixture, "NEW i=2 side=buy px=999 qty=3 h=0:3");
    (void)run(fixture, "NEW i=2 side=sell px=263142 qty=4 h=0:4");
    assert_string_equal(run(fixture, "SET_BAND i=2 base=262144"),
                        "CANCELLED seq=5 h=0:3 qty=3 why=band\n"
                        "CANCELLED seq=5 h=0:1 qty=1 why=band\n"
                        "DONE seq=5 bid=262144x2 ask=263142x4\n");
    assert_non_null(strstr(run(fixture, "NEW i=2 side=sell px=524287 qty=5 h=0:5"), "RESTED"));
    assert_non_null(
        strstr(run(fixture, "NEW i=2 side=sell px=524288 qty=5 h=0:6"), "why=price_band"));
    assert_string_equal(run(fixture, "SET_BAND i=2 base=998"),
                        "CANCELLED seq=8 h=0:4 qty=4 why=band\n"
                        "CANCELLED seq=8 h=0:5 qty=5 why=band\n"
                        "DONE seq=8 bid=262144x2 ask=-\n");
}

static void mass_cancel_survives_the_levels_it_closes(void **state) {
    struct fixture *fixture = *state;
    char text[128];

    for (int i = 0; i < 12; i++) {
        (void)snprintf(text, sizeof text, "NEW i=1 side=buy px=%d qty=1 h=0:%d owner=%d",
                       1000000 * (i % 4), i, 1 + i % 3);
        (void)run(fixture, text);
    }
    assert_string_equal(run(fixture, "MASS_CANCEL i=1 owner=2"),
                        "CANCELLED seq=13 h=0:7 qty=1 why=mass\n"
                        "CANCELLED seq=13 h=0:10 qty=1 why=mass\n"
                        "CANCELLED seq=13 h=0:1 qty=1 why=mass\n"
                        "CANCELLED seq=13 h=0:4 qty=1 why=mass\n"
                        "DONE seq=13 bid=3000000x2 ask=-\n");
}

static void fok_that_steps_over_its_own_orders_fills_whole(void **state) {
    struct fixture *fixture = *state;

    (void)run(fixture, "NEW side=sell px=1100 qty=5 h=0:1 owner=9");
    (void)run(fixture, "NEW side=sell px=1100 qty=5 h=0:2 owner=8");
    (void)run(fixture, "NEW side=sell px=1101 qty=5 h=0:3 owner=9");
    (void)run(fixture, "NEW side=sell px=1102 qty=5 h=0:4 owner=8");
    assert_string_equal(
        run(fixture, "NEW side=buy px=1102 qty=11 h=0:5 owner=9 tif=fok stp=expire_maker"),
        "REJECT seq=5 h=0:5 why=fok\nDONE seq=5 bid=- ask=1100x10\n");
    assert_string_equal(
        run(fixture, "NEW side=buy px=1102 qty=10 h=0:5 owner=9 tif=fok stp=expire_maker"),
        "ACCEPTED seq=6 h=0:5\n"
        "CANCELLED seq=6 h=0:1 qty=5 why=self_trade\n"
        "TRADE seq=6 match=1 maker=0:2 taker=0:5 px=1100 qty=5 maker_left=0 taker_left=5\n"
        "CANCELLED seq=6 h=0:3 qty=5 why=self_trade\n"
        "TRADE seq=6 match=2 maker=0:4 taker=0:5 px=1102 qty=5 maker_left=0 taker_left=0\n"
        "DONE seq=6 bid=- ask=-\n");
}

static void equal_books_have_equal_digests_whatever_their_history(void **state) {
    struct fixture *fixture = *state;

    uint64_t empty = digest(fixture);
    (void)run(fixture, "NEW side=buy px=1100 qty=5 h=0:1 owner=9");
    uint64_t one = digest(fixture);
    (void)run(fixture, "NEW side=buy px=1101 qty=5 h=0:2");
    (void)run(fixture, "CANCEL h=0:2");
    assert_int_equal(digest(fixture), one);
    (void)run(fixture, "REDUCE h=0:1 qty=1");
    assert_int_not_equal(digest(fixture), one);
    (void)run(fixture, "CANCEL h=0:1");
    assert_int_equal(digest(fixture), empty);
    (void)run(fixture, "SET_STATE state=closed");
    assert_int_not_equal(digest(fixture), empty);
}

static void a_full_queue_takes_nothing_and_loses_nothing(void **state) {
    struct fixture *fixture = *state;
    struct matcher_event events[7];
    uint64_t last_done = 0;
    uint64_t taken = 0;
    size_t count;

    for (;; taken++) {
        struct matcher_command command = command_of(fixture, "CANCEL h=0:1");
        if (fixture->matcher.ops->submit(fixture->matcher.self, &command) == MATCHER_FULL)
            break;
    }
    assert_true(taken > HANDLES);
    fixture->next_seq--;
    while ((count = fixture->matcher.ops->poll(fixture->matcher.self, events, 7)) > 0)
        for (size_t i = 0; i < count; i++)
            if (events[i].type == EVENT_DONE)
                assert_int_equal(events[i].seq, ++last_done);
    assert_int_equal(last_done, taken);
    submit(fixture, "CANCEL h=0:1");
}

/* What only a broken host sends stops the process. */
static void assert_stops(struct fixture *fixture, const struct matcher_command *command) {
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        (void)close(STDERR_FILENO); /* the message is expected */
        (void)fixture->matcher.ops->submit(fixture->matcher.self, command);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void a_fault_stops_the_process(void **state) {
    struct fixture *fixture = *state;
    const struct matcher_command good = command_of(fixture, "NEW side=buy px=1100 qty=5 h=0:1");
    struct matcher_command bad;

    bad = good, bad.seq = 2;
    assert_stops(fixture, &bad);
    bad = good, bad.seq = 0;
    assert_stops(fixture, &bad);
    bad = good, bad.instrument = 3; /* within the limits, not declared */
    assert_stops(fixture, &bad);
    bad = good, bad.instrument = 4;
    assert_stops(fixture, &bad);
    bad = good, bad.owner = 1u << 16;
    assert_stops(fixture, &bad);
    bad = good, bad.op = 0;
    assert_stops(fixture, &bad);
    bad = good, bad.op = OP_SET_STATE + 1;
    assert_stops(fixture, &bad);
    bad = good, bad.side = 2;
    assert_stops(fixture, &bad);
    bad = good, bad.type = 2;
    assert_stops(fixture, &bad);
    bad = good, bad.tif = TIF_FOK + 1;
    assert_stops(fixture, &bad);
    bad = good, bad.stp = STP_DECREMENT + 1;
    assert_stops(fixture, &bad);
    bad = good, bad.post_only = 2;
    assert_stops(fixture, &bad);
    bad = good, bad.op = OP_SET_STATE, bad.state = STATE_CLOSED + 1;
    assert_stops(fixture, &bad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_buy_above_the_touch_trades_at_the_resting_price, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_level_adds_up_beyond_32_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_index_comes_back_under_another_generation, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_sweep_of_a_wide_band_goes_through_trie_and_window_in_price_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_wide_book_takes_its_window_along, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_moved_band_evicts_by_tick_across_the_circle_of_slots,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(mass_cancel_survives_the_levels_it_closes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(fok_that_steps_over_its_own_orders_fills_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(equal_books_have_equal_digests_whatever_their_history,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_queue_takes_nothing_and_loses_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_fault_stops_the_process, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
