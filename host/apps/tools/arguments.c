#include "apps/tools/arguments.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

bool argument_decimal(const char *name, const char *text, unsigned scale, amount_t max,
                      amount_t *value) {
    switch (decimal_read(text, strlen(text), scale, max, value)) {
    case DECIMAL_OK: return true;
    case DECIMAL_MALFORMED:
        fprintf(stderr, "crosspoint: %s: '%s' is no plain decimal like 0.10\n", name, text);
        return false;
    case DECIMAL_TOO_PRECISE:
        fprintf(stderr, "crosspoint: %s: '%s' has more than %u decimals\n", name, text, scale);
        return false;
    case DECIMAL_TOO_LARGE:
        fprintf(stderr, "crosspoint: %s: '%s' is too large\n", name, text);
        return false;
    }
    return false;
}

bool argument_number(const char *name, const char *text, uint64_t max, uint64_t *value) {
    amount_t number;

    if (!argument_decimal(name, text, 0, (amount_t)max, &number))
        return false;
    *value = (uint64_t)number;
    return true;
}

bool argument_name(const char *name, const char *text, char *field, size_t bytes) {
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(text);

    if (length == 0 || length > bytes || strspn(text, allowed) != length) {
        fprintf(stderr, "crosspoint: %s: '%s' must be 1 to %zu letters, digits, '_', '-' or '.'\n",
                name, text, bytes);
        return false;
    }
    memset(field, 0, bytes);
    memcpy(field, text, length);
    return true;
}
