/* query_store CLUSTER KIND ACCOUNT INSTRUMENT ASSET INTERVAL_S FROM_NS UNTIL_NS BEFORE LIMIT OLDEST_FIRST FINISHED_ONLY
 *
 * Asks one query the way the web process does (host/store/queries.h, never blocking) and prints a line for each row.
 * Exit code 3: the database is away. With INTERVAL_S 0 and KIND 0 it asks until the line is full, and prints how
 * many were taken. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "store/queries.h"
#include "store/row_labels.h"

#define PATIENCE_NS UINT64_C(5000000000)

static void print_row(enum query_kind kind, const PGresult *result, int i) {
    union {
        struct candle_row candle;
        struct trade_row trade;
        struct order_row order;
        struct balance_change_row change;
    } row;
    switch (kind) {
    case QUERY_CANDLES:
        rows_read_candle(result, i, &row.candle);
        printf("%" PRIu64 " %u %u %u %u %" PRIu64 " %" PRIu64 "\n", row.candle.open_ns,
               row.candle.open_ticks, row.candle.high_ticks, row.candle.low_ticks,
               row.candle.close_ticks, row.candle.volume_lots, row.candle.trade_count);
        return;
    case QUERY_TRADES:
    case QUERY_ACCOUNT_TRADES:
        rows_read_trade(result, i, &row.trade);
        printf("%" PRIu64 " %" PRIu64 " %u %" PRIu64 " %u %u %s\n", row.trade.record_seq,
               row.trade.match, row.trade.price_ticks, row.trade.qty_lots, row.trade.maker_account,
               row.trade.taker_account, label_of(LABEL_SIDE, row.trade.taker_side));
        return;
    case QUERY_ACCOUNT_ORDERS:
        rows_read_order(result, i, &row.order);
        printf("%" PRIu64 " %u %s %" PRIu64 "\n", row.order.order_no, row.order.account,
               label_of(LABEL_STATUS, row.order.status), row.order.left_lots);
        return;
    case QUERY_BALANCE_CHANGES:
        rows_read_balance_change(result, i, &row.change);
        printf("%" PRIu64 " %u %u %s %" PRId64 "\n", row.change.record_seq, row.change.part,
               row.change.asset, row.change.reason, (int64_t)row.change.held_delta_atoms);
        return;
    }
}

/* One turn of an event loop. */
static bool turn(struct queries *queries, struct query_answer *answer) {
    if (queries_poll(queries, clock_monotonic_ns(), answer))
        return true;
    struct pollfd wait = {.fd = queries_fd(queries), .events = queries_events(queries)};
    poll(&wait, 1, 20);
    return false;
}

int main(int argc, char **argv) {
    if (argc != 13)
        return 2;
    uint64_t v[10];
    for (int i = 0; i < 10; i++)
        v[i] = strtoull(argv[i + 3], NULL, 10);
    struct database database = {.cluster = argv[1], .socket_folder_fd = -1};
    struct query query = {.kind = (enum query_kind)strtoul(argv[2], NULL, 10),
                          .account = (uint32_t)v[0],
                          .instrument = (uint16_t)v[1],
                          .asset = (uint16_t)v[2],
                          .interval_s = (uint32_t)v[3],
                          .from_ns = v[4],
                          .until_ns = v[5],
                          .before = v[6],
                          .limit = (uint32_t)v[7],
                          .is_oldest_first = v[8] != 0,
                          .is_finished_only = v[9] != 0};
    struct queries *queries = queries_open(&database);
    struct query_answer answer = {0};
    uint64_t began_ns = clock_monotonic_ns();
    check(queries != NULL);
    while (!queries_are_ready(queries) && clock_monotonic_ns() - began_ns < PATIENCE_NS)
        check(!turn(queries, &answer)); /* nothing was asked */
    uint64_t taken = 0;
    bool fills = query.kind == QUERY_CANDLES && query.interval_s == 0;
    while (queries_ask(queries, &query, clock_monotonic_ns()) != 0 && ++taken > 0 && fills)
        continue;
    if (fills)
        printf("%" PRIu64 "\n", taken);
    for (uint64_t got = 0; got < taken; got++) {
        while (!turn(queries, &answer))
            continue;
        check(answer.ticket == got + 1);
    }
    int code = taken == 0 || answer.outcome == QUERY_AWAY ? 3 : (int)answer.outcome;
    for (uint32_t i = 0; taken > 0 && answer.outcome == QUERY_DONE && i < answer.row_count; i++)
        print_row(query.kind, answer.result, (int)i);
    if (code != 0)
        fprintf(stderr, "query_store: %s\n", taken == 0 ? "away" : answer.sentence);
    queries_close(queries);
    return code;
}
