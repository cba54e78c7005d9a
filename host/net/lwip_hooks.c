/* The answers to lwIP that need no state of ours. lwip_stack.c has those that do. */
#include "base/check.h"

#include <string.h>

#include "lwip/err.h"
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"

#include "lwip_hooks.h"

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

/* We speak no option outside the handshake, but lwIP 2.1.3 obeys a maximum segment size at any
 * time, and stops by an assertion when it falls below what is already queued. */
err_t lwip_hook_segment(struct tcp_hdr *header, u16_t option_bytes, u16_t first_option_bytes) {
    if (TCPH_FLAGS(header) & TCP_SYN || option_bytes == 0)
        return ERR_OK;
    if (first_option_bytes != option_bytes)
        return ERR_VAL; /* in two pieces: our frames never are */
    memset(header + 1, LWIP_TCP_OPT_NOP, option_bytes);
    return ERR_OK;
}
