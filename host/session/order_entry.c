#include "session/order_entry.h"

#include <string.h>

#include "session/order_entry_state.h"
#include "session/ouch_input.h"

#define NS_PER_SECOND         1000000000u
#define STREAM_SHARE          2 /* one account may take half of the store */
#define STREAM_BYTES_AT_LEAST 65536u

const struct order_entry_settings order_entry_usual = {
    .heartbeat_ns = 1 * (uint64_t)NS_PER_SECOND,
    .silence_ns = 15 * (uint64_t)NS_PER_SECOND,
    .logon_ns = 10 * (uint64_t)NS_PER_SECOND,
    .refusal_ns = 1 * (uint64_t)NS_PER_SECOND,
    .messages_per_second = 10000,
    .message_burst = 1000,
};

size_t order_entry_bytes(const struct order_entry_limits *limits) {
    return sizeof(struct order_entry) + limits->connection_max * sizeof(struct connection) +
           limits->credential_max * (sizeof(struct stream) + sizeof(struct credential)) +
           (limits->account_max + 1u) * sizeof(uint32_t) +
           ORDER_ENTRY_IN_FLIGHT_MAX * sizeof(struct cause) + 6 * 64 +
           hash_map_bytes(limits->credential_max, USERNAME_BYTES) +
           instrument_directory_bytes(limits->instrument_max) +
           named_orders_bytes(limits->order_max) + pending_inputs_bytes() +
           reply_store_bytes(limits->credential_max);
}

static void tables_init(struct order_entry *entry, struct arena *arena) {
    const struct order_entry_limits *limits = &entry->limits;

    entry->connections = arena_take(arena, limits->connection_max * sizeof *entry->connections, 64);
    entry->streams = arena_take(arena, limits->credential_max * sizeof *entry->streams, 64);
    entry->credentials = arena_take(arena, limits->credential_max * sizeof *entry->credentials, 64);
    entry->stream_of_account =
        arena_take(arena, (limits->account_max + 1u) * sizeof *entry->stream_of_account, 64);
    entry->causes = arena_take(arena, ORDER_ENTRY_IN_FLIGHT_MAX * sizeof *entry->causes, 64);
    memset(entry->connections, 0, limits->connection_max * sizeof *entry->connections);
    memset(entry->causes, 0, ORDER_ENTRY_IN_FLIGHT_MAX * sizeof *entry->causes);
    for (uint32_t i = 0; i <= limits->account_max; i++)
        entry->stream_of_account[i] = NONE;
    hash_map_init(&entry->by_username, arena, limits->credential_max, USERNAME_BYTES);
    instrument_directory_init(&entry->directory, arena, limits->instrument_max);
    named_orders_init(&entry->named, arena, limits->order_max);
    pending_inputs_init(&entry->pending, arena);
}

struct order_entry *order_entry_init(struct arena *arena, const struct order_entry_limits *limits,
                                     const struct order_entry_settings *settings,
                                     void *reply_memory, size_t reply_memory_bytes) {
    struct order_entry *entry = arena_take(arena, sizeof *entry, 64);
    uint64_t stream_bytes = reply_memory_bytes / STREAM_SHARE;

    check(limits->connection_max > 0);
    check(limits->connection_max < NONE);
    check(limits->credential_max > 0);
    *entry = (struct order_entry){
        .limits = *limits,
        .settings = *settings,
        .first_ready = NONE,
        .last_ready = NONE,
        .first_owed = NONE,
        .last_owed = NONE,
    };
    if (entry->settings.message_burst == 0)
        entry->settings.message_burst = 1;
    memcpy(entry->session_name, "CX00000000", sizeof entry->session_name);
    tables_init(entry, arena);
    if (stream_bytes < STREAM_BYTES_AT_LEAST)
        stream_bytes = STREAM_BYTES_AT_LEAST;
    reply_store_init(&entry->store, arena, reply_memory, reply_memory_bytes, limits->credential_max,
                     stream_bytes);
    return entry;
}

void order_entry_open(struct order_entry *entry, uint32_t connection, bool cancel_on_disconnect,
                      uint64_t now_ns) {
    check(connection < entry->limits.connection_max);
    struct connection *opened = &entry->connections[connection];

    check(opened->phase == PHASE_FREE);
    /* It may still stand in the queue of ready ones under the name of its predecessor. */
    bool is_ready = opened->is_ready;
    uint32_t ready_next = opened->ready_next;
    *opened = (struct connection){
        .phase = PHASE_OPENED,
        .cancel_on_disconnect = cancel_on_disconnect,
        .is_ready = is_ready,
        .ready_next = ready_next,
        .stream = NONE,
        .opened_ns = now_ns,
        .received_ns = now_ns,
        .sent_ns = now_ns,
    };
}

void order_entry_close(struct order_entry *entry, uint32_t connection) {
    struct connection *closed = connection_at(entry, connection);

    connection_end(entry, connection, END_CLOSED);
    closed->phase = PHASE_FREE;
}

/* A bucket that empties by one message's worth of time each: throttle_ns is when it would be full again. */
static bool throttle_take(struct order_entry *entry, struct stream *stream, uint64_t now_ns,
                          uint64_t *again_ns) {
    if (entry->settings.messages_per_second == 0)
        return true;

    uint64_t cost_ns = NS_PER_SECOND / entry->settings.messages_per_second;
    uint64_t burst_ns = cost_ns * (entry->settings.message_burst - 1u);
    uint64_t full_ns = stream->throttle_ns > now_ns ? stream->throttle_ns : now_ns;
    if (full_ns - now_ns > burst_ns) {
        *again_ns = full_ns - burst_ns;
        entry->counters.throttled_count++;
        return false;
    }
    stream->throttle_ns = full_ns + cost_ns;
    return true;
}

static void session_fill(struct order_entry *entry, const struct stream *stream,
                         enum session_event event, union record *input) {
    memset(input, 0, sizeof *input);
    input->head.kind = RECORD_SESSION;
    input->head.units = record_units(RECORD_SESSION);
    input->head.instrument = INSTRUMENT_NONE;
    input->session.session_event = (uint8_t)event;
    input->request.account = stream->account;
    input->request.door = DOOR_ORDER_ENTRY;
    input->request.request_id = ++entry->request_count;
    entry->counters.input_count++;
}

bool order_entry_owed(struct order_entry *entry, union record *input) {
    if (entry->first_owed == NONE)
        return false;

    struct stream *stream = &entry->streams[entry->first_owed];
    entry->first_owed = stream->owed_next;
    if (entry->first_owed == NONE)
        entry->last_owed = NONE;
    stream->is_owed = false;
    session_fill(entry, stream, SESSION_DROPPED, input);
    return true;
}

/* Which instrument and side an order has that may be under way still. False: not live, as far as is known here. */
static bool order_find(const struct order_entry *entry, uint32_t account, uint32_t user_ref,
                       uint16_t *instrument, char *side) {
    const struct named_order *order = named_orders_find_ref(&entry->named, account, user_ref);

    if (order != NULL) {
        *instrument = order->instrument;
        *side = (char)order->echo[ECHO_SIDE];
        return true;
    }
    const struct pending_input *pending = pending_inputs_find(&entry->pending, account, user_ref);
    if (pending == NULL || pending->instrument == INSTRUMENT_NONE)
        return false;
    *instrument = pending->instrument;
    *side = pending->side;
    return true;
}

/* False: to be ignored, as the protocol says of a request about an order that is not live. */
static bool message_fill(struct order_entry *entry, const struct connection *from,
                         const struct ouch50_message *message, union record *input) {
    const struct stream *stream = &entry->streams[from->stream];
    uint8_t flags = from->cancel_on_disconnect ? REQUEST_ON_DISCONNECT : 0;
    uint32_t known_ref =
        message->type == OUCH50_REPLACE ? message->orig_user_ref : message->user_ref;
    uint16_t instrument = INSTRUMENT_NONE;
    char side = message->side;

    if (message->type == OUCH50_QUERY) {
        session_fill(entry, stream, SESSION_QUERIED, input);
        return true;
    }
    if (message->user_ref == 0)
        return false;
    if (message->type == OUCH50_ENTER) {
        ouch_input_enter(message, &entry->directory, flags, input);
        instrument = input->head.instrument;
    } else {
        if (!order_find(entry, stream->account, known_ref, &instrument, &side))
            return false;
        if (message->type == OUCH50_MODIFY && message->side != side)
            return false;
        if (message->type == OUCH50_REPLACE)
            ouch_input_replace(message, &entry->directory, instrument, flags, input);
        else
            ouch_input_reduce(message, instrument, input);
    }

    input->request.account = stream->account;
    input->request.door = DOOR_ORDER_ENTRY;
    input->request.request_id = ++entry->request_count;
    entry->counters.input_count++;
    if (input->command.user_ref != 0 && input->request.verdict == VERDICT_TAKEN)
        pending_inputs_add(&entry->pending, input->request.request_id, stream->account,
                           input->command.user_ref, instrument, side);
    return true;
}

static enum received_what message_take(struct order_entry *entry, uint32_t connection,
                                       const struct soup_bin_packet *packet, union record *input) {
    struct ouch50_message message;
    enum ouch50_result read =
        ouch50_decode_client(packet->payload, packet->payload_bytes, &message);

    if (read != OUCH50_OK) {
        connection_end(entry, connection,
                       read == OUCH50_UNKNOWN_TYPE ? END_UNKNOWN_TYPE : END_MALFORMED);
        return RECEIVED_END;
    }
    entry->counters.message_count++;
    if (message_fill(entry, &entry->connections[connection], &message, input))
        return RECEIVED_INPUT;
    entry->counters.ignored_count++;
    return RECEIVED_ALL;
}

static enum received_what logon_take(struct order_entry *entry, uint32_t connection,
                                     const struct soup_bin_packet *packet,
                                     struct order_entry_logon *logon) {
    struct connection *from = &entry->connections[connection];
    size_t length = SOUP_BIN_USERNAME_BYTES;

    if (from->phase != PHASE_OPENED) {
        connection_end(entry, connection, END_OUT_OF_PLACE);
        return RECEIVED_END;
    }
    if (!soup_bin_decode_login(packet->payload, packet->payload_bytes, &from->login)) {
        connection_end(entry, connection, END_MALFORMED);
        return RECEIVED_END;
    }
    while (length > 0 && from->login.username[length - 1] == ' ')
        length--;
    memset(logon->username, 0, sizeof logon->username);
    memcpy(logon->username, from->login.username, length);
    memcpy(logon->password, from->login.password, sizeof logon->password);
    memset(from->login.password, 0, sizeof from->login.password);
    from->phase = PHASE_VERIFYING;
    return RECEIVED_LOGON;
}

/* RECEIVED_ALL: on to the next packet. */
static enum received_what packet_take(struct order_entry *entry, uint32_t connection,
                                      const struct soup_bin_packet *packet, union record *input,
                                      struct order_entry_logon *logon) {
    bool live = entry->connections[connection].phase == PHASE_LIVE;
    enum order_entry_end end = END_NONE;

    switch (packet->type) {
    case SOUP_BIN_LOGIN_REQUEST: return logon_take(entry, connection, packet, logon);
    case SOUP_BIN_UNSEQUENCED:
        if (live)
            return message_take(entry, connection, packet, input);
        end = END_OUT_OF_PLACE;
        break;
    case SOUP_BIN_CLIENT_HEARTBEAT:
        if (packet->payload_bytes > 0)
            end = END_MALFORMED;
        else if (!live)
            end = END_OUT_OF_PLACE;
        break;
    case SOUP_BIN_LOGOUT: end = packet->payload_bytes > 0 ? END_MALFORMED : END_LOGGED_OUT; break;
    case SOUP_BIN_DEBUG: break;
    default: end = END_UNKNOWN_TYPE; break;
    }
    if (end == END_NONE)
        return RECEIVED_ALL;
    connection_end(entry, connection, end);
    return RECEIVED_END;
}

/* RECEIVED_ALL: packet holds a whole one. */
static enum received_what packet_next(struct order_entry *entry, uint32_t connection,
                                      const unsigned char *bytes, size_t length_bytes,
                                      struct soup_bin_packet *packet) {
    enum soup_bin_result read = soup_bin_decode(bytes, length_bytes, packet);

    if (read == SOUP_BIN_MALFORMED) {
        connection_end(entry, connection, END_MALFORMED);
        return RECEIVED_END;
    }
    if (packet->packet_bytes > ORDER_ENTRY_PACKET_BYTES_MAX) {
        connection_end(entry, connection, END_OVERSIZED);
        return RECEIVED_END;
    }
    return RECEIVED_ALL;
}

struct received order_entry_receive(struct order_entry *entry, uint32_t connection,
                                    const unsigned char *bytes, size_t length_bytes,
                                    uint64_t now_ns, union record *input,
                                    struct order_entry_logon *logon) {
    struct connection *from = connection_at(entry, connection);
    struct received received = {.what = RECEIVED_ALL};

    check(from->phase != PHASE_VERIFYING);
    while (received.what == RECEIVED_ALL) {
        size_t left = length_bytes - received.consumed_bytes;
        struct soup_bin_packet packet;

        if (from->phase == PHASE_ENDING || from->phase == PHASE_REFUSED)
            return (struct received){.what = RECEIVED_END, .consumed_bytes = length_bytes};
        if (from->phase == PHASE_LIVE && entry->streams[from->stream].is_owed) {
            /* The drop of the session before this one goes first. */
            if (!order_entry_owed(entry, input))
                check(!"a stream that is owed stands in the queue");
            received.what = RECEIVED_INPUT;
            return received;
        }
        received.what =
            packet_next(entry, connection, bytes + received.consumed_bytes, left, &packet);
        if (received.what == RECEIVED_END)
            return (struct received){.what = RECEIVED_END, .consumed_bytes = length_bytes};
        if (packet.packet_bytes == 0 || packet.packet_bytes > left)
            return received;
        from->received_ns = now_ns;
        if (from->phase == PHASE_LIVE &&
            !throttle_take(entry, &entry->streams[from->stream], now_ns, &received.again_ns)) {
            received.what = RECEIVED_WAIT;
            return received;
        }
        received.consumed_bytes += packet.packet_bytes;
        received.what = packet_take(entry, connection, &packet, input, logon);
    }
    return received;
}

/* Takes the same time wherever they differ. */
static bool verifier_equal(const uint8_t *a, const uint8_t *b) {
    uint8_t difference = 0;

    for (size_t i = 0; i < ORDER_ENTRY_VERIFIER_BYTES; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

/* END_NONE: this credential may read its stream from `sequence` on (0: from what is new). */
static enum order_entry_end logon_flaw(const struct order_entry *entry,
                                       const struct soup_bin_login *login, uint32_t stream) {
    static const char any[SOUP_BIN_SESSION_BYTES] = "          ";

    if (memcmp(login->session, any, sizeof any) != 0 &&
        memcmp(login->session, entry->session_name, sizeof any) != 0)
        return END_NO_SUCH_SESSION;
    if (login->sequence > reply_store_count(&entry->store, stream) + 1)
        return END_NO_SUCH_SESSION;
    if (reply_store_tight(&entry->store, stream))
        return END_STORE_FULL;
    return END_NONE;
}

void order_entry_logon(struct order_entry *entry, uint32_t connection,
                       const uint8_t verifier[ORDER_ENTRY_VERIFIER_BYTES], uint64_t now_ns) {
    static const struct credential nobody = {.revoked = true};
    struct connection *from = connection_at(entry, connection);
    char username[USERNAME_BYTES] = {0};
    size_t length = SOUP_BIN_USERNAME_BYTES;

    check(from->phase == PHASE_VERIFYING);
    while (length > 0 && from->login.username[length - 1] == ' ')
        length--;
    memcpy(username, from->login.username, length);
    uint32_t found = hash_map_find(&entry->by_username, username);
    const struct credential *credential =
        found == HASH_MAP_NONE ? &nobody : &entry->credentials[found];
    bool equal = verifier_equal(credential->verifier, verifier);
    if (!equal || credential->revoked) {
        from->phase = PHASE_REFUSED;
        from->answer_ns = now_ns + entry->settings.refusal_ns;
        return;
    }

    uint32_t stream = credential->stream;
    enum order_entry_end flaw = logon_flaw(entry, &from->login, stream);
    if (flaw != END_NONE) {
        connection_reject(entry, connection, flaw);
        return;
    }
    if (entry->streams[stream].connection != NONE)
        connection_end(entry, entry->streams[stream].connection, END_TAKEN_OVER);
    entry->streams[stream].connection = connection;
    entry->streams[stream].credential = found;
    entry->session_count++;
    entry->counters.logon_count++;
    from->phase = PHASE_LIVE;
    from->stream = stream;

    struct soup_bin_accepted accepted = {.sequence = from->login.sequence};
    if (accepted.sequence == 0)
        accepted.sequence = reply_store_count(&entry->store, stream) + 1;
    memcpy(accepted.session, entry->session_name, sizeof accepted.session);
    from->cursor = reply_store_seek(&entry->store, stream, accepted.sequence);
    from->words.sent = 0;
    from->words.count =
        (uint32_t)soup_bin_encode_accepted(&accepted, from->words.bytes, sizeof from->words.bytes);
    connection_mark_ready(entry, connection);
}

const struct order_entry_counters *order_entry_counters(const struct order_entry *entry) {
    return &entry->counters;
}

uint32_t order_entry_session_count(const struct order_entry *entry) {
    return entry->session_count;
}

uint32_t order_entry_account(const struct order_entry *entry, uint32_t connection) {
    check(connection < entry->limits.connection_max);
    const struct connection *from = &entry->connections[connection];

    return from->phase != PHASE_FREE && from->stream != NONE ? entry->streams[from->stream].account
                                                             : NONE;
}

const char *order_entry_session_name(const struct order_entry *entry) {
    return entry->session_name;
}
