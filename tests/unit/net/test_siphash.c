#include "net/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct siphash_key counting_key = {
    .words = {0x0706050403020100u, 0x0F0E0D0C0B0A0908u}};

static void the_authors_vectors_come_out(void **state) {
    unsigned char counting[15];

    (void)state;
    for (unsigned int index = 0; index < sizeof counting; index++)
        counting[index] = (unsigned char)index;
    assert_true(siphash(&counting_key, counting, 0) == 0x726FDB47DD0E0E31u);
    assert_true(siphash(&counting_key, counting, 8) == 0x93F5F5799A932462u);
    assert_true(siphash(&counting_key, counting, 15) == 0xA129CA6149BE45E5u);
}

static void another_key_gives_another_hash(void **state) {
    struct siphash_key other = counting_key;

    (void)state;
    other.words[1] ^= 1;
    assert_true(siphash(&other, (const unsigned char *)"a", 1) !=
                siphash(&counting_key, (const unsigned char *)"a", 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_authors_vectors_come_out),
        cmocka_unit_test(another_key_gives_another_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
