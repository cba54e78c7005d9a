#include "journal/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/segment_scan.h"

struct journal_reader {
    const struct journal_ring *ring; /* NULL: segments only */
    uint64_t last_seq;               /* returned last */
    struct segment_scan scan;
    bool scanning; /* the scan stands in a segment */
    bool group_loaded;
    size_t group_used; /* bytes of the loaded group's records that are behind us */
    uint64_t group_next_seq;
    char place[SCAN_PLACE_BYTES];
};

struct journal_reader *journal_reader_open(const struct journal_ring *ring, struct file_port *files,
                                           uint64_t after_record_seq) {
    struct journal_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL)
        return NULL;
    uint64_t cluster_id = ring != NULL ? journal_ring_cluster_id(ring) : 0;
    reader->ring = ring;
    reader->last_seq = after_record_seq;
    if (segment_scan_open(&reader->scan, files, cluster_id)) {
        reader->scan.check_hash =
            false; /* recovery and verification prove the hash; a reader needs whole groups */
        return reader;
    }
    free(reader);
    return NULL;
}

static enum read_result reader_trouble(struct journal_reader *reader, enum scan_result scanned) {
    snprintf(reader->place, sizeof reader->place, "%s", reader->scan.place);
    reader->scanning = false;
    reader->group_loaded = false;
    return scanned == SCAN_MISSING ? READ_MISSING : READ_CORRUPT;
}

/* Goes to the segment that holds record `wanted_seq`: the last one that does not begin behind it. */
static enum scan_result reader_find_segment(struct journal_reader *reader, uint64_t wanted_seq) {
    struct segment_range range;
    enum scan_result result = segment_scan_list(reader->scan.files, &range);

    if (result != SCAN_OK) {
        snprintf(reader->scan.place, sizeof reader->scan.place,
                 "the journal's directory cannot be listed");
        return result;
    }
    for (uint64_t no = range.last_no; no >= 1 && no >= range.first_no; no--) {
        result = segment_scan_begin(&reader->scan, no);
        if (result != SCAN_OK || reader->scan.header.first_record_seq <= wanted_seq)
            return result;
    }
    if (range.count == 0 && reader->ring == NULL)
        return SCAN_END; /* an empty journal */
    snprintf(reader->scan.place, sizeof reader->scan.place,
             "no segment holds record %" PRIu64 " (archived?)", wanted_seq);
    return SCAN_MISSING;
}

/* Loads the group that holds record `wanted_seq`. GROUP: loaded; END: the files end before it. */
static enum scan_result reader_load(struct journal_reader *reader, uint64_t wanted_seq) {
    enum scan_result result = SCAN_OK;

    if (reader->scanning && reader->scan.last_record_seq + 1 != wanted_seq)
        reader->scanning = false; /* the ring carried us on meanwhile: look anew where to start */
    if (!reader->scanning)
        result = reader_find_segment(reader, wanted_seq);
    if (result != SCAN_OK)
        return result;
    reader->scanning = true;
    do
        result = segment_scan_next(&reader->scan, wanted_seq);
    while (result == SCAN_GROUP && reader->scan.last_record_seq < wanted_seq); /* an empty group */
    if (result != SCAN_GROUP)
        return result;
    reader->group_loaded = true;
    reader->group_used = 0;
    reader->group_next_seq = reader->scan.group.first_record_seq;
    return SCAN_GROUP;
}

/* Takes record `wanted_seq` from the loaded group; false when the group ends before it. */
static bool reader_take(struct journal_reader *reader, uint64_t wanted_seq, union record *record) {
    while (reader->group_loaded && reader->group_used < reader->scan.group.record_bytes) {
        const unsigned char *from = reader->scan.records + reader->group_used;
        struct record_head head;
        memcpy(&head, from, sizeof head);
        size_t length = head.units * (size_t)RECORD_UNIT_BYTES;
        bool wanted = head.record_seq == wanted_seq;
        if (wanted)
            memcpy(record->bytes, from, length);
        reader->group_used += length;
        if (wanted) {
            reader->last_seq = wanted_seq;
            return true;
        }
    }
    reader->group_loaded = false;
    return false;
}

static enum read_result reader_next_from_files(struct journal_reader *reader, uint64_t wanted_seq,
                                               union record *record) {
    enum scan_result result = reader_load(reader, wanted_seq);

    if (result == SCAN_GROUP) {
        if (reader_take(reader, wanted_seq, record))
            return READ_RECORD;
        snprintf(reader->scan.place, sizeof reader->scan.place,
                 "record %" PRIu64 " is in no group (archived?)", wanted_seq);
        return reader_trouble(reader, SCAN_MISSING);
    }
    if (reader->ring != NULL && result == SCAN_END) {
        /* The ring says that it is durable, so it must be there. */
        snprintf(reader->scan.place, sizeof reader->scan.place,
                 "record %" PRIu64 " is durable, but the segments end before it", wanted_seq);
        return reader_trouble(reader, SCAN_MISSING);
    }
    if (result == SCAN_BROKEN && reader->ring == NULL)
        result = segment_scan_judge(&reader->scan);
    if (result == SCAN_END || result == SCAN_TORN) {
        reader->scanning =
            false; /* what comes later may have been written behind our back: look again */
        return READ_NOTHING;
    }
    return reader_trouble(reader, result);
}

enum read_result journal_reader_next(struct journal_reader *reader, union record *record) {
    const uint64_t wanted_seq = reader->last_seq + 1;

    if (reader_take(reader, wanted_seq, record))
        return READ_RECORD;
    if (reader->ring == NULL)
        return reader_next_from_files(reader, wanted_seq, record);
    switch (journal_ring_read(reader->ring, wanted_seq, record)) {
    case JOURNAL_RING_RECORD: reader->last_seq = wanted_seq; return READ_RECORD;
    case JOURNAL_RING_LATER: return READ_NOTHING;
    case JOURNAL_RING_GONE: break;
    }
    return reader_next_from_files(reader, wanted_seq, record);
}

uint64_t journal_reader_seq(const struct journal_reader *reader) {
    return reader->last_seq;
}

const char *journal_reader_place(const struct journal_reader *reader) {
    return reader->place;
}

void journal_reader_close(struct journal_reader *reader) {
    if (reader == NULL)
        return;
    segment_scan_close(&reader->scan);
    free(reader);
}
