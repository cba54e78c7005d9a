/* Two frame ports joined by a link that misbehaves as told: for tests, the fuzzer and the simulated
 * world.
 *
 * Every misfortune is drawn from one seeded generator, so a run repeats exactly when the calls
 * repeat. Time is the order of calls: a reordered frame is passed by up to SIMULATED_REORDER_MAX
 * later ones.
 *
 *     simulated_link_init(&link, seed);
 *     link.faults.loss_ppm = 50000;                  may be changed at any time
 *     port = simulated_link_port(&link, 0);          side 0 speaks to side 1
 *
 * Owner: one thread owns the link and both ports. The caller owns the memory (about 1.6 MB).
 * Limit: SIMULATED_QUEUE_MAX frames wait in each direction; beyond it prepare refuses. */
#ifndef NIC_SIMULATED_PORT_H
#define NIC_SIMULATED_PORT_H

#include "drivers/nic/frame_port.h"

#include <stdbool.h>

#define SIMULATED_QUEUE_MAX   512u
#define SIMULATED_REORDER_MAX 8u

/* Chances in a million, each drawn per frame. Zero: the link is perfect. */
struct simulated_faults {
    uint32_t loss_ppm;
    uint32_t duplicate_ppm;
    uint32_t reorder_ppm;
    uint32_t damage_ppm; /* one byte after the Ethernet header is changed */
    bool unplugged;      /* everything is lost */
};

struct simulated_frame {
    uint32_t length_bytes;
    unsigned char bytes[FRAME_BYTES_MAX];
};

/* What one side has sent and the other has not received yet. */
struct simulated_queue {
    uint32_t order[SIMULATED_QUEUE_MAX]; /* indexes into frames, the next to deliver first */
    uint32_t waiting_count;
    uint32_t free_indexes[SIMULATED_QUEUE_MAX];
    uint32_t free_count;
    uint32_t lent_indexes[FRAME_BURST_MAX]; /* handed to the receiver, until its next receive */
    uint32_t lent_count;
    uint32_t prepared_indexes[SIMULATED_QUEUE_MAX];
    uint32_t prepared_count;
    struct simulated_frame frames[SIMULATED_QUEUE_MAX];
};

struct simulated_link;

struct simulated_port {
    struct frame_port port; /* first member */
    struct simulated_link *link;
    uint32_t side;
};

struct simulated_link {
    struct simulated_port ports[2];
    struct simulated_queue queues[2]; /* by the side that sends */
    struct simulated_faults faults;
    uint64_t random_state;
};

void simulated_link_init(struct simulated_link *link, uint64_t seed);
/* `side` is 0 or 1. The MAC of side n is 02:00:00:00:00:0(n+1). */
struct frame_port *simulated_link_port(struct simulated_link *link, uint32_t side);

#endif
