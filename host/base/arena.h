/* An arena hands out memory from one block, in order, until it is sealed. Nothing is ever given back.
 *
 * The caller owns the block (huge pages, shared memory, static array) and keeps it alive. Memory comes
 * zeroed if the block was zeroed. Running out, or asking after the seal, is a mistake in our sizing: check. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
    unsigned char *bytes;
    size_t size_bytes;
    size_t used_bytes;
    bool sealed;
};

void arena_init(struct arena *arena, void *bytes, size_t size_bytes);
/* `align` is a power of two. Never NULL. */
void *arena_take(struct arena *arena, size_t bytes, size_t align);
void arena_seal(struct arena *arena);

#endif
