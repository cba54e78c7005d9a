/* The journal in memory: what the engine has appended lately, in one block that every process may map.
 *
 *     released by durability         appended, not yet durable        free
 *     ───────────────┬──────────────────────────────┬─────────────────────────────────
 *      readers copy  │ the journal thread stamps    │ the engine writes here next
 *                durable_unit                  written_unit
 *
 * Two writers, each of its own words: the engine thread appends records, the journal thread stamps them and
 * moves the durable mark. Readers, in any thread or process, only read, and slow nobody: the engine waits for
 * durability (journal_ring_space_units), never for a reader. A reader that has fallen behind by the whole ring
 * finds its record overwritten and goes to the segment files (journal/reader.h).
 *
 * The block, little-endian, 64-byte aligned:
 *
 *     0     magic          u64   JOURNAL_RING_MAGIC
 *     8     version        u32   JOURNAL_RING_VERSION
 *     12    epoch          u32   of this start of the exchange
 *     16    unit_count     u64   a power of two; also the number of index entries
 *     24    cluster_id     u64   whose journal this is
 *     32    first_seq      u64   the first record ever put into this ring; earlier ones are in segments
 *     128   reserved_unit  u64   engine: units below this may be changing or written
 *     136   written_unit   u64   engine: units below this are written
 *     144   written_seq    u64   engine: number of the last record appended
 *     256   durable_unit   u64   journal thread: units below this are durable
 *     264   durable_seq    u64   journal thread: number of the last durable record
 *     272   stop           u64   journal thread: enum journal_stop
 *     280   admission      u64   journal thread: enum journal_admission
 *     288   group_count    u64   journal thread: groups made durable since the start
 *     296   byte_count     u64   journal thread: bytes written to segments since the start
 *     4096  index                u64 for each unit: [record_seq mod unit_count] = first unit of the record
 *     then  units                64 bytes each: unit u lies at (u mod unit_count) * 64; a record may wrap
 *
 * Unit numbers and sequence numbers only grow. A record copied from the ring is whole and right if, after the
 * copy, reserved_unit <= its first unit + unit_count, and its record_seq is the one that was asked for. The
 * units are moved by atomic words, so that a copy that loses the race is discarded and never undefined. */
#ifndef JOURNAL_JOURNAL_RING_H
#define JOURNAL_JOURNAL_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "core/record.h"

#define JOURNAL_RING_MAGIC       0x31676E724A747078u /* "xptJrng1" as bytes in memory */
#define JOURNAL_RING_VERSION     1u
#define JOURNAL_RING_UNITS_MIN   64u        /* smaller is refused */
#define JOURNAL_RING_UNITS_MAX   (1u << 26) /* 4 GiB of units; larger is refused */
#define JOURNAL_RING_UNITS_USUAL (1u << 18) /* 16 MiB: 100 ms at 2.6 M units a second */

/* The engine takes no input while the ring has less room than this; nothing is dropped, inputs wait in their
 * own rings. It covers a whole step of the engine (OUTBOX_STEP_BYTES) with room to spare. */
#define JOURNAL_RING_RESERVE_UNITS 32u

enum journal_stop {
    JOURNAL_RUNNING = 0,
    JOURNAL_STOPPED_CLEAN,        /* everything appended is durable */
    JOURNAL_STOPPED_WRITE_FAILED, /* a write failed or was short */
    JOURNAL_STOPPED_SYNC_FAILED,
    JOURNAL_STOPPED_NO_SPACE,    /* the segment is full and no new one could be made */
    JOURNAL_STOPPED_FILE_FAILED, /* opening, renaming or syncing the directory failed */
    JOURNAL_STOPPED_BROKEN,      /* the ring held something that is no record: a mistake of ours */
};

enum journal_admission {
    JOURNAL_ADMITS = 0,
    /* the disk has no room for the next spare segment: refuse new orders by name, let cancels
     * through */
    JOURNAL_NO_SPARE_SPACE,
};

/* A handle; private to the thread or process that holds it. */
struct journal_ring {
    void *block; /* never written through by a reader */
    uint64_t unit_count;
};

/* Bytes of shared memory for a ring of unit_count units. */
size_t journal_ring_bytes(uint64_t unit_count);

/* What a ring goes on from. */
struct journal_ring_start {
    uint64_t cluster_id;
    uint64_t last_record_seq; /* of the last record in the segments; 0 = an empty journal */
    uint32_t epoch;           /* of this start: journal_recovered.epoch + 1 */
};

/* Formats zeroed memory of journal_ring_bytes(unit_count) that nobody uses yet. unit_count is a power of two. */
void journal_ring_format(struct journal_ring *ring, void *block, uint64_t unit_count,
                         const struct journal_ring_start *start);

/* Maps a ring that another process formatted; read-only memory is enough. False: no such ring, another
 * version, or a size that does not fit. */
NODISCARD bool journal_ring_map(struct journal_ring *ring, const void *block, size_t block_bytes);

/* The engine thread. */

/* Units that may be appended now. */
uint64_t journal_ring_space_units(const struct journal_ring *ring);
/* Appends whole records, one after another, `bytes` in all; record_seq of each must follow the last one's.
 * More than there is space for is a mistake of the caller: ask first. The records become visible to the journal
 * thread together. */
void journal_ring_append(struct journal_ring *ring, const void *records, size_t bytes);

/* The journal thread. */

/* What the writer took and stamped. */
struct journal_ring_taken {
    size_t bytes;
    uint64_t first_unit;
    uint64_t unit_count;
    uint64_t last_record_seq;
    uint32_t record_count;
};
struct journal_stamp {
    uint32_t group; /* low half of the group's number */
    uint32_t epoch;
};
/* Copies whole records that are not yet durable into `buffer`, oldest first, at most max_bytes, sets group,
 * epoch and CRC of each there and in the ring. `taken->record_count` 0: nothing is waiting. False: what lies in
 * the ring is no record. */
NODISCARD bool journal_ring_stamp(struct journal_ring *ring, struct journal_stamp stamp,
                                  unsigned char *buffer, size_t max_bytes,
                                  struct journal_ring_taken *taken);
/* What was taken is durable: readers see it from here on. `bytes` counts what went to the file for it. */
void journal_ring_release(struct journal_ring *ring, const struct journal_ring_taken *taken,
                          uint64_t bytes);
void journal_ring_stop(struct journal_ring *ring, enum journal_stop reason);
void journal_ring_admit(struct journal_ring *ring, enum journal_admission admission);

/* Any thread or process. */

enum journal_ring_read {
    JOURNAL_RING_RECORD, /* *record holds it */
    JOURNAL_RING_LATER,  /* it is not durable yet */
    JOURNAL_RING_GONE,   /* older than the ring: look in the segments */
};
NODISCARD enum journal_ring_read journal_ring_read(const struct journal_ring *ring,
                                                   uint64_t record_seq, union record *record);
uint64_t journal_ring_durable_seq(const struct journal_ring *ring);
uint64_t journal_ring_written_seq(const struct journal_ring *ring);
uint32_t journal_ring_epoch(const struct journal_ring *ring);
uint64_t journal_ring_cluster_id(const struct journal_ring *ring);
uint64_t journal_ring_group_count(const struct journal_ring *ring);
uint64_t journal_ring_byte_count(const struct journal_ring *ring);
enum journal_stop journal_ring_stopped(const struct journal_ring *ring);
enum journal_admission journal_ring_admission(const struct journal_ring *ring);
/* "running", "stopped: a sync failed": for log lines and /health. */
const char *journal_stop_text(enum journal_stop stop);

#endif
