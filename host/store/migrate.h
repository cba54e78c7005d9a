/* Applies the numbered files of migrations/ to the database: in order, each in a transaction of its own, each once.
 *
 * The table `migrations` keeps number, name and SHA-256 of what was applied. A merged file never changes: when one
 * was altered, renamed or removed since, or a new one has a number below the last applied, everything is refused
 * by name and nothing is done. A file that fails leaves the database as it was before that file. Two runners
 * at once wait for each other. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <libpq-fe.h>
#include <stddef.h>

#include "base/check.h"

#define MIGRATION_FILES_MAX  1024          /* more are refused */
#define MIGRATION_BYTES_MAX  (1024 * 1024) /* a longer file is refused */
#define MIGRATION_NAME_BYTES 128           /* a longer name is refused */

enum migrate_result {
    MIGRATE_DONE,    /* the database is as the files say; *applied tells how many were new */
    MIGRATE_REFUSED, /* the files and the database's history do not fit together */
    MIGRATE_FAILED,  /* a file could not be read, or PostgreSQL said no */
};

struct migrate_report {
    unsigned applied;
    unsigned known;     /* applied before */
    char sentence[512]; /* when not DONE: what is wrong, with the file's name */
};

/* `connection` in the role that owns the tables. Prints a line for each file it applies. */
NODISCARD enum migrate_result migrate_run(PGconn *connection, const char *folder,
                                          struct migrate_report *report);

#endif
