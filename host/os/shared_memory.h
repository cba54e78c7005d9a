/* Memory that several processes map: a memfd, made by the exchange, handed to others over the attach socket.
 *
 * Its size is sealed at creation, so that no holder of the descriptor can make another crash by shrinking it.
 * With SHARED_MEMORY_OTHERS_READ the descriptor can never again be mapped for writing, by anybody: the creator's own
 * mapping stays the only writable one. */
#ifndef OS_SHARED_MEMORY_H
#define OS_SHARED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

enum shared_memory_others { SHARED_MEMORY_OTHERS_READ, SHARED_MEMORY_OTHERS_WRITE };

struct shared_memory {
    int fd;      /* -1: none */
    void *bytes; /* page-aligned, zeroed at creation */
    size_t size_bytes;
};

/* `name` is for /proc only. False: the system refused (memory, descriptors). */
NODISCARD bool shared_memory_create(struct shared_memory *memory, const char *name,
                                    size_t size_bytes, enum shared_memory_others others);

/* Maps what another process made. The descriptor is taken over, also on failure. False: not a memory whose
 * size is sealed, not of size_bytes, or the system refused. A read-only mapping must not be written through. */
NODISCARD bool shared_memory_map_read(struct shared_memory *memory, int fd, size_t size_bytes);
NODISCARD bool shared_memory_map_write(struct shared_memory *memory, int fd, size_t size_bytes);

/* Unmaps and closes; harmless on a memory that was not made. */
void shared_memory_close(struct shared_memory *memory);

#endif
