#include "drivers/nic/dpdk_port.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define MBUF_COUNT            8191u /* one less than a power of two, as the pool likes it */
#define MBUF_CACHE_COUNT      250u
#define DESCRIPTOR_COUNT      1024u
#define SEND_MAX              128u /* frames between two flushes */
#define SEND_TRY_MAX          100u /* tx_burst calls without progress before frames are dropped */
#define EAL_ARGUMENT_MAX      16
#define HUGE_BYTES_WANTED     (64u << 20)
#define RETRY_WAIT_NS         20000000L
#define LINK_LOOKS_PER_SECOND 50u

struct dpdk_port {
    struct frame_port port; /* first member */
    uint16_t device_id;
    struct rte_mempool *pool;
    uint64_t link_looked;    /* time stamp counter */
    uint32_t received_count; /* lent out until the next receive */
    uint32_t prepared_count;
    struct rte_mbuf *received[FRAME_BURST_MAX];
    struct rte_mbuf *prepared[SEND_MAX];
};

/* DPDK's own state is one per process, and so is ours. */
static struct dpdk_port the_port;
static bool started;

/* A memif client whose server went away (or was not yet done with our predecessor) connects again
 * only when somebody asks for the state of the link. For other devices the question is free. */
static void link_look(struct dpdk_port *self) {
    struct rte_eth_link link;
    uint64_t now = rte_rdtsc();

    if (now - self->link_looked < rte_get_tsc_hz() / LINK_LOOKS_PER_SECOND)
        return;
    self->link_looked = now;
    (void)rte_eth_link_get_nowait(self->device_id, &link);
}

static uint32_t dpdk_receive(struct frame_port *port, struct frame *frames, uint32_t frame_max) {
    struct dpdk_port *self = (struct dpdk_port *)port;
    uint32_t count = 0;

    rte_pktmbuf_free_bulk(self->received, self->received_count);
    self->received_count =
        rte_eth_rx_burst(self->device_id, 0, self->received, (uint16_t)frame_max);
    if (self->received_count == 0)
        link_look(self);
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

/* DPDK keeps pointers into argv and writes to it: arrays that live as long as the process. */
static struct {
    char program[12], core_name[4], core[16], no_pci[12], no_telemetry[16], log_level[24];
    char prefix[DPDK_ARGUMENT_BYTES_MAX], device[DPDK_ARGUMENT_BYTES_MAX + sizeof "--vdev="];
    char single_file[24], in_memory[16], no_huge[12], megabytes_name[4], megabytes[8];
} text = {
    .program = "crosspoint",
    .core_name = "-l",
    .no_pci = "--no-pci", /* or it would try the machine's own cards */
    .no_telemetry = "--no-telemetry",
    .single_file = "--single-file-segments", /* memif hands one file to its peer */
    .in_memory = "--in-memory",
    .no_huge = "--no-huge",
    .megabytes_name = "-m",
    .megabytes = "256",
};

static enum dpdk_result environment_start(const struct dpdk_config *config) {
    char *arguments[EAL_ARGUMENT_MAX] = {
        text.program,   text.core_name, text.core,   text.no_pci,      text.no_telemetry,
        text.log_level, text.prefix,    text.device, text.single_file,
    };
    int count = 9;
    cpu_set_t affinity;

    snprintf(text.core, sizeof text.core, "%u", config->core);
    snprintf(text.log_level, sizeof text.log_level, "--log-level=*:%s",
             config->verbose ? "notice" : "error");
    snprintf(text.device, sizeof text.device, "--vdev=%s", config->device);
    if (config->file_prefix != NULL)
        snprintf(text.prefix, sizeof text.prefix, "--file-prefix=%s", config->file_prefix);
    else
        snprintf(text.prefix, sizeof text.prefix, "--file-prefix=crosspoint%d", (int)getpid());
    if (use_huge_pages(config->memory)) {
        arguments[count++] = text.in_memory; /* refused together with --no-huge */
    } else {
        arguments[count++] = text.no_huge;
        arguments[count++] = text.megabytes_name;
        arguments[count++] = text.megabytes;
    }
    check(count < EAL_ARGUMENT_MAX);

    bool affinity_known = pthread_getaffinity_np(pthread_self(), sizeof affinity, &affinity) == 0;
    int initialised = rte_eal_init(count, arguments);
    if (affinity_known)
        (void)pthread_setaffinity_np(pthread_self(), sizeof affinity, &affinity);
    if (initialised < 0) {
        fprintf(stderr, "dpdk: start refused with \"%s\" (%s)\n", text.device,
                rte_strerror(rte_errno));
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
