/* A whole venue in memory for the tests of order entry: the engine, the C matcher, a journal that is an array, and
 * clients whose connections are two byte buffers. Time moves only when a test moves it.
 *
 * Two accounts with usernames, ALICE (1) and BOB (2), password "secret"; account 3 trades by the web.
 * Instruments: BTCUSDT (tick 0.10, index 0), TATA_INR (tick 0.05, index 1). */
#ifndef TESTS_SESSION_VENUE_H
#define TESTS_SESSION_VENUE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/engine.h"
#include "session/order_entry.h"
#include "wire/ouch50.h"

#define VENUE_CONNECTIONS 4
#ifndef VENUE_ORDERS /* the fuzzer makes smaller ones */
#define VENUE_ORDERS       4096
#define VENUE_RECORDS_MAX  (1u << 18)
#define VENUE_RECEIVED_MAX (1u << 22)
#endif
#define VENUE_NOON_NS (1700000000000000000u / 86400000000000u * 86400000000000u + 43200000000000u)
#define ALICE         1
#define BOB           2
#define WEB           3

struct venue_client {
    bool is_open;
    enum order_entry_end end; /* END_NONE while the venue keeps it open */
    size_t received_bytes;
    size_t read_bytes; /* by venue_next */
    uint64_t again_ns;
    size_t unread_bytes; /* sent, and not consumed by the venue */
    unsigned char received[VENUE_RECEIVED_MAX];
    unsigned char unread[1 << 16];
};

struct venue {
    void *memory;
    struct arena arena; /* the matcher takes from it when an instrument is listed */
    void *entry_memory;
    void *reply_memory;
    size_t reply_memory_bytes;
    struct engine *engine;
    struct order_entry *entry;
    struct order_entry_settings settings;
    union record *journal;
    uint32_t record_count;
    uint32_t durable_count; /* shown to order entry */
    uint32_t input_count;   /* records that order entry gave */
    bool journal_is_held;   /* a test: nothing becomes durable meanwhile */
    uint64_t now_ns;        /* of timers and records alike */
    uint64_t client_count;
    struct venue_client clients[VENUE_CONNECTIONS];
};

/* One at a time: the next one takes the memory of the one before. */
struct venue *venue_open(const struct order_entry_settings *settings, size_t reply_memory_bytes);
/* A fresh order entry reads the journal again, as after a restart; all connections are gone. */
void venue_restart(struct venue *venue);

void venue_submit(struct venue *venue, enum door door, const union record *input);
void venue_day(struct venue *venue, uint32_t day);
void venue_credential(struct venue *venue, const char *username, uint32_t account, bool revoked);

/* Moves everything until nothing moves. */
void venue_run(struct venue *venue);
/* The same, `ns` later, in steps of a tenth of a second. */
void venue_wait(struct venue *venue, uint64_t ns);

void venue_connect(struct venue *venue, uint32_t client, bool cancel_on_disconnect);
void venue_hang_up(struct venue *venue, uint32_t client);
void venue_send(struct venue *venue, uint32_t client, const void *bytes, size_t count);
void venue_send_packet(struct venue *venue, uint32_t client, char type, const void *payload,
                       size_t count);
void venue_send_logon(struct venue *venue, uint32_t client, const char *username,
                      const char *password, const char *session, uint64_t sequence);
void venue_send_message(struct venue *venue, uint32_t client, const struct ouch50_message *message);
/* Connects, logs on from `sequence`, runs, and reads the acceptance. */
void venue_logon(struct venue *venue, uint32_t client, const char *username, uint64_t sequence);

/* The next packet that the client received: its type, 0 when there is none; payload may be NULL. */
char venue_packet(struct venue *venue, uint32_t client, const unsigned char **payload,
                  size_t *payload_bytes);
/* The next packet is sequenced; its message. Fails the test otherwise. */
struct ouch50_message venue_next(struct venue *venue, uint32_t client);
/* That message's type, and no more of it. */
void venue_expect(struct venue *venue, uint32_t client, const char *types);
void venue_expect_nothing(struct venue *venue, uint32_t client);

/* BTCUSDT, day order, price in whole quote units. */
struct ouch50_message venue_order(uint32_t user_ref, char side, uint32_t qty, uint64_t price);
struct ouch50_message venue_replace(uint32_t orig_user_ref, uint32_t user_ref, uint32_t qty,
                                    uint64_t price);
struct ouch50_message venue_cancel(uint32_t user_ref, uint32_t qty);
/* An order of the account WEB. */
union record venue_web_order(enum side side, uint64_t qty_lots, uint64_t price);

#endif
