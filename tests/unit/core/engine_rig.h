/* What the tests of the engine share: an engine with a matcher, in memory of exactly the size it asks for, and
 * everything it wrote, one record behind the other as in the journal. */
#ifndef TESTS_ENGINE_RIG_H
#define TESTS_ENGINE_RIG_H

#include <stdlib.h>
#include <string.h>

#include "core/engine.h"
#include "core/reference.h"
#include "core/soft_matcher.h"

struct journal_text {
    unsigned char *bytes;
    size_t used_bytes;
    size_t max_bytes;
    uint64_t record_count;
};

struct rig {
    struct engine *engine;
    struct matcher matcher;
    void *matcher_memory;
    void *engine_memory;
    struct journal_text journal;
    _Alignas(16) unsigned char step[OUTBOX_STEP_BYTES];
    struct outbox outbox;
    uint64_t now_ns;
};

static const struct engine_limits rig_limits = {
    .account_max = 12, .balance_max = 60, .order_max = 400, .instrument_max = 3};

static inline struct matcher_limits rig_matcher_limits(const struct engine_limits *limits) {
    return (struct matcher_limits){.qty_bits = QTY_BITS,
                                   .owner_bits = 16,
                                   .handle_count = limits->order_max,
                                   .instrument_count = limits->instrument_max};
}

/* The arena lies at the head of the memory: the C matcher takes its books from it when they are declared. */
static inline struct arena *rig_arena(void **memory, size_t bytes) {
    *memory = calloc(1, bytes + 64);
    check(*memory != NULL);
    arena_init(*memory, (unsigned char *)*memory + 64, bytes);
    return *memory;
}

static inline struct matcher rig_soft_matcher(void **memory, const struct engine_limits *limits) {
    const struct matcher_limits wanted = rig_matcher_limits(limits);
    size_t bytes = soft_matcher_bytes(&wanted, limits->instrument_max, BAND_BITS_MAX);

    return soft_matcher_port(soft_matcher_init(rig_arena(memory, bytes), &wanted));
}

static inline struct matcher rig_reference(void **memory, const struct engine_limits *limits) {
    const struct matcher_limits wanted = rig_matcher_limits(limits);

    return reference_port(reference_init(rig_arena(memory, reference_bytes(&wanted)), &wanted));
}

static inline struct engine *rig_engine(void **memory, const struct engine_limits *limits,
                                        struct matcher matcher) {
    size_t bytes = engine_bytes(limits);
    struct arena arena;

    *memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    check(*memory != NULL);
    memset(*memory, 0xA5, bytes); /* the engine must not count on zeros */
    arena_init(&arena, *memory, bytes);
    return engine_init(&arena, limits, matcher);
}

static inline void rig_keep(struct rig *rig) {
    struct journal_text *journal = &rig->journal;

    if (journal->max_bytes - journal->used_bytes < rig->outbox.used_bytes) {
        journal->max_bytes = 2 * journal->max_bytes + (1 << 20);
        journal->bytes = realloc(journal->bytes, journal->max_bytes);
        check(journal->bytes != NULL);
    }
    memcpy(journal->bytes + journal->used_bytes, rig->step, rig->outbox.used_bytes);
    journal->used_bytes += rig->outbox.used_bytes;
    for (size_t at = 0; at < rig->outbox.used_bytes; journal->record_count++)
        at += (size_t)((const union record *)(const void *)(rig->step + at))->head.units *
              RECORD_UNIT_BYTES;
}

static inline void rig_begin(struct rig *rig) {
    rig->outbox = (struct outbox){.bytes = rig->step, .max_bytes = sizeof rig->step};
    rig->now_ns += 7;
}

static inline void rig_submit(struct rig *rig, enum door door, const union record *input) {
    rig_begin(rig);
    engine_submit(rig->engine, door, input, rig->now_ns, &rig->outbox);
    rig_keep(rig);
}

static inline bool rig_settle(struct rig *rig) {
    rig_begin(rig);
    bool settled = engine_settle(rig->engine, rig->now_ns, &rig->outbox);
    rig_keep(rig);
    return settled;
}

static inline bool rig_generate(struct rig *rig) {
    rig_begin(rig);
    bool generated = engine_generate(rig->engine, rig->now_ns, &rig->outbox);
    rig_keep(rig);
    return generated;
}

static inline void rig_digest(struct rig *rig) {
    rig_begin(rig);
    engine_digest(rig->engine, rig->now_ns, &rig->outbox);
    rig_keep(rig);
}

/* As the exchange's loop does with a matcher that answers at once. */
static inline void rig_run_dry(struct rig *rig) {
    while (rig_settle(rig) || rig_generate(rig))
        continue;
}

/* The record at *at, copied to aligned memory; *at moves behind it. False: there is none. */
static inline bool rig_next(const struct rig *rig, size_t *at, union record *record) {
    if (*at == rig->journal.used_bytes)
        return false;
    memset(record, 0, sizeof *record);
    memcpy(record, rig->journal.bytes + *at, RECORD_UNIT_BYTES);
    size_t bytes = (size_t)record->head.units * RECORD_UNIT_BYTES;
    check(bytes <= rig->journal.used_bytes - *at);
    memcpy(record, rig->journal.bytes + *at, bytes);
    *at += bytes;
    return true;
}

/* ---- inputs ---- */

static inline union record rig_input(uint8_t kind) {
    union record record;

    memset(&record, 0, sizeof record);
    record.head.kind = kind;
    record.head.units = record_units(kind);
    record.head.instrument = INSTRUMENT_NONE;
    return record;
}

static inline void rig_name(char field[SYMBOL_BYTES], const char *name) {
    size_t length = strlen(name);

    check(length <= SYMBOL_BYTES);
    memcpy(field, name, length);
}

static inline union record rig_asset(const char *name, uint8_t decimals) {
    union record record = rig_input(RECORD_ASSET);

    rig_name(record.asset.name, name);
    record.asset.decimals = decimals;
    return record;
}

static inline union record rig_instrument(const char *symbol, const char *base, const char *quote) {
    union record record = rig_input(RECORD_INSTRUMENT);

    rig_name(record.instrument.symbol, symbol);
    rig_name(record.instrument.base_asset_name, base);
    rig_name(record.instrument.quote_asset_name, quote);
    record.instrument.tick_e8 = 10000000; /* 0.10 */
    record.instrument.lot_atoms = 1000;   /* 0.00001 of 8 decimals */
    record.instrument.base_ticks = 1000;
    record.instrument.k = 12;
    return record;
}

static inline union record rig_deposit(uint32_t account, uint16_t asset, amount_t atoms) {
    union record record = rig_input(RECORD_TRANSFER);

    record.request.account = account;
    record.transfer.asset = asset;
    record.transfer.amount_atoms = atoms;
    record.transfer.transfer_kind = TRANSFER_DEPOSIT;
    record.transfer.transfer_state = TRANSFER_DONE;
    return record;
}

static inline union record rig_command(enum command_op op, uint32_t account) {
    union record record = rig_input(RECORD_COMMAND);

    record.command.op = (uint8_t)op;
    record.request.account = account;
    return record;
}

static inline union record rig_order(uint32_t account, enum side side, uint64_t qty_lots,
                                     uint32_t price_ticks) {
    union record record = rig_command(COMMAND_NEW, account);

    record.head.instrument = 0;
    record.command.side = (uint8_t)side;
    record.command.qty_lots = qty_lots;
    record.command.price_ticks = price_ticks;
    return record;
}

static inline void rig_account(struct rig *rig) {
    union record record = rig_input(RECORD_ACCOUNT);

    record.account.maker_fee_ppm = FEE_INHERIT;
    record.account.taker_fee_ppm = FEE_INHERIT;
    rig_submit(rig, DOOR_OPERATOR, &record);
}

static inline void rig_close(struct rig *rig) {
    free(rig->matcher_memory);
    free(rig->engine_memory);
    free(rig->journal.bytes);
}

#endif
