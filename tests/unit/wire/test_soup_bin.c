#include "wire/soup_bin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The packet in a block of exactly its size, so that the sanitizer sees a read beyond it. */
static unsigned char *exactly(const void *bytes, size_t count) {
    unsigned char *copy = malloc(count > 0 ? count : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, count);
    return copy;
}

static void a_packet_is_its_length_its_type_and_its_payload(void **state) {
    (void)state;
    unsigned char out[16];

    assert_int_equal(soup_bin_encode('S', "abc", 3, out, sizeof out), 6);
    assert_memory_equal(out, "\0\4Sabc", 6);
    assert_int_equal(soup_bin_encode('H', NULL, 0, out, sizeof out), 3);
    assert_memory_equal(out, "\0\1H", 3);
    assert_int_equal(soup_bin_encode('S', "abc", 3, out, 5), 0);
}

static void a_packet_is_read_once_all_of_it_is_there(void **state) {
    (void)state;
    const char sent[] = "\0\4Uabc\0\1R";
    struct soup_bin_packet packet;

    for (size_t length = 0; length < 6; length++) {
        unsigned char *bytes = exactly(sent, length);
        assert_int_equal(soup_bin_decode(bytes, length, &packet), SOUP_BIN_MORE);
        assert_int_equal(packet.packet_bytes, length < 2 ? 0 : 6);
        free(bytes);
    }
    for (size_t length = 6; length < sizeof sent; length++) {
        unsigned char *bytes = exactly(sent, length);
        assert_int_equal(soup_bin_decode(bytes, length, &packet), SOUP_BIN_PACKET);
        assert_int_equal(packet.type, 'U');
        assert_int_equal(packet.payload_bytes, 3);
        assert_int_equal(packet.packet_bytes, 6);
        assert_memory_equal(packet.payload, "abc", 3);
        free(bytes);
    }
}

static void a_length_of_zero_is_malformed(void **state) {
    (void)state;
    struct soup_bin_packet packet;

    assert_int_equal(soup_bin_decode((const unsigned char *)"\0\0U", 3, &packet),
                     SOUP_BIN_MALFORMED);
}

static void the_longest_packet_is_65537_bytes(void **state) {
    (void)state;
    unsigned char *bytes = calloc(1, 65537);
    struct soup_bin_packet packet;

    assert_non_null(bytes);
    assert_int_equal(soup_bin_encode('U', NULL, SOUP_BIN_PAYLOAD_BYTES_MAX, bytes, 65537), 65537);
    assert_int_equal(soup_bin_decode(bytes, 65536, &packet), SOUP_BIN_MORE);
    assert_int_equal(soup_bin_decode(bytes, 65537, &packet), SOUP_BIN_PACKET);
    assert_int_equal(packet.payload_bytes, 65534);
    free(bytes);
}

static const char login_golden[] = "\0\057LALICE secret    CX20240102                  42";

static void a_login_has_its_published_bytes(void **state) {
    (void)state;
    struct soup_bin_login login = {.sequence = 42};
    unsigned char out[64];

    memcpy(login.username, "ALICE ", 6);
    memcpy(login.password, "secret    ", 10);
    memcpy(login.session, "CX20240102", 10);
    assert_int_equal(soup_bin_encode_login(&login, out, sizeof out), 49);
    assert_memory_equal(out, login_golden, 49);

    struct soup_bin_login back;
    assert_true(soup_bin_decode_login(out + 3, 46, &back));
    assert_memory_equal(&back, &login, offsetof(struct soup_bin_login, session) + 10);
    assert_int_equal(back.sequence, 42);
}

static void a_login_of_another_length_is_none(void **state) {
    (void)state;
    struct soup_bin_login login;
    unsigned char payload[80];

    memset(payload, '1', sizeof payload);
    for (size_t length = 0; length < 80; length++) {
        unsigned char *bytes = exactly(payload, length);
        memset(bytes, ' ', length < 30 ? length : 30);
        assert_int_equal(soup_bin_decode_login(bytes, length, &login), length == 46);
        free(bytes);
    }
}

static bool reads_as(const char sequence[21], uint64_t *value) {
    unsigned char payload[46];
    struct soup_bin_login login;

    memset(payload, ' ', sizeof payload);
    memcpy(payload + 26, sequence, 20);
    bool read = soup_bin_decode_login(payload, sizeof payload, &login);
    *value = login.sequence;
    return read;
}

static void a_sequence_is_digits_between_spaces(void **state) {
    (void)state;
    uint64_t value;

    assert_true(reads_as("                   0", &value));
    assert_int_equal(value, 0);
    assert_true(reads_as("7                   ", &value));
    assert_int_equal(value, 7);
    assert_true(reads_as("00000000000000000012", &value));
    assert_int_equal(value, 12);
    assert_true(reads_as("18446744073709551615", &value));
    assert_true(value == UINT64_MAX);
    assert_false(reads_as("18446744073709551616", &value));
    assert_false(reads_as("99999999999999999999", &value));
    assert_false(reads_as("                    ", &value));
    assert_false(reads_as("                  -1", &value));
    assert_false(reads_as("                 1 2", &value));
    assert_false(reads_as("                 0x1", &value));
    assert_false(reads_as("1\0                  ", &value));
}

static void an_acceptance_comes_back_as_it_was(void **state) {
    (void)state;
    struct soup_bin_accepted accepted = {.sequence = UINT64_MAX}, back;
    unsigned char out[64];

    memcpy(accepted.session, "CX20240102", 10);
    assert_int_equal(soup_bin_encode_accepted(&accepted, out, sizeof out), 33);
    assert_memory_equal(out, "\0\037ACX2024010218446744073709551615", 33);
    assert_true(soup_bin_decode_accepted(out + 3, 30, &back));
    assert_memory_equal(back.session, "CX20240102", 10);
    assert_true(back.sequence == UINT64_MAX);
    assert_false(soup_bin_decode_accepted(out + 3, 29, &back));
    assert_false(soup_bin_decode_accepted(out + 3, 31, &back));
    assert_int_equal(soup_bin_encode_accepted(&accepted, out, 32), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_is_its_length_its_type_and_its_payload),
        cmocka_unit_test(a_packet_is_read_once_all_of_it_is_there),
        cmocka_unit_test(a_length_of_zero_is_malformed),
        cmocka_unit_test(the_longest_packet_is_65537_bytes),
        cmocka_unit_test(a_login_has_its_published_bytes),
        cmocka_unit_test(a_login_of_another_length_is_none),
        cmocka_unit_test(a_sequence_is_digits_between_spaces),
        cmocka_unit_test(an_acceptance_comes_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
