/* A seeded stream of matcher commands that visits every corner of docs/matching.md.
 *
 * The generator plays the host: it lends handles from a free list, and learns from the events which orders
 * rest. It also plays the broken client: live handles, stale generations, foreign instruments, prices
 * outside the band, quantities of 0. It never sends a fault. Equal seeds give equal streams as long as the
 * events it learns from are equal. */
#ifndef PARITY_GENERATE_H
#define PARITY_GENERATE_H

#include "core/matcher.h"

#define GENERATE_INSTRUMENTS 8
#define GENERATE_HANDLES     2048u
#define GENERATE_QTY_BITS    32u
#define GENERATE_OWNERS      8u

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random) {
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* 0 .. bound - 1 */
static inline uint64_t random_below(struct random *random, uint64_t bound) {
    return random_next(random) % bound;
}

struct listed {
    uint32_t base_ticks;
    uint32_t k;
};

/* The instruments of every run: k below, at and above the dense window, bases odd and at both ends. */
extern const struct listed generate_listed[GENERATE_INSTRUMENTS];
extern const struct matcher_limits generate_limits;

struct known_order {
    uint64_t left_lots;
    uint32_t handle;
    uint32_t price_ticks;
    uint32_t place; /* in its instrument's list */
    uint16_t instrument;
    uint8_t side;
    bool live;
};

struct known_instrument {
    uint32_t live[GENERATE_HANDLES]; /* indices of resting orders */
    uint32_t live_count;
    uint32_t base_ticks;
    uint32_t k;
    int64_t mid_ticks;
    uint8_t state;
};

struct generator {
    struct random random;
    uint64_t next_seq;
    struct known_order orders[GENERATE_HANDLES];
    uint8_t generations[GENERATE_HANDLES];
    uint32_t free[GENERATE_HANDLES]; /* last in, first out */
    uint32_t free_count;
    uint32_t lent_index; /* the handle lent to the command last made */
    bool has_lent;
    struct known_instrument instruments[GENERATE_INSTRUMENTS];
};

void generator_init(struct generator *generator, uint64_t seed);
void generator_next(struct generator *generator, struct matcher_command *command);

/* Takes in the events of the command that was last made, its DONE included. */
void generator_learn(struct generator *generator, const struct matcher_command *command,
                     const struct matcher_event *events, size_t count);

#endif
