/* What can go wrong with a request, as the client sees it: an HTTP status, a number, a name and a sentence.
 * The numbers are those that clients of other exchanges know already. */
#ifndef WEB_API_ERROR_H
#define WEB_API_ERROR_H

#include <stdint.h>

#include "web/json_out.h"

enum api_fault {
    FAULT_NONE = 0,
    FAULT_BAD_JSON,
    FAULT_MISSING_PARAMETER,
    FAULT_BAD_PARAMETER,
    FAULT_BAD_INTERVAL,
    FAULT_BAD_CLIENT_ID,
    FAULT_NOT_LOCAL,
    FAULT_UNKNOWN_ROUTE,
    FAULT_METHOD,
    FAULT_LENGTH_REQUIRED,
    FAULT_TOO_LARGE,
    FAULT_EXCHANGE_AWAY,
    FAULT_OVERLOADED,
    FAULT_OUTCOME_UNKNOWN,
    FAULT_NO_GUEST,
    FAULT_TOO_MANY,
    FAULT_NOT_FOUND, /* no such file of the page */
    FAULT_COUNT
};

#define API_MESSAGE_BYTES 160
struct api_error {
    uint16_t status; /* HTTP; 0 = no error */
    int32_t code;
    const char *reason;
    char message[API_MESSAGE_BYTES];
};

/* `detail` is appended in parentheses, e.g. the parameter's name; NULL: nothing. */
struct api_error api_error_make(enum api_fault fault, const char *detail);
/* The engine's or the door's refusal. */
struct api_error api_error_of_verdict(uint16_t verdict);
/* The matcher's; `why` is enum reject_why. */
struct api_error api_error_of_reject(uint8_t why);
/* {"code":-1121,"msg":"...","reason":"..."} */
void api_error_write(struct json_out *out, const struct api_error *error);

#endif
