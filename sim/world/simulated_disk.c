#include "sim/world/simulated_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROW_BYTES (UINT64_C(64) << 10)

struct simulated_file {
    bool used;
    char name[FILE_NAME_BYTES];         /* as memory shows the directory; "" = removed */
    char platter_name[FILE_NAME_BYTES]; /* as the platter holds it; "" = not there */
    uint64_t named_at;                  /* order of naming, for two files that claim one name */
    uint64_t size_bytes;
    uint64_t platter_size_bytes;
    uint64_t room_bytes; /* allocated below */
    unsigned char *memory;
    unsigned char *platter;
    unsigned char *dirty; /* one byte a sector: DIRTY_ flags */
};

enum { DIRTY_NEW = 1, DIRTY_LATE = 2 };

struct simulated_disk {
    struct file_port port;
    struct random random;
    struct simulated_file files[SIMULATED_FILE_MAX];
    int handles[FILE_HANDLE_MAX]; /* index of the file, -1: free */
    enum simulated_fault fault;
    uint64_t fault_at; /* calls of its kind left; 0: none */
    struct simulated_lies lies;
    uint64_t limit_bytes;
    uint64_t change_count;
    uint64_t naming_count;
    bool dark;
};

static bool disk_name_fits(const char *name) {
    size_t length = strnlen(name, FILE_NAME_BYTES);

    return length > 0 && length < FILE_NAME_BYTES && strchr(name, '/') == NULL;
}

static struct simulated_file *disk_find(struct simulated_disk *disk, const char *name) {
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++)
        if (disk->files[i].used && strcmp(disk->files[i].name, name) == 0)
            return &disk->files[i];
    return NULL;
}

static struct simulated_file *disk_file(struct simulated_disk *disk, int handle) {
    check(handle >= 0);
    check(handle < FILE_HANDLE_MAX);
    check(disk->handles[handle] >= 0);
    return &disk->files[disk->handles[handle]];
}

static void disk_free_file(struct simulated_file *file) {
    free(file->memory);
    free(file->platter);
    free(file->dirty);
    *file = (struct simulated_file){0};
}

static bool disk_grow(struct simulated_file *file, uint64_t size_bytes) {
    uint64_t room = (size_bytes + GROW_BYTES - 1) / GROW_BYTES * GROW_BYTES;

    if (size_bytes > SIMULATED_FILE_BYTES_MAX)
        return false;
    if (room <= file->room_bytes)
        return true;
    unsigned char *memory = calloc(1, room);
    unsigned char *platter = calloc(1, room);
    unsigned char *dirty = calloc(1, room / SIMULATED_SECTOR_BYTES);
    check(memory != NULL && platter != NULL && dirty != NULL);
    if (file->room_bytes > 0) {
        memcpy(memory, file->memory, file->room_bytes);
        memcpy(platter, file->platter, file->room_bytes);
        memcpy(dirty, file->dirty, file->room_bytes / SIMULATED_SECTOR_BYTES);
    }
    free(file->memory);
    free(file->platter);
    free(file->dirty);
    file->memory = memory;
    file->platter = platter;
    file->dirty = dirty;
    file->room_bytes = room;
    return true;
}

/* Is this the call that goes wrong? Counts only while `fault` is the one that is set. */
static bool disk_fault_now(struct simulated_disk *disk, enum simulated_fault fault) {
    if (disk->fault != fault || disk->fault_at == 0)
        return false;
    if (--disk->fault_at > 0)
        return false;
    if (fault == SIMULATED_FAULT_WRITE_NO_SPACE)
        disk->fault_at = 1; /* and so it stays */
    if (fault == SIMULATED_FAULT_POWER)
        disk->dark = true;
    return true;
}

/* Every call that changes something begins here. */
static bool disk_power_fails(struct simulated_disk *disk) {
    disk->change_count++;
    return disk_fault_now(disk, SIMULATED_FAULT_POWER);
}

static struct simulated_file *disk_new_file(struct simulated_disk *disk, const char *name) {
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++) {
        struct simulated_file *file = &disk->files[i];
        if (file->used)
            continue;
        file->used = true;
        file->named_at = ++disk->naming_count;
        snprintf(file->name, sizeof file->name, "%s", name);
        return file;
    }
    return NULL;
}

static enum file_result disk_open(void *self, const char *name, enum file_mode mode, int *handle) {
    struct simulated_disk *disk = self;
    struct simulated_file *file = disk_name_fits(name) ? disk_find(disk, name) : NULL;

    *handle = FILE_HANDLE_NONE;
    if (disk->dark)
        return FILE_IO;
    if (!disk_name_fits(name))
        return FILE_BAD_NAME;
    if (mode == FILE_CREATE && file != NULL)
        return FILE_EXISTS;
    if (mode != FILE_CREATE && file == NULL)
        return FILE_NOT_FOUND;
    for (int i = 0; i < FILE_HANDLE_MAX; i++) {
        if (disk->handles[i] >= 0)
            continue;
        if (mode == FILE_CREATE && disk_power_fails(disk) && random_below(&disk->random, 2) == 0)
            return FILE_IO;
        if (mode == FILE_CREATE)
            file = disk_new_file(disk, name);
        if (file == NULL)
            return FILE_NO_SPACE;
        if (disk->dark)
            return FILE_IO;
        disk->handles[i] = (int)(file - disk->files);
        *handle = i;
        return FILE_OK;
    }
    return FILE_LIMIT;
}

static void disk_close(void *self, int handle) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return;
    (void)disk_file(disk, handle);
    disk->handles[handle] = -1;
}

static enum file_result disk_read(void *self, struct file_at at, void *bytes, size_t count,
                                  size_t *read_bytes) {
    struct simulated_disk *disk = self;

    *read_bytes = 0;
    if (disk->dark)
        return FILE_IO;
    const struct simulated_file *file = disk_file(disk, at.handle);
    if (at.offset_bytes >= file->size_bytes)
        return FILE_OK;
    uint64_t left = file->size_bytes - at.offset_bytes;
    *read_bytes = left < count ? (size_t)left : count;
    memcpy(bytes, file->memory + at.offset_bytes, *read_bytes);
    return FILE_OK;
}

static uint64_t disk_used_bytes(const struct simulated_disk *disk) {
    uint64_t used = 0;

    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++)
        if (disk->files[i].used && disk->files[i].name[0] != 0)
            used += disk->files[i].size_bytes;
    return used;
}

static void disk_mark(struct simulated_file *file, uint64_t offset_bytes, uint64_t count) {
    if (count == 0)
        return;
    uint64_t last = (offset_bytes + count - 1) / SIMULATED_SECTOR_BYTES;
    for (uint64_t sector = offset_bytes / SIMULATED_SECTOR_BYTES; sector <= last; sector++)
        file->dirty[sector] |= DIRTY_NEW;
}

/* The bytes in memory. `bytes` NULL: zeros. */
static void disk_put(struct simulated_disk *disk, struct simulated_file *file,
                     uint64_t offset_bytes, const unsigned char *bytes, uint64_t count) {
    if (offset_bytes + count > file->size_bytes)
        file->size_bytes = offset_bytes + count;
    if (bytes != NULL)
        memcpy(file->memory + offset_bytes, bytes, count);
    else if (!disk->lies.zero_keeps_old_bytes)
        memset(file->memory + offset_bytes, 0, count);
    disk_mark(file, offset_bytes, count);
}

static enum file_result disk_change(struct simulated_disk *disk, struct file_at at,
                                    const unsigned char *bytes, uint64_t count) {
    struct simulated_file *file = disk_file(disk, at.handle);
    enum file_result result = FILE_OK;
    uint64_t end_bytes = at.offset_bytes + count;
    uint64_t growth = end_bytes > file->size_bytes ? end_bytes - file->size_bytes : 0;

    if (growth > 0 && disk->limit_bytes > 0 && disk_used_bytes(disk) + growth > disk->limit_bytes)
        return FILE_NO_SPACE;
    if (disk_fault_now(disk, SIMULATED_FAULT_WRITE_NO_SPACE) || !disk_grow(file, end_bytes))
        return FILE_NO_SPACE;
    if (disk_fault_now(disk, SIMULATED_FAULT_WRITE_IO))
        result = FILE_IO;
    if (disk_fault_now(disk, SIMULATED_FAULT_WRITE_SHORT))
        result = FILE_SHORT;
    if (disk_power_fails(disk))
        result = FILE_IO;
    if (result != FILE_OK)
        count = random_below(&disk->random, (uint32_t)count + 1);
    disk_put(disk, file, at.offset_bytes, bytes, count);
    return result;
}

/* One sector of the write lies elsewhere in the file, and its own place keeps the old bytes. */
static enum file_result disk_misplace(struct simulated_disk *disk, struct file_at at,
                                      const unsigned char *bytes, size_t count) {
    struct simulated_file *file = disk_file(disk, at.handle);
    unsigned char old[SIMULATED_SECTOR_BYTES];

    if (count < sizeof old || at.offset_bytes % sizeof old != 0 ||
        at.offset_bytes + count > file->size_bytes)
        return disk_change(disk, at, bytes, count);
    uint64_t moved = random_below(&disk->random, (uint32_t)(count / sizeof old)) * sizeof old;
    uint64_t to =
        random_below(&disk->random, (uint32_t)(file->size_bytes / sizeof old)) * sizeof old;
    memcpy(old, file->memory + at.offset_bytes + moved, sizeof old);
    enum file_result result = disk_change(disk, at, bytes, count);
    if (to == at.offset_bytes + moved)
        return result;
    disk_put(disk, file, at.offset_bytes + moved, old, sizeof old);
    disk_put(disk, file, to, bytes + moved, sizeof old);
    return result;
}

static enum file_result disk_write(void *self, struct file_at at, const void *bytes, size_t count) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return FILE_IO;
    if (disk_fault_now(disk, SIMULATED_FAULT_WRITE_MISPLACED))
        return disk_misplace(disk, at, bytes, count);
    return disk_change(disk, at, bytes, count);
}

static enum file_result disk_zero_fill(void *self, struct file_at at, uint64_t count) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return FILE_IO;
    return disk_change(disk, at, NULL, count);
}

/* Carries a file's dirty sectors of this kind over to the platter. */
static void disk_carry(struct simulated_file *file, unsigned char kind) {
    uint64_t sectors = file->room_bytes / SIMULATED_SECTOR_BYTES;

    for (uint64_t sector = 0; sector < sectors; sector++) {
        if (!(file->dirty[sector] & kind))
            continue;
        memcpy(file->platter + sector * SIMULATED_SECTOR_BYTES,
               file->memory + sector * SIMULATED_SECTOR_BYTES, SIMULATED_SECTOR_BYTES);
        file->dirty[sector] = 0;
    }
}

/* What the power leaves of one dirty sector. */
static void disk_tear(struct simulated_disk *disk, struct simulated_file *file, uint64_t sector) {
    unsigned char *platter = file->platter + sector * SIMULATED_SECTOR_BYTES;
    const unsigned char *memory = file->memory + sector * SIMULATED_SECTOR_BYTES;
    uint32_t cut = random_below(&disk->random, SIMULATED_SECTOR_BYTES);

    switch (random_below(&disk->random, 8)) {
    case 0: /* torn, the head is new */ memcpy(platter, memory, cut); break;
    case 1: /* torn, the tail is new */
        memcpy(platter + cut, memory + cut, SIMULATED_SECTOR_BYTES - cut);
        break;
    case 2: /* scrambled */
        for (uint32_t i = 0; i < SIMULATED_SECTOR_BYTES; i++)
            platter[i] = (unsigned char)random_next(&disk->random);
        break;
    case 3:
    case 4:
    case 5: memcpy(platter, memory, SIMULATED_SECTOR_BYTES); break;
    default: break; /* dropped */
    }
    file->dirty[sector] = 0;
}

static void disk_tear_file(struct simulated_disk *disk, struct simulated_file *file) {
    uint64_t sectors = file->room_bytes / SIMULATED_SECTOR_BYTES;

    for (uint64_t sector = 0; sector < sectors; sector++)
        if (file->dirty[sector] != 0)
            disk_tear(disk, file, sector);
    if (file->platter_size_bytes != file->size_bytes && random_below(&disk->random, 2) == 0)
        file->platter_size_bytes = file->size_bytes;
}

static enum file_result disk_sync(void *self, int handle) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return FILE_IO;
    struct simulated_file *file = disk_file(disk, handle);
    if (disk_power_fails(disk))
        return FILE_IO;
    if (disk_fault_now(disk, SIMULATED_FAULT_SYNC_IO)) {
        disk_tear_file(disk, file); /* some of it is there, and memory calls all of it clean */
        return FILE_IO;
    }
    if (disk->lies.sync_does_nothing)
        return FILE_OK;
    if (disk->lies.sync_comes_late) {
        disk_carry(file, DIRTY_LATE);
        for (uint64_t sector = 0; sector < file->room_bytes / SIMULATED_SECTOR_BYTES; sector++)
            if (file->dirty[sector] != 0)
                file->dirty[sector] = DIRTY_LATE;
    } else {
        disk_carry(file, DIRTY_NEW);
    }
    file->platter_size_bytes = file->size_bytes;
    return FILE_OK;
}

static enum file_result disk_forget(void *self, int handle) {
    struct simulated_disk *disk = self;
    enum file_result result = disk_sync(self, handle);

    if (result != FILE_OK || disk->lies.forget_keeps_memory)
        return result;
    struct simulated_file *file = disk_file(disk, handle);
    for (uint64_t sector = 0; sector < file->room_bytes / SIMULATED_SECTOR_BYTES; sector++)
        if (file->dirty[sector] == 0)
            memcpy(file->memory + sector * SIMULATED_SECTOR_BYTES,
                   file->platter + sector * SIMULATED_SECTOR_BYTES, SIMULATED_SECTOR_BYTES);
    return FILE_OK;
}

static enum file_result disk_size(void *self, int handle, uint64_t *size_bytes) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return FILE_IO;
    *size_bytes = disk_file(disk, handle)->size_bytes;
    return FILE_OK;
}

static enum file_result disk_list(void *self, struct file_name *names, size_t max, size_t *count) {
    struct simulated_disk *disk = self;

    *count = 0;
    if (disk->dark)
        return FILE_IO;
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++) {
        if (!disk->files[i].used || disk->files[i].name[0] == 0)
            continue;
        if (*count < max)
            snprintf(names[*count].text, sizeof names[*count].text, "%s", disk->files[i].name);
        (*count)++;
    }
    return FILE_OK;
}

static enum file_result disk_rename(void *self, const char *from, const char *to) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return FILE_IO;
    if (!disk_name_fits(from) || !disk_name_fits(to))
        return FILE_BAD_NAME;
    struct simulated_file *file = disk_find(disk, from);
    if (file == NULL)
        return FILE_NOT_FOUND;
    if (disk_find(disk, to) != NULL)
        return FILE_EXISTS;
    bool fails = disk_power_fails(disk);
    if (fails && random_below(&disk->random, 2) == 0)
        return FILE_IO;
    snprintf(file->name, sizeof file->name, "%s", to);
    file->named_at = ++disk->naming_count;
    return fails ? FILE_IO : FILE_OK;
}

static enum file_result disk_remove(void *self, const char *name) {
    struct simulated_disk *disk = self;

    if (disk->dark)
        return FILE_IO;
    if (!disk_name_fits(name))
        return FILE_BAD_NAME;
    struct simulated_file *file = disk_find(disk, name);
    if (file == NULL)
        return FILE_NOT_FOUND;
    bool fails = disk_power_fails(disk);
    if (fails && random_below(&disk->random, 2) == 0)
        return FILE_IO;
    file->name[0] = 0;
    file->named_at = ++disk->naming_count;
    return fails ? FILE_IO : FILE_OK;
}

static enum file_result disk_sync_directory(void *self) {
    struct simulated_disk *disk = self;

    if (disk->dark || disk_power_fails(disk))
        return FILE_IO;
    if (disk->lies.directory_sync_does_nothing)
        return FILE_OK;
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++) {
        struct simulated_file *file = &disk->files[i];
        memcpy(file->platter_name, file->name, sizeof file->platter_name);
        if (file->used && file->name[0] == 0)
            disk_free_file(file);
    }
    return FILE_OK;
}

static const struct file_port_ops disk_ops = {
    .open = disk_open,
    .close = disk_close,
    .read = disk_read,
    .write = disk_write,
    .zero_fill = disk_zero_fill,
    .sync = disk_sync,
    .forget = disk_forget,
    .size = disk_size,
    .list = disk_list,
    .rename = disk_rename,
    .remove = disk_remove,
    .sync_directory = disk_sync_directory,
};

static void disk_close_all(struct simulated_disk *disk) {
    for (size_t i = 0; i < FILE_HANDLE_MAX; i++)
        disk->handles[i] = -1;
}

struct simulated_disk *simulated_disk_open(uint64_t seed) {
    struct simulated_disk *disk = calloc(1, sizeof *disk);

    if (disk == NULL)
        return NULL;
    disk->port = (struct file_port){.ops = &disk_ops, .self = disk};
    disk->random = random_seeded(seed);
    disk_close_all(disk);
    return disk;
}

void simulated_disk_close(struct simulated_disk *disk) {
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++)
        disk_free_file(&disk->files[i]);
    free(disk);
}

struct file_port *simulated_disk_port(struct simulated_disk *disk) {
    return &disk->port;
}

void simulated_disk_fail(struct simulated_disk *disk, enum simulated_fault fault,
                         uint64_t at_call) {
    disk->fault = fault;
    disk->fault_at = at_call;
}

void simulated_disk_lie(struct simulated_disk *disk, struct simulated_lies lies) {
    disk->lies = lies;
}

void simulated_disk_limit(struct simulated_disk *disk, uint64_t bytes_max) {
    disk->limit_bytes = bytes_max;
}

bool simulated_disk_is_dark(const struct simulated_disk *disk) {
    return disk->dark;
}

/* Two files may claim one name when a removal or renaming was lost: the directory holds only the younger. */
static void disk_settle_names(struct simulated_disk *disk) {
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++)
        for (size_t j = 0; j < SIMULATED_FILE_MAX; j++) {
            struct simulated_file *one = &disk->files[i];
            const struct simulated_file *other = &disk->files[j];
            if (i != j && one->used && other->used && one->platter_name[0] != 0 &&
                strcmp(one->platter_name, other->platter_name) == 0 &&
                one->named_at < other->named_at)
                one->platter_name[0] = 0;
        }
}

static void disk_reload_file(struct simulated_file *file) {
    memcpy(file->name, file->platter_name, sizeof file->name);
    file->size_bytes = file->platter_size_bytes;
    if (file->room_bytes == 0)
        return;
    /* What lies behind the length is not in the file: it must come back as zeros. */
    memset(file->platter + file->size_bytes, 0, file->room_bytes - file->size_bytes);
    memcpy(file->memory, file->platter, file->room_bytes);
    memset(file->dirty, 0, file->room_bytes / SIMULATED_SECTOR_BYTES);
}

void simulated_disk_power_cut(struct simulated_disk *disk) {
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++) {
        struct simulated_file *file = &disk->files[i];
        if (!file->used)
            continue;
        disk_tear_file(disk, file);
        if (strcmp(file->name, file->platter_name) != 0 && random_below(&disk->random, 2) == 0)
            memcpy(file->platter_name, file->name, sizeof file->platter_name);
    }
    disk_settle_names(disk);
    for (size_t i = 0; i < SIMULATED_FILE_MAX; i++) {
        struct simulated_file *file = &disk->files[i];
        if (!file->used)
            continue;
        if (file->platter_name[0] == 0)
            disk_free_file(file);
        else
            disk_reload_file(file);
    }
    disk->dark = false;
    disk->fault = SIMULATED_FAULT_NONE;
    disk_close_all(disk);
}

void simulated_disk_process_death(struct simulated_disk *disk) {
    disk->dark = false;
    disk->fault = SIMULATED_FAULT_NONE;
    disk_close_all(disk);
}

uint64_t simulated_disk_change_count(const struct simulated_disk *disk) {
    return disk->change_count;
}

unsigned char *simulated_disk_platter(struct simulated_disk *disk, const char *name,
                                      uint64_t *size_bytes) {
    struct simulated_file *file = disk_find(disk, name);

    if (file == NULL)
        return NULL;
    *size_bytes = file->platter_size_bytes;
    return file->platter;
}

bool simulated_disk_put(struct simulated_disk *disk, const char *name, const void *bytes,
                        uint64_t count) {
    struct simulated_file *file = disk_name_fits(name) ? disk_new_file(disk, name) : NULL;

    if (file == NULL || !disk_grow(file, count))
        return false;
    disk_put(disk, file, 0, bytes, count);
    disk_carry(file, DIRTY_NEW);
    file->platter_size_bytes = count;
    memcpy(file->platter_name, file->name, sizeof file->platter_name);
    return true;
}

void simulated_disk_reload(struct simulated_disk *disk, const char *name) {
    struct simulated_file *file = disk_find(disk, name);

    check(file != NULL);
    disk_reload_file(file);
}
