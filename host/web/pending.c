#include "web/pending.h"

#include "core/matcher.h"
#include "core/verdict.h"

bool pendings_add(struct pendings *pendings, const union record *record, struct waiter waiter,
                  uint64_t now_ms) {
    if (pendings->count == PENDING_MAX)
        return false;
    pendings->items[pendings->count++] =
        (struct pending){.request_id = record->request.request_id,
                         .deadline_ms = now_ms + PENDING_TIMEOUT_MS,
                         .order_no = record->command.order_no,
                         .account = record->request.account,
                         .instrument = record->head.instrument,
                         .op = record->command.op,
                         .waiter = waiter};
    return true;
}

static void pending_remove(struct pendings *pendings, uint32_t index) {
    pendings->items[index] = pendings->items[--pendings->count];
}

void pendings_drop(struct pendings *pendings, uint64_t request_id) {
    for (uint32_t i = 0; i < pendings->count; i++)
        if (pendings->items[i].request_id == request_id) {
            pending_remove(pendings, i);
            return;
        }
}

static bool is_in_scope(const struct pending *pending, const struct order_view *order) {
    return order->account == pending->account && order->order_no < pending->command_seq &&
           (pending->instrument == INSTRUMENT_NONE || pending->instrument == order->instrument);
}

static uint32_t open_orders_in_scope(const struct pending *pending,
                                     const struct market_view *view) {
    const struct order_view *order = NULL;
    uint32_t count = 0;

    while ((order = orders_view_next_open(&view->orders, pending->account, order)) != NULL)
        if (is_in_scope(pending, order))
            count++;
    return count;
}

static const struct api_error fine = {0};

/* The engine's decision. True: that is all there will be. */
static bool take_command(struct pending *pending, const struct market_view *view,
                         const struct command_record *command, struct api_error *error) {
    *error = fine;
    pending->command_seq = command->head.record_seq;
    if (command->request.verdict != VERDICT_TAKEN) {
        *error = api_error_of_verdict(command->request.verdict);
        return true;
    }
    pending->seq = command->seq;
    switch (pending->op) {
    case COMMAND_NEW:
        pending->order_no = command->head.record_seq;
        return command->seq == 0; /* a stop: it waits now */
    case COMMAND_CANCEL_ALL:
        pending->left_count = open_orders_in_scope(pending, view);
        return pending->left_count == 0;
    default: return false;
    }
}

static struct api_error outcome_of_done(const struct pending *pending,
                                        const struct market_view *view) {
    const struct order_view *order = orders_view_find(&view->orders, pending->order_no);

    if (pending->op == COMMAND_NEW && order != NULL && order->status == ORDER_VIEW_REJECTED)
        return api_error_of_reject(order->why);
    if (pending->op == COMMAND_CANCEL && (order == NULL || order->status != ORDER_VIEW_CANCELLED))
        return api_error_of_verdict(VERDICT_UNKNOWN_ORDER);
    return fine;
}

/* Orders that this record finished: at most two. */
static uint32_t orders_finished(const union record *record, uint64_t order_nos[2]) {
    uint32_t count = 0;

    switch (record->head.kind) {
    case RECORD_CANCELLED: order_nos[count++] = record->cancelled.order_no; break;
    case RECORD_REJECTED: order_nos[count++] = record->rejected.order_no; break;
    case RECORD_TRADE:
        if (record->trade.maker_left_lots == 0)
            order_nos[count++] = record->trade.maker_order_no;
        if (record->trade.taker_left_lots == 0)
            order_nos[count++] = record->trade.taker_order_no;
        break;
    default: break;
    }
    return count;
}

/* CANCEL_ALL, and a CANCEL that the matcher had no part in. True: done. */
static bool take_finished(struct pending *pending, const struct market_view *view,
                          const union record *record) {
    uint64_t order_nos[2];
    uint32_t count = orders_finished(record, order_nos);

    for (uint32_t i = 0; i < count; i++) {
        const struct order_view *order = orders_view_find(&view->orders, order_nos[i]);
        if (order == NULL || !order_view_is_finished(order))
            continue;
        if (pending->op == COMMAND_CANCEL)
            return order->order_no == pending->order_no;
        if (!is_in_scope(pending, order) || pending->left_count == 0)
            continue;
        pending->left_count--;
        if (record->head.kind == RECORD_CANCELLED)
            pending->cancelled_count++;
    }
    return pending->op == COMMAND_CANCEL_ALL && pending->left_count == 0;
}

static bool pending_record(struct pending *pending, const struct market_view *view,
                           const union record *record, struct api_error *error) {
    *error = fine;
    if (record->head.kind == RECORD_COMMAND) {
        if (record->request.door != DOOR_WEB || record->request.request_id != pending->request_id ||
            (record->request.flags & REQUEST_GENERATED) != 0)
            return false;
        return take_command(pending, view, &record->command, error);
    }
    if (pending->command_seq == 0)
        return false;
    if (record->head.kind == RECORD_DONE) {
        if (pending->seq == 0 || record->done.seq != pending->seq)
            return false;
        *error = outcome_of_done(pending, view);
        return true;
    }
    if (pending->op == COMMAND_CANCEL_ALL || (pending->op == COMMAND_CANCEL && pending->seq == 0))
        return take_finished(pending, view, record);
    return false;
}

uint32_t pendings_record(struct pendings *pendings, const struct market_view *view,
                         const union record *record, struct outcome *outcomes) {
    uint32_t count = 0;

    for (uint32_t i = pendings->count; i-- > 0;) {
        struct api_error error;
        if (!pending_record(&pendings->items[i], view, record, &error))
            continue;
        outcomes[count++] = (struct outcome){.pending = pendings->items[i], .error = error};
        pending_remove(pendings, i);
    }
    return count;
}

uint32_t pendings_expire(struct pendings *pendings, uint64_t now_ms, struct outcome *outcomes) {
    uint32_t count = 0;

    for (uint32_t i = pendings->count; i-- > 0;) {
        if (now_ms < pendings->items[i].deadline_ms)
            continue;
        outcomes[count++] = (struct outcome){.pending = pendings->items[i],
                                             .error = api_error_make(FAULT_OUTCOME_UNKNOWN, NULL)};
        pending_remove(pendings, i);
    }
    return count;
}
