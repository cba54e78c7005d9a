/* The grammar of the readable form as tables, shared by its reader and its printer: which words there are,
 * which keys each takes, in which order, how wide, and where the value lives. */
#ifndef CORE_READABLE_FORM_H
#define CORE_READABLE_FORM_H

#include "core/readable.h"

enum field_type { FIELD_NUMBER, FIELD_HANDLE, FIELD_CHOICE };

/* A field that only one type of order has. */
enum field_scope { SCOPE_ALWAYS, SCOPE_LIMIT_ORDER, SCOPE_MARKET_ORDER };

struct readable_field {
    const char *key;
    const char *const
        *choices; /* FIELD_CHOICE: the words of the values 0, 1, ...; NULL ends them */
    uint64_t min;
    uint64_t max;
    uint16_t offset; /* in struct readable_line */
    uint8_t bytes;
    uint8_t type;  /* enum field_type */
    uint8_t scope; /* enum field_scope */
};

#define READABLE_FIELD_MAX 12

struct readable_form {
    const char *word;
    enum readable_kind kind;
    uint8_t op; /* of a command */
    uint8_t field_count;
    struct readable_field fields[READABLE_FIELD_MAX];
};

#define READABLE_FORM_COUNT 9
extern const struct readable_form readable_forms[READABLE_FORM_COUNT];

#endif
