#include "ping_pong.h"

#include <stdio.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

void report(const struct options *options, uint64_t *round_trips_ns) {
    uint32_t count = options->round_count;

    qsort(round_trips_ns, count, sizeof round_trips_ns[0], compare);
    printf("{\"rounds\": %u, \"message_bytes\": %u, \"min_ns\": %llu, \"p50_ns\": %llu, "
           "\"p99_ns\": %llu, \"max_ns\": %llu}\n",
           count, options->message_bytes, (unsigned long long)round_trips_ns[0],
           (unsigned long long)round_trips_ns[count / 2],
           (unsigned long long)round_trips_ns[(uint64_t)count * 99 / 100],
           (unsigned long long)round_trips_ns[count - 1]);
}
