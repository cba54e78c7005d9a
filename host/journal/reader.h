/* Reading the journal: how replies, market data, rows, a second machine and a restart learn what happened.
 *
 * A reader starts behind any record and returns every following record once, in order, and never one that is
 * not durable. Close behind the writer it reads the memory ring; when it falls behind the ring it goes on in
 * the segment files, and returns to the ring when it has caught up. A slow reader costs the writer nothing.
 * Without a ring (a tool beside a stopped exchange) it reads the segments alone.
 *
 * A reader belongs to one thread, in any process that has mapped the ring (read-only is enough). */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

#include <stdint.h>

#include "core/record.h"
#include "journal/file_port.h"
#include "journal/journal_ring.h"

struct journal_reader;

enum read_result {
    READ_RECORD,  /* *record holds the next one */
    READ_NOTHING, /* caught up with what is durable: ask again later */
    READ_MISSING, /* the next record is neither in the ring nor in a segment (archived?) */
    READ_CORRUPT, /* a segment is damaged before its end; journal_reader_place says where */
};

/* `ring` may be NULL. The reader keeps both pointers until it is closed. Returns NULL when memory runs out. */
struct journal_reader *journal_reader_open(const struct journal_ring *ring, struct file_port *files,
                                           uint64_t after_record_seq);
NODISCARD enum read_result journal_reader_next(struct journal_reader *reader, union record *record);
/* Number of the record returned last. */
uint64_t journal_reader_seq(const struct journal_reader *reader);
/* "segment-000003.journal, byte 4096: ..." after READ_CORRUPT or READ_MISSING. */
const char *journal_reader_place(const struct journal_reader *reader);
void journal_reader_close(struct journal_reader *reader);

#endif
