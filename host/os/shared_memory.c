#include "os/shared_memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

static void shared_memory_none(struct shared_memory *memory) {
    *memory = (struct shared_memory){.fd = -1, .bytes = NULL, .size_bytes = 0};
}

bool shared_memory_create(struct shared_memory *memory, const char *name, size_t size_bytes,
                          enum shared_memory_others others) {
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

    shared_memory_none(memory);
    memory->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory->fd < 0)
        return false;
    if (ftruncate(memory->fd, (off_t)size_bytes) != 0)
        goto out;
    void *bytes = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (bytes == MAP_FAILED)
        goto out;
    memory->bytes = bytes;
    memory->size_bytes = size_bytes;
    if (others == SHARED_MEMORY_OTHERS_READ)
        seals |= F_SEAL_FUTURE_WRITE; /* after our own mapping, which stays writable */
    if (fcntl(memory->fd, F_ADD_SEALS, seals) == 0)
        return true;
out:
    shared_memory_close(memory);
    return false;
}

static bool shared_memory_map(struct shared_memory *memory, int fd, size_t size_bytes,
                              int protection) {
    struct stat status;

    shared_memory_none(memory);
    memory->fd = fd;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || !(seals & F_SEAL_SHRINK))
        goto out;
    if (fstat(fd, &status) != 0 || (uint64_t)status.st_size != size_bytes || size_bytes == 0)
        goto out;
    void *bytes = mmap(NULL, size_bytes, protection, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        goto out;
    memory->bytes = bytes;
    memory->size_bytes = size_bytes;
    return true;
out:
    shared_memory_close(memory);
    return false;
}

bool shared_memory_map_read(struct shared_memory *memory, int fd, size_t size_bytes) {
    return shared_memory_map(memory, fd, size_bytes, PROT_READ);
}

bool shared_memory_map_write(struct shared_memory *memory, int fd, size_t size_bytes) {
    return shared_memory_map(memory, fd, size_bytes, PROT_READ | PROT_WRITE);
}

void shared_memory_close(struct shared_memory *memory) {
    if (memory->bytes != NULL)
        munmap(memory->bytes, memory->size_bytes);
    if (memory->fd >= 0)
        close(memory->fd);
    shared_memory_none(memory);
}
