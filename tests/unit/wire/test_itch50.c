#include "wire/itch50.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define SEED 51

static const struct {
    char type;
    size_t bytes;
} published[] = {
    {'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35}, {'W', 12}, {'K', 28},
    {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40}, {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19},
    {'U', 35}, {'P', 44}, {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48},
};

static void an_added_order_has_its_published_bytes(void **state) {
    (void)state;
    struct itch50_message message = {.type = ITCH50_ADD,
                                     .locate = 1,
                                     .tracking = 2,
                                     .timestamp_ns = 0x030405060708,
                                     .add = {.order_ref = 9, .side = 'S', .qty = 10, .price = 11}};
    unsigned char out[ITCH50_MESSAGE_BYTES_MAX];
    const char golden[] = "A\0\1\0\2\3\4\5\6\7\010\0\0\0\0\0\0\0\011S\0\0\0\012TATA_INR\0\0\0\013";

    memcpy(message.add.symbol, "TATA_INR", 8);
    assert_int_equal(itch50_encode(&message, out, sizeof out), 36);
    assert_memory_equal(out, golden, 36);

    struct itch50_message back;
    assert_int_equal(itch50_decode(out, 36, &back), ITCH50_OK);
    assert_int_equal(back.timestamp_ns, 0x030405060708);
    assert_int_equal(back.add.order_ref, 9);
    assert_int_equal(back.add.side, 'S');
    assert_int_equal(back.add.price, 11);
}

static void every_byte_of_every_type_is_a_field(void **state) {
    (void)state;
    struct random random = random_seeded(SEED);

    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        unsigned char out[64];
        struct itch50_message message;

        for (size_t length = 0; length < 64; length++) {
            unsigned char *bytes = malloc(length > 0 ? length : 1);
            assert_non_null(bytes);
            for (size_t at = 0; at < length; at++)
                bytes[at] = (unsigned char)random_next(&random);
            if (length > 0)
                bytes[0] = (unsigned char)published[i].type;
            bool whole = length == published[i].bytes;
            assert_int_equal(itch50_decode(bytes, length, &message),
                             whole ? ITCH50_OK : ITCH50_WRONG_LENGTH);
            if (whole) {
                assert_int_equal(itch50_encode(&message, out, length - 1), 0);
                assert_int_equal(itch50_encode(&message, out, length), length);
                assert_memory_equal(out, bytes, length);
            }
            free(bytes);
        }
        assert_int_equal(itch50_bytes(published[i].type), published[i].bytes);
        assert_true(published[i].bytes <= ITCH50_MESSAGE_BYTES_MAX);
    }
}

static void other_types_are_unknown(void **state) {
    (void)state;
    uint32_t known = 0;

    for (int type = 0; type < 256; type++) {
        unsigned char bytes[1] = {(unsigned char)type};
        struct itch50_message message;
        bool is_known = itch50_bytes((char)type) > 0;
        known += is_known;
        assert_int_equal(itch50_decode(bytes, 1, &message),
                         is_known ? ITCH50_WRONG_LENGTH : ITCH50_UNKNOWN_TYPE);
        message.type = (char)type;
        if (!is_known)
            assert_int_equal(itch50_encode(&message, (unsigned char[64]){0}, 64), 0);
    }
    assert_int_equal(known, sizeof published / sizeof *published);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_added_order_has_its_published_bytes),
        cmocka_unit_test(every_byte_of_every_type_is_a_field),
        cmocka_unit_test(other_types_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
