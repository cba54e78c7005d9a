#include "drivers/nic/simulated_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FRAME_COUNT 20000u

static int link_open(void **state) {
    *state = malloc(sizeof(struct simulated_link));
    assert_non_null(*state);
    simulated_link_init(*state, 7);
    return 0;
}

static int link_end(void **state) {
    free(*state);
    return 0;
}

static void number_send(struct frame_port *port, uint32_t number) {
    unsigned char *place = frame_port_prepare(port, 64);

    assert_non_null(place);
    memset(place, 0, 64);
    memcpy(place + 20, &number, sizeof number);
    frame_port_flush(port);
}

static uint32_t number_of(const struct frame *frame) {
    uint32_t number;

    assert_int_equal(frame->length_bytes, 64);
    memcpy(&number, frame->bytes + 20, sizeof number);
    return number;
}

static void a_perfect_link_keeps_every_frame_and_the_order(void **state) {
    struct simulated_link *link = *state;
    struct frame frames[FRAME_BURST_MAX];
    uint32_t next = 0;

    for (uint32_t number = 0; number < FRAME_COUNT; number++) {
        number_send(simulated_link_port(link, 0), number);
        if (number % 50 != 49)
            continue;
        uint32_t count = frame_port_receive(simulated_link_port(link, 1), frames, FRAME_BURST_MAX);
        for (uint32_t index = 0; index < count; index++)
            assert_int_equal(number_of(&frames[index]), next++);
    }
    assert_int_equal(next, FRAME_COUNT);
}

struct tally {
    uint32_t lost_count;
    uint32_t repeated_count;
    uint32_t late_count;
    uint32_t received_count;
    uint64_t digest;
};

static struct tally tally_run(struct simulated_link *link) {
    static unsigned char seen[FRAME_COUNT];
    struct frame frames[FRAME_BURST_MAX];
    struct tally tally = {0};
    uint32_t highest = 0;

    memset(seen, 0, sizeof seen);
    for (uint32_t number = 0; number < FRAME_COUNT; number++) {
        number_send(simulated_link_port(link, 0), number);
        if (number % 20 != 19)
            continue;
        uint32_t count = frame_port_receive(simulated_link_port(link, 1), frames, FRAME_BURST_MAX);
        for (uint32_t index = 0; index < count; index++) {
            uint32_t came = number_of(&frames[index]);

            tally.received_count++;
            tally.digest = tally.digest * 31 + came;
            tally.repeated_count += seen[came];
            tally.late_count += came < highest;
            seen[came] = 1;
            highest = came > highest ? came : highest;
        }
    }
    for (uint32_t number = 0; number < FRAME_COUNT; number++)
        tally.lost_count += !seen[number];
    return tally;
}

static void faults_come_about_as_often_as_asked(void **state) {
    struct simulated_link *link = *state;

    link->faults =
        (struct simulated_faults){.loss_ppm = 100000, .duplicate_ppm = 50000, .reorder_ppm = 50000};
    struct tally tally = tally_run(link);
    assert_in_range(tally.lost_count, FRAME_COUNT / 11, FRAME_COUNT / 9);
    assert_in_range(tally.repeated_count, FRAME_COUNT / 30, FRAME_COUNT / 15);
    assert_true(tally.late_count > FRAME_COUNT / 50);
}

static void the_same_seed_gives_the_same_misfortunes(void **state) {
    struct simulated_link *link = *state;
    struct simulated_faults faults = {
        .loss_ppm = 50000, .duplicate_ppm = 50000, .reorder_ppm = 50000};
    struct tally tallies[3];

    for (uint32_t run = 0; run < 3; run++) {
        simulated_link_init(link, run == 2 ? 8 : 7);
        link->faults = faults;
        tallies[run] = tally_run(link);
    }
    assert_true(tallies[0].digest == tallies[1].digest);
    assert_true(tallies[0].digest != tallies[2].digest);
}

static void an_unplugged_link_carries_nothing(void **state) {
    struct simulated_link *link = *state;
    struct frame frames[FRAME_BURST_MAX];

    link->faults.unplugged = true;
    number_send(simulated_link_port(link, 0), 1);
    assert_int_equal(frame_port_receive(simulated_link_port(link, 1), frames, FRAME_BURST_MAX), 0);
    link->faults.unplugged = false;
    number_send(simulated_link_port(link, 0), 2);
    assert_int_equal(frame_port_receive(simulated_link_port(link, 1), frames, FRAME_BURST_MAX), 1);
}

static void a_full_queue_refuses_and_says_so(void **state) {
    struct simulated_link *link = *state;
    struct frame_port *port = simulated_link_port(link, 0);
    struct frame frames[FRAME_BURST_MAX];

    for (uint32_t number = 0; number < SIMULATED_QUEUE_MAX; number++)
        number_send(port, number);
    assert_null(frame_port_prepare(port, 64));
    assert_int_equal(port->counters.refused_count, 1);
    /* A received frame is lent until the next receive, so room comes with the second one. */
    assert_int_equal(frame_port_receive(simulated_link_port(link, 1), frames, 1), 1);
    assert_null(frame_port_prepare(port, 64));
    assert_int_equal(frame_port_receive(simulated_link_port(link, 1), frames, 1), 1);
    assert_non_null(frame_port_prepare(port, 64));
}

static void a_damaged_frame_differs_in_one_bit_behind_its_header(void **state) {
    struct simulated_link *link = *state;
    struct frame frames[FRAME_BURST_MAX];

    link->faults.damage_ppm = 1000000;
    for (uint32_t round = 0; round < 200; round++) {
        uint32_t bit_count = 0;
        unsigned char *place = frame_port_prepare(simulated_link_port(link, 0), 64);

        assert_non_null(place);
        memset(place, 0, 64);
        frame_port_flush(simulated_link_port(link, 0));
        assert_int_equal(frame_port_receive(simulated_link_port(link, 1), frames, FRAME_BURST_MAX),
                         1);
        for (uint32_t index = 0; index < 64; index++) {
            assert_true(index >= 14 || frames[0].bytes[index] == 0);
            bit_count += (uint32_t)__builtin_popcount(frames[0].bytes[index]);
        }
        assert_int_equal(bit_count, 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_perfect_link_keeps_every_frame_and_the_order, link_open,
                                        link_end),
        cmocka_unit_test_setup_teardown(faults_come_about_as_often_as_asked, link_open, link_end),
        cmocka_unit_test_setup_teardown(the_same_seed_gives_the_same_misfortunes, link_open,
                                        link_end),
        cmocka_unit_test_setup_teardown(an_unplugged_link_carries_nothing, link_open, link_end),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses_and_says_so, link_open, link_end),
        cmocka_unit_test_setup_teardown(a_damaged_frame_differs_in_one_bit_behind_its_header,
                                        link_open, link_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
