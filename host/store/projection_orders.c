/* The last state of every open order. A closed order keeps its place until the flush has written it. */
#include <stdio.h>
#include <string.h>

#include "core/matcher.h"
#include "core/verdict.h"
#include "store/projection.h"
#include "store/row_labels.h"

static struct order_row *order_find(struct projection *projection, uint64_t order_no) {
    uint32_t index = hash_map_find(&projection->order_by_no, &order_no);
    if (index == HASH_MAP_NONE) {
        (void)projection_flaw(projection, "no such open order:", order_no);
        return NULL;
    }
    return &projection->orders[index];
}

static void order_touch(struct projection *projection, struct order_row *order) {
    order->seq = projection->record_seq;
    order->updated_ns = projection->time_ns;
    if (!order->is_dirty) {
        order->is_dirty = true;
        projection->dirty_orders[projection->dirty_order_count++] =
            (uint32_t)(order - projection->orders);
    }
}

/* What was ordered is what executed, was taken away and is left; a REPLACE learns only here how much it entered. */
static void order_leave(struct order_row *order, uint64_t left_lots) {
    order->left_lots = left_lots;
    order->qty_lots = order->executed_lots + order->cancelled_lots + left_lots;
}

static void order_explain(struct order_row *order, const char *why) {
    snprintf(order->why, sizeof order->why, "%s", why == NULL ? "" : why);
}

struct order_row *orders_add(struct projection *projection, uint64_t order_no) {
    if (projection->free_order_count == 0)
        return NULL;
    uint32_t index = projection->free_orders[--projection->free_order_count];
    struct order_row *order = &projection->orders[index];
    *order = (struct order_row){.order_no = order_no};
    bool is_put = hash_map_put(&projection->order_by_no, &order_no, index);
    check(is_put);
    return order;
}

void orders_await_replace(struct projection *projection, struct replace_in_flight replace) {
    check(projection->replace_tail - projection->replace_head < PROJECTION_REPLACES_MAX);
    projection->replaces[projection->replace_tail++ % PROJECTION_REPLACES_MAX] = replace;
}

static void order_fill(struct order_row *order, const struct command_record *command) {
    order->account = command->request.account;
    order->instrument = command->head.instrument;
    order->side = command->side;
    order->type = command->type;
    order->tif = command->tif;
    order->stp = command->stp;
    order->post_only = command->post_only;
    order->door = command->request.door;
    order->trigger = command->trigger;
    order->trigger_ticks = command->trigger_ticks;
    order->price_ticks = command->price_ticks;
    order->limit_ticks = command->limit_ticks;
    order->user_ref = command->user_ref;
    order->qty_lots = command->qty_lots;
    order->left_lots = command->qty_lots;
    order->matcher_seq = command->seq;
    order->created_ns = command->head.time_ns;
    order->client_order_id_length = command->client_order_id_length;
    if (order->client_order_id_length > CLIENT_ORDER_ID_BYTES) /* of a refused one */
        order->client_order_id_length = CLIENT_ORDER_ID_BYTES;
    memcpy(order->client_order_id, command->client_order_id, CLIENT_ORDER_ID_BYTES);
}

static void order_write(struct projection *projection, const struct order_row *order) {
    struct copy_rows *rows = &projection->rows[TABLE_ORDERS];
    copy_rows_begin(rows, 30);
    copy_rows_int8(rows, order->order_no);
    copy_rows_int8(rows, order->account);
    copy_rows_int4(rows, order->instrument);
    copy_rows_label(rows, label_of(LABEL_SIDE, order->side));
    copy_rows_label(rows, label_of(LABEL_TYPE, order->type));
    copy_rows_label(rows, label_of(LABEL_TIF, order->tif));
    copy_rows_label(rows, label_of(LABEL_STP, order->stp));
    copy_rows_bool(rows, order->post_only != 0);
    copy_rows_label(rows, label_of(LABEL_DOOR, order->door));
    copy_rows_text(rows, order->client_order_id, order->client_order_id_length);
    copy_rows_int8_or_null(rows, order->user_ref, 0);
    copy_rows_int8(rows, order->price_ticks);
    copy_rows_int8(rows, order->limit_ticks);
    copy_rows_label(rows, order->trigger == TRIGGER_NONE ? NULL
                                                         : label_of(LABEL_TRIGGER, order->trigger));
    copy_rows_int8(rows, order->trigger_ticks);
    copy_rows_int8(rows, order->qty_lots);
    copy_rows_int8(rows, order->executed_lots);
    copy_rows_int8(rows, order->cancelled_lots);
    copy_rows_int8(rows, order->left_lots);
    copy_rows_numeric(rows, order->quote_atoms);
    copy_rows_numeric(rows, order->fee_atoms);
    copy_rows_label(rows, label_of(LABEL_STATUS, order->status));
    copy_rows_bool(rows, ORDER_STATUS_IS_OPEN(order->status));
    copy_rows_text(rows, order->why, sizeof order->why);
    copy_rows_int8(rows, order->matcher_seq);
    copy_rows_int8_or_null(rows, order->replaces, 0);
    copy_rows_int8_or_null(rows, order->replaced_by, 0);
    copy_rows_int8(rows, order->created_ns);
    copy_rows_int8(rows, order->updated_ns);
    copy_rows_int8(rows, order->seq);
}

static void order_refused(struct projection *projection, const struct command_record *command) {
    struct order_row order = {.order_no = command->head.record_seq,
                              .seq = command->head.record_seq,
                              .updated_ns = command->head.time_ns,
                              .status = ORDER_STATUS_REFUSED};
    order_explain(&order, verdict_name(command->request.verdict));
    order_fill(&order, command);
    order.left_lots = 0;
    order_write(projection, &order);
}

static bool order_placed(struct projection *projection, const struct command_record *command) {
    struct order_row *order = orders_add(projection, command->head.record_seq);
    if (order == NULL)
        return projection_flaw(projection, "more open orders than", ORDER_MAX);
    order_fill(order, command);
    order->status =
        command->op == COMMAND_NEW && command->seq == 0 ? ORDER_STATUS_WAITING : ORDER_STATUS_SENT;
    if (command->op == COMMAND_REPLACE) {
        order->replaces = command->order_no;
        orders_await_replace(projection, (struct replace_in_flight){command->seq, order->order_no});
    }
    order_touch(projection, order);
    return true;
}

bool orders_command(struct projection *projection, const struct command_record *command) {
    bool is_taken = command->request.verdict == VERDICT_TAKEN;
    if (command->op == COMMAND_NEW && !is_taken) {
        order_refused(projection, command);
        return true;
    }
    if (!is_taken)
        return true;
    if (command->op == COMMAND_NEW || command->op == COMMAND_REPLACE)
        return order_placed(projection, command);
    if (command->op == COMMAND_TRIGGER) {
        struct order_row *order = order_find(projection, command->order_no);
        if (order == NULL)
            return false;
        order->status = ORDER_STATUS_SENT;
        order->matcher_seq = command->seq;
        order_touch(projection, order);
    }
    return true;
}

bool orders_accepted(struct projection *projection, const struct accepted_record *accepted) {
    struct order_row *order = order_find(projection, accepted->order_no);
    if (order == NULL)
        return false;
    order->status = ORDER_STATUS_OPEN;
    order_touch(projection, order);
    return true;
}

struct order_fill {
    uint64_t order_no;
    uint64_t qty_lots;
    uint64_t left_lots;
    amount_t quote_atoms;
    amount_t fee_atoms;
};

static bool order_filled(struct projection *projection, struct order_fill fill) {
    struct order_row *order = order_find(projection, fill.order_no);
    if (order == NULL)
        return false;
    order->executed_lots += fill.qty_lots;
    order->quote_atoms += fill.quote_atoms;
    order->fee_atoms += fill.fee_atoms;
    order_leave(order, fill.left_lots);
    order->status = fill.left_lots == 0 ? ORDER_STATUS_FILLED : ORDER_STATUS_PARTLY_FILLED;
    order_touch(projection, order);
    return true;
}

bool orders_trade(struct projection *projection, const struct trade_record *trade) {
    const struct instrument_terms *terms = projection_terms(projection, trade->head.instrument);
    if (terms == NULL)
        return false;
    struct copy_rows *rows = &projection->rows[TABLE_TRADES];
    copy_rows_begin(rows, 13);
    copy_rows_int8(rows, trade->head.record_seq);
    copy_rows_int8(rows, trade->head.time_ns);
    copy_rows_int4(rows, trade->head.instrument);
    copy_rows_int8(rows, trade->match);
    copy_rows_int8(rows, trade->price_ticks);
    copy_rows_int8(rows, trade->qty_lots);
    copy_rows_int8(rows, trade->maker_order_no);
    copy_rows_int8(rows, trade->taker_order_no);
    copy_rows_int8(rows, trade->maker_account);
    copy_rows_int8(rows, trade->taker_account);
    copy_rows_label(rows, label_of(LABEL_SIDE, trade->taker_side));
    copy_rows_numeric(rows, trade->maker_fee_atoms);
    copy_rows_numeric(rows, trade->taker_fee_atoms);
    struct order_fill maker = {.order_no = trade->maker_order_no,
                               .qty_lots = trade->qty_lots,
                               .left_lots = trade->maker_left_lots,
                               .quote_atoms = (amount_t)trade->price_ticks * trade->qty_lots *
                                              terms->tick_lot_atoms,
                               .fee_atoms = trade->maker_fee_atoms};
    struct order_fill taker = maker;
    taker.order_no = trade->taker_order_no;
    taker.left_lots = trade->taker_left_lots;
    taker.fee_atoms = trade->taker_fee_atoms;
    return order_filled(projection, maker) && order_filled(projection, taker);
}

bool orders_rested(struct projection *projection, const struct rested_record *rested) {
    struct order_row *order = order_find(projection, rested->order_no);
    if (order == NULL)
        return false;
    order_leave(order, rested->qty_lots);
    order_touch(projection, order);
    return true;
}

bool orders_cancelled(struct projection *projection, const struct cancelled_record *cancelled) {
    struct order_row *order = order_find(projection, cancelled->order_no);
    if (order == NULL)
        return false;
    order->cancelled_lots += cancelled->taken_lots;
    if (cancelled->head.kind == RECORD_REDUCED) {
        order_leave(order, cancelled->qty_lots);
    } else {
        order_leave(order, 0);
        order->status =
            cancelled->why == WHY_REPLACE ? ORDER_STATUS_REPLACED : ORDER_STATUS_CANCELLED;
        order_explain(order, label_of(LABEL_CANCEL_WHY, cancelled->why));
        order->replaced_by = cancelled->new_order_no;
    }
    order_touch(projection, order);
    return true;
}

bool orders_rejected(struct projection *projection, const struct rejected_record *rejected) {
    if (rejected->op != COMMAND_NEW && rejected->op != COMMAND_TRIGGER &&
        rejected->op != COMMAND_REPLACE)
        return true; /* the order named stays as it was */
    struct order_row *order = order_find(projection, rejected->order_no);
    if (order == NULL)
        return false;
    order->left_lots = 0;
    order->status = ORDER_STATUS_REJECTED;
    order_explain(order, label_of(LABEL_REJECT_WHY, rejected->why));
    order_touch(projection, order);
    return true;
}

/* A replace whose order is still on its way at its DONE entered nothing: fills had taken all of it. */
bool orders_done(struct projection *projection, const struct done_record *done) {
    if (projection->replace_head == projection->replace_tail)
        return true;
    struct replace_in_flight replace =
        projection->replaces[projection->replace_head % PROJECTION_REPLACES_MAX];
    if (replace.matcher_seq != done->seq)
        return true;
    projection->replace_head++;
    uint32_t index = hash_map_find(&projection->order_by_no, &replace.order_no);
    if (index == HASH_MAP_NONE || projection->orders[index].status != ORDER_STATUS_SENT)
        return true;
    struct order_row *order = &projection->orders[index];
    order_leave(order, 0);
    order->status = ORDER_STATUS_CANCELLED;
    order_explain(order, "nothing_left");
    order_touch(projection, order);
    return true;
}

void orders_flush(struct projection *projection) {
    for (uint32_t i = 0; i < projection->dirty_order_count; i++) {
        uint32_t index = projection->dirty_orders[i];
        struct order_row *order = &projection->orders[index];
        order_write(projection, order);
        order->is_dirty = false;
        if (!ORDER_STATUS_IS_OPEN(order->status)) {
            hash_map_remove(&projection->order_by_no, &order->order_no);
            projection->free_orders[projection->free_order_count++] = index;
        }
    }
    projection->dirty_order_count = 0;
}
