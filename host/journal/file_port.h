/* The port by which the journal touches files: one directory, and the few operations that a journal needs.
 *
 * Two sides: os/posix_file.h (a real directory) and sim/world/simulated_disk.h (a seeded disk that loses
 * power, tears sectors, fails and lies). All calls block until done, and all report by enum: no errno crosses
 * the port. A port belongs to one thread; two threads that read the same directory open two ports.
 *
 * Durability: `write` and `zero_fill` promise nothing until `sync` of that file has returned FILE_OK; `create`,
 * `rename` and `remove` promise nothing until `sync_directory` has. After a failed `sync` nothing is known about
 * what was written since the last good one, and no later FILE_OK changes that. */
#ifndef JOURNAL_FILE_PORT_H
#define JOURNAL_FILE_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define FILE_NAME_BYTES  64 /* names in the directory, with their NUL; longer is FILE_BAD_NAME */
#define FILE_HANDLE_MAX  16 /* files open at once through one port; one more is FILE_LIMIT */
#define FILE_HANDLE_NONE (-1)

enum file_result {
    FILE_OK = 0,
    FILE_NOT_FOUND,
    FILE_EXISTS,   /* FILE_CREATE of a name that is taken */
    FILE_NO_SPACE, /* ENOSPC, EDQUOT */
    FILE_SHORT,    /* a write that ended early: as final as an error */
    FILE_IO,       /* EIO and whatever else the device or the kernel says */
    FILE_DENIED,   /* EACCES, EPERM, EROFS */
    FILE_BUSY,     /* somebody else holds the directory for writing */
    FILE_LIMIT,    /* FILE_HANDLE_MAX, or the system's own limit */
    FILE_BAD_NAME, /* empty, too long, or with a slash in it */
};

enum file_mode {
    FILE_READ,   /* an existing file, to read */
    FILE_WRITE,  /* an existing file, to read and write in place */
    FILE_CREATE, /* a new file of length 0, to read and write */
};

struct file_name {
    char text[FILE_NAME_BYTES];
};

/* A place in an open file. */
struct file_at {
    int handle;
    uint64_t offset_bytes;
};

/* open            *handle is a small number >= 0.
 * read            up to `count` bytes; *read_bytes is less only at the end of the file.
 * write           all `count` bytes or an error; extends the file when it must.
 * zero_fill       writes real zeros (an allocated but unwritten file syncs half as fast); extends likewise.
 * sync            the file's bytes and length are on the device (fdatasync).
 * forget          syncs, then drops what memory holds of the file, so that the next read comes from the device:
 *                 after a failed sync the page cache shows what the disk does not have.
 * list            the first `max` names of plain files, in any order; *count is how many there are in all.
 * rename          replaces nothing: FILE_EXISTS when `to` is taken. */
struct file_port_ops {
    enum file_result (*open)(void *self, const char *name, enum file_mode mode, int *handle);
    void (*close)(void *self, int handle);
    enum file_result (*read)(void *self, struct file_at at, void *bytes, size_t count,
                             size_t *read_bytes);
    enum file_result (*write)(void *self, struct file_at at, const void *bytes, size_t count);
    enum file_result (*zero_fill)(void *self, struct file_at at, uint64_t count);
    enum file_result (*sync)(void *self, int handle);
    enum file_result (*forget)(void *self, int handle);
    enum file_result (*size)(void *self, int handle, uint64_t *size_bytes);
    enum file_result (*list)(void *self, struct file_name *names, size_t max, size_t *count);
    enum file_result (*rename)(void *self, const char *from, const char *to);
    enum file_result (*remove)(void *self, const char *name);
    enum file_result (*sync_directory)(void *self);
};

struct file_port {
    const struct file_port_ops *ops;
    void *self;
};

/* A few words for log lines: "no space left", "input/output error". */
const char *file_result_text(enum file_result result);

#endif
