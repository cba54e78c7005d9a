#include "apps/tools/crosspoint.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps/tools/arguments.h"
#include "apps/tools/crosspoint_submit.h"
#include "apps/tools/market.h"
#include "core/matcher.h"
#include "os/secret.h"

/* Opens, submits, closes: for commands that are one record. Returns the exit status. */
static int submit_one(const struct crosspoint *crosspoint, union record *record) {
    struct operator_client client;
    int status = 1;

    if (operator_client_open(&client, crosspoint->var_path) &&
        operator_client_submit(&client, record))
        status = 0;
    operator_client_close(&client);
    return status;
}

int command_asset_add(const struct crosspoint *crosspoint, int argc, char **argv) {
    union record record = submit_record(RECORD_ASSET);
    uint64_t decimals;

    if (argc != 3)
        return crosspoint_usage(argv[0]);
    if (!argument_name("NAME", argv[1], record.asset.name, sizeof record.asset.name) ||
        !argument_number("DECIMALS", argv[2], ASSET_DECIMALS_MAX, &decimals))
        return 2;
    record.asset.decimals = (uint8_t)decimals;
    return submit_one(crosspoint, &record);
}

struct instrument_words {
    const char *tick;
    const char *lot;
    const char *center;
    const char *k;
    const char *maker_fee;
    const char *taker_fee;
    const char *min_notional;
    const char *max_order;
    const char *collar;
};

static bool instrument_read_words(int argc, char **argv, struct instrument_words *words) {
    static const struct option options[] = {
        {"tick", required_argument, NULL, 't'},         {"lot", required_argument, NULL, 'l'},
        {"center", required_argument, NULL, 'c'},       {"k", required_argument, NULL, 'k'},
        {"maker-fee", required_argument, NULL, 'm'},    {"taker-fee", required_argument, NULL, 'f'},
        {"min-notional", required_argument, NULL, 'n'}, {"max-order", required_argument, NULL, 'x'},
        {"collar", required_argument, NULL, 'o'},       {NULL, 0, NULL, 0},
    };
    int option;

    *words = (struct instrument_words){.k = "18",
                                       .maker_fee = "0",
                                       .taker_fee = "0",
                                       .min_notional = "0",
                                       .max_order = "0",
                                       .collar = "0.05"};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 't': words->tick = optarg; break;
        case 'l': words->lot = optarg; break;
        case 'c': words->center = optarg; break;
        case 'k': words->k = optarg; break;
        case 'm': words->maker_fee = optarg; break;
        case 'f': words->taker_fee = optarg; break;
        case 'n': words->min_notional = optarg; break;
        case 'x': words->max_order = optarg; break;
        case 'o': words->collar = optarg; break;
        default: return false;
        }
    }
    return words->tick != NULL && words->lot != NULL && argc - optind == 3;
}

/* The terms of the words, given the decimals of both assets. */
static bool instrument_read_terms(const struct instrument_words *words,
                                  const struct listed_asset *base, const struct listed_asset *quote,
                                  struct instrument_record *terms) {
    amount_t tick_e8, lot_atoms, center_e8 = 0, maker, taker, collar, notional, max_atoms;
    uint64_t k;

    if (!argument_decimal("--tick", words->tick, 8, INT64_MAX, &tick_e8) ||
        !argument_decimal("--lot", words->lot, base->decimals, INT64_MAX, &lot_atoms) ||
        !argument_decimal("--maker-fee", words->maker_fee, 6, FEE_PPM_MAX, &maker) ||
        !argument_decimal("--taker-fee", words->taker_fee, 6, FEE_PPM_MAX, &taker) ||
        !argument_decimal("--collar", words->collar, 6, 1000000, &collar) ||
        !argument_decimal("--min-notional", words->min_notional, quote->decimals, INT64_MAX,
                          &notional) ||
        !argument_decimal("--max-order", words->max_order, base->decimals, INT64_MAX, &max_atoms) ||
        !argument_number("--k", words->k, BAND_BITS_MAX, &k) ||
        (words->center != NULL &&
         !argument_decimal("--center", words->center, 8, INT64_MAX, &center_e8)))
        return false;
    if (tick_e8 == 0 || lot_atoms == 0) {
        fprintf(stderr, "crosspoint: tick and lot must be above zero\n");
        return false;
    }
    uint64_t center_ticks = (uint64_t)(center_e8 / tick_e8);
    uint64_t half = 1ull << k >> 1;

    terms->tick_e8 = (uint64_t)tick_e8;
    terms->lot_atoms = (uint64_t)lot_atoms;
    terms->base_ticks = center_ticks > half ? (uint32_t)(center_ticks - half) : 0;
    terms->k = (uint8_t)k;
    terms->maker_fee_ppm = (uint32_t)maker;
    terms->taker_fee_ppm = (uint32_t)taker;
    terms->collar_ppm = (uint32_t)collar;
    terms->min_notional_atoms = notional;
    terms->max_order_lots = (uint64_t)(max_atoms / lot_atoms);
    return true;
}

int command_instrument_add(const struct crosspoint *crosspoint, int argc, char **argv) {
    union record record = submit_record(RECORD_INSTRUMENT);
    struct instrument_record *terms = &record.instrument;
    struct instrument_words words;

    if (!instrument_read_words(argc, argv, &words))
        return crosspoint_usage(argv[0]);
    if (!argument_name("SYMBOL", argv[optind], terms->symbol, SYMBOL_BYTES) ||
        !argument_name("BASE", argv[optind + 1], terms->base_asset_name, SYMBOL_BYTES) ||
        !argument_name("QUOTE", argv[optind + 2], terms->quote_asset_name, SYMBOL_BYTES))
        return 2;

    struct market market;
    int status = 1;

    if (!market_read(&market, crosspoint->var_path))
        return 1;
    int base = market_asset(&market, argv[optind + 1]);
    int quote = base < 0 ? -1 : market_asset(&market, argv[optind + 2]);
    const struct listed_asset *assets = market.view->directory.assets;

    if (quote >= 0)
        status = instrument_read_terms(&words, &assets[base], &assets[quote], terms)
                     ? submit_one(crosspoint, &record)
                     : 2;
    market_close(&market);
    return status;
}

/* The index, or -1 after a line on standard error. */
static int instrument_find(const struct crosspoint *crosspoint, const char *symbol) {
    struct market market;
    int instrument;

    if (!market_read(&market, crosspoint->var_path))
        return -1;
    instrument = market_instrument(&market, symbol);
    market_close(&market);
    return instrument;
}

int command_instrument_state(const struct crosspoint *crosspoint, int argc, char **argv) {
    union record record = submit_record(RECORD_COMMAND);

    if (argc != 2)
        return crosspoint_usage(argv[0]);
    int instrument = instrument_find(crosspoint, argv[1]);

    if (instrument < 0)
        return 1;
    record.head.instrument = (uint16_t)instrument;
    record.command.op = COMMAND_SET_STATE;
    record.command.state = strstr(argv[0], "halt") != NULL    ? STATE_HALTED
                           : strstr(argv[0], "close") != NULL ? STATE_CLOSED
                                                              : STATE_OPEN;
    return submit_one(crosspoint, &record);
}

int command_account_add(const struct crosspoint *crosspoint, int argc, char **argv) {
    static const struct option options[] = {{"open-orders", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    union record record = submit_record(RECORD_ACCOUNT);
    uint64_t open_orders = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (option != 'o' || !argument_number("--open-orders", optarg, UINT32_MAX, &open_orders))
            return crosspoint_usage(argv[0]);
    if (argc - optind != 1)
        return crosspoint_usage(argv[0]);
    if (!argument_name("NAME", argv[optind], record.account.name, ACCOUNT_NAME_BYTES))
        return 2;
    record.account.open_order_max = (uint32_t)open_orders;
    record.account.maker_fee_ppm = FEE_INHERIT;
    record.account.taker_fee_ppm = FEE_INHERIT;
    int status = submit_one(crosspoint, &record);

    if (status == 0)
        printf("%u\n", record.request.account);
    return status;
}

/* The account as it is listed; its record can be changed and submitted again. */
static bool account_read(const struct crosspoint *crosspoint, const char *text,
                         union record *record) {
    uint64_t number;
    struct market market;
    const struct listed_account *known;

    if (!argument_number("ACCOUNT", text, ACCOUNT_MAX - 1, &number) ||
        !market_read(&market, crosspoint->var_path))
        return false;
    known = directory_account(&market.view->directory, (uint32_t)number);
    if (known != NULL) {
        *record = submit_record(RECORD_ACCOUNT);
        record->request.account = (uint32_t)number;
        memcpy(record->account.name, known->name, sizeof record->account.name);
        record->account.maker_fee_ppm = known->maker_fee_ppm;
        record->account.taker_fee_ppm = known->taker_fee_ppm;
        record->account.open_order_max = known->open_order_max;
        record->account.account_flags = known->account_flags;
    } else {
        fprintf(stderr, "crosspoint: there is no account %s (crosspoint account list)\n", text);
    }
    market_close(&market);
    return known != NULL;
}

int command_account_state(const struct crosspoint *crosspoint, int argc, char **argv) {
    union record record;

    if (argc != 2)
        return crosspoint_usage(argv[0]);
    if (!account_read(crosspoint, argv[1], &record))
        return 1;
    if (strstr(argv[0], "suspend") != NULL)
        record.account.account_flags |= ACCOUNT_SUSPENDED;
    else
        record.account.account_flags &= ~(uint32_t)ACCOUNT_SUSPENDED;
    return submit_one(crosspoint, &record);
}

int command_user_add(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    uint64_t account;
    char password[SECRET_PASSWORD_BYTES + 1];
    int status = 1;

    if (argc != 3)
        return crosspoint_usage(argv[0]);
    if (!argument_number("ACCOUNT", argv[1], ACCOUNT_MAX - 1, &account))
        return 2;
    if (operator_client_open(&client, crosspoint->var_path) &&
        submit_credential(&client, (uint32_t)account, argv[2], password)) {
        printf("username %s\npassword %s\n", argv[2], password);
        status = 0;
    }
    operator_client_close(&client);
    secret_forget(password, sizeof password);
    return status;
}

int command_deposit(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    struct market market;
    uint64_t account;
    amount_t amount;
    int status = 1;

    if (argc != 4 && argc != 5)
        return crosspoint_usage(argv[0]);
    if (!argument_number("ACCOUNT", argv[1], ACCOUNT_MAX - 1, &account))
        return 2;
    if (!market_read(&market, crosspoint->var_path))
        return 1;
    int asset = market_asset(&market, argv[2]);

    if (asset >= 0 &&
        argument_decimal("AMOUNT", argv[3], market.view->directory.assets[asset].decimals,
                         (amount_t)1 << 100, &amount)) {
        if (operator_client_open(&client, crosspoint->var_path) &&
            submit_deposit(&client, (uint32_t)account, (uint16_t)asset, amount,
                           argc == 5 ? argv[4] : ""))
            status = 0;
        operator_client_close(&client);
    }
    market_close(&market);
    return status;
}

int command_day(const struct crosspoint *crosspoint, int argc, char **argv) {
    union record record = submit_record(RECORD_DAY);
    time_t now = time(NULL);
    struct tm today;
    uint64_t day;

    if (argc > 2)
        return crosspoint_usage(argv[0]);
    gmtime_r(&now, &today);
    day = (uint64_t)(today.tm_year + 1900) * 10000 + (uint64_t)(today.tm_mon + 1) * 100 +
          (uint64_t)today.tm_mday;
    if (argc == 2 && !argument_number("YYYYMMDD", argv[1], 99991231, &day))
        return 2;
    record.day.day = (uint32_t)day;
    return submit_one(crosspoint, &record);
}

int command_cancel_all(const struct crosspoint *crosspoint, int argc, char **argv) {
    union record record = submit_record(RECORD_COMMAND);
    uint64_t account;

    if (argc != 2 && argc != 3)
        return crosspoint_usage(argv[0]);
    if (!argument_number("ACCOUNT", argv[1], ACCOUNT_MAX - 1, &account))
        return 2;
    record.command.op = COMMAND_CANCEL_ALL;
    record.request.account = (uint32_t)account;
    if (argc == 3) {
        int instrument = instrument_find(crosspoint, argv[2]);

        if (instrument < 0)
            return 1;
        record.head.instrument = (uint16_t)instrument;
    }
    return submit_one(crosspoint, &record);
}
