/* The journal as order entry reads it: each record in order, and the replies that follow from it. */
#include <string.h>

#include "core/matcher.h"
#include "session/order_entry.h"
#include "session/order_entry_state.h"
#include "session/ouch_input.h"
#include "session/ouch_reason.h"

#define NS_PER_DAY 86400000000000u

static uint64_t since_midnight(uint64_t time_ns) {
    return time_ns % NS_PER_DAY;
}

/* Stores a message as the next reply of the stream, and wakes its connection. */
static void reply(struct order_entry *entry, uint32_t stream,
                  const struct ouch50_message *message) {
    unsigned char bytes[OUCH50_MESSAGE_BYTES_MAX];
    size_t count = ouch50_encode_server(message, bytes, sizeof bytes);
    uint32_t connection = entry->streams[stream].connection;

    check(count > 0);
    if (!reply_store_append(&entry->store, stream, bytes, count)) {
        entry->counters.lost_reply_count++;
        return;
    }
    entry->counters.reply_count++;
    if (connection == NONE)
        return;
    if (reply_store_tight(&entry->store, stream))
        connection_end(entry, connection, END_STORE_FULL);
    else
        connection_mark_ready(entry, connection);
}

static struct ouch50_message message_about(const struct named_order *order, char type,
                                           uint64_t time_ns) {
    return (struct ouch50_message){
        .type = type, .timestamp_ns = since_midnight(time_ns), .user_ref = order->user_ref};
}

/* A or U: everything that the client asked for, as this venue took it. */
static void reply_entered(struct order_entry *entry, const struct named_order *order, char type,
                          uint64_t qty_lots, uint64_t time_ns) {
    const struct instrument_directory_terms *terms =
        instrument_directory_terms(&entry->directory, order->instrument);
    struct ouch50_message message = message_about(order, type, time_ns);

    check(terms != NULL);
    message.orig_user_ref = order->orig_user_ref;
    message.side = (char)order->echo[ECHO_SIDE];
    message.qty = (uint32_t)qty_lots;
    memcpy(message.symbol, terms->symbol, sizeof message.symbol);
    message.price = order->type == ORDER_TYPE_MARKET
                        ? OUCH50_PRICE_MARKET
                        : instrument_directory_price_e4(terms, order->price_ticks);
    message.tif = (char)order->echo[ECHO_TIF];
    message.display = (char)order->echo[ECHO_DISPLAY];
    message.order_ref = order->order_no;
    message.capacity = (char)order->echo[ECHO_CAPACITY];
    message.iso = (char)order->echo[ECHO_ISO];
    message.cross = (char)order->echo[ECHO_CROSS];
    message.state = 'L';
    memcpy(message.clord_id, order->clord_id, sizeof message.clord_id);
    ouch_input_appendage(order->echo[ECHO_TAGS], (uint32_t)order->qty_lots, &message.appendage);
    reply(entry, order->stream, &message);
}

/* A replace is announced by the first event after its ACCEPTED: only that tells how much entered. */
static void announce(struct order_entry *entry, struct named_order *order, uint64_t qty_lots) {
    if (order->state != NAMED_ENTERING)
        return;
    reply_entered(entry, order, OUCH50_REPLACED, qty_lots, order->entered_ns);
    order->state = NAMED_LIVE;
}

static void reply_canceled(struct order_entry *entry, uint32_t stream, uint32_t user_ref,
                           uint64_t taken_lots, char reason, uint64_t time_ns) {
    struct ouch50_message message = {.type = OUCH50_CANCELED,
                                     .timestamp_ns = since_midnight(time_ns),
                                     .user_ref = user_ref,
                                     .qty = (uint32_t)taken_lots,
                                     .reason = reason};
    reply(entry, stream, &message);
}

static void reply_rejected(struct order_entry *entry, uint32_t stream, uint32_t user_ref,
                           uint16_t reason, const char *clord_id, uint64_t time_ns) {
    struct ouch50_message message = {.type = OUCH50_REJECTED,
                                     .timestamp_ns = since_midnight(time_ns),
                                     .user_ref = user_ref,
                                     .reject_reason = reason};

    memcpy(message.clord_id, clord_id, sizeof message.clord_id);
    reply(entry, stream, &message);
}

static void reply_system_event(struct order_entry *entry, uint32_t stream, char event,
                               uint64_t time_ns) {
    struct ouch50_message message = {
        .type = OUCH50_SYSTEM_EVENT, .timestamp_ns = since_midnight(time_ns), .event = event};
    reply(entry, stream, &message);
}

/* NONE: nobody of that account can log on. */
static uint32_t stream_of(const struct order_entry *entry, uint32_t account) {
    return account <= entry->limits.account_max ? entry->stream_of_account[account] : NONE;
}

static struct cause *cause_of(struct order_entry *entry, uint64_t seq) {
    struct cause *cause = &entry->causes[seq % ORDER_ENTRY_IN_FLIGHT_MAX];

    check(cause->seq == seq);
    return cause;
}

static void clord_fill(const struct command_record *command, char clord_id[OUCH50_CLORD_BYTES]) {
    size_t length = command->client_order_id_length;

    memset(clord_id, ' ', OUCH50_CLORD_BYTES);
    memcpy(clord_id, command->client_order_id,
           length < OUCH50_CLORD_BYTES ? length : OUCH50_CLORD_BYTES);
}

static void order_add(struct order_entry *entry, const struct command_record *command,
                      uint32_t stream, const struct named_order *original) {
    struct named_order *order = named_orders_add(&entry->named, command->head.record_seq,
                                                 command->request.account, command->user_ref);

    order->stream = stream;
    order->qty_lots = command->qty_lots;
    order->price_ticks = command->price_ticks;
    order->instrument = command->head.instrument;
    order->type = command->type;
    order->on_disconnect = (command->request.flags & REQUEST_ON_DISCONNECT) != 0;
    memcpy(order->echo, command->echo, sizeof order->echo);
    clord_fill(command, order->clord_id);
    if (original != NULL) {
        order->orig_user_ref = original->user_ref;
        order->echo[ECHO_SIDE] = original->echo[ECHO_SIDE];
        order->echo[ECHO_CAPACITY] = original->echo[ECHO_CAPACITY];
        order->echo[ECHO_CROSS] = original->echo[ECHO_CROSS];
    }
}

static void command_refused(struct order_entry *entry, const struct command_record *command,
                            uint32_t stream) {
    char clord_id[OUCH50_CLORD_BYTES];
    uint16_t reason = command->echo[ECHO_REASON];

    /* A refused replace is told by the cancel that follows it; refused cancels are silent. */
    if (command->op != COMMAND_NEW)
        return;
    if (reason == 0)
        reason = ouch_reason_of_verdict(command->request.verdict);
    clord_fill(command, clord_id);
    reply_rejected(entry, stream, command->user_ref, reason, clord_id, command->head.time_ns);
}

static void record_command(struct order_entry *entry, const struct command_record *command) {
    bool named = command->request.door == DOOR_ORDER_ENTRY && command->user_ref != 0;
    uint32_t stream = stream_of(entry, command->request.account);

    if (command->request.verdict != VERDICT_TAKEN) {
        if (named && stream != NONE)
            command_refused(entry, command, stream);
        return;
    }
    if (command->seq != 0) {
        entry->causes[command->seq % ORDER_ENTRY_IN_FLIGHT_MAX] = (struct cause){
            .seq = command->seq,
            .op = command->op,
            .door = command->request.door,
            .flags = command->request.flags,
            .message = command->request.door == DOOR_ORDER_ENTRY ? command->echo[ECHO_MESSAGE] : 0,
            .new_order_no = command->op == COMMAND_REPLACE ? command->head.record_seq : 0,
        };
    }
    if (!named || stream == NONE)
        return;
    if (command->op == COMMAND_NEW)
        order_add(entry, command, stream, NULL);
    else if (command->op == COMMAND_REPLACE) {
        const struct named_order *original = named_orders_find(&entry->named, command->order_no);
        if (original != NULL) /* NULL: of an earlier day */
            order_add(entry, command, stream, original);
    }
}

static void record_accepted(struct order_entry *entry, const struct accepted_record *accepted) {
    struct named_order *order = named_orders_find(&entry->named, accepted->order_no);

    if (order == NULL)
        return;
    check(order->state == NAMED_ASKED);
    if (order->orig_user_ref == 0) {
        reply_entered(entry, order, OUCH50_ACCEPTED, order->qty_lots, accepted->head.time_ns);
        order->state = NAMED_LIVE;
        return;
    }
    cause_of(entry, accepted->seq)->cancelled_lots = 0;
    order->entered_ns = accepted->head.time_ns;
    order->state = NAMED_ENTERING;
}

static void side_traded(struct order_entry *entry, const struct trade_record *trade,
                        uint64_t order_no, uint64_t left_lots, char liquidity) {
    struct named_order *order = named_orders_find(&entry->named, order_no);

    if (order == NULL)
        return;
    announce(entry, order, trade->qty_lots + left_lots);
    struct ouch50_message message = message_about(order, OUCH50_EXECUTED, trade->head.time_ns);
    message.qty = (uint32_t)trade->qty_lots;
    message.price = instrument_directory_price_e4(
        instrument_directory_terms(&entry->directory, order->instrument), trade->price_ticks);
    message.liquidity = liquidity;
    message.match = trade->match;
    reply(entry, order->stream, &message);
    order->executed_lots += trade->qty_lots;
    if (left_lots == 0)
        named_orders_remove(&entry->named, order);
}

static void record_rested(struct order_entry *entry, const struct rested_record *rested) {
    struct named_order *order = named_orders_find(&entry->named, rested->order_no);

    if (order != NULL)
        announce(entry, order, rested->qty_lots);
}

static void order_replaced(struct order_entry *entry, struct named_order *order,
                           const struct cancelled_record *cancelled) {
    struct cause *cause = cause_of(entry, cancelled->seq);
    struct named_order *successor = named_orders_find(&entry->named, cause->new_order_no);

    cause->cancelled_lots = cancelled->qty_lots;
    cause->orig_stream = order->stream;
    cause->orig_user_ref = order->user_ref;
    if (successor != NULL)
        successor->executed_lots = order->executed_lots;
    named_orders_remove(&entry->named, order);
}

static void record_cancelled(struct order_entry *entry, const struct cancelled_record *cancelled) {
    struct named_order *order = named_orders_find(&entry->named, cancelled->order_no);
    uint8_t door = DOOR_ENGINE;
    uint8_t flags = 0;

    if (order == NULL)
        return;
    if (cancelled->why == WHY_REPLACE) {
        order_replaced(entry, order, cancelled);
        return;
    }
    if (cancelled->seq != 0) {
        door = cause_of(entry, cancelled->seq)->door;
        flags = cause_of(entry, cancelled->seq)->flags;
    }
    announce(entry, order, cancelled->qty_lots);
    reply_canceled(entry, order->stream, order->user_ref, cancelled->qty_lots,
                   ouch_reason_of_cancel(cancelled->why, door, flags), cancelled->head.time_ns);
    named_orders_remove(&entry->named, order);
}

static void record_reduced(struct order_entry *entry, const struct cancelled_record *reduced) {
    struct named_order *order = named_orders_find(&entry->named, reduced->order_no);

    if (order == NULL)
        return;
    const struct cause *cause = cause_of(entry, reduced->seq);
    announce(entry, order, reduced->qty_lots + reduced->taken_lots);
    if (reduced->why == WHY_USER && cause->message == OUCH50_MODIFY) {
        struct ouch50_message message =
            message_about(order, OUCH50_MODIFIED, reduced->head.time_ns);
        message.side = (char)order->echo[ECHO_SIDE];
        message.qty = (uint32_t)(order->executed_lots + reduced->qty_lots);
        reply(entry, order->stream, &message);
        return;
    }
    reply_canceled(entry, order->stream, order->user_ref, reduced->taken_lots,
                   ouch_reason_of_cancel(reduced->why, cause->door, cause->flags),
                   reduced->head.time_ns);
}

static void record_rejected(struct order_entry *entry, const struct rejected_record *rejected) {
    struct named_order *order;

    if (rejected->op != COMMAND_NEW && rejected->op != COMMAND_REPLACE)
        return;
    order = named_orders_find(&entry->named, rejected->order_no);
    if (order == NULL)
        return;
    if (rejected->op == COMMAND_NEW)
        reply_rejected(entry, order->stream, order->user_ref, ouch_reason_of_reject(rejected->why),
                       order->clord_id, rejected->head.time_ns);
    named_orders_remove(&entry->named, order);
}

/* A replace that entered nothing, or by another door: to the client, its order was cancelled. */
static void record_done(struct order_entry *entry, const struct done_record *done) {
    if (done->seq == 0)
        return;

    struct cause *cause = cause_of(entry, done->seq);
    if (cause->op != COMMAND_REPLACE)
        return;
    if (cause->cancelled_lots > 0)
        reply_canceled(entry, cause->orig_stream, cause->orig_user_ref, cause->cancelled_lots,
                       OUCH_CANCEL_USER, done->head.time_ns);
    struct named_order *successor = named_orders_find(&entry->named, cause->new_order_no);
    if (successor != NULL && successor->state == NAMED_ASKED)
        named_orders_remove(&entry->named, successor);
}

/* Makes the account's stream at its first username. */
static uint32_t stream_make(struct order_entry *entry, uint32_t account, uint64_t time_ns) {
    uint32_t *stream = &entry->stream_of_account[account];

    if (*stream == NONE) {
        *stream = entry->stream_count++;
        entry->streams[*stream] = (struct stream){.account = account, .connection = NONE};
        reply_system_event(entry, *stream, 'S', time_ns);
    }
    return *stream;
}

/* The credential opens no sessions from now on, and not the one that it has opened. */
static void credential_revoke(struct order_entry *entry, uint32_t index) {
    struct credential *credential = &entry->credentials[index];
    const struct stream *stream = &entry->streams[credential->stream];

    credential->revoked = true;
    if (stream->connection != NONE && stream->credential == index)
        connection_end(entry, stream->connection, END_REVOKED);
}

static void record_credential(struct order_entry *entry, const struct credential_record *record) {
    uint32_t found = hash_map_find(&entry->by_username, record->username);
    uint32_t account = record->request.account;

    if (record->request.verdict != VERDICT_TAKEN)
        return;
    check(account <= entry->limits.account_max);
    /* A username that moves to another account leaves the stream of the one before. */
    if (found != HASH_MAP_NONE &&
        entry->credentials[found].stream != entry->stream_of_account[account])
        credential_revoke(entry, found);
    if (entry->stream_of_account[account] == NONE &&
        entry->stream_count == entry->limits.credential_max) {
        entry->counters.unlisted_credential_count++;
        return;
    }
    if (found == HASH_MAP_NONE) {
        if (entry->credential_count == entry->limits.credential_max) {
            entry->counters.unlisted_credential_count++;
            return;
        }
        found = entry->credential_count++;
        if (!hash_map_put(&entry->by_username, record->username, found))
            check(!"as many places as credentials");
        memcpy(entry->credentials[found].username, record->username, USERNAME_BYTES);
    }

    struct credential *credential = &entry->credentials[found];
    credential->stream = stream_make(entry, account, record->head.time_ns);
    credential->revoked = false;
    memcpy(credential->verifier, record->verifier, sizeof credential->verifier);
    if (record->revoked != 0)
        credential_revoke(entry, found);
}

/* The last words of a session whose client has everything; any other sees the connection close. */
static void day_end(struct order_entry *entry, uint32_t stream, uint64_t time_ns) {
    uint32_t connection = entry->streams[stream].connection;
    const struct ouch50_message message = {
        .type = OUCH50_SYSTEM_EVENT, .timestamp_ns = since_midnight(time_ns), .event = 'E'};
    unsigned char bytes[OUCH50_MESSAGE_BYTES_MAX];

    if (connection == NONE)
        return;
    if (connection_is_quiet(entry, &entry->connections[connection])) {
        size_t count = ouch50_encode_server(&message, bytes, sizeof bytes);
        connection_say(&entry->connections[connection], SOUP_BIN_SEQUENCED, bytes, count);
        connection_say(&entry->connections[connection], SOUP_BIN_END_OF_SESSION, NULL, 0);
    }
    connection_end(entry, connection, END_OF_DAY);
}

static void record_day(struct order_entry *entry, const struct day_record *day) {
    uint32_t digits = day->day;

    if (day->request.verdict != VERDICT_TAKEN)
        return;
    for (uint32_t i = 0; i < entry->stream_count; i++)
        day_end(entry, i, day->head.time_ns);
    reply_store_clear(&entry->store);
    named_orders_clear(&entry->named);
    pending_inputs_clear(&entry->pending);
    for (size_t at = sizeof entry->session_name; at > 2; at--, digits /= 10)
        entry->session_name[at - 1] = (char)('0' + digits % 10);
    for (uint32_t i = 0; i < entry->stream_count; i++)
        reply_system_event(entry, i, 'S', day->head.time_ns);
}

static void record_session(struct order_entry *entry, const struct session_record *session) {
    uint32_t stream = stream_of(entry, session->request.account);

    if (session->session_event != SESSION_QUERIED || session->request.verdict != VERDICT_TAKEN)
        return;
    if (stream == NONE)
        return;
    struct ouch50_message message = {.type = OUCH50_QUERY_RESPONSE,
                                     .timestamp_ns = since_midnight(session->head.time_ns),
                                     .next_user_ref = session->next_user_ref};
    reply(entry, stream, &message);
}

void order_entry_record(struct order_entry *entry, const union record *record) {
    if (RECORD_IS_INPUT(record->head.kind) && record->request.door == DOOR_ORDER_ENTRY) {
        /* Numbers go on where the records end, so that none names two inputs. */
        if (record->request.request_id > entry->request_count)
            entry->request_count = record->request.request_id;
        pending_inputs_done(&entry->pending, record->request.request_id);
    }
    switch ((enum record_kind)record->head.kind) {
    case RECORD_COMMAND: record_command(entry, &record->command); break;
    case RECORD_INSTRUMENT:
        instrument_directory_record(&entry->directory, &record->instrument);
        break;
    case RECORD_CREDENTIAL: record_credential(entry, &record->credential); break;
    case RECORD_SESSION: record_session(entry, &record->session); break;
    case RECORD_DAY: record_day(entry, &record->day); break;
    case RECORD_ACCEPTED: record_accepted(entry, &record->accepted); break;
    case RECORD_TRADE:
        side_traded(entry, &record->trade, record->trade.maker_order_no,
                    record->trade.maker_left_lots, 'A');
        side_traded(entry, &record->trade, record->trade.taker_order_no,
                    record->trade.taker_left_lots, 'R');
        break;
    case RECORD_RESTED: record_rested(entry, &record->rested); break;
    case RECORD_CANCELLED: record_cancelled(entry, &record->cancelled); break;
    case RECORD_REDUCED: record_reduced(entry, &record->cancelled); break;
    case RECORD_REJECTED: record_rejected(entry, &record->rejected); break;
    case RECORD_DONE: record_done(entry, &record->done); break;
    case RECORD_START:
    case RECORD_ASSET:
    case RECORD_ACCOUNT:
    case RECORD_TRANSFER:
    case RECORD_DIGEST:
    case RECORD_GROUP:
    case RECORD_PAD: break;
    }
}
