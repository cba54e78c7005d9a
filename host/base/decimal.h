/* Decimal text to whole numbers and back, exactly: "0.10" at scale 8 is 10000000.
 *
 * A number is read only if it is digits, or digits, a point and digits: no sign, exponent, space, comma or bare
 * point. Zeros at the end are not precision: "0.1000" has scale 1. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>

#include "base/amount.h"
#include "base/check.h"

#define DECIMAL_SCALE_MAX      38
#define DECIMAL_READ_BYTES_MAX 64 /* longer text is DECIMAL_MALFORMED */
#define DECIMAL_TEXT_BYTES     48 /* sign, 39 digits, zero, point, NUL, and some */

enum decimal_result {
    DECIMAL_OK,
    DECIMAL_MALFORMED,
    DECIMAL_TOO_PRECISE, /* more decimals than the scale holds */
    DECIMAL_TOO_LARGE,   /* above `max` */
};

/* Reads `length` bytes of `text` (no NUL needed) into *value = number * 10^scale, 0 <= *value <= max.
 * *value is untouched unless the answer is DECIMAL_OK. */
NODISCARD enum decimal_result decimal_read(const char *text, size_t length, unsigned scale,
                                           amount_t max, amount_t *value);

/* Writes value / 10^scale with all `scale` decimals ("-0.10"; scale 0: no point) and a NUL; returns the length
 * without it. Any value. */
size_t decimal_print(char text[DECIMAL_TEXT_BYTES], amount_t value, unsigned scale);

#endif
