#include "base/arena.h"

#include <stdint.h>

#include "base/check.h"

void arena_init(struct arena *arena, void *bytes, size_t size_bytes) {
    check(bytes != NULL);
    *arena = (struct arena){.bytes = bytes, .size_bytes = size_bytes};
}

void *arena_take(struct arena *arena, size_t bytes, size_t align) {
    check(!arena->sealed);
    check(align != 0);
    check((align & (align - 1)) == 0);

    uintptr_t at = (uintptr_t)arena->bytes + arena->used_bytes;
    size_t padding = (size_t)(-at & (align - 1));

    check(padding <= arena->size_bytes - arena->used_bytes);
    check(bytes <= arena->size_bytes - arena->used_bytes - padding);
    arena->used_bytes += padding + bytes;
    return (void *)(at + padding);
}

void arena_seal(struct arena *arena) {
    arena->sealed = true;
}
