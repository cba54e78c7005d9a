/* A stream of SoupBinTCP packets, and what is inside logins and their answers.
 *
 * Sound is: nothing is read beyond the bytes, and what was read is written back as it was. */
#include "wire/soup_bin.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes);

static void login_check(const struct soup_bin_packet *packet) {
    struct soup_bin_login login, again;
    unsigned char out[64];

    if (!soup_bin_decode_login(packet->payload, packet->payload_bytes, &login))
        return;
    check(soup_bin_encode_login(&login, out, sizeof out) == packet->packet_bytes);
    check(memcmp(out + SOUP_BIN_HEAD_BYTES, packet->payload, 26) == 0);
    check(soup_bin_decode_login(out + SOUP_BIN_HEAD_BYTES, SOUP_BIN_LOGIN_BYTES, &again));
    check(again.sequence == login.sequence);
}

static void accepted_check(const struct soup_bin_packet *packet) {
    struct soup_bin_accepted accepted, again;
    unsigned char out[64];

    if (!soup_bin_decode_accepted(packet->payload, packet->payload_bytes, &accepted))
        return;
    check(soup_bin_encode_accepted(&accepted, out, sizeof out) == packet->packet_bytes);
    check(soup_bin_decode_accepted(out + SOUP_BIN_HEAD_BYTES, SOUP_BIN_ACCEPTED_BYTES, &again));
    check(again.sequence == accepted.sequence);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes) {
    struct soup_bin_packet packet;
    unsigned char *out = malloc(length_bytes > 0 ? length_bytes : 1);
    size_t at = 0;

    check(out != NULL);
    while (soup_bin_decode(bytes + at, length_bytes - at, &packet) == SOUP_BIN_PACKET) {
        check(packet.packet_bytes <= length_bytes - at);
        check(packet.payload + packet.payload_bytes == bytes + at + packet.packet_bytes);
        check(soup_bin_encode(packet.type, packet.payload, packet.payload_bytes, out,
                              length_bytes) == packet.packet_bytes);
        check(memcmp(out, bytes + at, packet.packet_bytes) == 0);
        login_check(&packet);
        accepted_check(&packet);
        at += packet.packet_bytes;
    }
    free(out);
    return 0;
}
