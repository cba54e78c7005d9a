#include <string.h>

#include "core/engine_state.h"

#define QTY_MAX (((uint64_t)1 << QTY_BITS) - 1)

/* ---- NEW ---- */

/* The price at which the order is funded: its limit, or what protects it. Fills the protection price in. */
static enum verdict new_price(const struct instrument *instrument, struct command_record *command,
                              uint32_t *price_ticks) {
    *price_ticks = command->price_ticks;
    if (command->type == ORDER_TYPE_LIMIT) {
        /* A waiting order meets the band that there is when it is triggered. */
        if (command->trigger == TRIGGER_NONE &&
            !instrument_is_in_band(instrument, command->price_ticks))
            return VERDICT_PRICE;
        return VERDICT_TAKEN;
    }
    if (command->limit_ticks == 0) {
        uint32_t reference_ticks = command->trigger_ticks;
        if (command->trigger == TRIGGER_NONE &&
            !instrument_reference_ticks(instrument, command->side, &reference_ticks))
            return VERDICT_NO_REFERENCE;
        command->limit_ticks = instrument_collar_ticks(instrument, command->side, reference_ticks);
    }
    *price_ticks = command->limit_ticks;
    return VERDICT_TAKEN;
}

static bool would_trigger(const struct instrument *instrument,
                          const struct command_record *command) {
    if (!instrument->has_traded)
        return false;
    return (command->trigger == TRIGGER_ABOVE &&
            instrument->last_trade_ticks >= command->trigger_ticks) ||
           (command->trigger == TRIGGER_BELOW &&
            instrument->last_trade_ticks <= command->trigger_ticks);
}

/* An id of the web is unique among the account's open orders; `except` may have it already. */
static bool client_id_is_taken(const struct engine *engine, enum door door,
                               const struct command_record *command, uint32_t except) {
    if (door != DOOR_WEB || command->client_order_id_length == 0)
        return false;
    uint32_t index = order_table_find_client_id(&engine->orders, command->request.account,
                                                command->client_order_id);
    return index != ORDER_INDEX_NONE && index != except;
}

static enum verdict new_check_tables(const struct engine *engine, enum door door,
                                     const struct draft *draft) {
    const struct account *account = draft->account;

    if (account->open_count >= account->open_order_max)
        return VERDICT_OPEN_ORDER_LIMIT;
    if (client_id_is_taken(engine, door, draft->command, ORDER_INDEX_NONE))
        return VERDICT_DUPLICATE_ID;
    if (order_table_next(&engine->orders) == ORDER_INDEX_NONE)
        return VERDICT_ORDER_LIMIT;
    if (account->owner == 0 && engine->accounts.free_owner_count == 0)
        return VERDICT_OWNER_LIMIT;
    return VERDICT_TAKEN;
}

/* Opens both balances of the order and holds what it may cost. */
static enum verdict new_hold(struct engine *engine, const struct instrument *instrument,
                             struct command_record *command, uint32_t price_ticks,
                             struct open_order *places) {
    uint32_t account = command->request.account;
    bool is_buy = command->side == SIDE_BUY;
    uint16_t pays = is_buy ? instrument->terms.quote_asset : instrument->terms.base_asset;
    uint16_t receives = is_buy ? instrument->terms.base_asset : instrument->terms.quote_asset;
    amount_t hold_atoms =
        instrument_hold_atoms(instrument, command->side, price_ticks, command->qty_lots);
    uint32_t pays_index = ledger_find(&engine->ledger, account, pays);

    if (hold_atoms > 0 && (pays_index == BALANCE_NONE ||
                           engine->ledger.entries[pays_index].balance.available_atoms < hold_atoms))
        return VERDICT_NO_FUNDS;
    places->pays_index = ledger_open(&engine->ledger, account, pays);
    if (places->pays_index == BALANCE_NONE)
        return VERDICT_BALANCE_LIMIT;
    places->receives_index = ledger_open(&engine->ledger, account, receives);
    if (places->receives_index == BALANCE_NONE)
        return VERDICT_BALANCE_LIMIT;
    bool held = ledger_hold(&engine->ledger, places->pays_index, hold_atoms);
    check(held);
    command->hold_atoms = hold_atoms;
    return VERDICT_TAKEN;
}

static void order_keep_client_id(struct engine *engine, uint32_t index,
                                 const struct command_record *command, bool map) {
    struct open_order *order = engine_order(engine, index);

    order->client_order_id_length = command->client_order_id_length;
    memcpy(order->client_order_id, command->client_order_id, CLIENT_ORDER_ID_BYTES);
    if (map && order->door == DOOR_WEB && order->client_order_id_length != 0)
        order_table_map_client_id(&engine->orders, index);
}

static void order_fill(struct open_order *order, const struct command_record *command,
                       uint64_t order_no, uint32_t price_ticks) {
    order->order_no = order_no;
    order->remaining_lots = command->qty_lots;
    order->held_atoms = command->hold_atoms;
    order->account = command->request.account;
    order->price_ticks = price_ticks;
    order->trigger_ticks = command->trigger_ticks;
    order->user_ref = command->user_ref;
    order->instrument = command->head.instrument;
    order->side = command->side;
    order->type = command->type;
    order->tif = command->tif;
    order->stp = command->stp;
    order->post_only = command->post_only;
    order->trigger = command->trigger;
    order->state = command->trigger == TRIGGER_NONE ? ORDER_SENT : ORDER_WAITING;
    order->door = command->request.door;
    order->cancel_on_disconnect = (command->request.flags & REQUEST_ON_DISCONNECT) != 0;
}

struct matcher_command engine_entry_command(const struct open_order *order, uint32_t owner) {
    bool is_market = order->type == ORDER_TYPE_MARKET;

    return (struct matcher_command){
        .op = OP_NEW,
        .qty_lots = order->remaining_lots,
        .price_ticks = is_market ? 0 : order->price_ticks,
        .limit_ticks = is_market ? order->price_ticks : 0,
        .handle = order->handle,
        .owner = owner,
        .instrument = order->instrument,
        .side = order->side,
        .type = order->type,
        .tif = order->tif,
        .stp = order->stp,
        .post_only = order->post_only,
    };
}

enum verdict engine_new(struct engine *engine, enum door door, struct draft *draft) {
    struct command_record *command = draft->command;
    struct instrument *instrument = &engine->instruments[command->head.instrument];
    struct open_order places = {0};
    uint32_t price_ticks;
    enum verdict verdict;

    if ((draft->account->flags & ACCOUNT_SUSPENDED) != 0)
        return VERDICT_SUSPENDED;
    if (instrument->state != STATE_OPEN)
        return VERDICT_STATE;
    verdict = new_price(instrument, command, &price_ticks);
    if (verdict == VERDICT_TAKEN)
        verdict = instrument_check_size(instrument, price_ticks, command->qty_lots);
    if (verdict == VERDICT_TAKEN && would_trigger(instrument, command))
        verdict = VERDICT_WOULD_TRIGGER;
    if (verdict == VERDICT_TAKEN)
        verdict = new_check_tables(engine, door, draft);
    if (verdict == VERDICT_TAKEN)
        verdict = new_hold(engine, instrument, command, price_ticks, &places);
    if (verdict != VERDICT_TAKEN)
        return verdict;

    bool lent = account_table_lend_owner(&engine->accounts, draft->account);
    check(lent);
    uint32_t index = order_table_next(&engine->orders);
    struct open_order *order = order_table_take(&engine->orders);
    order_fill(order, command, engine_next_record_seq(engine), price_ticks);
    order->pays_index = places.pays_index;
    order->receives_index = places.receives_index;
    order_table_open(&engine->orders, index);
    order_keep_client_id(engine, index, command, true);

    command->order_no = order->order_no;
    command->handle = order->handle;
    command->owner = draft->account->owner;
    if (order->state == ORDER_WAITING)
        trigger_book_add(&instrument->waiting, engine->orders.orders, index);
    else
        draft->send = engine_entry_command(order, command->owner);
    return VERDICT_TAKEN;
}

/* ---- CANCEL, REDUCE ---- */

enum verdict engine_cancel(struct engine *engine, struct draft *draft) {
    struct open_order *order = engine_order(engine, draft->named);

    draft->command->handle = order->handle;
    if (order_is_waiting(order))
        return VERDICT_TAKEN;
    if (engine->instruments[order->instrument].state == STATE_CLOSED) {
        draft->command->handle = 0;
        return VERDICT_STATE;
    }
    order->cancelling_count++;
    draft->send = (struct matcher_command){
        .op = OP_CANCEL, .handle = order->handle, .instrument = order->instrument};
    return VERDICT_TAKEN;
}

uint64_t reduce_by_lots(const struct command_record *command, const struct open_order *order) {
    uint64_t by_lots = command->qty_lots;

    if ((command->request.flags & REQUEST_QTY_IS_TOTAL) != 0) {
        uint64_t open_lots = order_expected_lots(order);
        uint64_t total_lots = order->executed_lots + open_lots;
        if (command->qty_lots >= total_lots)
            return 0;
        by_lots = total_lots - command->qty_lots;
    }
    /* Anything at or above the remainder cancels, so that the most the matcher takes means the same. */
    return by_lots < QTY_MAX ? by_lots : QTY_MAX;
}

enum verdict engine_reduce(struct engine *engine, struct draft *draft) {
    struct open_order *order = engine_order(engine, draft->named);
    struct command_record *command = draft->command;
    uint64_t by_lots = reduce_by_lots(command, order);

    if (by_lots == 0) {
        draft->is_ignored = (command->request.flags & REQUEST_QUIET) != 0;
        return VERDICT_QTY;
    }
    if (!order_is_waiting(order)) {
        if (engine->instruments[order->instrument].state == STATE_CLOSED)
            return VERDICT_STATE;
        order->reducing_lots += by_lots;
        draft->send = (struct matcher_command){.op = OP_REDUCE,
                                               .handle = order->handle,
                                               .instrument = order->instrument,
                                               .qty_lots = by_lots};
    }
    command->handle = order->handle;
    return VERDICT_TAKEN;
}

/* ---- REPLACE ---- */

/* What a replace must hold beyond what moves over from the old order, if nothing but known commands befalls that one:
 * docs/ledger.md shows that it suffices whatever trades in between. `open_lots` is the new quantity. */
static amount_t replace_hold_atoms(const struct instrument *instrument,
                                   const struct open_order *old, uint32_t price_ticks,
                                   uint64_t open_lots) {
    uint64_t seen_lots = order_expected_lots(old);
    uint32_t lower_ticks = price_ticks < old->price_ticks ? price_ticks : old->price_ticks;
    amount_t needed_atoms = instrument_hold_atoms(instrument, old->side, price_ticks, open_lots);
    amount_t moved_atoms = instrument_hold_atoms(instrument, old->side, lower_ticks, seen_lots);

    return needed_atoms > moved_atoms ? needed_atoms - moved_atoms : 0;
}

static enum verdict replace_check(struct engine *engine, enum door door, const struct draft *draft,
                                  uint64_t open_lots) {
    const struct command_record *command = draft->command;
    const struct open_order *old = engine_order(engine, draft->named);
    const struct instrument *instrument = &engine->instruments[old->instrument];

    if (order_is_waiting(old) || old->replaced_by != ORDER_INDEX_NONE)
        return VERDICT_NOT_REPLACEABLE;
    if ((draft->account->flags & ACCOUNT_SUSPENDED) != 0)
        return VERDICT_SUSPENDED;
    if (instrument->state != STATE_OPEN)
        return VERDICT_STATE;
    if (!instrument_is_in_band(instrument, command->price_ticks))
        return VERDICT_PRICE;
    enum verdict size = instrument_check_size(instrument, command->price_ticks, open_lots);
    if (size != VERDICT_TAKEN)
        return size;
    if (client_id_is_taken(engine, door, command, draft->named))
        return VERDICT_DUPLICATE_ID;
    if (order_table_next(&engine->orders) == ORDER_INDEX_NONE)
        return VERDICT_ORDER_LIMIT;
    return VERDICT_TAKEN;
}

static uint64_t replace_open_lots(const struct command_record *command,
                                  const struct open_order *old) {
    if ((command->request.flags & REQUEST_QTY_IS_TOTAL) == 0)
        return command->qty_lots;
    return command->qty_lots > old->executed_lots ? command->qty_lots - old->executed_lots : 0;
}

enum verdict engine_replace(struct engine *engine, enum door door, struct draft *draft) {
    struct command_record *command = draft->command;
    struct open_order *old = engine_order(engine, draft->named);
    const struct instrument *instrument = &engine->instruments[old->instrument];
    uint64_t open_lots = replace_open_lots(command, old);
    enum verdict verdict = replace_check(engine, door, draft, open_lots);

    if (verdict != VERDICT_TAKEN)
        return verdict;
    amount_t hold_atoms = replace_hold_atoms(instrument, old, command->price_ticks, open_lots);
    if (!ledger_hold(&engine->ledger, old->pays_index, hold_atoms))
        return VERDICT_NO_FUNDS;

    uint32_t index = order_table_next(&engine->orders);
    struct open_order *order = order_table_take(&engine->orders);
    bool same_id =
        old->client_id_is_mapped &&
        memcmp(old->client_order_id, command->client_order_id, CLIENT_ORDER_ID_BYTES) == 0;
    command->hold_atoms = hold_atoms;
    command->handle = old->handle;
    command->new_handle = order->handle;
    command->owner = draft->account->owner;
    command->seen_lots = order_expected_lots(old);
    order_fill(order, command, engine_next_record_seq(engine), command->price_ticks);
    order->remaining_lots = open_lots;
    order->executed_lots = old->executed_lots;
    order->pays_index = old->pays_index;
    order->receives_index = old->receives_index;
    order_table_open(&engine->orders, index);
    order_keep_client_id(engine, index, command, !same_id);
    old->replaced_by = index;

    draft->send = (struct matcher_command){
        .op = OP_REPLACE,
        .qty_lots = open_lots,
        .seen_lots = command->seen_lots,
        .price_ticks = command->price_ticks,
        .handle = old->handle,
        .new_handle = order->handle,
        .instrument = old->instrument,
        .tif = command->tif,
        .stp = command->stp,
        .post_only = command->post_only,
    };
    return VERDICT_TAKEN;
}

/* ---- to the matcher ---- */

void engine_send(struct engine *engine, const struct draft *draft) {
    const struct command_record *command = draft->command;
    bool is_replace = command->op == COMMAND_REPLACE;
    struct in_flight sent = {
        .command = draft->send,
        .order_no = command->order_no,
        .new_order_no = is_replace ? engine->record_seq : 0,
        .account = command->request.account,
        .op = command->op,
        .flags = command->request.flags,
    };

    check(sent.command.seq == engine->command_seq);
    in_flight_add(&engine->in_flight, &sent);
    in_flight_send(&engine->in_flight, engine->matcher);
}
