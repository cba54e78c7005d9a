#include "store/database.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 10

static const char *role_name(enum database_role role) {
    switch (role) {
    case DATABASE_MIGRATE: return "xc_migrate";
    case DATABASE_WRITER: return "xc_writer";
    case DATABASE_READER: return "xc_reader";
    }
    return "xc_reader";
}

/* libpq's parameters, two lists of equal length that end in NULL. */
struct words {
    const char *keys[WORDS_MAX];
    const char *values[WORDS_MAX];
    char host[32];
};

static void words_fill(struct words *words, struct database *database, enum database_role role) {
    size_t count = 0;
    memset(words, 0, sizeof *words);
    if (database->url != NULL) {
        words->keys[count] =
            "dbname"; /* expanded by libpq when it is a URL or a connection string */
        words->values[count++] = database->url;
    } else {
        char folder[PATH_MAX];
        database_close(database);
        int length = snprintf(folder, sizeof folder, "%s/sock", database->cluster);
        if (length > 0 && (size_t)length < sizeof folder)
            database->socket_folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        /* Without the folder the connection fails as it does without a server. */
        snprintf(words->host, sizeof words->host, "/proc/self/fd/%d", database->socket_folder_fd);
        words->keys[count] = "host";
        words->values[count++] = words->host;
        words->keys[count] = "dbname";
        words->values[count++] = "crosspoint";
        words->keys[count] = "user";
        words->values[count++] = role_name(role);
    }
    words->keys[count] = "connect_timeout";
    words->values[count++] = "5";
    words->keys[count] = "tcp_user_timeout"; /* ms: a server that vanished is noticed */
    words->values[count++] = "30000";
    words->keys[count] = "client_encoding";
    words->values[count++] = "UTF8";
    words->keys[count] = "fallback_application_name";
    words->values[count++] = "crosspoint";
    if (role == DATABASE_READER) {
        words->keys[count] = "options";
        words->values[count] = "-c default_transaction_read_only=on -c statement_timeout=2000";
    }
}
static_assert(DATABASE_CONNECT_SECONDS == 5 && DATABASE_READER_MS == 2000, "said in words above");

PGconn *database_connect(struct database *database, enum database_role role) {
    struct words words;
    words_fill(&words, database, role);
    return PQconnectdbParams(words.keys, words.values, 1);
}

PGconn *database_connect_start(struct database *database, enum database_role role) {
    struct words words;
    words_fill(&words, database, role);
    return PQconnectStartParams(words.keys, words.values, 1);
}

void database_close(struct database *database) {
    if (database->socket_folder_fd >= 0)
        close(database->socket_folder_fd);
    database->socket_folder_fd = -1;
}

bool database_run(PGconn *connection, const char *statements) {
    PGresult *result = PQexec(connection, statements);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

void database_error(const PGconn *connection, char *text, size_t text_bytes) {
    snprintf(text, text_bytes, "%s",
             connection == NULL ? "out of memory" : PQerrorMessage(connection));
    text[strcspn(text, "\n")] = '\0';
}
