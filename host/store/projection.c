#include "store/projection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/verdict.h"

bool projection_flaw(struct projection *projection, const char *what, uint64_t number) {
    snprintf(projection->flaw, sizeof projection->flaw, "record %" PRIu64 ": %s %" PRIu64,
             projection->record_seq, what, number);
    return false;
}

const struct instrument_terms *projection_terms(struct projection *projection,
                                                uint16_t instrument) {
    if (instrument >= INSTRUMENT_MAX || !projection->instruments[instrument].is_listed) {
        (void)projection_flaw(projection, "no such instrument:", instrument);
        return NULL;
    }
    return &projection->instruments[instrument];
}

static size_t maps_bytes(void) {
    return hash_map_bytes(PROJECTION_ORDERS_MAX, 8) + hash_map_bytes(PROJECTION_BALANCES_MAX, 8);
}

struct projection *projection_open(void) {
    struct projection *projection = calloc(1, sizeof *projection);
    if (projection == NULL)
        return NULL;
    projection->orders = calloc(PROJECTION_ORDERS_MAX, sizeof *projection->orders);
    projection->free_orders = calloc(PROJECTION_ORDERS_MAX, sizeof *projection->free_orders);
    projection->dirty_orders = calloc(PROJECTION_ORDERS_MAX, sizeof *projection->dirty_orders);
    projection->balances = calloc(PROJECTION_BALANCES_MAX, sizeof *projection->balances);
    projection->dirty_balances =
        calloc(PROJECTION_BALANCES_MAX, sizeof *projection->dirty_balances);
    projection->replaces = calloc(PROJECTION_REPLACES_MAX, sizeof *projection->replaces);
    projection->map_memory = aligned_alloc(64, (maps_bytes() + 63) / 64 * 64);
    if (projection->orders == NULL || projection->free_orders == NULL ||
        projection->dirty_orders == NULL || projection->balances == NULL ||
        projection->dirty_balances == NULL || projection->replaces == NULL ||
        projection->map_memory == NULL) {
        projection_close(projection);
        return NULL;
    }
    projection_reset(projection);
    return projection;
}

void projection_reset(struct projection *projection) {
    projection->record_seq = 0;
    projection->time_ns = 0;
    memset(projection->instruments, 0, sizeof projection->instruments);
    memset(projection->candles, 0, sizeof projection->candles);
    for (uint32_t i = 0; i < PROJECTION_ORDERS_MAX; i++)
        projection->free_orders[i] =
            PROJECTION_ORDERS_MAX - 1 - i; /* lowest first: memory is touched as needed */
    projection->free_order_count = PROJECTION_ORDERS_MAX;
    projection->dirty_order_count = 0;
    projection->balance_count = 0;
    projection->dirty_balance_count = 0;
    projection->replace_head = 0;
    projection->replace_tail = 0;
    projection->flaw[0] = '\0';
    struct arena arena;
    memset(projection->map_memory, 0, maps_bytes());
    arena_init(&arena, projection->map_memory, maps_bytes());
    hash_map_init(&projection->order_by_no, &arena, PROJECTION_ORDERS_MAX, 8);
    hash_map_init(&projection->balance_by_key, &arena, PROJECTION_BALANCES_MAX, 8);
    projection_clear(projection);
}

void projection_close(struct projection *projection) {
    if (projection == NULL)
        return;
    for (int table = 0; table < TABLE_COUNT; table++)
        copy_rows_free(&projection->rows[table]);
    free(projection->orders);
    free(projection->free_orders);
    free(projection->dirty_orders);
    free(projection->balances);
    free(projection->dirty_balances);
    free(projection->replaces);
    free(projection->map_memory);
    free(projection);
}

static void apply_asset(struct projection *projection, const struct asset_record *asset) {
    if (asset->request.verdict != VERDICT_TAKEN)
        return;
    struct copy_rows *rows = &projection->rows[TABLE_ASSETS];
    copy_rows_begin(rows, 4);
    copy_rows_int4(rows, asset->asset);
    copy_rows_text(rows, asset->name, sizeof asset->name);
    copy_rows_int2(rows, asset->decimals);
    copy_rows_int8(rows, asset->head.record_seq);
}

static void apply_instrument(struct projection *projection,
                             const struct instrument_record *instrument) {
    if (instrument->request.verdict != VERDICT_TAKEN)
        return;
    uint16_t index = instrument->head.instrument;
    check(index < INSTRUMENT_MAX);
    projection->instruments[index] = (struct instrument_terms){
        .is_listed = true,
        .base_asset = instrument->base_asset,
        .quote_asset = instrument->quote_asset,
        .lot_atoms = instrument->lot_atoms,
        .tick_lot_atoms = instrument->tick_lot_atoms,
    };
    struct copy_rows *rows = &projection->rows[TABLE_INSTRUMENTS];
    copy_rows_begin(rows, 12);
    copy_rows_int4(rows, index);
    copy_rows_text(rows, instrument->symbol, sizeof instrument->symbol);
    copy_rows_int4(rows, instrument->base_asset);
    copy_rows_int4(rows, instrument->quote_asset);
    copy_rows_numeric(rows, instrument->tick_e8);
    copy_rows_numeric(rows, instrument->lot_atoms);
    copy_rows_numeric(rows, instrument->tick_lot_atoms);
    copy_rows_numeric(rows, instrument->min_notional_atoms);
    copy_rows_numeric(rows, instrument->max_order_lots);
    copy_rows_int8(rows, instrument->maker_fee_ppm);
    copy_rows_int8(rows, instrument->taker_fee_ppm);
    copy_rows_int8(rows, instrument->head.record_seq);
}

static void apply_account(struct projection *projection, const struct account_record *account) {
    if (account->request.verdict != VERDICT_TAKEN)
        return;
    struct copy_rows *rows = &projection->rows[TABLE_ACCOUNTS];
    copy_rows_begin(rows, 7);
    copy_rows_int8(rows, account->request.account);
    if (account->name[0] == '\0')
        copy_rows_label(rows, "");
    else
        copy_rows_text(rows, account->name, sizeof account->name);
    copy_rows_int8_or_null(rows, account->maker_fee_ppm, FEE_INHERIT);
    copy_rows_int8_or_null(rows, account->taker_fee_ppm, FEE_INHERIT);
    copy_rows_int8_or_null(rows, account->open_order_max, 0);
    copy_rows_bool(rows, (account->account_flags & ACCOUNT_SUSPENDED) != 0);
    copy_rows_int8(rows, account->head.record_seq);
}

static const char *transfer_kind_label(uint8_t kind) {
    return kind == TRANSFER_WITHDRAWAL ? "withdrawal" : "deposit";
}

static const char *transfer_state_label(uint8_t state) {
    switch ((enum transfer_state)state) {
    case TRANSFER_REQUESTED: return "requested";
    case TRANSFER_APPROVED: return "approved";
    case TRANSFER_DONE: return "done";
    case TRANSFER_REFUSED: return "refused";
    }
    return "refused"; /* a value without meaning is in refused records only */
}

static void apply_transfer(struct projection *projection, const struct transfer_record *transfer) {
    bool is_taken = transfer->request.verdict == VERDICT_TAKEN;
    bool is_first =
        transfer->transfer_no == 0 || transfer->transfer_no == transfer->head.record_seq;
    if (is_taken)
        balances_transfer(projection, transfer);
    else if (!is_first)
        return; /* a refused step leaves the transfer as it was */
    struct copy_rows *rows = &projection->rows[TABLE_TRANSFERS];
    copy_rows_begin(rows, 11);
    copy_rows_int8(rows, is_first ? transfer->head.record_seq : transfer->transfer_no);
    copy_rows_int8(rows, transfer->request.account);
    copy_rows_int4(rows, transfer->asset);
    copy_rows_label(rows, transfer_kind_label(transfer->transfer_kind));
    copy_rows_label(rows, is_taken ? transfer_state_label(transfer->transfer_state) : "refused");
    copy_rows_numeric(rows, transfer->amount_atoms);
    copy_rows_text(rows, transfer->reference, sizeof transfer->reference);
    copy_rows_label(rows, is_taken ? NULL : verdict_name(transfer->request.verdict));
    copy_rows_int8(rows, transfer->head.time_ns);
    copy_rows_int8(rows, transfer->head.time_ns);
    copy_rows_int8(rows, transfer->head.record_seq);
}

static bool release(struct projection *projection, struct balance_release release) {
    return release.atoms == 0 || balances_release(projection, release);
}

static bool apply_order_event(struct projection *projection, const union record *record) {
    switch (record->head.kind) {
    case RECORD_COMMAND:
        return orders_command(projection, &record->command) &&
               balances_command(projection, &record->command);
    case RECORD_ACCEPTED: return orders_accepted(projection, &record->accepted);
    case RECORD_TRADE:
        candle_rows_trade(projection, &record->trade);
        return balances_trade(projection, &record->trade) &&
               orders_trade(projection, &record->trade);
    case RECORD_RESTED: return orders_rested(projection, &record->rested);
    case RECORD_CANCELLED:
    case RECORD_REDUCED: {
        const struct cancelled_record *cancelled = &record->cancelled;
        return orders_cancelled(projection, cancelled) &&
               release(projection,
                       (struct balance_release){.order_no = cancelled->order_no,
                                                .atoms = cancelled->release_atoms,
                                                .account = cancelled->account,
                                                .instrument = cancelled->head.instrument,
                                                .side = cancelled->side});
    }
    case RECORD_REJECTED: {
        const struct rejected_record *rejected = &record->rejected;
        return orders_rejected(projection, rejected) &&
               release(projection, (struct balance_release){.order_no = rejected->order_no,
                                                            .atoms = rejected->release_atoms,
                                                            .account = rejected->account,
                                                            .instrument = rejected->head.instrument,
                                                            .side = rejected->side});
    }
    case RECORD_DONE: return orders_done(projection, &record->done);
    default: return true;
    }
}

enum projection_result projection_apply(struct projection *projection, const union record *record) {
    check(projection->batch_records < PROJECTION_BATCH_RECORDS);
    check(record->head.record_seq == projection->record_seq + 1);
    projection->record_seq = record->head.record_seq;
    projection->time_ns = record->head.time_ns;
    projection->batch_records++;
    projection->change_part = 0;
    switch (record->head.kind) {
    case RECORD_ASSET: apply_asset(projection, &record->asset); break;
    case RECORD_INSTRUMENT: apply_instrument(projection, &record->instrument); break;
    case RECORD_ACCOUNT: apply_account(projection, &record->account); break;
    case RECORD_TRANSFER: apply_transfer(projection, &record->transfer); break;
    default:
        /* Credentials, sessions, days, starts and digests make no rows. */
        if (!apply_order_event(projection, record))
            return PROJECTION_BROKEN;
    }
    return PROJECTION_APPLIED;
}

void projection_flush(struct projection *projection) {
    orders_flush(projection);
    balances_flush(projection);
    candle_rows_flush(projection);
}

void projection_clear(struct projection *projection) {
    for (int table = 0; table < TABLE_COUNT; table++)
        copy_rows_clear(&projection->rows[table]);
    projection->batch_records = 0;
}
