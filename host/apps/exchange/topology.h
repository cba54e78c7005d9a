/* Which thread runs which loop. */
#ifndef EXCHANGE_TOPOLOGY_H
#define EXCHANGE_TOPOLOGY_H

#include <signal.h>

#include "apps/exchange/exchange.h"

/* Runs all loops until *stop is set or the journal stops; then ends the threads in order (net, engine, journal,
 * operator), so that what was taken is written. Returns the exit status: 0 after a clean stop. */
int topology_run(struct exchange *exchange, const volatile sig_atomic_t *stop);

#endif
