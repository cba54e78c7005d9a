#include "drivers/nic/dpdk_port.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define MBUF_COUNT        8191u /* one less than a power of two, as the pool likes it */
#define MBUF_CACHE_COUNT  250u
#define DESCRIPTOR_COUNT  1024u
#define SEND_MAX          128u /* frames between two flushes */
#define SEND_TRY_MAX      100u /* tx_burst calls without progress before frames are dropped */
#define EAL_ARGUMENT_MAX  16
#define HUGE_BYTES_WANTED (64u << 20)
#define RETRY_WAIT_NS     20000000L

struct dpdk_port {
    struct frame_port port; /* first member */
    uint16_t device_id;
    struct rte_mempool *pool;
    uint32_t received_count; /* lent out until the next receive */
    uint32_t prepared_count;
    struct rte_mbuf *received[FRAME_BURST_MAX];
    struct rte_mbuf *prepared[SEND_MAX];
};

/* DPDK's own state is one per process, and so is ours. */
static struct dpdk_port the_port;
static bool started;

static uint32_t dpdk_receive(struct frame_port *port, struct frame *frames, uint32_t frame_max) {
    struct dpdk_port *self = (struct dpdk_port *)port;
    uint32_t count = 0;

    rte_pktmbuf_free_bulk(self->received, self->received_count);
    self->received_count =
        rte_eth_rx_burst(self->device_id, 0, self->received, (uint16_t)frame_max);
    for (uint32_t index = 0; index < self->received_count; index++) {
        struct rte_mbuf *mbuf = self->received[index];

        /* A frame in several pieces, or one that a peer's segmentation offload left too long. */
        if (mbuf->nb_segs != 1 || mbuf->pkt_len > FRAME_BYTES_MAX) {
            port->counters.dropped_count++;
            continue;
        }
        frames[count].bytes = rte_pktmbuf_mtod(mbuf, const unsigned char *);
        frames[count].length_bytes = mbuf->pkt_len;
        count++;
    }
    port->counters.received_count += count;
    return count;
}

static void dpdk_flush(struct frame_port *port) {
    struct dpdk_port *self = (struct dpdk_port *)port;
    uint32_t sent = 0;
    uint32_t tries_left = SEND_TRY_MAX;

    while (sent < self->prepared_count && tries_left > 0) {
        uint16_t taken = rte_eth_tx_burst(self->device_id, 0, &self->prepared[sent],
                                          (uint16_t)(self->prepared_count - sent));
        sent += taken;
        tries_left = taken > 0 ? SEND_TRY_MAX : tries_left - 1;
    }
    rte_pktmbuf_free_bulk(&self->prepared[sent], self->prepared_count - sent);
    port->counters.sent_count += sent;
    port->counters.dropped_count += self->prepared_count - sent;
    self->prepared_count = 0;
}

static unsigned char *dpdk_prepare(struct frame_port *port, uint32_t length_bytes) {
    struct dpdk_port *self = (struct dpdk_port *)port;

    if (self->prepared_count == SEND_MAX)
        dpdk_flush(port);
    struct rte_mbuf *mbuf = rte_pktmbuf_alloc(self->pool);
    if (mbuf == NULL) {
        port->counters.refused_count++;
        return NULL;
    }
    self->prepared[self->prepared_count++] = mbuf;
    return (unsigned char *)rte_pktmbuf_append(mbuf, (uint16_t)length_bytes);
}

static void dpdk_close(struct frame_port *port) {
    struct dpdk_port *self = (struct dpdk_port *)port;
    int ignored; /* going away: a device that does not stop is stopped by our exit */

    dpdk_flush(port);
    rte_pktmbuf_free_bulk(self->received, self->received_count);
    self->received_count = 0;
    ignored = rte_eth_dev_stop(self->device_id);
    ignored = rte_eth_dev_close(self->device_id);
    ignored = rte_eal_cleanup();
    (void)ignored;
}

static const struct frame_port_ops dpdk_ops = {
    .receive = dpdk_receive,
    .prepare = dpdk_prepare,
    .flush = dpdk_flush,
    .close = dpdk_close,
};

static uint64_t free_huge_bytes(const char *counter_path, uint64_t page_bytes) {
    unsigned long free_count = 0;
    FILE *file = fopen(counter_path, "re");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu", &free_count) != 1)
        free_count = 0;
    fclose(file);
    return free_count * page_bytes;
}

static bool use_huge_pages(enum dpdk_memory memory) {
    switch (memory) {
    case DPDK_MEMORY_HUGE_PAGES: return true;
    case DPDK_MEMORY_NO_HUGE: return false;
    case DPDK_MEMORY_AUTO:
        return free_huge_bytes("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
                               2u << 20) >= HUGE_BYTES_WANTED ||
               free_huge_bytes("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages",
                               1u << 30) >= HUGE_BYTES_WANTED;
    }
    check(false);
}

/* Starts the environment with the thread's affinity kept. The strings must outlive the process's
 * use of DPDK, hence static; DPDK also writes into argv, hence an array of our own. */
static enum dpdk_result environment_start(const struct dpdk_config *config) {
    static char fixed[][24] = {"crosspoint",
                               "--no-pci",
                               "--no-telemetry",
                               "--log-level=*:notice",
                               "--log-level=*:error",
                               "-l",
                               "--in-memory",
                               "--single-file-segments",
                               "--no-huge",
                               "-m",
                               "256"};
    static char core[16];
    static char prefix[DPDK_ARGUMENT_BYTES_MAX];
    static char device[DPDK_ARGUMENT_BYTES_MAX + sizeof "--vdev="];
    static char *arguments[EAL_ARGUMENT_MAX];
    bool huge = use_huge_pages(config->memory);
    int count = 0;
    cpu_set_t affinity;

    snprintf(core, sizeof core, "%u", config->core);
    if (config->file_prefix != NULL)
        snprintf(prefix, sizeof prefix, "--file-prefix=%s", config->file_prefix);
    else
        snprintf(prefix, sizeof prefix, "--file-prefix=crosspoint%d", (int)getpid());
    snprintf(device, sizeof device, "--vdev=%s", config->device);

    arguments[count++] = fixed[0];
    arguments[count++] = fixed[1];
    arguments[count++] = fixed[2];
    arguments[count++] = config->verbose ? fixed[3] : fixed[4];
    arguments[count++] = fixed[5];
    arguments[count++] = core;
    arguments[count++] = prefix;
    arguments[count++] = device;
    if (huge) {
        arguments[count++] = fixed[6];
        arguments[count++] = fixed[7]; /* one file for all pages: memif hands it to its peer */
    } else {
        arguments[count++] = fixed[8];
        arguments[count++] = fixed[9];
        arguments[count++] = fixed[10];
    }
    check(count < EAL_ARGUMENT_MAX);

    bool affinity_known = pthread_getaffinity_np(pthread_self(), sizeof affinity, &affinity) == 0;
    int initialised = rte_eal_init(count, arguments);
    if (affinity_known)
        (void)pthread_setaffinity_np(pthread_self(), sizeof affinity, &affinity);
    if (initialised < 0) {
        fprintf(stderr, "dpdk: start refused with \"%s\" (%s)\n", device, rte_strerror(rte_errno));
        return DPDK_NO_START;
    }
    return DPDK_OK;
}

static bool device_start(uint16_t device_id, uint32_t wait_ms) {
    uint64_t tries_left = 1 + (uint64_t)wait_ms * 1000000u / RETRY_WAIT_NS;

    while (rte_eth_dev_start(device_id) != 0) {
        if (--tries_left == 0)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = RETRY_WAIT_NS}, NULL);
    }
    return true;
}

static enum dpdk_result device_open(struct dpdk_port *self, uint32_t start_wait_ms) {
    struct rte_eth_conf device_config = {
        0}; /* no offloads: checksums are made and checked by the stack */
    struct rte_ether_addr mac;
    uint16_t receive_count = DESCRIPTOR_COUNT;
    uint16_t send_count = DESCRIPTOR_COUNT;

    if (rte_eth_dev_count_avail() == 0)
        return DPDK_NO_DEVICE;
    self->device_id = (uint16_t)rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
    self->pool = rte_pktmbuf_pool_create("frames", MBUF_COUNT, MBUF_CACHE_COUNT, 0,
                                         RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id());
    if (self->pool == NULL)
        return DPDK_NO_MEMORY;
    if (rte_eth_dev_configure(self->device_id, 1, 1, &device_config) != 0 ||
        rte_eth_dev_adjust_nb_rx_tx_desc(self->device_id, &receive_count, &send_count) != 0 ||
        rte_eth_rx_queue_setup(self->device_id, 0, receive_count, 0, NULL, self->pool) != 0 ||
        rte_eth_tx_queue_setup(self->device_id, 0, send_count, 0, NULL) != 0 ||
        rte_eth_macaddr_get(self->device_id, &mac) != 0)
        return DPDK_NO_DEVICE;
    if (!device_start(self->device_id, start_wait_ms))
        return DPDK_NO_LINK;
    memcpy(self->port.mac, mac.addr_bytes, FRAME_MAC_BYTES);
    self->port.ops = &dpdk_ops;
    return DPDK_OK;
}

enum dpdk_result dpdk_port_open(const struct dpdk_config *config, struct frame_port **port) {
    enum dpdk_result result;

    *port = NULL;
    if (started)
        return DPDK_ALREADY_OPEN;
    if (config->device == NULL || config->device[0] == '\0' ||
        strlen(config->device) > DPDK_ARGUMENT_BYTES_MAX)
        return DPDK_BAD_ARGUMENT;
    if (config->file_prefix != NULL && strlen(config->file_prefix) > DPDK_ARGUMENT_BYTES_MAX / 2)
        return DPDK_BAD_ARGUMENT;

    started = true;
    result = environment_start(config);
    if (result != DPDK_OK)
        return result;
    result = device_open(&the_port, config->start_wait_ms);
    if (result == DPDK_OK)
        *port = &the_port.port;
    return result;
}
