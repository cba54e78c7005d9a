#include "core/in_flight.h"

#include "core/limits.h"

#define IN_FLIGHT_MASK (IN_FLIGHT_MAX - 1)
static_assert((IN_FLIGHT_MAX & IN_FLIGHT_MASK) == 0, "places are found by masking");

size_t in_flight_bytes(void) {
    return IN_FLIGHT_MAX * sizeof(struct in_flight) + 64;
}

void in_flight_init(struct in_flight_queue *queue, struct arena *arena) {
    *queue = (struct in_flight_queue){
        .commands = arena_take(arena, IN_FLIGHT_MAX * sizeof(struct in_flight), 64)};
}

struct in_flight *in_flight_oldest(struct in_flight_queue *queue) {
    check(queue->first != queue->unsent);
    return &queue->commands[queue->first & IN_FLIGHT_MASK];
}

void in_flight_add(struct in_flight_queue *queue, const struct in_flight *command) {
    check(in_flight_count(queue) < IN_FLIGHT_MAX);
    queue->commands[queue->end++ & IN_FLIGHT_MASK] = *command;
}

void in_flight_send(struct in_flight_queue *queue, struct matcher matcher) {
    while (queue->unsent != queue->end) {
        const struct in_flight *next = &queue->commands[queue->unsent & IN_FLIGHT_MASK];
        if (matcher.ops->submit(matcher.self, &next->command) == MATCHER_FULL)
            return;
        queue->unsent++;
    }
}

void in_flight_drop_oldest(struct in_flight_queue *queue) {
    check(queue->first != queue->unsent);
    queue->first++;
    /* Start over when empty: with a matcher that answers at once, one place stays in the cache. */
    if (queue->first == queue->end)
        *queue = (struct in_flight_queue){.commands = queue->commands};
}
