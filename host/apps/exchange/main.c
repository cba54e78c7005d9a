#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/exchange/topology.h"
#include "os/log.h"

#ifndef CROSSPOINT_BUILD
#define CROSSPOINT_BUILD "unknown"
#endif

static volatile sig_atomic_t stop;

static void stop_on_signal(int signal_number) {
    (void)signal_number;
    stop = 1;
}

static const char usage[] =
    "usage: exchange [--config FILE] [--var DIR] [--set KEY=VALUE]...\n"
    "\n"
    "The order path: order entry, engine, matcher and journal, in one process.\n"
    "\n"
    "  --config FILE     settings in libconfig syntax; each key is described in docs/operating.md\n"
    "  --var DIR         where everything is written: journal/, run/ (default: var)\n"
    "  --set KEY=VALUE   overrides one setting, e.g. --set exchange.order_entry.port=9051\n"
    "  --version         prints the version control id of this build\n"
    "  --help            prints this\n"
    "\n"
    "Stops cleanly on SIGTERM or SIGINT. Exit status: 0 stopped cleanly, 1 could not start, 2 bad "
    "arguments,\n"
    "3 the journal could not be written (nothing was acknowledged after that).\n";

static void handle_signals(void) {
    struct sigaction action = {.sa_handler = stop_on_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

static int run(const char *config_path, const char *var_path, const char *const *sets,
               size_t set_count) {
    static struct exchange exchange;
    char error[512] = "";
    struct config *config = config_open(config_path, error, sizeof error);

    if (config == NULL) {
        fprintf(stderr, "exchange: %s\n", error);
        return 1;
    }
    for (size_t i = 0; i < set_count; i++)
        if (!config_set(config, sets[i])) {
            fprintf(stderr, "exchange: --set %s: expected KEY=VALUE\n", sets[i]);
            config_close(config);
            return 2;
        }
    exchange.settings.var_path = var_path;
    exchange.settings.build = CROSSPOINT_BUILD;
    if (!settings_read(&exchange.settings, config, error, sizeof error) ||
        !exchange_open(&exchange, error, sizeof error)) {
        fprintf(stderr, "exchange: %s\n", error);
        exchange_close(&exchange);
        config_close(config);
        return 1;
    }
    int status = topology_run(&exchange, &stop);

    if (status != 0)
        /* threads may be inside anything; the journal is fenced, the next start recovers */
        _exit(status);
    log_info("exchange", "stopped cleanly record_seq=%llu",
             (unsigned long long)journal_ring_durable_seq(&exchange.journal));
    exchange_close(&exchange);
    config_close(config);
    return 0;
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"var", required_argument, NULL, 'v'},
        {"set", required_argument, NULL, 's'},    {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    const char *config_path = NULL;
    const char *var_path = "var";
    const char *sets[CONFIG_SETS_MAX];
    size_t set_count = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c': config_path = optarg; break;
        case 'v': var_path = optarg; break;
        case 's':
            if (set_count < CONFIG_SETS_MAX)
                sets[set_count++] = optarg;
            break;
        case 'V': puts(CROSSPOINT_BUILD); return 0;
        case 'h': fputs(usage, stdout); return 0;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind != argc) {
        fputs(usage, stderr);
        return 2;
    }
    handle_signals();
    return run(config_path, var_path, sets, set_count);
}
