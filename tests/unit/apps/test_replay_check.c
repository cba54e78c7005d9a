/* The judge of a replay, fed by hand: it must let what is right pass, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "apps/tools/replay_check.h"

static struct replay_check *judge;
static FILE *nowhere;

static const struct replay_check_terms terms = {
    .symbol = {'A', 'B', 'C', ' ', ' ', ' ', ' ', ' '}, .tick_e4 = 100, .base_ticks = 0, .k = 10};

static int begin(void **state) {
    (void)state;
    nowhere = fopen("/dev/null", "w");
    judge = replay_check_make(nowhere);
    assert_non_null(judge);
    replay_check_declare(judge, &terms);
    return 0;
}

static int end(void **state) {
    (void)state;
    replay_check_free(judge);
    return fclose(nowhere);
}

static struct replay_check_order order(uint8_t side, uint32_t price_ticks, uint32_t qty_lots) {
    return (struct replay_check_order){
        .side = side, .price_ticks = price_ticks, .qty_lots = qty_lots};
}

static struct ouch50_message accepted(uint32_t ref, char side, uint32_t qty, uint64_t price) {
    struct ouch50_message message = {.type = OUCH50_ACCEPTED,
                                     .user_ref = ref,
                                     .side = side,
                                     .qty = qty,
                                     .price = price,
                                     .tif = '0',
                                     .state = 'L'};

    memcpy(message.symbol, terms.symbol, sizeof message.symbol);
    return message;
}

static struct ouch50_message executed(uint32_t ref, uint32_t qty, char liquidity, uint64_t match) {
    return (struct ouch50_message){.type = OUCH50_EXECUTED,
                                   .user_ref = ref,
                                   .qty = qty,
                                   .price = 50000,
                                   .liquidity = liquidity,
                                   .match = match};
}

static uint64_t differences(void) {
    return replay_check_counts(judge)->differences;
}

/* A sell of 5 rests at 500, a buy of 3 takes from it; what comes may be bent before it is judged. */
static void trade_at_500(struct ouch50_message replies[4]) {
    struct replay_check_order sell = order(SIDE_SELL, 500, 5);
    struct replay_check_order buy = order(SIDE_BUY, 501, 3);

    (void)replay_check_enter(judge, &sell, 1);
    (void)replay_check_enter(judge, &buy, 1);
    replies[0] = accepted(1, 'S', 5, 50000);
    replies[1] = executed(1, 3, 'A', 77);
    replies[2] = accepted(1, 'B', 3, 50100);
    replies[3] = executed(1, 3, 'R', 77);
}

static void judge_replies(const struct ouch50_message replies[4]) {
    replay_check_reply(judge, SIDE_SELL, &replies[0]);
    replay_check_reply(judge, SIDE_SELL, &replies[1]);
    replay_check_reply(judge, SIDE_BUY, &replies[2]);
    replay_check_reply(judge, SIDE_BUY, &replies[3]);
}

static void the_right_replies_agree(void **state) {
    struct ouch50_message replies[4];

    (void)state;
    trade_at_500(replies);
    judge_replies(replies);
    assert_int_equal(differences(), 0);
    assert_int_equal(replay_check_counts(judge)->compared, 4);
    assert_int_equal(replay_check_counts(judge)->trades, 1);
    assert_int_equal(replay_check_owed(judge, SIDE_BUY) + replay_check_owed(judge, SIDE_SELL), 0);
}

static void a_price_one_tick_off_is_a_difference(void **state) {
    struct ouch50_message replies[4];

    (void)state;
    trade_at_500(replies);
    replies[3].price += 100;
    judge_replies(replies);
    assert_int_equal(differences(), 1);
}

static void every_field_of_a_reply_counts(void **state) {
    struct ouch50_message good[4];
    struct ouch50_message replies[4];

    (void)state;
    for (int bent = 0; bent < 9; bent++) {
        (void)end(state);
        (void)begin(state);
        trade_at_500(good);
        memcpy(replies, good, sizeof replies);
        switch (bent) {
        case 0: replies[0].qty++; break;
        case 1: replies[0].side = 'B'; break;
        case 2: replies[0].symbol[0] = 'X'; break;
        case 3: replies[0].state = 'D'; break;
        case 4: replies[1].qty--; break;
        case 5: replies[1].user_ref = 2; break;
        case 6: replies[1].liquidity = 'R'; break;
        case 7: replies[2].price++; break;
        case 8: replies[2].type = OUCH50_REJECTED; break;
        }
        judge_replies(replies);
        assert_int_equal(differences(), 1);
    }
}

static void both_sides_of_a_trade_tell_one_match_number(void **state) {
    struct ouch50_message replies[4];

    (void)state;
    trade_at_500(replies);
    replies[3].match = 78;
    judge_replies(replies);
    assert_int_equal(differences(), 1);
}

static void a_reply_too_many_and_one_too_few_are_differences(void **state) {
    struct ouch50_message replies[4];

    (void)state;
    trade_at_500(replies);
    judge_replies(replies);
    replay_check_reply(judge, SIDE_BUY, &replies[3]);
    assert_int_equal(differences(), 1);

    struct replay_check_order more = order(SIDE_BUY, 10, 1);

    (void)replay_check_enter(judge, &more, 2);
    replay_check_missing(judge, SIDE_BUY);
    assert_int_equal(differences(), 2);
}

static void a_replace_counts_what_was_executed(void **state) {
    struct ouch50_message replies[4];
    uint32_t message_qty;

    (void)state;
    trade_at_500(replies);
    judge_replies(replies);
    (void)replay_check_replace(judge, 0, 510, 7, 2, &message_qty);
    assert_int_equal(message_qty, 10); /* 3 of the chain are executed */

    struct ouch50_message replaced = accepted(2, 'S', 7, 51000);

    replaced.type = OUCH50_REPLACED;
    replaced.orig_user_ref = 1;
    replay_check_reply(judge, SIDE_SELL, &replaced);
    assert_int_equal(differences(), 0);
    assert_int_equal(replay_check_left(judge, 0), 0);
    assert_int_equal(replay_check_left(judge, 2), 7);
}

static void an_order_outside_the_band_must_be_rejected(void **state) {
    struct replay_check_order far = order(SIDE_BUY, 5000, 1);
    struct ouch50_message rejected = {.type = OUCH50_REJECTED, .user_ref = 1, .reject_reason = 29};

    (void)state;
    (void)replay_check_enter(judge, &far, 1);
    replay_check_reply(judge, SIDE_BUY, &rejected);
    assert_int_equal(differences(), 0);
    assert_int_equal(replay_check_counts(judge)->rejected_by_reason[29], 1);
}

static void books_are_compared_level_by_level(void **state) {
    static struct replay_level book[REPLAY_ORDERS_MAX];
    const struct replay_level right[] = {{30, 4}, {20, 5}};
    const struct replay_level wrong[] = {{30, 4}, {25, 1}, {20, 6}};
    struct replay_check_order orders[] = {order(SIDE_BUY, 20, 5), order(SIDE_BUY, 30, 1),
                                          order(SIDE_BUY, 30, 3)};

    (void)state;
    for (uint32_t i = 0; i < 3; i++)
        (void)replay_check_enter(judge, &orders[i], i + 1);
    assert_int_equal(replay_check_book(judge, 0, SIDE_BUY, book), 2);
    assert_int_equal(replay_check_levels(judge, "t", SIDE_BUY, right, 2, book, 2), 0);
    assert_int_equal(replay_check_levels(judge, "t", SIDE_BUY, wrong, 3, book, 2), 2);
    assert_int_equal(replay_check_levels(judge, "t", SIDE_BUY, NULL, 0, book, 2), 2);
    assert_int_equal(differences(), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_right_replies_agree, begin, end),
        cmocka_unit_test_setup_teardown(a_price_one_tick_off_is_a_difference, begin, end),
        cmocka_unit_test_setup_teardown(every_field_of_a_reply_counts, begin, end),
        cmocka_unit_test_setup_teardown(both_sides_of_a_trade_tell_one_match_number, begin, end),
        cmocka_unit_test_setup_teardown(a_reply_too_many_and_one_too_few_are_differences, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_replace_counts_what_was_executed, begin, end),
        cmocka_unit_test_setup_teardown(an_order_outside_the_band_must_be_rejected, begin, end),
        cmocka_unit_test_setup_teardown(books_are_compared_level_by_level, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
