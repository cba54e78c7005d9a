#include <string.h>

#include "core/engine_state.h"

uint64_t engine_ledger_digest(const struct engine *engine) {
    struct digest digest;

    digest_start(&digest);
    ledger_add_to_digest(&engine->ledger, &digest);
    for (uint32_t number = ACCOUNT_FIRST_CLIENT; number <= engine->accounts.account_count;
         number++) {
        const struct account *account = &engine->accounts.accounts[number];
        digest_number(&digest, account->last_user_ref);
        digest_number(&digest, account->open_count);
        for (uint32_t index = account->first_open; index != ORDER_INDEX_NONE;
             index = engine->orders.orders[index].account_next) {
            const struct open_order *order = &engine->orders.orders[index];
            digest_number(&digest, order->order_no);
            digest_number(&digest, order->handle);
            digest_number(&digest, order->remaining_lots);
            digest_number(&digest, order->executed_lots);
            digest_number(&digest, (uint64_t)order->held_atoms);
        }
    }
    return digest.hash;
}

/* One order: its hold is what it needs, and it can be found by every name. */
static void audit_order(const struct engine *engine, uint32_t index) {
    const struct open_order *order = &engine->orders.orders[index];
    const struct instrument *instrument = &engine->instruments[order->instrument];
    amount_t needed_atoms =
        instrument_hold_atoms(instrument, order->side, order->price_ticks, order->remaining_lots);
    uint32_t account = order->account;
    check(order->order_no != 0);
    check(order->remaining_lots > 0);
    check(HANDLE_INDEX(order->handle) == index);
    check(order_table_find(&engine->orders, order->order_no) == index);
    if (order->user_ref != 0)
        check(order_table_find_user_ref(&engine->orders, account, order->user_ref) == index);
    if (order->client_id_is_mapped)
        check(order_table_find_client_id(&engine->orders, account, order->client_order_id) ==
              index);
    /* One that a replace in flight would put in place holds only what is needed beyond the old order's hold. */
    check(order->state == ORDER_SENT ? order->held_atoms <= needed_atoms
                                     : order->held_atoms == needed_atoms);
    if (engine_is_quiet(engine)) {
        check(order->reducing_lots == 0);
        check(order->cancelling_count == 0);
        check(order->replaced_by == ORDER_INDEX_NONE);
    }
    check(engine->ledger.entries[order->pays_index].account == account);
    check(engine->ledger.entries[order->receives_index].account == account);
}

/* Takes what this account's orders hold off `held_atoms`; returns how many orders it has. */
static uint32_t audit_account(const struct engine *engine, uint32_t number, amount_t *held_atoms) {
    const struct account *account = &engine->accounts.accounts[number];
    uint32_t count = 0;
    uint32_t last = ORDER_INDEX_NONE;
    uint64_t last_order_no = 0;

    for (uint32_t index = account->first_open; index != ORDER_INDEX_NONE;
         index = engine->orders.orders[index].account_next) {
        const struct open_order *order = &engine->orders.orders[index];
        check(order->account == number);
        check(order->account_previous == last);
        check(order->order_no > last_order_no);
        audit_order(engine, index);
        held_atoms[order->pays_index] -= order->held_atoms;
        last_order_no = order->order_no;
        last = index;
        count++;
    }
    check(account->last_open == last);
    check(account->open_count == count);
    check((account->owner != 0) == (count != 0));
    return count;
}

static void audit_slots(const struct engine *engine, uint32_t open_count) {
    uint32_t closed_count = 0;
    uint32_t owed_count = 0;
    uint32_t listed_count = 0;

    for (uint32_t i = 0; i < engine->orders.order_max; i++) {
        closed_count += engine->orders.orders[i].state == ORDER_CLOSED;
        owed_count += engine->orders.orders[i].owed != OWED_NOTHING;
    }
    check(open_count + closed_count + engine->orders.free_count == engine->orders.order_max);
    check(closed_count <= in_flight_count(&engine->in_flight));
    for (uint32_t index = engine->owed_first; index != ORDER_INDEX_NONE;
         index = engine->orders.orders[index].owed_next)
        listed_count++;
    check(owed_count == listed_count);
}

static uint32_t audit_owners(const struct engine *engine) {
    uint32_t lent = 0;

    for (uint32_t number = ACCOUNT_FIRST_CLIENT; number <= engine->accounts.account_count; number++)
        lent += engine->accounts.accounts[number].owner != 0;
    return lent + engine->accounts.free_owner_count;
}

/* Held is what open orders and requested withdrawals hold, balance by balance. */
static void audit_holds(const struct engine *engine, amount_t *held_atoms) {
    uint32_t open_count = 0;

    for (uint32_t i = 0; i < engine->ledger.entry_count; i++)
        held_atoms[i] = engine->ledger.entries[i].balance.held_atoms;
    for (uint32_t number = ACCOUNT_FIRST_CLIENT; number <= engine->accounts.account_count; number++)
        open_count += audit_account(engine, number, held_atoms);
    for (uint32_t i = 0; i < TRANSFER_MAX; i++) {
        const struct open_transfer *transfer = &engine->transfers.transfers[i];
        if (transfer->transfer_no != 0 && transfer->balance_index != BALANCE_NONE)
            held_atoms[transfer->balance_index] -= transfer->amount_atoms;
    }
    for (uint32_t i = 0; i < engine->ledger.entry_count; i++)
        check(held_atoms[i] == 0);
    audit_slots(engine, open_count);
}

void engine_audit(const struct engine *engine) {
    uint32_t account_max = engine->limits.account_max;

    ledger_recount(&engine->ledger);
    audit_holds(engine, engine->audit_held_atoms);
    check(audit_owners(engine) == (account_max < OWNER_MAX ? account_max : OWNER_MAX));
    if (engine_is_quiet(engine))
        check(engine->event_next == engine->event_count);
}
