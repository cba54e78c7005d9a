/* A hash map of fixed capacity from keys of one size to 32-bit values, usually indices.
 *
 * Keys are 8 to 64 bytes, a multiple of 8, compared byte for byte; a key of 8 bytes is a number. Open addressing
 * with linear probing at no more than half load; removal shifts back, so there are no tombstones and the cost
 * does not grow with age. Nothing iterates over it: order of hashing is never visible.
 *
 * Its hash is not keyed: who may choose keys must be limited in number of keys by another rule (core/limits.h:
 * open orders per account). */
#ifndef BASE_HASH_MAP_H
#define BASE_HASH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

#define HASH_MAP_NONE          0xFFFFFFFFu /* no such key; not a value */
#define HASH_MAP_KEY_BYTES_MAX 64

struct hash_map {
    uint64_t *slots; /* each: value + 1 (0 = empty), then the key */
    uint64_t mask;
    uint32_t key_words;
    uint32_t count;
    uint32_t max;
};

/* What init takes from the arena, alignment included. */
size_t hash_map_bytes(uint32_t max, uint32_t key_bytes);
void hash_map_init(struct hash_map *map, struct arena *arena, uint32_t max, uint32_t key_bytes);

uint32_t hash_map_find(const struct hash_map *map, const void *key);
/* False: the map holds `max` keys already; nothing changed. The key must not be there yet. */
NODISCARD bool hash_map_put(struct hash_map *map, const void *key, uint32_t value);
/* The key must be there. */
void hash_map_remove(struct hash_map *map, const void *key);

#endif
