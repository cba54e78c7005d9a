#include "drivers/nic/simulated_port.h"

#include <string.h>

#define ETHERNET_HEADER_BYTES 14u

/* splitmix64: one multiply chain, good enough to misbehave with, and the same everywhere. */
static uint64_t random_next(struct simulated_link *link) {
    uint64_t mixed = (link->random_state += 0x9E3779B97F4A7C15u);

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static bool chance(struct simulated_link *link, uint32_t ppm) {
    return ppm > 0 && random_next(link) % 1000000u < ppm;
}

static uint32_t frame_take(struct simulated_queue *queue) {
    check(queue->free_count > 0);
    return queue->free_indexes[--queue->free_count];
}

static void frame_give_back(struct simulated_queue *queue, uint32_t frame_index) {
    check(queue->free_count < SIMULATED_QUEUE_MAX);
    queue->free_indexes[queue->free_count++] = frame_index;
}

/* Last in line, or a few places before it when the link reorders: the frames it overtakes come
 * later. */
static void frame_enqueue(struct simulated_link *link, struct simulated_queue *queue,
                          uint32_t frame_index) {
    uint32_t place = queue->waiting_count;

    check(place < SIMULATED_QUEUE_MAX);
    if (place > 0 && chance(link, link->faults.reorder_ppm)) {
        uint32_t overtaken = 1 + (uint32_t)(random_next(link) % SIMULATED_REORDER_MAX);

        place -= overtaken < place ? overtaken : place;
        memmove(&queue->order[place + 1], &queue->order[place],
                (queue->waiting_count - place) * sizeof queue->order[0]);
    }
    queue->order[place] = frame_index;
    queue->waiting_count++;
}

static void frame_damage(struct simulated_link *link, struct simulated_frame *frame) {
    if (frame->length_bytes <= ETHERNET_HEADER_BYTES)
        return;
    uint32_t span = frame->length_bytes - ETHERNET_HEADER_BYTES;
    uint32_t place = ETHERNET_HEADER_BYTES + (uint32_t)(random_next(link) % span);
    unsigned char flip = (unsigned char)(1u << (random_next(link) % 8));

    frame->bytes[place] = (unsigned char)(frame->bytes[place] ^ flip);
}

static void frame_pass(struct simulated_link *link, struct simulated_queue *queue,
                       uint32_t frame_index) {
    const struct simulated_faults *faults = &link->faults;

    if (faults->unplugged || chance(link, faults->loss_ppm)) {
        frame_give_back(queue, frame_index);
        return;
    }
    if (chance(link, faults->damage_ppm))
        frame_damage(link, &queue->frames[frame_index]);
    frame_enqueue(link, queue, frame_index);
    if (queue->free_count > 0 && chance(link, faults->duplicate_ppm)) {
        uint32_t copy_index = frame_take(queue);

        queue->frames[copy_index] = queue->frames[frame_index];
        frame_enqueue(link, queue, copy_index);
    }
}

static uint32_t simulated_receive(struct frame_port *port, struct frame *frames,
                                  uint32_t frame_max) {
    struct simulated_port *self = (struct simulated_port *)port;
    struct simulated_queue *queue = &self->link->queues[1 - self->side];

    for (uint32_t lent = 0; lent < queue->lent_count; lent++)
        frame_give_back(queue, queue->lent_indexes[lent]);
    queue->lent_count = queue->waiting_count < frame_max ? queue->waiting_count : frame_max;
    for (uint32_t lent = 0; lent < queue->lent_count; lent++) {
        const struct simulated_frame *frame = &queue->frames[queue->order[lent]];

        queue->lent_indexes[lent] = queue->order[lent];
        frames[lent] = (struct frame){.bytes = frame->bytes, .length_bytes = frame->length_bytes};
    }
    queue->waiting_count -= queue->lent_count;
    memmove(queue->order, &queue->order[queue->lent_count],
            queue->waiting_count * sizeof queue->order[0]);
    port->counters.received_count += queue->lent_count;
    return queue->lent_count;
}

static unsigned char *simulated_prepare(struct frame_port *port, uint32_t length_bytes) {
    struct simulated_port *self = (struct simulated_port *)port;
    struct simulated_queue *queue = &self->link->queues[self->side];

    if (queue->free_count == 0) {
        port->counters.refused_count++;
        return NULL;
    }
    uint32_t frame_index = frame_take(queue);

    queue->frames[frame_index].length_bytes = length_bytes;
    queue->prepared_indexes[queue->prepared_count++] = frame_index;
    return queue->frames[frame_index].bytes;
}

static void simulated_flush(struct frame_port *port) {
    struct simulated_port *self = (struct simulated_port *)port;
    struct simulated_queue *queue = &self->link->queues[self->side];

    for (uint32_t prepared = 0; prepared < queue->prepared_count; prepared++)
        frame_pass(self->link, queue, queue->prepared_indexes[prepared]);
    port->counters.sent_count += queue->prepared_count;
    queue->prepared_count = 0;
}

static void simulated_close(struct frame_port *port) {
    (void)port; /* the link is the caller's memory; there is nothing to give back */
}

static const struct frame_port_ops simulated_ops = {
    .receive = simulated_receive,
    .prepare = simulated_prepare,
    .flush = simulated_flush,
    .close = simulated_close,
};

void simulated_link_init(struct simulated_link *link, uint64_t seed) {
    memset(link, 0, sizeof *link);
    link->random_state = seed;
    for (uint32_t side = 0; side < 2; side++) {
        struct simulated_port *self = &link->ports[side];

        self->port.ops = &simulated_ops;
        self->port.mac[0] = 0x02;
        self->port.mac[FRAME_MAC_BYTES - 1] = (unsigned char)(side + 1);
        self->link = link;
        self->side = side;
        for (uint32_t index = 0; index < SIMULATED_QUEUE_MAX; index++)
            frame_give_back(&link->queues[side], index);
    }
}

struct frame_port *simulated_link_port(struct simulated_link *link, uint32_t side) {
    check(side < 2);
    return &link->ports[side].port;
}
