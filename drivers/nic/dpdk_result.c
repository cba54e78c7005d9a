#include "drivers/nic/dpdk_port.h"

const char *dpdk_result_text(enum dpdk_result result) {
    switch (result) {
    case DPDK_OK: return "the DPDK port is open";
    case DPDK_NOT_BUILT_IN:
        return "this build found no libdpdk; install libdpdk-dev and configure again";
    case DPDK_ALREADY_OPEN: return "DPDK was already started in this process, and starts only once";
    case DPDK_BAD_ARGUMENT: return "a DPDK argument is empty or too long";
    case DPDK_NO_START:
        return "DPDK did not start: look for its own line above (rights, memory, core or device "
               "string)";
    case DPDK_NO_DEVICE: return "DPDK started, but the device string made no device";
    case DPDK_NO_MEMORY: return "no memory for the pool of frames";
    case DPDK_NO_LINK: return "the device does not start (memif: no server came)";
    }
    check(false);
}
