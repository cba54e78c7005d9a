#include "core/engine_state.h"

/* ---- ends ---- */

void engine_end_order(struct engine *engine, uint32_t index, bool is_final) {
    struct open_order *order = engine_order(engine, index);
    check(order->held_atoms == 0);

    if (order->state == ORDER_WAITING)
        trigger_book_remove(&engine->instruments[order->instrument].waiting, engine->orders.orders,
                            index);
    engine_owe_nothing(engine, index);
    order_table_close(&engine->orders, index);
    if (is_final)
        order_table_free(&engine->orders, index);
}

static amount_t order_release_all(struct engine *engine, struct open_order *order) {
    amount_t release_atoms = order->held_atoms;

    ledger_release(&engine->ledger, order->pays_index, release_atoms);
    order->held_atoms = 0;
    return release_atoms;
}

static struct cancelled_record *append_cancelled(struct engine *engine, uint8_t kind, uint64_t seq,
                                                 const struct open_order *order, uint8_t why) {
    struct cancelled_record *record = &engine_append(engine, kind, order->instrument)->cancelled;

    record->seq = seq;
    record->order_no = order->order_no;
    record->account = order->account;
    record->why = why;
    record->side = order->side;
    return record;
}

void engine_cancel_waiting(struct engine *engine, uint32_t index) {
    struct open_order *order = engine_order(engine, index);
    struct cancelled_record *record =
        append_cancelled(engine, RECORD_CANCELLED, 0, order, WHY_USER);

    check(order_is_waiting(order));
    record->qty_lots = order->remaining_lots;
    record->taken_lots = order->remaining_lots;
    record->release_atoms = order_release_all(engine, order);
    engine_end_order(engine, index, true);
}

/* Takes `by_lots` off the order and releases what they held. */
static amount_t order_lower(struct engine *engine, struct open_order *order, uint64_t by_lots) {
    const struct instrument *instrument = &engine->instruments[order->instrument];
    amount_t release_atoms =
        instrument_hold_atoms(instrument, order->side, order->price_ticks, by_lots);
    check(by_lots < order->remaining_lots);
    check(order->held_atoms >= release_atoms);

    order->remaining_lots -= by_lots;
    order->held_atoms -= release_atoms;
    ledger_release(&engine->ledger, order->pays_index, release_atoms);
    return release_atoms;
}

void engine_reduce_waiting(struct engine *engine, uint32_t index, uint64_t by_lots) {
    struct open_order *order = engine_order(engine, index);

    check(order_is_waiting(order));
    if (by_lots >= order->remaining_lots) {
        engine_cancel_waiting(engine, index);
        return;
    }
    struct cancelled_record *record = append_cancelled(engine, RECORD_REDUCED, 0, order, WHY_USER);
    record->release_atoms = order_lower(engine, order, by_lots);
    record->qty_lots = order->remaining_lots;
    record->taken_lots = by_lots;
}

/* ---- events ---- */

/* The order that an event names: it must be one that the matcher has. */
static uint32_t event_order(struct engine *engine, const struct matcher_event *event,
                            uint32_t handle) {
    uint32_t index = HANDLE_INDEX(handle);
    check(index < engine->orders.order_max);
    const struct open_order *order = engine_order(engine, index);
    check(order->handle == handle);
    check(order->state == ORDER_SENT || order->state == ORDER_LIVE);
    check(order->instrument == event->instrument);
    return index;
}

static void settle_accepted(struct engine *engine, const struct matcher_event *event) {
    struct open_order *order =
        engine_order(engine, event_order(engine, event, event->order.handle));
    check(order->state == ORDER_SENT);
    union record *record = engine_append(engine, RECORD_ACCEPTED, event->instrument);

    order->state = ORDER_LIVE;
    record->accepted.seq = event->seq;
    record->accepted.order_no = order->order_no;
    record->accepted.account = order->account;
    record->accepted.handle = order->handle;
}

static void settle_rested(struct engine *engine, const struct matcher_event *event) {
    const struct open_order *order =
        engine_order(engine, event_order(engine, event, event->order.handle));
    check(order->state == ORDER_LIVE);
    check(order->remaining_lots == event->order.qty_lots);
    check(order->price_ticks == event->order.price_ticks);
    union record *record = engine_append(engine, RECORD_RESTED, event->instrument);

    record->rested.seq = event->seq;
    record->rested.order_no = order->order_no;
    record->rested.qty_lots = event->order.qty_lots;
    record->rested.price_ticks = event->order.price_ticks;
    record->rested.side = order->side;
}

static uint32_t fee_ppm(const struct engine *engine, const struct instrument *instrument,
                        const struct open_order *order, bool is_maker) {
    const struct account *account = account_table_find(&engine->accounts, order->account);
    check(account != NULL);
    uint32_t own_ppm = is_maker ? account->maker_fee_ppm : account->taker_fee_ppm;

    if (own_ppm != FEE_INHERIT)
        return own_ppm;
    return is_maker ? instrument->terms.maker_fee_ppm : instrument->terms.taker_fee_ppm;
}

/* What one side has bought or earned, less its fee. */
static amount_t settle_receipt(struct engine *engine, const struct instrument *instrument,
                               const struct open_order *payer, const struct open_order *payee,
                               amount_t atoms, bool payee_is_maker) {
    amount_t fee_atoms = ledger_fee(atoms, fee_ppm(engine, instrument, payee, payee_is_maker));

    ledger_settle(&engine->ledger, payer->pays_index, payee->receives_index, atoms);
    ledger_pay_fee(&engine->ledger, payee->receives_index, fee_atoms);
    return fee_atoms;
}

static void order_trade(struct open_order *order, uint64_t qty_lots, uint64_t left_lots,
                        amount_t spent_atoms) {
    check(order->state == ORDER_LIVE);
    check(qty_lots > 0);
    check(order->remaining_lots >= qty_lots);
    check(order->remaining_lots - qty_lots == left_lots);
    check(order->held_atoms >= spent_atoms);
    order->remaining_lots = left_lots;
    order->executed_lots += qty_lots;
    order->held_atoms -= spent_atoms;
}

static void note_trade(struct engine *engine, struct instrument *instrument, uint32_t price_ticks) {
    struct traded_range *traded = &engine->traded;

    if (!traded->any || price_ticks < traded->low_ticks)
        traded->low_ticks = price_ticks;
    if (!traded->any || price_ticks > traded->high_ticks)
        traded->high_ticks = price_ticks;
    traded->any = true;
    instrument->last_trade_ticks = price_ticks;
    instrument->has_traded = true;
}

static void settle_trade(struct engine *engine, const struct matcher_event *event) {
    uint32_t maker_index = event_order(engine, event, event->order.maker);
    uint32_t taker_index = event_order(engine, event, event->order.handle);
    struct open_order *maker = engine_order(engine, maker_index);
    struct open_order *taker = engine_order(engine, taker_index);
    struct instrument *instrument = &engine->instruments[event->instrument];
    uint64_t qty_lots = event->order.qty_lots;
    uint32_t price_ticks = event->order.price_ticks;
    bool taker_buys = taker->side == SIDE_BUY;
    check(maker->side != taker->side);
    check(maker->price_ticks == price_ticks);
    check(taker_buys ? price_ticks <= taker->price_ticks : price_ticks >= taker->price_ticks);

    struct trade_record *record = &engine_append(engine, RECORD_TRADE, event->instrument)->trade;
    amount_t quote_atoms = instrument_cost_atoms(instrument, price_ticks, qty_lots);
    amount_t base_atoms = instrument_base_atoms(instrument, qty_lots);
    amount_t improvement_atoms =
        taker_buys ? instrument_cost_atoms(instrument, taker->price_ticks - price_ticks, qty_lots)
                   : 0;

    order_trade(maker, qty_lots, event->order.maker_left, taker_buys ? base_atoms : quote_atoms);
    order_trade(taker, qty_lots, event->order.taker_left,
                taker_buys ? quote_atoms + improvement_atoms : base_atoms);
    record->maker_fee_atoms = settle_receipt(engine, instrument, taker, maker,
                                             taker_buys ? quote_atoms : base_atoms, true);
    record->taker_fee_atoms = settle_receipt(engine, instrument, maker, taker,
                                             taker_buys ? base_atoms : quote_atoms, false);
    if (improvement_atoms != 0)
        ledger_release(&engine->ledger, taker->pays_index, improvement_atoms);
    record->taker_release_atoms = improvement_atoms;

    record->seq = event->seq;
    record->match = event->order.match;
    record->maker_order_no = maker->order_no;
    record->taker_order_no = taker->order_no;
    record->qty_lots = qty_lots;
    record->maker_left_lots = event->order.maker_left;
    record->taker_left_lots = event->order.taker_left;
    record->price_ticks = price_ticks;
    record->maker_account = maker->account;
    record->taker_account = taker->account;
    record->taker_side = taker->side;
    note_trade(engine, instrument, price_ticks);

    /* The maker's handle first: docs/matching.md §1. */
    if (event->order.maker_left == 0)
        engine_end_order(engine, maker_index, true);
    if (event->order.taker_left == 0)
        engine_end_order(engine, taker_index, true);
}

/* The old order leaves for the new one: its hold moves over, less what the quantity that enters does not need. */
static amount_t replace_move_hold(struct engine *engine, struct open_order *old,
                                  const struct in_flight *sent, uint32_t *new_index) {
    const struct instrument *instrument = &engine->instruments[old->instrument];
    uint32_t index = HANDLE_INDEX(sent->command.new_handle);
    struct open_order *order = engine_order(engine, index);
    uint64_t gone_lots = sent->command.seen_lots > old->remaining_lots
                             ? sent->command.seen_lots - old->remaining_lots
                             : 0;
    uint64_t enters_lots =
        sent->command.qty_lots > gone_lots ? sent->command.qty_lots - gone_lots : 0;
    amount_t needed_atoms =
        instrument_hold_atoms(instrument, order->side, order->price_ticks, enters_lots);
    amount_t held_atoms = old->held_atoms + order->held_atoms;
    check(order->order_no == sent->new_order_no);
    check(order->state == ORDER_SENT);
    check(held_atoms >= needed_atoms);

    old->held_atoms = 0;
    order->held_atoms = needed_atoms;
    order->remaining_lots = enters_lots;
    order->executed_lots = old->executed_lots;
    ledger_release(&engine->ledger, old->pays_index, held_atoms - needed_atoms);
    *new_index = index;
    return held_atoms - needed_atoms;
}

static void settle_replaced(struct engine *engine, const struct matcher_event *event,
                            uint32_t index, const struct in_flight *sent) {
    struct open_order *old = engine_order(engine, index);
    check(sent->op == COMMAND_REPLACE);
    check(sent->command.handle == event->order.handle);
    struct cancelled_record *record =
        append_cancelled(engine, RECORD_CANCELLED, event->seq, old, WHY_REPLACE);
    uint32_t new_index;

    record->qty_lots = event->order.qty_lots;
    record->taken_lots = event->order.qty_lots;
    record->new_order_no = sent->new_order_no;
    record->release_atoms = replace_move_hold(engine, old, sent, &new_index);
    engine_end_order(engine, index, true);

    struct open_order *order = engine_order(engine, new_index);
    if (order->remaining_lots == 0)
        engine_end_order(engine, new_index, false);
    else if (order->door == DOOR_WEB && order->client_order_id_length != 0 &&
             !order->client_id_is_mapped)
        order_table_map_client_id(&engine->orders,
                                  new_index); /* it was the old order's until now */
}

static void settle_cancelled(struct engine *engine, const struct matcher_event *event,
                             const struct in_flight *sent) {
    uint32_t index = event_order(engine, event, event->order.handle);
    struct open_order *order = engine_order(engine, index);
    check(event->order.qty_lots == order->remaining_lots);

    if (event->why == WHY_REPLACE) {
        settle_replaced(engine, event, index, sent);
        return;
    }
    struct cancelled_record *record =
        append_cancelled(engine, RECORD_CANCELLED, event->seq, order, event->why);
    record->qty_lots = event->order.qty_lots;
    record->taken_lots = event->order.qty_lots;
    record->release_atoms = order_release_all(engine, order);
    engine_end_order(engine, index, true);
}

static void settle_reduced(struct engine *engine, const struct matcher_event *event,
                           const struct in_flight *sent) {
    struct open_order *order =
        engine_order(engine, event_order(engine, event, event->order.handle));
    check(order->state == ORDER_LIVE);
    check(event->order.qty_lots > 0);
    check(event->order.qty_lots < order->remaining_lots);
    struct cancelled_record *record =
        append_cancelled(engine, RECORD_REDUCED, event->seq, order, event->why);
    uint64_t by_lots = order->remaining_lots - event->order.qty_lots;

    if (event->why == WHY_USER) {
        check(sent->op == COMMAND_REDUCE);
        check(order->reducing_lots >= sent->command.qty_lots);
        order->reducing_lots -= sent->command.qty_lots;
    }
    record->release_atoms = order_lower(engine, order, by_lots);
    record->qty_lots = event->order.qty_lots;
    record->taken_lots = by_lots;
}

/* ---- rejects ---- */

/* The order that a command in flight named, if it is still there: its slot may have another by now. */
static struct open_order *sent_order(struct engine *engine, const struct in_flight *sent) {
    struct open_order *order = engine_order(engine, HANDLE_INDEX(sent->command.handle));

    return order->order_no == sent->order_no && order->handle == sent->command.handle ? order
                                                                                      : NULL;
}

static void reject_replace(struct engine *engine, const struct in_flight *sent,
                           struct rejected_record *record) {
    uint32_t index = HANDLE_INDEX(sent->command.new_handle);
    struct open_order *order = engine_order(engine, index);
    struct open_order *old = sent_order(engine, sent);
    check(order->order_no == sent->new_order_no);

    record->order_no = sent->new_order_no;
    record->side = order->side;
    record->release_atoms = order_release_all(engine, order);
    engine_end_order(engine, index, false);
    if (old == NULL)
        return;
    old->replaced_by = ORDER_INDEX_NONE;
    if ((sent->flags & REQUEST_OR_CANCEL) != 0)
        engine_owe(engine, HANDLE_INDEX(sent->command.handle), OWED_CANCEL);
}

static void reject_entry(struct engine *engine, const struct in_flight *sent,
                         struct rejected_record *record) {
    struct open_order *order = sent_order(engine, sent);
    check(order != NULL);
    check(order->state == ORDER_SENT);

    record->side = order->side;
    record->release_atoms = order_release_all(engine, order);
    engine_end_order(engine, HANDLE_INDEX(sent->command.handle), false);
}

static void settle_reject(struct engine *engine, const struct matcher_event *event,
                          struct in_flight *sent) {
    /* Host and matcher disagree on who has which handle: nothing that follows could be believed. */
    check(event->why != REJECT_HANDLE);
    check(!sent->rejected);
    struct rejected_record *record =
        &engine_append(engine, RECORD_REJECTED, event->instrument)->rejected;
    struct open_order *order = sent->order_no == 0 ? NULL : sent_order(engine, sent);

    sent->rejected = true;
    record->seq = event->seq;
    record->order_no = sent->order_no;
    record->account = sent->account;
    record->why = event->why;
    record->op = sent->op;
    check(sent->op != COMMAND_MASS_CANCEL);
    check(sent->op != COMMAND_SET_BAND);
    check(sent->op != COMMAND_SET_STATE);
    if (sent->op == COMMAND_REPLACE) {
        reject_replace(engine, sent, record);
    } else if (sent->op == COMMAND_NEW || sent->op == COMMAND_TRIGGER) {
        reject_entry(engine, sent, record);
    } else if (order != NULL) {
        record->side = order->side;
        if (sent->op == COMMAND_REDUCE)
            order->reducing_lots -= sent->command.qty_lots;
        else if (sent->op == COMMAND_CANCEL)
            order->cancelling_count--;
    }
}

/* ---- DONE ---- */

static void free_if_closed(struct engine *engine, uint32_t handle, uint64_t order_no) {
    uint32_t index = HANDLE_INDEX(handle);
    const struct open_order *order = engine_order(engine, index);

    if (order_no != 0 && order->order_no == order_no && order->state == ORDER_CLOSED)
        order_table_free(&engine->orders, index);
}

static void trigger_waiting(struct engine *engine, struct instrument *instrument) {
    uint32_t next = trigger_book_take(&instrument->waiting, engine->orders.orders,
                                      engine->traded.low_ticks, engine->traded.high_ticks);

    while (next != ORDER_INDEX_NONE) {
        uint32_t index = next;
        struct open_order *order = engine_order(engine, index);
        next = order->owed_next;
        order->owed_next = ORDER_INDEX_NONE;
        order->state = ORDER_TRIGGERED;
        engine_owe(engine, index, OWED_TRIGGER);
    }
}

static void settle_done(struct engine *engine, const struct matcher_event *event,
                        const struct in_flight *sent) {
    struct instrument *instrument = &engine->instruments[event->instrument];
    struct done_record *record = &engine_append(engine, RECORD_DONE, event->instrument)->done;
    uint32_t base_ticks;

    record->seq = event->seq;
    record->bid_qty_lots = instrument->bid_qty_lots = event->done.bid_qty_lots;
    record->ask_qty_lots = instrument->ask_qty_lots = event->done.ask_qty_lots;
    record->bid_ticks = instrument->bid_ticks = event->done.bid_ticks;
    record->ask_ticks = instrument->ask_ticks = event->done.ask_ticks;

    if (sent->op == COMMAND_SET_BAND)
        instrument->band_moves_in_flight--;
    if (sent->op == COMMAND_NEW || sent->op == COMMAND_TRIGGER)
        free_if_closed(engine, sent->command.handle, sent->order_no);
    if (sent->op == COMMAND_REPLACE)
        free_if_closed(engine, sent->command.new_handle, sent->new_order_no);
    if (engine->traded.any)
        trigger_waiting(engine, instrument);
    engine->traded = (struct traded_range){0};
    if (instrument->band_moves_in_flight == 0 && !instrument->band_is_owed &&
        instrument_should_move_band(instrument, &base_ticks)) {
        instrument->band_is_owed = true;
        engine->bands_owed_count++;
    }
    in_flight_drop_oldest(&engine->in_flight);
}

static bool next_event(struct engine *engine, struct matcher_event *event) {
    if (engine->event_next == engine->event_count) {
        in_flight_send(&engine->in_flight, engine->matcher);
        engine->event_next = 0;
        engine->event_count =
            (uint32_t)engine->matcher.ops->poll(engine->matcher.self, engine->events, EVENT_BATCH);
        check(engine->event_count <= EVENT_BATCH);
        if (engine->event_count == 0)
            return false;
    }
    *event = engine->events[engine->event_next++];
    return true;
}

bool engine_settle_next(struct engine *engine) {
    struct matcher_event event;

    if (!next_event(engine, &event))
        return false;
    struct in_flight *sent = in_flight_oldest(&engine->in_flight);
    check(event.seq == sent->command.seq);
    check(event.instrument == sent->command.instrument);

    switch ((enum event_type)event.type) {
    case EVENT_ACCEPTED: settle_accepted(engine, &event); return true;
    case EVENT_TRADE: settle_trade(engine, &event); return true;
    case EVENT_RESTED: settle_rested(engine, &event); return true;
    case EVENT_CANCELLED: settle_cancelled(engine, &event, sent); return true;
    case EVENT_REDUCED: settle_reduced(engine, &event, sent); return true;
    case EVENT_REJECT: settle_reject(engine, &event, sent); return true;
    case EVENT_DONE: settle_done(engine, &event, sent); return true;
    }
    check(!"an event that the matcher may send");
    return false;
}
