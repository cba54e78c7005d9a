#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/bots/bots.h"
#include "os/clock.h"
#include "os/log.h"

#define RECONNECT_NS   1000000000u
#define REPLAY_WAIT_MS 5000

static volatile sig_atomic_t stop;

static void stop_on_signal(int signal_number) {
    (void)signal_number;
    stop = 1;
}

static const char usage[] =
    "usage: bots [--var DIR] [--seed N] maker [--replay FILE [--speed N]]\n"
    "       bots [--var DIR] [--seed N] taker\n"
    "\n"
    "Trades over OUCH order entry like any client, as the demo's account of that name "
    "(DIR/demo.json).\n"
    "\n"
    "  maker          keeps a lifelike book in every demo instrument\n"
    "  --replay FILE  keeps the book that a Binance recording shows instead (lines of `ns JSON`, "
    ".gz or plain)\n"
    "  --speed N      plays it N times as fast (default 1)\n"
    "  taker          takes from whatever is there, a few times a second\n"
    "  --seed N       the same numbers every time (default: from the clock)\n"
    "  --var DIR      default: var\n"
    "\n"
    "Logs on again by itself when the connection is lost. SIGTERM or SIGINT: withdraws its orders "
    "and ends.\n";

struct bot_words {
    const char *var_path;
    const char *role;
    const char *replay;
    uint64_t seed;
    unsigned speed;
};

bool bot_listen(struct bot *bot, uint64_t until_ns) {
    struct ouch50_message message;

    for (;;) {
        uint64_t now_ns = clock_monotonic_ns();
        int wait_ms = now_ns < until_ns ? (int)((until_ns - now_ns) / 1000000) : 0;

        switch (order_client_next(&bot->client, &message, wait_ms)) {
        case ORDER_CLIENT_MESSAGE: quotes_reply(&bot->quotes, &message); break;
        case ORDER_CLIENT_NOTHING: return true;
        case ORDER_CLIENT_CLOSED: return false;
        }
        if (*bot->stop || clock_monotonic_ns() >= until_ns + 20000000u)
            return true;
    }
}

/* How many replies there are: a logon for "only what is new" is told where they end. A day that we do not know begins
 * with its first reply. */
static bool bot_find_end(struct bot *bot, struct order_client_logon *logon, uint64_t *end,
                         char *error, size_t error_bytes) {
    logon->sequence = 0;
    if (!order_client_open(&bot->client, logon, error, error_bytes))
        return false;
    *end = bot->client.sequence;
    if (strcmp(bot->session, bot->client.session) != 0) {
        memcpy(bot->session, bot->client.session, sizeof bot->session);
        bot->sequence = 1;
        quotes_forget(&bot->quotes);
    }
    order_client_close(&bot->client);
    return true;
}

/* Logs on and reads every reply up to now: afterwards we know what we have in the market. */
static bool bot_logon(struct bot *bot, char *error, size_t error_bytes) {
    struct order_client_logon logon = {.host = bot->demo.place.host,
                                       .port = bot->demo.place.port,
                                       .username = bot->demo.username,
                                       .password = bot->demo.password};
    struct ouch50_message message;
    uint64_t end;

    if (!bot_find_end(bot, &logon, &end, error, error_bytes))
        return false;
    logon.sequence = bot->sequence;
    if (!order_client_open(&bot->client, &logon, error, error_bytes))
        return false;
    while (bot->client.sequence < end) {
        if (*bot->stop ||
            order_client_next(&bot->client, &message, REPLAY_WAIT_MS) != ORDER_CLIENT_MESSAGE) {
            snprintf(error, error_bytes, "the replies of before stopped coming");
            order_client_close(&bot->client);
            return false;
        }
        quotes_reply(&bot->quotes, &message);
        bot->sequence = bot->client.sequence;
    }
    return true;
}

static bool bot_trade(struct bot *bot, const struct bot_words *words) {
    bool good;

    if (!quotes_begin(&bot->quotes))
        return false;
    if (strcmp(words->role, "taker") == 0)
        good = taker_run(bot);
    else
        good =
            words->replay != NULL ? mirror_run(bot, words->replay, words->speed) : maker_run(bot);
    /* What stays would be somebody else's to clean up. */
    return good && quotes_end(&bot->quotes);
}

static void bot_session(struct bot *bot, const struct bot_words *words) {
    char error[512];

    if (!bot_logon(bot, error, sizeof error)) {
        log_warn(words->role, "%s", error);
        return;
    }
    log_info(words->role, "logged on at %s:%u", bot->demo.place.host, bot->demo.place.port);
    if (!bot_trade(bot, words) && !*bot->stop)
        log_warn(words->role, "connection lost; logging on again");
    bot->sequence = bot->client.sequence;
    order_client_close(&bot->client);
    log_info(words->role, "sent=%llu fills=%llu refused=%llu",
             (unsigned long long)bot->quotes.sent_count,
             (unsigned long long)bot->quotes.filled_count,
             (unsigned long long)bot->quotes.refused_count);
}

/* Trades, and starts over when the connection is lost. demo.json is read each time: passwords and addresses change. */
static int bot_run(const struct bot_words *words) {
    static struct bot bot;
    char error[512];

    bot.stop = &stop;
    bot.random = random_seeded(words->seed);
    log_info(words->role, "seed=%llu", (unsigned long long)words->seed);
    if (!quotes_init(&bot.quotes, &bot.client, &bot.demo)) {
        fprintf(stderr, "bots: out of memory\n");
        return 1;
    }
    while (!stop && !bot.is_hopeless) {
        if (!demo_file_read(&bot.demo, words->var_path, words->role, error, sizeof error)) {
            fprintf(stderr, "bots: %s\n", error);
            return 1;
        }
        bot_session(&bot, words);
        if (!stop && !bot.is_hopeless)
            clock_sleep_ns(RECONNECT_NS);
    }
    return bot.is_hopeless ? 1 : 0;
}

static bool bot_read_words(int argc, char **argv, struct bot_words *words) {
    static const struct option options[] = {
        {"var", required_argument, NULL, 'v'},    {"seed", required_argument, NULL, 's'},
        {"replay", required_argument, NULL, 'r'}, {"speed", required_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;

    *words = (struct bot_words){.var_path = "var", .seed = clock_wall_ns(), .speed = 1};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'v': words->var_path = optarg; break;
        case 's': words->seed = strtoull(optarg, NULL, 10); break;
        case 'r': words->replay = optarg; break;
        case 'x': words->speed = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'h': fputs(usage, stdout); exit(0);
        default: return false;
        }
    }
    words->role = optind + 1 == argc ? argv[optind] : "";
    return words->speed > 0 &&
           (strcmp(words->role, "taker") == 0 || strcmp(words->role, "maker") == 0);
}

int main(int argc, char **argv) {
    struct sigaction action = {.sa_handler = stop_on_signal};
    struct bot_words words;

    if (!bot_read_words(argc, argv, &words)) {
        fputs(usage, stderr);
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    return bot_run(&words);
}
