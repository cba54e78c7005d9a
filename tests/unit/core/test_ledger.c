#include "core/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define BALANCES 6u
#define ALICE    1u
#define BOB      2u

static struct ledger ledger;
static unsigned char memory[1 << 16];

static void name_of(char name[SYMBOL_BYTES], const char *text) {
    memset(name, 0, SYMBOL_BYTES);
    memcpy(name, text, strnlen(text, SYMBOL_BYTES));
}

static enum verdict list(const char *text, uint8_t decimals, uint16_t *asset) {
    char name[SYMBOL_BYTES];

    name_of(name, text);
    return ledger_list_asset(&ledger, name, decimals, asset);
}

static int set_up(void **state) {
    struct arena arena;
    uint16_t asset;
    (void)state;

    assert_true(ledger_bytes(BALANCES) <= sizeof memory);
    arena_init(&arena, memory, ledger_bytes(BALANCES));
    ledger_init(&ledger, &arena, BALANCES);
    assert_int_equal(list("USDT", 8, &asset), VERDICT_TAKEN);
    assert_int_equal(asset, 0);
    return 0;
}

static uint32_t funded(uint32_t account, amount_t atoms) {
    uint32_t index = ledger_open(&ledger, account, 0);

    assert_true(ledger_deposit(&ledger, index, atoms));
    return index;
}

static bool stops(void (*deed)(void)) {
    int status;
    pid_t child = fork();

    if (child == 0) {
        close(STDERR_FILENO);
        deed();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

static void what_comes_in_is_owed_by_the_outside(void **state) {
    (void)state;
    uint32_t alice = funded(ALICE, 100);

    assert_int_equal((int)ledger.entries[alice].balance.available_atoms, 100);
    assert_int_equal((int)ledger.entries[ledger.assets[0].outside_index].balance.available_atoms,
                     -100);
    ledger_check_closed(&ledger);
    ledger_recount(&ledger);
}

static void one_can_hold_what_is_available_and_no_atom_more(void **state) {
    (void)state;
    uint32_t alice = funded(ALICE, 100);

    assert_false(ledger_hold(&ledger, alice, 101));
    assert_true(ledger_hold(&ledger, alice, 60));
    assert_false(ledger_hold(&ledger, alice, 41));
    assert_true(ledger_hold(&ledger, alice, 40));
    assert_true(ledger_hold(&ledger, alice, 0));
    ledger_release(&ledger, alice, 30);
    assert_int_equal((int)ledger.entries[alice].balance.available_atoms, 30);
    assert_int_equal((int)ledger.entries[alice].balance.held_atoms, 70);
    assert_false(ledger_hold(&ledger, BALANCE_NONE, 1));
    assert_true(ledger_hold(&ledger, BALANCE_NONE, 0));
}

static void a_settlement_and_its_fee_sum_to_zero(void **state) {
    (void)state;
    uint32_t alice = funded(ALICE, 100);
    uint32_t bob = ledger_open(&ledger, BOB, 0);

    assert_true(ledger_hold(&ledger, alice, 100));
    ledger_settle(&ledger, alice, bob, 70);
    ledger_pay_fee(&ledger, bob, 7);
    ledger_withdraw(&ledger, alice, 30);
    assert_int_equal((int)ledger.entries[bob].balance.available_atoms, 63);
    assert_int_equal((int)ledger.entries[ledger.assets[0].house_index].balance.available_atoms, 7);
    assert_int_equal((int)ledger.entries[ledger.assets[0].outside_index].balance.available_atoms,
                     -70);
    ledger_check_closed(&ledger);
    ledger_recount(&ledger);
}

static void settle_more_than_is_held(void) {
    uint32_t alice = funded(ALICE, 100);

    if (ledger_hold(&ledger, alice, 10))
        ledger_settle(&ledger, alice, ledger_open(&ledger, BOB, 0), 11);
}

static void release_more_than_is_held(void) {
    ledger_release(&ledger, funded(ALICE, 100), 1);
}

static void hold_less_than_nothing(void) {
    (void)!ledger_hold(&ledger, funded(ALICE, 100), -1);
}

static void take_from_nowhere(void) {
    ledger.entries[funded(ALICE, 100)].balance.available_atoms++;
    ledger_recount(&ledger);
}

static void our_own_mistakes_stop_the_process(void **state) {
    (void)state;
    assert_true(stops(settle_more_than_is_held));
    assert_true(stops(release_more_than_is_held));
    assert_true(stops(hold_less_than_nothing));
    assert_true(stops(take_from_nowhere));
}

static void fees_are_rounded_up_and_never_above_what_is_received(void **state) {
    (void)state;
    assert_true(ledger_fee(0, 1000) == 0);
    assert_true(ledger_fee(1, 1) == 1);
    assert_true(ledger_fee(1000000, 1) == 1);
    assert_true(ledger_fee(1000001, 1) == 2);
    assert_true(ledger_fee(1000000, 0) == 0);
    assert_true(ledger_fee(5000, 2000) == 10);
    assert_true(ledger_fee(5001, 2000) == 11);
    amount_t most = (amount_t)1 << AMOUNT_BITS_MAX;
    assert_true(ledger_fee(most, FEE_PPM_MAX) == most / 10 + 1);
}

static void an_asset_is_listed_once_and_keeps_its_decimals(void **state) {
    (void)state;
    uint16_t asset;

    assert_int_equal(list("BTC", 8, &asset), VERDICT_TAKEN);
    assert_int_equal(asset, 1);
    assert_int_equal(list("USDT", 8, &asset), VERDICT_TAKEN);
    assert_int_equal(asset, 0);
    assert_int_equal(list("USDT", 6, &asset), VERDICT_DIFFERENT_TERMS);
}

static void a_full_ledger_refuses_and_keeps_what_it_has(void **state) {
    (void)state;
    uint16_t asset;
    uint32_t alice = funded(ALICE, 100);

    for (uint32_t account = BOB; account < BOB + BALANCES - 3; account++)
        assert_int_not_equal(ledger_open(&ledger, account, 0), BALANCE_NONE);
    assert_int_equal(ledger_open(&ledger, 77, 0), BALANCE_NONE);
    assert_int_equal(list("BTC", 8, &asset), VERDICT_BALANCE_LIMIT);
    assert_int_equal(ledger_open(&ledger, ALICE, 0), alice);
    ledger_recount(&ledger);
}

static void the_outside_cannot_owe_without_end(void **state) {
    (void)state;
    amount_t top = (amount_t)1 << AMOUNT_BITS_MAX;
    uint32_t alice = funded(ALICE, top - 1);

    assert_false(ledger_deposit(&ledger, alice, 2));
    assert_true(ledger_deposit(&ledger, alice, 1));
    assert_false(ledger_deposit(&ledger, alice, 1));
    ledger_recount(&ledger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_comes_in_is_owed_by_the_outside, set_up),
        cmocka_unit_test_setup(one_can_hold_what_is_available_and_no_atom_more, set_up),
        cmocka_unit_test_setup(a_settlement_and_its_fee_sum_to_zero, set_up),
        cmocka_unit_test_setup(our_own_mistakes_stop_the_process, set_up),
        cmocka_unit_test_setup(fees_are_rounded_up_and_never_above_what_is_received, set_up),
        cmocka_unit_test_setup(an_asset_is_listed_once_and_keeps_its_decimals, set_up),
        cmocka_unit_test_setup(a_full_ledger_refuses_and_keeps_what_it_has, set_up),
        cmocka_unit_test_setup(the_outside_cannot_owe_without_end, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
