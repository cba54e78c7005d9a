#include "wire/mold_udp64.h"

#include <string.h>

#include "base/bytes.h"

static void head_decode(const unsigned char *bytes, struct mold_udp64_head *head) {
    memcpy(head->session, bytes, sizeof head->session);
    head->sequence = bytes_load_be64(bytes + 10);
    head->count = bytes_load_be16(bytes + 18);
}

bool mold_udp64_decode(const unsigned char *bytes, size_t length_bytes,
                       struct mold_udp64_head *head) {
    if (length_bytes < MOLD_UDP64_HEAD_BYTES)
        return false;
    head_decode(bytes, head);

    uint32_t blocks = head->count == MOLD_UDP64_END_OF_SESSION ? 0 : head->count;
    size_t offset = MOLD_UDP64_HEAD_BYTES;
    for (uint32_t i = 0; i < blocks; i++) {
        if (length_bytes - offset < 2)
            return false;
        size_t message_bytes = bytes_load_be16(bytes + offset);
        if (length_bytes - offset - 2 < message_bytes)
            return false;
        offset += 2 + message_bytes;
    }
    return offset == length_bytes;
}

bool mold_udp64_next(const unsigned char *bytes, size_t length_bytes, size_t *offset,
                     const unsigned char **message, size_t *message_bytes) {
    check(*offset >= MOLD_UDP64_HEAD_BYTES);
    if (*offset == length_bytes)
        return false;

    check(length_bytes - *offset >= 2);
    *message_bytes = bytes_load_be16(bytes + *offset);
    *message = bytes + *offset + 2;
    *offset += 2 + *message_bytes;
    check(*offset <= length_bytes);
    return true;
}

void mold_udp64_encode_head(const struct mold_udp64_head *head,
                            unsigned char out[MOLD_UDP64_HEAD_BYTES]) {
    memcpy(out, head->session, sizeof head->session);
    bytes_store_be64(out + 10, head->sequence);
    bytes_store_be16(out + 18, head->count);
}

void mold_udp64_begin(struct mold_udp64_packet *packet,
                      const char session[MOLD_UDP64_SESSION_BYTES], uint64_t sequence) {
    struct mold_udp64_head head = {.sequence = sequence};

    check(packet->max_bytes >= MOLD_UDP64_HEAD_BYTES);
    memcpy(head.session, session, sizeof head.session);
    mold_udp64_encode_head(&head, packet->bytes);
    packet->used_bytes = MOLD_UDP64_HEAD_BYTES;
}

bool mold_udp64_add(struct mold_udp64_packet *packet, const void *message, size_t message_bytes) {
    uint16_t count = bytes_load_be16(packet->bytes + 18);

    check(message_bytes <= UINT16_MAX);
    if (count == MOLD_UDP64_COUNT_MAX)
        return false;
    if (packet->max_bytes - packet->used_bytes < 2 + message_bytes)
        return false;
    bytes_store_be16(packet->bytes + packet->used_bytes, (uint16_t)message_bytes);
    memcpy(packet->bytes + packet->used_bytes + 2, message, message_bytes);
    packet->used_bytes += 2 + message_bytes;
    bytes_store_be16(packet->bytes + 18, (uint16_t)(count + 1));
    return true;
}

bool mold_udp64_decode_request(const unsigned char *bytes, size_t length_bytes,
                               struct mold_udp64_head *head) {
    if (length_bytes != MOLD_UDP64_HEAD_BYTES)
        return false;
    head_decode(bytes, head);
    return true;
}
