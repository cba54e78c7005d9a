/* A tool's way to the journal: behind the ring of a running exchange when there is one, else the files alone. */
#ifndef TOOLS_JOURNAL_SOURCE_H
#define TOOLS_JOURNAL_SOURCE_H

#include <stdbool.h>

#include "journal/reader.h"
#include "os/attach.h"
#include "os/posix_file.h"

struct journal_source {
    struct attachment attachment;
    bool is_attached;
    struct journal_ring ring;
    struct posix_files *files;
    struct journal_reader *reader;
};

/* Reads behind `after_record_seq`. False, and a line on standard error, when there is no journal on var_path. */
NODISCARD bool journal_source_open(struct journal_source *source, const char *var_path,
                                   uint64_t after_record_seq);
/* Prints the place on standard error when the journal is damaged there. */
enum read_result journal_source_next(struct journal_source *source, union record *record);
void journal_source_close(struct journal_source *source);

#endif
