#include "net/lwip_stack.h"

#include "drivers/nic/frame_port.h"
#include "net/siphash.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include "lwip_hooks.h"

/* Per poll, so that a flood of frames cannot keep the owner from its events. */
#define RECEIVE_BURSTS_MAX 4u
#define TIMER_PERIOD_NS    1000000u
/* RFC 6528: the clock part of a first sequence number goes up every 4 us. */
#define ISN_TICK_NS 4000u
/* Segments that must be free again before the owner is told to go on. */
#define SEND_QUEUE_SPARE 8

/* The pools hold what all connections together may use; lwipopts.h promises it, this proves it. */
#define SEGMENT_POOL_COUNT 26624
static_assert(TCP_WND == NET_WINDOW_BYTES, "the window is the connection's buffer");
static_assert(TCP_SND_BUF == NET_SEND_BYTES, "net.h names the limit");
static_assert(MEMP_NUM_TCP_PCB >= NET_FRAMES_CONNECTION_MAX + NET_BACKLOG, "handshakes find a pcb");
static_assert(MEMP_NUM_TCP_PCB_LISTEN >= NET_FRAMES_NET_MAX * NET_LISTENER_MAX,
              "listeners find a pcb");
static_assert(MEMP_NUM_TCP_SEG >= NET_FRAMES_CONNECTION_MAX * TCP_SND_QUEUELEN, "segments");
static_assert(MEMP_NUM_TCP_SEG <= UINT16_MAX, "lwIP counts pools in 16 bits");
static_assert(SEGMENT_POOL_COUNT >= NET_FRAMES_CONNECTION_MAX * TCP_SND_QUEUELEN, "bytes to send");
static_assert(PBUF_POOL_SIZE >= FRAME_BURST_MAX, "a burst");
static_assert(PBUF_POOL_BUFSIZE >= FRAME_BYTES_MAX, "a frame lies in one piece");

struct lwip_listener {
    struct lwip_side *side;
    struct tcp_pcb *pcb;
};

struct lwip_side {
    bool in_use;
    struct netif netif;
    struct frame_port *frames;
    struct connections *connections;
    struct net_config config;
    uint32_t listener_count;
    struct lwip_listener listeners[NET_LISTENER_MAX];
    uint64_t timers_ns; /* when to look at the timers again */
    uint32_t flush_count;
    uint32_t flush_indexes[NET_FRAMES_CONNECTION_MAX];
};

/* One stack per process, as lwIP has it. */
static struct {
    bool started;
    bool clock_known;
    uint64_t now_ns;
    uint64_t random_count;
    struct siphash_key key;
    struct lwip_side sides[NET_FRAMES_NET_MAX];
} stack;

unsigned int lwip_random(void) {
    uint64_t count = stack.random_count++;

    return (unsigned int)siphash(&stack.key, (const unsigned char *)&count, sizeof count);
}

u32_t sys_now(void) {
    return (u32_t)(stack.now_ns / 1000000u);
}

/* RFC 6528: a keyed hash of the four-tuple, plus a clock, so that nobody off the path can guess
 * where a connection starts. */
u32_t lwip_hook_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                    u16_t remote_port) {
    uint32_t tuple[3] = {ip_addr_get_ip4_u32(local), ip_addr_get_ip4_u32(remote),
                         (uint32_t)local_port << 16 | remote_port};

    return (u32_t)siphash(&stack.key, (const unsigned char *)tuple, sizeof tuple) +
           (u32_t)(stack.now_ns / ISN_TICK_NS);
}

static bool stack_start(void) {
    if (stack.started)
        return true;
    if (getrandom(&stack.key, sizeof stack.key, 0) != (ssize_t)sizeof stack.key)
        return false;
    lwip_init();
    stack.started = true;
    return true;
}

static ip4_addr_t lwip_address(uint32_t host) {
    ip4_addr_t address = {.addr = lwip_htonl(host)};

    return address;
}

/* --- frames -------------------------------------------------------------------------------- */

static err_t side_output(struct netif *netif, struct pbuf *chain) {
    struct lwip_side *side = netif->state;
    unsigned char *bytes = NULL;

    if (chain->tot_len <= FRAME_BYTES_MAX)
        bytes = frame_port_prepare(side->frames, chain->tot_len);
    if (bytes == NULL)
        return ERR_MEM; /* TCP keeps the segment and tries again */
    pbuf_copy_partial(chain, bytes, chain->tot_len, 0);
    return ERR_OK;
}

static err_t side_netif_init(struct netif *netif) {
    struct lwip_side *side = netif->state;

    netif->name[0] = 'x';
    netif->name[1] = 'p';
    netif->mtu = 1500;
    netif->hwaddr_len = FRAME_MAC_BYTES;
    memcpy(netif->hwaddr, side->frames->mac, FRAME_MAC_BYTES);
    netif->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    netif->output = etharp_output;
    netif->linkoutput = side_output;
    return ERR_OK;
}

static void side_input(struct lwip_side *side) {
    struct frame frames[FRAME_BURST_MAX];

    for (uint32_t burst = 0; burst < RECEIVE_BURSTS_MAX; burst++) {
        uint32_t count = frame_port_receive(side->frames, frames, FRAME_BURST_MAX);

        for (uint32_t index = 0; index < count; index++) {
            u16_t length_bytes = (u16_t)frames[index].length_bytes;
            struct pbuf *packet = pbuf_alloc(PBUF_RAW, length_bytes, PBUF_POOL);

            if (packet == NULL)
                continue; /* lwIP counts it; TCP repeats it */
            pbuf_take(packet, frames[index].bytes, length_bytes);
            if (side->netif.input(packet, &side->netif) != ERR_OK)
                pbuf_free(packet);
        }
        if (count < FRAME_BURST_MAX)
            return;
    }
}

/* --- what lwIP tells us -------------------------------------------------------------------- */

static void pcb_forget(struct connection *connection) {
    struct tcp_pcb *pcb = connection->pcb;

    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    connection->pcb = NULL;
}

/* The peer has closed while we lingered: both sides are done, lwIP sees to TIME_WAIT. */
static err_t lingering_finished(struct connection *connection, struct tcp_pcb *pcb) {
    pcb_forget(connection);
    connection_release(connection->home, connection);
    if (tcp_close(pcb) == ERR_OK)
        return ERR_OK;
    tcp_abort(pcb);
    return ERR_ABRT;
}

static err_t on_received(void *argument, struct tcp_pcb *pcb, struct pbuf *chain, err_t error) {
    struct connection *connection = argument;

    (void)error; /* always ERR_OK in lwIP 2.1 */
    if (chain == NULL) {
        if (connection->state == CONNECTION_LINGERING)
            return lingering_finished(connection, pcb);
        connection->finished = true;
        connection_mark(connection->home, connection, NET_FINISHED);
        return ERR_OK;
    }
    if (connection->state == CONNECTION_LINGERING) {
        tcp_recved(pcb, chain->tot_len);
    } else {
        check(chain->tot_len <= connection_room_bytes(connection));
        pbuf_copy_partial(chain, connection_tail(connection), chain->tot_len, 0);
        connection_received(connection->home, connection, chain->tot_len);
    }
    pbuf_free(chain);
    return ERR_OK;
}

static void tell_when_sendable(struct connection *connection) {
    const struct tcp_pcb *pcb = connection->pcb;

    if (!connection->send_was_short || connection->state != CONNECTION_OPEN)
        return;
    if (tcp_sndbuf(pcb) < TCP_SNDLOWAT ||
        tcp_sndqueuelen(pcb) > TCP_SND_QUEUELEN - SEND_QUEUE_SPARE)
        return;
    connection->send_was_short = false;
    connection_mark(connection->home, connection, NET_SENDABLE);
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t length_bytes) {
    (void)pcb;
    (void)length_bytes;
    tell_when_sendable(argument);
    return ERR_OK;
}

/* lwIP has already freed the pcb. */
static void on_error(void *argument, err_t error) {
    struct connection *connection = argument;
    enum net_why why = error == ERR_RST ? NET_WHY_PEER_RESET : NET_WHY_TIMEOUT;

    if (connection->state == CONNECTION_CONNECTING && error == ERR_RST)
        why = NET_WHY_REFUSED;
    connection->pcb = NULL;
    connection_died(connection->home, connection, why);
}

static void pcb_adopt(struct lwip_side *side, struct connection *connection, struct tcp_pcb *pcb) {
    connection->pcb = pcb;
    tcp_arg(pcb, connection);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_error);
    tcp_nagle_disable(pcb);
    tcp_setprio(
        pcb,
        TCP_PRIO_MAX); /* when pcbs run out, lwIP ends those of lower priority: never an open one */
    if (side->config.keepalive_idle_ms == 0)
        return;
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = side->config.keepalive_idle_ms;
    pcb->keep_intvl = side->config.keepalive_every_ms;
    pcb->keep_cnt = side->config.keepalive_count;
}

static void connection_opened(struct connection *connection) {
    struct tcp_pcb *pcb = connection->pcb;

    /* lwIP makes segments of at most half the largest window it has seen, and asserts that this
     * never shrinks; yet a first window of 0 or 1 counts as no limit at all, and a second one as a
     * small one. */
    if (pcb->snd_wnd_max < 2 * TCP_MSS)
        pcb->snd_wnd_max = 2 * TCP_MSS;
    connection->state = CONNECTION_OPEN;
    connection->home->counters.opened_count++;
    connection_mark(connection->home, connection, NET_OPENED);
}

static err_t on_accepted(void *argument, struct tcp_pcb *pcb, err_t error) {
    struct lwip_listener *listener = argument;
    struct connection *connection;

    if (error != ERR_OK || pcb == NULL)
        return ERR_VAL; /* lwIP had no pcb for it; the client tries again */
    connection = connection_take(listener->side->connections);
    if (connection == NULL) {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    connection->port = pcb->local_port;
    connection->peer = (struct net_address){
        .host = lwip_ntohl(ip_addr_get_ip4_u32(&pcb->remote_ip)), .port = pcb->remote_port};
    pcb_adopt(listener->side, connection, pcb);
    connection_opened(connection);
    return ERR_OK;
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error) {
    (void)pcb;
    (void)error; /* always ERR_OK in lwIP 2.1: a failure comes to on_error */
    connection_opened(argument);
    return ERR_OK;
}

/* --- what the owner asks ------------------------------------------------------------------- */

enum net_result lwip_side_open(struct connections *connections, const struct net_config *config,
                               struct lwip_side **side) {
    struct lwip_side *found = NULL;
    ip4_addr_t address = lwip_address(config->host);
    ip4_addr_t mask = lwip_address(config->mask);
    ip4_addr_t gateway = lwip_address(config->gateway);

    for (uint32_t index = 0; index < NET_FRAMES_NET_MAX && found == NULL; index++)
        if (!stack.sides[index].in_use)
            found = &stack.sides[index];
    if (found == NULL)
        return NET_FULL;
    if (!stack_start())
        return NET_NO_RESOURCES;
    memset(found, 0, sizeof *found);
    found->connections = connections;
    found->config = *config;
    found->frames = config->frames;
    if (netif_add(&found->netif, &address, &mask, &gateway, found, side_netif_init,
                  ethernet_input) == NULL)
        return NET_NO_RESOURCES;
    if (config->gateway != 0)
        netif_set_default(&found->netif);
    netif_set_up(&found->netif);
    found->in_use = true;
    *side = found;
    return NET_OK;
}

void lwip_side_end(struct lwip_side *side) {
    lwip_side_close_listeners(side);
    for (uint32_t index = 0; index < side->connections->slot_count; index++)
        if (side->connections->slots[index].pcb != NULL)
            lwip_side_abort(side, &side->connections->slots[index]);
    frame_port_flush(side->frames);
    netif_remove(&side->netif);
    frame_port_flush(side->frames);
    side->in_use = false;
}

enum net_result lwip_side_listen(struct lwip_side *side, uint16_t port, uint16_t *bound_port) {
    struct lwip_listener *listener = &side->listeners[side->listener_count];
    ip_addr_t address = lwip_address(side->config.host);
    struct tcp_pcb *bound;
    err_t error;

    if (side->listener_count == NET_LISTENER_MAX)
        return NET_FULL;
    bound = tcp_new();
    if (bound == NULL)
        return NET_NO_RESOURCES;
    tcp_bind_netif(bound, &side->netif);
    ip_set_option(bound, SOF_REUSEADDR);
    if (tcp_bind(bound, &address, port) != ERR_OK) {
        tcp_abort(bound);
        return NET_NO_ADDRESS;
    }
    listener->pcb = tcp_listen_with_backlog_and_err(bound, NET_BACKLOG, &error);
    if (listener->pcb == NULL) {
        tcp_abort(bound);
        return error == ERR_USE ? NET_NO_ADDRESS : NET_NO_RESOURCES;
    }
    listener->side = side;
    tcp_arg(listener->pcb, listener);
    tcp_accept(listener->pcb, on_accepted);
    *bound_port = listener->pcb->local_port;
    side->listener_count++;
    return NET_OK;
}

void lwip_side_close_listeners(struct lwip_side *side) {
    for (uint32_t index = 0; index < side->listener_count; index++)
        (void)tcp_close(side->listeners[index].pcb); /* cannot fail for a listener */
    side->listener_count = 0;
}

enum net_result lwip_side_connect(struct lwip_side *side, struct connection *connection) {
    ip_addr_t peer = lwip_address(connection->peer.host);
    struct tcp_pcb *pcb = tcp_new();

    if (pcb == NULL)
        return NET_NO_RESOURCES;
    pcb_adopt(side, connection, pcb);
    tcp_bind_netif(pcb, &side->netif);
    if (tcp_connect(pcb, &peer, connection->peer.port, on_connected) != ERR_OK) {
        pcb_forget(connection);
        tcp_abort(pcb);
        return NET_NO_ADDRESS;
    }
    frame_port_flush(side->frames);
    return NET_OK;
}

/* A segment that lwIP 2.1.3 took for a fast retransmission, and could not send, is overtaken when the
 * retransmission timer puts the other unacknowledged ones before it. The first in line then never fits
 * the window, and the connection stands still with its persist timer running. */
static void unsent_sort(struct tcp_pcb *pcb) {
    struct tcp_seg *sorted = NULL;

    while (pcb->unsent != NULL) {
        struct tcp_seg *taken = pcb->unsent;
        struct tcp_seg **place = &sorted;

        pcb->unsent = taken->next;
        while (*place != NULL &&
               TCP_SEQ_LEQ(lwip_ntohl((*place)->tcphdr->seqno), lwip_ntohl(taken->tcphdr->seqno)))
            place = &(*place)->next;
        taken->next = *place;
        *place = taken;
    }
    pcb->unsent = sorted;
}

/* Nothing is on its way, and yet the first in line is not what the peer waits for. */
static bool unsent_is_overtaken(const struct tcp_pcb *pcb) {
    return pcb->unacked == NULL && pcb->unsent != NULL &&
           TCP_SEQ_GT(lwip_ntohl(pcb->unsent->tcphdr->seqno), pcb->lastack);
}

static void connection_look(struct connection *connection) {
    struct tcp_pcb *pcb = connection->pcb;

    if (UNLIKELY(unsent_is_overtaken(pcb)))
        unsent_sort(pcb);
    tell_when_sendable(connection);
}

/* Once a millisecond: lwIP's timers, ends of linger, and connections that wait for room while
 * nothing of theirs is in flight. */
static void side_timers(struct lwip_side *side) {
    sys_check_timeouts();
    for (uint32_t index = 0; index < side->connections->slot_count; index++) {
        struct connection *connection = &side->connections->slots[index];

        if (connection->pcb == NULL)
            continue;
        if (connection->state == CONNECTION_LINGERING &&
            stack.now_ns >= connection->linger_until_ns)
            lwip_side_abort(side, connection);
        else
            connection_look(connection);
    }
}

void lwip_side_poll(struct lwip_side *side, uint64_t now_ns) {
    stack.now_ns = now_ns;
    if (!stack.clock_known) {
        /* lwIP started its timers before it knew what time it is. */
        sys_restart_timeouts();
        stack.clock_known = true;
    }
    lwip_side_flush(side);
    side_input(side);
    if (now_ns >= side->timers_ns) {
        side_timers(side);
        side->timers_ns = now_ns + TIMER_PERIOD_NS;
    }
    frame_port_flush(side->frames);
}

uint32_t lwip_side_send(struct lwip_side *side, struct connection *connection,
                        const unsigned char *bytes, uint32_t length_bytes) {
    struct tcp_pcb *pcb = connection->pcb;
    uint32_t taken_bytes = 0;

    /* In pieces of a segment: lwIP takes a piece whole or not at all. */
    while (taken_bytes < length_bytes) {
        uint32_t piece_bytes = length_bytes - taken_bytes;

        if (piece_bytes > TCP_MSS)
            piece_bytes = TCP_MSS;
        if (piece_bytes > tcp_sndbuf(pcb))
            piece_bytes = tcp_sndbuf(pcb);
        if (piece_bytes == 0)
            break;
        u8_t more = taken_bytes + piece_bytes < length_bytes ? TCP_WRITE_FLAG_MORE : 0;
        if (tcp_write(pcb, bytes + taken_bytes, (u16_t)piece_bytes, TCP_WRITE_FLAG_COPY | more) !=
            ERR_OK)
            break;
        taken_bytes += piece_bytes;
    }
    if (taken_bytes > 0 && !connection->flush_wanted) {
        connection->flush_wanted = true;
        side->flush_indexes[side->flush_count++] = connection->index;
    }
    return taken_bytes;
}

void lwip_side_flush(struct lwip_side *side) {
    if (side->flush_count == 0)
        return;
    for (uint32_t place = 0; place < side->flush_count; place++) {
        struct connection *connection = &side->connections->slots[side->flush_indexes[place]];

        connection->flush_wanted = false;
        if (connection->pcb != NULL)
            (void)tcp_output(
                connection->pcb); /* what does not go now goes with the next timer or ACK */
    }
    side->flush_count = 0;
    frame_port_flush(side->frames);
}

void lwip_side_consumed(struct connection *connection, uint32_t length_bytes) {
    /* 16 bits at a time, as tcp_recved has it. */
    while (length_bytes > 0) {
        uint32_t part_bytes = length_bytes < UINT16_MAX ? length_bytes : UINT16_MAX;

        tcp_recved(connection->pcb, (u16_t)part_bytes);
        length_bytes -= part_bytes;
    }
}

void lwip_side_close(struct lwip_side *side, struct connection *connection) {
    struct tcp_pcb *pcb = connection->pcb;
    uint32_t unread_bytes = connection_unread_bytes(connection);

    connection_consume(connection, unread_bytes);
    lwip_side_consumed(connection, unread_bytes);
    if (connection->state == CONNECTION_CONNECTING || tcp_shutdown(pcb, 0, 1) != ERR_OK) {
        lwip_side_abort(side, connection);
        return;
    }
    connection->state = CONNECTION_LINGERING;
    connection->linger_until_ns = stack.now_ns + NET_LINGER_NS;
    side->connections->lingering_count++;
}

void lwip_side_abort(struct lwip_side *side, struct connection *connection) {
    struct tcp_pcb *pcb = connection->pcb;

    pcb_forget(connection);
    tcp_abort(pcb);
    connection_release(side->connections, connection);
}
