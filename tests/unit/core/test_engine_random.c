/* Everything at once, by lot: orders of every kind, cancels, replaces, stops, drops, transfers, listings and nonsense,
 * through every door, with the reference matcher answering late. Then the three judges: the engine's own audit as it goes; the
 * balances recounted from the records alone; and the journal replayed into a fresh engine with the C matcher.
 *
 *     core_test_engine_random [seed [commands]] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine_rig.h"
#include "late_matcher.h"
#include "recount.h"

#define NAMED_MAX 64
#define ACCOUNTS  8
#define ASSETS    4

static uint64_t seed = 1;
static uint32_t commands = 200000;
static const char
    *keep_path; /* third argument: the records of the first play go there, for readers' tests */

struct play {
    struct rig rig;
    struct random random;
    struct late_matcher *late;
    uint64_t named[NAMED_MAX]; /* order numbers, to be named again */
    uint32_t named_account[NAMED_MAX];
    uint32_t named_count;
    uint32_t next_user_ref[ACCOUNTS + 1];
    uint32_t mid_ticks[3];
    uint64_t transfer_no;
};

static uint32_t draw(struct play *play, uint32_t bound) {
    return random_below(&play->random, bound);
}

static bool one_in(struct play *play, uint32_t n) {
    return draw(play, n) == 0;
}

static void list_everything(struct play *play) {
    static const char *const names[ASSETS] = {"USDT", "BTC", "ETH", "INR"};
    static const uint8_t decimals[ASSETS] = {8, 8, 18, 2};
    union record record;

    for (int i = 0; i < ASSETS; i++) {
        record = rig_asset(names[i], decimals[i]);
        rig_submit(&play->rig, DOOR_OPERATOR, &record);
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        rig_account(&play->rig);
    for (uint32_t account = 1; account <= ACCOUNTS; account++)
        for (uint16_t asset = 0; asset < ASSETS; asset++) {
            record = rig_deposit(account, asset, (amount_t)1 << (asset == 2 ? 75 : 38));
            rig_submit(&play->rig, DOOR_OPERATOR, &record);
        }
    record = rig_instrument("BTCUSDT", "BTC", "USDT");
    record.instrument.maker_fee_ppm = 100;
    record.instrument.taker_fee_ppm = 1000;
    rig_submit(&play->rig, DOOR_OPERATOR, &record);
    record = rig_instrument("ETHUSDT", "ETH", "USDT");
    record.instrument.lot_atoms = 1000000000000;
    record.instrument.min_notional_atoms = 1000;
    record.instrument.k = 8;
    rig_submit(&play->rig, DOOR_OPERATOR, &record);
    for (int i = 0; i < 3; i++)
        play->mid_ticks[i] = i == 1 ? 1100 : 3000;
}

static enum door random_door(struct play *play) {
    static const enum door doors[] = {DOOR_ORDER_ENTRY, DOOR_ORDER_ENTRY, DOOR_ORDER_ENTRY,
                                      DOOR_WEB,         DOOR_WEB,         DOOR_OPERATOR,
                                      DOOR_ENGINE};
    return doors[draw(play, sizeof doors / sizeof *doors)];
}

static void random_flags(struct play *play, union record *record) {
    if (one_in(play, 3))
        record->request.flags |= REQUEST_QTY_IS_TOTAL;
    if (one_in(play, 2))
        record->request.flags |= REQUEST_OR_CANCEL;
    if (one_in(play, 2))
        record->request.flags |= REQUEST_QUIET;
    if (one_in(play, 2))
        record->request.flags |= REQUEST_ON_DISCONNECT;
}

static void random_client_id(struct play *play, struct command_record *command) {
    int length = snprintf(command->client_order_id, CLIENT_ORDER_ID_BYTES, "id-%u", draw(play, 40));

    command->client_order_id_length = (uint8_t)length;
}

static void random_user_ref(struct play *play, struct command_record *command) {
    uint32_t *next = &play->next_user_ref[command->request.account % (ACCOUNTS + 1)];

    *next += one_in(play, 20) ? 0 : 1; /* now and then the same again */
    command->user_ref = *next;
}

static void random_terms(struct play *play, struct command_record *command) {
    uint32_t mid_ticks = play->mid_ticks[command->head.instrument % 3];

    command->price_ticks = mid_ticks - 20 + draw(play, 40);
    command->qty_lots = 1 + draw(play, one_in(play, 10) ? 100000 : 300);
    command->tif = (uint8_t)(one_in(play, 4) ? draw(play, 3) : TIF_GTC);
    command->stp = (uint8_t)draw(play, 5);
    command->post_only = one_in(play, 8);
}

static union record random_new(struct play *play) {
    uint32_t account = 1 + draw(play, ACCOUNTS + (one_in(play, 20) ? 3 : 0));
    union record record = rig_order(account, (enum side)draw(play, 2), 0, 0);
    struct command_record *command = &record.command;

    record.head.instrument = (uint16_t)draw(play, one_in(play, 30) ? 4 : 2);
    random_terms(play, command);
    if (one_in(play, 6)) {
        command->type = ORDER_TYPE_MARKET;
        command->limit_ticks = one_in(play, 2) ? command->price_ticks : 0;
    }
    if (one_in(play, 6)) {
        command->trigger = (uint8_t)(1 + draw(play, 2));
        command->trigger_ticks = play->mid_ticks[record.head.instrument % 3] - 15 + draw(play, 30);
    }
    if (one_in(play, 3))
        random_client_id(play, command);
    if (one_in(play, 2))
        random_user_ref(play, command);
    random_flags(play, &record);
    return record;
}

static union record random_named(struct play *play) {
    static const enum command_op ops[] = {COMMAND_CANCEL, COMMAND_CANCEL, COMMAND_REDUCE,
                                          COMMAND_REPLACE, COMMAND_REPLACE};
    uint32_t pick = draw(play, NAMED_MAX);
    bool is_known = pick < play->named_count;
    union record record = rig_command(ops[draw(play, 5)], is_known ? play->named_account[pick]
                                                                   : 1 + draw(play, ACCOUNTS));
    struct command_record *command = &record.command;

    random_terms(play, command);
    if (command->op == COMMAND_REDUCE)
        command->qty_lots = draw(play, 50);
    command->order_no = is_known ? play->named[pick] : draw(play, 1000);
    if (one_in(play, 20))
        record.request.account = 1 + draw(play, ACCOUNTS);
    switch (draw(play, 4)) {
    case 0:
        command->order_no = 0;
        command->orig_user_ref = play->next_user_ref[record.request.account] - draw(play, 8);
        break;
    case 1:
        command->order_no = 0;
        random_client_id(play, command);
        break;
    default: break;
    }
    if (command->op == COMMAND_REPLACE && one_in(play, 2))
        random_user_ref(play, command);
    if (command->op == COMMAND_REPLACE && one_in(play, 2))
        random_client_id(play, command);
    random_flags(play, &record);
    return record;
}

static union record random_transfer(struct play *play) {
    union record record = rig_deposit(1 + draw(play, ACCOUNTS), (uint16_t)draw(play, ASSETS),
                                      1 + draw(play, 1u << 30));

    record.transfer.transfer_kind = (uint8_t)(1 + draw(play, 2));
    record.transfer.transfer_state = (uint8_t)(1 + draw(play, 4));
    if (record.transfer.transfer_state != TRANSFER_REQUESTED && !one_in(play, 4))
        record.transfer.transfer_no = play->transfer_no - draw(play, 3);
    return record;
}

static union record random_admin(struct play *play) {
    union record record;

    switch (draw(play, 9)) {
    case 0:
        record = rig_input(RECORD_SESSION);
        record.session.session_event = (uint8_t)(1 + draw(play, 3));
        break;
    case 1: record = rig_command(COMMAND_CANCEL_ALL, 1); break;
    case 2:
        record = rig_command(COMMAND_MASS_CANCEL, 1);
        record.head.instrument = (uint16_t)draw(play, 3);
        break;
    case 3:
        record = rig_command(COMMAND_SET_BAND, 0);
        record.head.instrument = (uint16_t)draw(play, 3);
        record.command.price_ticks = play->mid_ticks[record.head.instrument] -
                                     draw(play, record.head.instrument == 1 ? 300 : 4500);
        break;
    case 4:
        record = rig_command(COMMAND_SET_STATE, 0);
        record.head.instrument = (uint16_t)draw(play, 3);
        record.command.state = (uint8_t)(one_in(play, 12) ? draw(play, 4) : STATE_OPEN);
        break;
    case 5:
        record = rig_input(RECORD_ACCOUNT);
        record.account.maker_fee_ppm = one_in(play, 2) ? FEE_INHERIT : draw(play, 3000);
        record.account.taker_fee_ppm = one_in(play, 2) ? FEE_INHERIT : draw(play, 3000);
        record.account.account_flags = one_in(play, 15) ? ACCOUNT_SUSPENDED : 0;
        record.account.open_order_max = one_in(play, 6) ? 5 : 0;
        break;
    case 6:
        record = rig_instrument(one_in(play, 2) ? "INRUSDT" : "BTCUSDT",
                                one_in(play, 2) ? "INR" : "BTC", "USDT");
        record.instrument.maker_fee_ppm = draw(play, 2000);
        record.instrument.taker_fee_ppm = draw(play, 2000);
        if (one_in(play, 2))
            record.instrument.lot_atoms = 100;
        break;
    case 7:
        record = rig_input(RECORD_DAY);
        record.day.day = 20260101 + draw(play, 31);
        if (one_in(play, 2))
            memset(play->next_user_ref, 0, sizeof play->next_user_ref);
        break;
    default: return random_transfer(play);
    }
    if (record.request.account != 0 || record.head.kind == RECORD_SESSION || one_in(play, 2))
        record.request.account = draw(play, ACCOUNTS + 2);
    return record;
}

/* Bytes that no door of ours would send, over what may be a good record. */
static void spoil(struct play *play, union record *record) {
    uint32_t count = 1 + draw(play, 8);

    for (uint32_t i = 0; i < count; i++)
        record->bytes[28 + draw(play, RECORD_BYTES_MAX - 28)] ^= (uint8_t)(1u << draw(play, 8));
    if (one_in(play, 4))
        record->request.verdict = (uint16_t)draw(play, 60);
}

static void remember(struct play *play) {
    const struct journal_text *journal = &play->rig.journal;
    const union record *last;

    if (play->rig.outbox.used_bytes == 0)
        return;
    last = (const union record *)(const void *)(journal->bytes + journal->used_bytes -
                                                play->rig.outbox.used_bytes);
    if (last->head.kind == RECORD_TRANSFER && last->transfer.transfer_no == last->head.record_seq)
        play->transfer_no = last->head.record_seq;
    if (last->head.kind != RECORD_COMMAND || last->request.verdict != VERDICT_TAKEN)
        return;
    if (last->command.op != COMMAND_NEW && last->command.op != COMMAND_REPLACE)
        return;
    uint32_t place = play->named_count < NAMED_MAX ? play->named_count++ : draw(play, NAMED_MAX);
    play->named[place] = last->head.record_seq;
    play->named_account[place] = last->request.account;
}

static void submit_something(struct play *play) {
    union record record;
    enum door door = random_door(play);
    uint32_t what = draw(play, 1000);

    if (what < 550)
        record = random_new(play);
    else if (what < 960)
        record = random_named(play);
    else
        record = random_admin(play);
    if (what >= 960 && one_in(play, 2))
        door = DOOR_OPERATOR;
    if (what == 999) { /* trading goes on, whatever was halted */
        record = rig_command(COMMAND_SET_STATE, 0);
        record.head.instrument = (uint16_t)draw(play, 3);
        door = DOOR_OPERATOR;
    }
    if (one_in(play, 50))
        spoil(play, &record);
    if (record.head.kind == RECORD_START && door == DOOR_ENGINE)
        return;
    if (one_in(play, 40))
        play->mid_ticks[draw(play, 3)] += draw(play, 3) - 1;
    rig_submit(&play->rig, door, &record);
    remember(play);
}

static void drain(struct play *play) {
    bool worked = true;

    while (worked || !engine_is_quiet(play->rig.engine)) {
        worked = rig_settle(&play->rig);
        worked |= rig_generate(&play->rig);
    }
}

static void check_recount(const struct rig *rig) {
    static struct recount recount;
    union record record;
    size_t at = 0;

    memset(&recount, 0, sizeof recount);
    while (rig_next(rig, &at, &record))
        recount_add(&recount, &record);
    for (uint32_t row = 0; row < RECOUNT_ACCOUNTS; row++)
        for (uint16_t asset = 0; asset < ASSETS; asset++) {
            uint32_t account = row == RECOUNT_ACCOUNTS - 1 ? ACCOUNT_HOUSE : row;
            struct balance kept = engine_balance(rig->engine, account, asset);
            assert_true(kept.available_atoms == recount.balances[row][asset].available_atoms);
            assert_true(kept.held_atoms == recount.balances[row][asset].held_atoms);
        }
}

/* Feeds `record_count` records of the journal to a fresh engine with the C matcher. */
static void replay(const struct rig *kept, struct rig *fresh, uint64_t record_count) {
    union record record;
    union record expected;
    size_t at = 0;

    memset(fresh, 0, sizeof *fresh);
    fresh->matcher = rig_soft_matcher(&fresh->matcher_memory, &rig_limits);
    fresh->engine = rig_engine(&fresh->engine_memory, &rig_limits, fresh->matcher);
    for (uint64_t n = 0; n < record_count && rig_next(kept, &at, &record); n++) {
        record.head.crc32c = 0xC0FFEE; /* the writer's fields are not ours */
        record.head.epoch = 3;
        record.head.group = (uint32_t)n;
        enum replay_result result = engine_replay(fresh->engine, &record, &expected);
        if (result != REPLAY_OK)
            fprintf(stderr, "seed %llu: record %llu kind %u: result %d, made kind %u seq %llu\n",
                    (unsigned long long)seed, (unsigned long long)record.head.record_seq,
                    record.head.kind, result, expected.head.kind,
                    (unsigned long long)expected.head.record_seq);
        assert_int_equal(result, REPLAY_OK);
        fresh->now_ns = record.head.time_ns;
    }
}

static void check_replay(const struct rig *rig) {
    struct rig fresh;

    replay(rig, &fresh, UINT64_MAX);
    assert_int_equal(engine_record_seq(fresh.engine), engine_record_seq(rig->engine));
    assert_true(engine_ledger_digest(fresh.engine) == engine_ledger_digest(rig->engine));
    engine_audit(fresh.engine);
    rig_close(&fresh);
}

/* A journal may end anywhere: what is missing is made again, and the money still adds up. */
static void check_cut(struct play *play) {
    struct rig fresh;
    uint64_t count = 1 + draw(play, (uint32_t)play->rig.journal.record_count);
    size_t at = 0;
    union record record;

    replay(&play->rig, &fresh, count);
    for (uint64_t n = 0; n < count; n++)
        assert_true(rig_next(&play->rig, &at, &record));
    fresh.outbox = (struct outbox){.bytes = fresh.step, .max_bytes = sizeof fresh.step};
    memset(&fresh.journal, 0, sizeof fresh.journal);
    fresh.journal.bytes = malloc(at);
    assert_non_null(fresh.journal.bytes);
    memcpy(fresh.journal.bytes, play->rig.journal.bytes, at);
    fresh.journal.used_bytes = fresh.journal.max_bytes = at;
    fresh.journal.record_count = count;
    rig_begin(&fresh);
    engine_replay_finish(fresh.engine, fresh.now_ns, &fresh.outbox);
    rig_keep(&fresh);
    rig_run_dry(&fresh);
    assert_true(engine_is_quiet(fresh.engine));
    engine_audit(fresh.engine);
    check_recount(&fresh);
    rig_close(&fresh);
}

static void count_records(const struct rig *rig) {
    uint32_t of_kind[256] = {0};
    uint32_t of_verdict[64] = {0};
    union record record;
    size_t at = 0;

    while (rig_next(rig, &at, &record)) {
        of_kind[record.head.kind]++;
        if (RECORD_IS_INPUT(record.head.kind))
            of_verdict[record.request.verdict]++;
    }
    for (int i = 0; i < 256; i++)
        if (of_kind[i] != 0)
            printf("kind %d: %u\n", i, of_kind[i]);
    for (uint16_t i = 0; i < 64; i++)
        if (of_verdict[i] != 0)
            printf("%s: %u\n", verdict_name(i), of_verdict[i]);
    assert_true(of_kind[RECORD_TRADE] > 0 && of_kind[RECORD_REDUCED] > 0 &&
                of_kind[RECORD_REJECTED] > 0);
}

static void keep_records(const struct rig *rig) {
    FILE *file = fopen(keep_path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(rig->journal.bytes, 1, rig->journal.used_bytes, file),
                     rig->journal.used_bytes);
    assert_int_equal(fclose(file), 0);
}

static void play_by_lot(uint64_t play_seed, uint32_t steps, uint32_t pace, bool verbose) {
    struct play *play = calloc(1, sizeof *play);

    assert_non_null(play);
    play->random = random_seeded(play_seed);
    play->late =
        late_matcher_new(rig_reference(&play->rig.matcher_memory, &rig_limits), play_seed, pace);
    play->rig.matcher = late_matcher_port(play->late);
    play->rig.engine = rig_engine(&play->rig.engine_memory, &rig_limits, play->rig.matcher);
    list_everything(play);
    for (uint32_t step = 0; step < steps; step++) {
        if (engine_ready(play->rig.engine))
            submit_something(play);
        for (uint32_t n = draw(play, 12); n > 0; n--)
            (void)rig_settle(&play->rig);
        for (uint32_t n = draw(play, 3); n > 0; n--)
            (void)rig_generate(&play->rig);
        if (step % 500 == 0)
            engine_audit(play->rig.engine);
        if (step % 10000 == 9999) {
            drain(play);
            rig_digest(&play->rig);
        }
    }
    drain(play);
    rig_digest(&play->rig);
    engine_audit(play->rig.engine);
    check_recount(&play->rig);
    check_replay(&play->rig);
    for (int i = 0; i < 5; i++)
        check_cut(play);
    if (verbose)
        count_records(&play->rig);
    if (verbose && keep_path != NULL)
        keep_records(&play->rig);
    rig_close(&play->rig);
    free(play->late);
    free(play);
}

static void a_late_matcher_and_its_replay_agree_on_every_record(void **state) {
    (void)state;
    printf("seed %llu, %u commands\n", (unsigned long long)seed, commands);
    play_by_lot(seed, commands, 3, true);
}

static void so_they_do_when_it_is_very_late_or_answers_at_once(void **state) {
    static const uint32_t paces[] = {1, 40, 400};

    (void)state;
    for (uint64_t i = 1; i <= 10; i++)
        play_by_lot(seed * 1000 + i, commands / 50, paces[i % 3], false);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_matcher_and_its_replay_agree_on_every_record),
        cmocka_unit_test(so_they_do_when_it_is_very_late_or_answers_at_once),
    };

    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        commands = (uint32_t)strtoul(argv[2], NULL, 10);
    if (argc > 3)
        keep_path = argv[3];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
