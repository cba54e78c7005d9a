/* What the engine wrote, as lines that a test can show: orders are called A, B, C ... in the order in which they were
 * taken, amounts are atoms.
 *
 *     new TAKEN A hold=5000
 *     accepted A
 *     trade A/B 100x5 left=0,0 fee=1,5 release=0
 *     rested A 5x100
 *     cancelled A user 5 release=500
 *     reduced A user 3 release=200
 *     rejected A fok release=0
 *     done 100x5 -                                                                       */
#ifndef TESTS_ENGINE_SAID_H
#define TESTS_ENGINE_SAID_H

#include <stdarg.h>
#include <stdio.h>

#include "engine_rig.h"

#define SAID_MAX   8192
#define LETTER_MAX 26

struct said {
    size_t read_bytes; /* of the journal */
    uint64_t letters[LETTER_MAX];
    uint32_t letter_count;
    char text[SAID_MAX];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static inline void say(struct said *said, const char *format,
                                                             ...) {
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(said->text + said->used, SAID_MAX - said->used, format, arguments);
    va_end(arguments);
    check(length >= 0 && (size_t)length < SAID_MAX - said->used);
    said->used += (size_t)length;
}

static inline char letter_of(const struct said *said, uint64_t order_no) {
    for (uint32_t i = 0; i < said->letter_count; i++)
        if (said->letters[i] == order_no)
            return (char)('A' + i);
    return '?';
}

static inline uint64_t order_no_of(const struct said *said, char letter) {
    check(letter >= 'A' && (uint32_t)(letter - 'A') < said->letter_count);
    return said->letters[letter - 'A'];
}

static inline void say_command(struct said *said, const struct command_record *command) {
    static const char *const ops[] = {"nothing", "new",         "cancel",   "reduce",
                                      "replace", "mass_cancel", "set_band", "set_state",
                                      "trigger", "cancel_all"};
    bool is_entry = command->op == COMMAND_NEW || command->op == COMMAND_REPLACE;
    bool is_taken = command->request.verdict == VERDICT_TAKEN;

    if (is_entry && is_taken && said->letter_count < LETTER_MAX)
        said->letters[said->letter_count++] = command->head.record_seq;
    say(said, "%s%s %s", (command->request.flags & REQUEST_GENERATED) != 0 ? "*" : "",
        ops[command->op], verdict_name(command->request.verdict));
    if (command->order_no != 0)
        say(said, " %c", letter_of(said, command->order_no));
    if (command->op == COMMAND_REPLACE && is_taken)
        say(said, "->%c", letter_of(said, command->head.record_seq));
    if (is_entry && is_taken)
        say(said, " hold=%lld", (long long)command->hold_atoms);
    if (command->op == COMMAND_SET_BAND)
        say(said, " %u", command->price_ticks);
    say(said, "\n");
}

static inline void say_event(struct said *said, const union record *record) {
    static const char *const whys[] = {"-", "user", "ioc", "self_trade", "band", "mass", "replace"};
    static const char *const rejects[] = {"-",   "unknown_order", "handle",      "state",
                                          "qty", "price_band",    "would_cross", "fok"};

    switch (record->head.kind) {
    case RECORD_ACCEPTED:
        say(said, "accepted %c\n", letter_of(said, record->accepted.order_no));
        break;
    case RECORD_TRADE:
        say(said, "trade %c/%c %ux%llu left=%llu,%llu fee=%lld,%lld release=%lld\n",
            letter_of(said, record->trade.maker_order_no),
            letter_of(said, record->trade.taker_order_no), record->trade.price_ticks,
            (unsigned long long)record->trade.qty_lots,
            (unsigned long long)record->trade.maker_left_lots,
            (unsigned long long)record->trade.taker_left_lots,
            (long long)record->trade.maker_fee_atoms, (long long)record->trade.taker_fee_atoms,
            (long long)record->trade.taker_release_atoms);
        break;
    case RECORD_RESTED:
        say(said, "rested %c %ux%llu\n", letter_of(said, record->rested.order_no),
            record->rested.price_ticks, (unsigned long long)record->rested.qty_lots);
        break;
    case RECORD_CANCELLED:
    case RECORD_REDUCED:
        say(said, "%s %c %s %llu release=%lld\n",
            record->head.kind == RECORD_REDUCED ? "reduced" : "cancelled",
            letter_of(said, record->cancelled.order_no), whys[record->cancelled.why],
            (unsigned long long)record->cancelled.qty_lots,
            (long long)record->cancelled.release_atoms);
        break;
    case RECORD_REJECTED:
        say(said, "rejected %c %s release=%lld\n", letter_of(said, record->rejected.order_no),
            rejects[record->rejected.why], (long long)record->rejected.release_atoms);
        break;
    case RECORD_DONE:
        say(said, "done");
        if (record->done.bid_qty_lots != 0)
            say(said, " %ux%llu", record->done.bid_ticks,
                (unsigned long long)record->done.bid_qty_lots);
        else
            say(said, " -");
        if (record->done.ask_qty_lots != 0)
            say(said, " %ux%llu\n", record->done.ask_ticks,
                (unsigned long long)record->done.ask_qty_lots);
        else
            say(said, " -\n");
        break;
    default: say(said, "kind %u\n", record->head.kind); break;
    }
}

/* Everything written since the last call. */
static inline const char *said_since(struct said *said, const struct rig *rig) {
    union record record;

    said->used = 0;
    said->text[0] = '\0';
    while (rig_next(rig, &said->read_bytes, &record)) {
        if (record.head.kind == RECORD_COMMAND)
            say_command(said, &record.command);
        else if (RECORD_IS_INPUT(record.head.kind))
            say(said, "input %u %s\n", record.head.kind, verdict_name(record.request.verdict));
        else
            say_event(said, &record);
    }
    return said->text;
}

/* ---- a small exchange: BTCUSDT, tick 0.10 and lot 0.00001, so that a lot at a tick is 100 atoms of USDT ---- */

#define ALICE 1u
#define BOB   2u
#define CAROL 3u
#define USDT  0u
#define BTC   1u

struct stage {
    struct rig rig;
    struct said said;
};

static inline void stage_open_with(struct stage *stage, const struct engine_limits *limits,
                                   struct matcher matcher) {
    static const char *const assets[] = {"USDT", "BTC"};
    union record record;

    stage->rig.matcher = matcher;
    stage->rig.engine = rig_engine(&stage->rig.engine_memory, limits, matcher);
    for (int i = 0; i < 2; i++) {
        record = rig_asset(assets[i], 8);
        rig_submit(&stage->rig, DOOR_OPERATOR, &record);
    }
    for (uint32_t account = ALICE; account <= CAROL; account++) {
        rig_account(&stage->rig);
        for (uint16_t asset = USDT; asset <= BTC; asset++) {
            record = rig_deposit(account, asset, 1000000000);
            rig_submit(&stage->rig, DOOR_OPERATOR, &record);
        }
    }
    record = rig_instrument("BTCUSDT", "BTC", "USDT");
    record.instrument.maker_fee_ppm = 1000;
    record.instrument.taker_fee_ppm = 2000;
    rig_submit(&stage->rig, DOOR_OPERATOR, &record);
    (void)said_since(&stage->said, &stage->rig);
}

static inline int stage_open(void **state) {
    struct stage *stage = calloc(1, sizeof *stage);

    check(stage != NULL);
    stage_open_with(stage, &rig_limits, rig_soft_matcher(&stage->rig.matcher_memory, &rig_limits));
    *state = stage;
    return 0;
}

static inline int stage_close(void **state) {
    struct stage *stage = *state;

    engine_audit(stage->rig.engine);
    rig_close(&stage->rig);
    free(stage);
    return 0;
}

/* Submits, lets the engine run dry, and tells what it wrote. */
static inline const char *perform(struct stage *stage, enum door door, union record record) {
    rig_submit(&stage->rig, door, &record);
    rig_run_dry(&stage->rig);
    return said_since(&stage->said, &stage->rig);
}

static inline union record naming(struct stage *stage, enum command_op op, uint32_t account,
                                  char letter) {
    union record record = rig_command(op, account);

    record.command.order_no = order_no_of(&stage->said, letter);
    return record;
}

#endif
