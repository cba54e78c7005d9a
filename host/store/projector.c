#include "store/projector.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/reader.h"
#include "journal/segment.h"
#include "store/projection_load.h"
#include "store/projector_tables.h"

#define NS_PER_DAY UINT64_C(86400000000000)

struct projector {
    struct database *database;
    const struct journal_ring *ring;
    struct file_port *files;
    struct journal_reader *reader;
    PGconn *connection;
    struct projection *projection;
    uint64_t mark;           /* record_seq where the batch in hand began */
    uint64_t batch_began_ns; /* of the caller's clock; while batch_records > 0 */
    uint64_t
        prepared_day; /* one above the day (since 1970) whose partitions are there; 0 = none known */
    uint64_t retry_at_ns;
    uint64_t retry_after_ns;
    uint64_t batch_count;
    uint64_t retry_count;
    uint64_t damage_seq;   /* record behind which the journal read as damaged */
    uint32_t damage_count; /* how often there */
    bool has_pending;      /* a record read that belongs to the next batch */
    bool is_stopped;
    union record pending;
    char journal[17]; /* cluster_id, 16 hex digits; "" while unknown */
    char sentence[512];
};

struct projector *projector_open(struct database *database) {
    struct projector *projector = calloc(1, sizeof *projector);
    if (projector == NULL)
        return NULL;
    projector->database = database;
    projector->retry_after_ns = PROJECTOR_RETRY_NS;
    projector->projection = projection_open();
    if (projector->projection == NULL) {
        free(projector);
        return NULL;
    }
    return projector;
}

static void reader_drop(struct projector *projector) {
    if (projector->reader != NULL)
        journal_reader_close(projector->reader);
    projector->reader = NULL;
    projector->has_pending = false;
}

static void connection_drop(struct projector *projector) {
    PQfinish(projector->connection);
    projector->connection = NULL;
    database_close(projector->database);
    reader_drop(projector); /* it begins anew behind the mark */
}

/* Whose journal it is: the ring says, or the header of the first segment. */
static bool journal_name(struct projector *projector, char name[17]) {
    uint64_t cluster_id = 0;
    if (projector->ring != NULL) {
        cluster_id = journal_ring_cluster_id(projector->ring);
    } else {
        static struct segment_header header; /* 4 KiB, of one thread */
        int handle = FILE_HANDLE_NONE;
        size_t read_bytes = 0;
        struct file_port *files = projector->files;
        struct file_name segment = segment_name(SEGMENT_FILE_SEGMENT, 1);
        if (files->ops->open(files->self, segment.text, FILE_READ, &handle) != FILE_OK)
            return false;
        enum file_result result = files->ops->read(files->self, (struct file_at){.handle = handle},
                                                   &header, sizeof header, &read_bytes);
        files->ops->close(files->self, handle);
        if (result != FILE_OK || read_bytes != sizeof header ||
            segment_header_check(&header) != SEGMENT_HEADER_OK)
            return false;
        cluster_id = header.cluster_id;
    }
    snprintf(name, 17, "%016" PRIx64, cluster_id);
    return true;
}

void projector_source(struct projector *projector, const struct journal_ring *ring,
                      struct file_port *files) {
    projector->ring = ring;
    projector->files = files;
    if (projector->reader == NULL)
        return;
    char name[sizeof projector->journal];
    if (ring != NULL && journal_name(projector, name) && strcmp(name, projector->journal) != 0) {
        connection_drop(projector); /* another journal: begin will say so */
        return;
    }
    /* The rows gathered so far stay; the pending record is read again. */
    reader_drop(projector);
    projector->reader = journal_reader_open(ring, files, projector->projection->record_seq);
    if (projector->reader == NULL)
        connection_drop(projector);
}

static enum projector_step stop(struct projector *projector, const char *what, const char *detail) {
    snprintf(projector->sentence, sizeof projector->sentence, "%s%s", what, detail);
    projector->is_stopped = true;
    return PROJECTOR_STOPPED;
}

static enum projector_step away(struct projector *projector, uint64_t now_ns, const char *what) {
    char error[400] = "";
    if (projector->connection != NULL)
        database_error(projector->connection, error, sizeof error);
    snprintf(projector->sentence, sizeof projector->sentence, "%s%s%s", what,
             error[0] == '\0' ? "" : ": ", error);
    connection_drop(projector);
    projector->retry_at_ns = now_ns + projector->retry_after_ns;
    projector->retry_after_ns = projector->retry_after_ns * 2 < PROJECTOR_RETRY_NS_MAX
                                    ? projector->retry_after_ns * 2
                                    : PROJECTOR_RETRY_NS_MAX;
    projector->retry_count++;
    return PROJECTOR_AWAY;
}

/* The record at the mark must be the one that the mark was set for: a journal that was restored from an old copy,
 * or that lost its tail, would number other records the same. */
static enum projector_step reader_begin(struct projector *projector) {
    struct projection *projection = projector->projection;
    uint64_t mark = projection->record_seq;
    if (mark > 0) {
        union record record;
        enum read_result result = READ_MISSING;
        projector->reader = journal_reader_open(projector->ring, projector->files, mark - 1);
        if (projector->reader != NULL)
            result = journal_reader_next(projector->reader, &record);
        if (result == READ_NOTHING)
            return stop(projector,
                        "the tables are ahead of the journal: it ends before their mark, "
                        "so it is not the journal they were made from",
                        "");
        if (result == READ_RECORD && record.head.time_ns != projection->time_ns)
            return stop(projector,
                        "the record at the tables' mark is of another time: "
                        "this is not the journal they were made from",
                        "");
        if (result == READ_CORRUPT)
            return stop(projector,
                        "the journal is damaged: ", journal_reader_place(projector->reader));
        if (result == READ_RECORD)
            return PROJECTOR_IDLE;
        reader_drop(projector); /* archived with its segment: nothing to compare with */
    }
    projector->reader = journal_reader_open(projector->ring, projector->files, mark);
    check(projector->reader != NULL);
    return PROJECTOR_IDLE;
}

static enum projector_step begin(struct projector *projector, uint64_t now_ns) {
    struct load_owner owner = {""};
    if (!journal_name(projector, projector->journal))
        return away(projector, now_ns, "there is no journal yet");
    projector->connection = database_connect(projector->database, DATABASE_WRITER);
    if (projector->connection == NULL || PQstatus(projector->connection) != CONNECTION_OK)
        return away(projector, now_ns, "PostgreSQL does not answer");
    PQsetErrorVerbosity(projector->connection, PQERRORS_VERBOSE);
    if (!database_run(projector->connection, "set client_min_messages = warning") ||
        !tables_stage(projector->connection))
        return away(projector, now_ns, "the staging tables could not be made");
    switch (
        projection_load(projector->projection, projector->connection, projector->journal, &owner)) {
    case LOAD_DONE: break;
    case LOAD_FAILED: return away(projector, now_ns, "the state at the mark could not be read");
    case LOAD_OTHER_JOURNAL:
        return stop(
            projector,
            "the tables hold the rows of another journal, and one database takes one: theirs is ",
            owner.journal);
    case LOAD_TOO_MUCH:
        return stop(projector, "the tables hold more open orders or balances than an exchange can",
                    "");
    }
    projector->mark = projector->projection->record_seq;
    projector->prepared_day = 0;
    enum projector_step step = reader_begin(projector);
    if (step == PROJECTOR_IDLE) {
        projector->retry_after_ns = PROJECTOR_RETRY_NS;
        projector->sentence[0] = '\0';
    }
    return step;
}

static bool claim_mark(struct projector *projector) {
    char now[24];
    char time[24];
    char before[24];
    snprintf(now, sizeof now, "%" PRIu64, projector->projection->record_seq);
    snprintf(time, sizeof time, "%" PRIu64, projector->projection->time_ns);
    snprintf(before, sizeof before, "%" PRIu64, projector->mark);
    const char *values[] = {now, time, projector->journal, before};
    PGresult *result =
        PQexecParams(projector->connection,
                     "update marks set record_seq = $1, time_ns = $2, applied_at = now()"
                     " where journal = $3 and record_seq = $4",
                     4, NULL, values, NULL, NULL, 0);
    bool is_claimed =
        PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdTuples(result), "1") == 0;
    PQclear(result);
    return is_claimed;
}

/* For the day of the batch, and some days more; in its own transactions, before the batch's. */
static bool partitions_prepare(struct projector *projector, uint64_t day) {
    if (projector->prepared_day == day + 1)
        return true;
    char time[24];
    char days[8];
    snprintf(time, sizeof time, "%" PRIu64, day * NS_PER_DAY);
    snprintf(days, sizeof days, "%d", PROJECTOR_DAYS_AHEAD);
    const char *values[] = {time, days};
    PGresult *result = PQexecParams(projector->connection,
                                    "select partitions_prepare('trades', $1, $2),"
                                    " partitions_prepare('balance_changes', $1, $2)",
                                    2, NULL, values, NULL, NULL, 0);
    bool is_done = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    if (is_done)
        projector->prepared_day = day + 1;
    return is_done;
}

/* Rows that break a constraint (class 23) or a type (22) will break it again: ours is the mistake, and trying again
 * would hide it. The message reads "ERROR:  23514: new row ...", by the verbosity that begin asks for. */
static bool error_is_final(const PGconn *connection) {
    if (PQstatus(connection) != CONNECTION_OK)
        return false;
    const char *code = strchr(PQerrorMessage(connection), ':');
    if (code == NULL)
        return false;
    code += strspn(code, ": ");
    return strlen(code) > 5 && code[5] == ':' && code[0] == '2' &&
           (code[1] == '2' || code[1] == '3');
}

static enum projector_step write_batch(struct projector *projector, uint64_t now_ns) {
    struct projection *projection = projector->projection;
    PGconn *connection = projector->connection;
    if (!partitions_prepare(projector, projection->time_ns / NS_PER_DAY))
        return away(projector, now_ns, "the day's partitions could not be made");
    projection_flush(projection);
    if (!database_run(connection, "begin"))
        return away(projector, now_ns, "PostgreSQL went away");
    if (!claim_mark(projector))
        return away(projector, now_ns, "the mark is not where the batch began");
    if (!tables_write(connection, projection)) {
        if (!error_is_final(connection))
            return away(projector, now_ns, "a batch was not taken");
        char error[400];
        database_error(connection, error, sizeof error);
        return stop(projector,
                    "PostgreSQL refuses a row, which is a mistake of this program: ", error);
    }
    if (!database_run(connection, "commit"))
        return away(projector, now_ns, "a commit was not answered");
    projection_clear(projection);
    projector->mark = projection->record_seq;
    projector->batch_count++;
    return PROJECTOR_WROTE;
}

/* Takes the next record into the batch; false: it stands in `pending` for the next one, or there is none. */
static bool gather_one(struct projector *projector, uint64_t now_ns, enum read_result *result) {
    struct projection *projection = projector->projection;
    *result = READ_RECORD;
    if (!projector->has_pending) {
        *result = journal_reader_next(projector->reader, &projector->pending);
        if (*result != READ_RECORD)
            return false;
        projector->has_pending = true;
    }
    if (projection->batch_records == 0)
        projector->batch_began_ns = now_ns;
    else if (projector->pending.head.time_ns / NS_PER_DAY != projection->time_ns / NS_PER_DAY)
        return false;
    projector->has_pending = false;
    return true;
}

/* Without a ring we may read a group that the exchange is writing at this moment, and then find the next one whole
 * behind it, which is how damage looks. Real damage looks the same a second time. */
static enum projector_step look_again(struct projector *projector, uint64_t now_ns) {
    char place[sizeof projector->sentence - 32];
    snprintf(place, sizeof place, "%s", journal_reader_place(projector->reader));
    if (projector->damage_seq != projector->projection->record_seq)
        projector->damage_count = 0;
    projector->damage_seq = projector->projection->record_seq;
    if (++projector->damage_count == PROJECTOR_LOOKS)
        return stop(projector, "the journal is damaged: ", place);
    return away(projector, now_ns, "the journal reads as damaged, looking again");
}

enum projector_step projector_poll(struct projector *projector, uint64_t now_ns) {
    struct projection *projection = projector->projection;
    if (projector->is_stopped)
        return PROJECTOR_STOPPED;
    if (projector->reader == NULL) {
        if (now_ns < projector->retry_at_ns || projector->files == NULL)
            return PROJECTOR_AWAY;
        enum projector_step step = begin(projector, now_ns);
        if (step != PROJECTOR_IDLE)
            return step;
    }
    enum read_result result = READ_RECORD;
    while (projection->batch_records < PROJECTION_BATCH_RECORDS &&
           gather_one(projector, now_ns, &result))
        if (projection_apply(projection, &projector->pending) == PROJECTION_BROKEN)
            return stop(projector,
                        "the journal does not follow from the tables: ", projection->flaw);
    if (result == READ_CORRUPT || result == READ_MISSING)
        return look_again(projector, now_ns);
    if (projection->batch_records == 0)
        return PROJECTOR_IDLE;
    bool is_full = projection->batch_records == PROJECTION_BATCH_RECORDS || projector->has_pending;
    if (!is_full && now_ns - projector->batch_began_ns < PROJECTOR_BATCH_NS)
        return PROJECTOR_GATHERED;
    return write_batch(projector, now_ns);
}

struct projector_status projector_status(const struct projector *projector) {
    return (struct projector_status){
        .is_connected = projector->reader != NULL,
        .mark = projector->mark,
        .batch_count = projector->batch_count,
        .retry_count = projector->retry_count,
        .sentence = projector->sentence,
    };
}

void projector_close(struct projector *projector) {
    if (projector == NULL)
        return;
    connection_drop(projector);
    projection_close(projector->projection);
    free(projector);
}
