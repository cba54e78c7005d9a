#include <string.h>

#include "core/engine_state.h"

/* ---- the list of orders to which something is owed, in the order in which it came to be owed ---- */

void engine_owe(struct engine *engine, uint32_t index, enum order_owed owed) {
    struct open_order *order = engine_order(engine, index);
    check(owed != OWED_NOTHING);

    /* What is owed is kept in links that the trigger book uses too when it hands orders out: it is in one of both. */
    if (order->state == ORDER_WAITING) {
        trigger_book_remove(&engine->instruments[order->instrument].waiting, engine->orders.orders,
                            index);
        order->state = ORDER_TRIGGERED;
    }
    if (order->owed != OWED_NOTHING) {
        /* It keeps its place; an order to be cancelled does not enter first. */
        if (owed == OWED_CANCEL)
            order->owed = OWED_CANCEL;
        return;
    }
    order->owed = (uint8_t)owed;
    order->owed_previous = engine->owed_last;
    order->owed_next = ORDER_INDEX_NONE;
    if (engine->owed_last == ORDER_INDEX_NONE)
        engine->owed_first = index;
    else
        engine_order(engine, engine->owed_last)->owed_next = index;
    engine->owed_last = index;
}

void engine_owe_nothing(struct engine *engine, uint32_t index) {
    struct open_order *order = engine_order(engine, index);

    if (order->owed == OWED_NOTHING)
        return;
    if (order->owed_previous == ORDER_INDEX_NONE)
        engine->owed_first = order->owed_next;
    else
        engine_order(engine, order->owed_previous)->owed_next = order->owed_next;
    if (order->owed_next == ORDER_INDEX_NONE)
        engine->owed_last = order->owed_previous;
    else
        engine_order(engine, order->owed_next)->owed_previous = order->owed_previous;
    order->owed = OWED_NOTHING;
    order->owed_previous = ORDER_INDEX_NONE;
    order->owed_next = ORDER_INDEX_NONE;
}

/* ---- the commands ---- */

static void start_command(union record *record, enum command_op op, uint16_t instrument,
                          uint32_t account) {
    memset(record, 0, sizeof *record);
    record->head.kind = RECORD_COMMAND;
    record->head.instrument = instrument;
    record->request.account = account;
    record->request.door = DOOR_ENGINE;
    record->request.flags = REQUEST_GENERATED;
    record->command.op = (uint8_t)op;
}

static void send_command(struct engine *engine, union record *record, struct draft *draft) {
    if (draft->send.op != 0)
        record->command.seq = ++engine->command_seq;
    engine_append_input(engine, record);
    draft->send.seq = record->command.seq;
    if (draft->send.op != 0)
        engine_send(engine, draft);
}

static void generate_trigger(struct engine *engine, uint32_t index) {
    struct open_order *order = engine_order(engine, index);
    const struct account *account = account_table_find(&engine->accounts, order->account);
    union record record;
    struct command_record *command = &record.command;
    struct draft draft = {.command = command, .named = index};
    check(account != NULL);
    check(order->state == ORDER_TRIGGERED);

    order->state = ORDER_SENT;
    draft.send = engine_entry_command(order, account->owner);
    start_command(&record, COMMAND_TRIGGER, order->instrument, order->account);
    command->order_no = order->order_no;
    command->qty_lots = order->remaining_lots;
    command->price_ticks = draft.send.price_ticks;
    command->limit_ticks = draft.send.limit_ticks;
    command->trigger_ticks = order->trigger_ticks;
    command->handle = order->handle;
    command->owner = account->owner;
    command->user_ref = order->user_ref;
    command->side = order->side;
    command->type = order->type;
    command->tif = order->tif;
    command->stp = order->stp;
    command->post_only = order->post_only;
    command->trigger = order->trigger;
    command->client_order_id_length = order->client_order_id_length;
    memcpy(command->client_order_id, order->client_order_id, CLIENT_ORDER_ID_BYTES);
    send_command(engine, &record, &draft);
}

static void generate_cancel(struct engine *engine, uint32_t index) {
    struct open_order *order = engine_order(engine, index);
    union record record;
    struct draft draft = {.command = &record.command, .named = index};

    start_command(&record, COMMAND_CANCEL, order->instrument, order->account);
    record.command.order_no = order->order_no;
    record.command.handle = order->handle;
    record.command.side = order->side;
    if (order_is_waiting(order)) {
        send_command(engine, &record, &draft);
        engine_cancel_waiting(engine, index);
        return;
    }
    order->cancelling_count++;
    draft.send = (struct matcher_command){
        .op = OP_CANCEL, .handle = order->handle, .instrument = order->instrument};
    send_command(engine, &record, &draft);
}

/* One instrument's band, if the touch of this moment still asks for it. */
static bool generate_band(struct engine *engine, uint16_t index) {
    struct instrument *instrument = &engine->instruments[index];
    union record record;
    struct draft draft = {.command = &record.command, .named = ORDER_INDEX_NONE};
    uint32_t base_ticks;

    instrument->band_is_owed = false;
    engine->bands_owed_count--;
    if (instrument->band_moves_in_flight != 0 ||
        !instrument_should_move_band(instrument, &base_ticks))
        return false;
    instrument->band_base_ticks = base_ticks;
    instrument->band_moves_in_flight++;
    start_command(&record, COMMAND_SET_BAND, index, 0);
    record.command.price_ticks = base_ticks;
    draft.send =
        (struct matcher_command){.op = OP_SET_BAND, .price_ticks = base_ticks, .instrument = index};
    send_command(engine, &record, &draft);
    return true;
}

bool engine_generate_next(struct engine *engine) {
    if (engine->owed_first != ORDER_INDEX_NONE) {
        uint32_t index = engine->owed_first;
        enum order_owed owed = (enum order_owed)engine_order(engine, index)->owed;

        engine_owe_nothing(engine, index);
        if (owed == OWED_TRIGGER)
            generate_trigger(engine, index);
        else
            generate_cancel(engine, index);
        return true;
    }
    for (uint32_t i = 0; engine->bands_owed_count > 0; i++) {
        check(i < engine->instrument_count);
        if (engine->instruments[i].band_is_owed && generate_band(engine, (uint16_t)i))
            return true;
    }
    return false;
}
