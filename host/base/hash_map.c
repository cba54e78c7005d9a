#include "base/hash_map.h"

#include <string.h>

static uint64_t hash_map_slot_count(uint32_t max) {
    uint64_t count = 4;

    while (count < 2 * (uint64_t)max)
        count *= 2;
    return count;
}

size_t hash_map_bytes(uint32_t max, uint32_t key_bytes) {
    return hash_map_slot_count(max) * (8 + key_bytes) + 64;
}

void hash_map_init(struct hash_map *map, struct arena *arena, uint32_t max, uint32_t key_bytes) {
    check(max < HASH_MAP_NONE / 2);
    check(key_bytes >= 8);
    check(key_bytes <= HASH_MAP_KEY_BYTES_MAX);
    check(key_bytes % 8 == 0);
    uint64_t count = hash_map_slot_count(max);
    size_t bytes = count * (8 + key_bytes);

    *map = (struct hash_map){
        .slots = arena_take(arena, bytes, 64),
        .mask = count - 1,
        .key_words = key_bytes / 8,
        .max = max,
    };
    memset(map->slots, 0, bytes);
}

/* Folding a 128-bit product mixes every bit of a word into every other. */
static uint64_t hash_map_home(const struct hash_map *map, const void *key) {
    uint64_t hash = 0x9E3779B97F4A7C15u;

    for (uint32_t i = 0; i < map->key_words; i++) {
        uint64_t word;
        memcpy(&word, (const unsigned char *)key + 8 * i, sizeof word);
        unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0xD6E8FEB86659FD93u;
        hash = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    return hash & map->mask;
}

static uint64_t *hash_map_slot(const struct hash_map *map, uint64_t at) {
    return map->slots + at * (1 + map->key_words);
}

/* Where the key is, or the empty slot that ends its run. There is one: at most half are taken. */
static uint64_t hash_map_seek(const struct hash_map *map, const void *key) {
    uint64_t at = hash_map_home(map, key);

    for (;; at = (at + 1) & map->mask) {
        const uint64_t *slot = hash_map_slot(map, at);
        if (slot[0] == 0 || memcmp(slot + 1, key, 8 * (size_t)map->key_words) == 0)
            return at;
    }
}

uint32_t hash_map_find(const struct hash_map *map, const void *key) {
    uint64_t held = hash_map_slot(map, hash_map_seek(map, key))[0];

    return held == 0 ? HASH_MAP_NONE : (uint32_t)(held - 1);
}

bool hash_map_put(struct hash_map *map, const void *key, uint32_t value) {
    check(value != HASH_MAP_NONE);
    if (map->count == map->max)
        return false;

    uint64_t *slot = hash_map_slot(map, hash_map_seek(map, key));
    check(slot[0] == 0);
    slot[0] = (uint64_t)value + 1;
    memcpy(slot + 1, key, 8 * (size_t)map->key_words);
    map->count++;
    return true;
}

void hash_map_remove(struct hash_map *map, const void *key) {
    uint64_t hole = hash_map_seek(map, key);

    check(hash_map_slot(map, hole)[0] != 0);
    /* Every later key of the run whose home is not between the hole and itself moves into the hole. */
    for (uint64_t at = (hole + 1) & map->mask;; at = (at + 1) & map->mask) {
        uint64_t *slot = hash_map_slot(map, at);
        if (slot[0] == 0)
            break;
        uint64_t home = hash_map_home(map, slot + 1);
        if (((at - home) & map->mask) < ((at - hole) & map->mask))
            continue;
        memcpy(hash_map_slot(map, hole), slot, 8 * (1 + (size_t)map->key_words));
        hole = at;
    }
    hash_map_slot(map, hole)[0] = 0;
    map->count--;
}
