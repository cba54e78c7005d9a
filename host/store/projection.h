/* The projection: journal records become rows. Pure but for the memory of its row buffers: no database, no clock.
 *
 *     record ──▶ projection_apply ──▶ state: open orders, balances, open candles, terms of instruments
 *                                 └─▶ rows:  trades, balance_changes, ... complete at once
 *     projection_flush            ──▶ rows:  the last state of each order, balance and candle touched since
 *     projection_clear            after the rows are safe: empty the buffers
 *
 * The state is a function of the records up to `record_seq`, and all of it stands in the tables: after a start or
 * a lost connection it is read back from there (projection_load.h), never replayed from the beginning.
 *
 * Bounds: what the engine bounds is bounded here by the same names (core/limits.h). A batch has at most
 * PROJECTION_BATCH_RECORDS records; more is a mistake of the caller (check). */
#ifndef STORE_PROJECTION_H
#define STORE_PROJECTION_H

#include <stdint.h>

#include "base/arena.h"
#include "base/hash_map.h"
#include "core/record.h"
#include "store/copy_rows.h"
#include "store/rows.h"

#define PROJECTION_BATCH_RECORDS 10000u
/* Open ones, and those that closed in the batch and wait for its flush. */
#define PROJECTION_ORDERS_MAX (ORDER_MAX + PROJECTION_BATCH_RECORDS)
#define PROJECTION_BALANCES_MAX                                                                    \
    (BALANCE_MAX + 2 * ASSET_MAX) /* clients', and the house's and the outside's */
#define PROJECTION_REPLACES_MAX                                                                    \
    65536u /* replaces on their way to the matcher; the card's window is smaller */

#define CANDLE_INTERVALS 8
extern const uint32_t candle_interval_s[CANDLE_INTERVALS];

struct instrument_terms {
    bool is_listed;
    uint16_t base_asset;
    uint16_t quote_asset;
    uint64_t lot_atoms;
    uint64_t tick_lot_atoms;
};

struct replace_in_flight {
    uint64_t matcher_seq;
    uint64_t order_no;
};

enum projection_table { /* one buffer of rows each; projector.c has their statements */
                        TABLE_ASSETS,
                        TABLE_INSTRUMENTS,
                        TABLE_ACCOUNTS,
                        TABLE_ORDERS,
                        TABLE_TRADES,
                        TABLE_BALANCES,
                        TABLE_BALANCE_CHANGES,
                        TABLE_TRANSFERS,
                        TABLE_CANDLES,
                        TABLE_COUNT,
};

struct projection {
    uint64_t record_seq; /* of the last record applied */
    uint64_t time_ns;
    uint32_t batch_records;
    uint16_t change_part; /* balance changes that the present record has made */

    struct instrument_terms instruments[INSTRUMENT_MAX];
    struct candle_row candles[INSTRUMENT_MAX][CANDLE_INTERVALS];

    struct order_row *orders; /* PROJECTION_ORDERS_MAX */
    uint32_t *free_orders;    /* stack of indices */
    uint32_t free_order_count;
    uint32_t *dirty_orders;
    uint32_t dirty_order_count;
    struct hash_map order_by_no;

    struct balance_row *balances; /* PROJECTION_BALANCES_MAX, in order of first use */
    uint32_t balance_count;
    uint32_t *dirty_balances;
    uint32_t dirty_balance_count;
    struct hash_map balance_by_key; /* account << 32 | asset */

    struct replace_in_flight
        *replaces; /* ring of PROJECTION_REPLACES_MAX, in order of matcher_seq */
    uint64_t replace_head;
    uint64_t replace_tail;

    struct copy_rows rows[TABLE_COUNT];
    void *map_memory;
    char flaw[160]; /* after PROJECTION_BROKEN: what cannot be */
};

/* NULL when memory runs out. About 100 MB are reserved; what is not used is never touched. */
struct projection *projection_open(void);
/* Forgets state and rows: as just opened, behind record 0. */
void projection_reset(struct projection *projection);
void projection_close(struct projection *projection);

enum projection_result {
    PROJECTION_APPLIED,
    PROJECTION_BROKEN, /* the record names an order or instrument that cannot be: journal and tables differ */
};
/* `record` is the next one: its number is one above record_seq. */
NODISCARD enum projection_result projection_apply(struct projection *projection,
                                                  const union record *record);
void projection_flush(struct projection *projection);
void projection_clear(struct projection *projection);

/* The parts, each in its file; called by projection_apply and projection_load only. */

/* projection_orders.c. Each returns false with a flaw when the order is not there. */
NODISCARD bool orders_command(struct projection *projection, const struct command_record *command);
NODISCARD bool orders_accepted(struct projection *projection,
                               const struct accepted_record *accepted);
NODISCARD bool orders_trade(struct projection *projection, const struct trade_record *trade);
NODISCARD bool orders_rested(struct projection *projection, const struct rested_record *rested);
NODISCARD bool orders_cancelled(struct projection *projection,
                                const struct cancelled_record *cancelled);
NODISCARD bool orders_rejected(struct projection *projection,
                               const struct rejected_record *rejected);
NODISCARD bool orders_done(struct projection *projection, const struct done_record *done);
void orders_flush(struct projection *projection);
/* A place for an open order; NULL: the table is full. */
struct order_row *orders_add(struct projection *projection, uint64_t order_no);
void orders_await_replace(struct projection *projection, struct replace_in_flight replace);

/* projection_balances.c. False: the instrument is not listed. */
NODISCARD bool balances_command(struct projection *projection,
                                const struct command_record *command);
NODISCARD bool balances_trade(struct projection *projection, const struct trade_record *trade);
struct balance_release {
    uint64_t order_no;
    amount_t atoms;
    uint32_t account;
    uint16_t instrument;
    uint8_t side;
};
NODISCARD bool balances_release(struct projection *projection, struct balance_release release);
void balances_transfer(struct projection *projection, const struct transfer_record *transfer);
void balances_flush(struct projection *projection);
/* The row of an account and asset, made with zeros when it is new. */
struct balance_row *balances_row(struct projection *projection, uint32_t account, uint16_t asset);

/* projection_candles.c */
void candle_rows_trade(struct projection *projection, const struct trade_record *trade);
void candle_rows_flush(struct projection *projection);

/* Remembers a flaw; returns false. */
bool projection_flaw(struct projection *projection, const char *what, uint64_t number);
/* Terms of a listed instrument, or NULL with a flaw. */
const struct instrument_terms *projection_terms(struct projection *projection, uint16_t instrument);

#endif
