/* The engine's state, and what its files share. Private to core/engine*.c.
 *
 *   engine.c           the verbs, memory, records
 *   engine_command.c   COMMAND: what may come through a door, and which order it names
 *   engine_order.c     NEW, CANCEL, REDUCE, REPLACE and their kin: decide, hold, send
 *   engine_listing.c   assets, instruments, accounts, credentials, sessions, days
 *   engine_transfer.c  deposits and withdrawals
 *   engine_sweep.c     many orders at once
 *   engine_settle.c    the matcher's events: move the money, append
 *   engine_generate.c  what the engine owes: triggered orders, cancels, moves of the band
 *   engine_replay.c    the journal again, compared
 *   engine_audit.c     everything recounted */
#ifndef CORE_ENGINE_STATE_H
#define CORE_ENGINE_STATE_H

#include "core/account_table.h"
#include "core/engine.h"
#include "core/in_flight.h"
#include "core/instrument.h"
#include "core/ledger.h"
#include "core/order_table.h"
#include "core/transfer_table.h"

#define EVENT_BATCH 64 /* events taken from the matcher at a time */

/* What the command whose events are being settled has traded. */
struct traded_range {
    uint32_t low_ticks;
    uint32_t high_ticks;
    bool any;
};

struct engine {
    struct engine_limits limits;
    struct matcher matcher;
    struct ledger ledger;
    struct account_table accounts;
    struct order_table orders;
    struct transfer_table transfers;
    struct in_flight_queue in_flight;
    struct instrument *instruments;
    uint32_t instrument_count;
    uint32_t owed_first; /* orders to which the engine owes something, linked by owed_next */
    uint32_t owed_last;
    uint32_t bands_owed_count;
    uint32_t day; /* YYYYMMDD of the last DAY record; 0 = none yet */
    struct traded_range traded;
    uint64_t record_seq;   /* of the last record made */
    uint64_t time_ns;      /* now, for the verb at work */
    uint64_t command_seq;  /* of the last command sent to the matcher */
    struct outbox *outbox; /* of the verb at work */
    struct matcher_event events[EVENT_BATCH];
    amount_t *audit_held_atoms; /* scratch of engine_audit, by balance */
    uint32_t event_next;
    uint32_t event_count;
    struct outbox replayed; /* records made in replay, of which compared_bytes have been compared */
    size_t compared_bytes;
    _Alignas(16) unsigned char replayed_bytes[OUTBOX_STEP_BYTES];
};

/* engine.c */
/* The next record, appended: its head filled, its body zero. */
union record *engine_append(struct engine *engine, uint8_t kind, uint16_t instrument);
/* The same for an input that was filled apart from its head's numbers. */
void engine_append_input(struct engine *engine, const union record *input);
void engine_begin(struct engine *engine, uint64_t now_ns, struct outbox *outbox);
/* One input from outside. `flaw` is what the door, or in replay the journal, says of its form. */
void engine_take(struct engine *engine, enum door door, const union record *input, uint16_t flaw);
static inline uint64_t engine_next_record_seq(const struct engine *engine) {
    return engine->record_seq + 1;
}
static inline struct open_order *engine_order(struct engine *engine, uint32_t index) {
    return &engine->orders.orders[index];
}

/* engine_command.c */
void engine_take_command(struct engine *engine, enum door door, const union record *input,
                         uint16_t flaw);

/* A command on its way through the decision. */
struct draft {
    struct command_record *command; /* fields of the engine are filled when it is taken */
    struct account *account;        /* NULL: nobody's, or everyone's */
    uint32_t named;                 /* slot of the order named, or ORDER_INDEX_NONE */
    struct matcher_command send;    /* op 0: nothing goes to the matcher */
    bool is_ignored;                /* nothing is recorded */
};

/* engine_order.c: each decides, and when it takes the command, changes the state and fills draft->send. */
enum verdict engine_new(struct engine *engine, enum door door, struct draft *draft);
enum verdict engine_cancel(struct engine *engine, struct draft *draft);
enum verdict engine_reduce(struct engine *engine, struct draft *draft);
/* By how much a REDUCE lowers the order as the host knows it; 0: it does not. */
uint64_t reduce_by_lots(const struct command_record *command, const struct open_order *order);
enum verdict engine_replace(struct engine *engine, enum door door, struct draft *draft);
/* engine_sweep.c: many orders at once. */
enum verdict engine_mass_cancel(struct draft *draft);
enum verdict engine_cancel_all(struct engine *engine, struct draft *draft);
void engine_owe_cancels(struct engine *engine, const struct account *account, uint16_t instrument,
                        bool on_disconnect_only);
/* Numbers the draft's command and hands it to the matcher. Call after its record was appended. */
void engine_send(struct engine *engine, const struct draft *draft);
/* NEW as the matcher gets it, for an order in its slot. */
struct matcher_command engine_entry_command(const struct open_order *order, uint32_t owner);

/* engine_settle.c */
/* Ends an order: nothing owed to it, not waiting, closed; `is_final` frees its slot, too. Its hold must be gone. */
void engine_end_order(struct engine *engine, uint32_t index, bool is_final);
/* The whole of a waiting order, or a part of it, is taken away without the matcher. */
void engine_cancel_waiting(struct engine *engine, uint32_t index);
void engine_reduce_waiting(struct engine *engine, uint32_t index, uint64_t by_lots);
bool engine_settle_next(struct engine *engine);

/* engine_generate.c */
void engine_owe(struct engine *engine, uint32_t index, enum order_owed owed);
void engine_owe_nothing(struct engine *engine, uint32_t index);
bool engine_generate_next(struct engine *engine);

/* engine_listing.c, engine_transfer.c: take an admin input of their kind, complete it, and say the verdict. */
enum verdict engine_list_asset(struct engine *engine, union record *input);
enum verdict engine_list_instrument(struct engine *engine, union record *input);
enum verdict engine_set_account(struct engine *engine, union record *input);
enum verdict engine_set_credential(struct engine *engine, union record *input);
enum verdict engine_note_session(struct engine *engine, union record *input);
enum verdict engine_begin_day(struct engine *engine, union record *input);
enum verdict engine_note_start(const struct engine *engine, union record *input);
enum verdict engine_transfer(struct engine *engine, union record *input);
/* Printable text of at most max_bytes, then NULs only. */
bool text_is_padded(const char *text, size_t max_bytes);

#endif
