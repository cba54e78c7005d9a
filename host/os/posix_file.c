#include "os/posix_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZERO_BYTES (64u << 10) /* of zeros written by one call */

struct posix_files {
    struct file_port port;
    int directory_fd;
    int fds[FILE_HANDLE_MAX]; /* -1: free */
    unsigned char zeros[ZERO_BYTES];
};

static enum file_result posix_result(int error) {
    switch (error) {
    case ENOENT: return FILE_NOT_FOUND;
    case EEXIST: return FILE_EXISTS;
    case ENOSPC:
    case EDQUOT: return FILE_NO_SPACE;
    case EACCES:
    case EPERM:
    case EROFS: return FILE_DENIED;
    case EMFILE:
    case ENFILE: return FILE_LIMIT;
    default: return FILE_IO;
    }
}

static bool posix_name_fits(const char *name) {
    size_t length = strnlen(name, FILE_NAME_BYTES);

    return length > 0 && length < FILE_NAME_BYTES && strchr(name, '/') == NULL;
}

static enum file_result posix_open(void *self, const char *name, enum file_mode mode, int *handle) {
    struct posix_files *files = self;
    int flags = O_CLOEXEC | O_NOFOLLOW;

    *handle = FILE_HANDLE_NONE;
    if (!posix_name_fits(name))
        return FILE_BAD_NAME;
    switch (mode) {
    case FILE_READ: flags |= O_RDONLY; break;
    case FILE_WRITE: flags |= O_RDWR; break;
    case FILE_CREATE: flags |= O_RDWR | O_CREAT | O_EXCL; break;
    }
    for (int i = 0; i < FILE_HANDLE_MAX; i++) {
        if (files->fds[i] >= 0)
            continue;
        files->fds[i] = openat(files->directory_fd, name, flags, 0600);
        if (files->fds[i] < 0)
            return posix_result(errno);
        *handle = i;
        return FILE_OK;
    }
    return FILE_LIMIT;
}

static int posix_fd(const struct posix_files *files, int handle) {
    check(handle >= 0);
    check(handle < FILE_HANDLE_MAX);
    check(files->fds[handle] >= 0);
    return files->fds[handle];
}

static void posix_close(void *self, int handle) {
    struct posix_files *files = self;

    close(posix_fd(files, handle));
    files->fds[handle] = -1;
}

static enum file_result posix_read(void *self, struct file_at at, void *bytes, size_t count,
                                   size_t *read_bytes) {
    int fd = posix_fd(self, at.handle);
    unsigned char *to = bytes;

    *read_bytes = 0;
    while (*read_bytes < count) {
        ssize_t got = pread(fd, to + *read_bytes, count - *read_bytes,
                            (off_t)(at.offset_bytes + *read_bytes));
        if (got == 0)
            break;
        if (got > 0)
            *read_bytes += (size_t)got;
        else if (errno != EINTR)
            return posix_result(errno);
    }
    return FILE_OK;
}

static enum file_result posix_write(void *self, struct file_at at, const void *bytes,
                                    size_t count) {
    int fd = posix_fd(self, at.handle);
    ssize_t put;

    do
        put = pwrite(fd, bytes, count, (off_t)at.offset_bytes);
    while (put < 0 &&
           errno == EINTR); /* interrupted before a byte was taken: nothing was tried yet */
    if (put < 0)
        return posix_result(errno);
    return (size_t)put == count ? FILE_OK : FILE_SHORT;
}

static enum file_result posix_zero_fill(void *self, struct file_at at, uint64_t count) {
    struct posix_files *files = self;

    while (count > 0) {
        size_t step = count < ZERO_BYTES ? (size_t)count : ZERO_BYTES;
        enum file_result result = posix_write(self, at, files->zeros, step);
        if (result != FILE_OK)
            return result;
        at.offset_bytes += step;
        count -= step;
    }
    return FILE_OK;
}

static enum file_result posix_sync(void *self, int handle) {
    return fdatasync(posix_fd(self, handle)) == 0 ? FILE_OK : posix_result(errno);
}

static enum file_result posix_forget(void *self, int handle) {
    int fd = posix_fd(self, handle);

    if (fdatasync(fd) != 0)
        return posix_result(errno);
    int error =
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* clean pages only: hence the sync before */
    return error == 0 ? FILE_OK : posix_result(error);
}

static enum file_result posix_size(void *self, int handle, uint64_t *size_bytes) {
    struct stat status;

    if (fstat(posix_fd(self, handle), &status) != 0)
        return posix_result(errno);
    *size_bytes = (uint64_t)status.st_size;
    return FILE_OK;
}

static enum file_result posix_list(void *self, struct file_name *names, size_t max, size_t *count) {
    struct posix_files *files = self;
    const struct dirent *entry;

    *count = 0;
    int fd = openat(files->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return posix_result(errno);
    DIR *stream = fdopendir(fd);
    if (stream == NULL) {
        close(fd);
        return FILE_LIMIT;
    }
    errno = 0;
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
            continue;
        if (!posix_name_fits(entry->d_name) || entry->d_name[0] == '.')
            continue;
        if (*count < max)
            snprintf(names[*count].text, sizeof names[*count].text, "%.63s", entry->d_name);
        (*count)++;
    }
    int error = errno;
    closedir(stream);
    return error == 0 ? FILE_OK : posix_result(error);
}

static enum file_result posix_rename(void *self, const char *from, const char *to) {
    struct posix_files *files = self;

    if (!posix_name_fits(from) || !posix_name_fits(to))
        return FILE_BAD_NAME;
    if (renameat2(files->directory_fd, from, files->directory_fd, to, RENAME_NOREPLACE) == 0)
        return FILE_OK;
    return posix_result(errno);
}

static enum file_result posix_remove(void *self, const char *name) {
    struct posix_files *files = self;

    if (!posix_name_fits(name))
        return FILE_BAD_NAME;
    return unlinkat(files->directory_fd, name, 0) == 0 ? FILE_OK : posix_result(errno);
}

static enum file_result posix_sync_directory(void *self) {
    struct posix_files *files = self;

    return fsync(files->directory_fd) == 0 ? FILE_OK : posix_result(errno);
}

static const struct file_port_ops posix_ops = {
    .open = posix_open,
    .close = posix_close,
    .read = posix_read,
    .write = posix_write,
    .zero_fill = posix_zero_fill,
    .sync = posix_sync,
    .forget = posix_forget,
    .size = posix_size,
    .list = posix_list,
    .rename = posix_rename,
    .remove = posix_remove,
    .sync_directory = posix_sync_directory,
};

struct posix_files *posix_files_open(const char *directory, enum posix_files_mode mode,
                                     enum file_result *result) {
    struct posix_files *files = calloc(1, sizeof *files);

    if (files == NULL) {
        *result = FILE_LIMIT;
        return NULL;
    }
    files->port = (struct file_port){.ops = &posix_ops, .self = files};
    for (int i = 0; i < FILE_HANDLE_MAX; i++)
        files->fds[i] = -1;
    files->directory_fd = -1;

    if (mode == POSIX_FILES_WRITE && mkdir(directory, 0700) != 0 && errno != EEXIST) {
        *result = posix_result(errno);
        goto out;
    }
    files->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files->directory_fd < 0) {
        *result = posix_result(errno);
        goto out;
    }
    if (mode == POSIX_FILES_WRITE && flock(files->directory_fd, LOCK_EX | LOCK_NB) != 0) {
        *result = errno == EWOULDBLOCK ? FILE_BUSY : posix_result(errno);
        goto out;
    }
    *result = FILE_OK;
    return files;
out:
    posix_files_close(files);
    return NULL;
}

struct file_port *posix_files_port(struct posix_files *files) {
    return &files->port;
}

void posix_files_close(struct posix_files *files) {
    if (files == NULL)
        return;
    for (int i = 0; i < FILE_HANDLE_MAX; i++)
        if (files->fds[i] >= 0)
            close(files->fds[i]);
    if (files->directory_fd >= 0)
        close(files->directory_fd);
    free(files);
}
