#include "feed/orders_view.h"

#include <string.h>

#include "base/check.h"
#include "core/matcher.h"

struct client_key {
    uint32_t account;
    char id[CLIENT_ORDER_ID_BYTES];
};
static_assert(sizeof(struct client_key) == 40, "no padding: it is compared as bytes");

static uint32_t order_max_of(const struct feed_limits *limits) {
    return limits->order_max + FEED_IN_FLIGHT_MAX + limits->finished_max;
}

size_t orders_view_bytes(const struct feed_limits *limits) {
    uint32_t order_max = order_max_of(limits);
    uint32_t open_max = limits->order_max + FEED_IN_FLIGHT_MAX;

    return order_max * sizeof(struct order_view) +
           (limits->account_max + 1u) * sizeof(struct account_orders) +
           limits->finished_max * sizeof(uint32_t) + hash_map_bytes(order_max, 8) +
           hash_map_bytes(open_max, sizeof(struct client_key)) +
           hash_map_bytes(FEED_IN_FLIGHT_MAX, 8) + 512;
}

void orders_view_init(struct orders_view *view, struct arena *arena,
                      const struct feed_limits *limits) {
    *view = (struct orders_view){.limits = *limits, .order_max = order_max_of(limits)};
    check(limits->finished_max > 0);
    view->orders = arena_take(arena, view->order_max * sizeof *view->orders, 64);
    view->accounts = arena_take(arena, (limits->account_max + 1u) * sizeof *view->accounts, 64);
    view->finished = arena_take(arena, limits->finished_max * sizeof *view->finished, 64);
    hash_map_init(&view->by_number, arena, view->order_max, 8);
    hash_map_init(&view->by_client_id, arena, limits->order_max + FEED_IN_FLIGHT_MAX,
                  sizeof(struct client_key));
    hash_map_init(&view->by_replace_seq, arena, FEED_IN_FLIGHT_MAX, 8);
}

static struct client_key client_key_of(uint32_t account, const char *id, size_t length) {
    struct client_key key = {.account = account};

    memcpy(key.id, id, length);
    return key;
}

static struct account_orders *account_of(const struct orders_view *view, uint32_t account) {
    return &view->accounts[account_index(&view->limits, account)];
}

static void chain_put(struct orders_view *view, uint32_t *first, uint32_t index) {
    struct order_view *order = &view->orders[index];

    order->previous = 0;
    order->next = *first;
    if (*first != 0)
        view->orders[*first - 1].previous = index + 1;
    *first = index + 1;
}

static void chain_remove(struct orders_view *view, uint32_t *first, uint32_t index) {
    struct order_view *order = &view->orders[index];

    if (order->previous != 0)
        view->orders[order->previous - 1].next = order->next;
    else
        *first = order->next;
    if (order->next != 0)
        view->orders[order->next - 1].previous = order->previous;
}

static struct order_view *order_of(const struct orders_view *view, uint64_t order_no) {
    uint32_t index = hash_map_find(&view->by_number, &order_no);

    return index == HASH_MAP_NONE ? NULL : &view->orders[index];
}

static void order_forget(struct orders_view *view, uint32_t index) {
    struct order_view *order = &view->orders[index];

    chain_remove(view, &account_of(view, order->account)->finished_first, index);
    hash_map_remove(&view->by_number, &order->order_no);
    order->order_no = 0;
    order->next = view->free_first;
    view->free_first = index + 1;
}

static uint32_t slot_take(struct orders_view *view) {
    if (view->free_first != 0) {
        uint32_t index = view->free_first - 1;
        view->free_first = view->orders[index].next;
        return index;
    }
    check(view->used_count < view->order_max);
    return view->used_count++;
}

static bool has_client_key(const struct order_view *order) {
    return order->client_order_id_length > 0 && order->door == DOOR_WEB;
}

static void order_create(struct orders_view *view, const struct command_record *record) {
    uint32_t index = slot_take(view);
    struct order_view *order = &view->orders[index];
    bool added;

    check(record->client_order_id_length <= CLIENT_ORDER_ID_BYTES);
    *order = (struct order_view){
        .order_no = record->head.record_seq,
        .created_ns = record->head.time_ns,
        .updated_ns = record->head.time_ns,
        .qty_lots = record->qty_lots,
        .left_lots = record->qty_lots,
        .account = record->request.account,
        .price_ticks = record->price_ticks,
        .limit_ticks = record->limit_ticks,
        .trigger_ticks = record->trigger_ticks,
        .instrument = record->head.instrument,
        .side = record->side,
        .type = record->type,
        .tif = record->tif,
        .stp = record->stp,
        .post_only = record->post_only,
        .trigger = record->trigger,
        .status = record->seq == 0 ? ORDER_VIEW_WAITING : ORDER_VIEW_PENDING,
        .door = record->request.door,
        .client_order_id_length = record->client_order_id_length,
    };
    memcpy(order->client_order_id, record->client_order_id, record->client_order_id_length);
    added = hash_map_put(&view->by_number, &order->order_no, index);
    check(added);
    if (record->op == COMMAND_REPLACE) {
        order->replaces_seq = record->seq;
        added = hash_map_put(&view->by_replace_seq, &order->replaces_seq, index);
        check(added);
    }
    struct account_orders *account = account_of(view, order->account);
    chain_put(view, &account->open_first, index);
    account->open_count++;
    if (has_client_key(order)) {
        struct client_key key =
            client_key_of(order->account, order->client_order_id, order->client_order_id_length);
        if (hash_map_find(&view->by_client_id, &key) == HASH_MAP_NONE) {
            added = hash_map_put(&view->by_client_id, &key, index);
            check(added);
        }
    }
}

static void order_finish(struct orders_view *view, struct order_view *order,
                         enum order_view_status status, uint8_t why) {
    uint32_t index = (uint32_t)(order - view->orders);
    struct account_orders *account = account_of(view, order->account);

    check(!order_view_is_finished(order));
    order->status = (uint8_t)status;
    order->why = why;
    order->resting = false;
    if (has_client_key(order)) {
        struct client_key key =
            client_key_of(order->account, order->client_order_id, order->client_order_id_length);
        if (hash_map_find(&view->by_client_id, &key) == index)
            hash_map_remove(&view->by_client_id, &key);
    }
    chain_remove(view, &account->open_first, index);
    account->open_count--;

    uint32_t *oldest = &view->finished[view->finished_count % view->limits.finished_max];
    if (view->finished_count >= view->limits.finished_max)
        order_forget(view, *oldest);
    *oldest = index;
    view->finished_count++;
    chain_put(view, &account->finished_first, index);
}

static void order_fill(struct orders_view *view, uint64_t order_no,
                       const struct trade_record *record, uint64_t left_lots) {
    struct order_view *order = order_of(view, order_no);

    if (order == NULL)
        return;
    order->executed_lots += record->qty_lots;
    order->executed_tick_lots += (amount_t)record->price_ticks * record->qty_lots;
    order->left_lots = left_lots;
    order->updated_ns = record->head.time_ns;
    if (left_lots == 0)
        order_finish(view, order, ORDER_VIEW_FILLED, 0);
    else
        order->status = ORDER_VIEW_PARTLY_FILLED;
}

static enum order_view_status status_of_cancel(uint8_t why) {
    switch (why) {
    case WHY_IOC:
    case WHY_BAND: return ORDER_VIEW_EXPIRED;
    case WHY_SELF_TRADE: return ORDER_VIEW_EXPIRED_SELF_TRADE;
    default: return ORDER_VIEW_CANCELLED;
    }
}

static void take_reduced(struct orders_view *view, const struct cancelled_record *record) {
    struct order_view *order = order_of(view, record->order_no);

    if (order == NULL)
        return;
    order->left_lots = record->qty_lots;
    order->updated_ns = record->head.time_ns;
    if (record->why == WHY_USER && order->qty_lots > record->taken_lots)
        order->qty_lots -= record->taken_lots;
}

static void take_rejected(struct orders_view *view, const struct rejected_record *record) {
    if (record->op != COMMAND_NEW && record->op != COMMAND_TRIGGER && record->op != COMMAND_REPLACE)
        return;
    struct order_view *order = order_of(view, record->order_no);

    if (order == NULL || order_view_is_finished(order))
        return;
    order->updated_ns = record->head.time_ns;
    order_finish(view, order, ORDER_VIEW_REJECTED, record->why);
}

/* A replacement of which nothing was left to enter has no event of its own: it ends with its command. */
static void take_done(struct orders_view *view, const struct done_record *record) {
    uint64_t seq = record->seq;
    uint32_t index = seq == 0 ? HASH_MAP_NONE : hash_map_find(&view->by_replace_seq, &seq);

    if (index == HASH_MAP_NONE)
        return;
    hash_map_remove(&view->by_replace_seq, &seq);
    struct order_view *order = &view->orders[index];
    if (order->replaces_seq == seq && order->status == ORDER_VIEW_PENDING)
        order_finish(view, order, ORDER_VIEW_CANCELLED, WHY_REPLACE);
}

void orders_view_record(struct orders_view *view, const union record *record) {
    struct order_view *order;

    switch (record->head.kind) {
    case RECORD_COMMAND:
        if (record->request.verdict == 0 &&
            (record->command.op == COMMAND_NEW || record->command.op == COMMAND_REPLACE))
            order_create(view, &record->command);
        break;
    case RECORD_ACCEPTED:
        order = order_of(view, record->accepted.order_no);
        if (order != NULL) {
            order->status = ORDER_VIEW_OPEN;
            order->updated_ns = record->head.time_ns;
        }
        break;
    case RECORD_RESTED:
        order = order_of(view, record->rested.order_no);
        if (order != NULL) {
            order->resting = true;
            order->left_lots = record->rested.qty_lots;
        }
        break;
    case RECORD_TRADE:
        order_fill(view, record->trade.maker_order_no, &record->trade,
                   record->trade.maker_left_lots);
        order_fill(view, record->trade.taker_order_no, &record->trade,
                   record->trade.taker_left_lots);
        break;
    case RECORD_CANCELLED:
        order = order_of(view, record->cancelled.order_no);
        if (order != NULL && !order_view_is_finished(order)) {
            order->updated_ns = record->head.time_ns;
            order_finish(view, order, status_of_cancel(record->cancelled.why),
                         record->cancelled.why);
        }
        break;
    case RECORD_REDUCED: take_reduced(view, &record->cancelled); break;
    case RECORD_REJECTED: take_rejected(view, &record->rejected); break;
    case RECORD_DONE: take_done(view, &record->done); break;
    default: break;
    }
}

const struct order_view *orders_view_find(const struct orders_view *view, uint64_t order_no) {
    return order_of(view, order_no);
}

const struct order_view *orders_view_find_client_id(const struct orders_view *view,
                                                    uint32_t account, const char *id,
                                                    size_t length) {
    if (length == 0 || length > CLIENT_ORDER_ID_BYTES || account >= view->limits.account_max)
        return NULL;
    struct client_key key = client_key_of(account, id, length);
    uint32_t index = hash_map_find(&view->by_client_id, &key);

    if (index != HASH_MAP_NONE)
        return &view->orders[index];
    const struct order_view *order = NULL;
    while ((order = orders_view_next_finished(view, account, order)) != NULL)
        if (order->client_order_id_length == length &&
            memcmp(order->client_order_id, id, length) == 0)
            return order;
    return NULL;
}

static const struct order_view *at(const struct orders_view *view, uint32_t link) {
    return link == 0 ? NULL : &view->orders[link - 1];
}

const struct order_view *orders_view_next_open(const struct orders_view *view, uint32_t account,
                                               const struct order_view *after) {
    if (account != ACCOUNT_HOUSE && account >= view->limits.account_max)
        return NULL;
    return at(view, after == NULL ? account_of(view, account)->open_first : after->next);
}

const struct order_view *orders_view_next_finished(const struct orders_view *view, uint32_t account,
                                                   const struct order_view *after) {
    if (account != ACCOUNT_HOUSE && account >= view->limits.account_max)
        return NULL;
    return at(view, after == NULL ? account_of(view, account)->finished_first : after->next);
}

uint32_t orders_view_open_count(const struct orders_view *view, uint32_t account) {
    if (account != ACCOUNT_HOUSE && account >= view->limits.account_max)
        return 0;
    return account_of(view, account)->open_count;
}
