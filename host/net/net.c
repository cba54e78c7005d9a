#include "net/net.h"

#include "net/connections.h"
#include "net/kernel_sockets.h"
#include "net/lwip_stack.h"

#include <stdlib.h>

struct net {
    enum net_transport transport;
    struct connections connections;
    struct kernel_sockets kernel; /* NET_KERNEL_SOCKETS */
    struct lwip_side *side;       /* NET_FRAMES */
};

static bool config_is_good(const struct net_config *config) {
    if (config->connection_max == 0)
        return false;
    if (config->keepalive_idle_ms > 0 &&
        (config->keepalive_every_ms == 0 || config->keepalive_count == 0))
        return false;
    switch (config->transport) {
    case NET_KERNEL_SOCKETS: return config->connection_max <= NET_CONNECTION_MAX;
    case NET_FRAMES:
        return config->connection_max <= NET_FRAMES_CONNECTION_MAX && config->frames != NULL &&
               config->host != 0 && config->mask != 0;
    }
    return false;
}

enum net_result net_open(const struct net_config *config, struct net **net) {
    struct net *opened;
    enum net_result result = NET_NO_MEMORY;

    *net = NULL;
    if (!config_is_good(config))
        return NET_BAD_CONFIG;
    opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return NET_NO_MEMORY;
    if (!connections_init(&opened->connections, config->connection_max)) {
        free(opened);
        return NET_NO_MEMORY;
    }
    opened->transport = config->transport;
    switch (config->transport) {
    case NET_KERNEL_SOCKETS:
        result = kernel_sockets_open(&opened->kernel, &opened->connections, config);
        break;
    case NET_FRAMES: result = lwip_side_open(&opened->connections, config, &opened->side); break;
    }
    if (result != NET_OK) {
        connections_free(&opened->connections);
        free(opened);
        return result;
    }
    *net = opened;
    return NET_OK;
}

void net_end(struct net *net) {
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: kernel_sockets_end(&net->kernel); break;
    case NET_FRAMES: lwip_side_end(net->side); break;
    }
    connections_free(&net->connections);
    free(net);
}

enum net_result net_listen(struct net *net, uint16_t port, uint16_t *bound_port) {
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: return kernel_sockets_listen(&net->kernel, port, bound_port);
    case NET_FRAMES: return lwip_side_listen(net->side, port, bound_port);
    }
    check(false);
}

void net_close_listeners(struct net *net) {
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: kernel_sockets_close_listeners(&net->kernel); return;
    case NET_FRAMES: lwip_side_close_listeners(net->side); return;
    }
}

enum net_result net_connect(struct net *net, struct net_address peer, struct net_id *id) {
    struct connection *connection = connection_take(&net->connections);
    enum net_result result = NET_NO_RESOURCES;

    *id = (struct net_id){0};
    if (connection == NULL)
        return NET_FULL;
    connection->peer = peer;
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: result = kernel_sockets_connect(&net->kernel, connection); break;
    case NET_FRAMES: result = lwip_side_connect(net->side, connection); break;
    }
    if (result != NET_OK) {
        connection_release(&net->connections, connection);
        return result;
    }
    *id = (struct net_id){.index = connection->index, .generation = connection->generation};
    return NET_OK;
}

uint32_t net_poll(struct net *net, uint64_t now_ns, struct net_event *events, uint32_t event_max) {
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: kernel_sockets_poll(&net->kernel, now_ns); break;
    case NET_FRAMES: lwip_side_poll(net->side, now_ns); break;
    }
    return connections_harvest(&net->connections, events, event_max);
}

uint32_t net_send(struct net *net, struct net_id id, const void *bytes, uint32_t length_bytes) {
    struct connection *connection = connection_find(&net->connections, id);
    uint32_t taken_bytes = 0;

    if (connection == NULL || connection->state != CONNECTION_OPEN || length_bytes == 0)
        return 0;
    switch (net->transport) {
    case NET_KERNEL_SOCKETS:
        taken_bytes = kernel_sockets_send(connection, bytes, length_bytes);
        break;
    case NET_FRAMES:
        taken_bytes = lwip_side_send(net->side, connection, bytes, length_bytes);
        break;
    }
    net->connections.counters.sent_bytes += taken_bytes;
    if (taken_bytes < length_bytes) {
        connection->send_was_short = true;
        net->connections.counters.short_send_count++;
    }
    return taken_bytes;
}

void net_flush(struct net *net) {
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: return; /* each send has already gone */
    case NET_FRAMES: lwip_side_flush(net->side); return;
    }
}

uint32_t net_unread(struct net *net, struct net_id id, const unsigned char **bytes) {
    const struct connection *connection = connection_find(&net->connections, id);

    *bytes = NULL;
    if (connection == NULL)
        return 0;
    *bytes = connection->buffer + connection->unread_start;
    return connection_unread_bytes(connection);
}

void net_consume(struct net *net, struct net_id id, uint32_t length_bytes) {
    struct connection *connection = connection_find(&net->connections, id);

    if (connection == NULL || length_bytes == 0)
        return;
    connection_consume(connection, length_bytes);
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: kernel_sockets_consumed(&net->kernel, connection); return;
    case NET_FRAMES: lwip_side_consumed(connection, length_bytes); return;
    }
}

void net_close(struct net *net, struct net_id id) {
    struct connection *connection = connection_find(&net->connections, id);

    if (connection == NULL)
        return;
    connection_forget_marks(&net->connections, connection);
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: kernel_sockets_close(&net->kernel, connection); return;
    case NET_FRAMES: lwip_side_close(net->side, connection); return;
    }
}

void net_abort(struct net *net, struct net_id id) {
    struct connection *connection = connection_find(&net->connections, id);

    if (connection == NULL)
        return;
    switch (net->transport) {
    case NET_KERNEL_SOCKETS: kernel_sockets_abort(&net->kernel, connection); return;
    case NET_FRAMES: lwip_side_abort(net->side, connection); return;
    }
}

const struct net_counters *net_counters(const struct net *net) {
    return &net->connections.counters;
}
