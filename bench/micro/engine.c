/* bench_engine: what one order costs in the engine with the C matcher behind it, journal and network left out.
 *
 * Timed is what the exchange's loop does per input: submit, settle until the matcher has no more events, ask what is
 * owed; records are written to an outbox and dropped. Accounts and prices are drawn beforehand. Times are of this
 * process's CPU, the median of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "core/engine.h"
#include "core/soft_matcher.h"

#define ACCOUNTS  1000u
#define STANDING  20000u /* orders that rest before and between the timed ones */
#define BATCH     5000u
#define ROUNDS    21
#define MID_TICKS 100000u
#define DEPTH     400u
#define USDT      0
#define BTC       1

static const struct engine_limits limits = {.account_max = ACCOUNTS,
                                            .balance_max = 4 * ACCOUNTS,
                                            .order_max = 1u << 16,
                                            .instrument_max = 1};

struct desk {
    struct engine *engine;
    struct outbox outbox;
    struct random random;
    uint64_t now_ns;
    uint64_t record_count;
    uint64_t order_nos[BATCH];
    uint32_t accounts[BATCH];
    union record inputs[BATCH];
    _Alignas(64) unsigned char bytes[OUTBOX_STEP_BYTES];
};

static void *present_memory(size_t bytes) {
    void *memory = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);

    check(memory != NULL);
    memset(memory, 0, bytes);
    return memory;
}

static void desk_step(struct desk *desk, enum door door, const union record *input) {
    desk->outbox.used_bytes = 0;
    engine_submit(desk->engine, door, input, ++desk->now_ns, &desk->outbox);
    desk->outbox.used_bytes = 0;
    while (engine_settle(desk->engine, desk->now_ns, &desk->outbox))
        desk->outbox.used_bytes = 0;
    check(!engine_generate(desk->engine, desk->now_ns, &desk->outbox));
}

static union record input_of(uint8_t kind, uint32_t account) {
    union record record;

    memset(&record, 0, sizeof record);
    record.head.kind = kind;
    record.head.units = record_units(kind);
    record.request.account = account;
    return record;
}

static void desk_list(struct desk *desk) {
    static const char *const names[] = {"USDT", "BTC"};
    union record record;

    for (int i = 0; i < 2; i++) {
        record = input_of(RECORD_ASSET, 0);
        memcpy(record.asset.name, names[i], strnlen(names[i], SYMBOL_BYTES));
        record.asset.decimals = 8;
        desk_step(desk, DOOR_OPERATOR, &record);
    }
    record = input_of(RECORD_INSTRUMENT, 0);
    memcpy(record.instrument.symbol, "BTCUSDT", 7);
    memcpy(record.instrument.base_asset_name, "BTC", 3);
    memcpy(record.instrument.quote_asset_name, "USDT", 4);
    record.instrument.tick_e8 = 10000000;
    record.instrument.lot_atoms = 1000;
    record.instrument.maker_fee_ppm = 100;
    record.instrument.taker_fee_ppm = 1000;
    record.instrument.k = 18;
    desk_step(desk, DOOR_OPERATOR, &record);
    for (uint32_t account = 1; account <= ACCOUNTS; account++) {
        record = input_of(RECORD_ACCOUNT, 0);
        desk_step(desk, DOOR_OPERATOR, &record);
        for (uint16_t asset = USDT; asset <= BTC; asset++) {
            record = input_of(RECORD_TRANSFER, account);
            record.transfer.amount_atoms = (amount_t)1 << 60;
            record.transfer.asset = asset;
            record.transfer.transfer_kind = TRANSFER_DEPOSIT;
            record.transfer.transfer_state = TRANSFER_DONE;
            desk_step(desk, DOOR_OPERATOR, &record);
        }
    }
}

static uint32_t any_account(struct desk *desk) {
    return 1 + random_below(&desk->random, ACCOUNTS);
}

static union record resting_order(struct desk *desk) {
    union record record = input_of(RECORD_COMMAND, any_account(desk));
    uint32_t away = 1 + random_below(&desk->random, DEPTH);

    record.command.op = COMMAND_NEW;
    record.command.side = (uint8_t)random_below(&desk->random, 2);
    record.command.qty_lots = 1 + random_below(&desk->random, 100);
    record.command.price_ticks =
        record.command.side == SIDE_BUY ? MID_TICKS - away : MID_TICKS + away;
    return record;
}

static uint64_t cpu_ns(void) {
    struct timespec now;

    check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Puts the batch in; remembers each order's number, which is that of its record. Returns ns for all. */
static uint64_t desk_run(struct desk *desk, enum door door) {
    uint64_t started_ns = cpu_ns();

    for (uint32_t i = 0; i < BATCH; i++) {
        desk->order_nos[i] = engine_record_seq(desk->engine) + 1;
        desk_step(desk, door, &desk->inputs[i]);
    }
    return cpu_ns() - started_ns;
}

static int by_size(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static void tell(const char *what, uint64_t *round_ns, uint64_t records) {
    qsort(round_ns, ROUNDS, sizeof *round_ns, by_size);
    printf("%-44s %5.0f ns  (%.1f records each)\n", what, (double)round_ns[ROUNDS / 2] / BATCH,
           (double)records / BATCH);
}

int main(void) {
    static const struct matcher_limits matcher_limits = {
        .qty_bits = QTY_BITS, .owner_bits = 16, .handle_count = 1u << 16, .instrument_count = 1};
    static uint64_t rest_ns[ROUNDS];
    static uint64_t cancel_ns[ROUNDS];
    static uint64_t trade_ns[ROUNDS];
    uint64_t records[3] = {0};
    struct desk *desk = present_memory(sizeof *desk);
    size_t matcher_bytes = soft_matcher_bytes(&matcher_limits, 1, 18);
    struct arena matcher_arena;
    struct arena arena;

    arena_init(&matcher_arena, present_memory(matcher_bytes), matcher_bytes);
    arena_init(&arena, present_memory(engine_bytes(&limits)), engine_bytes(&limits));
    desk->engine = engine_init(
        &arena, &limits, soft_matcher_port(soft_matcher_init(&matcher_arena, &matcher_limits)));
    desk->outbox = (struct outbox){.bytes = desk->bytes, .max_bytes = sizeof desk->bytes};
    desk->random = random_seeded(1);
    desk_list(desk);
    for (uint32_t i = 0; i < STANDING; i++) {
        union record order = resting_order(desk);
        desk_step(desk, DOOR_WEB, &order);
    }

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t seq = engine_record_seq(desk->engine);
        for (uint32_t i = 0; i < BATCH; i++) {
            desk->inputs[i] = resting_order(desk);
            desk->accounts[i] = desk->inputs[i].request.account;
        }
        rest_ns[round] = desk_run(desk, DOOR_ORDER_ENTRY);
        records[0] = engine_record_seq(desk->engine) - seq;

        seq = engine_record_seq(desk->engine);
        for (uint32_t i = 0; i < BATCH; i++) {
            desk->inputs[i] = input_of(RECORD_COMMAND, desk->accounts[i]);
            desk->inputs[i].command.op = COMMAND_CANCEL;
            desk->inputs[i].command.order_no = desk->order_nos[i];
        }
        cancel_ns[round] = desk_run(desk, DOOR_ORDER_ENTRY);
        records[1] = engine_record_seq(desk->engine) - seq;

        seq = engine_record_seq(desk->engine);
        for (uint32_t i = 0; i < BATCH; i++) { /* one lot at the middle, and one that takes it */
            desk->inputs[i] = input_of(RECORD_COMMAND, any_account(desk));
            desk->inputs[i].command.op = COMMAND_NEW;
            desk->inputs[i].command.side = i % 2 == 0 ? SIDE_SELL : SIDE_BUY;
            desk->inputs[i].command.qty_lots = 1;
            desk->inputs[i].command.price_ticks = MID_TICKS;
        }
        trade_ns[round] = desk_run(desk, DOOR_ORDER_ENTRY);
        records[2] = engine_record_seq(desk->engine) - seq;
    }
    engine_audit(desk->engine);
    tell("NEW that rests", rest_ns, records[0]);
    tell("CANCEL of it", cancel_ns, records[1]);
    tell("NEW, every other one taking the one before", trade_ns, records[2]);
    return 0;
}
