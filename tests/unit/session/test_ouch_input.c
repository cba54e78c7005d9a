#include "session/ouch_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/matcher.h"
#include "session/ouch_reason.h"

static unsigned char memory[1 << 14];
static struct instrument_directory directory;

static int make(void **state) {
    (void)state;
    struct instrument_record record = {
        .head.instrument = 0, .symbol = "BTCUSDT", .tick_e8 = 10000000};
    struct arena arena;

    arena_init(&arena, memory, sizeof memory);
    instrument_directory_init(&directory, &arena, 4);
    instrument_directory_record(&directory, &record);
    return 0;
}

static struct ouch50_message good(void) {
    struct ouch50_message message = {.type = OUCH50_ENTER,
                                     .user_ref = 3,
                                     .side = 'S',
                                     .qty = 10,
                                     .price = 1000000,
                                     .tif = '0',
                                     .display = 'Y',
                                     .capacity = 'P',
                                     .iso = 'N',
                                     .cross = 'N'};

    memcpy(message.symbol, "BTCUSDT ", 8);
    memcpy(message.clord_id, "my order      ", 14);
    return message;
}

static void an_order_becomes_a_command(void **state) {
    (void)state;
    struct ouch50_message message = good();
    union record input;

    ouch_input_enter(&message, &directory, REQUEST_ON_DISCONNECT, &input);
    assert_int_equal(input.head.kind, RECORD_COMMAND);
    assert_int_equal(input.head.units, 3);
    assert_int_equal(input.head.instrument, 0);
    assert_int_equal(input.request.verdict, VERDICT_TAKEN);
    assert_int_equal(input.request.flags, REQUEST_ON_DISCONNECT);
    assert_int_equal(input.command.op, COMMAND_NEW);
    assert_int_equal(input.command.side, SIDE_SELL);
    assert_int_equal(input.command.type, ORDER_TYPE_LIMIT);
    assert_int_equal(input.command.tif, TIF_GTC);
    assert_int_equal(input.command.stp, STP_EXPIRE_TAKER);
    assert_int_equal(input.command.post_only, 0);
    assert_int_equal(input.command.qty_lots, 10);
    assert_int_equal(input.command.price_ticks, 1000);
    assert_int_equal(input.command.user_ref, 3);
    assert_int_equal(input.command.client_order_id_length, 8);
    assert_memory_equal(input.command.client_order_id, "my order\0\0", 10);
    assert_memory_equal(input.command.echo, "S0YPNN\0\0", 8);
}

static void a_market_order_has_no_price(void **state) {
    (void)state;
    struct ouch50_message message = good();
    union record input;

    message.price = OUCH50_PRICE_MARKET;
    ouch_input_enter(&message, &directory, 0, &input);
    assert_int_equal(input.request.verdict, VERDICT_TAKEN);
    assert_int_equal(input.command.type, ORDER_TYPE_MARKET);
    assert_int_equal(input.command.price_ticks, 0);
}

static uint8_t reason_of(const struct ouch50_message *message) {
    union record input;

    ouch_input_enter(message, &directory, 0, &input);
    assert_int_equal(input.request.verdict != VERDICT_TAKEN, input.command.echo[ECHO_REASON] != 0);
    return input.command.echo[ECHO_REASON];
}

/* Every value of one field: those in `good_values` are taken, all others refused with this reason. */
static void check_field(size_t offset, const char *good_values, uint8_t reason) {
    for (int value = 0; value < 256; value++) {
        struct ouch50_message message = good();
        ((char *)&message)[offset] = (char)value;
        bool is_good = value != 0 && strchr(good_values, value) != NULL;
        assert_int_equal(reason_of(&message), is_good ? 0 : reason);
    }
}

static void fields_that_this_venue_has_not_are_refused_with_their_reason(void **state) {
    (void)state;
    struct ouch50_message message = good();

    check_field(offsetof(struct ouch50_message, display), "YA", OUCH_REJECT_DISPLAY);
    check_field(offsetof(struct ouch50_message, tif), "03", OUCH_REJECT_OTHER);
    check_field(offsetof(struct ouch50_message, capacity), "APRO", OUCH_REJECT_OTHER);
    check_field(offsetof(struct ouch50_message, iso), "N", OUCH_REJECT_ISO);
    check_field(offsetof(struct ouch50_message, cross), "N", OUCH_REJECT_CROSS_ORDER);
    message.side = 'T';
    assert_int_equal(reason_of(&message), OUCH_REJECT_SHORT_SELL);
    message.side = 'b';
    assert_int_equal(reason_of(&message), OUCH_REJECT_SIDE);
    message = good();
    message.price = 1000001;
    assert_int_equal(reason_of(&message), OUCH_REJECT_PRICE);
    message = good();
    message.symbol[7] = 'X';
    assert_int_equal(reason_of(&message), OUCH_REJECT_SYMBOL);
}

static uint8_t reason_with_tag(enum ouch50_tag tag, struct ouch50_appendage values) {
    struct ouch50_message message = good();

    message.appendage = values;
    message.appendage.present = OUCH50_TAG_BIT(tag);
    return reason_of(&message);
}

static void tags_are_taken_or_refused_with_their_reason(void **state) {
    (void)state;
    const struct ouch50_appendage none = {0};
    const struct ouch50_appendage some = {.min_qty = 10};

    assert_int_equal(reason_with_tag(OUCH50_TAG_MIN_QTY, none), 0);
    assert_int_equal(reason_with_tag(OUCH50_TAG_MIN_QTY, some), OUCH_REJECT_MIN_QTY);
    assert_int_equal(reason_with_tag(OUCH50_TAG_MAX_FLOOR, none), 0);
    assert_int_equal(
        reason_with_tag(OUCH50_TAG_MAX_FLOOR, (struct ouch50_appendage){.max_floor = 5}),
        OUCH_REJECT_MAX_FLOOR);
    assert_int_equal(
        reason_with_tag(OUCH50_TAG_POST_ONLY, (struct ouch50_appendage){.post_only = 'N'}), 0);
    assert_int_equal(
        reason_with_tag(OUCH50_TAG_POST_ONLY, (struct ouch50_appendage){.post_only = 'x'}),
        OUCH_REJECT_OTHER);
    assert_int_equal(reason_with_tag(OUCH50_TAG_PRICE_TYPE, none), OUCH_REJECT_PEGGING);
    assert_int_equal(reason_with_tag(OUCH50_TAG_DISCRETION_PRICE, none), OUCH_REJECT_PEGGING);
    assert_int_equal(reason_with_tag(OUCH50_TAG_ROUTE, none), OUCH_REJECT_ROUTING);
    assert_int_equal(reason_with_tag(OUCH50_TAG_FIRM, none), OUCH_REJECT_FIRM);
    assert_int_equal(reason_with_tag(OUCH50_TAG_EXPIRE_TIME, none), OUCH_REJECT_OTHER);
    assert_int_equal(reason_with_tag(OUCH50_TAG_UNKNOWN, none), OUCH_REJECT_OTHER);
}

static void all_of_an_ioc_order_or_none_is_fill_or_kill(void **state) {
    (void)state;
    struct ouch50_message message = good();
    union record input;

    message.tif = '3';
    message.appendage.present = OUCH50_TAG_BIT(OUCH50_TAG_MIN_QTY);
    message.appendage.min_qty = 10;
    ouch_input_enter(&message, &directory, 0, &input);
    assert_int_equal(input.request.verdict, VERDICT_TAKEN);
    assert_int_equal(input.command.tif, TIF_FOK);
    message.appendage.min_qty = 9;
    assert_int_equal(reason_of(&message), OUCH_REJECT_MIN_QTY);
    message.appendage.min_qty = 0;
    ouch_input_enter(&message, &directory, 0, &input);
    assert_int_equal(input.command.tif, TIF_IOC);
}

static void an_order_id_that_is_not_text_goes_no_further(void **state) {
    (void)state;
    struct ouch50_message message = good();
    union record input;

    message.clord_id[13] = '\n';
    ouch_input_enter(&message, &directory, 0, &input);
    assert_int_equal(input.request.verdict, VERDICT_UNSUPPORTED);
    assert_int_equal(input.command.client_order_id_length, 0);
    assert_int_equal(input.command.client_order_id[0], 0);
}

static void a_replace_and_a_cancel_name_the_order_and_keep_quiet(void **state) {
    (void)state;
    struct ouch50_message message = good();
    union record input;

    message.type = OUCH50_REPLACE;
    message.orig_user_ref = 2;
    ouch_input_replace(&message, &directory, 0, 0, &input);
    assert_int_equal(input.command.op, COMMAND_REPLACE);
    assert_int_equal(input.request.flags, REQUEST_QTY_IS_TOTAL | REQUEST_OR_CANCEL | REQUEST_QUIET);
    assert_int_equal(input.command.orig_user_ref, 2);
    assert_int_equal(input.command.user_ref, 3);
    message.price = OUCH50_PRICE_MARKET;
    ouch_input_replace(&message, &directory, 0, 0, &input);
    assert_int_equal(input.request.verdict, VERDICT_UNSUPPORTED);

    message = (struct ouch50_message){.type = OUCH50_CANCEL, .user_ref = 2};
    ouch_input_reduce(&message, 0, &input);
    assert_int_equal(input.command.op, COMMAND_CANCEL);
    assert_int_equal(input.command.orig_user_ref, 2);
    assert_int_equal(input.command.user_ref, 0);
    message.qty = 4;
    ouch_input_reduce(&message, 0, &input);
    assert_int_equal(input.command.op, COMMAND_REDUCE);
    assert_int_equal(input.command.qty_lots, 4);
    assert_int_equal(input.request.flags, REQUEST_QTY_IS_TOTAL | REQUEST_QUIET);
}

static void every_verdict_has_a_reason(void **state) {
    (void)state;

    for (uint16_t verdict = 1; verdict < 200; verdict++)
        assert_in_range(ouch_reason_of_verdict(verdict), 1, 42);
    assert_int_equal(ouch_reason_of_verdict(VERDICT_NO_FUNDS), OUCH_REJECT_EXPOSURE);
    assert_int_equal(ouch_reason_of_verdict(UINT16_MAX), OUCH_REJECT_PROCESSING);
    for (uint8_t why = 0; why < 20; why++)
        assert_in_range(ouch_reason_of_reject(why), 1, 42);
    assert_int_equal(ouch_reason_of_cancel(WHY_USER, DOOR_ORDER_ENTRY, 0), 'U');
    assert_int_equal(ouch_reason_of_cancel(WHY_USER, DOOR_ENGINE, REQUEST_GENERATED), 'Z');
    assert_int_equal(ouch_reason_of_cancel(WHY_MASS, DOOR_OPERATOR, 0), 'S');
    assert_int_equal(ouch_reason_of_cancel(WHY_BAND, DOOR_ENGINE, REQUEST_GENERATED), 'K');
    assert_int_equal(ouch_reason_of_cancel(WHY_SELF_TRADE, DOOR_WEB, 0), 'Q');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_becomes_a_command),
        cmocka_unit_test(a_market_order_has_no_price),
        cmocka_unit_test(fields_that_this_venue_has_not_are_refused_with_their_reason),
        cmocka_unit_test(tags_are_taken_or_refused_with_their_reason),
        cmocka_unit_test(all_of_an_ioc_order_or_none_is_fill_or_kill),
        cmocka_unit_test(an_order_id_that_is_not_text_goes_no_further),
        cmocka_unit_test(a_replace_and_a_cancel_name_the_order_and_keep_quiet),
        cmocka_unit_test(every_verdict_has_a_reason),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
