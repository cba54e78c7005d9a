#include "apps/exchange/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/soft_matcher.h"
#include "journal/reader.h"
#include "os/clock.h"
#include "os/log.h"

static bool exchange_make_folder(const char *var_path, const char *name, char *path,
                                 size_t path_bytes, char *error, size_t error_bytes) {
    int length = snprintf(path, path_bytes, "%s/%s", var_path, name);

    if (length < 0 || (size_t)length >= path_bytes) {
        snprintf(error, error_bytes, "--var %s: the path is too long", var_path);
        return false;
    }
    if ((mkdir(var_path, 0755) != 0 && errno != EEXIST) ||
        (mkdir(path, 0750) != 0 && errno != EEXIST)) {
        snprintf(error, error_bytes, "cannot make %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

/* Engine and matcher, in memory of their own that is touched once, so that no order waits for a page. */
static bool exchange_make_engine(struct exchange *exchange, char *error, size_t error_bytes) {
    const struct engine_limits *limits = &exchange->settings.limits;
    struct matcher_limits matcher_limits = {.qty_bits = QTY_BITS,
                                            .owner_bits = 16,
                                            .handle_count = limits->order_max,
                                            .instrument_count = limits->instrument_max};
    size_t bytes = engine_bytes(limits) +
                   soft_matcher_bytes(&matcher_limits, limits->instrument_max, BAND_BITS_MAX);
    struct arena *arena = &exchange->engine_arena;

    bytes = (bytes + 0x1FFFFF) & ~(size_t)0x1FFFFF;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (memory == MAP_FAILED) {
        snprintf(error, error_bytes, "no memory for the engine (%zu MiB); lower exchange.limits",
                 bytes >> 20);
        return false;
    }
    exchange->engine_memory = memory;
    exchange->engine_memory_bytes = bytes;
    arena_init(arena, memory, bytes);

    struct soft_matcher *soft = soft_matcher_init(arena, &matcher_limits);

    exchange->engine = engine_init(arena, limits, soft_matcher_port(soft));
    return true;
}

static bool exchange_open_files(struct exchange *exchange, char *error, size_t error_bytes) {
    char journal_path[512];
    char run_path[512];
    enum file_result result;

    if (!exchange_make_folder(exchange->settings.var_path, "run", run_path, sizeof run_path, error,
                              error_bytes) ||
        !exchange_make_folder(exchange->settings.var_path, "journal", journal_path,
                              sizeof journal_path, error, error_bytes))
        return false;
    exchange->writer_files = posix_files_open(journal_path, POSIX_FILES_WRITE, &result);
    if (exchange->writer_files == NULL && result == FILE_BUSY) {
        snprintf(error, error_bytes, "another exchange is running on %s; stop it first (./down)",
                 journal_path);
        return false;
    }
    if (exchange->writer_files != NULL) {
        exchange->net_files = posix_files_open(journal_path, POSIX_FILES_READ, &result);
        exchange->operator_files = posix_files_open(journal_path, POSIX_FILES_READ, &result);
    }
    if (exchange->writer_files == NULL || exchange->net_files == NULL ||
        exchange->operator_files == NULL) {
        snprintf(error, error_bytes, "cannot open %s: %s", journal_path, file_result_text(result));
        return false;
    }
    return true;
}

/* A journal keeps the limits that it began with: a refusal for want of room must be one again at replay. */
static void exchange_keep_limits(struct exchange *exchange) {
    struct journal_reader *reader =
        journal_reader_open(NULL, posix_files_port(exchange->net_files), 0);
    struct engine_limits *limits = &exchange->settings.limits;
    union record record;

    check(reader != NULL);
    if (journal_reader_next(reader, &record) == READ_RECORD && record.head.kind == RECORD_START) {
        struct engine_limits kept = {.account_max = record.start.account_max,
                                     .balance_max = record.start.balance_max,
                                     .order_max = record.start.order_max,
                                     .instrument_max = record.start.instrument_max};

        if (memcmp(&kept, limits, sizeof kept) != 0)
            log_warn(
                "exchange",
                "exchange.limits belong to a journal; this one keeps those that it began with");
        *limits = kept;
    }
    journal_reader_close(reader);
}

/* Feeds the whole journal to the engine, which proves it, and to the sessions, which rebuild their day. */
static bool exchange_replay(struct exchange *exchange, const struct recovered *recovered,
                            char *error, size_t error_bytes) {
    struct journal_reader *reader =
        journal_reader_open(NULL, posix_files_port(exchange->net_files), 0);
    uint64_t started_ns = clock_monotonic_ns();
    uint64_t count = 0;
    union record record;
    union record expected;
    enum read_result read;

    check(reader != NULL);
    while ((read = journal_reader_next(reader, &record)) == READ_RECORD) {
        enum replay_result result = engine_replay(exchange->engine, &record, &expected);

        if (result != REPLAY_OK) {
            snprintf(error, error_bytes,
                     "replay stopped at record %llu (kind %u): the engine makes kind %u of it%s. "
                     "The journal and this "
                     "build disagree: run the build that wrote it (`crosspoint journal --from "
                     "%llu` shows the place)",
                     (unsigned long long)record.head.record_seq, record.head.kind,
                     expected.head.kind, result == REPLAY_OUT_OF_PLACE ? ", out of place" : "",
                     (unsigned long long)record.head.record_seq);
            journal_reader_close(reader);
            return false;
        }
        net_loop_record(exchange->net_loop, &record);
        if (++count % 1000000 == 0)
            log_info("exchange", "replaying record_seq=%llu of=%llu",
                     (unsigned long long)record.head.record_seq,
                     (unsigned long long)recovered->last_record_seq);
    }
    if (read != READ_NOTHING || count != recovered->last_record_seq) {
        snprintf(error, error_bytes, "journal: %s", journal_reader_place(reader));
        journal_reader_close(reader);
        return false;
    }
    journal_reader_close(reader);
    log_info("exchange", "replayed records=%llu ms=%llu", (unsigned long long)count,
             (unsigned long long)((clock_monotonic_ns() - started_ns) / 1000000));
    return true;
}

static bool exchange_recover(struct exchange *exchange, struct recovered *recovered, char *error,
                             size_t error_bytes) {
    enum recover_result result =
        journal_recover(posix_files_port(exchange->writer_files), 0, recovered);

    if (result != RECOVER_OK && result != RECOVER_CUT) {
        snprintf(error, error_bytes, "journal: %s", recovered->place);
        return false;
    }
    if (result == RECOVER_CUT)
        log_warn(
            "exchange",
            "journal had a torn tail, an ordinary power cut: cut_bytes=%llu behind record_seq=%llu",
            (unsigned long long)recovered->cut_bytes,
            (unsigned long long)recovered->last_record_seq);
    exchange_keep_limits(exchange);
    return true;
}

/* The journal's ring and writer, behind what was recovered. */
static bool exchange_start_journal(struct exchange *exchange, const struct recovered *recovered,
                                   char *error, size_t error_bytes) {
    struct journal_options options = journal_options_usual();
    struct journal_ring_start start = {
        .cluster_id = recovered->cluster_id,
        .last_record_seq = recovered->last_record_seq,
        .epoch = recovered->epoch + 1,
    };
    uint64_t units = exchange->settings.journal_ring_bytes / RECORD_UNIT_BYTES;

    if (start.cluster_id == 0)
        start.cluster_id = clock_wall_ns();
    while ((units & (units - 1)) != 0)
        units &= units - 1;
    if (!shared_memory_create(&exchange->journal_memory, "crosspoint-journal",
                              journal_ring_bytes(units), SHARED_MEMORY_OTHERS_READ)) {
        snprintf(error, error_bytes,
                 "no memory for the journal's ring; lower exchange.journal.ring_mib");
        return false;
    }
    journal_ring_format(&exchange->journal, exchange->journal_memory.bytes, units, &start);
    options.segment_bytes = exchange->settings.segment_bytes;
    snprintf(options.build, sizeof options.build, "%s", exchange->settings.build);
    if (!durability_parse(exchange->settings.durability, &options.durability))
        return false;
    exchange->writer = journal_writer_open(&options, posix_files_port(exchange->writer_files),
                                           &exchange->journal, recovered);
    if (exchange->writer == NULL) {
        snprintf(error, error_bytes, "the journal cannot be written: %s",
                 journal_stop_text(journal_ring_stopped(&exchange->journal)));
        return false;
    }
    return true;
}

/* Writes what waits in the journal's ring. False: it cannot be written. */
static bool exchange_write_out(struct exchange *exchange) {
    while (journal_ring_durable_seq(&exchange->journal) <
           journal_ring_written_seq(&exchange->journal))
        if (journal_writer_poll(exchange->writer, clock_monotonic_ns()) == WRITER_STOPPED)
            return false;
    return true;
}

/* What a cut journal no longer holds (events of commands without DONE, inputs that the engine owes), then START.
 * It also proves that the journal can be written, before any port opens. */
static bool exchange_append_start(struct exchange *exchange, uint64_t now_ns) {
    static _Alignas(16) unsigned char bytes[2 * OUTBOX_STEP_BYTES];
    struct outbox outbox = {.bytes = bytes, .max_bytes = sizeof bytes};
    union record record = {
        .start = {
            .head = {.kind = RECORD_START, .units = 2, .instrument = INSTRUMENT_NONE},
            .epoch = journal_ring_epoch(&exchange->journal),
            .version = RECORD_VERSION,
        }};
    bool owes = true;

    engine_replay_finish(exchange->engine, now_ns, &outbox);
    while (owes) {
        engine_loop_append(exchange->engine_loop, &outbox);
        if (!exchange_write_out(exchange))
            return false;
        outbox.used_bytes = 0;
        owes = engine_settle(exchange->engine, now_ns, &outbox) ||
               engine_generate(exchange->engine, now_ns, &outbox);
    }
    snprintf(record.start.build, sizeof record.start.build, "%s", exchange->settings.build);
    engine_submit(exchange->engine, DOOR_ENGINE, &record, now_ns, &outbox);
    engine_loop_append(exchange->engine_loop, &outbox);
    return exchange_write_out(exchange);
}

static void exchange_make_ring(struct exchange *exchange, enum door door,
                               struct shared_memory *memory, struct ring_producer *producer) {
    uint32_t slots = exchange->settings.command_ring_slots;
    struct ring_consumer consumer;

    bool made =
        shared_memory_create(memory, "crosspoint-commands", ring_bytes(RECORD_BYTES_MAX, slots),
                             SHARED_MEMORY_OTHERS_WRITE);

    check(made);
    ring_format(&consumer, memory->bytes, RECORD_BYTES_MAX, slots);
    engine_loop_connect(exchange->engine_loop, door, &consumer);
    enum ring_result attached =
        ring_attach(producer, memory->bytes, memory->size_bytes, RECORD_BYTES_MAX);

    check(attached == RING_OK);
}

static bool exchange_open_doors(struct exchange *exchange, char *error, size_t error_bytes) {
    struct ring_producer order_entry;
    struct operator_setup setup = {
        .var_path = exchange->settings.var_path,
        .journal_memory = &exchange->journal_memory,
        .journal = &exchange->journal,
        .files = posix_files_port(exchange->operator_files),
        .changes = engine_loop_changes(exchange->engine_loop),
        .command_ring_slots = exchange->settings.command_ring_slots,
        .status = {.started_ns = clock_wall_ns(),
                   .epoch = journal_ring_epoch(&exchange->journal),
                   .process_id = (uint32_t)getpid()},
    };

    snprintf(setup.status.durability, sizeof setup.status.durability, "%s",
             exchange->settings.durability);
    snprintf(setup.status.matcher, sizeof setup.status.matcher, "%s", exchange->settings.matcher);
    snprintf(setup.status.build, sizeof setup.status.build, "%s", exchange->settings.build);
    exchange_make_ring(exchange, DOOR_ORDER_ENTRY, &exchange->order_entry_ring, &order_entry);
    exchange_make_ring(exchange, DOOR_OPERATOR, &exchange->operator_ring, &setup.commands);
    exchange->operator_loop = operator_loop_open(&setup, error, error_bytes);
    if (exchange->operator_loop == NULL)
        return false;
    return net_loop_start(exchange->net_loop, &exchange->settings, &exchange->journal,
                          posix_files_port(exchange->net_files), &order_entry, error, error_bytes);
}

bool exchange_open(struct exchange *exchange, char *error, size_t error_bytes) {
    struct recovered recovered = {0};

    if (!exchange_open_files(exchange, error, error_bytes) ||
        !exchange_recover(exchange, &recovered, error, error_bytes) ||
        !exchange_make_engine(exchange, error, error_bytes))
        return false;
    exchange->net_loop = net_loop_open(&exchange->settings, error, error_bytes);
    if (exchange->net_loop == NULL || !exchange_replay(exchange, &recovered, error, error_bytes) ||
        !exchange_start_journal(exchange, &recovered, error, error_bytes))
        return false;

    uint64_t now_ns = clock_wall_ns();

    if (now_ns < recovered.last_time_ns)
        now_ns = recovered.last_time_ns; /* the clock was set back since */
    exchange->engine_loop = engine_loop_open(exchange->engine, &exchange->journal, now_ns);
    if (!exchange_append_start(exchange, now_ns)) {
        snprintf(error, error_bytes, "%s", journal_writer_reason(exchange->writer));
        return false;
    }
    if (!exchange_open_doors(exchange, error, error_bytes))
        return false;
    log_info("exchange", "ready epoch=%u record_seq=%llu durability=%s matcher=%s build=%s",
             journal_ring_epoch(&exchange->journal),
             (unsigned long long)engine_record_seq(exchange->engine), exchange->settings.durability,
             exchange->settings.matcher, exchange->settings.build);
    return true;
}

void exchange_close(struct exchange *exchange) {
    if (exchange->net_loop != NULL)
        net_loop_close(exchange->net_loop);
    if (exchange->operator_loop != NULL)
        operator_loop_close(exchange->operator_loop);
    if (exchange->engine_loop != NULL)
        engine_loop_close(exchange->engine_loop);
    if (exchange->writer != NULL)
        journal_writer_close(exchange->writer);
    if (exchange->order_entry_ring.bytes != NULL)
        shared_memory_close(&exchange->order_entry_ring);
    if (exchange->operator_ring.bytes != NULL)
        shared_memory_close(&exchange->operator_ring);
    if (exchange->journal_memory.bytes != NULL)
        shared_memory_close(&exchange->journal_memory);
    if (exchange->engine_memory != NULL)
        munmap(exchange->engine_memory, exchange->engine_memory_bytes);
    if (exchange->operator_files != NULL)
        posix_files_close(exchange->operator_files);
    if (exchange->net_files != NULL)
        posix_files_close(exchange->net_files);
    if (exchange->writer_files != NULL)
        posix_files_close(exchange->writer_files);
}
