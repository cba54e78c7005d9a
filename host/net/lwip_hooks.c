/* The answers to lwIP that need no state of ours. lwip_stack.c has those that do. */
#include "base/check.h"

#include <stdbool.h>
#include <string.h>

#include "lwip/err.h"
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"

#include "lwip_hooks.h"

/* Sixteen windows. */
#define SEQUENCE_DISTANCE_MAX (16u * TCP_WND)

void lwip_assert_failed(const char *message, const char *file, int line) {
    check_failed(message, file, line);
}

/* Sides may share a subnet (two ports of one machine): the source address decides. NULL: lwIP's own
 * choice. */
struct netif *lwip_hook_route(const ip4_addr_t *source, const ip4_addr_t *destination) {
    struct netif *netif;

    (void)destination;
    if (source == NULL || ip4_addr_isany(source))
        return NULL;
    NETIF_FOREACH(netif) {
        if (ip4_addr_cmp(netif_ip4_addr(netif), source))
            return netif;
    }
    return NULL;
}

/* lwIP 2.1.3 compares sequence numbers modulo 2^32 and asserts what follows, which half a circle
 * away is false. What lies so far from the window is from no sound peer. A SYN outside the
 * handshake is only answered, and may lie anywhere: it comes from a peer that has started anew. */
static bool sequence_is_sane(const struct tcp_pcb *pcb, const struct tcp_hdr *header) {
    uint32_t distance = header->seqno - pcb->rcv_nxt; /* lwIP has turned it to host order */

    if (pcb->state == CLOSED || pcb->state == LISTEN || pcb->state == SYN_SENT)
        return true; /* no number of the peer is known yet */
    if (TCPH_FLAGS(header) & TCP_SYN && pcb->state != SYN_RCVD)
        return true;
    return distance <= SEQUENCE_DISTANCE_MAX || distance >= UINT32_MAX - SEQUENCE_DISTANCE_MAX;
}

/* We speak no option outside the handshake, but lwIP 2.1.3 obeys a maximum segment size at any
 * time, and asserts that it does not fall below what is already queued. */
err_t lwip_hook_segment(const struct tcp_pcb *pcb, struct tcp_hdr *header, u16_t option_bytes,
                        u16_t first_option_bytes) {
    if (!sequence_is_sane(pcb, header))
        return ERR_VAL;
    if (TCPH_FLAGS(header) & TCP_SYN || option_bytes == 0)
        return ERR_OK;
    if (first_option_bytes != option_bytes)
        return ERR_VAL; /* in two pieces: our frames never are */
    memset(header + 1, LWIP_TCP_OPT_NOP, option_bytes);
    return ERR_OK;
}
