/* Where PostgreSQL is, and how to connect to it in one of the three roles of roles.sql.
 *
 * Two ways of saying where: the folder of our own cluster (cluster.sh), reached over its socket as the role asked
 * for; or a connection string (DATABASE_URL) of a server that somebody else keeps, which is taken as it stands,
 * user and all.
 *
 * A socket's path holds 107 bytes and a checkout's may be longer, so libpq is given /proc/self/fd/N of the
 * socket folder, opened anew for each connection. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

#define DATABASE_CONNECT_SECONDS 5 /* then the attempt has failed */
#define DATABASE_READER_MS       2000

enum database_role {
    DATABASE_MIGRATE, /* xc_migrate: owns the tables */
    DATABASE_WRITER,  /* xc_writer: the projector */
    DATABASE_READER,  /* xc_reader: looks; statements end after DATABASE_READER_MS */
};

/* One of the two is given, the other is NULL; both must outlive the connections. */
struct database {
    const char *cluster; /* the folder given to cluster.sh */
    const char *url;
    int socket_folder_fd; /* ours; -1 at first. It stays open while a connection may still be under way */
};

/* Blocks for at most DATABASE_CONNECT_SECONDS. NULL when memory runs out; else ask PQstatus, and PQfinish it. */
PGconn *database_connect(struct database *database, enum database_role role);
/* Begins to connect: go on with PQconnectPoll. NULL when memory runs out. */
PGconn *database_connect_start(struct database *database, enum database_role role);
void database_close(struct database *database);

/* Runs one or more statements without parameters. False: it failed, PQerrorMessage says how. */
NODISCARD bool database_run(PGconn *connection, const char *statements);
/* libpq's message without its last line end, in `text`, cut to fit. */
void database_error(const PGconn *connection, char *text, size_t text_bytes);

#endif
