#include "apps/exchange/burst.h"

static bool burst_is_cancel(const union record *record) {
    if (record->head.kind != RECORD_COMMAND)
        return false;
    switch (record->command.op) {
    case COMMAND_CANCEL:
    case COMMAND_REDUCE:
    case COMMAND_MASS_CANCEL:
    case COMMAND_CANCEL_ALL: return true;
    default: return false;
    }
}

/* Whether an earlier input, left behind by the cancels, is of the same account. */
static bool burst_is_held_back(const struct burst *burst, uint32_t index, uint64_t left_behind) {
    for (uint32_t i = 0; i < index; i++)
        if ((left_behind >> i & 1) != 0 &&
            burst->inputs[i].record.request.account == burst->inputs[index].record.request.account)
            return true;
    return false;
}

void burst_arrange(struct burst *burst) {
    uint64_t left_behind = 0; /* bit i: input i waits for the second turn */
    uint32_t placed = 0;

    for (uint32_t i = 0; i < burst->count; i++) {
        if (burst_is_cancel(&burst->inputs[i].record) && !burst_is_held_back(burst, i, left_behind))
            burst->order[placed++] = (uint8_t)i;
        else
            left_behind |= 1ull << i;
    }
    for (uint32_t i = 0; i < burst->count; i++)
        if ((left_behind >> i & 1) != 0)
            burst->order[placed++] = (uint8_t)i;
    burst->taken = 0;
}

struct burst_input *burst_take(struct burst *burst) {
    if (burst->taken == burst->count)
        return NULL;
    return &burst->inputs[burst->order[burst->taken++]];
}
