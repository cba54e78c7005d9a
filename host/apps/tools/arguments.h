/* Reading a command's words: numbers, decimals and names, each with a sentence when it is wrong. */
#ifndef TOOLS_ARGUMENTS_H
#define TOOLS_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/amount.h"
#include "base/check.h"

/* All say what is wrong on standard error and answer false. */
NODISCARD bool argument_number(const char *name, const char *text, uint64_t max, uint64_t *value);
/* A decimal in units, exactly, at 10^scale. */
NODISCARD bool argument_decimal(const char *name, const char *text, unsigned scale, amount_t max,
                                amount_t *value);
/* 1 to bytes characters of A-Z a-z 0-9 _ - . into a NUL padded field. */
NODISCARD bool argument_name(const char *name, const char *text, char *field, size_t bytes);

#endif
