#include "core/engine.h"

#include <string.h>

#include "core/engine_state.h"

static void limits_check(const struct engine_limits *limits) {
    check(limits->account_max >= 1);
    check(limits->account_max <= ACCOUNT_MAX);
    check(limits->balance_max >= 1);
    check(limits->balance_max <= BALANCE_MAX);
    check(limits->order_max >= 1);
    check(limits->order_max <= ORDER_MAX);
    check(limits->instrument_max >= 1);
    check(limits->instrument_max <= INSTRUMENT_MAX);
}

size_t engine_bytes(const struct engine_limits *limits) {
    limits_check(limits);
    return sizeof(struct engine) + ledger_bytes(limits->balance_max) +
           account_table_bytes(limits->account_max) + order_table_bytes(limits->order_max) +
           transfer_table_bytes() + in_flight_bytes() +
           limits->instrument_max * sizeof(struct instrument) +
           limits->balance_max * sizeof(amount_t) + 256;
}

struct engine *engine_init(struct arena *arena, const struct engine_limits *limits,
                           struct matcher matcher) {
    limits_check(limits);
    struct engine *engine = arena_take(arena, sizeof *engine, 64);

    memset(engine, 0, sizeof *engine);
    engine->limits = *limits;
    engine->matcher = matcher;
    engine->owed_first = ORDER_INDEX_NONE;
    engine->owed_last = ORDER_INDEX_NONE;
    engine->replayed.bytes = engine->replayed_bytes;
    engine->replayed.max_bytes = sizeof engine->replayed_bytes;
    ledger_init(&engine->ledger, arena, limits->balance_max);
    account_table_init(&engine->accounts, arena, limits->account_max);
    order_table_init(&engine->orders, arena, &engine->accounts, limits->order_max);
    transfer_table_init(&engine->transfers, arena);
    in_flight_init(&engine->in_flight, arena);
    engine->audit_held_atoms = arena_take(arena, limits->balance_max * sizeof(amount_t), 64);
    engine->instruments =
        arena_take(arena, limits->instrument_max * sizeof *engine->instruments, 64);
    return engine;
}

void engine_begin(struct engine *engine, uint64_t now_ns, struct outbox *outbox) {
    check(now_ns >= engine->time_ns);
    check(outbox->used_bytes <= outbox->max_bytes);
    check(outbox->max_bytes - outbox->used_bytes >= OUTBOX_STEP_BYTES);
    check((((uintptr_t)outbox->bytes + outbox->used_bytes) & 15) == 0);
    engine->time_ns = now_ns;
    engine->outbox = outbox;
}

union record *engine_append(struct engine *engine, uint8_t kind, uint16_t instrument) {
    struct outbox *outbox = engine->outbox;
    uint8_t units = record_units(kind);
    size_t bytes = (size_t)units * RECORD_UNIT_BYTES;
    check(units != 0);
    check(bytes <= outbox->max_bytes - outbox->used_bytes);
    union record *record = (union record *)(void *)(outbox->bytes + outbox->used_bytes);

    memset(record, 0, bytes);
    record->head.record_seq = ++engine->record_seq;
    record->head.time_ns = engine->time_ns;
    record->head.kind = kind;
    record->head.units = units;
    record->head.instrument = instrument;
    outbox->used_bytes += bytes;
    return record;
}

void engine_append_input(struct engine *engine, const union record *input) {
    union record *record = engine_append(engine, input->head.kind, input->head.instrument);
    size_t bytes = (size_t)record->head.units * RECORD_UNIT_BYTES;

    memcpy(record->bytes + RECORD_HEAD_BYTES, input->bytes + RECORD_HEAD_BYTES,
           bytes - RECORD_HEAD_BYTES);
}

/* ---- admin inputs ---- */

static bool door_may(enum door door, const union record *input) {
    switch (door) {
    case DOOR_ENGINE: return true;
    case DOOR_OPERATOR: return input->head.kind != RECORD_START;
    case DOOR_ORDER_ENTRY: return input->head.kind == RECORD_SESSION;
    case DOOR_WEB:
        return input->head.kind == RECORD_TRANSFER &&
               input->transfer.transfer_kind == TRANSFER_WITHDRAWAL &&
               input->transfer.transfer_state == TRANSFER_REQUESTED;
    }
    return false;
}

static enum verdict engine_decide_admin(struct engine *engine, union record *input) {
    switch ((enum record_kind)input->head.kind) {
    case RECORD_START: return engine_note_start(engine, input);
    case RECORD_ASSET: return engine_list_asset(engine, input);
    case RECORD_INSTRUMENT: return engine_list_instrument(engine, input);
    case RECORD_ACCOUNT: return engine_set_account(engine, input);
    case RECORD_CREDENTIAL: return engine_set_credential(engine, input);
    case RECORD_TRANSFER: return engine_transfer(engine, input);
    case RECORD_SESSION: return engine_note_session(engine, input);
    case RECORD_DAY: return engine_begin_day(engine, input);
    case RECORD_COMMAND:
    case RECORD_ACCEPTED:
    case RECORD_TRADE:
    case RECORD_RESTED:
    case RECORD_CANCELLED:
    case RECORD_REDUCED:
    case RECORD_REJECTED:
    case RECORD_DONE:
    case RECORD_DIGEST:
    case RECORD_GROUP:
    case RECORD_PAD: break;
    }
    check(!"an admin input");
    return VERDICT_BAD_FIELD;
}

static void engine_take_admin(struct engine *engine, enum door door, const union record *input,
                              uint16_t flaw) {
    union record draft;
    size_t bytes = (size_t)record_units(input->head.kind) * RECORD_UNIT_BYTES;
    enum verdict verdict = (enum verdict)flaw;

    memset(&draft, 0, sizeof draft);
    memcpy(&draft, input, bytes);
    draft.head.instrument = INSTRUMENT_NONE;
    draft.request.door = (uint8_t)door;
    draft.request.flags = 0;
    /* A flaw comes first: what would show whether the door may ask for it is not kept, and replay must decide the same. */
    if (flaw == VERDICT_TAKEN)
        verdict =
            door_may(door, &draft) ? engine_decide_admin(engine, &draft) : VERDICT_NOT_ALLOWED;

    /* Readers get no text or number that means nothing: of what is flawed or not allowed, only who asked is kept. */
    bool is_flawed = verdict == VERDICT_BAD_FIELD || (verdict == flaw && flaw != VERDICT_TAKEN);
    if (is_flawed || verdict == VERDICT_NOT_ALLOWED)
        memset(draft.bytes + RECORD_HEAD_BYTES + sizeof(struct request), 0,
               bytes - RECORD_HEAD_BYTES - sizeof(struct request));
    if (is_flawed)
        draft.request.flags = REQUEST_FLAWED;
    draft.request.verdict = verdict;
    engine_append_input(engine, &draft);
}

/* ---- verbs ---- */

void engine_take(struct engine *engine, enum door door, const union record *input, uint16_t flaw) {
    if (input->head.kind == RECORD_COMMAND)
        engine_take_command(engine, door, input, flaw);
    else if (RECORD_IS_INPUT(input->head.kind))
        engine_take_admin(engine, door, input, flaw);
    ledger_check_closed(&engine->ledger);
}

void engine_submit(struct engine *engine, enum door door, const union record *input,
                   uint64_t now_ns, struct outbox *outbox) {
    check(in_flight_count(&engine->in_flight) < IN_FLIGHT_MAX);
    uint16_t flaw = input->request.verdict;

    engine_begin(engine, now_ns, outbox);
    if (!verdict_known(flaw))
        flaw = VERDICT_BAD_FIELD;
    engine_take(engine, door, input, flaw);
}

bool engine_settle(struct engine *engine, uint64_t now_ns, struct outbox *outbox) {
    engine_begin(engine, now_ns, outbox);
    bool settled = engine_settle_next(engine);
    ledger_check_closed(&engine->ledger);
    return settled;
}

bool engine_generate(struct engine *engine, uint64_t now_ns, struct outbox *outbox) {
    if (!engine_ready(engine))
        return false;
    engine_begin(engine, now_ns, outbox);
    bool generated = engine_generate_next(engine);
    ledger_check_closed(&engine->ledger);
    return generated;
}

bool engine_ready(const struct engine *engine) {
    return in_flight_unsent_count(&engine->in_flight) == 0 &&
           in_flight_count(&engine->in_flight) < IN_FLIGHT_MAX;
}

bool engine_is_quiet(const struct engine *engine) {
    return in_flight_count(&engine->in_flight) == 0;
}

void engine_digest(struct engine *engine, uint64_t now_ns, struct outbox *outbox) {
    check(engine_is_quiet(engine));
    engine_begin(engine, now_ns, outbox);
    union record *record = engine_append(engine, RECORD_DIGEST, INSTRUMENT_NONE);

    record->digest.seq = engine->command_seq;
    record->digest.matcher_digest = engine->matcher.ops->digest(engine->matcher.self);
    record->digest.ledger_digest = engine_ledger_digest(engine);
}

struct balance engine_balance(const struct engine *engine, uint32_t account, uint16_t asset) {
    uint32_t index = ledger_find(&engine->ledger, account, asset);

    return index == BALANCE_NONE ? (struct balance){0} : engine->ledger.entries[index].balance;
}

uint64_t engine_record_seq(const struct engine *engine) {
    return engine->record_seq;
}
