#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void big_endian_puts_the_high_byte_first(void **state) {
    (void)state;
    unsigned char bytes[8];

    bytes_store_be16(bytes, 0x0102);
    assert_memory_equal(bytes, "\1\2", 2);
    bytes_store_be32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\1\2\3\4", 4);
    bytes_store_be48(bytes, 0xFFFF010203040506);
    assert_memory_equal(bytes, "\1\2\3\4\5\6", 6);
    bytes_store_be64(bytes, 0x0102030405060708);
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
}

static void little_endian_puts_the_low_byte_first(void **state) {
    (void)state;
    unsigned char bytes[8];

    bytes_store_le16(bytes, 0x0102);
    assert_memory_equal(bytes, "\2\1", 2);
    bytes_store_le32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\4\3\2\1", 4);
    bytes_store_le64(bytes, 0x0102030405060708);
    assert_memory_equal(bytes, "\10\7\6\5\4\3\2\1", 8);
}

static void what_was_stored_is_loaded_at_any_alignment(void **state) {
    (void)state;
    unsigned char bytes[16];

    for (size_t at = 0; at < 8; at++) {
        bytes_store_be48(bytes + at, 0x123456789ABC);
        assert_int_equal(bytes_load_be48(bytes + at), 0x123456789ABC);
        bytes_store_be64(bytes + at, 0x8123456789ABCDEF);
        assert_true(bytes_load_be64(bytes + at) == 0x8123456789ABCDEF);
        bytes_store_le64(bytes + at, 0x8123456789ABCDEF);
        assert_true(bytes_load_le64(bytes + at) == 0x8123456789ABCDEF);
        bytes_store_be32(bytes + at, 0x89ABCDEF);
        assert_int_equal(bytes_load_be32(bytes + at), 0x89ABCDEF);
        bytes_store_be16(bytes + at, 0xCDEF);
        assert_int_equal(bytes_load_be16(bytes + at), 0xCDEF);
        assert_int_equal(bytes_load_le16(bytes + at), 0xEFCD);
        bytes_store_le32(bytes + at, 0x89ABCDEF);
        assert_int_equal(bytes_load_le32(bytes + at), 0x89ABCDEF);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(big_endian_puts_the_high_byte_first),
        cmocka_unit_test(little_endian_puts_the_low_byte_first),
        cmocka_unit_test(what_was_stored_is_loaded_at_any_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
