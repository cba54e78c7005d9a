/* The process `exchange`: its parts, and who owns what.
 *
 * Start (exchange_open): take the lock on var/, recover the journal, replay it through a fresh engine and
 * the sessions, format the journal's ring behind it, append START. Then topology.c runs the loops. Loops share
 * nothing but rings; everything in this struct is written before the threads start, and only read after. */
#ifndef EXCHANGE_EXCHANGE_H
#define EXCHANGE_EXCHANGE_H

#include <signal.h>

#include "apps/exchange/engine_loop.h"
#include "apps/exchange/net_loop.h"
#include "apps/exchange/operator_loop.h"
#include "apps/exchange/settings.h"
#include "journal/writer.h"
#include "os/posix_file.h"

struct exchange {
    struct settings settings;
    struct arena engine_arena; /* listing an instrument takes its book from it */
    void *engine_memory;
    size_t engine_memory_bytes;
    struct engine *engine;

    struct posix_files *writer_files; /* each thread that touches segments has a port of its own */
    struct posix_files *net_files;
    struct posix_files *operator_files;
    struct shared_memory journal_memory;
    struct journal_ring journal;
    struct journal_writer *writer;

    struct shared_memory order_entry_ring;
    struct shared_memory operator_ring;
    struct engine_loop *engine_loop;
    struct net_loop *net_loop;
    struct operator_loop *operator_loop;
};

/* False: one sentence stands in `error`, and exchange_close must still be called. */
NODISCARD bool exchange_open(struct exchange *exchange, char *error, size_t error_bytes);
void exchange_close(struct exchange *exchange);

#endif
