/* Commands in flight: the matcher answers when the test says so, as a card does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine_said.h"

/* Takes commands while it is open, and matches them when told to. */
struct slow_matcher {
    struct matcher inner;
    struct matcher_command commands[64];
    uint32_t first;
    uint32_t end;
    bool is_full;
    bool answers;
};

static void slow_declare(void *self, uint16_t instrument, uint32_t base_ticks, uint32_t k) {
    struct slow_matcher *slow = self;

    slow->inner.ops->declare(slow->inner.self, instrument, base_ticks, k);
}

static enum matcher_taken slow_submit(void *self, const struct matcher_command *command) {
    struct slow_matcher *slow = self;

    if (slow->is_full)
        return MATCHER_FULL;
    check(slow->end < 64);
    slow->commands[slow->end++] = *command;
    return MATCHER_TAKEN;
}

static size_t slow_poll(void *self, struct matcher_event *events, size_t max) {
    struct slow_matcher *slow = self;
    size_t count = slow->inner.ops->poll(slow->inner.self, events, max);

    if (count == 0 && slow->answers && slow->first < slow->end) {
        enum matcher_taken taken =
            slow->inner.ops->submit(slow->inner.self, &slow->commands[slow->first++]);
        check(taken == MATCHER_TAKEN);
        count = slow->inner.ops->poll(slow->inner.self, events, max);
    }
    return count;
}

static uint64_t slow_digest(void *self) {
    struct slow_matcher *slow = self;

    return slow->inner.ops->digest(slow->inner.self);
}

static const struct matcher_ops slow_ops = {slow_declare, slow_submit, slow_poll, slow_digest};

struct flight {
    struct stage stage; /* first: stage_close takes it for one */
    struct slow_matcher slow;
};

static int flight_open(void **state) {
    struct flight *flight = calloc(1, sizeof *flight);

    check(flight != NULL);
    flight->slow.inner = rig_soft_matcher(&flight->stage.rig.matcher_memory, &rig_limits);
    flight->slow.answers = true;
    stage_open_with(&flight->stage, &rig_limits,
                    (struct matcher){.ops = &slow_ops, .self = &flight->slow});
    *state = flight;
    return 0;
}

static int flight_close(void **state) {
    struct flight *flight = *state;

    engine_audit(flight->stage.rig.engine);
    rig_close(&flight->stage.rig);
    free(flight);
    return 0;
}

/* What the engine writes when the matcher answers all that is in flight. */
static const char *land(struct flight *flight) {
    flight->slow.answers = true;
    rig_run_dry(&flight->stage.rig);
    flight->slow.answers = false;
    return said_since(&flight->stage.said, &flight->stage.rig);
}

static const char *ask(struct flight *flight, union record record) {
    flight->slow.answers = false;
    return perform(&flight->stage, DOOR_WEB, record);
}

static union record replace_of(struct flight *flight, uint32_t account, char letter,
                               uint64_t qty_lots, uint32_t price_ticks) {
    union record record = naming(&flight->stage, COMMAND_REPLACE, account, letter);

    record.command.qty_lots = qty_lots;
    record.command.price_ticks = price_ticks;
    return record;
}

/* Alice lowers her price and raises her quantity while Bob's sell is on its way: what he takes is not bought twice, and
 * what she holds is enough to the last atom. 4 x 2000 left the hold with the trade; 20 - 4 enter at 1900. */
static void fills_on_their_way_never_come_on_top_of_a_replace(void **state) {
    struct flight *flight = *state;

    (void)ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000));
    (void)land(flight);
    assert_string_equal(ask(flight, rig_order(BOB, SIDE_SELL, 4, 2000)), "new TAKEN B hold=4000\n");
    assert_string_equal(ask(flight, replace_of(flight, ALICE, 'A', 20, 1900)),
                        "replace TAKEN A->C hold=1900000\n");
    engine_audit(flight->stage.rig.engine);
    assert_string_equal(land(flight), "accepted B\n"
                                      "trade A/B 2000x4 left=6,0 fee=4,1600 release=0\n"
                                      "done 2000x6 -\n"
                                      "cancelled A replace 6 release=60000\n"
                                      "accepted C\n"
                                      "rested C 1900x16\n"
                                      "done 1900x16 -\n");
}

static void a_replace_that_nothing_is_left_for_enters_nothing(void **state) {
    struct flight *flight = *state;

    (void)ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000));
    (void)land(flight);
    (void)ask(flight, rig_order(BOB, SIDE_SELL, 6, 2000));
    assert_string_equal(ask(flight, replace_of(flight, ALICE, 'A', 5, 2000)),
                        "replace TAKEN A->C hold=0\n");
    assert_string_equal(land(flight), "accepted B\n"
                                      "trade A/B 2000x6 left=4,0 fee=6,2400 release=0\n"
                                      "done 2000x4 -\n"
                                      "cancelled A replace 4 release=800000\n"
                                      "done - -\n");
    assert_string_equal(ask(flight, naming(&flight->stage, COMMAND_CANCEL, ALICE, 'C')),
                        "cancel UNKNOWN_ORDER C\n");
}

static void an_order_being_replaced_is_not_replaced_again_but_its_successor_is(void **state) {
    struct flight *flight = *state;

    (void)ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000));
    (void)land(flight);
    assert_string_equal(ask(flight, replace_of(flight, ALICE, 'A', 10, 2010)),
                        "replace TAKEN A->B hold=10000\n");
    assert_string_equal(ask(flight, replace_of(flight, ALICE, 'A', 10, 2020)),
                        "replace NOT_REPLACEABLE A\n");
    assert_string_equal(ask(flight, replace_of(flight, ALICE, 'B', 12, 2020)),
                        "replace TAKEN B->C hold=414000\n");
    engine_audit(flight->stage.rig.engine);
    assert_string_equal(land(flight), "cancelled A replace 10 release=0\n"
                                      "accepted B\n"
                                      "rested B 2010x10\n"
                                      "done 2010x10 -\n"
                                      "cancelled B replace 10 release=0\n"
                                      "accepted C\n"
                                      "rested C 2020x12\n"
                                      "done 2020x12 -\n");
}

static void when_a_replace_fails_what_was_asked_of_its_order_fails_too(void **state) {
    struct flight *flight = *state;

    (void)ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000));
    (void)land(flight);
    (void)ask(flight, rig_order(BOB, SIDE_SELL, 10, 2000)); /* takes all of it first */
    (void)ask(flight, replace_of(flight, ALICE, 'A', 10, 2010));
    (void)ask(flight, replace_of(flight, ALICE, 'C', 10, 2020));
    assert_string_equal(land(flight), "accepted B\n"
                                      "trade A/B 2000x10 left=0,0 fee=10,4000 release=0\n"
                                      "done - -\n"
                                      "rejected C unknown_order release=10000\n"
                                      "done - -\n"
                                      "rejected D unknown_order release=10000\n"
                                      "done - -\n");
}

static void an_order_on_its_way_out_cannot_be_named(void **state) {
    struct flight *flight = *state;
    union record ioc = rig_order(ALICE, SIDE_BUY, 1, 2000);

    (void)ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000));
    (void)land(flight);
    assert_string_equal(ask(flight, naming(&flight->stage, COMMAND_CANCEL, ALICE, 'A')),
                        "cancel TAKEN A\n");
    assert_string_equal(ask(flight, naming(&flight->stage, COMMAND_CANCEL, ALICE, 'A')),
                        "cancel UNKNOWN_ORDER A\n");
    assert_string_equal(ask(flight, replace_of(flight, ALICE, 'A', 1, 2000)),
                        "replace UNKNOWN_ORDER A\n");
    ioc.command.tif = TIF_IOC;
    (void)ask(flight, ioc);
    assert_string_equal(ask(flight, naming(&flight->stage, COMMAND_CANCEL, ALICE, 'B')),
                        "cancel UNKNOWN_ORDER B\n");
    (void)land(flight);
}

static void reductions_in_flight_count_for_the_next_command(void **state) {
    struct flight *flight = *state;
    union record reduce;

    (void)ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000));
    reduce = naming(&flight->stage, COMMAND_REDUCE, ALICE, 'A');
    reduce.command.qty_lots = 3;
    (void)ask(flight, reduce);
    reduce.request.flags = REQUEST_QTY_IS_TOTAL;
    reduce.command.qty_lots = 7;
    assert_string_equal(ask(flight, reduce), "reduce QTY A\n"); /* it will be 7 already */
    reduce.command.qty_lots = 5;
    assert_string_equal(ask(flight, reduce), "reduce TAKEN A\n");
    assert_string_equal(land(flight), "accepted A\n"
                                      "rested A 2000x10\n"
                                      "done 2000x10 -\n"
                                      "reduced A user 7 release=600000\n"
                                      "done 2000x7 -\n"
                                      "reduced A user 5 release=400000\n"
                                      "done 2000x5 -\n");
}

static void a_full_matcher_gets_the_command_later_and_nothing_new_meanwhile(void **state) {
    struct flight *flight = *state;

    flight->slow.is_full = true;
    assert_string_equal(ask(flight, rig_order(ALICE, SIDE_BUY, 10, 2000)),
                        "new TAKEN A hold=2000000\n");
    assert_false(engine_ready(flight->stage.rig.engine));
    assert_string_equal(land(flight), "");
    assert_false(engine_ready(flight->stage.rig.engine));
    flight->slow.is_full = false;
    assert_string_equal(land(flight), "accepted A\nrested A 2000x10\ndone 2000x10 -\n");
    assert_true(engine_ready(flight->stage.rig.engine));
}

/* The stop is in the list of what is owed (its session dropped) when a trade reaches its price. */
static void a_stop_that_is_to_be_cancelled_is_not_triggered(void **state) {
    struct flight *flight = *state;
    union record stop = rig_order(CAROL, SIDE_BUY, 2, 2200);
    union record cancel_all = rig_command(COMMAND_CANCEL_ALL, CAROL);
    struct rig *rig = &flight->stage.rig;

    stop.command.trigger = TRIGGER_ABOVE;
    stop.command.trigger_ticks = 2100;
    (void)ask(flight, stop);
    (void)ask(flight, rig_order(ALICE, SIDE_SELL, 1, 2100));
    (void)ask(flight, rig_order(BOB, SIDE_BUY, 1, 2100));
    rig_submit(rig, DOOR_WEB, &cancel_all);
    flight->slow.answers = true;
    while (rig_settle(rig))
        continue;
    assert_string_equal(land(flight), "cancel_all TAKEN\n"
                                      "accepted B\n"
                                      "rested B 2100x1\n"
                                      "done - 2100x1\n"
                                      "accepted C\n"
                                      "trade B/C 2100x1 left=0,0 fee=210,2 release=0\n"
                                      "done - -\n"
                                      "*cancel TAKEN A\n"
                                      "cancelled A user 2 release=440000\n");
}

#define WITH_FLIGHT(test) cmocka_unit_test_setup_teardown(test, flight_open, flight_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FLIGHT(fills_on_their_way_never_come_on_top_of_a_replace),
        WITH_FLIGHT(a_replace_that_nothing_is_left_for_enters_nothing),
        WITH_FLIGHT(an_order_being_replaced_is_not_replaced_again_but_its_successor_is),
        WITH_FLIGHT(when_a_replace_fails_what_was_asked_of_its_order_fails_too),
        WITH_FLIGHT(an_order_on_its_way_out_cannot_be_named),
        WITH_FLIGHT(reductions_in_flight_count_for_the_next_command),
        WITH_FLIGHT(a_full_matcher_gets_the_command_later_and_nothing_new_meanwhile),
        WITH_FLIGHT(a_stop_that_is_to_be_cancelled_is_not_triggered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
