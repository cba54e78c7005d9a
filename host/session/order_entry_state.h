/* What order entry remembers; shared by order_entry.c (what comes in), order_entry_send.c (what goes out, and how
 * connections end) and order_entry_record.c (the journal). Nobody else includes this. */
#ifndef SESSION_ORDER_ENTRY_STATE_H
#define SESSION_ORDER_ENTRY_STATE_H

#include "base/hash_map.h"
#include "session/instrument_directory.h"
#include "session/named_orders.h"
#include "session/order_entry.h"
#include "session/pending_inputs.h"
#include "session/reply_store.h"
#include "wire/soup_bin.h"

#define NONE            ORDER_ENTRY_NONE
#define WORDS_BYTES_MAX 192

enum connection_phase {
    PHASE_FREE = 0,
    PHASE_OPENED,    /* nothing but a logon is allowed */
    PHASE_VERIFYING, /* the shell computes the verifier */
    PHASE_REFUSED,   /* the refusal waits for answer_ns */
    PHASE_LIVE,
    PHASE_ENDING, /* its last words are sent, then the shell closes it */
};

/* What is said beside the sequenced messages: answers to logons, heartbeats, last words. They are added only
 * where one packet is whole and the next has not begun, and sent before what follows in the store. */
struct words {
    unsigned char bytes[WORDS_BYTES_MAX];
    uint32_t count;
    uint32_t sent;
};

struct connection {
    uint8_t phase; /* enum connection_phase */
    uint8_t end;   /* enum order_entry_end */
    bool cancel_on_disconnect;
    bool is_ready;
    uint32_t ready_next;
    uint32_t stream; /* PHASE_LIVE */
    uint64_t opened_ns;
    uint64_t received_ns; /* the last whole packet */
    uint64_t sent_ns;
    uint64_t answer_ns;
    struct reply_cursor cursor;
    struct soup_bin_login login; /* PHASE_VERIFYING */
    struct words words;
};

/* One per account that has a username. */
struct stream {
    uint32_t account;
    uint32_t connection; /* NONE: not logged on */
    uint32_t credential; /* by which it is logged on */
    bool is_owed;        /* a SESSION_DROPPED */
    uint32_t owed_next;
    uint64_t throttle_ns; /* when the bucket is full again */
};

struct credential {
    char username[USERNAME_BYTES];
    uint32_t stream;
    bool revoked;
    uint8_t verifier[ORDER_ENTRY_VERIFIER_BYTES];
};

/* A command in the matcher, until its DONE. */
struct cause {
    uint64_t seq;
    uint8_t op;
    uint8_t door;
    uint8_t flags;
    uint8_t message; /* cancel or modify: which */
    /* REPLACE: the order it enters, and the one it took away when that was known here. */
    uint64_t new_order_no;
    uint64_t cancelled_lots; /* > 0: to be told at the DONE, unless something entered */
    uint32_t orig_stream;
    uint32_t orig_user_ref;
};

struct order_entry {
    struct order_entry_limits limits;
    struct order_entry_settings settings;
    struct order_entry_counters counters;
    struct connection *connections;
    struct stream *streams;
    uint32_t *stream_of_account; /* by account; NONE: it has no username */
    struct credential *credentials;
    struct hash_map by_username;
    struct cause *causes; /* by seq modulo ORDER_ENTRY_IN_FLIGHT_MAX */
    struct instrument_directory directory;
    struct named_orders named;
    struct pending_inputs pending;
    struct reply_store store;
    uint32_t stream_count;
    uint32_t credential_count;
    uint32_t session_count;
    uint32_t first_ready; /* queues, oldest first */
    uint32_t last_ready;
    uint32_t first_owed;
    uint32_t last_owed;
    uint64_t request_count;
    char session_name[SOUP_BIN_SESSION_BYTES];
};

/* order_entry_send.c */
struct connection *connection_at(struct order_entry *entry, uint32_t connection);
void connection_mark_ready(struct order_entry *entry, uint32_t connection);
/* Nothing is half sent and nothing waits: words may be added. */
bool connection_is_quiet(struct order_entry *entry, struct connection *connection);
void connection_say(struct connection *connection, char type, const void *payload,
                    size_t payload_bytes);
/* Ends it with last words where they can be said; a session that was live is dropped. */
void connection_end(struct order_entry *entry, uint32_t connection, enum order_entry_end end);
/* The same, and the logon is answered by a rejection. */
void connection_reject(struct order_entry *entry, uint32_t connection, enum order_entry_end end);

#endif
