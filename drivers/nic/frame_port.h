/* A frame port: where Ethernet frames come in and go out. One of the four ports of the design.
 *
 *   dpdk_port.h       a DPDK device: af_xdp, af_packet, memif, a physical card
 *   tap_port.h        a Linux TAP device, for machines without DPDK
 *   simulated_port.h  a pair of ports joined by a link that loses, repeats, reorders and damages
 * frames
 *
 * A frame starts at the destination MAC and has neither preamble nor check sequence. Nobody pads or
 * checks it here. Order is kept by the real ports; loss is allowed everywhere, so the stack above
 * must survive it.
 *
 * Owner: the one thread that opened the port. It is also the only one that may call it: DPDK keeps
 * per-thread caches, and a port has no lock.
 *
 *     count = frame_port_receive(port, frames, FRAME_BURST_MAX);
 *     bytes = frame_port_prepare(port, length);      write `length` bytes there, once per frame
 *     frame_port_flush(port);                        all prepared frames leave, in order
 *
 * Limits: a frame is FRAME_BYTES_MAX bytes at most; a burst FRAME_BURST_MAX frames. When a port has
 * no room for another frame, prepare says NULL and counts it: the caller drops the frame or tries
 * later. */
#ifndef NIC_FRAME_PORT_H
#define NIC_FRAME_PORT_H

#include "base/check.h"

#include <stdint.h>

#define FRAME_BYTES_MAX 1514u /* 14 bytes of header, 1500 of payload */
#define FRAME_BURST_MAX 64u
#define FRAME_MAC_BYTES 6u

struct frame {
    const unsigned char *bytes; /* the port's; valid until the next receive on this port */
    uint32_t length_bytes;
};

struct frame_counters {
    uint64_t received_count;
    uint64_t sent_count;
    uint64_t refused_count; /* prepare had no room */
    /* prepared, then lost because the device took no more; or too long to hand over */
    uint64_t dropped_count;
};

struct frame_port;

struct frame_port_ops {
    uint32_t (*receive)(struct frame_port *port, struct frame *frames, uint32_t frame_max);
    unsigned char *(*prepare)(struct frame_port *port, uint32_t length_bytes);
    void (*flush)(struct frame_port *port);
    void (*close)(struct frame_port *port);
};

/* Embedded as the first member of each port. */
struct frame_port {
    const struct frame_port_ops *ops;
    unsigned char mac[FRAME_MAC_BYTES]; /* the address to speak as */
    struct frame_counters counters;
};

/* How many frames have come in, 0 when none wait. Never blocks. */
NODISCARD static inline uint32_t frame_port_receive(struct frame_port *port, struct frame *frames,
                                                    uint32_t frame_max) {
    check(frame_max <= FRAME_BURST_MAX);
    return port->ops->receive(port, frames, frame_max);
}

/* Where to write a frame of exactly this length; NULL when there is no room. Written before the
 * flush. */
NODISCARD static inline unsigned char *frame_port_prepare(struct frame_port *port,
                                                          uint32_t length_bytes) {
    check(length_bytes > 0);
    check(length_bytes <= FRAME_BYTES_MAX);
    return port->ops->prepare(port, length_bytes);
}

static inline void frame_port_flush(struct frame_port *port) {
    port->ops->flush(port);
}

static inline void frame_port_close(struct frame_port *port) {
    port->ops->close(port);
}

#endif
