#include <string.h>

#include "core/engine_state.h"

/* A first record that asks: a withdrawal holds its funds at once, a deposit waits for the outside. */
static enum verdict transfer_request(struct engine *engine, struct transfer_record *transfer) {
    uint32_t account = transfer->request.account;
    struct open_transfer open = {
        .amount_atoms = transfer->amount_atoms,
        .transfer_no = engine_next_record_seq(engine),
        .balance_index = BALANCE_NONE,
        .account = account,
        .asset = transfer->asset,
        .kind = transfer->transfer_kind,
        .state = TRANSFER_REQUESTED,
    };

    if (engine->transfers.free_count == 0)
        return VERDICT_TRANSFER_LIMIT;
    if (transfer->transfer_kind == TRANSFER_WITHDRAWAL) {
        open.balance_index = ledger_find(&engine->ledger, account, transfer->asset);
        if (!ledger_hold(&engine->ledger, open.balance_index, transfer->amount_atoms))
            return VERDICT_NO_FUNDS;
    }
    bool added = transfer_table_add(&engine->transfers, &open);
    check(added);
    transfer->transfer_no = open.transfer_no;
    return VERDICT_TAKEN;
}

static enum verdict transfer_pay_in(struct engine *engine, uint32_t account, uint16_t asset,
                                    amount_t amount_atoms) {
    /* Before anything changes: what is refused BAD_FIELD is not judged again at replay. */
    if (!ledger_may_deposit(&engine->ledger, asset, amount_atoms))
        return VERDICT_BAD_FIELD;

    uint32_t index = ledger_open(&engine->ledger, account, asset);
    if (index == BALANCE_NONE)
        return VERDICT_BALANCE_LIMIT;
    bool deposited = ledger_deposit(&engine->ledger, index, amount_atoms);
    check(deposited);
    return VERDICT_TAKEN;
}

static enum verdict transfer_first(struct engine *engine, struct transfer_record *transfer) {
    amount_t top = (amount_t)1 << AMOUNT_BITS_MAX;

    transfer->transfer_no = 0;
    if (transfer->amount_atoms <= 0 || transfer->amount_atoms > top)
        return VERDICT_BAD_FIELD;
    if (account_table_find(&engine->accounts, transfer->request.account) == NULL)
        return VERDICT_UNKNOWN_ACCOUNT;
    if (transfer->asset >= engine->ledger.asset_count)
        return VERDICT_UNKNOWN_ASSET;
    if (transfer->transfer_state == TRANSFER_REQUESTED)
        return transfer_request(engine, transfer);
    if (transfer->transfer_state != TRANSFER_DONE || transfer->transfer_kind != TRANSFER_DEPOSIT)
        return VERDICT_TRANSFER_STATE;

    enum verdict verdict =
        transfer_pay_in(engine, transfer->request.account, transfer->asset, transfer->amount_atoms);
    if (verdict == VERDICT_TAKEN)
        transfer->transfer_no = engine_next_record_seq(engine);
    return verdict;
}

/* requested -> approved -> done; refused from either. */
static bool transfer_may_become(const struct open_transfer *open, uint8_t state) {
    if (state == TRANSFER_APPROVED)
        return open->state == TRANSFER_REQUESTED;
    if (state == TRANSFER_DONE)
        return open->state == TRANSFER_APPROVED;
    return state == TRANSFER_REFUSED;
}

static enum verdict transfer_finish(struct engine *engine, const struct open_transfer *open,
                                    uint8_t state) {
    if (open->kind == TRANSFER_DEPOSIT)
        return state == TRANSFER_DONE
                   ? transfer_pay_in(engine, open->account, open->asset, open->amount_atoms)
                   : VERDICT_TAKEN;
    if (state == TRANSFER_DONE)
        ledger_withdraw(&engine->ledger, open->balance_index, open->amount_atoms);
    else
        ledger_release(&engine->ledger, open->balance_index, open->amount_atoms);
    return VERDICT_TAKEN;
}

static enum verdict transfer_later(struct engine *engine, struct transfer_record *transfer) {
    struct open_transfer *open = transfer_table_find(&engine->transfers, transfer->transfer_no);

    if (open == NULL)
        return VERDICT_UNKNOWN_TRANSFER;
    transfer->amount_atoms = open->amount_atoms;
    transfer->request.account = open->account;
    transfer->asset = open->asset;
    transfer->transfer_kind = open->kind;
    if (!transfer_may_become(open, transfer->transfer_state))
        return VERDICT_TRANSFER_STATE;
    if (transfer->transfer_state == TRANSFER_APPROVED) {
        open->state = TRANSFER_APPROVED;
        return VERDICT_TAKEN;
    }
    enum verdict verdict = transfer_finish(engine, open, transfer->transfer_state);
    if (verdict == VERDICT_TAKEN)
        transfer_table_remove(&engine->transfers, transfer->transfer_no);
    return verdict;
}

enum verdict engine_transfer(struct engine *engine, union record *input) {
    struct transfer_record *transfer = &input->transfer;

    memset(transfer->zero, 0, sizeof transfer->zero);
    memset(transfer->zero2, 0, sizeof transfer->zero2);
    if (transfer->transfer_kind != TRANSFER_DEPOSIT &&
        transfer->transfer_kind != TRANSFER_WITHDRAWAL)
        return VERDICT_BAD_FIELD;
    if (transfer->transfer_state < TRANSFER_REQUESTED ||
        transfer->transfer_state > TRANSFER_REFUSED ||
        !text_is_padded(transfer->reference, sizeof transfer->reference))
        return VERDICT_BAD_FIELD;
    /* A first record carries its own number once it is in the journal; nothing older can have it. */
    bool is_first = transfer->transfer_no == 0 || transfer->transfer_state == TRANSFER_REQUESTED ||
                    transfer->transfer_no == engine_next_record_seq(engine);
    return is_first ? transfer_first(engine, transfer) : transfer_later(engine, transfer);
}
