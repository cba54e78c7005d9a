/* What a replay needs at the exchange, through the operator's door: assets, instruments and two funded accounts.
 *
 * Its money is its own: one asset is the quote of all replays, and each instrument has a base asset named after it,
 * so nothing here touches a balance of the demo. Fees are zero. */
#include <stdio.h>
#include <string.h>

#include "apps/tools/crosspoint_submit.h"
#include "apps/tools/market.h"
#include "apps/tools/replay.h"
#include "os/clock.h"

#define QUOTE_ASSET     "REPLAY.QUOTE"
#define BASE_SUFFIX     ".REPLAY"
#define ASSET_DECIMALS  8
#define QUOTE_BITS      90 /* atoms deposited at each replay: more than any book of these files holds */
#define BASE_BITS       80
#define OPEN_ORDERS_MAX REPLAY_ORDERS_MAX
#define LETTERS         "RSTUVWXYZ"
#define EMPTY_TRIES     100
#define EMPTY_PAUSE_NS  100000000u

struct lister {
    struct operator_client client;
    const struct directory *known;
    uint32_t accounts[2];
    uint16_t asset_count;
    uint16_t instrument_count;
};

/* The index of an asset, listed now if need be. */
static bool list_asset(struct lister *lister, const char *name, uint16_t *index) {
    union record record = submit_record(RECORD_ASSET);

    for (uint32_t i = 0; i < lister->known->asset_count; i++)
        if (strcmp(lister->known->assets[i].name, name) == 0) {
            *index = (uint16_t)i;
            return true;
        }
    snprintf(record.asset.name, sizeof record.asset.name, "%s", name);
    record.asset.decimals = ASSET_DECIMALS;
    if (!operator_client_submit(&lister->client, &record))
        return false;
    *index = record.asset.asset;
    return true;
}

static void base_name(const char *listed, char name[SYMBOL_BYTES + 1]) {
    snprintf(name, SYMBOL_BYTES + 1, "%s" BASE_SUFFIX, listed);
}

/* Is the listed instrument one of ours, with these terms? */
static bool is_ours(const struct lister *lister, uint16_t index,
                    const struct replay_instrument *instrument, const char *name) {
    const struct listed_instrument *listed = directory_instrument(lister->known, index);
    char base[SYMBOL_BYTES + 1];

    base_name(name, base);
    return strcmp(lister->known->assets[listed->base_asset].name, base) == 0 &&
           strcmp(lister->known->assets[listed->quote_asset].name, QUOTE_ASSET) == 0 &&
           listed->tick_e8 == instrument->tick_e8 && listed->lot_atoms == instrument->lot_e8 &&
           listed->k == instrument->k;
}

/* The file's symbol if nobody else uses it, else one with a letter behind it: BTCUSDT, BTCUSDTR, BTCUSDTS ... */
static bool choose_name(const struct lister *lister, struct replay_instrument *instrument,
                        bool *is_listed) {
    for (size_t i = 0; i <= strlen(LETTERS); i++) {
        char *name = instrument->listed;

        snprintf(name, sizeof instrument->listed, i == 0 ? "%s" : "%.7s", instrument->symbol);
        if (i > 0)
            snprintf(name + strlen(name), 2, "%c", LETTERS[i - 1]);
        uint16_t index = directory_find(lister->known, name, strlen(name));

        *is_listed = index != INSTRUMENT_NONE;
        instrument->index = index;
        if (!*is_listed || is_ours(lister, index, instrument, name))
            return true;
    }
    fprintf(stderr, "lab: every name for %s is taken by instruments with other terms\n",
            instrument->symbol);
    return false;
}

/* A listed one has its band where an earlier file left it: its book is empty now, so the band may go anywhere. */
static bool move_band(struct lister *lister, const struct replay_instrument *instrument) {
    union record record = submit_record(RECORD_COMMAND);

    record.head.instrument = instrument->index;
    record.command.op = COMMAND_SET_BAND;
    record.command.price_ticks = instrument->base_ticks;
    return operator_client_submit(&lister->client, &record);
}

static bool list_instrument(struct lister *lister, struct replay_instrument *instrument,
                            uint16_t *base_asset) {
    union record record = submit_record(RECORD_INSTRUMENT);
    struct instrument_record *terms = &record.instrument;
    char base[SYMBOL_BYTES + 1];
    bool is_listed;

    if (!choose_name(lister, instrument, &is_listed))
        return false;
    base_name(instrument->listed, base);
    if (!list_asset(lister, base, base_asset))
        return false;
    if (is_listed)
        return move_band(lister, instrument);
    memcpy(terms->symbol, instrument->listed, strlen(instrument->listed));
    memcpy(terms->base_asset_name, base, strlen(base));
    memcpy(terms->quote_asset_name, QUOTE_ASSET, strlen(QUOTE_ASSET));
    terms->tick_e8 = instrument->tick_e8;
    terms->lot_atoms = instrument->lot_e8; /* eight decimals both */
    terms->base_ticks = instrument->base_ticks;
    terms->k = (uint8_t)instrument->k;
    if (!operator_client_submit(&lister->client, &record))
        return false;
    instrument->index = record.head.instrument;
    return true;
}

static bool list_account(struct lister *lister, const char *name, uint32_t *number) {
    union record record = submit_record(RECORD_ACCOUNT);

    for (uint32_t i = ACCOUNT_FIRST_CLIENT; i < lister->known->account_end; i++)
        if (lister->known->accounts[i].listed && strcmp(lister->known->accounts[i].name, name) == 0)
            record.request.account = i;
    snprintf(record.account.name, sizeof record.account.name, "%s", name);
    record.account.maker_fee_ppm = FEE_INHERIT;
    record.account.taker_fee_ppm = FEE_INHERIT;
    record.account.open_order_max = OPEN_ORDERS_MAX;
    if (!operator_client_submit(&lister->client, &record))
        return false;
    *number = record.request.account;
    return true;
}

static bool cancel_all(struct lister *lister, uint32_t account) {
    union record record = submit_record(RECORD_COMMAND);

    record.request.account = account;
    record.command.op = COMMAND_CANCEL_ALL;
    return operator_client_submit(&lister->client, &record);
}

static bool list_accounts(struct lister *lister, char passwords[2][12]) {
    static const char *const names[] = REPLAY_ACCOUNTS;
    static const char *const usernames[] = REPLAY_USERNAMES;

    for (int i = 0; i < 2; i++)
        if (!list_account(lister, names[i], &lister->accounts[i]) ||
            !submit_credential(&lister->client, lister->accounts[i], usernames[i], passwords[i]))
            return false;
    return true;
}

static bool has_open_orders(const struct lister *lister, const struct market *market) {
    return orders_view_open_count(&market->view->orders, lister->accounts[0]) +
               orders_view_open_count(&market->view->orders, lister->accounts[1]) >
           0;
}

/* What an earlier replay left is withdrawn, and gone before ours begins. */
static bool empty_books(struct lister *lister, const struct market *market, const char *var_path) {
    struct market now;

    if (!has_open_orders(lister, market))
        return true;
    if (!cancel_all(lister, lister->accounts[0]) || !cancel_all(lister, lister->accounts[1]))
        return false;
    for (int i = 0; i < EMPTY_TRIES; i++) {
        if (!market_read(&now, var_path))
            return false;
        bool done = !has_open_orders(lister, &now);

        market_close(&now);
        if (done)
            return true;
        clock_sleep_ns(EMPTY_PAUSE_NS);
    }
    fprintf(stderr, "lab: the exchange does not withdraw the orders of an earlier replay\n");
    return false;
}

static bool list_everything(struct lister *lister, struct replay *replay,
                            const struct market *market, const char *var_path,
                            char passwords[2][12]) {
    uint16_t quote_asset;
    uint16_t base_asset;

    if (!list_accounts(lister, passwords) || !empty_books(lister, market, var_path) ||
        !list_asset(lister, QUOTE_ASSET, &quote_asset) ||
        !submit_deposit(&lister->client, lister->accounts[SIDE_BUY], quote_asset,
                        (amount_t)1 << QUOTE_BITS, "replay"))
        return false;
    for (int i = 0; i < replay->instrument_count; i++)
        if (!list_instrument(lister, &replay->instruments[i], &base_asset) ||
            !submit_deposit(&lister->client, lister->accounts[SIDE_SELL], base_asset,
                            (amount_t)1 << BASE_BITS, "replay"))
            return false;
    return true;
}

bool replay_list(struct replay *replay, const char *var_path, char passwords[2][12],
                 char durability[16]) {
    struct lister lister = {.client = {.fd = -1}};
    struct operator_answer answer;
    struct market market;

    if (!operator_client_open(&lister.client, var_path))
        return false;
    bool good = operator_client_ask(&lister.client, OPERATOR_STATUS, NULL, &answer) &&
                market_read(&market, var_path);

    if (good) {
        snprintf(durability, 16, "%.15s", answer.status.durability);
        lister.known = &market.view->directory;
        good = list_everything(&lister, replay, &market, var_path, passwords);
        market_close(&market);
    }
    operator_client_close(&lister.client);
    return good;
}
