#include "feed/balances_view.h"

#include "base/check.h"
#include "core/matcher.h"

size_t balances_view_bytes(const struct feed_limits *limits) {
    return hash_map_bytes(limits->balance_max, 8) +
           limits->balance_max * sizeof(struct balance_view) +
           (limits->account_max + 1u) * sizeof(uint32_t) + 256;
}

void balances_view_init(struct balances_view *view, struct arena *arena,
                        const struct feed_limits *limits) {
    *view = (struct balances_view){.limits = *limits};
    hash_map_init(&view->index, arena, limits->balance_max, 8);
    view->balances = arena_take(arena, limits->balance_max * sizeof *view->balances, 64);
    view->first = arena_take(arena, (limits->account_max + 1u) * sizeof *view->first, 64);
}

static uint64_t key_of(uint32_t account, uint16_t asset) {
    return (uint64_t)account << 16 | asset;
}

static struct balance_view *balance_of(struct balances_view *view, uint32_t account,
                                       uint16_t asset) {
    uint64_t key = key_of(account, asset);
    uint32_t index = hash_map_find(&view->index, &key);

    if (index == HASH_MAP_NONE) {
        index = view->count;
        bool added = hash_map_put(&view->index, &key, index);
        check(added);
        view->count++;
        uint32_t *first = &view->first[account_index(&view->limits, account)];
        view->balances[index] =
            (struct balance_view){.account = account, .asset = asset, .next = *first};
        *first = index + 1;
    }
    return &view->balances[index];
}

static void balance_move(struct balances_view *view, uint32_t account, uint16_t asset,
                         amount_t available_atoms, amount_t held_atoms) {
    struct balance_view *balance = balance_of(view, account, asset);
    uint32_t index = (uint32_t)(balance - view->balances);
    uint32_t i = 0;

    balance->available_atoms += available_atoms;
    balance->held_atoms += held_atoms;
    while (i < view->touched_count && view->touched[i] != index)
        i++;
    if (i == view->touched_count) {
        check(view->touched_count < BALANCES_TOUCHED_MAX);
        view->touched[view->touched_count++] = index;
    }
}

static uint16_t held_asset(const struct listed_instrument *instrument, uint8_t side) {
    return side == SIDE_BUY ? instrument->quote_asset : instrument->base_asset;
}

static void add_hold(struct balances_view *view, const struct directory *directory,
                     const struct command_record *record) {
    if (record->hold_atoms == 0)
        return;
    uint16_t asset =
        held_asset(directory_instrument(directory, record->head.instrument), record->side);
    balance_move(view, record->request.account, asset, -record->hold_atoms, record->hold_atoms);
}

static void add_release(struct balances_view *view, const struct directory *directory,
                        const struct record_head *head, uint32_t account, uint8_t side,
                        amount_t release_atoms) {
    if (release_atoms == 0)
        return;
    uint16_t asset = held_asset(directory_instrument(directory, head->instrument), side);
    balance_move(view, account, asset, release_atoms, -release_atoms);
}

static void add_trade(struct balances_view *view, const struct directory *directory,
                      const struct trade_record *record) {
    const struct listed_instrument *instrument =
        directory_instrument(directory, record->head.instrument);
    amount_t base_atoms = (amount_t)record->qty_lots * instrument->lot_atoms;
    amount_t quote_atoms =
        (amount_t)record->price_ticks * record->qty_lots * instrument->tick_lot_atoms;
    bool taker_buys = record->taker_side == SIDE_BUY;
    uint32_t buyer = taker_buys ? record->taker_account : record->maker_account;
    uint32_t seller = taker_buys ? record->maker_account : record->taker_account;
    amount_t buyer_fee = taker_buys ? record->taker_fee_atoms : record->maker_fee_atoms;
    amount_t seller_fee = taker_buys ? record->maker_fee_atoms : record->taker_fee_atoms;

    balance_move(view, buyer, instrument->quote_asset, 0, -quote_atoms);
    balance_move(view, buyer, instrument->base_asset, base_atoms - buyer_fee, 0);
    balance_move(view, seller, instrument->base_asset, 0, -base_atoms);
    balance_move(view, seller, instrument->quote_asset, quote_atoms - seller_fee, 0);
    if (buyer_fee != 0)
        balance_move(view, ACCOUNT_HOUSE, instrument->base_asset, buyer_fee, 0);
    if (seller_fee != 0)
        balance_move(view, ACCOUNT_HOUSE, instrument->quote_asset, seller_fee, 0);
    if (record->taker_release_atoms != 0)
        balance_move(view, record->taker_account, instrument->quote_asset,
                     record->taker_release_atoms, -record->taker_release_atoms);
}

static void add_transfer(struct balances_view *view, const struct transfer_record *record) {
    uint32_t account = record->request.account;
    amount_t amount = record->amount_atoms;

    if (record->transfer_kind == TRANSFER_DEPOSIT) {
        if (record->transfer_state == TRANSFER_DONE) {
            balance_move(view, account, record->asset, amount, 0);
            balance_move(view, ACCOUNT_OUTSIDE, record->asset, -amount, 0);
        }
        return;
    }
    switch (record->transfer_state) {
    case TRANSFER_REQUESTED: balance_move(view, account, record->asset, -amount, amount); break;
    case TRANSFER_DONE:
        balance_move(view, account, record->asset, 0, -amount);
        balance_move(view, ACCOUNT_OUTSIDE, record->asset, amount, 0);
        break;
    case TRANSFER_REFUSED: balance_move(view, account, record->asset, amount, -amount); break;
    default: break;
    }
}

void balances_view_record(struct balances_view *view, const struct directory *directory,
                          const union record *record) {
    const struct record_head *head = &record->head;

    view->touched_count = 0;
    switch (head->kind) {
    case RECORD_COMMAND:
        if (record->request.verdict == 0)
            add_hold(view, directory, &record->command);
        break;
    case RECORD_TRANSFER:
        if (record->request.verdict == 0)
            add_transfer(view, &record->transfer);
        break;
    case RECORD_TRADE: add_trade(view, directory, &record->trade); break;
    case RECORD_CANCELLED:
    case RECORD_REDUCED:
        add_release(view, directory, head, record->cancelled.account, record->cancelled.side,
                    record->cancelled.release_atoms);
        break;
    case RECORD_REJECTED:
        add_release(view, directory, head, record->rejected.account, record->rejected.side,
                    record->rejected.release_atoms);
        break;
    default: break;
    }
}

struct balance_view balances_view_get(const struct balances_view *view, uint32_t account,
                                      uint16_t asset) {
    uint64_t key = key_of(account, asset);
    uint32_t index = hash_map_find(&view->index, &key);

    if (index == HASH_MAP_NONE)
        return (struct balance_view){.account = account, .asset = asset};
    return view->balances[index];
}

const struct balance_view *balances_view_next(const struct balances_view *view, uint32_t account,
                                              const struct balance_view *after) {
    if (after == NULL && account != ACCOUNT_HOUSE && account >= view->limits.account_max)
        return NULL;
    uint32_t next =
        after == NULL ? view->first[account_index(&view->limits, account)] : after->next;
    return next == 0 ? NULL : &view->balances[next - 1];
}

amount_t balances_view_sum(const struct balances_view *view, uint16_t asset) {
    amount_t sum = 0;

    for (uint32_t i = 0; i < view->count; i++)
        if (view->balances[i].asset == asset)
            sum += view->balances[i].available_atoms + view->balances[i].held_atoms;
    return sum;
}
