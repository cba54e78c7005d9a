#include "web/order_request.h"

#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "core/matcher.h"
#include "core/verdict.h"

#define TICK_SCALE 8
static const struct api_error fine = {0};

bool whole_read(const char *text, uint64_t max, uint64_t *value) {
    amount_t number;

    if (strchr(text, '.') != NULL ||
        decimal_read(text, strlen(text), 0, (amount_t)max, &number) != DECIMAL_OK)
        return false;
    *value = (uint64_t)number;
    return true;
}

struct api_error order_request_account(const struct market_view *view,
                                       const struct parameters *parameters, uint32_t *account) {
    const char *text = parameters_get(parameters, PARAMETER_USER_ID);
    uint64_t number;

    if (text == NULL)
        return api_error_make(FAULT_MISSING_PARAMETER, "user_id");
    if (!whole_read(text, UINT32_MAX - 1, &number))
        return api_error_make(FAULT_BAD_PARAMETER, "user_id");
    if (number < ACCOUNT_FIRST_CLIENT ||
        directory_account(&view->directory, (uint32_t)number) == NULL)
        return api_error_of_verdict(VERDICT_UNKNOWN_ACCOUNT);
    *account = (uint32_t)number;
    return fine;
}

struct api_error order_request_instrument(const struct market_view *view,
                                          const struct parameters *parameters, bool is_needed,
                                          uint16_t *instrument) {
    const char *text = parameters_get(parameters, PARAMETER_SYMBOL);

    *instrument = INSTRUMENT_NONE;
    if (text == NULL)
        return is_needed ? api_error_make(FAULT_MISSING_PARAMETER, "market") : fine;
    *instrument = directory_find(&view->directory, text, strlen(text));
    if (*instrument == INSTRUMENT_NONE)
        return api_error_of_verdict(VERDICT_UNKNOWN_INSTRUMENT);
    return fine;
}

struct api_error order_request_ticks(const struct listed_instrument *instrument, const char *text,
                                     uint32_t *price_ticks) {
    amount_t most_e8 = (amount_t)UINT32_MAX * instrument->tick_e8;
    amount_t value_e8;

    if (text[0] == '-')
        return api_error_of_verdict(VERDICT_PRICE);
    switch (decimal_read(text, strlen(text), TICK_SCALE, most_e8, &value_e8)) {
    case DECIMAL_OK: break;
    case DECIMAL_MALFORMED: return api_error_make(FAULT_BAD_PARAMETER, "a price");
    case DECIMAL_TOO_PRECISE: return api_error_of_verdict(VERDICT_OFF_TICK);
    case DECIMAL_TOO_LARGE: return api_error_of_verdict(VERDICT_PRICE);
    }
    if (value_e8 == 0)
        return api_error_of_verdict(VERDICT_PRICE);
    if (value_e8 % instrument->tick_e8 != 0)
        return api_error_of_verdict(VERDICT_OFF_TICK);
    *price_ticks = (uint32_t)(value_e8 / instrument->tick_e8);
    return fine;
}

static struct api_error lots_read(const struct market_view *view,
                                  const struct listed_instrument *instrument, const char *text,
                                  uint64_t *qty_lots) {
    const struct listed_asset *base = &view->directory.assets[instrument->base_asset];
    amount_t most_atoms = (amount_t)UINT32_MAX * instrument->lot_atoms;
    amount_t value_atoms;

    if (text[0] == '-')
        return api_error_of_verdict(VERDICT_QTY);
    switch (decimal_read(text, strlen(text), base->decimals, most_atoms, &value_atoms)) {
    case DECIMAL_OK: break;
    case DECIMAL_MALFORMED: return api_error_make(FAULT_BAD_PARAMETER, "quantity");
    case DECIMAL_TOO_PRECISE: return api_error_of_verdict(VERDICT_OFF_LOT);
    case DECIMAL_TOO_LARGE: return api_error_of_verdict(VERDICT_QTY);
    }
    if (value_atoms == 0)
        return api_error_of_verdict(VERDICT_QTY);
    if (value_atoms % instrument->lot_atoms != 0)
        return api_error_of_verdict(VERDICT_OFF_LOT);
    *qty_lots = (uint64_t)(value_atoms / instrument->lot_atoms);
    return fine;
}

/* Which of the words it is, in any case; -1: none. */
static int word_find(const char *text, const char *const *words, int count) {
    for (int i = 0; i < count; i++)
        if (strcasecmp(text, words[i]) == 0)
            return i;
    return -1;
}

/* A choice that need not be made: without the parameter, the first word. */
static struct api_error choice_read(const struct parameters *parameters, enum parameter parameter,
                                    const char *const *words, int count, uint8_t *choice) {
    const char *text = parameters_get(parameters, parameter);

    *choice = 0;
    if (text == NULL)
        return fine;
    int found = word_find(text, words, count);
    if (found < 0)
        return api_error_make(FAULT_BAD_PARAMETER, parameter_name(parameter));
    *choice = (uint8_t)found;
    return fine;
}

static struct api_error choices_read(const struct parameters *parameters,
                                     struct command_record *command, uint8_t *is_take_profit) {
    static const char *const sides[] = {"buy", "sell"};
    static const char *const types[] = {"limit", "market"};
    static const char *const tifs[] = {"GTC", "IOC", "FOK"};
    static const char *const bools[] = {"false", "true"};
    static const char *const stop_types[] = {"stop", "take_profit"};
    static const char *const stps[] = {"none", "expire_taker", "expire_maker", "expire_both",
                                       "decrement"};
    struct api_error error;

    if (parameters_get(parameters, PARAMETER_SIDE) == NULL)
        return api_error_make(FAULT_MISSING_PARAMETER, "side");
    error = choice_read(parameters, PARAMETER_SIDE, sides, 2, &command->side);
    if (error.status == 0)
        error = choice_read(parameters, PARAMETER_TYPE, types, 2, &command->type);
    if (error.status == 0)
        error = choice_read(parameters, PARAMETER_TIME_IN_FORCE, tifs, 3, &command->tif);
    if (error.status == 0)
        error = choice_read(parameters, PARAMETER_POST_ONLY, bools, 2, &command->post_only);
    if (error.status == 0)
        error = choice_read(parameters, PARAMETER_STOP_TYPE, stop_types, 2, is_take_profit);
    if (error.status == 0)
        error = choice_read(parameters, PARAMETER_SELF_TRADE, stps, 5, &command->stp);
    if (command->type == ORDER_TYPE_MARKET && command->tif == TIF_GTC)
        command->tif = TIF_IOC;
    return error;
}

static struct api_error prices_read(const struct listed_instrument *instrument,
                                    const struct parameters *parameters, uint8_t is_take_profit,
                                    struct command_record *command) {
    const char *price = parameters_get(parameters, PARAMETER_PRICE);
    const char *stop = parameters_get(parameters, PARAMETER_STOP_PRICE);
    bool is_market = command->type == ORDER_TYPE_MARKET;
    struct api_error error = fine;

    if (price == NULL && !is_market)
        return api_error_make(FAULT_MISSING_PARAMETER, "price");
    if (price != NULL)
        error = order_request_ticks(instrument, price,
                                    is_market ? &command->limit_ticks : &command->price_ticks);
    if (error.status != 0 || stop == NULL)
        return error;
    bool buys = command->side == SIDE_BUY;
    command->trigger = buys == (is_take_profit == 0) ? TRIGGER_ABOVE : TRIGGER_BELOW;
    return order_request_ticks(instrument, stop, &command->trigger_ticks);
}

static bool client_id_is_valid(const char *text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._:/-";
    size_t length = strlen(text);

    return length >= 1 && length <= CLIENT_ORDER_ID_BYTES && strspn(text, letters) == length;
}

static struct api_error client_id_read(const struct parameters *parameters, uint64_t request_id,
                                       struct command_record *command) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    const char *text = parameters_get(parameters, PARAMETER_CLIENT_ORDER_ID);
    char made[16] = "web-";
    char backwards[16];
    size_t count = 0;

    if (text == NULL) {
        do
            backwards[count++] = digits[request_id % 36];
        while ((request_id /= 36) != 0 && count < 11);
        for (size_t i = 0; i < count; i++)
            made[4 + i] = backwards[count - 1 - i];
        made[4 + count] = '\0';
        text = made;
    } else if (!client_id_is_valid(text)) {
        return api_error_make(FAULT_BAD_CLIENT_ID, NULL);
    }
    command->client_order_id_length = (uint8_t)strlen(text);
    memcpy(command->client_order_id, text, strlen(text));
    return fine;
}

static void command_start(union record *record, enum command_op op, uint16_t instrument,
                          uint32_t account, uint64_t request_id) {
    memset(record, 0, sizeof *record);
    record->head = (struct record_head){
        .kind = RECORD_COMMAND, .units = record_units(RECORD_COMMAND), .instrument = instrument};
    record->request =
        (struct request){.request_id = request_id, .account = account, .door = DOOR_WEB};
    record->command.op = (uint8_t)op;
}

struct api_error order_request_new(const struct market_view *view,
                                   const struct parameters *parameters, uint64_t request_id,
                                   union record *record) {
    const char *qty = parameters_get(parameters, PARAMETER_QUANTITY);
    uint16_t instrument;
    uint32_t account = 0;
    uint8_t is_take_profit = 0;
    union record made;
    struct api_error error = order_request_instrument(view, parameters, true, &instrument);

    if (error.status != 0)
        return error;
    const struct listed_instrument *listed = directory_instrument(&view->directory, instrument);
    error = order_request_account(view, parameters, &account);
    command_start(&made, COMMAND_NEW, instrument, account, request_id);
    if (error.status == 0)
        error = choices_read(parameters, &made.command, &is_take_profit);
    if (error.status == 0 && qty == NULL)
        error = api_error_make(FAULT_MISSING_PARAMETER, "quantity");
    if (error.status == 0)
        error = lots_read(view, listed, qty, &made.command.qty_lots);
    if (error.status == 0)
        error = prices_read(listed, parameters, is_take_profit, &made.command);
    if (error.status == 0)
        error = client_id_read(parameters, request_id, &made.command);
    if (error.status == 0)
        *record = made;
    return error;
}

struct api_error order_request_cancel(const struct market_view *view,
                                      const struct parameters *parameters, uint64_t request_id,
                                      union record *record) {
    const char *number = parameters_get(parameters, PARAMETER_ORDER_ID);
    const char *client_id = parameters_get(parameters, PARAMETER_CLIENT_ORDER_ID);
    const struct order_view *order = NULL;
    uint64_t order_no = 0;
    uint32_t account = 0;
    uint16_t instrument;
    struct api_error error = order_request_account(view, parameters, &account);

    if (error.status == 0)
        error = order_request_instrument(view, parameters, false, &instrument);
    if (error.status != 0)
        return error;
    if (number == NULL && client_id == NULL)
        return api_error_make(FAULT_MISSING_PARAMETER, "order_id or client_order_id");
    if (number != NULL && !whole_read(number, UINT64_MAX, &order_no))
        return api_error_make(FAULT_BAD_PARAMETER, "order_id");
    if (number != NULL)
        order = orders_view_find(&view->orders, order_no);
    else
        order = orders_view_find_client_id(&view->orders, account, client_id, strlen(client_id));
    if (order == NULL || order->account != account || order_view_is_finished(order) ||
        (instrument != INSTRUMENT_NONE && instrument != order->instrument))
        return api_error_of_verdict(VERDICT_UNKNOWN_ORDER);
    if (client_id != NULL &&
        (strlen(client_id) != order->client_order_id_length ||
         memcmp(client_id, order->client_order_id, order->client_order_id_length) != 0))
        return api_error_of_verdict(VERDICT_UNKNOWN_ORDER);
    command_start(record, COMMAND_CANCEL, order->instrument, account, request_id);
    record->command.order_no = order->order_no;
    return fine;
}

struct api_error order_request_cancel_all(const struct market_view *view,
                                          const struct parameters *parameters, uint64_t request_id,
                                          union record *record) {
    uint32_t account = 0;
    uint16_t instrument;
    struct api_error error = order_request_account(view, parameters, &account);

    if (error.status == 0)
        error = order_request_instrument(view, parameters, false, &instrument);
    if (error.status == 0)
        command_start(record, COMMAND_CANCEL_ALL, instrument, account, request_id);
    return error;
}

void order_request_sweep(uint32_t account, uint64_t request_id, union record *record) {
    command_start(record, COMMAND_CANCEL_ALL, INSTRUMENT_NONE, account, request_id);
}
