/* The simulated side of journal/file_port.h: a directory on a seeded disk that loses power, fails and lies.
 *
 * Each file has two contents: what memory shows (the page cache) and what the platter holds. A write changes the
 * first and marks its 512-byte sectors dirty; a sync carries dirty sectors over. At a power cut each dirty sector is
 * kept, dropped, torn (a part of the new bytes, the rest old) or scrambled, independently of all others and so in
 * any order; each rename, creation and removal whose directory was not synced has happened or has not, and so has
 * each growth of a file. Then memory shows what the platter holds.
 *
 * A failed sync keeps Linux's promise, not the reader's: memory goes on showing the new bytes and believes them
 * clean, the platter has some of them, and the next sync returns FILE_OK.
 *
 * Faults are set by the test; nothing of them is in the journal's code. One thread owns a disk. */
#ifndef WORLD_SIMULATED_DISK_H
#define WORLD_SIMULATED_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "journal/file_port.h"

#define SIMULATED_SECTOR_BYTES   512u
#define SIMULATED_FILE_MAX       64u                  /* in the directory; more is FILE_NO_SPACE */
#define SIMULATED_FILE_BYTES_MAX (UINT64_C(64) << 20) /* longer is FILE_NO_SPACE */

/* What goes wrong, and at which call of its kind, counted from simulated_disk_fail on. */
enum simulated_fault {
    SIMULATED_FAULT_NONE,
    SIMULATED_FAULT_WRITE_IO,       /* write, zero_fill: FILE_IO, a part of it is in memory */
    SIMULATED_FAULT_WRITE_SHORT,    /* likewise, FILE_SHORT */
    SIMULATED_FAULT_WRITE_NO_SPACE, /* FILE_NO_SPACE from this call on */
    SIMULATED_FAULT_WRITE_MISPLACED, /* reported done; one sector of it went to another sector of the file */
    SIMULATED_FAULT_SYNC_IO, /* sync: FILE_IO, see above */
    SIMULATED_FAULT_POWER, /* any changing call: it happens in part, and then every call is FILE_IO */
};

/* A disk that lies, or a program that forgot something: from the disk the two look alike, so that a test can plant
 * the mistakes of a journal without touching the journal. */
struct simulated_lies {
    bool sync_does_nothing; /* as a writer without sync */
    bool
        sync_comes_late; /* takes effect at the next sync only: as an acknowledgement before the sync */
    bool
        zero_keeps_old_bytes; /* zero_fill leaves what is there: as a recovery that does not zero its cut */
    bool directory_sync_does_nothing;
    bool forget_keeps_memory; /* as a recovery that believes the page cache */
};

struct simulated_disk;

/* NULL: no memory. */
struct simulated_disk *simulated_disk_open(uint64_t seed);
void simulated_disk_close(struct simulated_disk *disk);
struct file_port *simulated_disk_port(struct simulated_disk *disk);

/* One fault at a time; the last one set stands. at_call 1 is the next call. */
void simulated_disk_fail(struct simulated_disk *disk, enum simulated_fault fault, uint64_t at_call);
void simulated_disk_lie(struct simulated_disk *disk, struct simulated_lies lies);
/* Bytes of all files together above which writes are FILE_NO_SPACE; 0: no limit. */
void simulated_disk_limit(struct simulated_disk *disk, uint64_t bytes_max);
/* Has the power been cut, by SIMULATED_FAULT_POWER? */
bool simulated_disk_is_dark(const struct simulated_disk *disk);
/* The power goes (if it has not) and comes back: decides what the platter holds; open files are closed. */
void simulated_disk_power_cut(struct simulated_disk *disk);
/* The process dies and the machine lives: open files are closed, memory keeps what it shows. */
void simulated_disk_process_death(struct simulated_disk *disk);

/* Calls that could fail so far: how many places a test has to try. */
uint64_t simulated_disk_change_count(const struct simulated_disk *disk);
/* A file's bytes, on platter and in memory, to look at or to damage. NULL: no such file. */
unsigned char *simulated_disk_platter(struct simulated_disk *disk, const char *name,
                                      uint64_t *size_bytes);
/* Adds a file as if it had always been there. False: no room. */
NODISCARD bool simulated_disk_put(struct simulated_disk *disk, const char *name, const void *bytes,
                                  uint64_t count);
/* Makes platter and memory of a file equal to the platter: after damage done by hand. */
void simulated_disk_reload(struct simulated_disk *disk, const char *name);

#endif
