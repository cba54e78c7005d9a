#include "web/parameters.h"

#include <string.h>

#include "web/json_in.h"

static const struct {
    const char *name;
    enum parameter parameter;
} names[] = {
    {"market", PARAMETER_SYMBOL},
    {"symbol", PARAMETER_SYMBOL},
    {"side", PARAMETER_SIDE},
    {"type", PARAMETER_TYPE},
    {"price", PARAMETER_PRICE},
    {"quantity", PARAMETER_QUANTITY},
    {"qty", PARAMETER_QUANTITY},
    {"amount", PARAMETER_QUANTITY},
    {"user_id", PARAMETER_USER_ID},
    {"userId", PARAMETER_USER_ID},
    {"order_id", PARAMETER_ORDER_ID},
    {"orderId", PARAMETER_ORDER_ID},
    {"client_order_id", PARAMETER_CLIENT_ORDER_ID},
    {"newClientOrderId", PARAMETER_CLIENT_ORDER_ID},
    {"origClientOrderId", PARAMETER_CLIENT_ORDER_ID},
    {"time_in_force", PARAMETER_TIME_IN_FORCE},
    {"timeInForce", PARAMETER_TIME_IN_FORCE},
    {"post_only", PARAMETER_POST_ONLY},
    {"postOnly", PARAMETER_POST_ONLY},
    {"stop_price", PARAMETER_STOP_PRICE},
    {"stopPrice", PARAMETER_STOP_PRICE},
    {"stop_type", PARAMETER_STOP_TYPE},
    {"self_trade", PARAMETER_SELF_TRADE},
    {"selfTradePreventionMode", PARAMETER_SELF_TRADE},
    {"limit", PARAMETER_LIMIT},
    {"step", PARAMETER_STEP},
    {"interval", PARAMETER_INTERVAL},
    {"start_time", PARAMETER_START_TIME},
    {"startTime", PARAMETER_START_TIME},
    {"end_time", PARAMETER_END_TIME},
    {"endTime", PARAMETER_END_TIME},
    {"command", PARAMETER_COMMAND},
    {"exec_type", PARAMETER_EXEC_TYPE},
};

void parameters_clear(struct parameters *parameters) {
    memset(parameters->sent, 0, sizeof parameters->sent);
}

static int parameter_find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)
            return names[i].parameter;
    return -1;
}

const char *parameter_name(enum parameter parameter) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].parameter == parameter)
            return names[i].name;
    return "";
}

static void parameter_set(struct parameters *parameters, int parameter, const char *value,
                          size_t length) {
    parameters->sent[parameter] = true;
    memcpy(parameters->values[parameter], value, length);
    parameters->values[parameter][length] = '\0';
}

enum api_fault parameters_add(struct parameters *parameters, const char *name, size_t name_length,
                              const char *value, size_t value_length) {
    int parameter = parameter_find(name, name_length);

    if (parameter < 0 || parameters->sent[parameter])
        return FAULT_NONE;
    if (value_length > PARAMETER_BYTES_MAX || memchr(value, 0, value_length) != NULL)
        return FAULT_BAD_PARAMETER;
    parameter_set(parameters, parameter, value, value_length);
    return FAULT_NONE;
}

enum api_fault parameters_read_json(struct parameters *parameters, const char *text, size_t length,
                                    char *detail) {
    struct json_member members[PARAMETERS_MAX];
    bool from_body[PARAMETER_COUNT] = {false};
    size_t count = 0;

    if (!json_in_flat(text, length, members, &count, detail))
        return FAULT_BAD_JSON;
    for (size_t i = 0; i < count; i++) {
        int parameter = parameter_find(members[i].name, strlen(members[i].name));
        if (parameter < 0)
            continue;
        if (from_body[parameter]) {
            strcpy(detail, "two names of one parameter");
            return FAULT_BAD_JSON;
        }
        from_body[parameter] = true;
        parameter_set(parameters, parameter, members[i].value, strlen(members[i].value));
    }
    return FAULT_NONE;
}

const char *parameters_get(const struct parameters *parameters, enum parameter parameter) {
    return parameters->sent[parameter] ? parameters->values[parameter] : NULL;
}
