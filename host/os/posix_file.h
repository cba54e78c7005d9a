/* The real side of journal/file_port.h: one directory of a file system.
 *
 * POSIX_FILES_WRITE takes the directory's lock (flock), which the kernel gives back when the process ends: a second
 * exchange on the same journal is refused with FILE_BUSY. Readers take no lock. */
#ifndef OS_POSIX_FILE_H
#define OS_POSIX_FILE_H

#include "journal/file_port.h"

enum posix_files_mode { POSIX_FILES_READ, POSIX_FILES_WRITE };

struct posix_files;

/* WRITE makes the directory (mode 0700) when it is not there, but not its parents. NULL: *result says why. */
struct posix_files *posix_files_open(const char *directory, enum posix_files_mode mode,
                                     enum file_result *result);
/* The port lives as long as the files; one thread uses it. */
struct file_port *posix_files_port(struct posix_files *files);
void posix_files_close(struct posix_files *files);

#endif
