/* Two matchers side by side: the subject and the reference, held together event by event. */
#ifndef PARITY_COMPARE_H
#define PARITY_COMPARE_H

#include "parity/generate.h"
#include "parity/subject.h"

/* The most events that one command of the generator can cause. */
#define COMPARE_EVENT_MAX (2 * GENERATE_HANDLES + 8)

/* A mistake put into what the subject says, to show that the comparison sees it and that the minimiser works. */
enum planted { PLANTED_NOTHING, PLANTED_BAND, PLANTED_DECREMENT };

struct compare {
    struct subject soft;
    struct subject reference;
    enum planted planted;
    size_t expected_count;
    size_t got_count;
    struct matcher_event expected[COMPARE_EVENT_MAX];
    struct matcher_event got[COMPARE_EVENT_MAX];
};

void compare_init(struct compare *compare, enum planted planted);
void compare_restart(struct compare *compare);
void compare_free(struct compare *compare);

/* Sends one command to both and takes every event of both; true when all bytes are equal. The subject is
 * polled `chunk` events at a time. */
bool compare_command(struct compare *compare, const struct matcher_command *command, size_t chunk);
bool compare_digests(struct compare *compare);

#endif
