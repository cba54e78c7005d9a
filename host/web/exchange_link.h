/* The way to the exchange and back: a ring for requests, the journal for everything that happened.
 *
 *     exchange_link_submit ─▶ command ring ─▶ engine ─▶ journal ─▶ exchange_link_next
 *
 * The exchange may go away and come back, with the next epoch of the same journal: reading goes on behind the
 * record read last. While it is away, what is left in the mapped ring and in the segments is still read, so a
 * web process that starts without an exchange shows the history it finds. The only reader of the process. */
#ifndef WEB_EXCHANGE_LINK_H
#define WEB_EXCHANGE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ring.h"
#include "core/record.h"
#include "journal/reader.h"
#include "os/attach.h"
#include "os/posix_file.h"

struct exchange_link {
    const char *attach_path;
    const char *journal_path;
    struct posix_files *files;
    struct journal_reader *reader;
    struct journal_ring ring;
    struct ring_producer commands;
    struct attachment attachment;
    uint64_t cluster_id; /* 0: never attached */
    uint64_t next_attempt_ms;
    bool is_mapped;        /* `attachment` holds memory, also after the exchange has gone */
    bool is_attached;      /* the exchange is there */
    bool has_refused_once; /* said in the log already */
};

enum link_change {
    LINK_SAME,
    LINK_ATTACHED,
    LINK_LOST,
    LINK_OTHER_JOURNAL, /* attached, and what was read does not belong to it: start again from record 0 */
};

enum submit_result { SUBMIT_QUEUED, SUBMIT_FULL, SUBMIT_AWAY };

/* The paths are kept, not copied. */
void exchange_link_open(struct exchange_link *link, const char *attach_path,
                        const char *journal_path);
void exchange_link_close(struct exchange_link *link);
/* Notices that the exchange went, looks for it when it is time. `record_seq` is the record read last. */
enum link_change exchange_link_tend(struct exchange_link *link, uint64_t now_ms,
                                    uint64_t record_seq);
NODISCARD enum read_result exchange_link_next(struct exchange_link *link, union record *record);
NODISCARD enum submit_result exchange_link_submit(struct exchange_link *link,
                                                  const union record *record);

#endif
