/* A ring: one producer, one consumer, slots of one size, in memory that both map; the only way in to the engine
 * and between threads. No system call, no lock; full and empty are answers.
 *
 * Layout of the shared memory (64-byte aligned, little-endian):
 *
 *     0    magic        u64   RING_MAGIC once the ring is ready
 *     8    slot_bytes   u32
 *     12   slot_count   u32   a power of two
 *     128  put_count    u64   slots ever put; the producer alone writes it (release) and after the slot
 *     256  take_count   u64   slots ever taken; the consumer alone writes it (release) and after its copy
 *     384  slots              slot n lies at 384 + (n mod slot_count) * slot_bytes
 *
 * The two counts lie 128 bytes apart: processors fetch cache lines in pairs. A slot is whole if and only if its
 * number is below put_count.
 *
 * The sides need not trust each other. Each keeps its geometry and its own count in private memory, and reads
 * from the shared memory only the other's count: one that cannot be (more puts than slots, more takes than
 * puts) is RING_BROKEN, never an address. The consumer copies a slot out before anyone looks at it. Whoever owns
 * the consumer formats the memory; a producer that attaches anew gets new memory, or a ring formatted anew while
 * no old producer holds it. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define RING_MAGIC          0x31676E6972707863u /* "cxpring1" as bytes in memory */
#define RING_SLOTS_OFFSET   384
#define RING_SLOT_BYTES_MAX 65536u
#define RING_SLOT_COUNT_MAX (1u << 24)

struct ring_shared {
    _Atomic uint64_t magic;
    uint32_t slot_bytes;
    uint32_t slot_count;
    unsigned char zero[112];
    _Atomic uint64_t put_count;
    unsigned char zero2[120];
    _Atomic uint64_t take_count;
    unsigned char zero3[120];
};
static_assert(sizeof(struct ring_shared) == RING_SLOTS_OFFSET, "layout");
static_assert(offsetof(struct ring_shared, put_count) == 128, "layout");
static_assert(offsetof(struct ring_shared, take_count) == 256, "layout");
static_assert(sizeof(_Atomic uint64_t) == 8, "layout");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a lock would not work between processes");

/* One side; private to the thread that uses it. */
struct ring_side {
    struct ring_shared *shared;
    uint32_t slot_bytes;
    uint32_t slot_mask;
    uint64_t own_count;   /* put by us, or taken by us */
    uint64_t other_count; /* the other's, as last seen */
};
struct ring_producer {
    struct ring_side side;
};
struct ring_consumer {
    struct ring_side side;
};

enum ring_result {
    RING_OK,
    RING_FULL, /* nothing was put: try again later, or refuse what came */
    RING_EMPTY,
    /* the other side wrote what cannot be, or this memory is no such ring: leave it for good */
    RING_BROKEN,
};

/* Bytes of shared memory for such a ring. */
size_t ring_bytes(uint32_t slot_bytes, uint32_t slot_count);

/* Formats the memory, which nobody else uses yet, and becomes its consumer. slot_bytes is a multiple of 8,
 * slot_count a power of two, the memory ring_bytes long. */
void ring_format(struct ring_consumer *consumer, void *memory, uint32_t slot_bytes,
                 uint32_t slot_count);
/* Becomes the producer of a ring that someone formatted with slots of this size; goes on where it stands. */
NODISCARD enum ring_result ring_attach(struct ring_producer *producer, void *memory,
                                       size_t memory_bytes, uint32_t slot_bytes);

/* Copies `bytes` (at most the slot's size) into the next slot and zeroes its rest. OK, FULL or BROKEN. */
NODISCARD enum ring_result ring_put(struct ring_producer *producer, const void *bytes,
                                    size_t count);
/* Copies the next slot (slot_bytes bytes) to `slot`. OK, EMPTY or BROKEN. */
NODISCARD enum ring_result ring_take(struct ring_consumer *consumer, void *slot);

#endif
