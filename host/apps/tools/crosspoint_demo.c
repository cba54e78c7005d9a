#include "apps/tools/crosspoint.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/tools/arguments.h"
#include "apps/tools/crosspoint_submit.h"
#include "apps/tools/market.h"

/* The demo: what ./up lists on an empty journal. Filling twice changes nothing. */
static const struct {
    const char *name;
    uint8_t decimals;
} demo_assets[] = {{"USDT", 8}, {"BTC", 8}, {"ETH", 8}, {"INR", 8}, {"TATA", 8}};

static const struct demo_instrument {
    const char *symbol;
    const char *base;
    const char *quote;
    const char *tick;
    const char *lot;
    uint64_t tick_e8;
    uint64_t lot_atoms;
    uint32_t center_ticks;
    uint8_t k;
    uint32_t maker_fee_ppm;
    uint32_t taker_fee_ppm;
    int64_t min_notional_atoms;
} demo_instruments[] = {
    {"BTCUSDT", "BTC", "USDT", "0.10", "0.00001", 10000000, 1000, 600000, 18, 1000, 1000,
     500000000},
    {"ETHUSDT", "ETH", "USDT", "0.01", "0.0001", 1000000, 10000, 250000, 18, 1000, 1000, 500000000},
    {"TATA_INR", "TATA", "INR", "0.05", "1", 5000000, 100000000, 2000, 12, 500, 1000, 0},
};

/* Names for order entry come with the account; the first four are for people, the others for the bots. */
static const struct demo_account {
    const char *name;
    const char *username;
    int64_t units; /* of each asset, scaled below */
} demo_accounts[] = {
    {"alice", "ALICE", 1},   {"bob", "BOB", 1},          {"carol", "CAROL", 1},
    {"dave", "DAVE", 1},     {"maker", "MAKER", 100000}, {"taker", "TAKER", 100000},
    {"guest1", "GUEST1", 1}, {"guest2", "GUEST2", 1},    {"guest3", "GUEST3", 1},
    {"guest4", "GUEST4", 1}, {"guest5", "GUEST5", 1},    {"guest6", "GUEST6", 1},
    {"guest7", "GUEST7", 1}, {"guest8", "GUEST8", 1},
};

/* Units of each demo asset, in the order of demo_assets, that one share is worth. */
static const int64_t demo_share[] = {1000000, 10, 200, 1000000, 10000};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
static_assert(COUNT(demo_share) == COUNT(demo_assets), "one share for each");

/* The exchange's index of an asset; ASSET_MAX: not listed. */
static uint16_t demo_asset(const struct directory *known, const char *name) {
    for (uint16_t i = 0; i < known->asset_count; i++)
        if (strcmp(known->assets[i].name, name) == 0)
            return i;
    return ASSET_MAX;
}

/* Fills `assets`, in the order of demo_assets. Others may have listed assets of their own before. */
static bool demo_list_assets(struct operator_client *client, const struct directory *known,
                             uint16_t assets[COUNT(demo_assets)]) {
    for (size_t i = 0; i < COUNT(demo_assets); i++) {
        union record record = submit_record(RECORD_ASSET);

        assets[i] = demo_asset(known, demo_assets[i].name);
        if (assets[i] != ASSET_MAX)
            continue;
        snprintf(record.asset.name, sizeof record.asset.name, "%s", demo_assets[i].name);
        record.asset.decimals = demo_assets[i].decimals;
        if (!operator_client_submit(client, &record))
            return false;
        assets[i] = record.asset.asset;
    }
    return true;
}

static bool demo_list_instruments(struct operator_client *client, const struct directory *known) {
    for (size_t i = 0; i < COUNT(demo_instruments); i++) {
        const struct demo_instrument *demo = &demo_instruments[i];
        union record record = submit_record(RECORD_INSTRUMENT);
        struct instrument_record *terms = &record.instrument;

        if (directory_find(known, demo->symbol, strlen(demo->symbol)) != INSTRUMENT_NONE)
            continue;
        snprintf(terms->symbol, SYMBOL_BYTES, "%s", demo->symbol);
        snprintf(terms->base_asset_name, SYMBOL_BYTES, "%s", demo->base);
        snprintf(terms->quote_asset_name, SYMBOL_BYTES, "%s", demo->quote);
        terms->tick_e8 = demo->tick_e8;
        terms->lot_atoms = demo->lot_atoms;
        terms->k = demo->k;
        terms->base_ticks =
            demo->center_ticks -
            (1u << demo->k >> 1 < demo->center_ticks ? 1u << demo->k >> 1 : demo->center_ticks);
        terms->maker_fee_ppm = demo->maker_fee_ppm;
        terms->taker_fee_ppm = demo->taker_fee_ppm;
        terms->collar_ppm = 50000;
        terms->min_notional_atoms = demo->min_notional_atoms;
        if (!operator_client_submit(client, &record))
            return false;
    }
    return true;
}

/* The account's number: known, or made and funded now; 0: refused. */
static uint32_t demo_account(struct operator_client *client, const struct directory *known,
                             const struct demo_account *demo,
                             const uint16_t assets[COUNT(demo_assets)]) {
    union record record = submit_record(RECORD_ACCOUNT);

    for (uint32_t number = ACCOUNT_FIRST_CLIENT; number < known->account_end; number++)
        if (known->accounts[number].listed && strcmp(known->accounts[number].name, demo->name) == 0)
            return number;
    snprintf(record.account.name, sizeof record.account.name, "%s", demo->name);
    record.account.maker_fee_ppm = FEE_INHERIT;
    record.account.taker_fee_ppm = FEE_INHERIT;
    if (!operator_client_submit(client, &record))
        return 0;
    for (size_t i = 0; i < COUNT(demo_assets); i++)
        if (!submit_deposit(client, record.request.account, assets[i],
                            (amount_t)demo_share[i] * demo->units * 100000000, "demo"))
            return 0;
    return record.request.account;
}

/* The password that an earlier demo.json gave this account, so that filling twice changes nothing; NULL: none. */
static const char *demo_password_before(const json_t *before, const char *user_id,
                                        const struct demo_account *demo) {
    size_t index;
    const json_t *entry;

    json_array_foreach(json_object_get(before, "accounts"), index, entry) {
        const char *id = json_string_value(json_object_get(entry, "user_id"));
        const json_t *ouch = json_object_get(entry, "ouch");
        const char *username = json_string_value(json_object_get(ouch, "username"));

        if (id != NULL && username != NULL && strcmp(id, user_id) == 0 &&
            strcmp(username, demo->username) == 0)
            return json_string_value(json_object_get(ouch, "password"));
    }
    return NULL;
}

/* NULL: refused, and said so. */
static json_t *demo_account_json(struct operator_client *client, const struct directory *known,
                                 const uint16_t assets[COUNT(demo_assets)],
                                 const struct demo_account *demo, const json_t *before) {
    char made[SECRET_PASSWORD_BYTES + 1];
    char user_id[16];
    uint32_t number = demo_account(client, known, demo, assets);
    const char *password;

    if (number == 0)
        return NULL;
    snprintf(user_id, sizeof user_id, "%u", number);
    /* A number that this journal gave just now is not the one of an older file. */
    password = number < known->account_end ? demo_password_before(before, user_id, demo) : NULL;
    if (password == NULL) {
        if (!submit_credential(client, number, demo->username, made))
            return NULL;
        password = made;
    }
    json_t *account = json_pack("{s:s,s:s,s:{s:s,s:s}}", "user_id", user_id, "name", demo->name,
                                "ouch", "username", demo->username, "password", password);

    secret_forget(made, sizeof made);
    return account;
}

static json_t *demo_accounts_json(struct operator_client *client, const struct directory *known,
                                  const uint16_t assets[COUNT(demo_assets)], const json_t *before) {
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT(demo_accounts); i++) {
        json_t *account = demo_account_json(client, known, assets, &demo_accounts[i], before);

        if (account == NULL) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, account);
    }
    return list;
}

static json_t *demo_instruments_json(void) {
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT(demo_instruments); i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "symbol", demo_instruments[i].symbol,
                                              "tick", demo_instruments[i].tick, "lot",
                                              demo_instruments[i].lot));
    return list;
}

/* Written aside and moved into place, so that a reader never sees half of it; 0600, for it holds passwords. */
static bool demo_write(const char *path, json_t *demo) {
    char aside[520];
    char *text = json_dumps(demo, JSON_INDENT(2));
    int fd;
    bool written = false;

    snprintf(aside, sizeof aside, "%s.new", path);
    fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0 && text != NULL) {
        size_t length = strlen(text);

        written = write(fd, text, length) == (ssize_t)length && write(fd, "\n", 1) == 1;
    }
    if (fd >= 0)
        close(fd);
    free(text);
    if (!written || rename(aside, path) != 0) {
        fprintf(stderr, "crosspoint: cannot write %s: %s\n", path, strerror(errno));
        return false;
    }
    printf("%s\n", path);
    return true;
}

struct demo_words {
    char host[64];
    int port;
    const char *network_namespace; /* "": none */
    bool is_given;
};

static bool demo_read_words(int argc, char **argv, struct demo_words *words) {
    static const struct option options[] = {{"order-entry", required_argument, NULL, 'o'},
                                            {"namespace", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    uint64_t port;
    const char *colon;
    int option;

    *words = (struct demo_words){.host = "127.0.0.1", .port = 9050, .network_namespace = ""};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            colon = strrchr(optarg, ':');
            if (colon == NULL || (size_t)(colon - optarg) >= sizeof words->host ||
                !argument_number("PORT", colon + 1, 65535, &port))
                return false;
            snprintf(words->host, sizeof words->host, "%.*s", (int)(colon - optarg), optarg);
            words->port = (int)port;
            words->is_given = true;
            break;
        case 'n': words->network_namespace = optarg; break;
        default: return false;
        }
    }
    return optind == argc;
}

/* Where order entry is: as asked, else as the file said before, else the default. */
static json_t *demo_order_entry_json(const struct demo_words *words, const json_t *before) {
    json_t *known = json_object_get(before, "order_entry");

    if (json_is_object(known) && !words->is_given)
        return json_deep_copy(known);
    return json_pack("{s:s,s:i,s:s}", "host", words->host, "port", words->port, "namespace",
                     words->network_namespace);
}

int command_demo(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    uint16_t assets[COUNT(demo_assets)];
    struct demo_words words;
    struct market market;
    json_t *accounts = NULL;
    char path[512];
    int status = 1;

    if (!demo_read_words(argc, argv, &words))
        return crosspoint_usage(argv[0]);
    if (!market_read(&market, crosspoint->var_path))
        return 1;
    snprintf(path, sizeof path, "%s/demo.json", crosspoint->var_path);
    const struct directory *known = &market.view->directory;
    json_t *before = json_load_file(path, 0, NULL); /* NULL: the first time */

    if (operator_client_open(&client, crosspoint->var_path)) {
        if (demo_list_assets(&client, known, assets) && demo_list_instruments(&client, known))
            accounts = demo_accounts_json(&client, known, assets, before);
        operator_client_close(&client);
    }
    market_close(&market);
    if (accounts != NULL) {
        json_t *demo =
            json_pack("{s:o,s:o,s:o}", "accounts", accounts, "instruments", demo_instruments_json(),
                      "order_entry", demo_order_entry_json(&words, before));

        status = demo_write(path, demo) ? 0 : 1;
        json_decref(demo);
    }
    json_decref(before);
    return status;
}
