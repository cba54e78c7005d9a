#include "store/projector_tables.h"

#include <stdio.h>

#include "store/database.h"

#define ASSET_COLUMNS "asset, name, decimals, seq"
#define INSTRUMENT_COLUMNS                                                                         \
    "instrument, symbol, base_asset, quote_asset, tick_e8, lot_atoms, tick_lot_atoms, "            \
    "min_notional_atoms, max_order_lots, maker_fee_ppm, taker_fee_ppm, seq"
#define ACCOUNT_COLUMNS                                                                            \
    "account, name, maker_fee_ppm, taker_fee_ppm, open_order_max, suspended, seq"
#define TRANSFER_COLUMNS                                                                           \
    "transfer_no, account, asset, kind, state, amount_atoms, reference, why, created_ns, "         \
    "updated_ns, seq"

struct table {
    const char *name;
    const char *columns;
    const char
        *merge; /* from the staging into the table; NULL: rows are copied into the table itself */
};

/* A newer row replaces an older one and never the other way. Listings, accounts and transfers may come several
 * times in one batch, and `on conflict` takes a row once per statement, hence `distinct on`. */
static const struct table tables[TABLE_COUNT] = {
    [TABLE_ASSETS] =
        {"assets", ASSET_COLUMNS,
         "insert into assets (" ASSET_COLUMNS ") select distinct on (asset) " ASSET_COLUMNS
         " from assets_staging order by asset, seq desc on conflict (asset) do update set"
         " name = excluded.name, decimals = excluded.decimals, seq = excluded.seq"
         " where assets.seq < excluded.seq"},
    [TABLE_INSTRUMENTS] =
        {"instruments", INSTRUMENT_COLUMNS,
         "insert into instruments (" INSTRUMENT_COLUMNS
         ") select distinct on (instrument) " INSTRUMENT_COLUMNS
         " from instruments_staging order by instrument, seq desc"
         " on conflict (instrument) do update set min_notional_atoms = excluded.min_notional_atoms,"
         " max_order_lots = excluded.max_order_lots, maker_fee_ppm = excluded.maker_fee_ppm,"
         " taker_fee_ppm = excluded.taker_fee_ppm, seq = excluded.seq"
         " where instruments.seq < excluded.seq"},
    [TABLE_ACCOUNTS] =
        {"accounts", ACCOUNT_COLUMNS,
         "insert into accounts (" ACCOUNT_COLUMNS ") select distinct on (account) " ACCOUNT_COLUMNS
         " from accounts_staging order by account, seq desc on conflict (account) do update set"
         " name = excluded.name, maker_fee_ppm = excluded.maker_fee_ppm,"
         " taker_fee_ppm = excluded.taker_fee_ppm, open_order_max = excluded.open_order_max,"
         " suspended = excluded.suspended, seq = excluded.seq where accounts.seq < excluded.seq"},
    [TABLE_ORDERS] =
        {"orders", ORDER_ROW_COLUMNS,
         "insert into orders (" ORDER_ROW_COLUMNS ") select " ORDER_ROW_COLUMNS
         " from orders_staging on conflict (order_no) do update set qty_lots = excluded.qty_lots,"
         " executed_lots = excluded.executed_lots, cancelled_lots = excluded.cancelled_lots,"
         " left_lots = excluded.left_lots, quote_atoms = excluded.quote_atoms,"
         " fee_atoms = excluded.fee_atoms, status = excluded.status, is_open = excluded.is_open,"
         " why = excluded.why, matcher_seq = excluded.matcher_seq, replaced_by = "
         "excluded.replaced_by,"
         " updated_ns = excluded.updated_ns, seq = excluded.seq where orders.seq < excluded.seq"},
    [TABLE_TRADES] = {"trades", TRADE_ROW_COLUMNS, NULL},
    [TABLE_BALANCES] =
        {"balances", BALANCE_ROW_COLUMNS,
         "insert into balances (" BALANCE_ROW_COLUMNS ") select " BALANCE_ROW_COLUMNS
         " from balances_staging on conflict (account, asset) do update set"
         " available_atoms = excluded.available_atoms, held_atoms = excluded.held_atoms,"
         " seq = excluded.seq where balances.seq < excluded.seq"},
    [TABLE_BALANCE_CHANGES] = {"balance_changes", BALANCE_CHANGE_ROW_COLUMNS, NULL},
    [TABLE_TRANSFERS] =
        {"transfers", TRANSFER_COLUMNS,
         "insert into transfers (" TRANSFER_COLUMNS
         ") select distinct on (transfer_no) transfer_no,"
         " account, asset, kind, state, amount_atoms, reference, why,"
         " min(created_ns) over (partition by transfer_no), updated_ns, seq"
         " from transfers_staging order by transfer_no, seq desc on conflict (transfer_no) do "
         "update set"
         " state = excluded.state, updated_ns = excluded.updated_ns, seq = excluded.seq"
         " where transfers.seq < excluded.seq"},
    [TABLE_CANDLES] =
        {"candles", CANDLE_ROW_COLUMNS,
         "insert into candles (" CANDLE_ROW_COLUMNS ") select " CANDLE_ROW_COLUMNS
         " from candles_staging on conflict (instrument, interval_s, open_ns) do update set"
         " high_ticks = excluded.high_ticks, low_ticks = excluded.low_ticks,"
         " close_ticks = excluded.close_ticks, volume_lots = excluded.volume_lots,"
         " quote_atoms = excluded.quote_atoms, taker_buy_lots = excluded.taker_buy_lots,"
         " taker_buy_quote_atoms = excluded.taker_buy_quote_atoms, trade_count = "
         "excluded.trade_count,"
         " last_match = excluded.last_match, seq = excluded.seq where candles.seq < excluded.seq"},
};

bool tables_stage(PGconn *connection) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        char statement[256];
        if (tables[i].merge == NULL)
            continue;
        snprintf(statement, sizeof statement,
                 "create temporary table %s_staging (like %s) on commit delete rows",
                 tables[i].name, tables[i].name);
        if (!database_run(connection, statement))
            return false;
    }
    return true;
}

bool tables_write(PGconn *connection, const struct projection *projection) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        char statement[1024];
        const struct copy_rows *rows = &projection->rows[i];
        if (rows->row_count == 0)
            continue;
        snprintf(statement, sizeof statement, "copy %s%s (%s) from stdin binary", tables[i].name,
                 tables[i].merge == NULL ? "" : "_staging", tables[i].columns);
        if (!copy_rows_send(rows, connection, statement))
            return false;
        if (tables[i].merge != NULL && !database_run(connection, tables[i].merge))
            return false;
    }
    return true;
}
