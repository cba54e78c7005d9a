#include "journal/writer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/spare_stock.h"

#define GROUP_BYTES_MIN    1024u
#define BUFFER_ALIGN_BYTES 4096u
#define REASON_BYTES       320

static_assert(JOURNAL_SPARES_MAX == SPARE_STOCK_MAX, "one bound, named in two places");

struct journal_writer {
    struct journal_options options;
    struct file_port *files;
    struct journal_ring *ring;
    struct spare_stock spares;
    uint64_t spare_retry_at_ns; /* 0: the last spare could be filled */
    int handle;                 /* of the current segment */
    uint64_t segment_no;
    uint64_t segment_bytes;
    uint64_t end_bytes; /* where the next group goes */
    uint32_t sector_bytes;
    uint32_t epoch;
    uint64_t last_group;
    uint64_t last_record_seq;
    uint64_t last_time_ns;
    struct journal_hash hash;
    bool last_group_empty;
    bool stopped;
    uint64_t idle_since_ns; /* 0: not idle */
    unsigned char *buffer;  /* GROUP_BYTES_MAX; GROUP, records, PAD */
    char reason[REASON_BYTES];
};

const char *durability_name(enum durability durability) {
    switch (durability) {
    case DURABILITY_LOCAL_DISK: return "LOCAL_DISK";
    case DURABILITY_NONE: return "NONE";
    }
    return "UNKNOWN";
}

bool durability_parse(const char *name, enum durability *durability) {
    for (int level = DURABILITY_LOCAL_DISK; level <= DURABILITY_NONE; level++) {
        if (strcmp(name, durability_name((enum durability)level)) != 0)
            continue;
        *durability = (enum durability)level;
        return true;
    }
    return false;
}

struct journal_options journal_options_usual(void) {
    return (struct journal_options){
        .segment_bytes = SEGMENT_BYTES_USUAL,
        .sector_bytes = SECTOR_BYTES_USUAL,
        .group_bytes_max = GROUP_BYTES_MAX,
        .spares = JOURNAL_SPARES_USUAL,
        .idle_group_ns = JOURNAL_IDLE_GROUP_NS_USUAL,
        .durability = DURABILITY_LOCAL_DISK,
    };
}

const char *journal_options_flaw(const struct journal_options *options) {
    uint32_t sector = options->sector_bytes;

    if (options->segment_bytes < SEGMENT_BYTES_MIN || options->segment_bytes > SEGMENT_BYTES_MAX)
        return "segment_bytes must be from 16 KiB to 4 GiB";
    if (options->segment_bytes % SEGMENT_HEADER_BYTES != 0)
        return "segment_bytes must be a multiple of 4096";
    if (sector < SECTOR_BYTES_USUAL || sector > SECTOR_BYTES_MAX || (sector & (sector - 1)) != 0)
        return "sector_bytes must be 512, 1024, 2048 or 4096";
    if (options->group_bytes_max < GROUP_BYTES_MIN || options->group_bytes_max > GROUP_BYTES_MAX)
        return "group_bytes_max must be from 1 KiB to 1 MiB";
    if (options->group_bytes_max % sector != 0)
        return "group_bytes_max must be a multiple of sector_bytes";
    if (options->group_bytes_max > options->segment_bytes - SEGMENT_HEADER_BYTES)
        return "group_bytes_max must fit into a segment behind its header";
    if (options->spares > JOURNAL_SPARES_MAX)
        return "spares must be at most 8";
    if (options->durability != DURABILITY_LOCAL_DISK && options->durability != DURABILITY_NONE)
        return "durability must be LOCAL_DISK or NONE";
    return NULL;
}

/* The first trouble is the last: nothing is tried again. */
static enum writer_result writer_stop(struct journal_writer *writer, enum journal_stop stop,
                                      const char *doing, const char *name,
                                      enum file_result result) {
    snprintf(writer->reason, sizeof writer->reason,
             "%s %s (group %" PRIu64 ", byte %" PRIu64 "): %s; durable up to record %" PRIu64
             "; restart to recover what the disk holds",
             doing, name, writer->last_group + 1, writer->end_bytes, file_result_text(result),
             journal_ring_durable_seq(writer->ring));
    writer->stopped = true;
    journal_ring_stop(writer->ring, stop);
    return WRITER_STOPPED;
}

static struct file_name writer_segment_name(const struct journal_writer *writer) {
    return segment_name(SEGMENT_FILE_SEGMENT, writer->segment_no);
}

static enum file_result writer_sync(struct journal_writer *writer, int handle) {
    if (writer->options.durability == DURABILITY_NONE)
        return FILE_OK;
    return writer->files->ops->sync(writer->files->self, handle);
}

/* One step of the next spare. On a full disk the exchange stops admitting orders, long before a record fails. */
static enum writer_result writer_fill_spare(struct journal_writer *writer, uint32_t step_bytes,
                                            uint64_t now_ns) {
    enum file_result result = FILE_OK;

    switch (spare_stock_fill(&writer->spares, step_bytes, &result)) {
    case SPARE_STEP: return WRITER_IDLE;
    case SPARE_READY:
        writer->spare_retry_at_ns = 0;
        journal_ring_admit(writer->ring, JOURNAL_ADMITS);
        return WRITER_IDLE;
    case SPARE_NO_SPACE:
        writer->spare_retry_at_ns = now_ns + JOURNAL_SPARE_RETRY_NS;
        journal_ring_admit(writer->ring, JOURNAL_NO_SPARE_SPACE);
        return WRITER_IDLE;
    case SPARE_FAILED: break;
    }
    return writer_stop(writer, JOURNAL_STOPPED_WRITE_FAILED, "filling", "a spare segment", result);
}

static bool writer_may_fill(const struct journal_writer *writer, uint64_t now_ns) {
    return !spare_stock_full(&writer->spares) && now_ns >= writer->spare_retry_at_ns;
}

/* Under load nobody is idle: fill only when the next spare lags behind the use of the current segment. */
static bool writer_must_fill(const struct journal_writer *writer) {
    if (writer->spares.ready_count > 0)
        return false;
    uint64_t filled = writer->spares.filling == FILE_HANDLE_NONE ? 0 : writer->spares.filled_bytes;
    return filled / SEGMENT_HEADER_BYTES * (writer->segment_bytes / SEGMENT_HEADER_BYTES) <
           writer->end_bytes / SEGMENT_HEADER_BYTES *
               (writer->spares.segment_bytes / SEGMENT_HEADER_BYTES);
}

static void writer_begin_header(const struct journal_writer *writer,
                                struct segment_header *header) {
    *header = (struct segment_header){
        .cluster_id = journal_ring_cluster_id(writer->ring),
        .segment_no = writer->segment_no + 1,
        .segment_bytes = writer->options.segment_bytes,
        .first_record_seq = writer->last_record_seq + 1,
        .first_group = writer->last_group + 1,
        .epoch = writer->epoch,
        .sector_bytes = writer->options.sector_bytes,
        .previous_hash = writer->hash,
    };
    memcpy(header->build, writer->options.build, sizeof header->build);
    segment_header_seal(header);
}

/* The name is given only to a file whose header is on the disk, and no group is written before the name is. */
static enum file_result writer_write_header(struct journal_writer *writer, const char *from,
                                            int handle) {
    const struct file_port_ops *ops = writer->files->ops;
    struct file_name to = segment_name(SEGMENT_FILE_SEGMENT, writer->segment_no + 1);
    struct segment_header header;

    writer_begin_header(writer, &header);
    enum file_result result =
        ops->write(writer->files->self, (struct file_at){.handle = handle, .offset_bytes = 0},
                   &header, sizeof header);
    if (result == FILE_OK)
        result = writer_sync(writer, handle);
    if (result == FILE_OK)
        result = ops->rename(writer->files->self, from, to.text);
    if (result == FILE_OK && writer->options.durability != DURABILITY_NONE)
        result = ops->sync_directory(writer->files->self);
    return result;
}

static enum writer_result writer_next_segment(struct journal_writer *writer) {
    struct file_name name;
    int handle = FILE_HANDLE_NONE;

    if (writer->segment_no == SEGMENT_NO_MAX)
        return writer_stop(writer, JOURNAL_STOPPED_NO_SPACE, "numbering", "the next segment",
                           FILE_NO_SPACE);
    while (writer->spares.ready_count == 0) { /* bounded: each step fills a part, or ends it */
        enum file_result result = FILE_OK;
        enum spare_result filled =
            spare_stock_fill(&writer->spares, SPARE_STEP_FAST_BYTES, &result);
        if (filled == SPARE_NO_SPACE)
            return writer_stop(writer, JOURNAL_STOPPED_NO_SPACE, "making", "the next segment",
                               FILE_NO_SPACE);
        if (filled == SPARE_FAILED)
            return writer_stop(writer, JOURNAL_STOPPED_WRITE_FAILED, "filling", "the next segment",
                               result);
    }
    enum file_result result = spare_stock_take(&writer->spares, &name, &handle);
    if (result == FILE_OK)
        result = writer_write_header(writer, name.text, handle);
    if (writer->handle != FILE_HANDLE_NONE)
        writer->files->ops->close(writer->files->self, writer->handle);
    writer->handle = handle;
    if (result != FILE_OK)
        return writer_stop(writer, JOURNAL_STOPPED_FILE_FAILED, "beginning the next segment with",
                           name.text, result);
    writer->segment_no++;
    writer->segment_bytes = writer->options.segment_bytes;
    writer->sector_bytes = writer->options.sector_bytes;
    writer->end_bytes = SEGMENT_HEADER_BYTES;
    return WRITER_IDLE;
}

static void writer_seal_head(void *record, size_t bytes) {
    struct record_head head;

    memcpy(&head, record, sizeof head);
    head.crc32c = record_crc(record, bytes);
    memcpy(record, &head, sizeof head);
}

static void writer_put_pad(struct journal_writer *writer, size_t used, size_t total) {
    struct record_head pad = {
        .group = (uint32_t)(writer->last_group + 1),
        .record_seq = writer->last_record_seq,
        .epoch = writer->epoch,
        .kind = RECORD_PAD,
        .units = (uint8_t)((total - used) / RECORD_UNIT_BYTES),
        .instrument = INSTRUMENT_NONE,
    };

    if (used == total)
        return;
    memset(writer->buffer + used, 0, total - used);
    memcpy(writer->buffer + used, &pad, sizeof pad);
    writer_seal_head(writer->buffer + used, total - used);
}

/* GROUP in front of the records and PAD behind them; writer->hash and last_time_ns move on. */
static bool writer_frame(struct journal_writer *writer, const struct journal_ring_taken *taken,
                         size_t total) {
    const unsigned char *records = writer->buffer + GROUP_HEAD_BYTES;
    struct group_record group = {
        .head = {.group = (uint32_t)(writer->last_group + 1),
                 .record_seq = writer->last_record_seq + 1,
                 .epoch = writer->epoch,
                 .kind = RECORD_GROUP,
                 .units = GROUP_HEAD_BYTES / RECORD_UNIT_BYTES,
                 .instrument = INSTRUMENT_NONE},
        .group = writer->last_group + 1,
        .first_record_seq = writer->last_record_seq + 1,
        .record_count = taken->record_count,
        .record_bytes = (uint32_t)taken->bytes,
        .segment_no = (uint32_t)writer->segment_no,
        .durability = writer->options.durability,
        .offset_bytes = writer->end_bytes,
    };

    for (size_t used = 0; used < taken->bytes;) {
        struct record_head head;
        memcpy(&head, records + used, sizeof head);
        writer->last_time_ns = head.time_ns;
        used += head.units * (size_t)RECORD_UNIT_BYTES;
    }
    group.head.time_ns = writer->last_time_ns;
    if (!group_hash(&writer->hash, records, taken->bytes, &group.hash))
        return false;
    writer->hash = group.hash;
    memcpy(writer->buffer, &group, sizeof group);
    writer_seal_head(writer->buffer, sizeof group);
    writer->last_record_seq = taken->last_record_seq;
    writer_put_pad(writer, GROUP_HEAD_BYTES + taken->bytes, total);
    return true;
}

/* Writes the group whose records stand in the buffer, syncs, and lets readers see it. */
static enum writer_result writer_commit(struct journal_writer *writer,
                                        const struct journal_ring_taken *taken) {
    size_t total = (size_t)group_bytes((uint32_t)taken->bytes, writer->sector_bytes);

    if (writer->handle == FILE_HANDLE_NONE || total > writer->segment_bytes - writer->end_bytes) {
        if (writer_next_segment(writer) == WRITER_STOPPED)
            return WRITER_STOPPED;
        total = (size_t)group_bytes((uint32_t)taken->bytes, writer->sector_bytes);
    }
    struct file_name name = writer_segment_name(writer);
    if (!writer_frame(writer, taken, total))
        return writer_stop(writer, JOURNAL_STOPPED_BROKEN, "hashing a group for", name.text,
                           FILE_LIMIT);
    struct file_at at = {.handle = writer->handle, .offset_bytes = writer->end_bytes};
    enum file_result result =
        writer->files->ops->write(writer->files->self, at, writer->buffer, total);
    if (result != FILE_OK)
        return writer_stop(writer, JOURNAL_STOPPED_WRITE_FAILED, "writing", name.text, result);
    result = writer_sync(writer, writer->handle);
    if (result != FILE_OK)
        return writer_stop(writer, JOURNAL_STOPPED_SYNC_FAILED, "syncing", name.text, result);
    writer->end_bytes += total;
    writer->last_group++;
    writer->last_group_empty = taken->record_count == 0;
    writer->idle_since_ns = 0;
    journal_ring_release(writer->ring, taken, total);
    return WRITER_WROTE;
}

static enum writer_result writer_take(struct journal_writer *writer,
                                      struct journal_ring_taken *taken) {
    struct journal_stamp stamp = {.group = (uint32_t)(writer->last_group + 1),
                                  .epoch = writer->epoch};
    size_t max_bytes = writer->options.group_bytes_max - GROUP_HEAD_BYTES;

    if (journal_ring_stamp(writer->ring, stamp, writer->buffer + GROUP_HEAD_BYTES, max_bytes,
                           taken))
        return WRITER_IDLE;
    return writer_stop(writer, JOURNAL_STOPPED_BROKEN, "taking records for", "the next group",
                       FILE_IO);
}

enum writer_result journal_writer_poll(struct journal_writer *writer, uint64_t now_ns) {
    struct journal_ring_taken taken;

    if (writer->stopped || writer_take(writer, &taken) == WRITER_STOPPED)
        return WRITER_STOPPED;
    if (taken.record_count > 0) {
        enum writer_result result = writer_commit(writer, &taken);
        uint32_t step_bytes =
            2 * (uint32_t)taken.bytes; /* twice as fast as the segment is used up */
        if (step_bytes < JOURNAL_FILL_STEP_BYTES)
            step_bytes = JOURNAL_FILL_STEP_BYTES;
        if (result == WRITER_WROTE && writer_may_fill(writer, now_ns) && writer_must_fill(writer) &&
            writer_fill_spare(writer, step_bytes, now_ns) == WRITER_STOPPED)
            return WRITER_STOPPED;
        return result;
    }
    if (writer->idle_since_ns == 0)
        writer->idle_since_ns = now_ns;
    bool idle_long = writer->options.idle_group_ns > 0 &&
                     now_ns - writer->idle_since_ns >= writer->options.idle_group_ns;
    if (!writer->last_group_empty && idle_long)
        return writer_commit(writer, &taken);
    if (writer_may_fill(writer, now_ns))
        return writer_fill_spare(writer, JOURNAL_FILL_STEP_BYTES, now_ns);
    return WRITER_IDLE;
}

enum writer_result journal_writer_finish(struct journal_writer *writer) {
    struct journal_ring_taken taken = {0};

    do { /* bounded by the ring: the engine has stopped appending */
        if (writer->stopped || writer_take(writer, &taken) == WRITER_STOPPED)
            return WRITER_STOPPED;
        if (taken.record_count == 0 && writer->last_group_empty)
            break;
        if (writer_commit(writer, &taken) == WRITER_STOPPED)
            return WRITER_STOPPED;
    } while (taken.record_count > 0);
    writer->stopped = true;
    journal_ring_stop(writer->ring, JOURNAL_STOPPED_CLEAN);
    return WRITER_IDLE;
}

static bool writer_open_files(struct journal_writer *writer, const struct recovered *recovered) {
    enum file_result result = spare_stock_open(&writer->spares);

    if (result != FILE_OK) {
        (void)writer_stop(writer, JOURNAL_STOPPED_FILE_FAILED, "looking through", "the directory",
                          result);
        return false;
    }
    if (recovered->segment_no == 0)
        return writer_next_segment(writer) != WRITER_STOPPED;
    struct file_name name = writer_segment_name(writer);
    result = writer->files->ops->open(writer->files->self, name.text, FILE_WRITE, &writer->handle);
    if (result != FILE_OK)
        (void)writer_stop(writer, JOURNAL_STOPPED_FILE_FAILED, "opening", name.text, result);
    return result == FILE_OK;
}

struct journal_writer *journal_writer_open(const struct journal_options *options,
                                           struct file_port *files, struct journal_ring *ring,
                                           const struct recovered *recovered) {
    struct journal_writer *writer = calloc(1, sizeof *writer);

    check(journal_options_flaw(options) == NULL);
    check(journal_ring_epoch(ring) > recovered->epoch);
    check(journal_ring_written_seq(ring) >= recovered->last_record_seq);
    if (writer == NULL)
        return NULL;
    *writer = (struct journal_writer){
        .options = *options,
        .files = files,
        .ring = ring,
        .spares = {.files = files,
                   .segment_bytes = options->segment_bytes,
                   .wanted = options->spares,
                   .sync = options->durability != DURABILITY_NONE,
                   .filling = FILE_HANDLE_NONE},
        .handle = FILE_HANDLE_NONE,
        .segment_no = recovered->segment_no,
        .segment_bytes = recovered->segment_bytes,
        .end_bytes = recovered->end_bytes,
        .sector_bytes = recovered->sector_bytes,
        .epoch = journal_ring_epoch(ring),
        .last_group = recovered->last_group,
        .last_record_seq = recovered->last_record_seq,
        .last_time_ns = recovered->last_time_ns,
        .hash = recovered->hash,
        .buffer = aligned_alloc(BUFFER_ALIGN_BYTES, GROUP_BYTES_MAX),
    };
    if (writer->buffer != NULL && writer_open_files(writer, recovered))
        return writer;
    journal_writer_close(writer);
    return NULL;
}

const char *journal_writer_reason(const struct journal_writer *writer) {
    return writer->reason;
}

enum durability journal_writer_durability(const struct journal_writer *writer) {
    return writer->options.durability;
}

void journal_writer_close(struct journal_writer *writer) {
    if (writer == NULL)
        return;
    spare_stock_close(&writer->spares);
    if (writer->handle != FILE_HANDLE_NONE)
        writer->files->ops->close(writer->files->self, writer->handle);
    free(writer->buffer);
    free(writer);
}
