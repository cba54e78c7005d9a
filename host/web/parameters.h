/* What a request asks for, as names and values, whether it came in a query or in a JSON body. Names that mean
 * the same (market and symbol, order_id and orderId) are one here. */
#ifndef WEB_PARAMETERS_H
#define WEB_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "web/api_error.h"
#include "web/limits.h"

enum parameter {
    PARAMETER_SYMBOL,
    PARAMETER_SIDE,
    PARAMETER_TYPE,
    PARAMETER_PRICE,
    PARAMETER_QUANTITY,
    PARAMETER_USER_ID,
    PARAMETER_ORDER_ID,
    PARAMETER_CLIENT_ORDER_ID,
    PARAMETER_TIME_IN_FORCE,
    PARAMETER_POST_ONLY,
    PARAMETER_STOP_PRICE,
    PARAMETER_STOP_TYPE,
    PARAMETER_SELF_TRADE,
    PARAMETER_LIMIT,
    PARAMETER_STEP,
    PARAMETER_INTERVAL,
    PARAMETER_START_TIME,
    PARAMETER_END_TIME,
    PARAMETER_COMMAND,
    PARAMETER_EXEC_TYPE,
    PARAMETER_COUNT
};

struct parameters {
    bool sent[PARAMETER_COUNT];
    char values[PARAMETER_COUNT][PARAMETER_BYTES_MAX + 1]; /* NUL-terminated */
};

void parameters_clear(struct parameters *parameters);
/* One name and value of a query; unknown names are ignored, the first of a name counts. FAULT_BAD_PARAMETER:
 * too long. */
NODISCARD enum api_fault parameters_add(struct parameters *parameters, const char *name,
                                        size_t name_length, const char *value, size_t value_length);
/* The body: one flat object. Numbers are taken as they are written, never through floating point. What the body
 * says comes before what the query said. `detail` (API_MESSAGE_BYTES) names what is wrong. */
NODISCARD enum api_fault parameters_read_json(struct parameters *parameters, const char *text,
                                              size_t length, char *detail);

/* NULL when it was not sent. */
const char *parameters_get(const struct parameters *parameters, enum parameter parameter);
/* As it is documented: "order_id". */
const char *parameter_name(enum parameter parameter);

#endif
