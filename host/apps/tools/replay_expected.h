/* The replies that the two sessions of a replay still owe, in order, and the comparison of one with what came. */
#ifndef TOOLS_REPLAY_EXPECTED_H
#define TOOLS_REPLAY_EXPECTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "wire/ouch50.h"

#define REPLAY_TEXT_BYTES 400

struct replay_queue {
    struct ouch50_message *messages; /* circular; the room is a power of two */
    size_t room;
    size_t first;
    size_t count;
};

/* All zeros is empty. */
struct replay_expected {
    struct replay_queue queues[2];
    /* The exchange's number of the reference's trade i + 1; 0: neither side was told yet. */
    uint64_t *matches;
    size_t match_room;
};

void replay_expected_add(struct replay_expected *expected, uint8_t session,
                         const struct ouch50_message *message);
/* Takes the oldest one that is owed and compares. False: `text` says what was expected and what came. */
NODISCARD bool replay_expected_take(struct replay_expected *expected, uint8_t session,
                                    const struct ouch50_message *came,
                                    char text[REPLAY_TEXT_BYTES]);
size_t replay_expected_count(const struct replay_expected *expected, uint8_t session);
void replay_expected_forget(struct replay_expected *expected, uint8_t session);
void replay_expected_free(struct replay_expected *expected);

#endif
