#include "parity/compare.h"

#include <string.h>

void compare_init(struct compare *compare, enum planted planted) {
    memset(compare, 0, sizeof *compare);
    compare->planted = planted;
    subject_init(&compare->soft, SUBJECT_SOFT);
    subject_init(&compare->reference, SUBJECT_REFERENCE);
}

void compare_restart(struct compare *compare) {
    subject_restart(&compare->soft);
    subject_restart(&compare->reference);
}

void compare_free(struct compare *compare) {
    subject_free(&compare->soft);
    subject_free(&compare->reference);
}

static size_t run(struct matcher *matcher, const struct matcher_command *command,
                  struct matcher_event *events, size_t chunk) {
    enum matcher_taken taken = matcher->ops->submit(matcher->self, command);
    size_t count = 0;
    size_t got;

    check(taken == MATCHER_TAKEN);
    do {
        size_t room = COMPARE_EVENT_MAX - count;

        got = matcher->ops->poll(matcher->self, events + count, chunk < room ? chunk : room);
        count += got;
    } while (got > 0);
    return count;
}

/* The planted mistakes: an eviction that claims one lot too many, a decrement that forgets a lot. */
static void spoil(enum planted planted, struct matcher_event *events, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (planted == PLANTED_BAND && events[i].type == EVENT_CANCELLED &&
            events[i].why == WHY_BAND)
            events[i].order.qty_lots++;
        if (planted == PLANTED_DECREMENT && events[i].type == EVENT_REDUCED &&
            events[i].why == WHY_SELF_TRADE)
            events[i].order.qty_lots--;
    }
}

bool compare_command(struct compare *compare, const struct matcher_command *command, size_t chunk) {
    compare->expected_count =
        run(&compare->reference.matcher, command, compare->expected, COMPARE_EVENT_MAX);
    compare->got_count = run(&compare->soft.matcher, command, compare->got, chunk);
    if (compare->planted != PLANTED_NOTHING)
        spoil(compare->planted, compare->got, compare->got_count);
    return compare->expected_count == compare->got_count &&
           memcmp(compare->expected, compare->got,
                  compare->expected_count * sizeof(struct matcher_event)) == 0;
}

bool compare_digests(struct compare *compare) {
    const struct matcher *soft = &compare->soft.matcher;
    const struct matcher *reference = &compare->reference.matcher;

    return soft->ops->digest(soft->self) == reference->ops->digest(reference->self);
}
