/* MoldUDP64 packets of ITCH 5.0 messages, and the input itself as one message.
 *
 * Sound is: nothing is read beyond the bytes, and a message that was read is written back byte for byte. */
#include "wire/itch50.h"
#include "wire/mold_udp64.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes);

static void message_check(const uint8_t *bytes, size_t length_bytes) {
    struct itch50_message message;
    unsigned char out[ITCH50_MESSAGE_BYTES_MAX];

    if (itch50_decode(bytes, length_bytes, &message) != ITCH50_OK)
        return;
    check(itch50_encode(&message, out, length_bytes - 1) == 0);
    check(itch50_encode(&message, out, length_bytes) == length_bytes);
    check(memcmp(out, bytes, length_bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes) {
    struct mold_udp64_head head;
    const unsigned char *message;
    size_t message_bytes;
    size_t offset = MOLD_UDP64_HEAD_BYTES;
    uint32_t count = 0;

    message_check(bytes, length_bytes);
    if (!mold_udp64_decode(bytes, length_bytes, &head))
        return 0;
    while (mold_udp64_next(bytes, length_bytes, &offset, &message, &message_bytes)) {
        message_check(message, message_bytes);
        count++;
    }
    check(head.count == MOLD_UDP64_END_OF_SESSION ? count == 0 : count == head.count);
    return 0;
}
