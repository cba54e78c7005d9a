/* The engine: checks, holds, numbers, sends to the matcher, settles. Pure: no clock, no I/O, no allocation
 * after engine_init; one thread owns it.
 *
 * Three verbs change it, each appends what it did to the caller's outbox as records, in order:
 *
 *   engine_submit    takes one input record from a door, decides, appends it with verdict and numbers, and
 *                    hands what was taken to the matcher
 *   engine_settle    takes the next event from the matcher, moves the money, appends the event
 *   engine_generate  makes the next input that the engine owes: a triggered stop, a cancel on disconnect, a
 *                    move of the band, the cancel after a refused replace
 *
 * Live (host/apps/exchange/engine_loop.c): settle and generate until both answer false, then submit one.
 * With a card, events come later; settle and submit then interleave as they happen, and the journal keeps
 * the order in which they did.
 *
 * Replay walks the journal in that order: an input from outside is submitted again, an event or a generated
 * input calls the verb that makes it, and every record that comes out is compared with the one in the
 * journal. A difference stops the replay: the journal proves the engine, and the engine the journal. */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "core/ledger.h"
#include "core/matcher.h"
#include "core/record.h"
#include "core/verdict.h"

struct engine;

struct engine_limits { /* tops in core/limits.h; all fixed for the life of a journal */
    uint32_t account_max;
    uint32_t balance_max;
    uint32_t order_max;
    uint32_t instrument_max;
};

/* Where a verb writes. The caller empties it between verbs; each verb writes at most OUTBOX_STEP_BYTES.
 * `bytes` is aligned to 16. */
#define OUTBOX_STEP_BYTES (4 * RECORD_BYTES_MAX)
struct outbox {
    unsigned char *bytes;
    size_t used_bytes;
    size_t max_bytes;
};

size_t engine_bytes(const struct engine_limits *limits);
/* The matcher must be fresh: no instrument declared, no command taken. */
struct engine *engine_init(struct arena *arena, const struct engine_limits *limits,
                           struct matcher matcher);

/* `input` is one record as the door filled it, already copied out of the ring; `door` is the ring's.
 * Nothing in it is believed: what means nothing is refused BAD_FIELD, a kind that is no input is ignored.
 * DOOR_ENGINE is the exchange itself: it may do what the operator may, and alone may START.
 * Nothing is appended for what the protocol says to ignore (REQUEST_QUIET; a user_ref not above the
 * account's last). Call only while engine_ready. now_ns never falls. */
void engine_submit(struct engine *engine, enum door door, const union record *input,
                   uint64_t now_ns, struct outbox *outbox);
/* False: the matcher had no event. */
bool engine_settle(struct engine *engine, uint64_t now_ns, struct outbox *outbox);
/* False: the engine owes nothing. */
bool engine_generate(struct engine *engine, uint64_t now_ns, struct outbox *outbox);
/* False while the matcher is full, or IN_FLIGHT_MAX commands are without DONE: settle first. */
bool engine_ready(const struct engine *engine);

/* Appends a DIGEST record. Call only when engine_is_quiet: no command is in flight. */
bool engine_is_quiet(const struct engine *engine);
void engine_digest(struct engine *engine, uint64_t now_ns, struct outbox *outbox);

enum replay_result {
    REPLAY_OK,
    REPLAY_DIFFERS,      /* what came out is not what the journal holds: *expected holds what did */
    REPLAY_OUT_OF_PLACE, /* record_seq or kind cannot follow here */
};
/* Feeds one record of the journal, in order. `expected` receives what the engine makes of it (zeros:
 * nothing). The crc32c, group and epoch of the head belong to the journal's writer and are not compared.
 * The matcher must answer at once, as the C matcher does; a card is loaded afterwards. */
NODISCARD enum replay_result engine_replay(struct engine *engine, const union record *record,
                                           union record *expected);
/* After the last record: appends what the verb that was cut short had still made. What else a cut journal
 * no longer holds (events of commands without DONE, inputs that the engine owes) comes from engine_settle
 * and engine_generate, as ever: run both dry before a door's next input. */
void engine_replay_finish(struct engine *engine, uint64_t now_ns, struct outbox *outbox);

/* For checks and tests. Zero for an account that never had any. */
struct balance engine_balance(const struct engine *engine, uint32_t account, uint16_t asset);
uint64_t engine_record_seq(const struct engine *engine); /* of the last record made; 0 = none */
uint64_t engine_ledger_digest(const struct engine *engine);
/* Recounts everything the slow way: sums to zero per asset, no negative balance but the outside's, held equals
 * the sum over open orders and requested withdrawals, handles and lists agree. Stops by check. */
void engine_audit(const struct engine *engine);

#endif
