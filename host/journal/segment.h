/* Segment files: the journal on disk, byte by byte, and the rule by which a reader knows what is whole.
 *
 * The journal is the sequence of files segment-000001.journal, segment-000002.journal, ... in one directory.
 * Each is filled with real zeros before its first use and keeps its length (segment_bytes, 256 MiB unless
 * configured) for ever. Beside them may lie spare-NNNNNN.journal (zeros, synced, waiting to become the next
 * segment) and filling-NNNNNN.journal (being filled; worthless after a restart).
 *
 *     segment   ┌──────────┬─────────────┬─────────────┬───────────────────┬─────────────────────────┐
 *               │ header   │ group 1     │ group 2     │ group 3           │ zeros                   │
 *               │ 4096 B   │             │             │                   │                         │
 *               └──────────┴─────────────┴─────────────┴───────────────────┴─────────────────────────┘
 *     group     ┌───────────────┬────────┬────────┬─────────────┬───┬──────────────┐
 *               │ GROUP  128 B  │ record │ record │ record      │...│ PAD to the   │   one write, one sync
 *               │               │        │        │             │   │ next sector  │
 *               └───────────────┴────────┴────────┴─────────────┴───┴──────────────┘
 *
 * All integers are little-endian. Header, 4096 bytes:
 *
 *     0     magic              u64   SEGMENT_MAGIC
 *     8     version            u32   SEGMENT_VERSION
 *     12    header_bytes       u32   4096
 *     16    cluster_id         u64   whose journal this is
 *     24    segment_no         u64   1, 2, 3 ... as in the file's name
 *     32    segment_bytes      u64   length of this file
 *     40    first_record_seq   u64   number of the first record that goes in here
 *     48    first_group        u64   number of the first group that goes in here
 *     56    epoch              u32   when this segment was begun
 *     60    sector_bytes       u32   groups start and end at multiples of this
 *     64    previous_hash      32    running hash after the last group of the segment before; zeros in the first
 *     96    build              40    version control id of the program that wrote it, NUL padded
 *     136   zero               3956
 *     4092  crc32c             u32   over bytes 0 .. 4091
 *
 * GROUP, 128 bytes, opens each group. Its head is a record's (core/record.h): crc32c over bytes 4..127, group
 * the low half of the number, record_seq = first_record_seq, time_ns that of its last record, kind RECORD_GROUP.
 *
 *     32    group              u64   1, 2, 3 ... without gaps through all segments
 *     40    first_record_seq   u64   of the first record in it; of the next one to come when it is empty
 *     48    record_count       u32   0 in an empty group
 *     52    record_bytes       u32   bytes of the records between GROUP and PAD
 *     56    segment_no         u32   low half; with the next field: the place where this was meant to be written
 *     60    durability         u32   enum durability it was written at (journal/writer.h)
 *     64    offset_bytes       u64   of this GROUP in the file
 *     72    zero               24
 *     96    hash               32    SHA-256 over the hash before (32 bytes) and the group's record bytes
 *
 * PAD: a record head of kind RECORD_PAD, record_seq that of the group's last record, units 1 .. 63 up to the end
 * of the sector, body zero; absent when the group ends at a sector's end by itself.
 *
 * The rule. A group is *whole* when its GROUP is whole (CRC; number one above the last group's; place; epoch not
 * below the last group's), each of its records is whole (CRC, known kind and its length, group and epoch those
 * of GROUP, record_seq one above the last), the counts agree, and its PAD is whole. Group g+1 is written only
 * after the sync of g returned. Therefore, at the first place that is not whole:
 *
 *     - zeros follow to the end of the segment, and there is no next one: the end of the journal;
 *     - zeros follow to the end of the segment, and the next segment's header goes on with this group number,
 *       record number and hash: go on there;
 *     - a whole record of a later group (or the header of a later segment) lies behind it: CORRUPTION. The
 *       damaged group had been synced, and its replies may have left the box;
 *     - nothing of a later group lies behind it: a TORN TAIL, an ordinary power cut. The sectors of one unsynced
 *       group reach the disk in any order, so whole records of the *same* group behind a bad one say nothing.
 *
 * Whole records whose hash is not that of their GROUP are CORRUPTION wherever they lie (somebody altered them
 * and made the checksums fit). What a torn tail held is zeroed and synced before anything is appended, and each
 * start has a higher epoch, so what was cut never comes back. */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "journal/file_port.h"

#define SEGMENT_MAGIC        0x3130676573747078u /* "xptseg01" as bytes in the file */
#define SEGMENT_VERSION      1u
#define SEGMENT_HEADER_BYTES 4096u
#define SEGMENT_BYTES_USUAL  (UINT64_C(256) << 20)
#define SEGMENT_BYTES_MIN    (UINT64_C(16) << 10) /* smaller is refused; also a multiple of 4096 */
#define SEGMENT_BYTES_MAX    (UINT64_C(4) << 30)  /* larger is refused */
#define SEGMENT_NO_MAX       999999u              /* after it the journal stops: NO_SPACE */
/* files in the directory that a scan looks at; more is refused */
#define SEGMENT_FILES_MAX  4096u
#define SECTOR_BYTES_USUAL 512u
#define SECTOR_BYTES_MAX   4096u /* a power of two from 512 on */
#define GROUP_HEAD_BYTES   128u
#define GROUP_BYTES_MAX    (UINT32_C(1) << 20) /* GROUP, records and PAD together */
#define JOURNAL_HASH_BYTES 32

struct journal_hash {
    unsigned char bytes[JOURNAL_HASH_BYTES];
};

struct segment_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes;
    uint64_t cluster_id;
    uint64_t segment_no;
    uint64_t segment_bytes;
    uint64_t first_record_seq;
    uint64_t first_group;
    uint32_t epoch;
    uint32_t sector_bytes;
    struct journal_hash previous_hash;
    char build[40];
    unsigned char zero[3956];
    uint32_t crc32c;
};

struct group_record {
    struct record_head head;
    uint64_t group;
    uint64_t first_record_seq;
    uint32_t record_count;
    uint32_t record_bytes;
    uint32_t segment_no;
    uint32_t durability;
    uint64_t offset_bytes;
    unsigned char zero[24];
    struct journal_hash hash;
};

static_assert(sizeof(struct segment_header) == SEGMENT_HEADER_BYTES, "layout");
static_assert(offsetof(struct segment_header, first_record_seq) == 40, "layout");
static_assert(offsetof(struct segment_header, previous_hash) == 64, "layout");
static_assert(offsetof(struct segment_header, crc32c) == 4092, "layout");
static_assert(sizeof(struct group_record) == GROUP_HEAD_BYTES, "layout");
static_assert(offsetof(struct group_record, group) == 32, "layout");
static_assert(offsetof(struct group_record, segment_no) == 56, "layout");
static_assert(offsetof(struct group_record, hash) == 96, "layout");

enum segment_file_kind {
    SEGMENT_FILE_OTHER,
    SEGMENT_FILE_SEGMENT,
    SEGMENT_FILE_SPARE,
    SEGMENT_FILE_FILLING
};

/* "segment-000001.journal". number is 1 .. SEGMENT_NO_MAX. */
struct file_name segment_name(enum segment_file_kind kind, uint64_t number);
/* Of a file's name; *number is set unless the answer is OTHER. */
enum segment_file_kind segment_name_parse(const char *name, uint64_t *number);

/* Sets magic, version, sizes and CRC over what the caller filled in. */
void segment_header_seal(struct segment_header *header);
enum segment_header_result {
    SEGMENT_HEADER_OK,
    SEGMENT_HEADER_DAMAGED, /* magic or CRC */
    SEGMENT_HEADER_VERSION, /* sound, but of a version we do not know */
    SEGMENT_HEADER_SIZES,   /* sound, but with sizes outside our limits */
};
NODISCARD enum segment_header_result segment_header_check(const struct segment_header *header);

/* CRC-32C of a record as it must stand in its head. */
uint32_t record_crc(const void *record, size_t bytes);
/* Whole in itself: a known kind with its length (GROUP and PAD too), the CRC right, and at most `bytes` long.
 * Returns its length in bytes, or 0. */
size_t record_whole(const void *record, size_t bytes);

/* Bytes of a group on disk: GROUP, records, PAD up to the sector. */
uint64_t group_bytes(uint32_t record_bytes, uint32_t sector_bytes);
/* SHA-256 over `before` and the record bytes. False: the library failed (no memory). */
NODISCARD bool group_hash(const struct journal_hash *before, const void *records, size_t bytes,
                          struct journal_hash *after);

#endif
