#include "os/clock.h"

#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)

static uint64_t clock_read_ns(clockid_t id) {
    struct timespec now = {0};

    clock_gettime(id, &now); /* cannot fail for these two clocks */
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void) {
    return clock_read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void) {
    return clock_read_ns(CLOCK_REALTIME);
}

void clock_sleep_ns(uint64_t duration_ns) {
    struct timespec duration = {
        .tv_sec = (time_t)(duration_ns / NS_PER_SECOND),
        .tv_nsec = (long)(duration_ns % NS_PER_SECOND),
    };

    nanosleep(&duration,
              NULL); /* a signal may end it early: the loop that called comes round again */
}
