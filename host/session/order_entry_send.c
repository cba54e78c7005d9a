#include <string.h>

#include "session/order_entry.h"
#include "session/order_entry_state.h"

static const char *const sentence_of_end[ORDER_ENTRY_ENDS] = {
    [END_NONE] = "The connection is open.",
    [END_MALFORMED] = "A packet or a message could not be read.",
    [END_OVERSIZED] = "A packet was longer than any message.",
    [END_UNKNOWN_TYPE] = "A packet or a message had a type that clients do not send.",
    [END_OUT_OF_PLACE] = "Nothing may come before the login, and no login after it.",
    [END_REFUSED] = "The username or the password is not right.",
    [END_NO_SUCH_SESSION] = "That session, or that sequence number in it, is not available.",
    [END_STORE_FULL] =
        "The replies of the day fill their store: no more orders until the next day.",
    [END_LOGON_TIMEOUT] = "No login came in time.",
    [END_SILENT] = "Nothing came for too long, not even a heartbeat.",
    [END_LOGGED_OUT] = "The client logged out.",
    [END_TAKEN_OVER] = "The account logged in by another connection.",
    [END_REVOKED] = "The credential was revoked.",
    [END_OF_DAY] = "The day's session is over.",
    [END_CLOSED] = "The connection was closed.",
};

const char *order_entry_end_sentence(enum order_entry_end end) {
    check((unsigned)end < ORDER_ENTRY_ENDS);
    return sentence_of_end[end];
}

struct connection *connection_at(struct order_entry *entry, uint32_t connection) {
    check(connection < entry->limits.connection_max);
    check(entry->connections[connection].phase != PHASE_FREE);
    return &entry->connections[connection];
}

void connection_mark_ready(struct order_entry *entry, uint32_t connection) {
    struct connection *ready = &entry->connections[connection];

    if (ready->is_ready)
        return;
    ready->is_ready = true;
    ready->ready_next = NONE;
    if (entry->last_ready == NONE)
        entry->first_ready = connection;
    else
        entry->connections[entry->last_ready].ready_next = connection;
    entry->last_ready = connection;
}

uint32_t order_entry_ready(struct order_entry *entry) {
    while (entry->first_ready != NONE) {
        uint32_t connection = entry->first_ready;
        struct connection *ready = &entry->connections[connection];

        entry->first_ready = ready->ready_next;
        if (entry->first_ready == NONE)
            entry->last_ready = NONE;
        ready->is_ready = false;
        if (ready->phase != PHASE_FREE)
            return connection;
    }
    return NONE;
}

bool connection_is_quiet(struct order_entry *entry, struct connection *connection) {
    const unsigned char *bytes;

    if (connection->words.sent < connection->words.count)
        return false;
    return connection->phase != PHASE_LIVE ||
           reply_store_read(&entry->store, &connection->cursor, &bytes) == 0;
}

void connection_say(struct connection *connection, char type, const void *payload,
                    size_t payload_bytes) {
    struct words *words = &connection->words;

    if (words->sent == words->count)
        words->sent = words->count = 0;
    size_t written = soup_bin_encode(type, payload, payload_bytes, words->bytes + words->count,
                                     sizeof words->bytes - words->count);
    check(written > 0);
    words->count += (uint32_t)written;
}

static void session_owe(struct order_entry *entry, uint32_t stream) {
    struct stream *owed = &entry->streams[stream];

    if (owed->is_owed)
        return;
    owed->is_owed = true;
    owed->owed_next = NONE;
    if (entry->last_owed == NONE)
        entry->first_owed = stream;
    else
        entry->streams[entry->last_owed].owed_next = stream;
    entry->last_owed = stream;
}

void order_entry_resume(struct order_entry *entry) {
    for (uint32_t i = 0; i < entry->named.order_max; i++) {
        const struct named_order *order = &entry->named.orders[i];

        if (order->state != NAMED_FREE && order->on_disconnect)
            session_owe(entry, order->stream);
    }
}

/* What a person who reads along would want to know; clients may ignore it. */
static bool end_is_explained(enum order_entry_end end) {
    return end != END_REFUSED && end != END_NO_SUCH_SESSION && end != END_OF_DAY &&
           end != END_LOGGED_OUT && end != END_CLOSED;
}

void connection_end(struct order_entry *entry, uint32_t connection, enum order_entry_end end) {
    struct connection *ended = &entry->connections[connection];

    if (ended->phase == PHASE_ENDING || ended->phase == PHASE_FREE)
        return;
    if (end_is_explained(end) && connection_is_quiet(entry, ended))
        connection_say(ended, SOUP_BIN_DEBUG, sentence_of_end[end], strlen(sentence_of_end[end]));
    if (ended->phase == PHASE_LIVE) {
        struct stream *stream = &entry->streams[ended->stream];
        check(stream->connection == connection);
        stream->connection = NONE;
        entry->session_count--;
        if (end != END_TAKEN_OVER)
            session_owe(entry, ended->stream);
    }
    ended->phase = PHASE_ENDING;
    ended->end = (uint8_t)end;
    entry->counters.end_count[end]++;
    connection_mark_ready(entry, connection);
}

void connection_reject(struct order_entry *entry, uint32_t connection, enum order_entry_end end) {
    char reason = end == END_REFUSED ? SOUP_BIN_NOT_AUTHORISED : SOUP_BIN_NO_SUCH_SESSION;

    connection_say(&entry->connections[connection], SOUP_BIN_LOGIN_REJECTED, &reason, 1);
    connection_end(entry, connection, end);
}

static void connection_tick(struct order_entry *entry, uint32_t index, uint64_t now_ns) {
    struct connection *connection = &entry->connections[index];
    const struct order_entry_settings *settings = &entry->settings;

    switch ((enum connection_phase)connection->phase) {
    case PHASE_FREE:
    case PHASE_VERIFYING: break;
    case PHASE_OPENED:
        if (now_ns - connection->opened_ns >= settings->logon_ns)
            connection_end(entry, index, END_LOGON_TIMEOUT);
        break;
    case PHASE_REFUSED:
        if (now_ns >= connection->answer_ns)
            connection_reject(entry, index, END_REFUSED);
        break;
    case PHASE_LIVE:
        if (now_ns - connection->received_ns >= settings->silence_ns) {
            connection_end(entry, index, END_SILENT);
        } else if (now_ns - connection->sent_ns >= settings->heartbeat_ns &&
                   connection_is_quiet(entry, connection)) {
            connection_say(connection, SOUP_BIN_SERVER_HEARTBEAT, NULL, 0);
            connection_mark_ready(entry, index);
        }
        break;
    case PHASE_ENDING:
        /* Whoever does not even take the last words is not waited for. */
        if (now_ns - connection->sent_ns >= settings->silence_ns) {
            connection->words.sent = connection->words.count;
            connection_mark_ready(entry, index);
        }
        break;
    }
}

void order_entry_tick(struct order_entry *entry, uint64_t now_ns) {
    for (uint32_t i = 0; i < entry->limits.connection_max; i++)
        connection_tick(entry, i, now_ns);
}

size_t order_entry_unsent(struct order_entry *entry, uint32_t connection,
                          const unsigned char **bytes) {
    struct connection *to = connection_at(entry, connection);
    struct words *words = &to->words;

    if (words->sent < words->count) {
        *bytes = words->bytes + words->sent;
        return words->count - words->sent;
    }
    if (to->phase != PHASE_LIVE)
        return 0;
    return reply_store_read(&entry->store, &to->cursor, bytes);
}

void order_entry_sent(struct order_entry *entry, uint32_t connection, size_t count,
                      uint64_t now_ns) {
    struct connection *to = connection_at(entry, connection);
    struct words *words = &to->words;

    if (count == 0)
        return;
    to->sent_ns = now_ns;
    if (words->sent < words->count) {
        check(count <= words->count - words->sent);
        words->sent += (uint32_t)count;
        return;
    }
    check(to->phase == PHASE_LIVE);
    reply_store_advance(&entry->store, &to->cursor, count);
}

enum order_entry_end order_entry_ending(const struct order_entry *entry, uint32_t connection) {
    check(connection < entry->limits.connection_max);
    const struct connection *ending = &entry->connections[connection];

    if (ending->phase != PHASE_ENDING || ending->words.sent < ending->words.count)
        return END_NONE;
    return (enum order_entry_end)ending->end;
}
