#include "core/reference.h"

#include "core/reference_book.h"

/* ---- checks: each gives a reject reason, or 0 ---- */

static bool rests_here(const struct reference *ref, const struct matcher_command *command) {
    uint32_t index = HANDLE_INDEX(command->handle);

    if (index >= ref->limits.handle_count)
        return false;
    const struct resting *order = &ref->orders[index];
    return order->live && order->instrument == command->instrument &&
           order->handle == command->handle;
}

static bool is_free(const struct reference *ref, uint32_t handle) {
    uint32_t index = HANDLE_INDEX(handle);

    return index < ref->limits.handle_count && !ref->orders[index].live;
}

static bool is_good_qty(const struct reference *ref, uint64_t qty_lots) {
    return qty_lots > 0 && qty_lots <= UINT64_MAX >> (64 - ref->limits.qty_bits);
}

static bool is_in_band(const struct listing *listing, uint32_t price_ticks) {
    uint64_t end_ticks = listing->base_ticks + (UINT64_C(1) << listing->k);

    return price_ticks >= listing->base_ticks && price_ticks < end_ticks;
}

static uint8_t entry_refusal(const struct reference *ref, const struct matcher_command *command,
                             uint32_t handle, bool is_market) {
    const struct listing *listing = &ref->listings[command->instrument];

    if (!is_free(ref, handle))
        return REJECT_HANDLE;
    if (listing->state != STATE_OPEN)
        return REJECT_STATE;
    if (!is_good_qty(ref, command->qty_lots))
        return REJECT_QTY;
    if (!is_market && !is_in_band(listing, command->price_ticks))
        return REJECT_PRICE_BAND;
    return 0;
}

static uint8_t crossing_refusal(const struct reference *ref, uint16_t instrument,
                                const struct arrival *taker) {
    uint32_t best = ref->listings[instrument].first[reference_opposite(taker->side)];

    if (taker->post_only && best != NOBODY &&
        reference_is_within_limit(taker, ref->orders[best].price_ticks))
        return REJECT_WOULD_CROSS;
    if (taker->tif == TIF_FOK && !reference_can_fill(ref, instrument, taker))
        return REJECT_FOK;
    return 0;
}

/* ---- commands: each returns a reject reason, or 0 when it was done ---- */

static uint8_t do_new(struct reference *ref, const struct matcher_command *command) {
    check(command->side <= SIDE_SELL);
    check(command->type <= ORDER_TYPE_MARKET);
    check(command->tif <= TIF_FOK);
    check(command->stp <= STP_DECREMENT);
    check(command->post_only <= 1);
    check((uint64_t)command->owner >> ref->limits.owner_bits == 0);
    bool is_market = command->type == ORDER_TYPE_MARKET;
    struct arrival taker = {.left_lots = command->qty_lots,
                            .handle = command->handle,
                            .owner = command->owner,
                            .price_ticks = is_market ? command->limit_ticks : command->price_ticks,
                            .side = command->side,
                            .tif = command->tif,
                            .stp = command->stp,
                            .is_market = is_market,
                            .post_only = command->post_only == 1};

    uint8_t refusal = entry_refusal(ref, command, command->handle, is_market);
    if (refusal == 0)
        refusal = crossing_refusal(ref, command->instrument, &taker);
    if (refusal == 0)
        reference_match_and_rest(ref, command, &taker);
    return refusal;
}

static uint8_t do_replace(struct reference *ref, const struct matcher_command *command) {
    check(command->tif <= TIF_FOK);
    check(command->stp <= STP_DECREMENT);
    check(command->post_only <= 1);
    if (!rests_here(ref, command))
        return REJECT_UNKNOWN_ORDER;
    uint8_t refusal = entry_refusal(ref, command, command->new_handle, false);
    if (refusal != 0)
        return refusal;

    uint32_t old_index = HANDLE_INDEX(command->handle);
    const struct resting *old = &ref->orders[old_index];
    uint64_t gone_lots =
        command->seen_lots > old->left_lots ? command->seen_lots - old->left_lots : 0;
    uint64_t enter_lots = command->qty_lots > gone_lots ? command->qty_lots - gone_lots : 0;
    struct arrival taker = {.left_lots = enter_lots,
                            .handle = command->new_handle,
                            .owner = old->owner,
                            .price_ticks = command->price_ticks,
                            .side = old->side,
                            .tif = command->tif,
                            .stp = command->stp,
                            .is_market = false,
                            .post_only = command->post_only == 1};

    if (enter_lots > 0)
        refusal = crossing_refusal(ref, command->instrument, &taker);
    if (refusal != 0)
        return refusal;
    reference_expire(ref, command, old_index, WHY_REPLACE);
    if (enter_lots > 0)
        reference_match_and_rest(ref, command, &taker);
    return 0;
}

static uint8_t do_cancel(struct reference *ref, const struct matcher_command *command) {
    if (!rests_here(ref, command))
        return REJECT_UNKNOWN_ORDER;
    if (ref->listings[command->instrument].state == STATE_CLOSED)
        return REJECT_STATE;
    reference_expire(ref, command, HANDLE_INDEX(command->handle), WHY_USER);
    return 0;
}

static uint8_t do_reduce(struct reference *ref, const struct matcher_command *command) {
    if (!rests_here(ref, command))
        return REJECT_UNKNOWN_ORDER;
    if (ref->listings[command->instrument].state == STATE_CLOSED)
        return REJECT_STATE;
    if (!is_good_qty(ref, command->qty_lots))
        return REJECT_QTY;

    uint32_t index = HANDLE_INDEX(command->handle);
    struct resting *order = &ref->orders[index];
    if (command->qty_lots >= order->left_lots) {
        reference_expire(ref, command, index, WHY_USER);
        return 0;
    }
    order->left_lots -= command->qty_lots;
    reference_emit_order(ref, command, EVENT_REDUCED, WHY_USER, order->handle, order->left_lots);
    return 0;
}

static uint8_t do_mass_cancel(struct reference *ref, const struct matcher_command *command) {
    check((uint64_t)command->owner >> ref->limits.owner_bits == 0);
    for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++) {
        uint32_t next;

        for (uint32_t at = ref->listings[command->instrument].first[side]; at != NOBODY;
             at = next) {
            next = ref->orders[at].next;
            if (command->owner == 0 || ref->orders[at].owner == command->owner)
                reference_expire(ref, command, at, WHY_MASS);
        }
    }
    return 0;
}

/* The oldest order at the lowest tick of this side that is outside the band, or NOBODY. */
static uint32_t lowest_outside(const struct reference *ref, const struct listing *listing,
                               uint8_t side) {
    uint32_t found = NOBODY;

    for (uint32_t at = listing->first[side]; at != NOBODY; at = ref->orders[at].next) {
        uint32_t price_ticks = ref->orders[at].price_ticks;

        if (is_in_band(listing, price_ticks))
            continue;
        if (found == NOBODY || price_ticks < ref->orders[found].price_ticks)
            found = at;
    }
    return found;
}

static uint8_t do_set_band(struct reference *ref, const struct matcher_command *command) {
    struct listing *listing = &ref->listings[command->instrument];

    if (command->price_ticks + (UINT64_C(1) << listing->k) > UINT64_C(1) << 32)
        return REJECT_PRICE_BAND;
    listing->base_ticks = command->price_ticks;
    for (uint8_t side = SIDE_BUY; side <= SIDE_SELL; side++) {
        uint32_t at;

        while ((at = lowest_outside(ref, listing, side)) != NOBODY)
            reference_expire(ref, command, at, WHY_BAND);
    }
    return 0;
}

static uint8_t do_set_state(struct reference *ref, const struct matcher_command *command) {
    check(command->state <= STATE_CLOSED);
    ref->listings[command->instrument].state = command->state;
    return 0;
}

static uint8_t do_command(struct reference *ref, const struct matcher_command *command) {
    switch (command->op) {
    case OP_NEW: return do_new(ref, command);
    case OP_CANCEL: return do_cancel(ref, command);
    case OP_REDUCE: return do_reduce(ref, command);
    case OP_REPLACE: return do_replace(ref, command);
    case OP_MASS_CANCEL: return do_mass_cancel(ref, command);
    case OP_SET_BAND: return do_set_band(ref, command);
    case OP_SET_STATE: return do_set_state(ref, command);
    }
    check(!"known op");
    return 0;
}

/* ---- the port ---- */

static enum matcher_taken reference_submit(void *self, const struct matcher_command *command) {
    struct reference *ref = self;

    if (ref->event_taken < ref->event_count)
        return MATCHER_FULL;
    ref->event_taken = 0;
    ref->event_count = 0;
    check(command->seq == ref->next_seq);
    check(command->instrument < ref->limits.instrument_count);
    check(ref->listings[command->instrument].declared);
    ref->next_seq++;

    uint8_t refusal = do_command(ref, command);
    if (refusal != 0)
        reference_emit_order(ref, command, EVENT_REJECT, refusal,
                             command->op == OP_SET_BAND ? 0 : command->handle, 0);
    reference_emit_done(ref, command);
    return MATCHER_TAKEN;
}

static size_t reference_poll(void *self, struct matcher_event *events, size_t max) {
    struct reference *ref = self;
    size_t count = ref->event_count - ref->event_taken;

    if (count > max)
        count = max;
    for (size_t i = 0; i < count; i++)
        events[i] = ref->events[ref->event_taken + i];
    ref->event_taken += count;
    return count;
}

static void reference_declare(void *self, uint16_t instrument, uint32_t base_ticks, uint32_t k) {
    struct reference *ref = self;

    check(instrument < ref->limits.instrument_count);
    check(k <= 32);
    check(base_ticks + (UINT64_C(1) << k) <= UINT64_C(1) << 32);
    struct listing *listing = &ref->listings[instrument];
    check(!listing->declared);
    *listing = (struct listing){.first = {NOBODY, NOBODY},
                                .base_ticks = base_ticks,
                                .k = k,
                                .state = STATE_OPEN,
                                .declared = true};
}

static void hash_number(uint64_t *hash, uint64_t number) {
    for (int byte = 0; byte < 8; byte++) {
        *hash ^= (number >> (8 * byte)) & 0xFF;
        *hash *= UINT64_C(0x100000001B3);
    }
}

static void hash_listing(const struct reference *ref, const struct listing *listing,
                         uint64_t *hash) {
    uint64_t order_count = 0;

    for (int side = 0; side < 2; side++)
        for (uint32_t at = listing->first[side]; at != NOBODY; at = ref->orders[at].next)
            order_count++;
    hash_number(hash, listing->base_ticks);
    hash_number(hash, listing->state);
    hash_number(hash, order_count);
    for (int side = 0; side < 2; side++)
        for (uint32_t at = listing->first[side]; at != NOBODY; at = ref->orders[at].next) {
            hash_number(hash, ref->orders[at].side);
            hash_number(hash, ref->orders[at].price_ticks);
            hash_number(hash, ref->orders[at].handle);
            hash_number(hash, ref->orders[at].owner);
            hash_number(hash, ref->orders[at].left_lots);
        }
}

static uint64_t reference_digest(void *self) {
    struct reference *ref = self;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);

    hash_number(&hash, ref->last_match);
    for (uint32_t i = 0; i < ref->limits.instrument_count; i++) {
        if (!ref->listings[i].declared)
            continue;
        hash_number(&hash, i);
        hash_listing(ref, &ref->listings[i], &hash);
    }
    return hash;
}

/* Every handle may be met once by one command, with two events; ACCEPTED, the old order's CANCELLED, an
 * end and DONE come on top. */
static size_t reference_event_max(const struct matcher_limits *limits) {
    return 2 * (size_t)limits->handle_count + 4;
}

size_t reference_bytes(const struct matcher_limits *limits) {
    return sizeof(struct reference) + limits->handle_count * sizeof(struct resting) +
           limits->instrument_count * sizeof(struct listing) +
           reference_event_max(limits) * sizeof(struct matcher_event) + 4 * 64;
}

struct reference *reference_init(struct arena *arena, const struct matcher_limits *limits) {
    struct reference *ref = arena_take(arena, sizeof *ref, 64);

    check(matcher_limits_fit(limits));
    *ref = (struct reference){
        .limits = *limits, .next_seq = 1, .event_max = reference_event_max(limits)};
    ref->orders = arena_take(arena, limits->handle_count * sizeof *ref->orders, 64);
    ref->listings = arena_take(arena, limits->instrument_count * sizeof *ref->listings, 64);
    ref->events = arena_take(arena, ref->event_max * sizeof *ref->events, 64);
    return ref;
}

struct matcher reference_port(struct reference *reference) {
    static const struct matcher_ops ops = {.declare = reference_declare,
                                           .submit = reference_submit,
                                           .poll = reference_poll,
                                           .digest = reference_digest};

    return (struct matcher){.ops = &ops, .self = reference};
}
