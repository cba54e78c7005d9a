/* The bots: programs that trade over order entry like any client. */
#ifndef BOTS_BOTS_H
#define BOTS_BOTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "apps/bots/quotes.h"
#include "base/random.h"

struct bot {
    struct order_client client;
    struct demo_file demo;
    struct quotes quotes;
    struct random random;
    const volatile sig_atomic_t *stop;
};

/* Handles what comes until `until_ns` (monotonic). False: the connection is gone. */
NODISCARD bool bot_listen(struct bot *bot, uint64_t until_ns);

/* maker.c: keeps a lifelike book around a wandering middle, some levels deep on each side. */
bool maker_run(struct bot *bot);
/* mirror.c: keeps the book that a recording shows, at its pace times `speed`; from the start when it ends. */
bool mirror_run(struct bot *bot, const char *recording, unsigned speed);
/* taker.c: now and then takes from whatever is there. */
bool taker_run(struct bot *bot);
/* Each returns when told to stop (true) or when the connection is gone (false). */

#endif
