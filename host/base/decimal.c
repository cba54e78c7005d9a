#include "base/decimal.h"

#include <stdbool.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Digits, or digits, a point and digits. *point receives where the point is, or would be. */
static bool decimal_well_formed(const char *text, size_t length, size_t *point) {
    *point = length;
    if (length == 0 || length > DECIMAL_READ_BYTES_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (is_digit(text[i]))
            continue;
        if (text[i] != '.' || *point != length)
            return false;
        *point = i;
    }
    return *point != 0 && *point != length - 1;
}

/* *value * 10 + digit, refused above max. */
static bool decimal_append(amount_t *value, unsigned digit, amount_t max) {
    if (*value > max / 10)
        return false;
    amount_t shifted = *value * 10;
    if ((amount_t)digit > max - shifted)
        return false;
    *value = shifted + (amount_t)digit;
    return true;
}

enum decimal_result decimal_read(const char *text, size_t length, unsigned scale, amount_t max,
                                 amount_t *value) {
    check(scale <= DECIMAL_SCALE_MAX);
    check(max >= 0);
    size_t point;

    if (!decimal_well_formed(text, length, &point))
        return DECIMAL_MALFORMED;

    size_t end = length;
    if (point != length) {
        while (end > point + 1 && text[end - 1] == '0')
            end--;
        if (end - point - 1 > scale)
            return DECIMAL_TOO_PRECISE;
    }

    amount_t sum = 0;
    unsigned decimals = 0;
    for (size_t i = 0; i < end; i++) {
        if (i == point)
            continue;
        if (!decimal_append(&sum, (unsigned)(text[i] - '0'), max))
            return DECIMAL_TOO_LARGE;
        decimals += i > point;
    }
    for (; decimals < scale; decimals++)
        if (!decimal_append(&sum, 0, max))
            return DECIMAL_TOO_LARGE;
    *value = sum;
    return DECIMAL_OK;
}

size_t decimal_print(char text[DECIMAL_TEXT_BYTES], amount_t value, unsigned scale) {
    check(scale <= DECIMAL_SCALE_MAX);
    char reversed[DECIMAL_TEXT_BYTES];
    size_t count = 0;
    /* The negation as unsigned: the most negative amount has no positive twin. */
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;

    for (unsigned place = 0; place <= scale || rest != 0; place++) {
        if (place == scale && scale != 0)
            reversed[count++] = '.';
        reversed[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (value < 0)
        reversed[count++] = '-';

    for (size_t i = 0; i < count; i++)
        text[i] = reversed[count - 1 - i];
    text[count] = '\0';
    return count;
}
