#include "session/reply_store.h"

#include <assert.h>
#include <string.h>

#include "wire/soup_bin.h"

#define EXTENT_HEAD_BYTES 32
#define PACKET_BYTES_MAX  (REPLY_EXTENT_BYTES - EXTENT_HEAD_BYTES)

struct reply_extent {
    uint32_t next;
    uint32_t previous;
    uint64_t first_sequence;
    uint32_t used_bytes;
    uint32_t message_count;
    uint64_t zero;
    unsigned char packets[PACKET_BYTES_MAX];
};
static_assert(sizeof(struct reply_extent) == REPLY_EXTENT_BYTES, "layout");
static_assert(SOUP_BIN_HEAD_BYTES + REPLY_BYTES_MAX <= PACKET_BYTES_MAX,
              "a message fits an extent");

size_t reply_store_bytes(uint32_t stream_max) {
    return stream_max * sizeof(struct reply_stream) + 64;
}

void reply_store_init(struct reply_store *store, struct arena *arena, void *memory,
                      size_t memory_bytes, uint32_t stream_max, uint64_t stream_bytes_max) {
    uint64_t extent_max = memory_bytes / REPLY_EXTENT_BYTES;
    uint64_t per_stream = stream_bytes_max / REPLY_EXTENT_BYTES;

    check((uintptr_t)memory % 64 == 0);
    check(extent_max > 0);
    if (extent_max > REPLY_NONE - 1)
        extent_max = REPLY_NONE - 1;
    if (per_stream > extent_max)
        per_stream = extent_max;
    *store = (struct reply_store){
        .extents = memory,
        .extent_max = (uint32_t)extent_max,
        .stream_extent_max = per_stream > 0 ? (uint32_t)per_stream : 1,
        .stream_max = stream_max,
        .streams = arena_take(arena, stream_max * sizeof(struct reply_stream), 64),
    };
    reply_store_clear(store);
}

void reply_store_clear(struct reply_store *store) {
    store->extent_count = 0;
    for (uint32_t i = 0; i < store->stream_max; i++)
        store->streams[i] =
            (struct reply_stream){.first_extent = REPLY_NONE, .last_extent = REPLY_NONE};
}

static struct reply_stream *stream_at(const struct reply_store *store, uint32_t stream) {
    check(stream < store->stream_max);
    return &store->streams[stream];
}

/* False: none is left for this stream. */
static bool stream_extend(struct reply_store *store, struct reply_stream *stream) {
    if (store->extent_count == store->extent_max)
        return false;
    if (stream->extent_count == store->stream_extent_max)
        return false;

    uint32_t index = store->extent_count++;
    struct reply_extent *extent = &store->extents[index];
    extent->next = REPLY_NONE;
    extent->previous = stream->last_extent;
    extent->first_sequence = stream->message_count + 1;
    extent->used_bytes = 0;
    extent->message_count = 0;
    if (stream->last_extent == REPLY_NONE)
        stream->first_extent = index;
    else
        store->extents[stream->last_extent].next = index;
    stream->last_extent = index;
    stream->extent_count++;
    return true;
}

bool reply_store_append(struct reply_store *store, uint32_t stream, const void *message,
                        size_t message_bytes) {
    struct reply_stream *into = stream_at(store, stream);
    size_t packet_bytes = SOUP_BIN_HEAD_BYTES + message_bytes;

    check(message_bytes > 0);
    check(message_bytes <= REPLY_BYTES_MAX);
    if (into->full)
        return false;
    if (into->last_extent == REPLY_NONE ||
        PACKET_BYTES_MAX - store->extents[into->last_extent].used_bytes < packet_bytes) {
        into->full = !stream_extend(store, into);
        if (into->full)
            return false;
    }

    struct reply_extent *extent = &store->extents[into->last_extent];
    size_t written = soup_bin_encode(SOUP_BIN_SEQUENCED, message, message_bytes,
                                     extent->packets + extent->used_bytes,
                                     PACKET_BYTES_MAX - extent->used_bytes);
    check(written == packet_bytes);
    extent->used_bytes += (uint32_t)written;
    extent->message_count++;
    into->message_count++;
    return true;
}

bool reply_store_full(const struct reply_store *store, uint32_t stream) {
    return stream_at(store, stream)->full;
}

bool reply_store_tight(const struct reply_store *store, uint32_t stream) {
    return stream_at(store, stream)->extent_count >
               store->stream_extent_max - store->stream_extent_max / 8 ||
           store->extent_count > store->extent_max - store->extent_max / 8 ||
           stream_at(store, stream)->full;
}

uint64_t reply_store_count(const struct reply_store *store, uint32_t stream) {
    return stream_at(store, stream)->message_count;
}

/* The extent that holds message `sequence` of the stream. */
static uint32_t extent_of(const struct reply_store *store, const struct reply_stream *stream,
                          uint64_t sequence) {
    uint32_t index;

    if (sequence <= stream->message_count / 2) {
        index = stream->first_extent;
        while (sequence >=
               store->extents[index].first_sequence + store->extents[index].message_count)
            index = store->extents[index].next;
    } else {
        index = stream->last_extent;
        while (sequence < store->extents[index].first_sequence)
            index = store->extents[index].previous;
    }
    return index;
}

struct reply_cursor reply_store_seek(const struct reply_store *store, uint32_t stream,
                                     uint64_t sequence) {
    const struct reply_stream *from = stream_at(store, stream);
    struct reply_cursor cursor = {.stream = stream, .extent = REPLY_NONE};

    check(sequence >= 1);
    check(sequence <= from->message_count + 1);
    if (from->message_count == 0)
        return cursor;
    if (sequence == from->message_count + 1) {
        cursor.extent = from->last_extent;
        cursor.offset_bytes = store->extents[from->last_extent].used_bytes;
        return cursor;
    }

    cursor.extent = extent_of(store, from, sequence);
    const struct reply_extent *extent = &store->extents[cursor.extent];
    for (uint64_t at = extent->first_sequence; at < sequence; at++) {
        struct soup_bin_packet packet;
        enum soup_bin_result read =
            soup_bin_decode(extent->packets + cursor.offset_bytes,
                            extent->used_bytes - cursor.offset_bytes, &packet);
        check(read == SOUP_BIN_PACKET);
        cursor.offset_bytes += (uint32_t)packet.packet_bytes;
    }
    return cursor;
}

size_t reply_store_read(const struct reply_store *store, struct reply_cursor *cursor,
                        const unsigned char **bytes) {
    if (cursor->extent == REPLY_NONE) {
        cursor->extent = stream_at(store, cursor->stream)->first_extent;
        if (cursor->extent == REPLY_NONE)
            return 0;
    }

    const struct reply_extent *extent = &store->extents[cursor->extent];
    if (cursor->offset_bytes == extent->used_bytes && extent->next != REPLY_NONE) {
        cursor->extent = extent->next;
        cursor->offset_bytes = 0;
        extent = &store->extents[cursor->extent];
    }
    *bytes = extent->packets + cursor->offset_bytes;
    return extent->used_bytes - cursor->offset_bytes;
}

void reply_store_advance(const struct reply_store *store, struct reply_cursor *cursor,
                         size_t count) {
    check(cursor->extent < store->extent_count);
    check(count <= store->extents[cursor->extent].used_bytes - cursor->offset_bytes);
    cursor->offset_bytes += (uint32_t)count;
}
