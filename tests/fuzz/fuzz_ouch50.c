/* One OUCH 5.0 message, taken as a client's and as the exchange's.
 *
 * Sound is: nothing is read beyond the bytes, and what was read is written and read again as the same message. */
#include "wire/ouch50.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes);

static void client_check(const uint8_t *bytes, size_t length_bytes) {
    struct ouch50_message message, again;
    unsigned char out[OUCH50_MESSAGE_BYTES_MAX];

    if (ouch50_decode_client(bytes, length_bytes, &message) != OUCH50_OK)
        return;
    bool unknown_tag = message.appendage.present & OUCH50_TAG_BIT(OUCH50_TAG_UNKNOWN);
    message.appendage.present &= ~OUCH50_TAG_BIT(OUCH50_TAG_UNKNOWN);
    size_t written = ouch50_encode_client(&message, out, sizeof out);
    check(written > 0);
    check(unknown_tag ? written < length_bytes : written == length_bytes);
    check(ouch50_encode_client(&message, out, written - 1) == 0);
    check(ouch50_encode_client(&message, out, written) == written);
    check(ouch50_decode_client(out, written, &again) == OUCH50_OK);
    check(memcmp(&again, &message, sizeof message) == 0);
}

static void server_check(const uint8_t *bytes, size_t length_bytes) {
    struct ouch50_message message, again;
    unsigned char out[OUCH50_MESSAGE_BYTES_MAX];

    if (ouch50_decode_server(bytes, length_bytes, &message) != OUCH50_OK)
        return;
    message.appendage.present &= ~OUCH50_TAG_BIT(OUCH50_TAG_UNKNOWN);
    size_t written = ouch50_encode_server(&message, out, sizeof out);
    check(written > 0);
    check(written <= length_bytes);
    check(ouch50_decode_server(out, written, &again) == OUCH50_OK);
    check(memcmp(&again, &message, sizeof message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes) {
    client_check(bytes, length_bytes);
    server_check(bytes, length_bytes);
    return 0;
}
