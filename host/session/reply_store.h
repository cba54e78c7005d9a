/* The replies of the day: for each stream (one per account) its SoupBinTCP sequenced packets exactly as they are
 * sent, numbered from 1, all of them kept until the next day, so that a client may ask for any of them again.
 *
 * The store is a function of the journal: after a restart the same records make the same bytes. What lies in its
 * memory is therefore scratch. It is written from its start on, extent by extent, so the shell may give address
 * space that becomes real memory, or a sparse file, only as the day fills it.
 *
 * The memory is cut into extents of REPLY_EXTENT_BYTES; each belongs to one stream for the rest of the day, and
 * packets never cross from one to the next, so whole packets lie in one piece and are sent from where they are.
 *
 * Limits, and what happens there:
 *   a stream reaches stream_bytes_max, or the memory is used up
 *       reply_store_append answers false, nothing is stored, and that stream takes nothing more until the next
 *       day (a gap would break its numbering). Nothing else is touched.
 *   either is seven eighths full
 *       reply_store_tight answers true: the time to stop asking for more.
 *
 * Pure; one thread (net) owns it. */
#ifndef SESSION_REPLY_STORE_H
#define SESSION_REPLY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

#define REPLY_EXTENT_BYTES 4096
#define REPLY_BYTES_MAX    256 /* one message; ours have at most 100 */
#define REPLY_NONE         0xFFFFFFFFu

struct reply_extent;
struct reply_stream {
    uint32_t first_extent; /* REPLY_NONE: nothing yet */
    uint32_t last_extent;
    uint32_t extent_count;
    bool full;
    uint64_t message_count;
};

struct reply_store {
    struct reply_extent *extents;
    uint32_t extent_max;
    uint32_t extent_count; /* taken; they are taken in order */
    uint32_t stream_extent_max;
    uint32_t stream_max;
    struct reply_stream *streams;
};

/* A place in a stream: before a packet, or inside one of which a part was sent. */
struct reply_cursor {
    uint32_t stream;
    uint32_t extent; /* REPLY_NONE: at the start */
    uint32_t offset_bytes;
};

/* What init takes from the arena (the memory of the replies is apart). */
size_t reply_store_bytes(uint32_t stream_max);
/* `memory` is 64-byte aligned, stays the caller's, and is at least one extent long. stream_bytes_max: the most
 * that one stream may take of it, so that one client cannot use up the day of all. */
void reply_store_init(struct reply_store *store, struct arena *arena, void *memory,
                      size_t memory_bytes, uint32_t stream_max, uint64_t stream_bytes_max);

/* A new day: every stream is empty again, and cursors mean nothing any more. */
void reply_store_clear(struct reply_store *store);

/* Stores `message` (1 .. REPLY_BYTES_MAX bytes, without SoupBinTCP's head) as the next one of the stream. */
NODISCARD bool reply_store_append(struct reply_store *store, uint32_t stream, const void *message,
                                  size_t message_bytes);
bool reply_store_full(const struct reply_store *store, uint32_t stream);
bool reply_store_tight(const struct reply_store *store, uint32_t stream);
uint64_t reply_store_count(const struct reply_store *store, uint32_t stream);

/* The place before message `sequence`, 1 .. count + 1. Its cost grows with the extents between it and the nearer
 * end of the stream: a client that reconnects is near the end. */
struct reply_cursor reply_store_seek(const struct reply_store *store, uint32_t stream,
                                     uint64_t sequence);
/* Packets, or the rest of one, that follow in one piece; 0 when there are no more. */
size_t reply_store_read(const struct reply_store *store, struct reply_cursor *cursor,
                        const unsigned char **bytes);
/* Passes over `count` of the bytes that reply_store_read showed. */
void reply_store_advance(const struct reply_store *store, struct reply_cursor *cursor,
                         size_t count);

#endif
