/* Stands in for dpdk_port.c in a build without libdpdk. */
#include "drivers/nic/dpdk_port.h"

#include <stddef.h>

enum dpdk_result dpdk_port_open(const struct dpdk_config *config, struct frame_port **port) {
    (void)config;
    *port = NULL;
    return DPDK_NOT_BUILT_IN;
}
