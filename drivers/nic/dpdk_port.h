/* A frame port over one DPDK device, named by a virtual-device string. No DPDK header is needed to
 * use it.
 *
 *     net_af_xdp0,iface=NAME                       over an interface of this machine, fastest
 *     net_af_packet0,iface=NAME                    the same, where AF_XDP is not to be had
 *     net_memif0,role=server,id=0,socket=PATH,socket-abstract=no,mac=02:00:00:00:00:02
 *     net_memif0,role=client,...,zero-copy=yes     between two processes; the client waits for the
 * server
 *
 * docs/network.md lists the strings that were tried. The machine's own PCI devices are never probed
 * (--no-pci): a physical card would be a change here, and was never tried.
 *
 * Owner: open, use and close the port on one thread. DPDK binds the thread that opens it to `core`;
 * we put its affinity back, because pinning belongs to whoever starts threads.
 *
 * Limits: one port per process, and one opening per process: DPDK does not start twice. A process
 * that was killed leaves nothing that hinders the next start. Refusals are a sentence on standard
 * error and a result; the process goes on. */
#ifndef NIC_DPDK_PORT_H
#define NIC_DPDK_PORT_H

#include "drivers/nic/frame_port.h"

#include <stdbool.h>

enum dpdk_memory {
    DPDK_MEMORY_AUTO,       /* huge pages when at least 64 MiB of them are free, else none */
    DPDK_MEMORY_HUGE_PAGES, /* --in-memory: leaves no files, needs no hugetlbfs mount */
    DPDK_MEMORY_NO_HUGE,    /* --no-huge -m 256 */
};

enum dpdk_result {
    DPDK_OK,
    DPDK_NOT_BUILT_IN, /* this build found no libdpdk */
    DPDK_ALREADY_OPEN, /* the second opening in one process */
    DPDK_BAD_ARGUMENT, /* a string longer than DPDK_ARGUMENT_BYTES_MAX */
    DPDK_NO_START,     /* the environment refused: rights, memory, core, or the device string */
    DPDK_NO_DEVICE,    /* started, but the string made no device */
    DPDK_NO_MEMORY,    /* the frame pool does not fit */
    DPDK_NO_LINK,      /* the device does not start (memif: no server came within start_wait_ms) */
};

#define DPDK_ARGUMENT_BYTES_MAX 256u

struct dpdk_config {
    const char *device;      /* the virtual-device string, without --vdev= */
    const char *file_prefix; /* tells processes apart; NULL: one made from the process id */
    enum dpdk_memory memory;
    uint32_t core;          /* must be one this process may run on */
    uint32_t start_wait_ms; /* how long to retry a device that does not start yet */
    bool verbose;           /* let DPDK log its notices, not only its errors */
};

/* On DPDK_OK `*port` is the port; it lives until frame_port_close. Blocks up to start_wait_ms. */
NODISCARD enum dpdk_result dpdk_port_open(const struct dpdk_config *config,
                                          struct frame_port **port);

/* A sentence for people. */
const char *dpdk_result_text(enum dpdk_result result);

#endif
