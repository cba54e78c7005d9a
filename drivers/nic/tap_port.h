/* A frame port over a Linux TAP device: plain read and write, for machines without DPDK.
 *
 * Opening makes the device if it is not there (CAP_NET_ADMIN), without packet information,
 * non-blocking. The kernel's side of it must be given an address and set up by whoever runs us:
 *
 *     ip addr add 10.9.0.1/24 dev NAME && ip link set NAME up
 *
 * We speak from a MAC of our own, made from the device's name; the device's own MAC is the
 * kernel's. One system call per frame: this is for reach, not for speed. The caller owns the
 * struct. Limit: TAP_SEND_MAX frames between two flushes, then prepare refuses. */
#ifndef NIC_TAP_PORT_H
#define NIC_TAP_PORT_H

#include "drivers/nic/frame_port.h"

#include <net/if.h>

#define TAP_SEND_MAX 64u

struct tap_port {
    struct frame_port port; /* first member */
    int fd;
    uint32_t prepared_count;
    uint32_t prepared_bytes[TAP_SEND_MAX];
    unsigned char prepared[TAP_SEND_MAX][FRAME_BYTES_MAX];
    unsigned char received[FRAME_BURST_MAX][FRAME_BYTES_MAX];
};

/* 0, or the errno of the step that failed (ENODEV: no /dev/net/tun; EPERM: no right; EINVAL: bad
 * name). */
NODISCARD int tap_port_open(struct tap_port *tap, const char *device_name);

#endif
