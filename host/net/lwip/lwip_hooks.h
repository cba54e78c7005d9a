/* What lwIP asks us; answered in net/lwip_stack.c and net/lwip_hooks.c. lwipopts.h names the hooks,
 * for lwIP's headers look there. */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"

u32_t lwip_hook_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                    u16_t remote_port);
struct netif *lwip_hook_route(const ip4_addr_t *source, const ip4_addr_t *destination);
/* Each segment, before the connection sees it. Anything but ERR_OK drops it. */
err_t lwip_hook_segment(const struct tcp_pcb *pcb, struct tcp_hdr *header, u16_t option_bytes,
                        u16_t first_option_bytes);

#endif
