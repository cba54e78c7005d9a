#include "core/order_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "core/record.h"
#include "core/trigger_book.h"

#define ORDERS 300u

static _Alignas(64) unsigned char memory[1 << 20];
static struct account_table accounts;
static struct order_table table;

static int set_up(void **state) {
    struct arena arena;
    (void)state;

    assert_true(account_table_bytes(2) + order_table_bytes(ORDERS) <= sizeof memory);
    memset(memory, 0x5A, sizeof memory);
    arena_init(&arena, memory, account_table_bytes(2) + order_table_bytes(ORDERS));
    account_table_init(&accounts, &arena, 2);
    order_table_init(&table, &arena, &accounts, ORDERS);
    for (uint32_t number = 1; number <= 2; number++) {
        assert_int_equal(account_table_create(&accounts), number);
        assert_true(account_table_lend_owner(&accounts, account_table_find(&accounts, number)));
    }
    return 0;
}

static uint32_t place(uint32_t account, uint64_t order_no, uint32_t user_ref) {
    uint32_t index = order_table_next(&table);
    struct open_order *order = order_table_take(&table);

    order->order_no = order_no;
    order->account = account;
    order->user_ref = user_ref;
    order->remaining_lots = 1;
    order->state = ORDER_SENT;
    order_table_open(&table, index);
    return index;
}

static void finish(uint32_t index) {
    struct account *account = account_table_find(&accounts, table.orders[index].account);

    order_table_close(&table, index);
    order_table_free(&table, index);
    assert_true(account_table_lend_owner(&accounts, account));
}

static void the_slot_freed_last_is_given_first_with_a_new_generation(void **state) {
    (void)state;
    assert_int_equal(place(1, 10, 0), 0);
    assert_int_equal(place(1, 11, 0), 1);
    assert_int_equal(place(1, 12, 0), 2);
    assert_int_equal(table.orders[1].handle, HANDLE_MAKE(0, 1));
    finish(0);
    finish(1);
    assert_int_equal(place(1, 13, 0), 1);
    assert_int_equal(table.orders[1].handle, HANDLE_MAKE(1, 1));
    assert_int_equal(place(1, 14, 0), 0);
    assert_int_equal(place(1, 15, 0), 3);
    for (int i = 0; i < 255; i++) { /* generations wrap */
        finish(1);
        assert_int_equal(place(1, 100 + (uint64_t)i, 0), 1);
    }
    assert_int_equal(table.orders[1].handle, HANDLE_MAKE(0, 1));
}

static void an_order_has_three_names_until_it_is_closed(void **state) {
    (void)state;
    char id[CLIENT_ORDER_ID_BYTES] = "an id";
    uint32_t index = place(1, 10, 77);

    memcpy(table.orders[index].client_order_id, id, sizeof id);
    order_table_map_client_id(&table, index);
    assert_int_equal(order_table_find(&table, 10), index);
    assert_int_equal(order_table_find_user_ref(&table, 1, 77), index);
    assert_int_equal(order_table_find_user_ref(&table, 2, 77), ORDER_INDEX_NONE);
    assert_int_equal(order_table_find_client_id(&table, 1, id), index);
    assert_int_equal(order_table_find_client_id(&table, 2, id), ORDER_INDEX_NONE);
    order_table_close(&table, index);
    assert_int_equal(order_table_find(&table, 10), ORDER_INDEX_NONE);
    assert_int_equal(order_table_find_user_ref(&table, 1, 77), ORDER_INDEX_NONE);
    assert_int_equal(order_table_find_client_id(&table, 1, id), ORDER_INDEX_NONE);
    assert_int_equal(order_table_next(&table), 1); /* its slot is not free yet */
    order_table_free(&table, index);
    assert_int_equal(order_table_next(&table), 0);
}

static void an_accounts_orders_are_listed_in_order_of_arrival(void **state) {
    (void)state;
    uint32_t slots[5];

    for (uint32_t i = 0; i < 5; i++)
        slots[i] = place(1, 10 + i, 0);
    (void)place(2, 99, 0);
    finish(slots[2]);
    finish(slots[0]);
    finish(slots[4]);
    const struct account *account = account_table_find(&accounts, 1);
    assert_int_equal(account->open_count, 2);
    assert_int_equal(account->first_open, slots[1]);
    assert_int_equal(table.orders[slots[1]].account_next, slots[3]);
    assert_int_equal(account->last_open, slots[3]);
}

static void a_full_table_has_no_next_slot(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ORDERS; i++)
        assert_int_equal(place(1 + i % 2, 10 + i, 1 + i), i);
    assert_int_equal(order_table_next(&table), ORDER_INDEX_NONE);
    finish(7);
    assert_int_equal(order_table_next(&table), 7);
}

static void an_owner_number_is_lent_while_orders_are_open(void **state) {
    (void)state;
    struct account *account = account_table_find(&accounts, 1);
    uint32_t index = place(1, 10, 0);

    assert_int_not_equal(account->owner, 0);
    order_table_close(&table, index);
    assert_int_equal(account->owner, 0);
    assert_int_equal(accounts.free_owner_count, 1);
    assert_int_equal(account_table_create(&accounts), 0); /* full */
}

/* ---- the trigger book, against a plain search ---- */

static uint32_t wait_for(struct trigger_book *book, uint64_t order_no, uint8_t trigger,
                         uint32_t ticks) {
    uint32_t index = place(1, order_no, 0);

    table.orders[index].trigger = trigger;
    table.orders[index].trigger_ticks = ticks;
    table.orders[index].state = ORDER_WAITING;
    trigger_book_add(book, table.orders, index);
    return index;
}

static bool is_reached(const struct open_order *order, uint32_t low_ticks, uint32_t high_ticks) {
    return order->state == ORDER_WAITING &&
           (order->trigger == TRIGGER_ABOVE ? order->trigger_ticks <= high_ticks
                                            : order->trigger_ticks >= low_ticks);
}

static void take_and_compare(struct trigger_book *book, uint32_t low_ticks, uint32_t high_ticks) {
    uint32_t expected = 0;
    uint32_t taken = 0;
    uint64_t last_order_no = 0;

    for (uint32_t i = 0; i < ORDERS; i++)
        expected += is_reached(&table.orders[i], low_ticks, high_ticks);
    uint32_t index = trigger_book_take(book, table.orders, low_ticks, high_ticks);
    while (index != ORDER_INDEX_NONE) {
        uint32_t next = table.orders[index].owed_next;
        assert_true(is_reached(&table.orders[index], low_ticks, high_ticks));
        assert_true(table.orders[index].order_no > last_order_no);
        last_order_no = table.orders[index].order_no;
        table.orders[index].owed_next = ORDER_INDEX_NONE;
        finish(index);
        taken++;
        index = next;
    }
    assert_int_equal(taken, expected);
}

static void every_trigger_in_reach_is_taken_in_order_of_arrival(void **state) {
    (void)state;
    struct random random = random_seeded(4);
    struct trigger_book book;
    uint64_t order_no = 1;

    trigger_book_init(&book);
    for (int step = 0; step < 30000; step++) {
        uint32_t what = random_below(&random, 100);
        if (what < 70 && order_table_next(&table) != ORDER_INDEX_NONE) {
            (void)wait_for(&book, order_no++, (uint8_t)(1 + random_below(&random, 2)),
                           random_below(&random, 1000));
        } else if (what < 95) {
            uint32_t index = random_below(&random, ORDERS);
            if (table.orders[index].state == ORDER_WAITING) {
                trigger_book_remove(&book, table.orders, index);
                finish(index);
            }
        } else {
            uint32_t low = random_below(&random, 1000);
            take_and_compare(&book, low, low + random_below(&random, 30));
        }
    }
    take_and_compare(&book, 0, 1000);
    assert_int_equal(book.above_root, ORDER_INDEX_NONE);
    assert_int_equal(book.below_root, ORDER_INDEX_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_slot_freed_last_is_given_first_with_a_new_generation, set_up),
        cmocka_unit_test_setup(an_order_has_three_names_until_it_is_closed, set_up),
        cmocka_unit_test_setup(an_accounts_orders_are_listed_in_order_of_arrival, set_up),
        cmocka_unit_test_setup(a_full_table_has_no_next_slot, set_up),
        cmocka_unit_test_setup(an_owner_number_is_lent_while_orders_are_open, set_up),
        cmocka_unit_test_setup(every_trigger_in_reach_is_taken_in_order_of_arrival, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
