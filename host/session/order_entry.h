/* Order entry: the server of OUCH 5.0 over SoupBinTCP 3.00. docs/order-entry.md says what clients see.
 *
 *     bytes of a connection ──▶ order_entry_receive ──▶ COMMAND records for the engine's ring
 *     records of the journal ─▶ order_entry_record  ──▶ replies of the day, per account
 *     order_entry_unsent    ◀── replies, heartbeats ◀── where each connection stands
 *
 * It opens no socket and reads no clock: the shell (host/apps/exchange/net_loop.c) moves the bytes. Replies are
 * made from durable records alone, by the same function while running and at a restart, so the day's replies
 * have the same bytes and numbers afterwards. A stream of replies belongs to an account; every username of the
 * account reads that stream, on one connection at a time.
 *
 * The shell's loop, for connection numbers 0 .. connection_max-1 of its own choice:
 *
 *     opened            order_entry_open
 *     bytes came        order_entry_receive, as long as it consumes (see struct received)
 *     record durable    order_entry_record
 *     each turn         order_entry_owed until false; order_entry_ready until ORDER_ENTRY_NONE, and for each
 *                       connection it names, as for each that can send again:
 *                           while ((count = order_entry_unsent(oe, c, &bytes)) > 0)
 *                               taken = net_send(...); order_entry_sent(oe, c, taken, now); stop if taken < count
 *                           if (order_entry_ending(oe, c) != END_NONE) close it, order_entry_close(oe, c)
 *     every 100 ms      order_entry_tick
 *     gone              order_entry_close
 *
 * Inputs (from receive and owed) must reach the ring in the order in which they were given. When the ring is
 * full the shell keeps that one record, and calls neither function until it has put it: the bytes of all
 * connections then wait in TCP, and nothing is lost.
 *
 * now_ns is any clock that does not go back; timestamps in replies come from the records.
 *
 * Limits, and what happens there: struct order_entry_limits and the constants below.
 *
 * Pure; one thread (net) owns it. */
#ifndef SESSION_ORDER_ENTRY_H
#define SESSION_ORDER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/record.h"
#include "session/reply_store.h"

#define ORDER_ENTRY_NONE           0xFFFFFFFFu
#define ORDER_ENTRY_VERIFIER_BYTES 32
/* A client's packet, its length field included; a longer one ends the session. */
#define ORDER_ENTRY_PACKET_BYTES_MAX 512
/* Commands that a matcher may owe events for; one more is a check. */
#define ORDER_ENTRY_IN_FLIGHT_MAX IN_FLIGHT_MAX

struct order_entry_limits {
    uint32_t connection_max;
    uint32_t account_max;    /* as the engine's */
    uint32_t credential_max; /* usernames ever; one more cannot log on, and is counted */
    uint32_t order_max;      /* as the engine's: orders alive at once */
    uint32_t instrument_max; /* as the engine's */
};

struct order_entry_settings {
    uint64_t heartbeat_ns; /* nothing sent for so long: a heartbeat. 1 s */
    uint64_t silence_ns;   /* no whole packet from the client for so long: it is dead. 15 s */
    uint64_t logon_ns;     /* a connection must log on within this. 10 s */
    /* a refused logon is answered after this: one guess per connection and time. 1 s */
    uint64_t refusal_ns;
    uint32_t messages_per_second; /* per account, over all its connections; 0: no limit */
    uint32_t message_burst; /* how many may come at once before the rate applies; at least 1 */
};
extern const struct order_entry_settings order_entry_usual;

/* Why a connection ends. The first that happens stays. */
enum order_entry_end {
    END_NONE,
    END_MALFORMED,    /* a SoupBinTCP packet or an OUCH message that cannot be read */
    END_OVERSIZED,    /* longer than ORDER_ENTRY_PACKET_BYTES_MAX */
    END_UNKNOWN_TYPE, /* a packet or message type that clients do not send */
    END_OUT_OF_PLACE, /* anything before the logon, or a second logon */
    END_REFUSED, /* unknown username, wrong password or revoked; the client sees one answer for all */
    END_NO_SUCH_SESSION, /* another day's session, or a sequence number beyond the next one */
    END_STORE_FULL, /* the account's replies of the day fill their store (session/reply_store.h) */
    END_LOGON_TIMEOUT,
    END_SILENT, /* no whole packet for silence_ns */
    END_LOGGED_OUT,
    END_TAKEN_OVER, /* the account logged on by another connection */
    END_REVOKED,    /* its credential was revoked */
    END_OF_DAY,     /* a DAY record: the day's session is over */
    END_CLOSED,     /* the peer or the shell closed it */
};
#define ORDER_ENTRY_ENDS (END_CLOSED + 1)
const char *order_entry_end_sentence(enum order_entry_end end);

struct order_entry_counters {
    uint64_t message_count;   /* OUCH messages read */
    uint64_t input_count;     /* records given for the ring */
    uint64_t ignored_count;   /* messages that the protocol says to ignore */
    uint64_t throttled_count; /* times that a message had to wait */
    uint64_t logon_count;
    uint64_t reply_count;
    uint64_t lost_reply_count;          /* the store was full */
    uint64_t unlisted_credential_count; /* beyond credential_max */
    uint64_t end_count[ORDER_ENTRY_ENDS];
};

struct order_entry;

size_t order_entry_bytes(const struct order_entry_limits *limits);
/* The memory of the replies is the caller's, as in session/reply_store.h; one account may take half of it,
 * at least 64 KiB. */
struct order_entry *order_entry_init(struct arena *arena, const struct order_entry_limits *limits,
                                     const struct order_entry_settings *settings,
                                     void *reply_memory, size_t reply_memory_bytes);

/* Every record of the journal once, in order, durable ones only; from the first one at a restart. */
void order_entry_record(struct order_entry *entry, const union record *record);
/* After the last record of a restart: whoever was connected is not any more. Accounts with open orders that are
 * to be cancelled on disconnect owe a SESSION record. */
void order_entry_resume(struct order_entry *entry);

/* A connection. cancel_on_disconnect is its listener's: orders that come by it are cancelled when the account's
 * session ends, however it ends (logout included), unless another connection has taken the session over. */
void order_entry_open(struct order_entry *entry, uint32_t connection, bool cancel_on_disconnect,
                      uint64_t now_ns);
/* Exactly once for each open, after the shell closed it or learned that it is gone. */
void order_entry_close(struct order_entry *entry, uint32_t connection);

enum received_what {
    RECEIVED_ALL, /* no whole packet is left: wait for more bytes */
    RECEIVED_INPUT, /* *input is for the ring; then call again with what is left, even if that is nothing */
    RECEIVED_LOGON, /* *logon is to be checked: call order_entry_logon, then this again */
    RECEIVED_WAIT, /* too many messages: call again at again_ns with what is left; read nothing until then */
    RECEIVED_END, /* the connection is ending: what is left does not matter */
};

struct received {
    enum received_what what;
    size_t consumed_bytes; /* whole packets, from the start of `bytes` */
    uint64_t again_ns;     /* RECEIVED_WAIT */
};

/* What the verifier is made of: HMAC-SHA256(key, username || password). */
struct order_entry_logon {
    char username[8];  /* NUL padded, as in CREDENTIAL */
    char password[10]; /* padded with spaces */
};

/* `bytes` are all that were not consumed yet, oldest first. Reads packets up to the first that needs the shell. */
struct received order_entry_receive(struct order_entry *entry, uint32_t connection,
                                    const unsigned char *bytes, size_t length_bytes,
                                    uint64_t now_ns, union record *input,
                                    struct order_entry_logon *logon);
/* The shell computes the verifier for every logon, for unknown usernames too. */
void order_entry_logon(struct order_entry *entry, uint32_t connection,
                       const uint8_t verifier[ORDER_ENTRY_VERIFIER_BYTES], uint64_t now_ns);

/* The next SESSION record that is owed (a session dropped). False: none. */
bool order_entry_owed(struct order_entry *entry, union record *input);

/* Heartbeats, dead peers, late logons. */
void order_entry_tick(struct order_entry *entry, uint64_t now_ns);
/* Takes the next connection that has something to send or is ending; each once per cause. */
uint32_t order_entry_ready(struct order_entry *entry);
/* Bytes to send next, in one piece, at their place in the store; 0: nothing now. Valid until the next call. */
size_t order_entry_unsent(struct order_entry *entry, uint32_t connection,
                          const unsigned char **bytes);
void order_entry_sent(struct order_entry *entry, uint32_t connection, size_t count,
                      uint64_t now_ns);
/* Not END_NONE when the connection is to be closed and its last words are sent. */
enum order_entry_end order_entry_ending(const struct order_entry *entry, uint32_t connection);

/* For logs and metrics. */
const struct order_entry_counters *order_entry_counters(const struct order_entry *entry);
uint32_t order_entry_session_count(const struct order_entry *entry);
/* The account that logged on by this connection, while it is ending too; ORDER_ENTRY_NONE: none. */
uint32_t order_entry_account(const struct order_entry *entry, uint32_t connection);
/* 10 characters, not NUL terminated: "CX" and the date of the last DAY record, or eight zeros before the first. */
const char *order_entry_session_name(const struct order_entry *entry);

#endif
