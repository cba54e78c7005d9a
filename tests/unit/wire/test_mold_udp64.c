#include "wire/mold_udp64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char golden[] = "CX20240102\0\0\0\0\0\0\0\7\0\3\0\3abc\0\0\0\2de";
#define GOLDEN_BYTES (sizeof golden - 1)

static void a_packet_has_its_published_bytes(void **state) {
    (void)state;
    unsigned char bytes[64];
    struct mold_udp64_packet packet = {.bytes = bytes, .max_bytes = sizeof bytes};

    mold_udp64_begin(&packet, "CX20240102", 7);
    assert_true(mold_udp64_add(&packet, "abc", 3));
    assert_true(mold_udp64_add(&packet, "", 0));
    assert_true(mold_udp64_add(&packet, "de", 2));
    assert_int_equal(packet.used_bytes, GOLDEN_BYTES);
    assert_memory_equal(bytes, golden, GOLDEN_BYTES);
}

static void the_messages_come_back_in_order(void **state) {
    (void)state;
    const unsigned char *bytes = (const unsigned char *)golden, *message;
    struct mold_udp64_head head;
    size_t offset = MOLD_UDP64_HEAD_BYTES, message_bytes;

    assert_true(mold_udp64_decode(bytes, GOLDEN_BYTES, &head));
    assert_int_equal(head.sequence, 7);
    assert_int_equal(head.count, 3);
    assert_true(mold_udp64_next(bytes, GOLDEN_BYTES, &offset, &message, &message_bytes));
    assert_int_equal(message_bytes, 3);
    assert_memory_equal(message, "abc", 3);
    assert_true(mold_udp64_next(bytes, GOLDEN_BYTES, &offset, &message, &message_bytes));
    assert_int_equal(message_bytes, 0);
    assert_true(mold_udp64_next(bytes, GOLDEN_BYTES, &offset, &message, &message_bytes));
    assert_memory_equal(message, "de", 2);
    assert_false(mold_udp64_next(bytes, GOLDEN_BYTES, &offset, &message, &message_bytes));
}

static void a_packet_of_any_other_length_is_refused(void **state) {
    (void)state;
    struct mold_udp64_head head;

    for (size_t length = 0; length < 64; length++) {
        unsigned char *bytes = calloc(1, length > 0 ? length : 1);
        assert_non_null(bytes);
        memcpy(bytes, golden, length < GOLDEN_BYTES ? length : GOLDEN_BYTES);
        assert_int_equal(mold_udp64_decode(bytes, length, &head), length == GOLDEN_BYTES);
        assert_int_equal(mold_udp64_decode_request(bytes, length, &head),
                         length == MOLD_UDP64_HEAD_BYTES);
        free(bytes);
    }
}

static void a_message_that_does_not_fit_changes_nothing(void **state) {
    (void)state;
    unsigned char bytes[30], before[30];
    struct mold_udp64_packet packet = {.bytes = bytes, .max_bytes = sizeof bytes};

    memset(bytes, 0, sizeof bytes);
    mold_udp64_begin(&packet, "CX20240102", 1);
    assert_true(mold_udp64_add(&packet, "abcd", 4));
    memcpy(before, bytes, sizeof bytes);
    assert_false(mold_udp64_add(&packet, "abc", 3));
    assert_memory_equal(bytes, before, sizeof bytes);
    assert_true(mold_udp64_add(&packet, "ab", 2));
}

static void heartbeat_and_end_of_session_carry_no_blocks(void **state) {
    (void)state;
    unsigned char bytes[MOLD_UDP64_HEAD_BYTES];
    struct mold_udp64_head head = {.sequence = 9, .count = MOLD_UDP64_END_OF_SESSION}, back;

    memcpy(head.session, "CX20240102", 10);
    mold_udp64_encode_head(&head, bytes);
    assert_true(mold_udp64_decode(bytes, sizeof bytes, &back));
    assert_memory_equal(back.session, "CX20240102", 10);
    assert_int_equal(back.sequence, 9);
    assert_int_equal(back.count, MOLD_UDP64_END_OF_SESSION);

    struct mold_udp64_packet packet = {.bytes = bytes, .max_bytes = sizeof bytes};
    mold_udp64_begin(&packet, "CX20240102", 9);
    assert_true(mold_udp64_decode(bytes, sizeof bytes, &back));
    assert_int_equal(back.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_has_its_published_bytes),
        cmocka_unit_test(the_messages_come_back_in_order),
        cmocka_unit_test(a_packet_of_any_other_length_is_refused),
        cmocka_unit_test(a_message_that_does_not_fit_changes_nothing),
        cmocka_unit_test(heartbeat_and_end_of_session_carry_no_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
