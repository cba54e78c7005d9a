#include "journal/journal_ring.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "base/crc32c.h"

#define UNIT_WORDS       (RECORD_UNIT_BYTES / 8)
#define BLOCK_HEAD_BYTES 4096
#define RECORD_UNITS_MAX (RECORD_BYTES_MAX / RECORD_UNIT_BYTES)
#define HEAD_WORD_CRC    0 /* crc32c, group */
#define HEAD_WORD_EPOCH  3 /* epoch, kind, units, instrument */

struct ring_block {
    _Atomic uint64_t magic;
    uint32_t version;
    uint32_t epoch;
    uint64_t unit_count;
    uint64_t cluster_id;
    uint64_t first_seq;
    unsigned char zero[88];
    _Atomic uint64_t reserved_unit;
    _Atomic uint64_t written_unit;
    _Atomic uint64_t written_seq;
    unsigned char zero2[104];
    _Atomic uint64_t durable_unit;
    _Atomic uint64_t durable_seq;
    _Atomic uint64_t stop;
    _Atomic uint64_t admission;
    _Atomic uint64_t group_count;
    _Atomic uint64_t byte_count;
    unsigned char zero3[BLOCK_HEAD_BYTES - 304];
    _Atomic uint64_t index[]; /* unit_count of them, then the units as words */
};
static_assert(offsetof(struct ring_block, first_seq) == 32, "layout");
static_assert(offsetof(struct ring_block, reserved_unit) == 128, "layout");
static_assert(offsetof(struct ring_block, durable_unit) == 256, "layout");
static_assert(offsetof(struct ring_block, byte_count) == 296, "layout");
static_assert(offsetof(struct ring_block, index) == BLOCK_HEAD_BYTES, "layout");
static_assert(sizeof(_Atomic uint64_t) == 8, "layout");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a lock would not work between processes");

/* Acquire and release cost nothing on x86. Releasing every word of a record is what lets a reader that saw one
 * new word see the reservation that came before it: no fence is needed, and ThreadSanitizer follows. */
static uint64_t ring_load(const _Atomic uint64_t *word) {
    return atomic_load_explicit(word, memory_order_acquire);
}

static void ring_store(_Atomic uint64_t *word, uint64_t value) {
    atomic_store_explicit(word, value, memory_order_release);
}

static uint64_t ring_load_own(const _Atomic uint64_t *word) { /* written by this very thread */
    return atomic_load_explicit(word, memory_order_relaxed);
}

static _Atomic uint64_t *ring_unit(const struct journal_ring *ring, uint64_t unit) {
    struct ring_block *block = ring->block;
    uint64_t place = unit & (ring->unit_count - 1);

    return block->index + ring->unit_count + place * UNIT_WORDS;
}

static _Atomic uint64_t *ring_index(const struct journal_ring *ring, uint64_t record_seq) {
    struct ring_block *block = ring->block;

    return block->index + (record_seq & (ring->unit_count - 1));
}

static bool ring_unit_count_fits(uint64_t unit_count) {
    return unit_count >= JOURNAL_RING_UNITS_MIN && unit_count <= JOURNAL_RING_UNITS_MAX &&
           (unit_count & (unit_count - 1)) == 0;
}

size_t journal_ring_bytes(uint64_t unit_count) {
    return BLOCK_HEAD_BYTES + (size_t)unit_count * (sizeof(uint64_t) + RECORD_UNIT_BYTES);
}

void journal_ring_format(struct journal_ring *ring, void *memory, uint64_t unit_count,
                         const struct journal_ring_start *start) {
    struct ring_block *block = memory;

    check(ring_unit_count_fits(unit_count));
    check((uintptr_t)memory % RECORD_UNIT_BYTES == 0);
    block->version = JOURNAL_RING_VERSION;
    block->epoch = start->epoch;
    block->unit_count = unit_count;
    block->cluster_id = start->cluster_id;
    block->first_seq = start->last_record_seq + 1;
    ring_store(&block->written_seq, start->last_record_seq);
    ring_store(&block->durable_seq, start->last_record_seq);
    ring_store(&block->magic, JOURNAL_RING_MAGIC);
    *ring = (struct journal_ring){.block = block, .unit_count = unit_count};
}

bool journal_ring_map(struct journal_ring *ring, const void *memory, size_t block_bytes) {
    const struct ring_block *block = memory;

    if (block_bytes < BLOCK_HEAD_BYTES || (uintptr_t)memory % RECORD_UNIT_BYTES != 0)
        return false;
    if (ring_load(&block->magic) != JOURNAL_RING_MAGIC || block->version != JOURNAL_RING_VERSION)
        return false;
    uint64_t unit_count = block->unit_count;
    if (!ring_unit_count_fits(unit_count) || journal_ring_bytes(unit_count) != block_bytes)
        return false;
    /* The handle is the writers' too, hence not const; readers never store through it. */
    *ring = (struct journal_ring){.block = (void *)(uintptr_t)memory, .unit_count = unit_count};
    return true;
}

uint64_t journal_ring_space_units(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return ring->unit_count -
           (ring_load_own(&block->written_unit) - ring_load(&block->durable_unit));
}

void journal_ring_append(struct journal_ring *ring, const void *records, size_t bytes) {
    struct ring_block *block = ring->block;
    const unsigned char *from = records;
    uint64_t unit = ring_load_own(&block->written_unit);
    uint64_t seq = ring_load_own(&block->written_seq);
    uint64_t end_unit = unit + bytes / RECORD_UNIT_BYTES;

    check(bytes % RECORD_UNIT_BYTES == 0);
    check(bytes / RECORD_UNIT_BYTES <= journal_ring_space_units(ring));
    ring_store(&block->reserved_unit, end_unit);
    while (unit < end_unit) {
        struct record_head head;
        memcpy(&head, from, sizeof head);
        check(head.units == record_units(head.kind));
        check(head.units > 0);
        check(unit + head.units <= end_unit);
        check(head.record_seq == seq + 1);
        seq = head.record_seq;
        ring_store(ring_index(ring, seq), unit);
        for (uint64_t last = unit + head.units; unit < last; unit++) {
            uint64_t words[UNIT_WORDS];
            memcpy(words, from, sizeof words);
            for (size_t i = 0; i < UNIT_WORDS; i++)
                ring_store(ring_unit(ring, unit) + i, words[i]);
            from += RECORD_UNIT_BYTES;
        }
    }
    ring_store(&block->written_seq, seq);
    ring_store(&block->written_unit, end_unit);
}

static void ring_copy_unit(const struct journal_ring *ring, uint64_t unit, unsigned char *to) {
    uint64_t words[UNIT_WORDS];

    for (size_t i = 0; i < UNIT_WORDS; i++)
        words[i] = ring_load(ring_unit(ring, unit) + i);
    memcpy(to, words, sizeof words);
}

static void ring_stamp_record(const struct journal_ring *ring, uint64_t unit,
                              struct journal_stamp stamp, unsigned char *record) {
    struct record_head head;
    uint64_t words[UNIT_WORDS];

    memcpy(&head, record, sizeof head);
    head.group = stamp.group;
    head.epoch = stamp.epoch;
    memcpy(record, &head, sizeof head);
    head.crc32c = crc32c(record + sizeof head.crc32c,
                         head.units * (size_t)RECORD_UNIT_BYTES - sizeof head.crc32c);
    memcpy(record, &head, sizeof head);
    memcpy(words, record, sizeof words);
    ring_store(ring_unit(ring, unit) + HEAD_WORD_CRC, words[HEAD_WORD_CRC]);
    ring_store(ring_unit(ring, unit) + HEAD_WORD_EPOCH, words[HEAD_WORD_EPOCH]);
}

bool journal_ring_stamp(struct journal_ring *ring, struct journal_stamp stamp,
                        unsigned char *buffer, size_t max_bytes, struct journal_ring_taken *taken) {
    const struct ring_block *block = ring->block;
    uint64_t unit = ring_load_own(&block->durable_unit);
    uint64_t end_unit = ring_load(&block->written_unit);

    *taken = (struct journal_ring_taken){
        .first_unit = unit,
        .last_record_seq = ring_load_own(&block->durable_seq),
    };
    while (unit < end_unit) {
        unsigned char *record = buffer + taken->bytes;
        struct record_head head;
        if (max_bytes - taken->bytes < RECORD_UNIT_BYTES)
            break;
        ring_copy_unit(ring, unit, record);
        memcpy(&head, record, sizeof head);
        if (head.units == 0 || head.units != record_units(head.kind) ||
            unit + head.units > end_unit || head.record_seq != taken->last_record_seq + 1)
            return false;
        size_t record_bytes = head.units * (size_t)RECORD_UNIT_BYTES;
        if (max_bytes - taken->bytes < record_bytes)
            break;
        for (uint64_t i = 1; i < head.units; i++)
            ring_copy_unit(ring, unit + i, record + i * RECORD_UNIT_BYTES);
        ring_stamp_record(ring, unit, stamp, record);
        unit += head.units;
        taken->bytes += record_bytes;
        taken->unit_count += head.units;
        taken->record_count++;
        taken->last_record_seq = head.record_seq;
    }
    return true;
}

void journal_ring_release(struct journal_ring *ring, const struct journal_ring_taken *taken,
                          uint64_t bytes) {
    struct ring_block *block = ring->block;

    check(taken->first_unit == ring_load_own(&block->durable_unit));
    ring_store(&block->group_count, ring_load_own(&block->group_count) + 1);
    ring_store(&block->byte_count, ring_load_own(&block->byte_count) + bytes);
    /* Unit before number: a reader that sees the number sees a unit that is not older (journal_ring_read). */
    ring_store(&block->durable_unit, taken->first_unit + taken->unit_count);
    ring_store(&block->durable_seq, taken->last_record_seq);
}

void journal_ring_stop(struct journal_ring *ring, enum journal_stop reason) {
    struct ring_block *block = ring->block;

    if (ring_load_own(&block->stop) == JOURNAL_RUNNING) /* the first reason stands */
        ring_store(&block->stop, reason);
}

void journal_ring_admit(struct journal_ring *ring, enum journal_admission admission) {
    struct ring_block *block = ring->block;

    ring_store(&block->admission, admission);
}

enum journal_ring_read journal_ring_read(const struct journal_ring *ring, uint64_t record_seq,
                                         union record *record) {
    const struct ring_block *block = ring->block;
    struct record_head head;

    if (record_seq > ring_load(&block->durable_seq))
        return JOURNAL_RING_LATER;
    if (record_seq < block->first_seq)
        return JOURNAL_RING_GONE;
    uint64_t durable_unit = ring_load(&block->durable_unit);
    uint64_t unit = ring_load(ring_index(ring, record_seq));
    if (unit >=
        /* the entry is already that of a record one round younger, perhaps half written */
        durable_unit)
        return JOURNAL_RING_GONE;
    ring_copy_unit(ring, unit, record->bytes);
    memcpy(&head, record->bytes, sizeof head);
    if (head.record_seq != record_seq || head.units == 0 || head.units > RECORD_UNITS_MAX)
        return JOURNAL_RING_GONE;
    for (uint64_t i = 1; i < head.units; i++)
        ring_copy_unit(ring, unit + i, record->bytes + i * RECORD_UNIT_BYTES);
    if (ring_load(&block->reserved_unit) > unit + ring->unit_count)
        return JOURNAL_RING_GONE;
    return JOURNAL_RING_RECORD;
}

uint64_t journal_ring_durable_seq(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return ring_load(&block->durable_seq);
}

uint64_t journal_ring_written_seq(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return ring_load(&block->written_seq);
}

uint32_t journal_ring_epoch(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return block->epoch;
}

uint64_t journal_ring_cluster_id(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return block->cluster_id;
}

uint64_t journal_ring_group_count(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return ring_load(&block->group_count);
}

uint64_t journal_ring_byte_count(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return ring_load(&block->byte_count);
}

enum journal_stop journal_ring_stopped(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return (enum journal_stop)ring_load(&block->stop);
}

enum journal_admission journal_ring_admission(const struct journal_ring *ring) {
    const struct ring_block *block = ring->block;

    return (enum journal_admission)ring_load(&block->admission);
}

const char *journal_stop_text(enum journal_stop stop) {
    switch (stop) {
    case JOURNAL_RUNNING: return "running";
    case JOURNAL_STOPPED_CLEAN: return "stopped: everything is durable";
    case JOURNAL_STOPPED_WRITE_FAILED: return "stopped: a write failed";
    case JOURNAL_STOPPED_SYNC_FAILED: return "stopped: a sync failed";
    case JOURNAL_STOPPED_NO_SPACE: return "stopped: no space for a new segment";
    case JOURNAL_STOPPED_FILE_FAILED: return "stopped: a file could not be opened or renamed";
    case JOURNAL_STOPPED_BROKEN: return "stopped: the ring held what is no record";
    }
    return "stopped: unknown reason";
}
