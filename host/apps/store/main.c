/* store: PostgreSQL beside the exchange. `store` brings the schema up to date and then projects the journal for as
 * long as it lives; `store migrate` does the first and ends. PostgreSQL and the exchange may both come later, go,
 * and come again: it waits for either, and the journal keeps what it has not yet seen. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/journal_ring.h"
#include "os/attach.h"
#include "os/clock.h"
#include "os/config.h"
#include "os/log.h"
#include "os/posix_file.h"
#include "store/database.h"
#include "store/migrate.h"
#include "store/projector.h"

#define NS_PER_MS  UINT64_C(1000000)
#define PATH_BYTES 4096
#define IDLE_NS    (5 * NS_PER_MS)
#define GATHER_NS  (2 * NS_PER_MS)
#define AWAY_NS    (50 * NS_PER_MS)
#define REFUSED_NS (1000 * NS_PER_MS) /* between two tries */
#define MIGRATE_NS (1000 * NS_PER_MS)
#define SETS_MAX   CONFIG_SETS_MAX

struct settings {
    char cluster[PATH_BYTES];
    char journal[PATH_BYTES];
    char attach[PATH_BYTES];
    const char *migrations;
    const char *url; /* "" = the cluster */
};

static volatile sig_atomic_t is_asked_to_stop;

static void on_signal(int number) {
    (void)number;
    is_asked_to_stop = 1;
}

static int usage(FILE *out, int code) {
    fputs("store [run|migrate] [--config FILE] [--var DIR] [--set KEY=VALUE ...]\n"
          "\n"
          "  run       (usual) apply new migrations, then bring the journal into PostgreSQL until "
          "stopped\n"
          "  migrate   apply new migrations and end\n"
          "\n"
          "  store.database    connection string; else DATABASE_URL of the environment; else the "
          "cluster below\n"
          "  store.cluster     folder of host/store/cluster.sh        (VAR/pg)\n"
          "  store.journal     folder of the segment files            (VAR/journal)\n"
          "  store.attach      socket of the exchange; - = none, read the files alone "
          "(VAR/run/attach.sock)\n"
          "  store.migrations  folder of the numbered files           (" CROSSPOINT_MIGRATIONS
          ")\n",
          out);
    return code;
}

static void setting_path(char path[PATH_BYTES], struct config *config, const char *key,
                         const char *var, const char *below) {
    const char *text = config_text(config, key, "");
    if (text[0] != '\0')
        snprintf(path, PATH_BYTES, "%s", text);
    else
        snprintf(path, PATH_BYTES, "%s/%s", var, below);
}

static bool settings_read(struct settings *settings, struct config *config, const char *var,
                          char *error, size_t error_bytes) {
    const char *environment = getenv("DATABASE_URL");
    setting_path(settings->cluster, config, "store.cluster", var, "pg");
    setting_path(settings->journal, config, "store.journal", var, "journal");
    setting_path(settings->attach, config, "store.attach", var, "run/attach.sock");
    settings->migrations = config_text(config, "store.migrations", CROSSPOINT_MIGRATIONS);
    settings->url = config_text(config, "store.database", environment == NULL ? "" : environment);
    return config_unknown(config, "store", error, error_bytes);
}

/* 0: the schema is up to date; 1: a person must look; -1: PostgreSQL is not there (now). */
static int migrate_once(struct database *database, const struct settings *settings, char *sentence,
                        size_t sentence_bytes) {
    struct migrate_report report;
    PGconn *connection = database_connect(database, DATABASE_MIGRATE);
    if (connection == NULL || PQstatus(connection) != CONNECTION_OK) {
        database_error(connection, sentence, sentence_bytes);
        PQfinish(connection);
        return -1;
    }
    enum migrate_result result = migrate_run(connection, settings->migrations, &report);
    bool is_alive = PQstatus(connection) == CONNECTION_OK;
    PQfinish(connection);
    snprintf(sentence, sentence_bytes, "%s", report.sentence);
    if (result != MIGRATE_DONE)
        return result == MIGRATE_REFUSED || is_alive ? 1 : -1;
    log_info("store", "schema is up to date migrations=%u new=%u", report.known + report.applied,
             report.applied);
    return 0;
}

static int migrate(struct database *database, const struct settings *settings, bool waits) {
    char sentence[512] = "";
    bool is_said = false;
    for (;;) {
        int code = migrate_once(database, settings, sentence, sizeof sentence);
        if (code == 0 || is_asked_to_stop)
            return code;
        if (code > 0 || !waits) {
            log_error("store", "schema: %s", sentence);
            return 1;
        }
        if (!is_said)
            log_warn("store", "PostgreSQL is not there yet, waiting for it: %s", sentence);
        is_said = true;
        clock_sleep_ns(MIGRATE_NS);
    }
}

/* The way to the exchange: its ring while it lives, the segment files always. */
struct source {
    const struct settings *settings;
    struct posix_files *files;
    struct attachment attachment;
    struct journal_ring ring;
    bool is_attached;
    bool is_refused;
    uint64_t retry_at_ns;
};

static void source_detach(struct source *source, struct projector *projector) {
    projector_source(projector, NULL, posix_files_port(source->files));
    attach_close(&source->attachment);
    source->is_attached = false;
}

static void source_attach(struct source *source, struct projector *projector) {
    enum attach_result result =
        attach_client(source->settings->attach, ATTACH_DOOR_NONE, &source->attachment);
    if (result == ATTACH_OK && !journal_ring_map(&source->ring, source->attachment.journal_ring,
                                                 source->attachment.journal_ring_bytes)) {
        attach_close(&source->attachment);
        result = ATTACH_REFUSED;
    }
    if (result == ATTACH_OK) {
        source->is_attached = true;
        source->is_refused = false;
        projector_source(projector, &source->ring, posix_files_port(source->files));
        log_info("store", "attached to the exchange durable_seq=%" PRIu64,
                 journal_ring_durable_seq(&source->ring));
    } else if (result != ATTACH_NO_EXCHANGE) {
        if (!source->is_refused)
            log_warn("store", "the exchange refuses us its ring (another version?); waiting");
        source->is_refused = true;
        source->retry_at_ns = clock_monotonic_ns() + REFUSED_NS;
    } else {
        source->is_refused = false;
    }
}

/* True: the journal may be read now. The files are read without a ring only while no exchange is there: what a
 * running one has written it need not have synced yet, and a row must not be ahead of the disk. */
static bool source_poll(struct source *source, struct projector *projector, uint64_t now_ns) {
    if (source->is_attached && attach_is_over(&source->attachment)) {
        log_info("store", "the exchange has gone; reading the segment files");
        source_detach(source, projector);
    }
    if (source->is_attached)
        return true;
    if (source->files == NULL) {
        enum file_result result;
        source->files = posix_files_open(source->settings->journal, POSIX_FILES_READ, &result);
        if (source->files == NULL)
            return false;
        projector_source(projector, NULL, posix_files_port(source->files));
    }
    if (strcmp(source->settings->attach, "-") != 0 && now_ns >= source->retry_at_ns)
        source_attach(source, projector);
    return !source->is_refused;
}

static uint64_t step_pause_ns(enum projector_step step) {
    switch (step) {
    case PROJECTOR_AWAY: return AWAY_NS;
    case PROJECTOR_IDLE: return IDLE_NS;
    case PROJECTOR_GATHERED: return GATHER_NS;
    case PROJECTOR_WROTE:
    case PROJECTOR_STOPPED: return 0;
    }
    return 0;
}

/* One line when it connects, and one for each new reason why it is not. */
static void log_change(const struct projector *projector, enum projector_step step,
                       char said[512]) {
    struct projector_status status = projector_status(projector);
    if (step == PROJECTOR_AWAY && strcmp(said, status.sentence) != 0 &&
        status.sentence[0] != '\0') {
        log_warn("store", "waiting: %s", status.sentence);
        snprintf(said, 512, "%s", status.sentence);
    } else if (step != PROJECTOR_AWAY && strcmp(said, "connected") != 0 && status.is_connected) {
        log_info("store", "projecting from mark=%" PRIu64, status.mark);
        snprintf(said, 512, "connected");
    }
}

static int run(struct database *database, const struct settings *settings) {
    struct source source = {.settings = settings};
    char said[512] = "";
    int code = 0;
    if (migrate(database, settings, true) > 0)
        return 1;
    struct projector *projector = projector_open(database);
    if (projector == NULL) {
        log_error("store", "out of memory");
        return 1;
    }
    while (!is_asked_to_stop) {
        uint64_t now_ns = clock_monotonic_ns();
        bool may_read = source_poll(&source, projector, now_ns);
        enum projector_step step = may_read ? projector_poll(projector, now_ns) : PROJECTOR_AWAY;
        log_change(projector, step, said);
        if (step == PROJECTOR_STOPPED) {
            log_error("store", "stopped: %s", projector_status(projector).sentence);
            code = 1;
            break;
        }
        if (step_pause_ns(step) > 0)
            clock_sleep_ns(step_pause_ns(step));
    }
    log_info("store", "ends mark=%" PRIu64 " batches=%" PRIu64, projector_status(projector).mark,
             projector_status(projector).batch_count);
    projector_close(projector);
    if (source.is_attached)
        attach_close(&source.attachment);
    if (source.files != NULL)
        posix_files_close(source.files);
    return code;
}

int main(int argc, char **argv) {
    const char *verb = "run";
    const char *config_path = NULL;
    const char *var = "var";
    const char *sets[SETS_MAX];
    size_t set_count = 0;
    char error[256];
    struct settings settings;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return usage(stdout, 0);
        if (strcmp(argv[i], "run") == 0 || strcmp(argv[i], "migrate") == 0)
            verb = argv[i];
        else if (i + 1 < argc && strcmp(argv[i], "--config") == 0)
            config_path = argv[++i];
        else if (i + 1 < argc && strcmp(argv[i], "--var") == 0)
            var = argv[++i];
        else if (i + 1 < argc && strcmp(argv[i], "--set") == 0 && set_count < SETS_MAX)
            sets[set_count++] = argv[++i];
        else
            return usage(stderr, 2);
    }
    struct config *config = config_open(config_path, error, sizeof error);
    bool is_good = config != NULL;
    for (size_t i = 0; is_good && i < set_count; i++)
        if (!config_set(config, sets[i])) {
            snprintf(error, sizeof error, "--set %s: not KEY=VALUE, or too many", sets[i]);
            is_good = false;
        }
    if (!is_good || !settings_read(&settings, config, var, error, sizeof error)) {
        log_error("store", "%s", error);
        return 2;
    }
    /* A second signal ends the process at once: a stopped PostgreSQL may hold us inside a call. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    struct database database = {.cluster = settings.cluster,
                                .url = settings.url[0] == '\0' ? NULL : settings.url,
                                .socket_folder_fd = -1};
    int code = strcmp(verb, "migrate") == 0 ? migrate(&database, &settings, false)
                                            : run(&database, &settings);
    database_close(&database);
    config_close(config);
    return code;
}
