/* Writes JSON into the caller's buffer. Numbers are integers, or exact decimals in quotes; there is no floating
 * point in it. Commas are set where they belong. A buffer that is too small is our mistake: check. */
#ifndef WEB_JSON_OUT_H
#define WEB_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/amount.h"

struct json_out {
    char *bytes;
    size_t used;
    size_t max;
};

static inline struct json_out json_out_on(char *bytes, size_t max) {
    return (struct json_out){.bytes = bytes, .max = max};
}

void json_out_object(struct json_out *out);
void json_out_object_end(struct json_out *out);
void json_out_array(struct json_out *out);
void json_out_array_end(struct json_out *out);
/* Keys are ours and need no escaping. */
void json_out_key(struct json_out *out, const char *key);
/* Escapes; bytes that are not ASCII pass as they are, and must be UTF-8. */
void json_out_text(struct json_out *out, const char *text, size_t length);
void json_out_string(struct json_out *out, const char *text);
void json_out_integer(struct json_out *out, int64_t value);
/* In quotes: for ids that a reader may treat as text. */
void json_out_quoted_integer(struct json_out *out, uint64_t value);
void json_out_bool(struct json_out *out, bool value);
void json_out_null(struct json_out *out);
/* "12.50": value / 10^scale with all its decimals, in quotes. */
void json_out_decimal(struct json_out *out, amount_t value, unsigned scale);
/* The same with `shown` decimals, at most scale, the rest cut off toward zero. */
void json_out_decimal_cut(struct json_out *out, amount_t value, unsigned scale, unsigned shown);
/* A piece that is JSON already. */
void json_out_raw(struct json_out *out, const char *bytes, size_t count);

#endif
