#include "web/exchange_link.h"

#include <string.h>

#include "os/log.h"
#include "web/limits.h"

void exchange_link_open(struct exchange_link *link, const char *attach_path,
                        const char *journal_path) {
    memset(link, 0, sizeof *link);
    link->attach_path = attach_path;
    link->journal_path = journal_path;
}

static void link_unmap(struct exchange_link *link) {
    if (link->reader != NULL)
        journal_reader_close(link->reader);
    link->reader = NULL;
    if (link->is_mapped)
        attach_close(&link->attachment);
    link->is_mapped = false;
    link->is_attached = false;
}

void exchange_link_close(struct exchange_link *link) {
    link_unmap(link);
    if (link->files != NULL)
        posix_files_close(link->files);
    link->files = NULL;
}

static void reader_open(struct exchange_link *link, uint64_t record_seq) {
    enum file_result result;

    if (link->files == NULL)
        link->files = posix_files_open(link->journal_path, POSIX_FILES_READ, &result);
    if (link->files == NULL)
        return;
    link->reader = journal_reader_open(link->is_mapped ? &link->ring : NULL,
                                       posix_files_port(link->files), record_seq);
    check(link->reader != NULL);
}

/* Maps what the exchange gave; false leaves nothing mapped. */
static bool link_map(struct exchange_link *link, const struct attachment *attachment) {
    struct attachment given = *attachment;

    if (!journal_ring_map(&link->ring, given.journal_ring, given.journal_ring_bytes) ||
        ring_attach(&link->commands, given.command_ring, given.command_ring_bytes,
                    RECORD_BYTES_MAX) != RING_OK) {
        attach_close(&given);
        return false;
    }
    link->attachment = given;
    link->is_mapped = true;
    link->is_attached = true;
    return true;
}

static enum link_change link_attach(struct exchange_link *link, uint64_t record_seq) {
    struct attachment attachment;
    enum attach_result result = attach_client(link->attach_path, DOOR_WEB, &attachment);

    if (result != ATTACH_OK) {
        if (result != ATTACH_NO_EXCHANGE && !link->has_refused_once)
            log_warn("web", "the exchange is there but does not let us attach: is another web "
                            "process running?");
        link->has_refused_once = result != ATTACH_NO_EXCHANGE;
        if (link->reader == NULL)
            reader_open(link, record_seq);
        return LINK_SAME;
    }
    link_unmap(link);
    if (!link_map(link, &attachment)) {
        log_error("web", "the exchange gave memory of another version");
        return LINK_SAME;
    }
    uint64_t cluster_id = journal_ring_cluster_id(&link->ring);
    bool is_other = (link->cluster_id != 0 && link->cluster_id != cluster_id) ||
                    journal_ring_durable_seq(&link->ring) < record_seq;
    link->cluster_id = cluster_id;
    link->has_refused_once = false;
    reader_open(link, is_other ? 0 : record_seq);
    if (link->reader == NULL) {
        log_error("web", "the folder %s cannot be read", link->journal_path);
        link_unmap(link);
        return LINK_SAME;
    }
    log_info("web", "attached epoch=%u record_seq=%llu", journal_ring_epoch(&link->ring),
             (unsigned long long)record_seq);
    return is_other ? LINK_OTHER_JOURNAL : LINK_ATTACHED;
}

enum link_change exchange_link_tend(struct exchange_link *link, uint64_t now_ms,
                                    uint64_t record_seq) {
    if (link->is_attached) {
        if (!attach_is_over(&link->attachment))
            return LINK_SAME;
        link->is_attached = false;
        link->next_attempt_ms = now_ms + EXCHANGE_RETRY_MS;
        log_warn("web", "the exchange has gone; what was read stays readable");
        return LINK_LOST;
    }
    if (now_ms < link->next_attempt_ms)
        return LINK_SAME;
    link->next_attempt_ms = now_ms + EXCHANGE_RETRY_MS;
    return link_attach(link, record_seq);
}

enum read_result exchange_link_next(struct exchange_link *link, union record *record) {
    if (link->reader == NULL)
        return READ_NOTHING;
    enum read_result result = journal_reader_next(link->reader, record);

    if (result == READ_MISSING || result == READ_CORRUPT) {
        log_error("web", "the journal cannot be read on: %s", journal_reader_place(link->reader));
        link_unmap(link); /* and look again when it is time: a repair may come */
    }
    return result;
}

enum submit_result exchange_link_submit(struct exchange_link *link, const union record *record) {
    if (!link->is_attached)
        return SUBMIT_AWAY;
    switch (ring_put(&link->commands, record, sizeof *record)) {
    case RING_OK: return SUBMIT_QUEUED;
    case RING_FULL: return SUBMIT_FULL;
    case RING_EMPTY:
    case RING_BROKEN: break;
    }
    link->is_attached = false;
    return SUBMIT_AWAY;
}
