#include "wire/soup_bin.h"

#include <string.h>

#include "base/bytes.h"

/* Offsets in the payload of a login and of its answer. */
enum { LOGIN_PASSWORD = 6, LOGIN_SESSION = 16, LOGIN_SEQUENCE = 26, ACCEPTED_SEQUENCE = 10 };

enum soup_bin_result soup_bin_decode(const unsigned char *bytes, size_t length_bytes,
                                     struct soup_bin_packet *packet) {
    *packet = (struct soup_bin_packet){.packet_bytes = 0};
    if (length_bytes < 2)
        return SOUP_BIN_MORE;

    size_t counted = bytes_load_be16(bytes);
    if (counted == 0)
        return SOUP_BIN_MALFORMED;
    packet->packet_bytes = 2 + counted;
    if (length_bytes < packet->packet_bytes)
        return SOUP_BIN_MORE;
    packet->type = (char)bytes[2];
    packet->payload = bytes + SOUP_BIN_HEAD_BYTES;
    packet->payload_bytes = counted - 1;
    return SOUP_BIN_PACKET;
}

size_t soup_bin_encode(char type, const void *payload, size_t payload_bytes, unsigned char *out,
                       size_t out_max) {
    check(payload_bytes <= SOUP_BIN_PAYLOAD_BYTES_MAX);
    if (out_max < SOUP_BIN_HEAD_BYTES + payload_bytes)
        return 0;

    bytes_store_be16(out, (uint16_t)(payload_bytes + 1));
    out[2] = (unsigned char)type;
    if (payload != NULL && payload_bytes > 0)
        memcpy(out + SOUP_BIN_HEAD_BYTES, payload, payload_bytes);
    return SOUP_BIN_HEAD_BYTES + payload_bytes;
}

/* Digits, with spaces on either side; the published form has them on the left only. */
static bool sequence_read(const unsigned char *text, uint64_t *sequence) {
    size_t at = 0;
    uint64_t value = 0;

    while (at < SOUP_BIN_SEQUENCE_BYTES && text[at] == ' ')
        at++;
    size_t first = at;
    for (; at < SOUP_BIN_SEQUENCE_BYTES && text[at] >= '0' && text[at] <= '9'; at++) {
        if (__builtin_mul_overflow(value, 10u, &value))
            return false;
        if (__builtin_add_overflow(value, (uint64_t)(text[at] - '0'), &value))
            return false;
    }
    if (at == first)
        return false;
    while (at < SOUP_BIN_SEQUENCE_BYTES && text[at] == ' ')
        at++;
    *sequence = value;
    return at == SOUP_BIN_SEQUENCE_BYTES;
}

static void sequence_write(uint64_t sequence, unsigned char *text) {
    size_t at = SOUP_BIN_SEQUENCE_BYTES;

    memset(text, ' ', SOUP_BIN_SEQUENCE_BYTES);
    do {
        text[--at] = (unsigned char)('0' + sequence % 10);
        sequence /= 10;
    } while (sequence > 0);
}

bool soup_bin_decode_login(const unsigned char *payload, size_t payload_bytes,
                           struct soup_bin_login *login) {
    if (payload_bytes != SOUP_BIN_LOGIN_BYTES)
        return false;
    memcpy(login->username, payload, sizeof login->username);
    memcpy(login->password, payload + LOGIN_PASSWORD, sizeof login->password);
    memcpy(login->session, payload + LOGIN_SESSION, sizeof login->session);
    return sequence_read(payload + LOGIN_SEQUENCE, &login->sequence);
}

size_t soup_bin_encode_login(const struct soup_bin_login *login, unsigned char *out,
                             size_t out_max) {
    unsigned char payload[SOUP_BIN_LOGIN_BYTES];

    memcpy(payload, login->username, sizeof login->username);
    memcpy(payload + LOGIN_PASSWORD, login->password, sizeof login->password);
    memcpy(payload + LOGIN_SESSION, login->session, sizeof login->session);
    sequence_write(login->sequence, payload + LOGIN_SEQUENCE);
    return soup_bin_encode(SOUP_BIN_LOGIN_REQUEST, payload, sizeof payload, out, out_max);
}

bool soup_bin_decode_accepted(const unsigned char *payload, size_t payload_bytes,
                              struct soup_bin_accepted *accepted) {
    if (payload_bytes != SOUP_BIN_ACCEPTED_BYTES)
        return false;
    memcpy(accepted->session, payload, sizeof accepted->session);
    return sequence_read(payload + ACCEPTED_SEQUENCE, &accepted->sequence);
}

size_t soup_bin_encode_accepted(const struct soup_bin_accepted *accepted, unsigned char *out,
                                size_t out_max) {
    unsigned char payload[SOUP_BIN_ACCEPTED_BYTES];

    memcpy(payload, accepted->session, sizeof accepted->session);
    sequence_write(accepted->sequence, payload + ACCEPTED_SEQUENCE);
    return soup_bin_encode(SOUP_BIN_LOGIN_ACCEPTED, payload, sizeof payload, out, out_max);
}
