#include "core/engine_state.h"

/* Marks the account's open orders in order of arrival; engine_generate makes the CANCELs one by one. An account has at
 * most open_order_max of them. */
void engine_owe_cancels(struct engine *engine, const struct account *account, uint16_t instrument,
                        bool on_disconnect_only) {
    for (uint32_t index = account->first_open; index != ORDER_INDEX_NONE;
         index = engine_order(engine, index)->account_next) {
        const struct open_order *order = engine_order(engine, index);
        if (instrument != INSTRUMENT_NONE && order->instrument != instrument)
            continue;
        if (on_disconnect_only && !order->cancel_on_disconnect)
            continue;
        if (!order_is_waiting(order) && !order_can_rest(order))
            continue;
        engine_owe(engine, index, OWED_CANCEL);
    }
}

enum verdict engine_cancel_all(struct engine *engine, struct draft *draft) {
    engine_owe_cancels(engine, draft->account, draft->command->head.instrument, false);
    return VERDICT_TAKEN;
}

enum verdict engine_mass_cancel(struct draft *draft) {
    struct command_record *command = draft->command;

    if (draft->account != NULL) {
        /* To the matcher 0 means everyone; an account without a number there has nothing resting. */
        if (draft->account->owner == 0)
            return VERDICT_TAKEN;
        command->owner = draft->account->owner;
    }
    draft->send = (struct matcher_command){
        .op = OP_MASS_CANCEL, .owner = command->owner, .instrument = command->head.instrument};
    return VERDICT_TAKEN;
}
