#include "base/crc32c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "base/random.h"

#include <cmocka.h>

static void the_published_check_values_come_out(void **state) {
    (void)state;
    unsigned char block[32];

    assert_int_equal(crc32c("123456789", 9), 0xE3069283);
    assert_int_equal(crc32c("", 0), 0);
    memset(block, 0, sizeof block); /* RFC 3720, B.4 */
    assert_int_equal(crc32c(block, sizeof block), 0x8A9136AA);
    memset(block, 0xFF, sizeof block);
    assert_int_equal(crc32c(block, sizeof block), 0x62A8AB43);
    for (unsigned i = 0; i < 32; i++)
        block[i] = (unsigned char)i;
    assert_int_equal(crc32c(block, sizeof block), 0x46DD794E);
}

static void table_and_instruction_agree_at_every_length_and_alignment(void **state) {
    (void)state;
    struct random random = random_seeded(1);
    unsigned char block[300];

    if (!crc32c_has_instruction())
        skip();
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (unsigned char)random_next(&random);
    for (size_t at = 0; at < 8; at++)
        for (size_t count = 0; count < sizeof block - at; count++)
            assert_int_equal(crc32c_extend_table(7, block + at, count),
                             crc32c_extend_instruction(7, block + at, count));
}

static void a_block_may_be_given_in_parts(void **state) {
    (void)state;
    const char *text = "the quick brown fox jumps over the lazy dog";
    size_t length = strlen(text);

    for (size_t cut = 0; cut <= length; cut++)
        assert_int_equal(crc32c_extend(crc32c(text, cut), text + cut, length - cut),
                         crc32c(text, length));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_check_values_come_out),
        cmocka_unit_test(table_and_instruction_agree_at_every_length_and_alignment),
        cmocka_unit_test(a_block_may_be_given_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
