#include "journal/segment_scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static enum scan_result scan_say(struct segment_scan *scan,
                                                                       enum scan_result result,
                                                                       const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(scan->place, sizeof scan->place, format, arguments);
    va_end(arguments);
    return result;
}

static enum scan_result scan_file_failed(struct segment_scan *scan, const char *verb,
                                         enum file_result result) {
    return scan_say(scan, SCAN_FILE_FAILED, "%s segment-%06" PRIu64 ".journal: %s", verb,
                    scan->segment_no, file_result_text(result));
}

enum scan_result segment_scan_list(struct file_port *files, struct segment_range *range) {
    struct file_name *names = calloc(SEGMENT_FILES_MAX, sizeof *names);
    size_t count = 0;

    *range = (struct segment_range){0};
    if (names == NULL)
        return SCAN_NO_MEMORY;
    enum file_result listed = files->ops->list(files->self, names, SEGMENT_FILES_MAX, &count);
    for (size_t i = 0; listed == FILE_OK && i < count && i < SEGMENT_FILES_MAX; i++) {
        uint64_t number = 0;
        switch (segment_name_parse(names[i].text, &number)) {
        case SEGMENT_FILE_SEGMENT:
            range->count++;
            if (range->first_no == 0 || number < range->first_no)
                range->first_no = number;
            if (number > range->last_no)
                range->last_no = number;
            break;
        case SEGMENT_FILE_SPARE: range->spare_count++; break;
        case SEGMENT_FILE_FILLING: range->filling_count++; break;
        case SEGMENT_FILE_OTHER: break;
        }
    }
    free(names);
    if (listed != FILE_OK)
        return SCAN_FILE_FAILED;
    return count > SEGMENT_FILES_MAX ? SCAN_TOO_MANY_FILES : SCAN_OK;
}

bool segment_scan_open(struct segment_scan *scan, struct file_port *files, uint64_t cluster_id) {
    *scan = (struct segment_scan){
        .files = files,
        .cluster_id = cluster_id,
        .check_hash = true,
        .handle = FILE_HANDLE_NONE,
        .window = malloc(GROUP_BYTES_MAX),
    };
    return scan->window != NULL;
}

static void scan_leave_file(struct segment_scan *scan) {
    if (scan->handle != FILE_HANDLE_NONE)
        scan->files->ops->close(scan->files->self, scan->handle);
    scan->handle = FILE_HANDLE_NONE;
    scan->window_bytes = 0;
}

void segment_scan_close(struct segment_scan *scan) {
    scan_leave_file(scan);
    free(scan->window);
    scan->window = NULL;
}

/* Fills the window from the file, from `offset_bytes` on. */
static enum scan_result scan_fill(struct segment_scan *scan, uint64_t offset_bytes) {
    uint64_t left = scan->header.segment_bytes - offset_bytes;
    size_t wanted = left < GROUP_BYTES_MAX ? (size_t)left : GROUP_BYTES_MAX;
    struct file_at at = {.handle = scan->handle, .offset_bytes = offset_bytes};
    size_t got = 0;

    scan->window_bytes = 0;
    enum file_result result =
        scan->files->ops->read(scan->files->self, at, scan->window, wanted, &got);
    if (result != FILE_OK)
        return scan_file_failed(scan, "reading", result);
    if (got != wanted)
        return scan_say(scan, SCAN_CORRUPT,
                        "segment-%06" PRIu64
                        ".journal became shorter while it was read; restore it from the "
                        "standby or a backup",
                        scan->segment_no);
    scan->window_offset_bytes = offset_bytes;
    scan->window_bytes = got;
    return SCAN_OK;
}

static enum scan_result scan_read_header(struct segment_scan *scan, struct segment_header *header) {
    struct file_at at = {.handle = scan->handle, .offset_bytes = 0};
    uint64_t size_bytes = 0;
    size_t got = 0;
    const uint64_t no = scan->segment_no;

    enum file_result result =
        scan->files->ops->read(scan->files->self, at, header, sizeof *header, &got);
    if (result == FILE_OK)
        result = scan->files->ops->size(scan->files->self, scan->handle, &size_bytes);
    if (result != FILE_OK)
        return scan_file_failed(scan, "reading", result);
    if (got != sizeof *header)
        return scan_say(scan, SCAN_CORRUPT,
                        "segment-%06" PRIu64
                        ".journal, byte 0: %zu bytes of a header; restore the file from the "
                        "standby or a backup",
                        no, got);
    switch (segment_header_check(header)) {
    case SEGMENT_HEADER_OK: break;
    case SEGMENT_HEADER_DAMAGED:
        return scan_say(scan, SCAN_CORRUPT,
                        "segment-%06" PRIu64
                        ".journal, byte 0: the header is damaged; restore the file from the "
                        "standby or a backup",
                        no);
    case SEGMENT_HEADER_VERSION:
        return scan_say(
            scan, SCAN_WRONG_VERSION,
            "segment-%06" PRIu64 ".journal, byte 8: written in version %" PRIu32
            " of the layout, this program knows %u; start the program that wrote it (%.40s)",
            no, header->version, SEGMENT_VERSION, header->build);
    case SEGMENT_HEADER_SIZES:
        return scan_say(scan, SCAN_CORRUPT,
                        "segment-%06" PRIu64
                        ".journal, byte 32: impossible sizes in a sound header; restore the "
                        "file from the standby or a backup",
                        no);
    }
    if (size_bytes != header->segment_bytes)
        return scan_say(scan, SCAN_CORRUPT,
                        "segment-%06" PRIu64 ".journal is %" PRIu64
                        " bytes long, its header says %" PRIu64
                        "; restore the file from the standby or a backup",
                        no, size_bytes, header->segment_bytes);
    return SCAN_OK;
}

/* Opens a segment and takes over its header; the caller checks that it goes on from where we were. */
static enum scan_result scan_open_segment(struct segment_scan *scan, uint64_t segment_no) {
    struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, segment_no);
    struct segment_header header;

    scan_leave_file(scan);
    scan->segment_no = segment_no;
    enum file_result result =
        scan->files->ops->open(scan->files->self, name.text, FILE_READ, &scan->handle);
    if (result == FILE_NOT_FOUND)
        return scan_say(scan, SCAN_MISSING,
                        "%s is not there; restore it from the standby or a backup", name.text);
    if (result != FILE_OK)
        return scan_file_failed(scan, "opening", result);
    enum scan_result read = scan_read_header(scan, &header);
    if (read != SCAN_OK)
        return read;
    if (scan->cluster_id == 0)
        scan->cluster_id = header.cluster_id;
    if (header.cluster_id != scan->cluster_id)
        return scan_say(scan, SCAN_WRONG_CLUSTER,
                        "%s, byte 16: belongs to cluster %" PRIu64 ", not to %" PRIu64
                        "; point the exchange at its own journal directory",
                        name.text, header.cluster_id, scan->cluster_id);
    if (header.segment_no != segment_no)
        return scan_say(scan, SCAN_WRONG_ORDER,
                        "%s, byte 24: is segment %" PRIu64 " by its header; undo the renaming",
                        name.text, header.segment_no);
    scan->header = header;
    scan->offset_bytes = SEGMENT_HEADER_BYTES;
    if (header.epoch > scan->epoch)
        scan->epoch = header.epoch;
    return SCAN_OK;
}

enum scan_result segment_scan_begin(struct segment_scan *scan, uint64_t segment_no) {
    scan->epoch = 0;
    enum scan_result opened = scan_open_segment(scan, segment_no);

    if (opened != SCAN_OK)
        return opened;
    scan->last_group = scan->header.first_group - 1;
    scan->last_record_seq = scan->header.first_record_seq - 1;
    scan->hash = scan->header.previous_hash;
    return SCAN_OK;
}

static bool scan_is_zero(const unsigned char *bytes, size_t count) {
    /* Each byte equals the one before, and the first is zero. */
    return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

/* Are there only zeros from the end of the last group to the end of the segment? *end_bytes: behind the last
 * byte that is not zero. */
static enum scan_result scan_find_zeros(struct segment_scan *scan, bool *zeros,
                                        uint64_t *end_bytes) {
    *zeros = true;
    *end_bytes = scan->offset_bytes;
    for (uint64_t offset = scan->offset_bytes; offset < scan->header.segment_bytes;
         offset += scan->window_bytes) {
        enum scan_result filled = scan_fill(scan, offset);
        if (filled != SCAN_OK)
            return filled;
        if (scan_is_zero(scan->window, scan->window_bytes))
            continue;
        size_t last = scan->window_bytes;
        while (scan->window[last - 1] == 0)
            last--;
        *zeros = false;
        *end_bytes = offset + last;
    }
    return SCAN_OK;
}

/* The end of this segment: is there a next one, and does it go on from here? OK: we stand at its first group. */
static enum scan_result scan_next_segment(struct segment_scan *scan) {
    const uint64_t no = scan->segment_no;

    if (no == SEGMENT_NO_MAX)
        return SCAN_END;
    struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, no + 1);
    int handle = FILE_HANDLE_NONE;
    enum file_result result =
        scan->files->ops->open(scan->files->self, name.text, FILE_READ, &handle);
    if (result == FILE_NOT_FOUND)
        return SCAN_END;
    if (result != FILE_OK)
        return scan_file_failed(scan, "opening what follows", result);
    scan->files->ops->close(scan->files->self, handle);

    enum scan_result opened = scan_open_segment(scan, no + 1);
    if (opened != SCAN_OK)
        return opened;
    if (scan->header.first_group > scan->last_group + 1)
        return scan_say(
            scan, SCAN_CORRUPT,
            "segment-%06" PRIu64 ".journal ends behind group %" PRIu64
            ", but %s goes on with group %" PRIu64
            ": synced groups are gone; restore the first file from the standby or a backup",
            no, scan->last_group, name.text, scan->header.first_group);
    if (scan->header.first_group != scan->last_group + 1 ||
        scan->header.first_record_seq != scan->last_record_seq + 1 ||
        scan->header.epoch < scan->epoch ||
        (scan->check_hash &&
         memcmp(&scan->header.previous_hash, &scan->hash, sizeof scan->hash) != 0))
        return scan_say(scan, SCAN_WRONG_ORDER,
                        "%s does not go on from segment-%06" PRIu64
                        ".journal (group, record, epoch or hash); restore "
                        "both from the standby or a backup",
                        name.text, no);
    return SCAN_OK;
}

static enum scan_result scan_broken(struct segment_scan *scan, uint64_t offset_bytes,
                                    const char *what) {
    return scan_say(scan, SCAN_BROKEN,
                    "segment-%06" PRIu64 ".journal, byte %" PRIu64 " (group %" PRIu64 "): %s",
                    scan->segment_no, offset_bytes, scan->last_group + 1, what);
}

/* Is what stands at the window's start the GROUP that must follow? */
static bool scan_group_fits(const struct segment_scan *scan, const unsigned char *at,
                            struct group_record *group) {
    if (record_whole(at, GROUP_HEAD_BYTES) != GROUP_HEAD_BYTES)
        return false;
    memcpy(group, at, sizeof *group);
    return group->head.kind == RECORD_GROUP && group->group == scan->last_group + 1 &&
           group->head.group == (uint32_t)group->group && group->head.epoch >= scan->epoch &&
           group->first_record_seq == scan->last_record_seq + 1 &&
           group->head.record_seq == group->first_record_seq &&
           group->segment_no == (uint32_t)scan->segment_no &&
           group->offset_bytes == scan->offset_bytes &&
           group->record_bytes % RECORD_UNIT_BYTES == 0 &&
           group->record_bytes <= GROUP_BYTES_MAX - GROUP_HEAD_BYTES &&
           group_bytes(group->record_bytes, scan->header.sector_bytes) <=
               scan->header.segment_bytes - scan->offset_bytes &&
           group_bytes(group->record_bytes, scan->header.sector_bytes) <= GROUP_BYTES_MAX;
}

/* Checks the records and the PAD of a group that lies wholly in the window. */
static enum scan_result scan_check_records(struct segment_scan *scan,
                                           const struct group_record *group, uint64_t *time_ns) {
    const unsigned char *start = scan->window + (scan->offset_bytes - scan->window_offset_bytes);
    const size_t end = GROUP_HEAD_BYTES + (size_t)group->record_bytes;
    const size_t total = (size_t)group_bytes(group->record_bytes, scan->header.sector_bytes);
    uint64_t seq = scan->last_record_seq;
    size_t used = GROUP_HEAD_BYTES;

    *time_ns = scan->last_time_ns;
    while (used < total) {
        struct record_head head;
        size_t length = record_whole(start + used, (used < end ? end : total) - used);
        if (length == 0)
            return scan_broken(scan, scan->offset_bytes + used, "a record is not whole");
        memcpy(&head, start + used, sizeof head);
        bool pad = used >= end;
        if (head.group != group->head.group || head.epoch != group->head.epoch ||
            pad != (head.kind == RECORD_PAD) || head.kind == RECORD_GROUP ||
            (pad && used + length != total))
            return scan_broken(scan, scan->offset_bytes + used, "a record of another place");
        if (!pad && head.record_seq != ++seq)
            return scan_broken(scan, scan->offset_bytes + used, "a record out of order");
        if (!pad)
            *time_ns = head.time_ns;
        used += length;
    }
    if (seq - scan->last_record_seq != group->record_count)
        return scan_broken(scan, scan->offset_bytes, "the count of records is wrong");
    return SCAN_OK;
}

/* Tries the group at offset_bytes with what the window holds of it. */
static enum scan_result scan_try_group(struct segment_scan *scan, uint64_t wanted_seq) {
    size_t ahead = (size_t)(scan->offset_bytes - scan->window_offset_bytes);
    const unsigned char *start = scan->window + ahead;
    struct group_record group;
    struct journal_hash hash = scan->hash;
    uint64_t time_ns = 0;

    if (scan->window_bytes - ahead < GROUP_HEAD_BYTES || !scan_group_fits(scan, start, &group))
        return scan_broken(scan, scan->offset_bytes, "no whole group begins here");
    uint64_t total = group_bytes(group.record_bytes, scan->header.sector_bytes);
    bool passed = group.first_record_seq + group.record_count <= wanted_seq;
    if (!passed) {
        if (scan->window_bytes - ahead < total)
            return scan_broken(scan, scan->offset_bytes, "the window is too short");
        enum scan_result checked = scan_check_records(scan, &group, &time_ns);
        if (checked != SCAN_OK)
            return checked;
        scan->last_time_ns = time_ns;
    }
    if (!passed && scan->check_hash) {
        if (!group_hash(&scan->hash, start + GROUP_HEAD_BYTES, group.record_bytes, &hash))
            return scan_say(scan, SCAN_NO_MEMORY, "no memory to verify a hash");
        if (memcmp(&hash, &group.hash, sizeof hash) != 0)
            return scan_say(scan, SCAN_CORRUPT,
                            "segment-%06" PRIu64 ".journal, byte %" PRIu64 ": group %" PRIu64
                            " is whole but not what was written (its hash differs): somebody "
                            "altered it; restore "
                            "the file from the standby or a backup",
                            scan->segment_no, scan->offset_bytes, group.group);
    }
    scan->hash = group.hash;
    scan->group = group;
    scan->records = start + GROUP_HEAD_BYTES;
    scan->last_group = group.group;
    scan->last_record_seq += group.record_count;
    scan->epoch = group.head.epoch;
    scan->offset_bytes += total;
    return passed ? SCAN_OK : SCAN_GROUP;
}

/* The group at offset_bytes: first from the window, and if that is not whole, once more from the file: the window
 * may end inside the group, or have been read while the group was being written. */
static enum scan_result scan_group(struct segment_scan *scan, uint64_t wanted_seq) {
    enum scan_result tried = SCAN_BROKEN;

    if (scan->offset_bytes >= scan->window_offset_bytes &&
        scan->offset_bytes < scan->window_offset_bytes + scan->window_bytes)
        tried = scan_try_group(scan, wanted_seq);
    if (tried != SCAN_BROKEN)
        return tried;
    enum scan_result filled = scan_fill(scan, scan->offset_bytes);
    return filled == SCAN_OK ? scan_try_group(scan, wanted_seq) : filled;
}

enum scan_result segment_scan_next(struct segment_scan *scan, uint64_t wanted_seq) {
    for (
        ;
        ;) { /* each turn passes over a group or goes on to the next segment: bounded by the files */
        enum scan_result result = SCAN_BROKEN;
        bool zeros = false;
        uint64_t end_bytes = 0;
        if (scan->offset_bytes < scan->header.segment_bytes)
            result = scan_group(scan, wanted_seq);
        if (result == SCAN_OK)
            continue;
        if (result != SCAN_BROKEN)
            return result;
        struct record_head head = {0};
        if (scan->offset_bytes < scan->header.segment_bytes)
            memcpy(&head, scan->window + (scan->offset_bytes - scan->window_offset_bytes),
                   sizeof head);
        if (head.kind != 0 || head.units != 0)
            return SCAN_BROKEN; /* no need to look for zeros */
        enum scan_result looked = scan_find_zeros(scan, &zeros, &end_bytes);
        if (looked != SCAN_OK)
            return looked;
        if (!zeros)
            return SCAN_BROKEN;
        enum scan_result next = scan_next_segment(scan);
        if (next != SCAN_OK)
            return next;
    }
}

/* Looks in the window, from `from` on, for a whole record of a later group than the broken one. */
static bool scan_find_later(struct segment_scan *scan, size_t from, uint64_t *offset_bytes,
                            uint32_t *group) {
    const uint32_t broken = (uint32_t)(scan->last_group + 1);

    for (size_t used = from; used + RECORD_UNIT_BYTES <= scan->window_bytes;
         used += RECORD_UNIT_BYTES) {
        struct record_head head;
        memcpy(&head, scan->window + used, sizeof head);
        if (head.units == 0 || record_whole(scan->window + used, scan->window_bytes - used) == 0)
            continue;
        if (head.epoch < scan->epoch)
            continue;
        if (head.epoch > scan->tail_epoch)
            scan->tail_epoch = head.epoch;
        if ((int32_t)(head.group - broken) > 0) {
            *offset_bytes = scan->window_offset_bytes + used;
            *group = head.group;
            return true;
        }
    }
    return false;
}

enum scan_result segment_scan_judge(struct segment_scan *scan) {
    char broken[SCAN_PLACE_BYTES / 2];
    const uint64_t no = scan->segment_no;
    const uint64_t overlap =
        SECTOR_BYTES_MAX; /* the longest record, a PAD, may begin in one window and end in the next */
    uint64_t evidence_bytes = 0;
    uint32_t group = 0;
    bool zeros = false;

    snprintf(broken, sizeof broken, "%.150s", scan->place);
    scan->tail_epoch = 0;
    enum scan_result looked = scan_find_zeros(scan, &zeros, &scan->tail_end_bytes);
    if (looked != SCAN_OK)
        return looked;
    for (uint64_t offset = scan->offset_bytes; offset < scan->tail_end_bytes;) {
        enum scan_result filled = scan_fill(scan, offset);
        if (filled != SCAN_OK)
            return filled;
        if (scan_find_later(scan, 0, &evidence_bytes, &group))
            return scan_say(scan, SCAN_CORRUPT,
                            "%s, although group %" PRIu32 " behind it (byte %" PRIu64
                            ") is there: a synced group is damaged; restore the file from the "
                            "standby or a backup",
                            broken, group, evidence_bytes);
        if (scan->window_bytes <= overlap || offset + scan->window_bytes >= scan->tail_end_bytes)
            break;
        offset += scan->window_bytes - overlap;
    }
    enum scan_result next = scan_next_segment(scan);
    if (next == SCAN_END)
        return scan_say(scan, SCAN_TORN, "%s, and nothing of a later group behind it: a torn tail",
                        broken);
    if (next == SCAN_FILE_FAILED)
        return next;
    return scan_say(scan, SCAN_CORRUPT,
                    "%s, although segment-%06" PRIu64
                    ".journal follows: a synced group is damaged; restore the file from the "
                    "standby or a backup",
                    broken, no + 1);
}
