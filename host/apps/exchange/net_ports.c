#include "apps/exchange/net_ports.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "drivers/nic/dpdk_port.h"
#include "drivers/nic/frame_port.h"
#include "os/log.h"

#define KEEPALIVE_IDLE_MS  5000
#define KEEPALIVE_EVERY_MS 1000
#define KEEPALIVE_COUNT    5
#define DPDK_START_WAIT_MS 5000

static bool net_ports_address(const char *text, uint32_t *host) {
    struct in_addr address;

    if (inet_pton(AF_INET, text, &address) != 1)
        return false;
    *host = ntohl(address.s_addr);
    return true;
}

static bool net_ports_add(struct net_ports *ports, const struct net_config *config, uint16_t port,
                          const char *where, char *error, size_t error_bytes) {
    struct net *net = NULL;
    uint16_t bound_port = 0;

    if (net_open(config, &net) != NET_OK) {
        snprintf(error, error_bytes, "order entry cannot start on %s", where);
        return false;
    }
    ports->nets[ports->count++] = net;
    if (net_listen(net, port, &bound_port) != NET_OK) {
        snprintf(error, error_bytes, "port %u on %s is taken, or the address is not ours", port,
                 where);
        return false;
    }
    log_info("net", "order entry listens address=%s port=%u", where, bound_port);
    return true;
}

static bool net_ports_add_sockets(struct net_ports *ports, const struct settings *settings,
                                  char *error, size_t error_bytes) {
    struct net_config config = {
        .transport = NET_KERNEL_SOCKETS,
        .connection_max = NET_CONNECTION_MAX,
        .keepalive_idle_ms = KEEPALIVE_IDLE_MS,
        .keepalive_every_ms = KEEPALIVE_EVERY_MS,
        .keepalive_count = KEEPALIVE_COUNT,
    };

    if (!net_ports_address(settings->address, &config.host)) {
        snprintf(error, error_bytes, "exchange.order_entry.address '%s' is no IPv4 address",
                 settings->address);
        return false;
    }
    return net_ports_add(ports, &config, settings->port, settings->address, error, error_bytes);
}

static bool net_ports_add_dpdk(struct net_ports *ports, const struct settings *settings,
                               char *error, size_t error_bytes) {
    struct dpdk_config dpdk = {
        .device = settings->dpdk_vdev,
        .memory = strcmp(settings->dpdk_memory, "huge") == 0 ? DPDK_MEMORY_HUGE_PAGES
                                                             : DPDK_MEMORY_NO_HUGE,
        .start_wait_ms = DPDK_START_WAIT_MS,
    };
    struct net_config config = {
        .transport = NET_FRAMES,
        .connection_max = NET_FRAMES_CONNECTION_MAX,
        .keepalive_idle_ms = KEEPALIVE_IDLE_MS,
        .keepalive_every_ms = KEEPALIVE_EVERY_MS,
        .keepalive_count = KEEPALIVE_COUNT,
        .mask = ~0u << (32 - settings->dpdk_prefix),
    };

    if (!net_ports_address(settings->dpdk_address, &config.host) ||
        !net_ports_address(settings->dpdk_gateway, &config.gateway)) {
        snprintf(error, error_bytes, "exchange.dpdk.address and .gateway must be IPv4 addresses");
        return false;
    }
    enum dpdk_result result = dpdk_port_open(&dpdk, &ports->frames);

    if (result != DPDK_OK) {
        snprintf(error, error_bytes, "exchange.dpdk.vdev '%s': %s", settings->dpdk_vdev,
                 dpdk_result_text(result));
        return false;
    }
    config.frames = ports->frames;
    return net_ports_add(ports, &config, settings->dpdk_port, settings->dpdk_address, error,
                         error_bytes);
}

bool net_ports_open(struct net_ports *ports, const struct settings *settings, char *error,
                    size_t error_bytes) {
    if (settings->port != 0 && !net_ports_add_sockets(ports, settings, error, error_bytes))
        return false;
    return settings->dpdk_vdev[0] == '\0' ||
           net_ports_add_dpdk(ports, settings, error, error_bytes);
}

void net_ports_close(struct net_ports *ports) {
    for (uint32_t i = 0; i < ports->count; i++)
        net_end(ports->nets[i]);
    ports->count = 0;
    if (ports->frames != NULL)
        frame_port_close(ports->frames);
    ports->frames = NULL;
}
