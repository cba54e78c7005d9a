/* Events that wait to be polled: a plain array that starts over whenever it has been emptied, so that a
 * host that polls after each command keeps touching the same few cache lines.
 *
 * It never overflows: a command is taken only when the room left holds its worst case
 * (event_queue_has_room). Emitting without room is our mistake: check. */
#ifndef CORE_EVENT_QUEUE_H
#define CORE_EVENT_QUEUE_H

#include "core/matcher.h"

struct event_queue {
    struct matcher_event *events;
    size_t max;
    size_t head; /* the next to be taken */
    size_t tail; /* where the next is written */
};

static inline bool event_queue_has_room(const struct event_queue *queue, size_t count) {
    return queue->max - queue->tail >= count;
}

static inline struct matcher_event *event_queue_push(struct event_queue *queue) {
    check(queue->tail < queue->max);
    return &queue->events[queue->tail++];
}

/* An event about one order: all types but TRADE and DONE. */
static inline void event_queue_order(struct event_queue *queue,
                                     const struct matcher_command *command, enum event_type type,
                                     uint8_t why, uint32_t handle, uint64_t qty_lots,
                                     uint32_t price_ticks) {
    *event_queue_push(queue) = (struct matcher_event){
        .seq = command->seq,
        .order = {.qty_lots = qty_lots, .handle = handle, .price_ticks = price_ticks},
        .instrument = command->instrument,
        .type = (uint8_t)type,
        .why = why};
}

/* Moves up to `max` events out, oldest first. */
static inline size_t event_queue_take(struct event_queue *queue, struct matcher_event *events,
                                      size_t max) {
    size_t count = queue->tail - queue->head;

    if (count > max)
        count = max;
    /* A few at a time, mostly: memcpy would spend more on choosing how than on copying. */
    for (size_t i = 0; i < count; i++)
        events[i] = queue->events[queue->head + i];
    queue->head += count;
    if (queue->head == queue->tail) {
        queue->head = 0;
        queue->tail = 0;
    }
    return count;
}

#endif
