#include <string.h>

#include "core/engine_state.h"

/* The journal's writer owns crc32c, group and epoch; all else is the engine's and must come out again. */
static bool record_is_same(const union record *made, const union record *kept) {
    size_t bytes = (size_t)made->head.units * RECORD_UNIT_BYTES;

    return made->head.record_seq == kept->head.record_seq &&
           made->head.time_ns == kept->head.time_ns && made->head.kind == kept->head.kind &&
           made->head.units == kept->head.units && made->head.instrument == kept->head.instrument &&
           memcmp(made->bytes + RECORD_HEAD_BYTES, kept->bytes + RECORD_HEAD_BYTES,
                  bytes - RECORD_HEAD_BYTES) == 0;
}

/* Calls the verb that makes this record. */
static void replay_verb(struct engine *engine, const union record *record) {
    engine->replayed.used_bytes = 0;
    engine->compared_bytes = 0;
    engine_begin(engine, record->head.time_ns, &engine->replayed);
    if (RECORD_IS_INPUT(record->head.kind)) {
        uint8_t flags = record->request.flags;
        if ((flags & REQUEST_GENERATED) != 0)
            (void)engine_generate_next(engine); /* nothing made shows in the comparison */
        else
            engine_take(engine, (enum door)record->request.door, record,
                        (flags & REQUEST_FLAWED) != 0 ? record->request.verdict : VERDICT_TAKEN);
    } else if (record->head.kind == RECORD_DIGEST) {
        if (engine_is_quiet(engine))
            engine_digest(engine, record->head.time_ns, &engine->replayed);
    } else {
        (void)engine_settle_next(engine);
    }
    ledger_check_closed(&engine->ledger);
}

enum replay_result engine_replay(struct engine *engine, const union record *record,
                                 union record *expected) {
    memset(expected, 0, sizeof *expected);
    if (!RECORD_IS_INPUT(record->head.kind) && !RECORD_IS_EVENT(record->head.kind))
        return REPLAY_OUT_OF_PLACE;
    if (record->head.units != record_units(record->head.kind))
        return REPLAY_OUT_OF_PLACE;

    if (engine->compared_bytes == engine->replayed.used_bytes) {
        if (record->head.record_seq != engine->record_seq + 1 ||
            record->head.time_ns < engine->time_ns)
            return REPLAY_OUT_OF_PLACE;
        if (in_flight_count(&engine->in_flight) == IN_FLIGHT_MAX &&
            RECORD_IS_INPUT(record->head.kind))
            return REPLAY_OUT_OF_PLACE; /* the engine would not have been ready */
        replay_verb(engine, record);
    }
    if (engine->compared_bytes == engine->replayed.used_bytes)
        return REPLAY_DIFFERS;

    const union record *made =
        (const union record *)(const void *)(engine->replayed_bytes + engine->compared_bytes);
    size_t bytes = (size_t)made->head.units * RECORD_UNIT_BYTES;
    memcpy(expected, made, bytes);
    engine->compared_bytes += bytes;
    return record_is_same(expected, record) ? REPLAY_OK : REPLAY_DIFFERS;
}

void engine_replay_finish(struct engine *engine, uint64_t now_ns, struct outbox *outbox) {
    size_t bytes = engine->replayed.used_bytes - engine->compared_bytes;

    /* These keep the time at which they were made: the same verb made the record before them. */
    engine_begin(engine, now_ns, outbox);
    memcpy(outbox->bytes + outbox->used_bytes, engine->replayed_bytes + engine->compared_bytes,
           bytes);
    outbox->used_bytes += bytes;
    engine->compared_bytes = engine->replayed.used_bytes;
}
