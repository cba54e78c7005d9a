/* Assets, instruments, accounts, transfers; and the journal fed back with one byte changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine_said.h"

static union record last_record(const struct stage *stage) {
    union record record;

    memset(&record, 0, sizeof record);
    memcpy(&record, stage->rig.step, stage->rig.outbox.used_bytes);
    return record;
}

static union record tell(struct stage *stage, enum door door, union record record) {
    rig_submit(&stage->rig, door, &record);
    return last_record(stage);
}

static void assert_usdt(const struct stage *stage, int64_t available_atoms, int64_t held_atoms) {
    struct balance balance = engine_balance(stage->rig.engine, ALICE, USDT);

    assert_int_equal((int64_t)balance.available_atoms, available_atoms);
    assert_int_equal((int64_t)balance.held_atoms, held_atoms);
}

/* ---- listing ---- */

static void an_instrument_of_an_unknown_asset_is_refused(void **state) {
    struct stage *stage = *state;

    assert_int_equal(
        tell(stage, DOOR_OPERATOR, rig_instrument("X", "GOLD", "USDT")).request.verdict,
        VERDICT_UNKNOWN_ASSET);
    assert_int_equal(
        tell(stage, DOOR_OPERATOR, rig_instrument("X", "USDT", "USDT")).request.verdict,
        VERDICT_BAD_FIELD);
}

static void a_listing_is_completed_by_the_engine(void **state) {
    struct stage *stage = *state;
    union record listed = tell(stage, DOOR_OPERATOR, rig_instrument("USDTBTC", "USDT", "BTC"));

    assert_int_equal(listed.request.verdict, VERDICT_TAKEN);
    assert_int_equal(listed.head.instrument, 1);
    assert_int_equal(listed.instrument.base_asset, USDT);
    assert_int_equal(listed.instrument.quote_asset, BTC);
    assert_int_equal(listed.instrument.tick_lot_atoms, 100);
    (void)tell(stage, DOOR_OPERATOR, rig_instrument("THIRD", "USDT", "BTC"));
    assert_int_equal(
        tell(stage, DOOR_OPERATOR, rig_instrument("FOURTH", "USDT", "BTC")).request.verdict,
        VERDICT_INSTRUMENT_LIMIT);
}

static void terms_that_orders_rest_on_cannot_change(void **state) {
    struct stage *stage = *state;
    union record terms = rig_instrument("BTCUSDT", "BTC", "USDT");

    terms.instrument.k = 13;
    assert_int_equal(tell(stage, DOOR_OPERATOR, terms).request.verdict, VERDICT_DIFFERENT_TERMS);
    terms = rig_instrument("BTCUSDT", "USDT", "BTC");
    assert_int_equal(tell(stage, DOOR_OPERATOR, terms).request.verdict, VERDICT_DIFFERENT_TERMS);
    terms = rig_instrument("BTCUSDT", "BTC", "USDT");
    terms.instrument.base_ticks = 77;
    terms.instrument.taker_fee_ppm = 5;
    terms = tell(stage, DOOR_OPERATOR, terms);
    assert_int_equal(terms.request.verdict, VERDICT_TAKEN);
    assert_int_equal(terms.head.instrument, 0);
    assert_int_equal(terms.instrument.base_ticks, 1000);
}

static void names_are_plain(void **state) {
    struct stage *stage = *state;
    static const char *const bad[] = {"", "A B", "A\"B", "A/B", "A\nB"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tell(stage, DOOR_OPERATOR, rig_asset(bad[i], 2)).request.verdict,
                         VERDICT_BAD_FIELD);
    union record asset = rig_asset("GOLD", 2);
    asset.asset.name[10] = 'x';
    asset = tell(stage, DOOR_OPERATOR, asset);
    assert_int_equal(asset.request.verdict, VERDICT_BAD_FIELD);
    assert_int_equal(asset.asset.name[10], 0); /* nothing of it is kept */
    assert_int_equal(tell(stage, DOOR_OPERATOR, rig_asset("GOLD", 19)).request.verdict,
                     VERDICT_BAD_FIELD);
    assert_int_equal(tell(stage, DOOR_OPERATOR, rig_asset("GOLD-1.x_y:Z", 18)).request.verdict,
                     VERDICT_TAKEN);
}

static void accounts_are_numbered_without_gaps(void **state) {
    struct stage *stage = *state;
    union record account = rig_input(RECORD_ACCOUNT);

    assert_int_equal(tell(stage, DOOR_OPERATOR, account).request.account, 4);
    account.request.account = 5;
    assert_int_equal(tell(stage, DOOR_OPERATOR, account).request.verdict, VERDICT_TAKEN);
    account.request.account = 7;
    assert_int_equal(tell(stage, DOOR_OPERATOR, account).request.verdict, VERDICT_UNKNOWN_ACCOUNT);
    account.request.account = 0;
    for (uint32_t number = 6; number <= rig_limits.account_max; number++)
        assert_int_equal(tell(stage, DOOR_OPERATOR, account).request.account, number);
    assert_int_equal(tell(stage, DOOR_OPERATOR, account).request.verdict, VERDICT_ACCOUNT_LIMIT);
}

static void a_suspended_account_may_cancel_but_not_place(void **state) {
    struct stage *stage = *state;
    union record account = rig_input(RECORD_ACCOUNT);

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 2000));
    account.request.account = ALICE;
    account.account.account_flags = ACCOUNT_SUSPENDED;
    assert_string_equal(perform(stage, DOOR_OPERATOR, account), "input 5 TAKEN\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_BUY, 1, 2000)),
                        "new SUSPENDED\n");
    assert_string_equal(perform(stage, DOOR_WEB, naming(stage, COMMAND_CANCEL, ALICE, 'A')),
                        "cancel TAKEN A\ncancelled A user 1 release=200000\ndone - -\n");
}

static void an_account_has_its_own_fees_and_its_own_limit(void **state) {
    struct stage *stage = *state;
    union record account = rig_input(RECORD_ACCOUNT);

    account.request.account = BOB;
    account.account.taker_fee_ppm = 0;
    account.account.maker_fee_ppm = FEE_INHERIT;
    account.account.open_order_max = 1;
    (void)perform(stage, DOOR_OPERATOR, account);
    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 1, 2000));
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 2, 2000)),
                        "new TAKEN B hold=400000\naccepted B\n"
                        "trade A/B 2000x1 left=0,1 fee=200,0 release=0\n"
                        "rested B 2000x1\ndone 2000x1 -\n");
    assert_string_equal(perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 2, 2000)),
                        "new OPEN_ORDER_LIMIT\n");
}

/* ---- transfers ---- */

static union record withdrawal(amount_t atoms) {
    union record record = rig_deposit(ALICE, USDT, atoms);

    record.transfer.transfer_kind = TRANSFER_WITHDRAWAL;
    record.transfer.transfer_state = TRANSFER_REQUESTED;
    return record;
}

static union record step(uint64_t transfer_no, enum transfer_state to) {
    union record record = rig_input(RECORD_TRANSFER);

    record.transfer.transfer_no = transfer_no;
    record.transfer.transfer_kind = TRANSFER_WITHDRAWAL;
    record.transfer.transfer_state = (uint8_t)to;
    return record;
}

static void a_withdrawal_holds_and_pays_out_when_done(void **state) {
    struct stage *stage = *state;
    union record asked = tell(stage, DOOR_WEB, withdrawal(1000));
    uint64_t number = asked.transfer.transfer_no;

    assert_int_equal(asked.request.verdict, VERDICT_TAKEN);
    assert_int_equal(number, asked.head.record_seq);
    assert_usdt(stage, 999999000, 1000);
    assert_int_equal(tell(stage, DOOR_WEB, step(number, TRANSFER_APPROVED)).request.verdict,
                     VERDICT_NOT_ALLOWED);
    assert_int_equal(tell(stage, DOOR_OPERATOR, step(number, TRANSFER_DONE)).request.verdict,
                     VERDICT_TRANSFER_STATE);
    assert_int_equal(tell(stage, DOOR_OPERATOR, step(number, TRANSFER_APPROVED)).request.verdict,
                     VERDICT_TAKEN);
    union record done = tell(stage, DOOR_OPERATOR, step(number, TRANSFER_DONE));
    assert_int_equal(done.request.verdict, VERDICT_TAKEN);
    assert_int_equal(done.request.account, ALICE);
    assert_int_equal((int)done.transfer.amount_atoms, 1000);
    assert_usdt(stage, 999999000, 0);
    assert_int_equal(tell(stage, DOOR_OPERATOR, step(number, TRANSFER_REFUSED)).request.verdict,
                     VERDICT_UNKNOWN_TRANSFER);
}

static void a_refused_withdrawal_gives_the_hold_back(void **state) {
    struct stage *stage = *state;
    uint64_t number = tell(stage, DOOR_WEB, withdrawal(1000)).transfer.transfer_no;

    assert_int_equal(tell(stage, DOOR_OPERATOR, step(number, TRANSFER_REFUSED)).request.verdict,
                     VERDICT_TAKEN);
    assert_usdt(stage, 1000000000, 0);
}

static void a_withdrawal_of_more_than_is_available_is_refused(void **state) {
    struct stage *stage = *state;

    assert_int_equal(tell(stage, DOOR_WEB, withdrawal(1000000001)).request.verdict,
                     VERDICT_NO_FUNDS);
    assert_int_equal(tell(stage, DOOR_WEB, withdrawal(0)).request.verdict, VERDICT_BAD_FIELD);
    assert_int_equal(tell(stage, DOOR_WEB, withdrawal(-5)).request.verdict, VERDICT_BAD_FIELD);
    union record gold = withdrawal(1);
    gold.transfer.asset = 9;
    assert_int_equal(tell(stage, DOOR_WEB, gold).request.verdict, VERDICT_UNKNOWN_ASSET);
    assert_usdt(stage, 1000000000, 0);
}

static void a_requested_deposit_counts_when_it_is_done(void **state) {
    struct stage *stage = *state;
    union record deposit = rig_deposit(ALICE, USDT, 500);

    deposit.transfer.transfer_state = TRANSFER_REQUESTED;
    uint64_t number = tell(stage, DOOR_OPERATOR, deposit).transfer.transfer_no;
    assert_usdt(stage, 1000000000, 0);
    (void)tell(stage, DOOR_OPERATOR, step(number, TRANSFER_APPROVED));
    (void)tell(stage, DOOR_OPERATOR, step(number, TRANSFER_DONE));
    assert_usdt(stage, 1000000500, 0);
}

/* ---- replay ---- */

static enum replay_result replay_until_wrong(const struct rig *rig, uint64_t *wrong_seq) {
    struct rig fresh = {0};
    union record record;
    union record expected;
    size_t at = 0;
    enum replay_result result = REPLAY_OK;

    fresh.matcher = rig_soft_matcher(&fresh.matcher_memory, &rig_limits);
    fresh.engine = rig_engine(&fresh.engine_memory, &rig_limits, fresh.matcher);
    while (result == REPLAY_OK && rig_next(rig, &at, &record)) {
        *wrong_seq = record.head.record_seq;
        result = engine_replay(fresh.engine, &record, &expected);
    }
    rig_close(&fresh);
    return result;
}

static void replay_stops_at_any_changed_event(void **state) {
    struct stage *stage = *state;
    struct rig *rig = &stage->rig;
    size_t from_bytes = rig->journal.used_bytes;
    union record record;
    uint64_t wrong_seq;

    (void)perform(stage, DOOR_WEB, rig_order(ALICE, SIDE_SELL, 5, 2000));
    (void)perform(stage, DOOR_WEB, rig_order(BOB, SIDE_BUY, 7, 2010));
    (void)perform(stage, DOOR_WEB, naming(stage, COMMAND_CANCEL, BOB, 'B'));
    assert_int_equal(replay_until_wrong(rig, &wrong_seq), REPLAY_OK);
    for (size_t start = from_bytes, at = from_bytes; rig_next(rig, &at, &record); start = at) {
        if (RECORD_IS_INPUT(record.head.kind))
            continue; /* of an input most bytes are what was asked: they may be others */
        for (size_t byte = start + RECORD_HEAD_BYTES; byte < at; byte++) {
            rig->journal.bytes[byte] ^= 1;
            assert_int_not_equal(replay_until_wrong(rig, &wrong_seq), REPLAY_OK);
            assert_int_equal(wrong_seq, record.head.record_seq);
            rig->journal.bytes[byte] ^= 1;
        }
    }
}

/* A web door found a flaw in a withdrawal: of the body, which allowed it, nothing is kept. */
static void replay_takes_a_doors_flaw_from_the_journal(void **state) {
    struct stage *stage = *state;
    union record flawed = withdrawal(5);
    uint64_t wrong_seq;

    flawed.request.verdict = VERDICT_UNSUPPORTED;
    flawed = tell(stage, DOOR_WEB, flawed);
    assert_int_equal(flawed.request.verdict, VERDICT_UNSUPPORTED);
    assert_int_equal(flawed.request.flags, REQUEST_FLAWED);
    assert_int_equal(flawed.transfer.transfer_kind, 0);
    assert_int_equal(replay_until_wrong(&stage->rig, &wrong_seq), REPLAY_OK);
}

/* The first deposit of account 4 would open its balance; refused, it must not: replay does not judge it again. */
static void a_deposit_beyond_what_may_be_owed_leaves_nothing_behind(void **state) {
    struct stage *stage = *state;
    amount_t left_atoms = ((amount_t)1 << AMOUNT_BITS_MAX) - 3 * (amount_t)1000000000;
    union record asked = rig_deposit(4, USDT, 1);
    uint64_t wrong_seq = 0;

    rig_account(&stage->rig);
    (void)tell(stage, DOOR_OPERATOR, rig_deposit(ALICE, USDT, left_atoms));
    asked = tell(stage, DOOR_OPERATOR, asked);
    assert_int_equal(asked.request.verdict, VERDICT_BAD_FIELD);
    rig_digest(&stage->rig);
    assert_int_equal(replay_until_wrong(&stage->rig, &wrong_seq), REPLAY_OK);
}

static void replay_refuses_gaps_strangers_and_time_that_falls(void **state) {
    struct stage *stage = *state;
    struct rig fresh = {0};
    union record record;
    union record expected;
    size_t at = 0;

    fresh.matcher = rig_soft_matcher(&fresh.matcher_memory, &rig_limits);
    fresh.engine = rig_engine(&fresh.engine_memory, &rig_limits, fresh.matcher);
    assert_true(rig_next(&stage->rig, &at, &record));
    record.head.record_seq = 2;
    assert_int_equal(engine_replay(fresh.engine, &record, &expected), REPLAY_OUT_OF_PLACE);
    record.head.record_seq = 1;
    record.head.units = 3;
    assert_int_equal(engine_replay(fresh.engine, &record, &expected), REPLAY_OUT_OF_PLACE);
    record.head.units = 2;
    record.head.kind = RECORD_GROUP;
    assert_int_equal(engine_replay(fresh.engine, &record, &expected), REPLAY_OUT_OF_PLACE);
    record.head.kind = RECORD_ASSET;
    assert_int_equal(engine_replay(fresh.engine, &record, &expected), REPLAY_OK);
    assert_true(rig_next(&stage->rig, &at, &record));
    record.head.time_ns = 1;
    assert_int_equal(engine_replay(fresh.engine, &record, &expected), REPLAY_OUT_OF_PLACE);
    rig_close(&fresh);
}

#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_STAGE(an_instrument_of_an_unknown_asset_is_refused),
        WITH_STAGE(a_listing_is_completed_by_the_engine),
        WITH_STAGE(terms_that_orders_rest_on_cannot_change),
        WITH_STAGE(names_are_plain),
        WITH_STAGE(accounts_are_numbered_without_gaps),
        WITH_STAGE(a_suspended_account_may_cancel_but_not_place),
        WITH_STAGE(an_account_has_its_own_fees_and_its_own_limit),
        WITH_STAGE(a_withdrawal_holds_and_pays_out_when_done),
        WITH_STAGE(a_refused_withdrawal_gives_the_hold_back),
        WITH_STAGE(a_withdrawal_of_more_than_is_available_is_refused),
        WITH_STAGE(a_requested_deposit_counts_when_it_is_done),
        WITH_STAGE(replay_stops_at_any_changed_event),
        WITH_STAGE(replay_takes_a_doors_flaw_from_the_journal),
        WITH_STAGE(a_deposit_beyond_what_may_be_owed_leaves_nothing_behind),
        WITH_STAGE(replay_refuses_gaps_strangers_and_time_that_falls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
