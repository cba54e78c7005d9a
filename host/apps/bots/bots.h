/* The bots: programs that trade over order entry like any client.
 *
 * A bot outlives its connection, and the exchange: it logs on again, reads the replies that it missed, withdraws
 * what still rests and goes on. What it draws by lot follows from --seed; what it then does, also from the fills
 * that it sees. */
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
    char session
        [11]; /* the exchange's name for the day whose replies we know; "" before the first logon */
    uint64_t sequence; /* the first reply of it that we do not know */
    bool is_hopeless;  /* trying again would end the same way: the program ends */
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
