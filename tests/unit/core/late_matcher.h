/* A matcher that answers like a card: commands wait, events come late, in bursts, and submit is FULL at times. What it
 * answers is what the matcher behind it answers; when is drawn by lot. */
#ifndef TESTS_LATE_MATCHER_H
#define TESTS_LATE_MATCHER_H

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "core/matcher.h"

#define LATE_COMMANDS 4096
#define LATE_EVENTS   65536

struct late_matcher {
    struct matcher inner;
    struct random random;
    uint32_t pace; /* 1: hasty .. : the larger, the later */
    struct matcher_command commands[LATE_COMMANDS];
    uint32_t command_first;
    uint32_t command_end;
    struct matcher_event events[LATE_EVENTS];
    uint32_t event_first;
    uint32_t event_end;
};

static inline void late_declare(void *self, uint16_t instrument, uint32_t base_ticks, uint32_t k) {
    struct late_matcher *late = self;

    late->inner.ops->declare(late->inner.self, instrument, base_ticks, k);
}

static inline enum matcher_taken late_submit(void *self, const struct matcher_command *command) {
    struct late_matcher *late = self;

    if (late->command_end - late->command_first == LATE_COMMANDS ||
        random_below(&late->random, 50) == 0)
        return MATCHER_FULL;
    late->commands[late->command_end++ % LATE_COMMANDS] = *command;
    return MATCHER_TAKEN;
}

static inline void late_match_one(struct late_matcher *late) {
    struct matcher_event event;
    enum matcher_taken taken = late->inner.ops->submit(
        late->inner.self, &late->commands[late->command_first++ % LATE_COMMANDS]);

    check(taken == MATCHER_TAKEN);
    while (late->inner.ops->poll(late->inner.self, &event, 1) == 1) {
        check(late->event_end - late->event_first < LATE_EVENTS);
        late->events[late->event_end++ % LATE_EVENTS] = event;
    }
}

static inline size_t late_poll(void *self, struct matcher_event *events, size_t max) {
    struct late_matcher *late = self;
    size_t count = 0;

    if (random_below(&late->random, late->pace) != 0)
        return 0;
    for (uint32_t n = random_below(&late->random, 8);
         n > 0 && late->command_first != late->command_end; n--)
        late_match_one(late);
    for (uint32_t n = random_below(&late->random, 20); n > 0 && count < max; n--)
        if (late->event_first != late->event_end)
            events[count++] = late->events[late->event_first++ % LATE_EVENTS];
    return count;
}

static inline uint64_t late_digest(void *self) {
    struct late_matcher *late = self;

    return late->inner.ops->digest(late->inner.self);
}

static const struct matcher_ops late_ops = {late_declare, late_submit, late_poll, late_digest};

static inline struct late_matcher *late_matcher_new(struct matcher inner, uint64_t seed,
                                                    uint32_t pace) {
    struct late_matcher *late = calloc(1, sizeof *late);

    check(late != NULL);
    late->inner = inner;
    late->random = random_seeded(seed);
    late->pace = pace;
    return late;
}

static inline struct matcher late_matcher_port(struct late_matcher *late) {
    return (struct matcher){.ops = &late_ops, .self = late};
}

#endif
