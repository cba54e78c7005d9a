#include <string.h>

#include "core/engine_state.h"

#define DOOR_FLAGS                                                                                 \
    (REQUEST_QTY_IS_TOTAL | REQUEST_OR_CANCEL | REQUEST_QUIET | REQUEST_ON_DISCONNECT)

/* ---- form: after this every field of the command means something, or is zero ---- */

static bool clean_enum(uint8_t *value, uint8_t last) {
    if (*value <= last)
        return true;
    *value = 0;
    return false;
}

static bool clean_client_id(struct command_record *command) {
    static const char no_id[CLIENT_ORDER_ID_BYTES];
    size_t length = command->client_order_id_length;

    if (length == 0 && memcmp(command->client_order_id, no_id, sizeof no_id) == 0)
        return true;
    if (length <= CLIENT_ORDER_ID_BYTES &&
        text_is_padded(command->client_order_id, CLIENT_ORDER_ID_BYTES) &&
        strnlen(command->client_order_id, CLIENT_ORDER_ID_BYTES) == length)
        return true;
    command->client_order_id_length = 0;
    memset(command->client_order_id, 0, sizeof command->client_order_id);
    return false;
}

/* Only NEW and REPLACE describe an order. */
static void clear_terms(struct command_record *command) {
    command->price_ticks = 0;
    command->limit_ticks = 0;
    command->trigger_ticks = 0;
    command->type = 0;
    command->tif = 0;
    command->stp = 0;
    command->post_only = 0;
    command->trigger = 0;
    command->user_ref = 0;
}

static void clear_unused(struct command_record *command) {
    uint32_t base_ticks = command->price_ticks;
    bool names_order = command->op == COMMAND_CANCEL || command->op == COMMAND_REDUCE ||
                       command->op == COMMAND_REPLACE;

    if (!names_order) {
        command->order_no = 0;
        command->orig_user_ref = 0;
    }
    if (command->op != COMMAND_NEW) {
        command->side = 0;
        command->limit_ticks = 0;
        command->trigger_ticks = 0;
        command->type = 0;
        command->trigger = 0;
    }
    if (command->op != COMMAND_NEW && command->op != COMMAND_REPLACE)
        clear_terms(command);
    if (command->op == COMMAND_SET_BAND)
        command->price_ticks = base_ticks;
    if (command->op != COMMAND_SET_STATE)
        command->state = 0;
    if (command->op != COMMAND_NEW && command->op != COMMAND_REPLACE &&
        command->op != COMMAND_REDUCE)
        command->qty_lots = 0;
    if (command->type == ORDER_TYPE_MARKET)
        command->price_ticks = 0;
    else
        command->limit_ticks = 0;
    if (command->trigger == TRIGGER_NONE)
        command->trigger_ticks = 0;
}

static void clear_engines_fields(struct command_record *command) {
    command->seq = 0;
    command->seen_lots = 0;
    command->hold_atoms = 0;
    command->handle = 0;
    command->new_handle = 0;
    command->owner = 0;
    memset(command->zero, 0, sizeof command->zero);
}

/* The instrument is the door's to name where no order names it. */
static bool clean_instrument(const struct engine *engine, struct command_record *command) {
    uint16_t instrument = command->head.instrument;
    bool is_listed = instrument < engine->instrument_count;

    switch ((enum command_op)command->op) {
    case COMMAND_CANCEL:
    case COMMAND_REDUCE:
    case COMMAND_REPLACE: command->head.instrument = INSTRUMENT_NONE; return true;
    case COMMAND_CANCEL_ALL:
        if (!is_listed)
            command->head.instrument = INSTRUMENT_NONE;
        return is_listed || instrument == INSTRUMENT_NONE;
    case COMMAND_NEW:
    case COMMAND_MASS_CANCEL:
    case COMMAND_SET_BAND:
    case COMMAND_SET_STATE:
    case COMMAND_TRIGGER: break;
    }
    if (!is_listed)
        command->head.instrument = INSTRUMENT_NONE;
    return true; /* the decision says UNKNOWN_INSTRUMENT */
}

/* False: a field had a value that means nothing. */
static bool command_clean(const struct engine *engine, enum door door,
                          struct command_record *command) {
    bool good = (command->request.flags & ~(DOOR_FLAGS | REQUEST_FLAWED | REQUEST_GENERATED)) == 0;

    command->request.flags &= DOOR_FLAGS;
    command->request.door = (uint8_t)door;
    if (command->op == 0 || command->op > COMMAND_CANCEL_ALL) {
        command->op = 0;
        good = false;
    }
    good &= clean_enum(&command->side, SIDE_SELL);
    good &= clean_enum(&command->type, ORDER_TYPE_MARKET);
    good &= clean_enum(&command->tif, TIF_FOK);
    good &= clean_enum(&command->stp, STP_DECREMENT);
    good &= clean_enum(&command->post_only, 1);
    good &= clean_enum(&command->state, STATE_CLOSED);
    good &= clean_enum(&command->trigger, TRIGGER_BELOW);
    good &= clean_client_id(command);
    good &= clean_instrument(engine, command);

    /* OUCH cancels down to a total: that is a reduction unless nothing is to stay. */
    if (command->op == COMMAND_CANCEL && (command->request.flags & REQUEST_QTY_IS_TOTAL) != 0 &&
        command->qty_lots != 0)
        command->op = COMMAND_REDUCE;
    if (door != DOOR_ORDER_ENTRY) {
        command->user_ref = 0;
        command->orig_user_ref = 0;
    }
    clear_unused(command);
    clear_engines_fields(command);
    return good;
}

/* ---- who may, and which order ---- */

static bool door_may_command(enum door door, uint8_t op) {
    switch ((enum command_op)op) {
    case COMMAND_NEW:
    case COMMAND_CANCEL:
    case COMMAND_REDUCE:
    case COMMAND_REPLACE:
    case COMMAND_MASS_CANCEL:
    case COMMAND_CANCEL_ALL: return true;
    case COMMAND_SET_BAND:
    case COMMAND_SET_STATE: return door == DOOR_OPERATOR || door == DOOR_ENGINE;
    case COMMAND_TRIGGER: return false;
    }
    return false;
}

static bool op_names_order(uint8_t op) {
    return op == COMMAND_CANCEL || op == COMMAND_REDUCE || op == COMMAND_REPLACE;
}

/* The operator may leave the account out where it follows, or where everyone is meant. */
static bool account_may_be_none(enum door door, const struct command_record *command) {
    uint8_t op = command->op;

    if (command->request.account != 0 || (door != DOOR_OPERATOR && door != DOOR_ENGINE))
        return false;
    return op == COMMAND_SET_BAND || op == COMMAND_SET_STATE || op == COMMAND_MASS_CANCEL ||
           op_names_order(op);
}

static uint32_t command_named_order(const struct engine *engine,
                                    const struct command_record *command) {
    uint32_t account = command->request.account;
    uint32_t index = ORDER_INDEX_NONE;

    if (!op_names_order(command->op))
        return ORDER_INDEX_NONE;
    if (command->order_no != 0)
        index = order_table_find(&engine->orders, command->order_no);
    else if (command->orig_user_ref != 0)
        index = order_table_find_user_ref(&engine->orders, account, command->orig_user_ref);
    else if (command->op != COMMAND_REPLACE && command->client_order_id_length != 0)
        index = order_table_find_client_id(&engine->orders, account, command->client_order_id);
    if (index == ORDER_INDEX_NONE)
        return ORDER_INDEX_NONE;
    if (account != 0 && engine->orders.orders[index].account != account)
        return ORDER_INDEX_NONE;
    return index;
}

/* Of an order on its way out, or that the matcher will have finished before it hears more, nothing can be asked. */
static bool order_can_be_named(const struct open_order *order) {
    if (order_is_waiting(order))
        return true;
    return order_can_rest(order) && order_expected_lots(order) != 0;
}

/* Names the order in the record. False: no such order is open. */
static bool command_resolve(struct engine *engine, struct draft *draft) {
    struct command_record *command = draft->command;
    uint32_t index = command_named_order(engine, command);

    if (index == ORDER_INDEX_NONE)
        return false;
    const struct open_order *order = engine_order(engine, index);
    if (!order_can_be_named(order))
        return false;
    draft->named = index;
    draft->account = account_table_find(&engine->accounts, order->account);
    command->order_no = order->order_no;
    command->head.instrument = order->instrument;
    command->side = order->side;
    command->request.account = order->account;
    return true;
}

static bool command_is_replace_of_replaced(struct engine *engine, const struct draft *draft) {
    return draft->command->op == COMMAND_REPLACE && draft->named != ORDER_INDEX_NONE &&
           engine_order(engine, draft->named)->replaced_by != ORDER_INDEX_NONE;
}

/* ---- decision ---- */

static enum verdict engine_decide(struct engine *engine, enum door door, struct draft *draft) {
    struct command_record *command = draft->command;

    switch ((enum command_op)command->op) {
    case COMMAND_CANCEL: return engine_cancel(engine, draft);
    case COMMAND_REDUCE: return engine_reduce(engine, draft);
    case COMMAND_REPLACE: return engine_replace(engine, door, draft);
    case COMMAND_CANCEL_ALL: return engine_cancel_all(engine, draft);
    case COMMAND_NEW:
    case COMMAND_MASS_CANCEL:
    case COMMAND_SET_BAND:
    case COMMAND_SET_STATE:
    case COMMAND_TRIGGER: break;
    }
    if (command->head.instrument == INSTRUMENT_NONE)
        return VERDICT_UNKNOWN_INSTRUMENT;
    if (command->op == COMMAND_NEW)
        return engine_new(engine, door, draft);
    if (command->op == COMMAND_MASS_CANCEL)
        return engine_mass_cancel(draft);

    struct instrument *instrument = &engine->instruments[command->head.instrument];
    draft->send.instrument = command->head.instrument;
    if (command->op == COMMAND_SET_STATE) {
        draft->send.op = OP_SET_STATE;
        draft->send.state = command->state;
        instrument->state = command->state;
        return VERDICT_TAKEN;
    }
    check(command->op == COMMAND_SET_BAND);
    if (!instrument_band_fits(&instrument->terms, command->price_ticks))
        return VERDICT_PRICE;
    draft->send.op = OP_SET_BAND;
    draft->send.price_ticks = command->price_ticks;
    instrument->band_base_ticks = command->price_ticks;
    instrument->band_moves_in_flight++;
    return VERDICT_TAKEN;
}

/* A taken or refused NEW uses its number up; a replace that takes its old order with it does not (OUCH). */
static void command_use_user_ref(struct draft *draft) {
    const struct command_record *command = draft->command;
    bool is_taken = command->request.verdict == VERDICT_TAKEN;

    if (draft->account == NULL || command->user_ref == 0)
        return;
    if (!is_taken && command->op == COMMAND_REPLACE &&
        (command->request.flags & REQUEST_OR_CANCEL) != 0)
        return;
    draft->account->last_user_ref = command->user_ref;
}

/* What follows from the record besides the matcher's command. */
static void command_follow_up(struct engine *engine, struct draft *draft) {
    const struct command_record *command = draft->command;
    enum verdict verdict = (enum verdict)command->request.verdict;

    command_use_user_ref(draft);
    if (verdict == VERDICT_TAKEN) {
        if (draft->send.op != 0)
            engine_send(engine, draft);
        else if (command->op == COMMAND_CANCEL)
            engine_cancel_waiting(engine, draft->named);
        else if (command->op == COMMAND_REDUCE)
            engine_reduce_waiting(engine, draft->named,
                                  reduce_by_lots(command, engine_order(engine, draft->named)));
    } else if (command->op == COMMAND_REPLACE && verdict != VERDICT_NOT_REPLACEABLE &&
               (command->request.flags & REQUEST_OR_CANCEL) != 0 &&
               draft->named != ORDER_INDEX_NONE) {
        engine_owe(engine, draft->named, OWED_CANCEL);
    }
}

void engine_take_command(struct engine *engine, enum door door, const union record *input,
                         uint16_t flaw) {
    union record record = {.command = input->command};
    struct command_record *command = &record.command;
    struct draft draft = {.command = command, .named = ORDER_INDEX_NONE};
    enum verdict verdict;

    if (!command_clean(engine, door, command) && flaw == VERDICT_TAKEN)
        flaw = VERDICT_BAD_FIELD;
    bool is_quiet = (command->request.flags & REQUEST_QUIET) != 0;
    bool is_flawed = false;

    draft.account = account_table_find(&engine->accounts, command->request.account);
    if (draft.account != NULL && command->user_ref != 0 &&
        command->user_ref <= draft.account->last_user_ref)
        return; /* a retransmission */

    if (command->op != 0 && !door_may_command(door, command->op)) {
        verdict = VERDICT_NOT_ALLOWED;
    } else if (command->op != 0 && draft.account == NULL && !account_may_be_none(door, command)) {
        verdict = VERDICT_UNKNOWN_ACCOUNT;
    } else if (op_names_order(command->op) && !command_resolve(engine, &draft)) {
        if (is_quiet)
            return;
        verdict = VERDICT_UNKNOWN_ORDER;
    } else if (is_quiet && command_is_replace_of_replaced(engine, &draft)) {
        return;
    } else if (flaw != VERDICT_TAKEN) {
        verdict = (enum verdict)flaw;
        is_flawed = true;
    } else {
        verdict = engine_decide(engine, door, &draft);
        if (draft.is_ignored)
            return;
    }
    if (is_flawed)
        command->request.flags |= REQUEST_FLAWED;
    command->request.verdict = verdict;
    if (draft.send.op != 0 && verdict == VERDICT_TAKEN)
        command->seq = ++engine->command_seq;
    engine_append_input(engine, &record);
    draft.send.seq = command->seq;
    command_follow_up(engine, &draft);
}
