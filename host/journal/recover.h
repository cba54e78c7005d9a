/* After a start: what the segment files hold, what of it counts, and where to go on.
 *
 * journal_recover reads all segments in order and holds them against the rule in journal/segment.h. A torn tail
 * is cut: the rest of its segment is zeroed and synced before the call returns. Corruption and a wrong or missing
 * file change nothing; the sentence in `place` names file, byte and what to do, and the exchange does not start.
 *
 * A start is then:
 *
 *     journal_recover(&files, cluster_id, &recovered)     RECOVER_OK or RECOVER_CUT
 *     journal_reader_open(NULL, &files, 0) ... engine_replay of every record
 *     journal_ring_format(.. last_record_seq = recovered.last_record_seq, epoch = recovered.epoch + 1)
 *     journal_writer_open(&options, &files, &ring, &recovered)
 *     the engine appends the rest of the replay and a START record
 */
#ifndef JOURNAL_RECOVER_H
#define JOURNAL_RECOVER_H

#include <stdint.h>

#include "journal/file_port.h"
#include "journal/segment.h"

enum recover_result {
    RECOVER_OK,      /* nothing had to be cut; an empty directory is an empty journal */
    RECOVER_CUT,     /* as OK, and a torn tail was cut (journal_verify: would be) */
    RECOVER_CORRUPT, /* a synced group is damaged or altered */
    /* a number between the first and the last is not there, or the first is not 1 */
    RECOVER_MISSING_SEGMENT,
    RECOVER_WRONG_CLUSTER, /* a segment belongs to another exchange */
    /* a segment's header does not go on from the one before, or is not the name's */
    RECOVER_WRONG_ORDER,
    RECOVER_WRONG_VERSION,  /* written by a program whose layout we do not know */
    RECOVER_TOO_MANY_FILES, /* more than SEGMENT_FILES_MAX */
    RECOVER_FILE_FAILED,    /* reading, zeroing or syncing failed */
    RECOVER_NO_MEMORY,
};
const char *recover_result_name(enum recover_result result);

struct recovered {
    uint64_t cluster_id;
    uint64_t last_record_seq; /* 0 = none */
    uint64_t last_group;      /* 0 = none */
    uint32_t epoch; /* the highest seen, in the cut tail too; 0 = none. This start's is one more */
    uint32_t sector_bytes;    /* of the last segment */
    uint64_t segment_no;      /* of the last segment; 0 = there is none */
    uint64_t segment_bytes;   /* its length */
    uint64_t end_bytes;       /* where in it the next group goes */
    uint64_t cut_bytes;       /* from end_bytes to the last byte of the tail that was not zero */
    uint64_t last_time_ns;    /* time_ns of the last record; the next must not be below */
    struct journal_hash hash; /* after the last group */
    char place[320];          /* when not OK: a sentence with file, byte and what to do */
};

/* cluster_id 0 takes whatever the first segment says. Opens, cuts, syncs and closes; removes filling- files. */
NODISCARD enum recover_result journal_recover(struct file_port *files, uint64_t cluster_id,
                                              struct recovered *recovered);
/* The same judgement, changing nothing: for tools, beside a stopped exchange. */
NODISCARD enum recover_result journal_verify(struct file_port *files, uint64_t cluster_id,
                                             struct recovered *recovered);

#endif
