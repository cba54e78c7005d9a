/* A small repeatable generator (xorshift128+) for tests, simulators and bots; never for secrets. The same seed
 * gives the same numbers on every machine: the workloads of our benchmarks are defined by it. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

#define RANDOM_DISCARD_COUNT 20 /* the first numbers still resemble the seed */

struct random {
    uint64_t s0;
    uint64_t s1;
};

static inline uint64_t random_next(struct random *random) {
    uint64_t a = random->s0;
    uint64_t b = random->s1;

    random->s0 = b;
    a ^= a << 23;
    random->s1 = a ^ b ^ (a >> 17) ^ (b >> 26);
    return random->s1 + b;
}

static inline struct random random_seeded(uint64_t seed) {
    struct random random = {
        .s0 = seed * 0x9E3779B97F4A7C15u + 1,
        .s1 = seed ^ 0xD1B54A32D192ED03u,
    };

    for (int i = 0; i < RANDOM_DISCARD_COUNT; i++)
        (void)random_next(&random);
    return random;
}

/* 0 .. bound-1; bound 0 gives 0. */
static inline uint32_t random_below(struct random *random, uint32_t bound) {
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

#endif
