#include "journal/recover.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/segment_scan.h"

enum recover_act { RECOVER_LOOK, RECOVER_REPAIR };

const char *recover_result_name(enum recover_result result) {
    switch (result) {
    case RECOVER_OK: return "OK";
    case RECOVER_CUT: return "CUT";
    case RECOVER_CORRUPT: return "CORRUPT";
    case RECOVER_MISSING_SEGMENT: return "MISSING_SEGMENT";
    case RECOVER_WRONG_CLUSTER: return "WRONG_CLUSTER";
    case RECOVER_WRONG_ORDER: return "WRONG_ORDER";
    case RECOVER_WRONG_VERSION: return "WRONG_VERSION";
    case RECOVER_TOO_MANY_FILES: return "TOO_MANY_FILES";
    case RECOVER_FILE_FAILED: return "FILE_FAILED";
    case RECOVER_NO_MEMORY: return "NO_MEMORY";
    }
    return "UNKNOWN";
}

__attribute__((format(printf, 3, 4))) static enum recover_result recover_say(
    struct recovered *recovered, enum recover_result result, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(recovered->place, sizeof recovered->place, format, arguments);
    va_end(arguments);
    return result;
}

static enum recover_result recover_from_scan(struct recovered *recovered, enum scan_result scanned,
                                             const char *place) {
    snprintf(recovered->place, sizeof recovered->place, "%s", place);
    switch (scanned) {
    case SCAN_OK:
    case SCAN_GROUP:
    case SCAN_END: return RECOVER_OK;
    case SCAN_TORN: return RECOVER_CUT;
    case SCAN_BROKEN:
    case SCAN_CORRUPT: return RECOVER_CORRUPT;
    case SCAN_MISSING: return RECOVER_MISSING_SEGMENT;
    case SCAN_WRONG_CLUSTER: return RECOVER_WRONG_CLUSTER;
    case SCAN_WRONG_ORDER: return RECOVER_WRONG_ORDER;
    case SCAN_WRONG_VERSION: return RECOVER_WRONG_VERSION;
    case SCAN_TOO_MANY_FILES: return RECOVER_TOO_MANY_FILES;
    case SCAN_FILE_FAILED: return RECOVER_FILE_FAILED;
    case SCAN_NO_MEMORY: return RECOVER_NO_MEMORY;
    }
    return RECOVER_CORRUPT;
}

/* What a process that died left in memory is not yet on the disk, and after a failed sync never will be: read
 * what the device holds, and make sure that it holds it. Only the last segment can have been written to. */
static enum recover_result recover_forget(struct file_port *files, uint64_t segment_no,
                                          struct recovered *recovered) {
    struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, segment_no);
    int handle = FILE_HANDLE_NONE;
    enum file_result result = files->ops->open(files->self, name.text, FILE_WRITE, &handle);

    if (result == FILE_OK) {
        result = files->ops->forget(files->self, handle);
        files->ops->close(files->self, handle);
    }
    if (result == FILE_OK)
        result = files->ops->sync_directory(files->self);
    if (result == FILE_OK)
        return RECOVER_OK;
    return recover_say(recovered, RECOVER_FILE_FAILED, "syncing %s before it is read: %s",
                       name.text, file_result_text(result));
}

static enum recover_result recover_remove_filling(struct file_port *files,
                                                  struct recovered *recovered) {
    struct file_name *names = calloc(SEGMENT_FILES_MAX, sizeof *names);
    size_t count = 0;

    if (names == NULL)
        return recover_say(recovered, RECOVER_NO_MEMORY, "no memory to list the directory");
    enum file_result result = files->ops->list(files->self, names, SEGMENT_FILES_MAX, &count);
    for (size_t i = 0; result == FILE_OK && i < count && i < SEGMENT_FILES_MAX; i++) {
        uint64_t number = 0;
        if (segment_name_parse(names[i].text, &number) == SEGMENT_FILE_FILLING)
            result = files->ops->remove(files->self, names[i].text);
    }
    free(names);
    if (result == FILE_OK)
        return RECOVER_OK;
    return recover_say(recovered, RECOVER_FILE_FAILED, "removing a half filled spare: %s",
                       file_result_text(result));
}

static enum recover_result recover_check_range(struct file_port *files, struct segment_range *range,
                                               struct recovered *recovered) {
    enum scan_result listed = segment_scan_list(files, range);

    if (listed == SCAN_TOO_MANY_FILES)
        return recover_say(
            recovered, RECOVER_TOO_MANY_FILES,
            "more than %u files in the journal's directory; archive the oldest segments",
            SEGMENT_FILES_MAX);
    if (listed != SCAN_OK)
        return recover_from_scan(recovered, listed, "the journal's directory cannot be listed");
    if (range->count == 0)
        return RECOVER_OK;
    for (uint64_t no = 1; no <= range->last_no; no++) {
        struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, no);
        int handle = FILE_HANDLE_NONE;
        if (range->first_no == 1 && range->count == range->last_no)
            break; /* as many as the last number says: none is missing */
        enum file_result opened = files->ops->open(files->self, name.text, FILE_READ, &handle);
        if (opened == FILE_OK)
            files->ops->close(files->self, handle);
        else
            return recover_say(
                recovered, RECOVER_MISSING_SEGMENT,
                "%s: %s, and later segments are there; restore it from the standby or a backup",
                name.text, file_result_text(opened));
    }
    return RECOVER_OK;
}

static void recover_take(struct recovered *recovered, const struct segment_scan *scan) {
    recovered->cluster_id = scan->cluster_id;
    recovered->last_record_seq = scan->last_record_seq;
    recovered->last_group = scan->last_group;
    recovered->epoch = scan->tail_epoch > scan->epoch ? scan->tail_epoch : scan->epoch;
    recovered->sector_bytes = scan->header.sector_bytes;
    recovered->segment_no = scan->segment_no;
    recovered->segment_bytes = scan->header.segment_bytes;
    recovered->end_bytes = scan->offset_bytes;
    recovered->last_time_ns = scan->last_time_ns;
    recovered->hash = scan->hash;
}

/* Zeroes what the torn tail left, and syncs: it must never be read again. */
static enum recover_result recover_cut(struct file_port *files, struct recovered *recovered) {
    struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, recovered->segment_no);
    struct file_at at = {.handle = FILE_HANDLE_NONE, .offset_bytes = recovered->end_bytes};
    uint64_t sector = recovered->sector_bytes;
    uint64_t count = (recovered->cut_bytes + sector - 1) / sector * sector;
    enum file_result result = files->ops->open(files->self, name.text, FILE_WRITE, &at.handle);

    if (result == FILE_OK) {
        result = files->ops->zero_fill(files->self, at, count);
        if (result == FILE_OK)
            result = files->ops->sync(files->self, at.handle);
        files->ops->close(files->self, at.handle);
    }
    if (result == FILE_OK)
        return RECOVER_CUT;
    return recover_say(recovered, RECOVER_FILE_FAILED,
                       "%s, byte %" PRIu64 ": zeroing the torn tail: %s", name.text,
                       recovered->end_bytes, file_result_text(result));
}

static enum recover_result recover_scan(struct segment_scan *scan, struct recovered *recovered) {
    enum scan_result scanned = segment_scan_begin(scan, 1);

    if (scanned == SCAN_OK && (scan->last_group != 0 || scan->last_record_seq != 0))
        return recover_say(recovered, RECOVER_WRONG_ORDER,
                           "segment-000001.journal, byte 40: does not begin with record 1; restore "
                           "it from a backup");
    if (scanned == SCAN_OK) {
        do
            scanned = segment_scan_next(scan, 0);
        while (scanned == SCAN_GROUP);
    }
    if (scanned == SCAN_BROKEN)
        scanned = segment_scan_judge(scan);
    recover_take(recovered, scan);
    if (scanned == SCAN_TORN)
        recovered->cut_bytes = scan->tail_end_bytes - scan->offset_bytes;
    return recover_from_scan(recovered, scanned, scanned == SCAN_END ? "" : scan->place);
}

static enum recover_result recover_run(struct file_port *files, uint64_t cluster_id,
                                       enum recover_act act, struct recovered *recovered) {
    struct segment_range range;
    struct segment_scan scan;

    *recovered = (struct recovered){.cluster_id = cluster_id};
    enum recover_result result = recover_check_range(files, &range, recovered);
    if (result == RECOVER_OK && act == RECOVER_REPAIR && range.filling_count > 0)
        result = recover_remove_filling(files, recovered);
    if (result != RECOVER_OK || range.count == 0)
        return result;
    if (act == RECOVER_REPAIR)
        result = recover_forget(files, range.last_no, recovered);
    if (result != RECOVER_OK)
        return result;
    if (!segment_scan_open(&scan, files, cluster_id))
        return recover_say(recovered, RECOVER_NO_MEMORY, "no memory to read a group");
    result = recover_scan(&scan, recovered);
    segment_scan_close(&scan);
    if (result == RECOVER_CUT && act == RECOVER_REPAIR)
        result = recover_cut(files, recovered);
    return result;
}

enum recover_result journal_recover(struct file_port *files, uint64_t cluster_id,
                                    struct recovered *recovered) {
    return recover_run(files, cluster_id, RECOVER_REPAIR, recovered);
}

enum recover_result journal_verify(struct file_port *files, uint64_t cluster_id,
                                   struct recovered *recovered) {
    return recover_run(files, cluster_id, RECOVER_LOOK, recovered);
}
