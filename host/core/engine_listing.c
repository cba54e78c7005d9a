#include <string.h>

#include "core/engine_state.h"

/* ---- text ---- */

bool text_is_padded(const char *text, size_t max_bytes) {
    size_t length = strnlen(text, max_bytes);

    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] > 0x7E)
            return false;
    for (size_t i = length; i < max_bytes; i++)
        if (text[i] != '\0')
            return false;
    return true;
}

/* Names of things that are listed go into files, addresses and columns: letters, digits, and four marks. */
static bool text_is_name(const char *text, size_t max_bytes) {
    if (text[0] == '\0' || !text_is_padded(text, max_bytes))
        return false;
    for (size_t i = 0; i < max_bytes && text[i] != '\0'; i++) {
        char c = text[i];
        bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '.' || c == ':';
        if (!good)
            return false;
    }
    return true;
}

/* ---- assets and instruments ---- */

enum verdict engine_list_asset(struct engine *engine, union record *input) {
    struct asset_record *asset = &input->asset;

    memset(asset->zero, 0, sizeof asset->zero);
    asset->asset = 0;
    if (!text_is_name(asset->name, SYMBOL_BYTES) || asset->decimals > ASSET_DECIMALS_MAX)
        return VERDICT_BAD_FIELD;

    uint16_t index;
    enum verdict verdict = ledger_list_asset(&engine->ledger, asset->name, asset->decimals, &index);
    if (verdict == VERDICT_TAKEN)
        asset->asset = index;
    return verdict;
}

static uint16_t find_instrument(const struct engine *engine, const char *symbol) {
    for (uint32_t i = 0; i < engine->instrument_count; i++)
        if (memcmp(engine->instruments[i].terms.symbol, symbol, SYMBOL_BYTES) == 0)
            return (uint16_t)i;
    return INSTRUMENT_NONE;
}

/* What was promised to those who hold orders cannot change: assets, tick, lot and width of the band. */
static enum verdict change_instrument(struct engine *engine, struct instrument_record *terms,
                                      uint16_t index) {
    struct instrument *instrument = &engine->instruments[index];
    const struct instrument_record *old = &instrument->terms;

    if (old->base_asset != terms->base_asset || old->quote_asset != terms->quote_asset ||
        old->tick_e8 != terms->tick_e8 || old->lot_atoms != terms->lot_atoms || old->k != terms->k)
        return VERDICT_DIFFERENT_TERMS;
    terms->base_ticks = old->base_ticks;
    terms->head.instrument = index;
    instrument->terms = *terms;
    return VERDICT_TAKEN;
}

static enum verdict add_instrument(struct engine *engine, struct instrument_record *terms) {
    if (engine->instrument_count == engine->limits.instrument_max)
        return VERDICT_INSTRUMENT_LIMIT;

    uint16_t index = (uint16_t)engine->instrument_count++;
    struct instrument *instrument = &engine->instruments[index];
    terms->head.instrument = index;
    *instrument = (struct instrument){
        .terms = *terms, .band_base_ticks = terms->base_ticks, .state = STATE_OPEN};
    trigger_book_init(&instrument->waiting);
    engine->matcher.ops->declare(engine->matcher.self, index, terms->base_ticks, terms->k);
    return VERDICT_TAKEN;
}

enum verdict engine_list_instrument(struct engine *engine, union record *input) {
    struct instrument_record *terms = &input->instrument;

    memset(terms->zero, 0, sizeof terms->zero);
    terms->tick_lot_atoms = 0;
    terms->base_asset = 0;
    terms->quote_asset = 0;
    if (!text_is_name(terms->symbol, SYMBOL_BYTES) ||
        !text_is_name(terms->base_asset_name, SYMBOL_BYTES) ||
        !text_is_name(terms->quote_asset_name, SYMBOL_BYTES))
        return VERDICT_BAD_FIELD;
    if (instrument_check_terms(terms) != VERDICT_TAKEN)
        return VERDICT_BAD_FIELD;

    uint16_t base = ledger_find_asset(&engine->ledger, terms->base_asset_name);
    uint16_t quote = ledger_find_asset(&engine->ledger, terms->quote_asset_name);
    if (base == ASSET_NONE || quote == ASSET_NONE)
        return VERDICT_UNKNOWN_ASSET;
    uint64_t tick_lot_atoms;
    if (base == quote || instrument_derive_tick_lot(terms, engine->ledger.assets[base].decimals,
                                                    engine->ledger.assets[quote].decimals,
                                                    &tick_lot_atoms) != VERDICT_TAKEN)
        return VERDICT_BAD_FIELD;
    terms->base_asset = base;
    terms->quote_asset = quote;
    terms->tick_lot_atoms = tick_lot_atoms;

    uint16_t index = find_instrument(engine, terms->symbol);
    if (index != INSTRUMENT_NONE)
        return change_instrument(engine, terms, index);
    return add_instrument(engine, terms);
}

/* ---- accounts ---- */

static bool fee_is_good(uint32_t fee_ppm) {
    return fee_ppm == FEE_INHERIT || fee_ppm <= FEE_PPM_MAX;
}

enum verdict engine_set_account(struct engine *engine, union record *input) {
    struct account_record *terms = &input->account;
    uint32_t number = input->request.account;

    memset(terms->zero, 0, sizeof terms->zero);
    if (!text_is_padded(terms->name, ACCOUNT_NAME_BYTES) || !fee_is_good(terms->maker_fee_ppm) ||
        !fee_is_good(terms->taker_fee_ppm) ||
        (terms->account_flags & ~(uint32_t)ACCOUNT_SUSPENDED) != 0)
        return VERDICT_BAD_FIELD;

    uint32_t next = engine->accounts.account_count + 1;
    if (number == 0 || number == next)
        number = account_table_create(&engine->accounts);
    if (number == 0)
        return VERDICT_ACCOUNT_LIMIT;
    struct account *account = account_table_find(&engine->accounts, number);
    if (account == NULL)
        return VERDICT_UNKNOWN_ACCOUNT;
    input->request.account = number;
    account->maker_fee_ppm = terms->maker_fee_ppm;
    account->taker_fee_ppm = terms->taker_fee_ppm;
    account->open_order_max =
        terms->open_order_max == 0 ? OPEN_ORDERS_DEFAULT : terms->open_order_max;
    account->flags = terms->account_flags;
    return VERDICT_TAKEN;
}

enum verdict engine_set_credential(struct engine *engine, union record *input) {
    struct credential_record *credential = &input->credential;

    memset(credential->zero, 0, sizeof credential->zero);
    memset(credential->zero2, 0, sizeof credential->zero2);
    if (!text_is_name(credential->username, USERNAME_BYTES) || credential->revoked > 1)
        return VERDICT_BAD_FIELD;
    if (account_table_find(&engine->accounts, input->request.account) == NULL)
        return VERDICT_UNKNOWN_ACCOUNT;
    return VERDICT_TAKEN;
}

/* ---- sessions, days, starts ---- */

enum verdict engine_note_session(struct engine *engine, union record *input) {
    const struct account *account = account_table_find(&engine->accounts, input->request.account);

    memset(input->session.zero, 0, sizeof input->session.zero);
    memset(input->session.zero2, 0, sizeof input->session.zero2);
    input->session.next_user_ref = 0;
    if (input->session.session_event != SESSION_DROPPED &&
        input->session.session_event != SESSION_QUERIED)
        return VERDICT_BAD_FIELD;
    if (account == NULL)
        return VERDICT_UNKNOWN_ACCOUNT;
    if (input->session.session_event == SESSION_DROPPED)
        engine_owe_cancels(engine, account, INSTRUMENT_NONE, true);
    else
        input->session.next_user_ref = account->last_user_ref + 1;
    return VERDICT_TAKEN;
}

/* Orders of the day before keep their numbers but lose their UserRefNum, which the new day gives out again. */
enum verdict engine_begin_day(struct engine *engine, union record *input) {
    uint32_t year = input->day.day / 10000;
    uint32_t month = input->day.day / 100 % 100;
    uint32_t day = input->day.day % 100;

    memset(input->day.zero, 0, sizeof input->day.zero);
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return VERDICT_BAD_FIELD;
    if (input->day.day == engine->day)
        return VERDICT_DAY_BEGUN; /* clients know a session by its day: two of one name would be mixed up */
    engine->day = input->day.day;
    for (uint32_t number = ACCOUNT_FIRST_CLIENT; number <= engine->accounts.account_count;
         number++) {
        struct account *account = account_table_find(&engine->accounts, number);
        account->last_user_ref = 0;
        for (uint32_t index = account->first_open; index != ORDER_INDEX_NONE;
             index = engine_order(engine, index)->account_next)
            order_table_forget_user_ref(&engine->orders, index);
    }
    return VERDICT_TAKEN;
}

/* A start changes nothing but the journal's epoch; it says what the engine was built for. */
enum verdict engine_note_start(const struct engine *engine, union record *input) {
    struct start_record *start = &input->start;

    memset(start->zero, 0, sizeof start->zero);
    if (start->version != RECORD_VERSION || !text_is_padded(start->build, sizeof start->build))
        return VERDICT_BAD_FIELD;
    start->account_max = engine->limits.account_max;
    start->balance_max = engine->limits.balance_max;
    start->order_max = engine->limits.order_max;
    start->instrument_max = engine->limits.instrument_max;
    return VERDICT_TAKEN;
}
