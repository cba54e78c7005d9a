/* The page: the files of one folder and its subfolders, read once at start and served from memory. `app.js.gz`
 * beside `app.js` is what a client gets that takes gzip; compressing is the build's work, not ours. */
#ifndef WEB_STATIC_FILES_H
#define WEB_STATIC_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "web/limits.h"

#define STATIC_PATH_BYTES 128

struct static_content {
    unsigned char *bytes; /* NULL: not there */
    size_t count;
};

struct static_file {
    char path[STATIC_PATH_BYTES]; /* "/assets/app.js" */
    const char *type;
    struct static_content plain;
    struct static_content gzip;
};

struct static_files {
    struct static_file files[STATIC_FILES_MAX];
    size_t file_count;
    size_t total_bytes;
};

/* A folder that is not there is an empty page. */
void static_files_read(struct static_files *files, const char *folder);
void static_files_forget(struct static_files *files);
/* "/" is "/index.html". NULL: no such file. */
const struct static_file *static_files_find(const struct static_files *files, const char *path);

#endif
