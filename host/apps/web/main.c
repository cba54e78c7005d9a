#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "os/config.h"
#include "os/log.h"
#include "web/web.h"

static const char usage[] =
    "usage: web [--config FILE] [--var DIR] [--set KEY=VALUE]...\n"
    "\n"
    "REST, WebSocket and the page, beside an exchange that runs on the same folder.\n"
    "\n"
    "  --config FILE     settings in libconfig syntax; each key is described in docs/web-api.md\n"
    "  --var DIR         the exchange's folder: run/attach.sock, journal/ (default: var)\n"
    "  --set KEY=VALUE   overrides one setting, e.g. --set web.plain_port=0 (0: any free port)\n"
    "  --help            prints this\n"
    "\n"
    "The ports that it listens at are in DIR/run/web.ports. Stops on SIGTERM or SIGINT. Exit "
    "status: 0 stopped,\n"
    "1 could not start, 2 bad arguments.\n";

static uint16_t port_of(struct config *config, const char *key, uint16_t otherwise) {
    return (uint16_t)config_number(config, key, 0, 65535, otherwise);
}

static struct web_settings settings_read(struct config *config, const char *var_path) {
    const char *environment = getenv("DATABASE_URL");
    static char cluster_path[512];

    snprintf(cluster_path, sizeof cluster_path, "%s/pg", var_path);
    return (struct web_settings){
        .var_path = var_path,
        .bind_address = config_text(config, "web.address", "127.0.0.1"),
        .cluster_path = config_text(config, "web.cluster", cluster_path),
        .database_url = config_text(config, "web.database", environment == NULL ? "" : environment),
        .finished_kept =
            (uint32_t)config_number(config, "web.window_orders", 16, 1 << 20, FINISHED_KEPT_USUAL),
        .candles_kept =
            (uint32_t)config_number(config, "web.window_candles", 16, 1 << 16, CANDLES_KEPT_USUAL),
        .fills_kept =
            (uint32_t)config_number(config, "web.window_trades", 16, 1 << 20, FILLS_KEPT_USUAL),
        .page_path = config_text(config, "web.page_path", CROSSPOINT_PAGE),
        .openapi_path = config_text(config, "web.openapi_path", CROSSPOINT_OPENAPI),
        .allowed_origin = config_text(config, "web.allowed_origin", ""),
        .guest_prefix = config_text(config, "web.guest_prefix", "guest"),
        .ports = {[LISTENER_PLAIN] = port_of(config, "web.plain_port", 8080),
                  [LISTENER_V1] = port_of(config, "web.v1_port", 8000),
                  [LISTENER_WS] = port_of(config, "web.ws_port", 8081)},
        .user_routes_anywhere = config_flag(config, "web.user_routes_anywhere", false),
    };
}

static void stop_on_signal(struct ev_loop *loop, struct ev_signal *watcher, int events) {
    (void)watcher;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static int run(struct config *config, const char *var_path) {
    static struct web web;
    struct web_settings settings = settings_read(config, var_path);
    struct ev_signal terminate;
    struct ev_signal interrupt;
    char error[256];
    int status = 1;

    if (!config_unknown(config, "web", error, sizeof error)) {
        fprintf(stderr, "web: %s\n", error);
        return 1;
    }
    if (web_open(&web, &settings)) {
        ev_signal_init(&terminate, stop_on_signal, SIGTERM);
        ev_signal_init(&interrupt, stop_on_signal, SIGINT);
        ev_signal_start(web.loop, &terminate);
        ev_signal_start(web.loop, &interrupt);
        ev_run(web.loop, 0);
        ev_signal_stop(web.loop, &terminate);
        ev_signal_stop(web.loop, &interrupt);
        log_info("web", "stopped");
        status = 0;
    }
    web_close(&web);
    return status;
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"var", required_argument, NULL, 'v'},
        {"set", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *config_path = NULL;
    const char *var_path = "var";
    const char *sets[CONFIG_SETS_MAX];
    size_t set_count = 0;
    char error[256];
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c': config_path = optarg; break;
        case 'v': var_path = optarg; break;
        case 's':
            if (set_count < CONFIG_SETS_MAX)
                sets[set_count++] = optarg;
            break;
        case 'h': fputs(usage, stdout); return 0;
        default: fputs(usage, stderr); return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0); /* it faces strangers: no core with other people's requests in it */
    struct config *config = config_open(config_path, error, sizeof error);
    if (config == NULL) {
        fprintf(stderr, "web: %s\n", error);
        return 1;
    }
    for (size_t i = 0; i < set_count; i++)
        if (!config_set(config, sets[i])) {
            fprintf(stderr, "web: --set %s: expected KEY=VALUE\n", sets[i]);
            config_close(config);
            return 2;
        }
    int status = run(config, var_path);
    config_close(config);
    return status;
}
