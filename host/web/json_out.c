#include "web/json_out.h"

#include <string.h>

#include "base/check.h"
#include "base/decimal.h"

static void put(struct json_out *out, const char *bytes, size_t count) {
    check(count <= out->max - out->used);
    memcpy(out->bytes + out->used, bytes, count);
    out->used += count;
}

static void put_byte(struct json_out *out, char byte) {
    put(out, &byte, 1);
}

/* A value needs a comma before it unless it opens the text or follows an opening or a key. */
static void separate(struct json_out *out) {
    if (out->used == 0)
        return;
    char last = out->bytes[out->used - 1];
    if (last != '{' && last != '[' && last != ':')
        put_byte(out, ',');
}

void json_out_object(struct json_out *out) {
    separate(out);
    put_byte(out, '{');
}

void json_out_object_end(struct json_out *out) {
    put_byte(out, '}');
}

void json_out_array(struct json_out *out) {
    separate(out);
    put_byte(out, '[');
}

void json_out_array_end(struct json_out *out) {
    put_byte(out, ']');
}

void json_out_key(struct json_out *out, const char *key) {
    separate(out);
    put_byte(out, '"');
    put(out, key, strlen(key));
    put(out, "\":", 2);
}

void json_out_text(struct json_out *out, const char *text, size_t length) {
    static const char hex[] = "0123456789abcdef";

    separate(out);
    put_byte(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\') {
            put_byte(out, '\\');
            put_byte(out, (char)byte);
        } else if (byte < 0x20) {
            char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
            put(out, escape, sizeof escape);
        } else {
            put_byte(out, (char)byte);
        }
    }
    put_byte(out, '"');
}

void json_out_string(struct json_out *out, const char *text) {
    json_out_text(out, text, strlen(text));
}

void json_out_integer(struct json_out *out, int64_t value) {
    char text[DECIMAL_TEXT_BYTES];
    size_t length = decimal_print(text, value, 0);

    separate(out);
    put(out, text, length);
}

static void put_quoted(struct json_out *out, const char *text, size_t length) {
    separate(out);
    put_byte(out, '"');
    put(out, text, length);
    put_byte(out, '"');
}

void json_out_quoted_integer(struct json_out *out, uint64_t value) {
    char text[DECIMAL_TEXT_BYTES];

    put_quoted(out, text, decimal_print(text, value, 0));
}

void json_out_bool(struct json_out *out, bool value) {
    separate(out);
    if (value)
        put(out, "true", 4);
    else
        put(out, "false", 5);
}

void json_out_null(struct json_out *out) {
    separate(out);
    put(out, "null", 4);
}

void json_out_decimal(struct json_out *out, amount_t value, unsigned scale) {
    char text[DECIMAL_TEXT_BYTES];

    put_quoted(out, text, decimal_print(text, value, scale));
}

void json_out_decimal_cut(struct json_out *out, amount_t value, unsigned scale, unsigned shown) {
    check(shown <= scale);
    for (; scale > shown; scale--)
        value /= 10;
    json_out_decimal(out, value, scale);
}

void json_out_raw(struct json_out *out, const char *bytes, size_t count) {
    separate(out);
    put(out, bytes, count);
}
