#include "apps/tools/journal_source.h"

#include <stdio.h>

bool journal_source_open(struct journal_source *source, const char *var_path,
                         uint64_t after_record_seq) {
    char path[512];
    enum file_result result;

    *source = (struct journal_source){.attachment = {.socket_fd = -1}};
    snprintf(path, sizeof path, "%s/journal", var_path);
    source->files = posix_files_open(path, POSIX_FILES_READ, &result);
    if (source->files == NULL) {
        fprintf(stderr, "crosspoint: no journal at %s: %s\n", path, file_result_text(result));
        return false;
    }
    snprintf(path, sizeof path, "%s/run/attach.sock", var_path);
    if (attach_client(path, ATTACH_DOOR_NONE, &source->attachment) == ATTACH_OK)
        source->is_attached = journal_ring_map(&source->ring, source->attachment.journal_ring,
                                               source->attachment.journal_ring_bytes);
    source->reader = journal_reader_open(source->is_attached ? &source->ring : NULL,
                                         posix_files_port(source->files), after_record_seq);
    if (source->reader == NULL) {
        fprintf(stderr, "crosspoint: out of memory\n");
        journal_source_close(source);
        return false;
    }
    return true;
}

enum read_result journal_source_next(struct journal_source *source, union record *record) {
    enum read_result result = journal_reader_next(source->reader, record);

    if (result == READ_CORRUPT || result == READ_MISSING)
        fprintf(stderr, "crosspoint: journal: %s\n", journal_reader_place(source->reader));
    return result;
}

void journal_source_close(struct journal_source *source) {
    if (source->reader != NULL)
        journal_reader_close(source->reader);
    attach_close(&source->attachment);
    if (source->files != NULL)
        posix_files_close(source->files);
    *source = (struct journal_source){.attachment = {.socket_fd = -1}};
}
