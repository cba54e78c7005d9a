#include "wire/layout.h"

#include <string.h>

#include "base/bytes.h"

void layout_load(const struct layout_field *field, const unsigned char *from, void *message) {
    unsigned char *into = (unsigned char *)message + field->into;

    if (field->kind == LAYOUT_IS_TEXT || field->bytes == 1) {
        memcpy(into, from, field->bytes);
    } else if (field->bytes == 2) {
        uint16_t value = bytes_load_be16(from);
        memcpy(into, &value, sizeof value);
    } else if (field->bytes == 4) {
        uint32_t value = bytes_load_be32(from);
        memcpy(into, &value, sizeof value);
    } else {
        uint64_t value = field->bytes == 6 ? bytes_load_be48(from) : bytes_load_be64(from);
        memcpy(into, &value, sizeof value);
    }
}

void layout_store(const struct layout_field *field, const void *message, unsigned char *to) {
    const unsigned char *from = (const unsigned char *)message + field->into;

    if (field->kind == LAYOUT_IS_TEXT || field->bytes == 1)
        memcpy(to, from, field->bytes);
    else if (field->bytes == 2)
        bytes_store_be16(to, bytes_load_le16(from));
    else if (field->bytes == 4)
        bytes_store_be32(to, bytes_load_le32(from));
    else if (field->bytes == 6)
        bytes_store_be48(to, bytes_load_le64(from));
    else
        bytes_store_be64(to, bytes_load_le64(from));
}

void layout_decode(const struct layout *layout, const unsigned char *bytes, void *message) {
    for (uint32_t i = 0; i < layout->field_count; i++)
        layout_load(&layout->fields[i], bytes + layout->fields[i].at, message);
}

void layout_encode(const struct layout *layout, const void *message, unsigned char *bytes) {
    for (uint32_t i = 0; i < layout->field_count; i++)
        layout_store(&layout->fields[i], message, bytes + layout->fields[i].at);
}
