#include "parity/generate.h"

#include <string.h>

const struct listed generate_listed[GENERATE_INSTRUMENTS] = {
    {1000, 6},     {0, 10}, {77777, 12}, {123457, 18}, {UINT32_MAX - (1u << 18) + 1, 18},
    {5000000, 20}, {0, 32}, {0, 32},
};

const struct matcher_limits generate_limits = {.qty_bits = GENERATE_QTY_BITS,
                                               .owner_bits = 16,
                                               .handle_count = GENERATE_HANDLES,
                                               .instrument_count = GENERATE_INSTRUMENTS};

void generator_init(struct generator *generator, uint64_t seed) {
    *generator = (struct generator){.random = {seed}, .next_seq = 1};
    /* Lent first: 0, the highest, 1, the one below the highest, and so on. */
    for (uint32_t i = GENERATE_HANDLES; i-- > 0;)
        generator->free[generator->free_count++] =
            i % 2 == 0 ? i / 2 : GENERATE_HANDLES - 1 - i / 2;
    for (uint32_t i = 0; i < GENERATE_INSTRUMENTS; i++) {
        struct known_instrument *known = &generator->instruments[i];

        known->base_ticks = generate_listed[i].base_ticks;
        known->k = generate_listed[i].k;
        known->mid_ticks = known->base_ticks + (INT64_C(1) << known->k) / 2;
    }
    /* Trading at the very top of all prices, where a window must stop short. */
    generator->instruments[7].mid_ticks = (INT64_C(1) << 32) - 40;
}

/* ---- choices ---- */

static bool one_in(struct generator *generator, uint64_t n) {
    return random_below(&generator->random, n) == 0;
}

/* Stretches of deep books and few trades, and stretches of the opposite. */
static bool is_calm(const struct generator *generator) {
    return (generator->next_seq >> 15 & 1) != 0;
}

static uint64_t choose_qty(struct generator *generator) {
    uint64_t r = random_below(&generator->random, 1000);

    if (r < 6)
        return 0;
    if (r < 10)
        return (UINT64_C(1) << GENERATE_QTY_BITS) + random_below(&generator->random, 3);
    if (r < 12)
        return (UINT64_C(1) << GENERATE_QTY_BITS) - 1 - random_below(&generator->random, 3);
    if (r < 200)
        return 1 + random_below(&generator->random, 8);
    return 1 + random_below(&generator->random, 100);
}

static uint32_t clamp_price(int64_t price_ticks) {
    if (price_ticks < 0)
        return 0;
    return price_ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)price_ticks;
}

static uint32_t choose_price(struct generator *generator, const struct known_instrument *known,
                             uint8_t side) {
    struct random *random = &generator->random;
    uint64_t r = random_below(random, 100);
    int64_t away;

    if (r < 4) /* just outside the band, or at its edges */
        return clamp_price(known->base_ticks +
                           (one_in(generator, 2) ? (INT64_C(1) << known->k) : 0) - 2 +
                           (int64_t)random_below(random, 4));
    if (r < 12) /* anywhere inside */
        return clamp_price(known->base_ticks +
                           (int64_t)(random_next(random) & ((UINT64_C(1) << known->k) - 1)));
    if (r < 30 && known->k > 10)
        away = (int64_t)random_below(random, 3000) - 50;
    else
        away = is_calm(generator) ? (int64_t)random_below(random, 30)
                                  : (int64_t)random_below(random, 16) - 4;
    return clamp_price(side == SIDE_BUY ? known->mid_ticks - away : known->mid_ticks + away);
}

static uint8_t choose_tif(struct generator *generator) {
    uint64_t r = random_below(&generator->random, 100);

    return r < 74 ? TIF_GTC : r < 88 ? TIF_IOC : TIF_FOK;
}

/* A handle that the command may not take: in use, or not below the number of handles. */
static uint32_t choose_bad_handle(struct generator *generator) {
    if (one_in(generator, 3))
        return HANDLE_MAKE(3, GENERATE_HANDLES + random_below(&generator->random, 5));
    for (uint32_t tries = 0; tries < 64; tries++) {
        uint64_t index = random_below(&generator->random, GENERATE_HANDLES);

        if (generator->orders[index].live)
            return HANDLE_MAKE(random_below(&generator->random, 256), index);
    }
    return HANDLE_MAKE(0, HANDLE_INDEX_MASK);
}

static uint32_t choose_new_handle(struct generator *generator) {
    if (one_in(generator, 80) || generator->free_count == 0)
        return choose_bad_handle(generator);
    uint32_t index = generator->free[--generator->free_count];

    generator->has_lent = true;
    generator->lent_index = index;
    return HANDLE_MAKE(++generator->generations[index], index);
}

static const struct known_order *any_live(struct generator *generator,
                                          const struct known_instrument *known) {
    return &generator->orders[known->live[random_below(&generator->random, known->live_count)]];
}

/* A resting order of the instrument, mostly. */
static uint32_t choose_old_handle(struct generator *generator,
                                  const struct known_instrument *known) {
    uint64_t r = random_below(&generator->random, 100);
    uint64_t index = random_below(&generator->random, GENERATE_HANDLES);

    if (r < 2)
        return HANDLE_MAKE(random_below(&generator->random, 256),
                           index + random_below(&generator->random, 2) * GENERATE_HANDLES);
    if (r < 4 && generator->orders[index].live)
        return generator->orders[index].handle; /* of any instrument */
    if (known->live_count == 0)
        return HANDLE_MAKE(0, index);
    uint32_t handle = any_live(generator, known)->handle;
    return r < 5 ? handle ^ 1u << HANDLE_INDEX_BITS : handle;
}

/* ---- commands ---- */

static void make_new(struct generator *generator, const struct known_instrument *known,
                     struct matcher_command *command) {
    struct random *random = &generator->random;

    command->op = OP_NEW;
    command->side = (uint8_t)random_below(random, 2);
    command->tif = choose_tif(generator);
    command->stp = (uint8_t)random_below(random, 5);
    command->post_only = one_in(generator, 9);
    command->owner = (uint32_t)random_below(random, GENERATE_OWNERS);
    command->qty_lots = choose_qty(generator);
    command->handle = choose_new_handle(generator);
    if (!one_in(generator, is_calm(generator) ? 40 : 9)) {
        command->price_ticks = choose_price(generator, known, command->side);
        return;
    }
    command->type = ORDER_TYPE_MARKET;
    if (one_in(generator, 2))
        command->limit_ticks = choose_price(generator, known, command->side);
}

static void make_replace(struct generator *generator, const struct known_instrument *known,
                         struct matcher_command *command) {
    struct random *random = &generator->random;

    command->op = OP_REPLACE;
    command->handle = choose_old_handle(generator, known);
    command->new_handle = one_in(generator, 100) ? command->handle : choose_new_handle(generator);
    const struct known_order *old =
        &generator->orders[HANDLE_INDEX(command->handle) % GENERATE_HANDLES];
    command->price_ticks = choose_price(generator, known, old->side);
    command->qty_lots = choose_qty(generator);
    command->tif = choose_tif(generator);
    command->stp = (uint8_t)random_below(random, 5);
    command->post_only = one_in(generator, 9);
    switch (random_below(random, 4)) {
    case 0: command->seen_lots = old->left_lots; break;
    case 1:
        command->seen_lots = old->left_lots + random_below(random, command->qty_lots + 3);
        break;
    case 2: command->seen_lots = random_below(random, old->left_lots + 1); break;
    }
}

static void make_set_band(struct generator *generator, const struct known_instrument *known,
                          struct matcher_command *command) {
    struct random *random = &generator->random;
    int64_t size_ticks = INT64_C(1) << known->k;
    int64_t step_ticks =
        (int64_t)random_below(random, (uint64_t)size_ticks / 2 + 1) - size_ticks / 4;
    int64_t edge_ticks;

    command->op = OP_SET_BAND;
    switch (random_below(random, 24)) {
    case 0: command->price_ticks = (uint32_t)random_next(random); break;
    case 1: command->price_ticks = UINT32_MAX - (uint32_t)random_below(random, 60); break;
    case 2: /* as near the edge as trading can be: evicts one whole side */
        command->price_ticks =
            clamp_price(known->mid_ticks - (one_in(generator, 2) ? 0 : size_ticks - 1));
        break;
    case 3: /* a resting order on the band's first or last tick, or one past it */
    case 4:
        edge_ticks = known->mid_ticks;
        if (known->live_count > 0)
            edge_ticks = any_live(generator, known)->price_ticks;
        edge_ticks -= one_in(generator, 2) ? 0 : size_ticks - 1;
        command->price_ticks = clamp_price(edge_ticks + (int64_t)random_below(random, 3) - 1);
        break;
    default: command->price_ticks = clamp_price(known->base_ticks + step_ticks); break;
    }
}

static void make_about_order(struct generator *generator, const struct known_instrument *known,
                             struct matcher_command *command) {
    uint64_t r = random_below(&generator->random, 100);

    if (r < 45) {
        command->op = OP_CANCEL;
        command->handle = choose_old_handle(generator, known);
    } else if (r < 65) {
        command->op = OP_REDUCE;
        command->handle = choose_old_handle(generator, known);
        command->qty_lots = choose_qty(generator);
    } else {
        make_replace(generator, known, command);
    }
}

/* The mid wanders inside the band; rarely it jumps, and in a wide band it jumps far. */
static void wander(struct generator *generator, struct known_instrument *known) {
    int64_t size_ticks = INT64_C(1) << known->k;

    if (one_in(generator, 8))
        known->mid_ticks += one_in(generator, 2) ? 1 : -1;
    if (one_in(generator, 20000))
        known->mid_ticks = known->base_ticks +
                           (int64_t)(random_next(&generator->random) & (uint64_t)(size_ticks - 1));
    if (known->mid_ticks < known->base_ticks + size_ticks / 8)
        known->mid_ticks++;
    if (known->mid_ticks > known->base_ticks + size_ticks - size_ticks / 1000 - 8)
        known->mid_ticks--;
}

void generator_next(struct generator *generator, struct matcher_command *command) {
    uint16_t instrument = (uint16_t)random_below(&generator->random, GENERATE_INSTRUMENTS);
    struct known_instrument *known = &generator->instruments[instrument];
    uint64_t r = random_below(&generator->random, 1000);
    uint64_t new_share = known->live_count < 60 ? 700 : known->live_count < 140 ? 480 : 300;

    memset(command, 0, sizeof *command);
    command->seq = generator->next_seq++;
    command->instrument = instrument;
    generator->has_lent = false;
    wander(generator, known);
    if (known->state != STATE_OPEN && one_in(generator, 6)) {
        command->op = OP_SET_STATE;
    } else if (r < 6) {
        command->op = OP_SET_STATE;
        command->state = (uint8_t)random_below(&generator->random, 3);
    } else if (r < 12) {
        command->op = OP_MASS_CANCEL;
        if (!one_in(generator, 30))
            command->owner = 1 + (uint32_t)random_below(&generator->random, GENERATE_OWNERS - 1);
    } else if (r < 24) {
        make_set_band(generator, known, command);
    } else if (r < 24 + new_share) {
        make_new(generator, known, command);
    } else {
        make_about_order(generator, known, command);
    }
}

/* ---- what the events teach ---- */

static void forget(struct generator *generator, uint32_t handle) {
    struct known_order *order = &generator->orders[HANDLE_INDEX(handle)];
    struct known_instrument *known = &generator->instruments[order->instrument];
    uint32_t moved = known->live[known->live_count - 1];

    check(order->live);
    known->live[order->place] = moved;
    generator->orders[moved].place = order->place;
    known->live_count--;
    order->live = false;
    generator->free[generator->free_count++] = HANDLE_INDEX(handle);
}

static void remember(struct generator *generator, const struct matcher_command *command,
                     const struct matcher_event *rested, uint8_t side) {
    struct known_instrument *known = &generator->instruments[command->instrument];
    uint32_t index = HANDLE_INDEX(rested->order.handle);

    generator->orders[index] = (struct known_order){.left_lots = rested->order.qty_lots,
                                                    .handle = rested->order.handle,
                                                    .price_ticks = rested->order.price_ticks,
                                                    .place = known->live_count,
                                                    .instrument = command->instrument,
                                                    .side = side,
                                                    .live = true};
    known->live[known->live_count++] = index;
}

static bool is_known(const struct generator *generator, uint32_t handle) {
    const struct known_order *order = &generator->orders[HANDLE_INDEX(handle) % GENERATE_HANDLES];

    return order->live && order->handle == handle;
}

static void learn_event(struct generator *generator, const struct matcher_command *command,
                        const struct matcher_event *event, uint8_t side) {
    struct known_order *order =
        &generator->orders[HANDLE_INDEX(event->order.handle) % GENERATE_HANDLES];

    switch ((enum event_type)event->type) {
    case EVENT_TRADE:
        generator->orders[HANDLE_INDEX(event->order.maker)].left_lots = event->order.maker_left;
        if (event->order.maker_left == 0)
            forget(generator, event->order.maker);
        break;
    case EVENT_RESTED: remember(generator, command, event, side); break;
    case EVENT_CANCELLED:
        if (is_known(generator, event->order.handle))
            forget(generator, event->order.handle);
        break;
    case EVENT_REDUCED:
        if (is_known(generator, event->order.handle))
            order->left_lots = event->order.qty_lots;
        break;
    case EVENT_ACCEPTED:
    case EVENT_REJECT:
    case EVENT_DONE: break;
    }
}

void generator_learn(struct generator *generator, const struct matcher_command *command,
                     const struct matcher_event *events, size_t count) {
    struct known_instrument *known = &generator->instruments[command->instrument];
    uint8_t side = command->side;

    if (command->op == OP_REPLACE)
        side = generator->orders[HANDLE_INDEX(command->handle) % GENERATE_HANDLES].side;
    for (size_t i = 0; i < count; i++)
        learn_event(generator, command, &events[i], side);
    /* A handle that was lent and did not come to rest goes back at the DONE. */
    if (generator->has_lent && !generator->orders[generator->lent_index].live)
        generator->free[generator->free_count++] = generator->lent_index;
    if (command->op == OP_SET_STATE)
        known->state = command->state;
    if (command->op == OP_SET_BAND && events[0].type != EVENT_REJECT) {
        /* Trading follows the band when the band leaves it. */
        int64_t size_ticks = INT64_C(1) << known->k;
        known->base_ticks = command->price_ticks;
        if (known->mid_ticks < known->base_ticks ||
            known->mid_ticks >= known->base_ticks + size_ticks)
            known->mid_ticks = known->base_ticks + size_ticks / 2;
    }
}
