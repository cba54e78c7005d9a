/* The commands without DONE, oldest first: what the host must remember of each until the matcher has answered.
 *
 * At its end may stand some that the matcher has not taken yet (MATCHER_FULL); they are handed over in order as soon
 * as it takes them. Holds IN_FLIGHT_MAX; full, the engine is not ready. Owned by the engine's thread. */
#ifndef CORE_IN_FLIGHT_H
#define CORE_IN_FLIGHT_H

#include "base/arena.h"
#include "core/matcher.h"

struct in_flight {
    struct matcher_command command;
    uint64_t order_no;     /* the order it enters or names; 0 = none */
    uint64_t new_order_no; /* REPLACE: the order it enters */
    uint32_t account;
    uint8_t op;    /* enum command_op: tells TRIGGER from NEW */
    uint8_t flags; /* enum request_flag */
    bool rejected;
};

struct in_flight_queue {
    struct in_flight *commands;
    uint32_t first;  /* counts up; modulo IN_FLIGHT_MAX it is the place */
    uint32_t unsent; /* the first that the matcher has not taken */
    uint32_t end;
};

size_t in_flight_bytes(void);
void in_flight_init(struct in_flight_queue *queue, struct arena *arena);

static inline uint32_t in_flight_count(const struct in_flight_queue *queue) {
    return queue->end - queue->first;
}
static inline uint32_t in_flight_unsent_count(const struct in_flight_queue *queue) {
    return queue->end - queue->unsent;
}
/* The oldest; check: there is one, and it has been sent. */
struct in_flight *in_flight_oldest(struct in_flight_queue *queue);
void in_flight_add(struct in_flight_queue *queue, const struct in_flight *command);
/* Hands over what the matcher takes, in order. */
void in_flight_send(struct in_flight_queue *queue, struct matcher matcher);
/* After the DONE. */
void in_flight_drop_oldest(struct in_flight_queue *queue);

#endif
