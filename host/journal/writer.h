/* The journal's writer: moves what the engine appended from the memory ring to the segment files, one synced
 * group after another, and then lets readers see it.
 *
 * journal_writer_poll takes all records that wait (up to group_bytes_max), stamps them, writes them with one
 * write and one sync, and moves durable_seq. There is no timer: while one group syncs the next gathers, so that
 * the group size adapts to the load by itself.
 *
 * Between groups it prepares spare segments, JOURNAL_FILL_STEP_BYTES at a time: when idle, and under load just
 * often enough to be ready in time. When the disk has no room for a spare the ring says JOURNAL_NO_SPARE_SPACE,
 * long before a record could fail; the writer asks again every JOURNAL_SPARE_RETRY_NS and takes it back.
 *
 * The first write or sync that fails, or is short, is final: the ring is marked stopped with the reason, nothing
 * is ever tried again, and poll answers WRITER_STOPPED; the caller logs and exits. durable_seq stays where it was.
 *
 * An empty group follows when nothing came for idle_group_ns, and at a clean stop: damage in the last group looks
 * like a torn tail, so the last group should hold nothing.
 *
 * One thread owns a writer and its file port. Nothing is allocated after journal_writer_open. */
#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

#include <stdint.h>

#include "journal/file_port.h"
#include "journal/journal_ring.h"
#include "journal/recover.h"
#include "journal/segment.h"

#define JOURNAL_FILL_STEP_BYTES                                                                    \
    (UINT32_C(256) << 10) /* of zeros at a time, each step synced: about 0.3 ms */
#define JOURNAL_SPARES_USUAL        2u
#define JOURNAL_SPARES_MAX          8u /* more is refused */
#define JOURNAL_SPARE_RETRY_NS      UINT64_C(1000000000)
#define JOURNAL_IDLE_GROUP_NS_USUAL UINT64_C(1000000000)

/* What "durable" means; named wherever a figure is shown. Values are on disk in each GROUP. */
enum durability {
    DURABILITY_LOCAL_DISK = 1, /* written and synced on this machine's disk */
    DURABILITY_NONE =
        2, /* written, never synced: for the lab only; a power cut may lose anything */
};
const char *durability_name(enum durability durability); /* "LOCAL_DISK", "NONE" */
/* By name; false: no such level. */
NODISCARD bool durability_parse(const char *name, enum durability *durability);

struct journal_options {
    uint64_t segment_bytes;   /* of segments begun from now on */
    uint32_t sector_bytes;    /* likewise */
    uint32_t group_bytes_max; /* 1 KiB .. GROUP_BYTES_MAX */
    uint32_t spares;          /* kept ready; 0: each segment is filled when it is needed */
    uint64_t idle_group_ns;   /* 0: no empty group when idle */
    enum durability durability;
    char build[40]; /* version control id, NUL padded */
};
/* The usual values, level LOCAL_DISK. */
struct journal_options journal_options_usual(void);
/* NULL, or a sentence about the first value outside its limits. */
const char *journal_options_flaw(const struct journal_options *options);

struct journal_writer;

enum writer_result {
    WRITER_IDLE,    /* nothing was waiting; a spare may have been filled a bit */
    WRITER_WROTE,   /* a group became durable */
    WRITER_STOPPED, /* for good; journal_ring_stopped and journal_writer_reason say why */
};

/* Goes on where journal_recover ended, in the epoch of the ring (which must be above recovered->epoch). Makes the
 * first segment when there is none. NULL: memory, or a file operation failed (the ring is marked stopped). The
 * writer keeps both pointers until it is closed. */
struct journal_writer *journal_writer_open(const struct journal_options *options,
                                           struct file_port *files, struct journal_ring *ring,
                                           const struct recovered *recovered);
/* now_ns is a monotonic clock. */
enum writer_result journal_writer_poll(struct journal_writer *writer, uint64_t now_ns);
/* Writes what waits and an empty group behind it, and marks the ring JOURNAL_STOPPED_CLEAN. WRITER_STOPPED: it
 * failed before or just now. */
enum writer_result journal_writer_finish(struct journal_writer *writer);
/* One sentence: which operation on which file failed, how, and behind which record. "" while all is well. */
const char *journal_writer_reason(const struct journal_writer *writer);
/* The level it writes at. */
enum durability journal_writer_durability(const struct journal_writer *writer);
/* Frees the writer; writes nothing. */
void journal_writer_close(struct journal_writer *writer);

#endif
