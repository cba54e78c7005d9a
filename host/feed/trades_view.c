#include "feed/trades_view.h"

#include "base/check.h"
#include "core/matcher.h"

size_t trades_view_bytes(const struct feed_limits *limits) {
    return (size_t)limits->instrument_max * TRADES_KEPT * sizeof(struct trade_print) +
           limits->instrument_max * sizeof(uint64_t) + limits->fill_max * sizeof(struct fill_view) +
           (limits->account_max + 1u) * sizeof(uint64_t) + 256;
}

void trades_view_init(struct trades_view *view, struct arena *arena,
                      const struct feed_limits *limits) {
    *view = (struct trades_view){.limits = *limits};
    check(limits->fill_max > 0);
    view->prints =
        arena_take(arena, (size_t)limits->instrument_max * TRADES_KEPT * sizeof *view->prints, 64);
    view->print_counts = arena_take(arena, limits->instrument_max * sizeof *view->print_counts, 64);
    view->fills = arena_take(arena, limits->fill_max * sizeof *view->fills, 64);
    view->newest = arena_take(arena, (limits->account_max + 1u) * sizeof *view->newest, 64);
}

static void fill_add(struct trades_view *view, const struct trade_record *record, bool is_maker) {
    uint32_t account = is_maker ? record->maker_account : record->taker_account;
    uint64_t *newest = &view->newest[account_index(&view->limits, account)];
    uint8_t maker_side = record->taker_side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;

    view->fills[view->fill_count % view->limits.fill_max] = (struct fill_view){
        .match = record->match,
        .record_seq = record->head.record_seq,
        .time_ns = record->head.time_ns,
        .order_no = is_maker ? record->maker_order_no : record->taker_order_no,
        .qty_lots = record->qty_lots,
        .fee_atoms = is_maker ? record->maker_fee_atoms : record->taker_fee_atoms,
        .next_number = *newest,
        .account = account,
        .price_ticks = record->price_ticks,
        .instrument = record->head.instrument,
        .side = is_maker ? maker_side : record->taker_side,
        .is_maker = is_maker,
    };
    view->fill_count++;
    *newest = view->fill_count;
}

void trades_view_record(struct trades_view *view, const union record *record) {
    if (record->head.kind != RECORD_TRADE)
        return;
    const struct trade_record *trade = &record->trade;
    uint16_t instrument = trade->head.instrument;

    check(instrument < view->limits.instrument_max);
    uint64_t number = view->print_counts[instrument]++;
    view->prints[(size_t)instrument * TRADES_KEPT + number % TRADES_KEPT] = (struct trade_print){
        .match = trade->match,
        .time_ns = trade->head.time_ns,
        .qty_lots = trade->qty_lots,
        .price_ticks = trade->price_ticks,
        .taker_account = trade->taker_account,
        .taker_side = trade->taker_side,
    };
    fill_add(view, trade, true);
    fill_add(view, trade, false);
}

uint32_t trades_view_count(const struct trades_view *view, uint16_t instrument) {
    check(instrument < view->limits.instrument_max);
    uint64_t count = view->print_counts[instrument];

    return count < TRADES_KEPT ? (uint32_t)count : TRADES_KEPT;
}

const struct trade_print *trades_view_print(const struct trades_view *view, uint16_t instrument,
                                            uint32_t age) {
    check(age < trades_view_count(view, instrument));
    uint64_t number = view->print_counts[instrument] - 1 - age;

    return &view->prints[(size_t)instrument * TRADES_KEPT + number % TRADES_KEPT];
}

const struct fill_view *trades_view_next_fill(const struct trades_view *view, uint32_t account,
                                              const struct fill_view *after) {
    if (account != ACCOUNT_HOUSE && account >= view->limits.account_max)
        return NULL;
    uint64_t link =
        after == NULL ? view->newest[account_index(&view->limits, account)] : after->next_number;

    if (link == 0 || view->fill_count - link >= view->limits.fill_max)
        return NULL; /* the end, or forgotten */
    return &view->fills[(link - 1) % view->limits.fill_max];
}
