#include "apps/tools/replay_expected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void queue_grow(struct replay_queue *queue) {
    size_t room = queue->room == 0 ? 1024 : 2 * queue->room;
    struct ouch50_message *messages = calloc(room, sizeof *messages);

    check(messages != NULL);
    for (size_t i = 0; i < queue->count; i++)
        messages[i] = queue->messages[(queue->first + i) & (queue->room - 1)];
    free(queue->messages);
    queue->messages = messages;
    queue->room = room;
    queue->first = 0;
}

void replay_expected_add(struct replay_expected *expected, uint8_t session,
                         const struct ouch50_message *message) {
    struct replay_queue *queue = &expected->queues[session];

    if (queue->count == queue->room)
        queue_grow(queue);
    queue->messages[(queue->first + queue->count) & (queue->room - 1)] = *message;
    queue->count++;
}

/* Is `venue` the exchange's number for the reference's trade `match`, as far as we were told? */
static bool match_agrees(struct replay_expected *expected, uint64_t match, uint64_t venue) {
    while (match > expected->match_room) {
        size_t room = expected->match_room == 0 ? 4096 : 2 * expected->match_room;

        expected->matches = realloc(expected->matches, room * sizeof *expected->matches);
        check(expected->matches != NULL);
        memset(expected->matches + expected->match_room, 0,
               (room - expected->match_room) * sizeof *expected->matches);
        expected->match_room = room;
    }
    uint64_t *known = &expected->matches[match - 1];

    if (*known == 0)
        *known = venue;
    /* The trade before is told before, to at least one side: buys and sells may come in either order. */
    bool rises = match == 1 || known[-1] == 0 || known[-1] < venue;

    return *known == venue && rises;
}

static bool message_agrees(struct replay_expected *expected, const struct ouch50_message *wanted,
                           const struct ouch50_message *came) {
    if (came->type != wanted->type || came->user_ref != wanted->user_ref)
        return false;
    switch (wanted->type) {
    case OUCH50_ACCEPTED:
    case OUCH50_REPLACED:
        return came->side == wanted->side && came->qty == wanted->qty &&
               came->price == wanted->price && came->tif == wanted->tif &&
               came->state == wanted->state && came->orig_user_ref == wanted->orig_user_ref &&
               memcmp(came->symbol, wanted->symbol, sizeof came->symbol) == 0;
    case OUCH50_EXECUTED:
        return came->qty == wanted->qty && came->price == wanted->price &&
               came->liquidity == wanted->liquidity &&
               match_agrees(expected, wanted->match, came->match);
    case OUCH50_CANCELED: return came->qty == wanted->qty && came->reason == wanted->reason;
    case OUCH50_REJECTED: return came->reject_reason == wanted->reject_reason;
    default: return false;
    }
}

static int message_text(const struct ouch50_message *message, char *text, size_t bytes) {
    return snprintf(text, bytes,
                    "%c ref=%u orig=%u side=%c qty=%u price=%llu tif=%c state=%c "
                    "liquidity=%c reason=%c reject=%u match=%llu",
                    message->type, message->user_ref, message->orig_user_ref,
                    message->side == 0 ? '-' : message->side, message->qty,
                    (unsigned long long)message->price, message->tif == 0 ? '-' : message->tif,
                    message->state == 0 ? '-' : message->state,
                    message->liquidity == 0 ? '-' : message->liquidity,
                    message->reason == 0 ? '-' : message->reason, message->reject_reason,
                    (unsigned long long)message->match);
}

bool replay_expected_take(struct replay_expected *expected, uint8_t session,
                          const struct ouch50_message *came, char text[REPLAY_TEXT_BYTES]) {
    struct replay_queue *queue = &expected->queues[session];
    char came_text[REPLAY_TEXT_BYTES / 2];
    char wanted_text[REPLAY_TEXT_BYTES / 2];

    if (queue->count > 0) {
        const struct ouch50_message *wanted = &queue->messages[queue->first];

        queue->first = (queue->first + 1) & (queue->room - 1);
        queue->count--;
        if (message_agrees(expected, wanted, came))
            return true;
        (void)message_text(wanted, wanted_text, sizeof wanted_text);
    } else {
        snprintf(wanted_text, sizeof wanted_text, "nothing");
    }
    (void)message_text(came, came_text, sizeof came_text);
    snprintf(text, REPLAY_TEXT_BYTES, "expected %.180s; came %.180s", wanted_text, came_text);
    return false;
}

size_t replay_expected_count(const struct replay_expected *expected, uint8_t session) {
    return expected->queues[session].count;
}

void replay_expected_forget(struct replay_expected *expected, uint8_t session) {
    expected->queues[session].first = 0;
    expected->queues[session].count = 0;
}

void replay_expected_free(struct replay_expected *expected) {
    free(expected->queues[0].messages);
    free(expected->queues[1].messages);
    free(expected->matches);
    *expected = (struct replay_expected){.matches = NULL};
}
