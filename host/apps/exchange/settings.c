#include "apps/exchange/settings.h"

#include <stdio.h>
#include <string.h>

#define MIB (1024ull * 1024)

static bool settings_idle(struct settings *settings, const char *name) {
    static const char *const names[] = {"spin", "yield", "sleep"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            settings->idle = (enum idle_style)i;
            return true;
        }
    return false;
}

static void settings_read_order_entry(struct settings *settings, struct config *config) {
    settings->address = config_text(config, "exchange.order_entry.address", "127.0.0.1");
    settings->port = (uint16_t)config_number(config, "exchange.order_entry.port", 0, 65535, 9050);
    settings->cancel_on_disconnect =
        config_flag(config, "exchange.order_entry.cancel_on_disconnect", false);
    settings->session_messages_per_second = (uint32_t)config_number(
        config, "exchange.order_entry.messages_per_second", 1, 10000000, 20000);
    settings->session_burst =
        (uint32_t)config_number(config, "exchange.order_entry.burst", 1, 1000000, 4000);
    settings->reply_store_bytes =
        (uint64_t)config_number(config, "exchange.order_entry.reply_store_mib", 16, 1 << 20, 1024) *
        MIB;

    settings->dpdk_vdev = config_text(config, "exchange.dpdk.vdev", "");
    settings->dpdk_memory = config_text(config, "exchange.dpdk.memory", "plain");
    settings->dpdk_address = config_text(config, "exchange.dpdk.address", "10.77.0.2");
    settings->dpdk_gateway = config_text(config, "exchange.dpdk.gateway", "10.77.0.1");
    settings->dpdk_prefix = (uint8_t)config_number(config, "exchange.dpdk.prefix", 8, 30, 24);
    settings->dpdk_port = (uint16_t)config_number(config, "exchange.dpdk.port", 1, 65535, 9050);
}

static void settings_read_limits(struct settings *settings, struct config *config) {
    struct engine_limits *limits = &settings->limits;

    limits->account_max =
        (uint32_t)config_number(config, "exchange.limits.accounts", 16, ACCOUNT_MAX, 16384);
    limits->balance_max =
        (uint32_t)config_number(config, "exchange.limits.balances", 64, BALANCE_MAX, 65536);
    limits->order_max =
        (uint32_t)config_number(config, "exchange.limits.orders", 64, ORDER_MAX, 131072);
    limits->instrument_max =
        (uint32_t)config_number(config, "exchange.limits.instruments", 1, INSTRUMENT_MAX, 16);
}

bool settings_read(struct settings *settings, struct config *config, char *error,
                   size_t error_bytes) {
    settings->matcher = config_text(config, "exchange.matcher", "soft");
    settings->durability = config_text(config, "exchange.durability", "LOCAL_DISK");
    settings->segment_bytes =
        (uint64_t)config_number(config, "exchange.journal.segment_mib", 1, 4096, 64) * MIB;
    settings->journal_ring_bytes =
        (uint64_t)config_number(config, "exchange.journal.ring_mib", 1, 4096, 64) * MIB;
    settings->command_ring_slots =
        (uint32_t)config_number(config, "exchange.command_ring_slots", 64, 1 << 20, 8192);
    settings_read_order_entry(settings, config);
    settings_read_limits(settings, config);

    if (!settings_idle(settings, config_text(config, "exchange.idle", "sleep"))) {
        snprintf(error, error_bytes, "exchange.idle must be spin, yield or sleep");
        return false;
    }
    if (!config_unknown(config, "exchange", error, error_bytes))
        return false;
    if (strcmp(settings->matcher, "soft") != 0) {
        snprintf(error, error_bytes, "exchange.matcher '%s' is not built in; this build has: soft",
                 settings->matcher);
        return false;
    }
    if (strcmp(settings->durability, "LOCAL_DISK") != 0 &&
        strcmp(settings->durability, "NONE") != 0) {
        snprintf(error, error_bytes,
                 "exchange.durability must be LOCAL_DISK or NONE (laboratory only)");
        return false;
    }
    if (strcmp(settings->dpdk_memory, "plain") != 0 && strcmp(settings->dpdk_memory, "huge") != 0) {
        snprintf(error, error_bytes, "exchange.dpdk.memory must be plain or huge");
        return false;
    }
    if ((settings->command_ring_slots & (settings->command_ring_slots - 1)) != 0) {
        snprintf(error, error_bytes, "exchange.command_ring_slots must be a power of two");
        return false;
    }
    return true;
}
