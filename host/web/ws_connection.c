#include "web/ws_connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define QUEUE_FIRST_BYTES 8192

size_t ws_frame_make(unsigned char *frame, const char *text, size_t count) {
    size_t head;

    frame[0] = 0x81; /* text, final */
    if (count < 126) {
        frame[1] = (unsigned char)count;
        head = 2;
    } else if (count < 65536) {
        frame[1] = 126;
        frame[2] = (unsigned char)(count >> 8);
        frame[3] = (unsigned char)count;
        head = 4;
    } else {
        frame[1] = 127;
        for (int i = 0; i < 8; i++)
            frame[2 + i] = (unsigned char)((uint64_t)count >> (56 - 8 * i));
        head = 10;
    }
    memcpy(frame + head, text, count);
    return head + count;
}

/* Bytes of the frame that begins here. */
static size_t frame_bytes(const unsigned char *frame) {
    uint64_t count = 0;

    if (frame[1] < 126)
        return 2u + frame[1];
    if (frame[1] == 126)
        return 4u + ((size_t)frame[2] << 8 | frame[3]);
    for (int i = 0; i < 8; i++)
        count = count << 8 | frame[2 + i];
    return 10u + (size_t)count;
}

static size_t waiting_bytes(const struct ws_connection *connection) {
    return connection->queued_bytes - connection->sent_bytes;
}

bool ws_connection_is_slow(const struct ws_connection *connection) {
    return waiting_bytes(connection) > WS_CONFLATE_BYTES;
}

bool ws_connection_is_empty(const struct ws_connection *connection) {
    return waiting_bytes(connection) == 0;
}

static bool queue_grow(struct ws_connection *connection, size_t needed) {
    size_t max = connection->queue_max == 0 ? QUEUE_FIRST_BYTES : connection->queue_max;

    if (connection->sent_bytes > 0) {
        unsigned char *bytes = connection->queue + LWS_PRE;
        memmove(bytes, bytes + connection->sent_bytes, waiting_bytes(connection));
        connection->queued_bytes -= connection->sent_bytes;
        connection->sent_bytes = 0;
    }
    while (max < connection->queued_bytes + needed)
        max *= 2;
    if (max > WS_QUEUE_BYTES_MAX)
        return false;
    if (max == connection->queue_max)
        return true;
    unsigned char *queue = realloc(connection->queue, LWS_PRE + max);
    if (queue == NULL)
        return false;
    connection->queue = queue;
    connection->queue_max = max;
    return true;
}

void ws_connection_queue(struct ws_connection *connection, const unsigned char *frames,
                         size_t count) {
    if (connection->close_code != 0)
        return;
    if (count > connection->queue_max - connection->queued_bytes &&
        !queue_grow(connection, count)) {
        connection->is_overrun = true;
        ws_connection_close_with(connection, WS_CLOSE_OVERRUN);
        return;
    }
    memcpy(connection->queue + LWS_PRE + connection->queued_bytes, frames, count);
    connection->queued_bytes += count;
}

/* Whole frames only: the library may put a ping of its own between two writes. */
static size_t batch_bytes(const struct ws_connection *connection) {
    const unsigned char *bytes = connection->queue + LWS_PRE + connection->sent_bytes;
    size_t left = waiting_bytes(connection);
    size_t batch = frame_bytes(bytes);

    while (batch < left && batch + frame_bytes(bytes + batch) <= WRITE_BYTES)
        batch += frame_bytes(bytes + batch);
    check(batch <= left);
    return batch;
}

static void writing_ask(struct ws_connection *connection) {
    if (!connection->is_writing_asked)
        lws_callback_on_writable(connection->wsi);
    connection->is_writing_asked = true;
}

void ws_connection_flush(struct ws_connection *connection) {
    while (waiting_bytes(connection) > 0) {
        if (lws_send_pipe_choked(connection->wsi)) {
            writing_ask(connection);
            return;
        }
        size_t batch = batch_bytes(connection);
        /* LWS_WRITE_HTTP on a WebSocket sends bytes as they are: they are framed already */
        if (lws_write(connection->wsi, connection->queue + LWS_PRE + connection->sent_bytes, batch,
                      LWS_WRITE_HTTP) < 0) {
            connection->is_overrun = true;
            ws_connection_close_with(connection, WS_CLOSE_OVERRUN);
            return;
        }
        connection->sent_bytes += batch;
    }
    connection->queued_bytes = 0;
    connection->sent_bytes = 0;
    if (connection->queue_max > WS_CONFLATE_BYTES) {
        free(connection->queue);
        connection->queue = NULL;
        connection->queue_max = 0;
    }
    if (connection->close_code != 0)
        writing_ask(connection);
}

void ws_connection_close_with(struct ws_connection *connection, uint16_t code) {
    connection->close_code = code;
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, WS_CLOSE_PATIENCE_S);
    writing_ask(connection);
}

struct subscription *ws_connection_find(struct ws_connection *connection, uint8_t topic,
                                        uint16_t instrument, uint32_t account) {
    for (uint32_t i = 0; i < connection->subscription_count; i++) {
        struct subscription *subscription = &connection->subscriptions[i];
        if (subscription->topic == topic && subscription->instrument == instrument &&
            subscription->account == account)
            return subscription;
    }
    return NULL;
}
