#include "parity/tally.h"

#include <stdio.h>

void tally_add(struct tally *tally, const struct matcher_command *command,
               const struct matcher_event *events, size_t count, uint64_t remainder_lots,
               bool met_own) {
    bool is_entry = command->op == OP_NEW || command->op == OP_REPLACE;
    bool is_rejected = events[0].type == EVENT_REJECT;
    uint64_t self_trades = 0;
    uint64_t trades = 0;
    bool rested = false;

    for (size_t i = 0; i < count; i++) {
        trades += events[i].type == EVENT_TRADE;
        rested |= events[i].type == EVENT_RESTED;
        self_trades += events[i].why == WHY_SELF_TRADE && events[i].type != EVENT_REJECT;
    }
    tally->commands++;
    tally->events += count;
    tally->trades += trades;
    tally->accepted += !is_rejected;
    tally->ops[command->op]++;
    if (is_rejected) {
        tally->rejects[events[0].why]++;
        return;
    }
    if (is_entry && (command->stp == STP_NONE ? met_own : self_trades > 0))
        tally->self_trades[command->stp]++;
    tally->evictions += command->op == OP_SET_BAND && count > 1;
    tally->filled_fok += is_entry && command->tif == TIF_FOK && trades > 0;
    tally->post_only_rested += is_entry && command->post_only != 0 && rested;
    if (command->op == OP_REPLACE && command->seen_lots > remainder_lots) {
        tally->seen_above++;
        tally->seen_ate_all += count == 2;
    }
}

/* Hundredths of a per cent. */
static unsigned long long share(const struct tally *tally, uint64_t count) {
    return count * 10000 / tally->commands;
}

static bool report(const struct tally *tally, const char *what, uint64_t count) {
    unsigned long long hundredths = share(tally, count);
    bool is_enough = count * 1000 >= tally->commands;

    printf("  %-26s %9llu  %3llu.%02llu %%%s\n", what, (unsigned long long)count, hundredths / 100,
           hundredths % 100, is_enough ? "" : "  TOO FEW");
    return is_enough;
}

bool tally_report(const struct tally *tally) {
    static const char *const ops[] = {NULL,      "NEW",         "CANCEL",   "REDUCE",
                                      "REPLACE", "MASS_CANCEL", "SET_BAND", "SET_STATE"};
    static const char *const rejects[] = {
        NULL,         "REJECT unknown_order", "REJECT handle",      "REJECT state",
        "REJECT qty", "REJECT price_band",    "REJECT would_cross", "REJECT fok"};
    static const char *const modes[] = {"self-trade none", "self-trade expire_taker",
                                        "self-trade expire_maker", "self-trade expire_both",
                                        "self-trade decrement"};
    bool is_enough = tally->accepted * 100 >= tally->commands * 60;

    printf("commands %llu, events %llu, trades %llu, accepted %llu %%%s\n",
           (unsigned long long)tally->commands, (unsigned long long)tally->events,
           (unsigned long long)tally->trades, share(tally, tally->accepted) / 100,
           is_enough ? "" : "  TOO FEW");
    printf("resting on average %llu orders\n",
           (unsigned long long)(tally->resting_sum / tally->commands));
    for (int op = OP_NEW; op <= OP_SET_STATE; op++)
        is_enough &= report(tally, ops[op], tally->ops[op]);
    for (int why = REJECT_UNKNOWN_ORDER; why <= REJECT_FOK; why++)
        is_enough &= report(tally, rejects[why], tally->rejects[why]);
    for (int mode = STP_NONE; mode <= STP_DECREMENT; mode++)
        is_enough &= report(tally, modes[mode], tally->self_trades[mode]);
    is_enough &= report(tally, "SET_BAND that evicts", tally->evictions);
    is_enough &= report(tally, "seen above the remainder", tally->seen_above);
    is_enough &= report(tally, "seen ate all", tally->seen_ate_all);
    is_enough &= report(tally, "FOK that filled", tally->filled_fok);
    is_enough &= report(tally, "POST_ONLY that rested", tally->post_only_rested);
    return is_enough;
}
