/* The net thread's loop: TCP connections on one side, order entry sessions in the middle, the order entry door's
 * ring and the journal on the other side.
 *
 *     bytes ─▶ session ─▶ input records ─▶ ring ─▶ engine
 *     bytes ◀─ session ◀─ replies of the day ◀─ durable records ◀─ journal
 *
 * It serves kernel sockets and DPDK at once: two struct net, one set of sessions. */
#ifndef EXCHANGE_NET_LOOP_H
#define EXCHANGE_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/exchange/settings.h"
#include "base/ring.h"
#include "core/record.h"
#include "journal/file_port.h"
#include "journal/journal_ring.h"

struct net_loop;

/* Allocates, and opens no port yet: first the sessions are rebuilt from the journal. NULL: `error` says why. */
struct net_loop *net_loop_open(const struct settings *settings, char *error, size_t error_bytes);
/* At the start, each record of the journal in order; later the loop reads them by itself. */
void net_loop_record(struct net_loop *loop, const union record *record);
/* After the last of them: opens the ports. False: `error` says why. */
NODISCARD bool net_loop_start(struct net_loop *loop, const struct settings *settings,
                              struct journal_ring *journal, struct file_port *files,
                              const struct ring_producer *commands, char *error,
                              size_t error_bytes);
bool net_loop_poll(struct net_loop *loop, uint64_t now_ns);
/* Takes no more connections and no more input; replies to what was taken still go out. */
void net_loop_stop(struct net_loop *loop);
uint32_t net_loop_sessions(const struct net_loop *loop);
void net_loop_close(struct net_loop *loop);

#endif
