#include "session/pending_inputs.h"

#include "core/limits.h"

#define MASK (PENDING_INPUTS_MAX - 1)

static uint64_t ref_key(uint32_t account, uint32_t user_ref) {
    return (uint64_t)account << 32 | user_ref;
}

size_t pending_inputs_bytes(void) {
    return PENDING_INPUTS_MAX * sizeof(struct pending_input) + 64 +
           hash_map_bytes(PENDING_INPUTS_MAX, 8) + 64;
}

void pending_inputs_init(struct pending_inputs *pending, struct arena *arena) {
    *pending = (struct pending_inputs){
        .inputs = arena_take(arena, PENDING_INPUTS_MAX * sizeof *pending->inputs, 64)};
    hash_map_init(&pending->by_user_ref, arena, PENDING_INPUTS_MAX, 8);
}

static void oldest_forget(struct pending_inputs *pending) {
    struct pending_input *oldest = &pending->inputs[pending->first & MASK];

    if (oldest->key != 0)
        hash_map_remove(&pending->by_user_ref, &oldest->key);
    pending->first++;
}

void pending_inputs_clear(struct pending_inputs *pending) {
    while (pending->first < pending->end)
        oldest_forget(pending);
}

void pending_inputs_add(struct pending_inputs *pending, uint64_t request_id, uint32_t account,
                        uint32_t user_ref, uint16_t instrument, char side) {
    uint64_t key = ref_key(account, user_ref);

    check(account != 0);
    if (pending->end - pending->first == PENDING_INPUTS_MAX)
        oldest_forget(pending);
    uint32_t known = hash_map_find(&pending->by_user_ref, &key);
    if (known != HASH_MAP_NONE) {
        struct pending_input *first = &pending->inputs[known];
        if (first->instrument != instrument || first->side != side)
            first->instrument = INSTRUMENT_NONE;
        key = 0;
    } else if (!hash_map_put(&pending->by_user_ref, &key, (uint32_t)(pending->end & MASK))) {
        check(!"as many places as inputs");
    }
    pending->inputs[pending->end & MASK] = (struct pending_input){
        .request_id = request_id, .key = key, .instrument = instrument, .side = side};
    pending->end++;
}

void pending_inputs_done(struct pending_inputs *pending, uint64_t request_id) {
    while (pending->first < pending->end &&
           pending->inputs[pending->first & MASK].request_id + PENDING_INPUTS_OVERTAKEN_MAX <=
               request_id)
        oldest_forget(pending);
    for (uint64_t at = pending->first; at < pending->end; at++) {
        struct pending_input *input = &pending->inputs[at & MASK];

        if (input->request_id < request_id)
            continue; /* perhaps ignored without a record, perhaps overtaken */
        if (input->request_id == request_id && input->key != 0) {
            hash_map_remove(&pending->by_user_ref, &input->key);
            input->key = 0;
        }
        return;
    }
}

const struct pending_input *pending_inputs_find(const struct pending_inputs *pending,
                                                uint32_t account, uint32_t user_ref) {
    uint64_t key = ref_key(account, user_ref);
    uint32_t at = hash_map_find(&pending->by_user_ref, &key);

    return at == HASH_MAP_NONE ? NULL : &pending->inputs[at];
}
