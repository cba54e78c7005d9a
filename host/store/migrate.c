#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/database.h"

struct migration {
    unsigned number;
    char name[MIGRATION_NAME_BYTES];
};

struct migration_list {
    struct migration files[MIGRATION_FILES_MAX];
    size_t count;
};

static enum migrate_result __attribute__((format(printf, 3, 4)))
say(struct migrate_report *report, enum migrate_result result, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->sentence, sizeof report->sentence, format, arguments);
    va_end(arguments);
    return result;
}

static enum migrate_result say_database(struct migrate_report *report, PGconn *connection,
                                        const char *what) {
    char error[400];
    database_error(connection, error, sizeof error);
    return say(report, MIGRATE_FAILED, "%s: %s", what, error);
}

static int order_by_number(const void *left, const void *right) {
    const struct migration *a = left;
    const struct migration *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

/* 0007_add_something.sql */
static bool name_parse(const char *name, unsigned *number) {
    size_t length = strlen(name);
    if (length < 10 || length >= MIGRATION_NAME_BYTES || strcmp(name + length - 4, ".sql") != 0)
        return false;
    if (strspn(name, "0123456789") != 4 || name[4] != '_')
        return false;
    *number = (unsigned)strtoul(name, NULL, 10);
    return true;
}

static enum migrate_result list_files(const char *folder, struct migration_list *list,
                                      struct migrate_report *report) {
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return say(report, MIGRATE_FAILED, "%s: %s", folder, strerror(errno));
    enum migrate_result result = MIGRATE_DONE;
    list->count = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        unsigned number = 0;
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "README.md") == 0)
            continue;
        if (!name_parse(entry->d_name, &number)) {
            result = say(report, MIGRATE_REFUSED, "%s is not named like 0007_add_something.sql",
                         entry->d_name);
            break;
        }
        if (list->count == MIGRATION_FILES_MAX) {
            result = say(report, MIGRATE_REFUSED, "more than %d migrations", MIGRATION_FILES_MAX);
            break;
        }
        struct migration *file = &list->files[list->count++];
        file->number = number;
        memcpy(file->name, entry->d_name,
               strlen(entry->d_name) + 1); /* name_parse has bounded it */
    }
    closedir(directory);
    qsort(list->files, list->count, sizeof list->files[0], order_by_number);
    for (size_t i = 1; result == MIGRATE_DONE && i < list->count; i++)
        if (list->files[i].number == list->files[i - 1].number)
            result = say(report, MIGRATE_REFUSED, "%s and %s have the same number",
                         list->files[i - 1].name, list->files[i].name);
    return result;
}

/* NUL-terminated, to be freed; NULL with a sentence. */
static char *file_read_take(const char *folder, const char *name, struct migrate_report *report) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    char *text = malloc(MIGRATION_BYTES_MAX + 1);
    size_t length =
        file != NULL && text != NULL ? fread(text, 1, MIGRATION_BYTES_MAX + 1, file) : 0;
    if (file == NULL || text == NULL || ferror(file) || length == 0 ||
        length > MIGRATION_BYTES_MAX || memchr(text, '\0', length) != NULL) {
        (void)say(report, MIGRATE_FAILED,
                  "%s cannot be read, is empty, not text, or longer than %d bytes", path,
                  MIGRATION_BYTES_MAX);
        free(text);
        text = NULL;
    } else {
        text[length] = '\0';
    }
    if (file != NULL)
        fclose(file);
    return text;
}

static PGresult *query_text(PGconn *connection, const char *statement, int count,
                            const char *const *values) {
    return PQexecParams(connection, statement, count, NULL, values, NULL, NULL, 0);
}

/* Everything applied must be in the folder, with the same name and bytes, and nothing new below it. */
static enum migrate_result history_compare(PGconn *connection, const char *folder,
                                           const struct migration_list *list,
                                           struct migrate_report *report) {
    PGresult *rows =
        PQexec(connection, "select number, name, sha256 from migrations order by number");
    if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
        PQclear(rows);
        return say_database(report, connection, "reading the migrations already applied");
    }
    enum migrate_result result = MIGRATE_DONE;
    size_t row_count = (size_t)PQntuples(rows);
    for (size_t i = 0; result == MIGRATE_DONE && i < row_count; i++) {
        const char *name = PQgetvalue(rows, (int)i, 1);
        unsigned number = (unsigned)strtoul(PQgetvalue(rows, (int)i, 0), NULL, 10);
        if (i >= list->count || list->files[i].number > number) {
            result = say(report, MIGRATE_REFUSED,
                         "%s was applied to this database, and is missing in %s", name, folder);
        } else if (list->files[i].number < number) {
            result = say(report, MIGRATE_REFUSED,
                         "%s is new, but %s was applied already: give it a higher number",
                         list->files[i].name, name);
        } else if (strcmp(list->files[i].name, name) != 0) {
            result = say(report, MIGRATE_REFUSED, "%s was applied under the name %s",
                         list->files[i].name, name);
        } else {
            char *text = file_read_take(folder, name, report);
            if (text == NULL) {
                result = MIGRATE_FAILED;
                break;
            }
            const char *values[] = {text, PQgetvalue(rows, (int)i, 2)};
            PGresult *same = query_text(
                connection, "select encode(sha256(convert_to($1, 'UTF8')), 'hex') = $2", 2, values);
            if (PQresultStatus(same) != PGRES_TUPLES_OK)
                result = say_database(report, connection, name);
            else if (PQgetvalue(same, 0, 0)[0] != 't')
                result = say(report, MIGRATE_REFUSED,
                             "%s was changed after it was applied: restore it, and put the change "
                             "into a new file",
                             name);
            PQclear(same);
            free(text);
        }
    }
    PQclear(rows);
    report->known = (unsigned)row_count;
    return result;
}

static enum migrate_result file_apply(PGconn *connection, const char *folder,
                                      const struct migration *file, struct migrate_report *report) {
    char *text = file_read_take(folder, file->name, report);
    if (text == NULL)
        return MIGRATE_FAILED;
    enum migrate_result result = MIGRATE_DONE;
    char number[16];
    snprintf(number, sizeof number, "%u", file->number);
    const char *values[] = {number, file->name, text};
    if (!database_run(connection, "begin") || !database_run(connection, text)) {
        result = say_database(report, connection, file->name);
    } else if (PQtransactionStatus(connection) != PQTRANS_INTRANS) {
        result = say(report, MIGRATE_REFUSED,
                     "%s ends the transaction: leave begin and commit to the runner", file->name);
    } else {
        PGresult *kept =
            query_text(connection,
                       "insert into migrations (number, name, sha256)"
                       " values ($1::integer, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))",
                       3, values);
        if (PQresultStatus(kept) != PGRES_COMMAND_OK || !database_run(connection, "commit"))
            result = say_database(report, connection, file->name);
        PQclear(kept);
    }
    if (result != MIGRATE_DONE && PQtransactionStatus(connection) != PQTRANS_IDLE)
        PQclear(PQexec(connection, "rollback")); /* what failed is already said */
    free(text);
    return result;
}

enum migrate_result migrate_run(PGconn *connection, const char *folder,
                                struct migrate_report *report) {
    memset(report, 0, sizeof *report);
    struct migration_list *list = calloc(1, sizeof *list);
    if (list == NULL)
        return say(report, MIGRATE_FAILED, "out of memory");
    enum migrate_result result = list_files(folder, list, report);
    /* The lock belongs to the connection and ends with it. Its number is ours alone: "xpmigrat". */
    if (result == MIGRATE_DONE &&
        !database_run(connection,
                      "select pg_advisory_lock(8678281891903103348);"
                      "set client_min_messages = warning;"
                      "create table if not exists migrations ("
                      " number integer primary key, name text not null unique,"
                      " sha256 text not null, applied_at timestamptz not null default now())"))
        result = say_database(report, connection, "preparing the table of migrations");
    if (result == MIGRATE_DONE)
        result = history_compare(connection, folder, list, report);
    for (size_t i = report->known; result == MIGRATE_DONE && i < list->count; i++) {
        result = file_apply(connection, folder, &list->files[i], report);
        if (result == MIGRATE_DONE) {
            report->applied++;
            printf("store: applied %s\n", list->files[i].name);
        }
    }
    free(list);
    return result;
}
