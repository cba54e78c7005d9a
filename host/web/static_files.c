#include "web/static_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "os/log.h"

#define FOLDER_DEPTH_MAX 3
#define FILE_PATH_BYTES  1024

static const char *type_of(const char *path) {
    static const struct {
        const char *end;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
    };
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t end = strlen(types[i].end);
        if (length > end && strcmp(path + length - end, types[i].end) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

static bool content_read(const char *name, size_t count, struct static_content *content) {
    FILE *file = fopen(name, "rb");

    if (file == NULL)
        return false;
    content->bytes = malloc(count + 1);
    content->count = content->bytes == NULL ? 0 : fread(content->bytes, 1, count, file);
    fclose(file);
    return content->bytes != NULL && content->count == count;
}

static struct static_file *file_of(struct static_files *files, const char *path) {
    for (size_t i = 0; i < files->file_count; i++)
        if (strcmp(files->files[i].path, path) == 0)
            return &files->files[i];
    if (files->file_count == STATIC_FILES_MAX)
        return NULL;
    struct static_file *file = &files->files[files->file_count++];
    *file = (struct static_file){0};
    strcpy(file->path, path);
    file->type = type_of(path);
    return file;
}

static void file_take(struct static_files *files, const char *name, const char *path,
                      size_t count) {
    char plain_path[STATIC_PATH_BYTES];
    size_t length = strlen(path);
    bool is_gzip = length > 3 && strcmp(path + length - 3, ".gz") == 0;

    if (length >= sizeof plain_path || files->total_bytes + count > STATIC_BYTES_MAX) {
        log_warn("web", "not served, beyond a limit: %s", name);
        return;
    }
    memcpy(plain_path, path, length + 1);
    if (is_gzip)
        plain_path[length - 3] = '\0';
    struct static_file *file = file_of(files, plain_path);
    if (file == NULL || !content_read(name, count, is_gzip ? &file->gzip : &file->plain)) {
        log_warn("web", "not served: %s", name);
        return;
    }
    files->total_bytes += count;
}

/* Folders that wait to be looked into, so that there is no recursion. */
struct folder {
    char path[STATIC_PATH_BYTES]; /* "" or "/assets" */
    unsigned depth;
};

static void folder_read(struct static_files *files, const char *root, const struct folder *folder,
                        struct folder *waiting, size_t *waiting_count) {
    char name[FILE_PATH_BYTES];
    char path[STATIC_PATH_BYTES + 256];
    struct dirent *entry;

    snprintf(name, sizeof name, "%s%s", root, folder->path);
    DIR *directory = opendir(name);
    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL) {
        struct stat status;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
        snprintf(name, sizeof name, "%s%s", root, path);
        if (stat(name, &status) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            file_take(files, name, path, (size_t)status.st_size);
        else if (S_ISDIR(status.st_mode) && folder->depth < FOLDER_DEPTH_MAX &&
                 *waiting_count < STATIC_FILES_MAX && strlen(path) < STATIC_PATH_BYTES) {
            struct folder *below = &waiting[(*waiting_count)++];
            strcpy(below->path, path);
            below->depth = folder->depth + 1;
        }
    }
    closedir(directory);
}

void static_files_read(struct static_files *files, const char *root) {
    static struct folder waiting[STATIC_FILES_MAX];
    size_t waiting_count = 1;

    *files = (struct static_files){0};
    waiting[0] = (struct folder){0};
    for (size_t i = 0; i < waiting_count; i++) {
        struct folder folder = waiting[i];
        folder_read(files, root, &folder, waiting, &waiting_count);
    }
    log_info("web", "page files=%zu bytes=%zu folder=%s", files->file_count, files->total_bytes,
             root);
}

void static_files_forget(struct static_files *files) {
    for (size_t i = 0; i < files->file_count; i++) {
        free(files->files[i].plain.bytes);
        free(files->files[i].gzip.bytes);
    }
    files->file_count = 0;
}

const struct static_file *static_files_find(const struct static_files *files, const char *path) {
    if (strcmp(path, "/") == 0 || path[0] == '\0')
        path = "/index.html";
    for (size_t i = 0; i < files->file_count; i++)
        if (strcmp(files->files[i].path, path) == 0)
            return &files->files[i];
    return NULL;
}
