/* JSON that comes in, through jansson, bounded in length, depth and number of members. Numbers with a point or
 * an exponent are put into quotes before jansson sees them, so that their digits arrive as they were written. */
#ifndef WEB_JSON_IN_H
#define WEB_JSON_IN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "web/limits.h"

struct json_member {
    char name[PARAMETER_NAME_BYTES_MAX + 1];
    char value[PARAMETER_BYTES_MAX + 1]; /* text; numbers as digits; booleans as true and false */
};

/* NULL, and what is wrong in `detail` (API_MESSAGE_BYTES), when it is no JSON object within the bounds. */
json_t *json_in_object(const char *text, size_t length, char *detail);
/* Reads an object whose members are texts, numbers or booleans; null counts as not sent. */
NODISCARD bool json_in_flat(const char *text, size_t length,
                            struct json_member members[PARAMETERS_MAX], size_t *member_count,
                            char *detail);

#endif
