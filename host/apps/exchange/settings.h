/* What the exchange is told: crosspoint.conf and --set, read once, checked, then constant. */
#ifndef EXCHANGE_SETTINGS_H
#define EXCHANGE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine.h"
#include "os/config.h"

enum idle_style {
    IDLE_SPIN,  /* never gives the core away: for a core of its own */
    IDLE_YIELD, /* gives it to whoever waits */
    /* and, after a while without work, sleeps up to 100 us: for small and shared machines */
    IDLE_SLEEP,
};

struct settings {
    const char *var_path; /* everything the run writes lies under it */
    const char *build;
    const char *matcher;    /* "soft" */
    const char *durability; /* "LOCAL_DISK" or "NONE" */
    enum idle_style idle;
    struct engine_limits limits;

    uint64_t segment_bytes;
    uint64_t journal_ring_bytes;
    uint32_t command_ring_slots;

    /* Order entry on kernel sockets; port 0 = off. */
    const char *address;
    uint16_t port;
    /* Order entry on DPDK; vdev "" = off. */
    const char *dpdk_vdev;
    const char *dpdk_memory; /* "huge" or "plain" */
    const char *dpdk_address;
    const char *dpdk_gateway;
    uint8_t dpdk_prefix;
    uint16_t dpdk_port;

    bool cancel_on_disconnect;
    /* beyond: input is not read until the bucket has filled again */
    uint32_t session_messages_per_second;
    uint32_t session_burst;
    uint64_t reply_store_bytes;
};

/* False: one sentence stands in `error`. Texts point into `config`, which must stay open. */
NODISCARD bool settings_read(struct settings *settings, struct config *config, char *error,
                             size_t error_bytes);

#endif
