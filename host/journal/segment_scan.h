/* Walks the segment files group by group and applies the rule of journal/segment.h: the one place that decides
 * what is whole. Recovery, verification and readers are loops around it.
 *
 * A scan belongs to one thread; it holds one open file and a buffer of GROUP_BYTES_MAX. */
#ifndef JOURNAL_SEGMENT_SCAN_H
#define JOURNAL_SEGMENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/file_port.h"
#include "journal/segment.h"

#define SCAN_PLACE_BYTES 320

enum scan_result {
    SCAN_OK,
    SCAN_GROUP,   /* a whole group is loaded */
    SCAN_END,     /* zeros to the end of the segment, and no next segment */
    SCAN_BROKEN,  /* something that is not whole; segment_scan_judge decides what it means */
    SCAN_TORN,    /* judged: an ordinary power cut */
    SCAN_CORRUPT, /* judged: a synced group is damaged or altered */
    SCAN_MISSING, /* no such segment */
    SCAN_WRONG_CLUSTER,
    SCAN_WRONG_ORDER, /* a header that does not go on from the segment before, or is not the name's */
    SCAN_WRONG_VERSION,
    SCAN_TOO_MANY_FILES,
    SCAN_FILE_FAILED,
    SCAN_NO_MEMORY,
};

/* Which segments a directory holds. */
struct segment_range {
    uint64_t first_no; /* 0: there is none */
    uint64_t last_no;
    uint64_t count; /* less than last - first + 1: one is missing */
    uint64_t filling_count;
    uint64_t spare_count;
};

struct segment_scan {
    struct file_port *files;
    uint64_t cluster_id; /* 0: whatever the first header says */
    bool check_hash;
    int handle;
    uint64_t segment_no;
    struct segment_header header;
    uint64_t offset_bytes; /* of the next group */
    uint64_t last_group;   /* of the last whole group, or what the header says was before */
    uint64_t last_record_seq;
    uint64_t last_time_ns;
    uint32_t epoch;          /* the highest of what was whole, headers included */
    uint32_t tail_epoch;     /* judged: the highest of whole records behind the end; 0 = none */
    uint64_t tail_end_bytes; /* judged: behind the last byte that is not zero */
    struct journal_hash hash;
    struct group_record group;    /* the group loaded */
    const unsigned char *records; /* its records */
    unsigned char *window;        /* GROUP_BYTES_MAX bytes of the file */
    uint64_t window_offset_bytes;
    size_t window_bytes;
    char place[SCAN_PLACE_BYTES]; /* a sentence about the last result that was not good */
};

NODISCARD enum scan_result segment_scan_list(struct file_port *files, struct segment_range *range);

/* False: no memory. */
NODISCARD bool segment_scan_open(struct segment_scan *scan, struct file_port *files,
                                 uint64_t cluster_id);
void segment_scan_close(struct segment_scan *scan);

/* Goes to the first group of a segment and believes its header for what came before. SCAN_OK, or why not. */
NODISCARD enum scan_result segment_scan_begin(struct segment_scan *scan, uint64_t segment_no);
/* The next group: GROUP, END, BROKEN, CORRUPT (altered), or a trouble with files and headers. Groups that end before
 * record number `wanted_seq` are passed over without a look at their records; 0 looks at all. */
NODISCARD enum scan_result segment_scan_next(struct segment_scan *scan, uint64_t wanted_seq);
/* After SCAN_BROKEN: TORN or CORRUPT, with the place of the evidence; sets tail_epoch and tail_end_bytes. */
NODISCARD enum scan_result segment_scan_judge(struct segment_scan *scan);

#endif
