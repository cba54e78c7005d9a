#include "base/ring.h"

#include <stdbool.h>
#include <string.h>

static bool ring_geometry_possible(uint32_t slot_bytes, uint32_t slot_count) {
    return slot_bytes != 0 && slot_bytes % 8 == 0 && slot_bytes <= RING_SLOT_BYTES_MAX &&
           slot_count != 0 && (slot_count & (slot_count - 1)) == 0 &&
           slot_count <= RING_SLOT_COUNT_MAX;
}

size_t ring_bytes(uint32_t slot_bytes, uint32_t slot_count) {
    check(ring_geometry_possible(slot_bytes, slot_count));
    return RING_SLOTS_OFFSET + (size_t)slot_bytes * slot_count;
}

void ring_format(struct ring_consumer *consumer, void *memory, uint32_t slot_bytes,
                 uint32_t slot_count) {
    check(ring_geometry_possible(slot_bytes, slot_count));
    check(((uintptr_t)memory & 63) == 0);
    struct ring_shared *shared = memory;

    memset(memory, 0, ring_bytes(slot_bytes, slot_count));
    shared->slot_bytes = slot_bytes;
    shared->slot_count = slot_count;
    /* Last: who sees the magic sees all of the above. */
    atomic_store_explicit(&shared->magic, RING_MAGIC, memory_order_release);

    *consumer = (struct ring_consumer){
        {.shared = shared, .slot_bytes = slot_bytes, .slot_mask = slot_count - 1}};
}

enum ring_result ring_attach(struct ring_producer *producer, void *memory, size_t memory_bytes,
                             uint32_t slot_bytes) {
    struct ring_shared *shared = memory;

    if (memory_bytes < RING_SLOTS_OFFSET)
        return RING_BROKEN;
    if (atomic_load_explicit(&shared->magic, memory_order_acquire) != RING_MAGIC)
        return RING_BROKEN;
    /* Read once: what is checked here is what is used for ever. */
    uint32_t slot_count = *(volatile uint32_t *)&shared->slot_count;
    if (*(volatile uint32_t *)&shared->slot_bytes != slot_bytes)
        return RING_BROKEN;
    if (!ring_geometry_possible(slot_bytes, slot_count))
        return RING_BROKEN;
    if (memory_bytes < ring_bytes(slot_bytes, slot_count))
        return RING_BROKEN;

    producer->side = (struct ring_side){
        .shared = shared,
        .slot_bytes = slot_bytes,
        .slot_mask = slot_count - 1,
        .own_count = atomic_load_explicit(&shared->put_count, memory_order_relaxed),
        .other_count = atomic_load_explicit(&shared->take_count, memory_order_acquire),
    };
    if (producer->side.own_count - producer->side.other_count > slot_count)
        return RING_BROKEN;
    return RING_OK;
}

static unsigned char *ring_slot(const struct ring_side *side) {
    return (unsigned char *)side->shared + RING_SLOTS_OFFSET +
           (size_t)(side->own_count & side->slot_mask) * side->slot_bytes;
}

enum ring_result ring_put(struct ring_producer *producer, const void *bytes, size_t count) {
    struct ring_side *side = &producer->side;
    check(count <= side->slot_bytes);

    if (side->own_count - side->other_count > side->slot_mask) {
        /* Acquire: the consumer's copy of the slot is over before we write into it. */
        side->other_count = atomic_load_explicit(&side->shared->take_count, memory_order_acquire);
        if (side->own_count - side->other_count > (uint64_t)side->slot_mask + 1)
            return RING_BROKEN;
        if (side->own_count - side->other_count > side->slot_mask)
            return RING_FULL;
    }

    unsigned char *slot = ring_slot(side);
    memcpy(slot, bytes, count);
    memset(slot + count, 0, side->slot_bytes - count);
    side->own_count++;
    /* Release: the slot is written before its number is given away. */
    atomic_store_explicit(&side->shared->put_count, side->own_count, memory_order_release);
    return RING_OK;
}

enum ring_result ring_take(struct ring_consumer *consumer, void *slot) {
    struct ring_side *side = &consumer->side;

    if (side->other_count == side->own_count) {
        side->other_count = atomic_load_explicit(&side->shared->put_count, memory_order_acquire);
        if (side->other_count == side->own_count)
            return RING_EMPTY;
        /* Checked at once, so that a count that cannot be is never used. */
        if (side->other_count - side->own_count > (uint64_t)side->slot_mask + 1) {
            side->other_count = side->own_count;
            return RING_BROKEN;
        }
    }

    memcpy(slot, ring_slot(side), side->slot_bytes);
    side->own_count++;
    atomic_store_explicit(&side->shared->take_count, side->own_count, memory_order_release);
    return RING_OK;
}
