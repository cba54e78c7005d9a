/* How lwIP is built for us: the raw API on one polling thread, all memory in pools set aside at
 * start, nothing that order entry does not need. lwIP's own opt.h explains each name; here stands
 * why ours differs.
 *
 * Nobody starves anybody: each pool holds the most that NET_FRAMES_CONNECTION_MAX connections may
 * use together, so that a client which never acknowledges exhausts its own share only. The sums are
 * checked in net/lwip_stack.c. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

/* One thread, callbacks, no operating system below. */
#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_TIMERS          1

/* Memory: pools only. MEMP_NUM_* and pool sizes are 16 bits inside lwIP: 65536 would silently be 0.
 */
#define MEM_LIBC_MALLOC               0
#define MEMP_MEM_MALLOC               0
#define MEM_ALIGNMENT                 8
#define MEM_USE_POOLS                 1
#define MEM_USE_POOLS_TRY_BIGGER_POOL 1
#define MEMP_USE_CUSTOM_POOLS         1   /* lwippools.h */
#define MEMP_NUM_TCP_PCB              512 /* 256 connections, 256 handshakes and TIME_WAITs */
#define MEMP_NUM_TCP_PCB_LISTEN       32
#define MEMP_NUM_TCP_SEG              26624 /* 256 x TCP_SND_QUEUELEN, and the handshakes */
#define MEMP_NUM_PBUF                 1024
#define MEMP_NUM_RAW_PCB              1
#define MEMP_NUM_UDP_PCB              1
#define PBUF_POOL_SIZE                512 /* a burst; nothing stays in them */
#define PBUF_POOL_BUFSIZE             1536

/* Only IPv4, ARP, ping and TCP. */
#define LWIP_IPV4      1
#define LWIP_IPV6      0
#define LWIP_ARP       1
#define ARP_TABLE_SIZE 64
/* First answers to several new peers wait for their addresses, and are not lost for a second. */
#define ARP_QUEUEING              1
#define ARP_QUEUE_LEN             8
#define MEMP_NUM_ARP_QUEUE        256
#define LWIP_ICMP                 1
#define LWIP_RAW                  0
#define LWIP_UDP                  0
#define LWIP_DHCP                 0
#define LWIP_AUTOIP               0
#define LWIP_IGMP                 0
#define LWIP_DNS                  0
#define IP_REASSEMBLY             0 /* order entry is TCP with the DF bit; fragments are dropped */
#define IP_FRAG                   0
#define IP_FORWARD                0
#define LWIP_NETIF_LOOPBACK       0
#define LWIP_HAVE_LOOPIF          0
#define LWIP_NETIF_TX_SINGLE_PBUF 0 /* chains are laid out flat when the frame is written */

/* TCP. */
#define LWIP_TCP            1
#define TCP_MSS             1460
#define TCP_WND             65535 /* NET_WINDOW_BYTES */
#define TCP_SND_BUF         65535 /* NET_SEND_BYTES */
#define TCP_SND_QUEUELEN    96
#define TCP_SNDLOWAT        (TCP_SND_BUF / 4)
#define TCP_SNDQUEUELOWAT   (TCP_SND_QUEUELEN / 4)
#define TCP_OVERSIZE        TCP_MSS
#define LWIP_TCP_TIMESTAMPS 0
#define TCP_LISTEN_BACKLOG  1
#define SO_REUSE            1 /* a port may be listened to again while old connections fade */
#define LWIP_TCP_KEEPALIVE  1

/* No window scaling: lwIP 2.1.3 squeezes a scaled window through 16 bits when it splits a segment,
 * and stops by an assertion at 65536. 64 KiB is 64 MB/s at a round trip of a millisecond. */
#define LWIP_WND_SCALE 0

/* What comes out of order is dropped and sent again by the peer. lwIP 2.1.3 can be made to stop the
 * process by two segments that meet in this queue at the edge of the window (tests/unit/net/
 * test_hostile.c), and a queue per client is memory that clients command. Price: docs/network.md.
 */
#define TCP_QUEUE_OOSEQ   0
#define LWIP_TCP_SACK_OUT 0

/* lwIP counts retransmission in slow ticks of twice this interval. 10 ms: a lost frame is repeated
 * after 40 to 60 ms (its estimate cannot fall below three ticks), where 250 ms would mean a second;
 * a delayed ACK waits 10 ms at most. */
#define TCP_TMR_INTERVAL  10
#define LWIP_TCP_RTO_TIME 1000 /* first guess; RFC 6298 */
#define TCP_MSL           5000 /* TIME_WAIT of 10 s: ports of a small network do not wrap faster */

#define LWIP_CHECKSUM_CTRL_PER_NETIF 0
#define LWIP_STATS                   1
#define LWIP_STATS_LARGE             1

#define LWIP_HOOK_FILENAME "lwip_hooks.h"
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port)                                  \
    lwip_hook_isn(local, local_port, remote, remote_port)
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, option_bytes, first_option_bytes, rest, packet)    \
    lwip_hook_segment(pcb, header, option_bytes, first_option_bytes)
#define LWIP_HOOK_IP4_ROUTE_SRC(source, destination) lwip_hook_route(source, destination)

#endif
