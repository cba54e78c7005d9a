#include "wire/ouch50.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define SEED 50

static const char client_types[] = "OUXMQ";
static const char server_types[] = "SAUCDEBJPITMRQ";
/* Lengths as published: without an appendage's elements. */
static const size_t client_bytes[] = {47, 40, 9, 10, 1};
static const size_t server_bytes[] = {10, 64, 68, 18, 32, 36, 36, 29, 13, 13, 30, 18, 16, 13};

static unsigned char *exactly(const void *bytes, size_t count) {
    unsigned char *copy = malloc(count > 0 ? count : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, count);
    return copy;
}

static struct ouch50_message enter_example(void) {
    struct ouch50_message message = {
        .type = OUCH50_ENTER,
        .user_ref = 0x01020304,
        .side = 'B',
        .qty = 100,
        .price = 650000000,
        .tif = '0',
        .display = 'Y',
        .capacity = 'P',
        .iso = 'N',
        .cross = 'N',
        .appendage = {.present =
                          OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY) | OUCH50_TAG_BIT(OUCH50_TAG_MIN_QTY),
                      .post_only = 'P',
                      .min_qty = 7},
    };

    memcpy(message.symbol, "BTCUSDT ", 8);
    memcpy(message.clord_id, "first         ", 14);
    return message;
}

static const char enter_golden[] = "O\1\2\3\4B\0\0\0\144BTCUSDT \0\0\0\0\x26\xBE\x36\x80"
                                   "0YPNNfirst         \0\011\5\3\0\0\0\7\2\014P";

static void an_enter_order_has_its_published_bytes(void **state) {
    (void)state;
    struct ouch50_message message = enter_example(), back;
    unsigned char out[OUCH50_MESSAGE_BYTES_MAX];

    assert_int_equal(ouch50_encode_client(&message, out, sizeof out), 56);
    assert_memory_equal(out, enter_golden, 56);
    assert_int_equal(ouch50_decode_client(out, 56, &back), OUCH50_OK);
    assert_memory_equal(&back, &message, sizeof back);
}

static void an_accepted_order_has_its_published_bytes(void **state) {
    (void)state;
    struct ouch50_message message = enter_example();
    unsigned char out[OUCH50_MESSAGE_BYTES_MAX];
    const char golden[] = "A\0\0\0\0\0\0\0\1\1\2\3\4B\0\0\0\144BTCUSDT \0\0\0\0\x26\xBE\x36\x80"
                          "0Y\0\0\0\0\0\0\0\011PNNLfirst         \0\0";

    message.type = OUCH50_ACCEPTED;
    message.timestamp_ns = 1;
    message.order_ref = 9;
    message.state = 'L';
    message.appendage.present = 0;
    assert_int_equal(ouch50_encode_server(&message, out, sizeof out), 64);
    assert_memory_equal(out, golden, 64);
}

static void an_execution_has_its_published_bytes(void **state) {
    (void)state;
    struct ouch50_message message = {.type = OUCH50_EXECUTED,
                                     .timestamp_ns = 2,
                                     .user_ref = 3,
                                     .qty = 4,
                                     .price = 5,
                                     .liquidity = 'R',
                                     .match = 6};
    unsigned char out[OUCH50_MESSAGE_BYTES_MAX];
    const char golden[] = "E\0\0\0\0\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\0\0\0\0\5R\0\0\0\0\0\0\0\6\0\0";

    assert_int_equal(ouch50_encode_server(&message, out, sizeof out), 36);
    assert_memory_equal(out, golden, 36);
}

static enum ouch50_result decode(bool client, const unsigned char *bytes, size_t length,
                                 struct ouch50_message *message) {
    return client ? ouch50_decode_client(bytes, length, message)
                  : ouch50_decode_server(bytes, length, message);
}

static size_t encode(bool client, const struct ouch50_message *message, unsigned char *out,
                     size_t room) {
    return client ? ouch50_encode_client(message, out, room)
                  : ouch50_encode_server(message, out, room);
}

/* Every byte of a message reaches a field and comes back from it; one byte less or more is refused. */
static void each_type(bool client, const char *types, const size_t *lengths) {
    struct random random = random_seeded(SEED);

    for (size_t i = 0; types[i] != '\0'; i++) {
        unsigned char bytes[OUCH50_MESSAGE_BYTES_MAX], out[OUCH50_MESSAGE_BYTES_MAX];
        struct ouch50_message message;
        bool appended = memchr("OUAER", types[i], 5) != NULL;

        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (unsigned char)random_next(&random);
        bytes[0] = (unsigned char)types[i];
        if (appended)
            memset(bytes + lengths[i] - 2, 0, 2);
        for (size_t length = 0; length < sizeof bytes; length++) {
            unsigned char *input = exactly(bytes, length);
            enum ouch50_result expected = length < lengths[i]   ? OUCH50_TRUNCATED
                                          : length > lengths[i] ? OUCH50_OVERSIZED
                                                                : OUCH50_OK;
            assert_int_equal(decode(client, input, length, &message), expected);
            free(input);
        }
        assert_int_equal(decode(client, bytes, lengths[i], &message), OUCH50_OK);
        for (size_t room = 0; room < lengths[i]; room++)
            assert_int_equal(encode(client, &message, out, room), 0);
        assert_int_equal(encode(client, &message, out, lengths[i]), lengths[i]);
        assert_memory_equal(out, bytes, lengths[i]);
    }
}

static void every_byte_of_a_client_message_is_a_field(void **state) {
    (void)state;
    each_type(true, client_types, client_bytes);
}

static void every_byte_of_a_server_message_is_a_field(void **state) {
    (void)state;
    each_type(false, server_types, server_bytes);
}

static void a_type_that_is_not_of_this_direction_is_unknown(void **state) {
    (void)state;
    struct ouch50_message message;

    for (int type = 0; type < 256; type++) {
        unsigned char bytes[1] = {(unsigned char)type};
        bool client = type != 0 && strchr(client_types, type) != NULL;
        bool server = type != 0 && strchr(server_types, type) != NULL;
        assert_int_equal(ouch50_decode_client(bytes, 1, &message) == OUCH50_UNKNOWN_TYPE, !client);
        assert_int_equal(ouch50_decode_server(bytes, 1, &message) == OUCH50_UNKNOWN_TYPE, !server);
    }
    assert_int_equal(ouch50_decode_client((const unsigned char *)"", 0, &message),
                     OUCH50_TRUNCATED);
    message.type = 'z';
    assert_int_equal(ouch50_encode_client(&message, (unsigned char[64]){0}, 64), 0);
}

/* An enter order with this appendage. */
static enum ouch50_result appended(const char *elements, size_t count,
                                   struct ouch50_message *message) {
    unsigned char bytes[128];

    memcpy(bytes, enter_golden, 45);
    bytes[45] = 0;
    bytes[46] = (unsigned char)count;
    memcpy(bytes + 47, elements, count);
    unsigned char *input = exactly(bytes, 47 + count);
    enum ouch50_result result = ouch50_decode_client(input, 47 + count, message);
    free(input);
    return result;
}

static void an_appendage_that_does_not_add_up_is_refused(void **state) {
    (void)state;
    struct ouch50_message message;

    assert_int_equal(appended("", 0, &message), OUCH50_OK);
    assert_int_equal(appended("\2\014P", 3, &message), OUCH50_OK);
    assert_int_equal(message.appendage.present, OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY));
    assert_int_equal(message.appendage.post_only, 'P');
    assert_int_equal(appended("\2", 1, &message), OUCH50_BAD_APPENDAGE);
    assert_int_equal(appended("\2\014", 2, &message), OUCH50_BAD_APPENDAGE);
    assert_int_equal(appended("\0", 1, &message), OUCH50_BAD_APPENDAGE);             /* no tag */
    assert_int_equal(appended("\1\014", 2, &message), OUCH50_BAD_APPENDAGE);         /* no value */
    assert_int_equal(appended("\3\014PP", 4, &message), OUCH50_BAD_APPENDAGE);       /* too wide */
    assert_int_equal(appended("\2\014P\2\014N", 6, &message), OUCH50_BAD_APPENDAGE); /* twice */
    assert_int_equal(appended("\377\014P", 3, &message), OUCH50_BAD_APPENDAGE);
}

static void an_unknown_tag_is_passed_over_and_remembered(void **state) {
    (void)state;
    struct ouch50_message message;
    uint32_t unknown = OUCH50_TAG_BIT(OUCH50_TAG_UNKNOWN);

    assert_int_equal(appended("\1\010\2\014P", 5, &message), OUCH50_OK); /* 8 is no tag */
    assert_int_equal(message.appendage.present, unknown | OUCH50_TAG_BIT(OUCH50_TAG_POST_ONLY));
    assert_int_equal(appended("\3\377xy", 4, &message), OUCH50_OK);
    assert_int_equal(message.appendage.present, unknown);
    assert_int_equal(appended("\2\0x", 3, &message), OUCH50_OK);
    assert_int_equal(message.appendage.present, unknown);
}

static void all_tags_together_fit_and_come_back(void **state) {
    (void)state;
    struct random random = random_seeded(SEED);
    struct ouch50_message message, back;
    unsigned char out[OUCH50_MESSAGE_BYTES_MAX];
    const uint32_t known = 0x3FFFFFE & ~(OUCH50_TAG_BIT(8) | OUCH50_TAG_BIT(19) |
                                         OUCH50_TAG_BIT(20) | OUCH50_TAG_BIT(21));

    print_message("seed %d\n", SEED);
    for (int round = 0; round < 2000; round++) {
        memset(&message, 0, sizeof message);
        message.type = OUCH50_REPLACED;
        message.appendage.present = round == 0 ? known : known & (uint32_t)random_next(&random);
        if (round == 0) {
            message.appendage.display_price = 0x0102030405060708;
            message.appendage.group_id = 0x0A0B;
            message.appendage.route[3] = 'x';
        }
        size_t length = ouch50_encode_server(&message, out, sizeof out);
        assert_true(length >= 68);
        unsigned char *input = exactly(out, length);
        assert_int_equal(ouch50_decode_server(input, length, &back), OUCH50_OK);
        assert_memory_equal(&back, &message, sizeof back);
        for (size_t cut = 0; cut < length; cut++)
            assert_int_not_equal(ouch50_decode_server(input, cut, &back), OUCH50_OK);
        free(input);
    }
}

static void random_bytes_are_read_or_refused(void **state) {
    (void)state;
    struct random random = random_seeded(SEED);
    struct ouch50_message message;
    uint32_t read = 0;

    for (int round = 0; round < 200000; round++) {
        unsigned char bytes[80];
        size_t length = random_below(&random, sizeof bytes + 1);
        for (size_t at = 0; at < length; at++)
            bytes[at] = (unsigned char)(random_next(&random) & (at >= 40 ? 15 : 255));
        if (length > 0)
            bytes[0] = (unsigned char)client_types[random_below(&random, 5)];
        unsigned char *input = exactly(bytes, length);
        if (ouch50_decode_client(input, length, &message) == OUCH50_OK) {
            unsigned char out[OUCH50_MESSAGE_BYTES_MAX];
            assert_true(ouch50_encode_client(&message, out, sizeof out) <= length);
            read++;
        }
        free(input);
    }
    assert_true(read > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_enter_order_has_its_published_bytes),
        cmocka_unit_test(an_accepted_order_has_its_published_bytes),
        cmocka_unit_test(an_execution_has_its_published_bytes),
        cmocka_unit_test(every_byte_of_a_client_message_is_a_field),
        cmocka_unit_test(every_byte_of_a_server_message_is_a_field),
        cmocka_unit_test(a_type_that_is_not_of_this_direction_is_unknown),
        cmocka_unit_test(an_appendage_that_does_not_add_up_is_refused),
        cmocka_unit_test(an_unknown_tag_is_passed_over_and_remembered),
        cmocka_unit_test(all_tags_together_fit_and_come_back),
        cmocka_unit_test(random_bytes_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
