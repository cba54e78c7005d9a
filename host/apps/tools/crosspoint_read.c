#include "apps/tools/crosspoint.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps/tools/arguments.h"
#include "apps/tools/market.h"
#include "apps/tools/operator_client.h"
#include "apps/tools/record_text.h"
#include "base/decimal.h"
#include "core/matcher.h"
#include "os/clock.h"

#define FOLLOW_SLEEP_NS  20000000u
#define DEPTH_LEVELS_MAX 1000

int command_status(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    struct operator_answer answer;
    int status = 1;

    if (argc != 1)
        return crosspoint_usage(argv[0]);
    if (operator_client_open(&client, crosspoint->var_path) &&
        operator_client_ask(&client, OPERATOR_STATUS, NULL, &answer)) {
        const struct operator_status *is = &answer.status;
        uint64_t up_s = (clock_wall_ns() - is->started_ns) / 1000000000u;

        printf("running     process %u, for %llu s, epoch %u, build %.40s\n", is->process_id,
               (unsigned long long)up_s, is->epoch, is->build);
        printf("journal     record %llu appended, %llu durable (%.16s)\n",
               (unsigned long long)is->record_seq, (unsigned long long)is->durable_seq,
               is->durability);
        printf("matcher     %.16s\n", is->matcher);
        status = 0;
    }
    operator_client_close(&client);
    return status;
}

int command_digest(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    struct operator_answer answer;
    int status = 1;

    if (argc != 1)
        return crosspoint_usage(argv[0]);
    if (operator_client_open(&client, crosspoint->var_path) &&
        operator_client_ask(&client, OPERATOR_DIGEST, NULL, &answer)) {
        record_text_print(stdout, &answer.record);
        status = 0;
    }
    operator_client_close(&client);
    return status;
}

static void print_amount(amount_t atoms, uint8_t decimals) {
    char text[DECIMAL_TEXT_BYTES];

    decimal_print(text, atoms, decimals);
    printf(" %24s", text);
}

static void list_assets(const struct market_view *view) {
    printf("%5s  %-16s %-8s %24s %24s\n", "index", "asset", "decimals", "held for clients",
           "fees earned");
    for (uint32_t i = 0; i < view->directory.asset_count; i++) {
        const struct listed_asset *asset = &view->directory.assets[i];
        amount_t outside =
            balances_view_get(&view->balances, ACCOUNT_OUTSIDE, (uint16_t)i).available_atoms;
        amount_t house =
            balances_view_get(&view->balances, ACCOUNT_HOUSE, (uint16_t)i).available_atoms;

        printf("%5u  %-16s %-8u", i, asset->name, asset->decimals);
        print_amount(-outside - house, asset->decimals);
        print_amount(house, asset->decimals);
        putchar('\n');
    }
}

static void list_instruments(const struct market_view *view) {
    static const char *const states[] = {"open", "halted", "closed"};

    printf("%5s  %-16s %-8s %14s %14s %10s %10s\n", "index", "symbol", "state", "tick", "lot",
           "maker fee", "taker fee");
    for (uint32_t i = 0; i < view->directory.instrument_count; i++) {
        const struct listed_instrument *terms = &view->directory.instruments[i];
        char tick[DECIMAL_TEXT_BYTES], lot[DECIMAL_TEXT_BYTES], maker[DECIMAL_TEXT_BYTES],
            taker[DECIMAL_TEXT_BYTES];

        decimal_print(tick, (amount_t)terms->tick_e8, 8);
        decimal_print(lot, (amount_t)terms->lot_atoms,
                      view->directory.assets[terms->base_asset].decimals);
        decimal_print(maker, terms->maker_fee_ppm, 6);
        decimal_print(taker, terms->taker_fee_ppm, 6);
        printf("%5u  %-16s %-8s %14s %14s %10s %10s\n", i, terms->symbol,
               terms->state <= STATE_CLOSED ? states[terms->state] : "?", tick, lot, maker, taker);
    }
}

static void list_accounts(const struct market_view *view) {
    printf("%7s  %s\n", "account", "name");
    for (uint32_t i = ACCOUNT_FIRST_CLIENT; i < view->directory.account_end; i++) {
        const struct listed_account *account = directory_account(&view->directory, i);

        if (account != NULL)
            printf("%7u  %-16s %s\n", i, account->name,
                   account->account_flags & ACCOUNT_SUSPENDED ? "suspended" : "");
    }
}

/* Runs one list over the market that the journal tells. */
static int list_with(const struct crosspoint *crosspoint,
                     void (*list)(const struct market_view *view)) {
    struct market market;

    if (!market_read(&market, crosspoint->var_path))
        return 1;
    list(market.view);
    market_close(&market);
    return 0;
}

static void print_side(struct market *market, uint16_t instrument, enum side side,
                       struct depth_level *levels, size_t level_max) {
    const struct listed_instrument *terms =
        directory_instrument(&market->view->directory, instrument);
    size_t count = depth_top(&market->view->depth, instrument, side, levels, level_max);

    for (size_t i = 0; i < count; i++) {
        char price[DECIMAL_TEXT_BYTES], qty[DECIMAL_TEXT_BYTES];

        decimal_print(price, (amount_t)levels[i].price_ticks * terms->tick_e8, 8);
        decimal_print(qty, (amount_t)levels[i].qty_lots * terms->lot_atoms,
                      market->view->directory.assets[terms->base_asset].decimals);
        printf("%-4s %20s %24s\n", side == SIDE_BUY ? "bid" : "ask", price, qty);
    }
}

int command_depth(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct depth_level levels[DEPTH_LEVELS_MAX];
    uint64_t level_max = 10;
    struct market market;

    if ((argc != 2 && (argc != 4 || strcmp(argv[2], "--levels") != 0)) ||
        (argc == 4 && !argument_number("--levels", argv[3], DEPTH_LEVELS_MAX, &level_max)))
        return crosspoint_usage(argv[0]);
    if (!market_read(&market, crosspoint->var_path))
        return 1;
    int instrument = market_instrument(&market, argv[1]);

    for (enum side side = SIDE_BUY; instrument >= 0 && side <= SIDE_SELL; side++)
        print_side(&market, (uint16_t)instrument, side, levels, level_max);
    market_close(&market);
    return instrument < 0 ? 1 : 0;
}

int command_asset_list(const struct crosspoint *crosspoint, int argc, char **argv) {
    return argc != 1 ? crosspoint_usage(argv[0]) : list_with(crosspoint, list_assets);
}

int command_instrument_list(const struct crosspoint *crosspoint, int argc, char **argv) {
    return argc != 1 ? crosspoint_usage(argv[0]) : list_with(crosspoint, list_instruments);
}

int command_account_list(const struct crosspoint *crosspoint, int argc, char **argv) {
    return argc != 1 ? crosspoint_usage(argv[0]) : list_with(crosspoint, list_accounts);
}

int command_balance(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct market market;
    uint64_t number;
    int status = 1;

    if (argc != 2)
        return crosspoint_usage(argv[0]);
    if (!argument_number("ACCOUNT", argv[1], ACCOUNT_MAX - 1, &number))
        return 2;
    if (!market_read(&market, crosspoint->var_path))
        return 1;
    if (directory_account(&market.view->directory, (uint32_t)number) == NULL) {
        fprintf(stderr, "crosspoint: there is no account %s (crosspoint account list)\n", argv[1]);
    } else {
        const struct balances_view *balances = &market.view->balances;

        printf("%-16s %24s %24s\n", "asset", "available", "held");
        for (const struct balance_view *balance =
                 balances_view_next(balances, (uint32_t)number, NULL);
             balance != NULL; balance = balances_view_next(balances, (uint32_t)number, balance)) {
            const struct listed_asset *asset = &market.view->directory.assets[balance->asset];

            printf("%-16s", asset->name);
            print_amount(balance->available_atoms, asset->decimals);
            print_amount(balance->held_atoms, asset->decimals);
            putchar('\n');
        }
        status = 0;
    }
    market_close(&market);
    return status;
}

struct journal_words {
    uint64_t from;
    uint64_t count;
    bool follow;
};

static bool journal_read_words(int argc, char **argv, struct journal_words *words) {
    static const struct option options[] = {{"from", required_argument, NULL, 'f'},
                                            {"count", required_argument, NULL, 'c'},
                                            {"follow", no_argument, NULL, 'F'},
                                            {NULL, 0, NULL, 0}};
    int option;

    *words = (struct journal_words){.from = 1, .count = UINT64_MAX};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            if (!argument_number("--from", optarg, INT64_MAX, &words->from) || words->from == 0)
                return false;
            break;
        case 'c':
            if (!argument_number("--count", optarg, INT64_MAX, &words->count))
                return false;
            break;
        case 'F': words->follow = true; break;
        default: return false;
        }
    }
    return optind == argc;
}

int command_journal(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct journal_words words;
    struct journal_source source;
    union record record;
    enum read_result result = READ_RECORD;

    if (!journal_read_words(argc, argv, &words))
        return crosspoint_usage(argv[0]);
    if (!journal_source_open(&source, crosspoint->var_path, words.from - 1))
        return 1;
    while (words.count > 0 && !ferror(stdout)) {
        result = journal_source_next(&source, &record);
        if (result == READ_RECORD) {
            record_text_print(stdout, &record);
            words.count--;
        } else if (result == READ_NOTHING && words.follow) {
            fflush(stdout);
            clock_sleep_ns(FOLLOW_SLEEP_NS);
        } else {
            break;
        }
    }
    journal_source_close(&source);
    return result == READ_RECORD || result == READ_NOTHING ? 0 : 1;
}
