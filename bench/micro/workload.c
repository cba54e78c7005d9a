#include "micro/workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct workload workloads[WORKLOAD_COUNT] = {
    {"real1", WORKLOAD_REAL, 0, 5000000, 1, 1, 2000, 1u << 13, 2780516, 2069823, 149661, 700333,
     21040721, UINT64_C(0xd834731c67ab72a2)},
    {"real100", WORKLOAD_REAL, 0, 5000000, 100, 2, 4000, 1u << 17, 2829645, 2021084, 149271, 728270,
     21819591, UINT64_C(0x10706c6b5502c8ad)},
    {"deep", WORKLOAD_DEEP, 1000000, 4000000, 1, 3, 1000000, 1u << 21, 2998688, 2001312, 0, 0, 0,
     1},
    {"sweep", WORKLOAD_SWEEP, 0, 5000000, 1, 4, 10000, 1u << 14, 4400472, 599528, 0, 3711339,
     159375760, UINT64_C(0x8cd8e9e629fe37eb)},
};

#define SYMBOL_MAX  100
#define PRICE_MAX   65000
#define EVENT_CHUNK 1024

/* An order of the stream, by handle index. */
struct order_note {
    uint32_t id;
    uint32_t place; /* in its symbol's list */
    uint8_t flags;
};

struct symbol {
    uint32_t
        *live; /* handles of resting orders, in no order: a removal moves the last into the hole */
    uint32_t live_count;
    int64_t mid_ticks;
    double cumulative_weight;
    uint32_t bid_ticks; /* the touch, from the last DONE */
    uint32_t ask_ticks;
    bool has_bid;
    bool has_ask;
};

struct stream {
    const struct workload *workload;
    struct matcher *matcher;
    struct packed_command *commands;
    uint32_t command_count;
    uint64_t state[2];
    struct symbol symbols[SYMBOL_MAX];
    struct order_note *notes;
    uint32_t *free_handles; /* last in, first out */
    uint32_t free_count;
    uint32_t next_handle;
    uint32_t next_id;
    uint64_t counts[OP_REPLACE + 1];
    uint64_t trades;
    uint64_t volume_lots;
    uint64_t hash;
};

/* ---- the generator's draws ---- */

static uint64_t draw(struct stream *stream) {
    uint64_t a = stream->state[0];
    uint64_t b = stream->state[1];

    stream->state[0] = b;
    a ^= a << 23;
    stream->state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return stream->state[1] + b;
}

static double draw_unit(struct stream *stream) {
    return (double)(draw(stream) >> 11) * 0x1p-53;
}

static uint32_t draw_below(struct stream *stream, uint32_t bound) {
    return (uint32_t)(((draw(stream) >> 32) * bound) >> 32);
}

static bool draw_coin(struct stream *stream) {
    return (draw(stream) & 1) != 0;
}

static int64_t draw_distance(struct stream *stream) {
    double distance = 1 + floor(6 * (pow(1 - draw_unit(stream), -1 / 1.3) - 1));

    return distance > 3000 ? 3000 : (int64_t)distance;
}

static uint32_t draw_handle(struct stream *stream, const struct symbol *symbol) {
    uint32_t n = symbol->live_count;

    if (draw_unit(stream) >= 0.7)
        return symbol->live[draw_below(stream, n)];
    double back = trunc(-log(1 - draw_unit(stream)) * n * 0.1);
    return symbol->live[n - 1 - (back > n - 1 ? n - 1 : (uint32_t)back)];
}

/* ---- the host's side: handles, live lists, what the events say ---- */

static uint32_t take_handle(struct stream *stream) {
    if (stream->free_count > 0)
        return stream->free_handles[--stream->free_count];
    check(stream->next_handle < stream->workload->handle_count);
    return stream->next_handle++;
}

static void note_gone(struct stream *stream, struct symbol *symbol, uint32_t handle) {
    uint32_t place = stream->notes[handle].place;
    uint32_t moved = symbol->live[--symbol->live_count];

    symbol->live[place] = moved;
    stream->notes[moved].place = place;
    stream->free_handles[stream->free_count++] = handle;
}

static void note_trade(struct stream *stream, struct symbol *symbol,
                       const struct matcher_event *event) {
    const uint64_t sum = stream->notes[event->order.maker].id * UINT64_C(0x9E3779B97F4A7C15) +
                         stream->notes[event->order.handle].id * UINT64_C(0xC2B2AE3D27D4EB4F) +
                         event->order.price_ticks * UINT64_C(0x165667B19E3779F9) +
                         event->order.qty_lots;

    stream->hash = (stream->hash ^ sum) * UINT64_C(0x2545F4914F6CDD1D);
    stream->trades++;
    stream->volume_lots += event->order.qty_lots;
    if (event->order.maker_left == 0)
        note_gone(stream, symbol, event->order.maker);
}

static void note_touch(struct symbol *symbol, const struct matcher_event *event) {
    symbol->has_bid = event->done.bid_qty_lots != 0;
    symbol->has_ask = event->done.ask_qty_lots != 0;
    symbol->bid_ticks = event->done.bid_ticks;
    symbol->ask_ticks = event->done.ask_ticks;
}

/* Takes one event in; `handle` is the order that arrives. True when it came to rest. */
static bool note_event(struct stream *stream, struct symbol *symbol,
                       const struct matcher_event *event, uint32_t handle) {
    switch ((enum event_type)event->type) {
    case EVENT_TRADE: note_trade(stream, symbol, event); return false;
    case EVENT_RESTED:
        stream->notes[handle].place = symbol->live_count;
        symbol->live[symbol->live_count++] = handle;
        return true;
    case EVENT_CANCELLED:
        if (event->why != WHY_IOC)
            note_gone(stream, symbol, event->order.handle);
        return false;
    case EVENT_DONE: note_touch(symbol, event); return false;
    case EVENT_ACCEPTED: return false;
    case EVENT_REDUCED:
    case EVENT_REJECT: break;
    }
    check(!"an event of these streams");
    return false;
}

static void run(struct stream *stream, const struct packed_command *packed, uint32_t handle) {
    struct symbol *symbol = &stream->symbols[packed->symbol];
    struct matcher_event events[EVENT_CHUNK];
    struct matcher_command command = {0};
    bool rested = packed->op == OP_CANCEL;
    size_t count;

    stream->commands[stream->command_count++] = *packed;
    stream->counts[packed->op]++;
    packed_expand(packed, stream->command_count, &command);
    check(stream->matcher->ops->submit(stream->matcher->self, &command) == MATCHER_TAKEN);
    while ((count = stream->matcher->ops->poll(stream->matcher->self, events, EVENT_CHUNK)) > 0)
        for (size_t i = 0; i < count; i++)
            rested |= note_event(stream, symbol, &events[i], handle);
    if (!rested)
        stream->free_handles[stream->free_count++] = handle;
}

static uint32_t clamp(const struct stream *stream, int64_t price_ticks) {
    if (stream->workload->kind == WORKLOAD_DEEP)
        return (uint32_t)price_ticks;
    return price_ticks < 1 ? 1 : price_ticks > PRICE_MAX ? PRICE_MAX : (uint32_t)price_ticks;
}

static void add(struct stream *stream, uint16_t symbol, uint8_t flags, int64_t price_ticks,
                uint32_t qty_lots) {
    uint32_t handle = take_handle(stream);
    struct packed_command packed = {.price_ticks = clamp(stream, price_ticks),
                                    .qty_lots = qty_lots,
                                    .handle = handle,
                                    .symbol = symbol,
                                    .op = OP_NEW,
                                    .flags = flags};

    stream->notes[handle] = (struct order_note){.id = stream->next_id++, .flags = flags};
    run(stream, &packed, handle);
}

static void cancel(struct stream *stream, uint16_t symbol, uint32_t handle) {
    struct packed_command packed = {.handle = handle, .symbol = symbol, .op = OP_CANCEL};

    run(stream, &packed, handle);
}

static void replace(struct stream *stream, uint16_t symbol, uint32_t handle, int64_t price_ticks,
                    uint32_t qty_lots) {
    uint32_t new_handle = take_handle(stream);
    struct packed_command packed = {.price_ticks = clamp(stream, price_ticks),
                                    .qty_lots = qty_lots,
                                    .handle = handle,
                                    .new_handle = new_handle,
                                    .symbol = symbol,
                                    .op = OP_REPLACE};

    stream->notes[new_handle] = stream->notes[handle];
    run(stream, &packed, new_handle);
}

/* ---- the streams; draws happen in the order written ---- */

static uint16_t real_symbol(struct stream *stream) {
    uint16_t at = 0;

    if (stream->workload->symbol_count == 1)
        return 0;
    double u = draw_unit(stream);
    while (stream->symbols[at].cumulative_weight < u)
        at++;
    return at;
}

static void real_turn(struct stream *stream) {
    const struct workload *workload = stream->workload;
    uint16_t at = real_symbol(stream);
    struct symbol *symbol = &stream->symbols[at];
    double target = workload->target;

    if (draw_below(stream, 600) == 0) {
        symbol->mid_ticks += draw_coin(stream) ? 1 : -1;
        symbol->mid_ticks = symbol->mid_ticks < 8000    ? 8000
                            : symbol->mid_ticks > 57000 ? 57000
                                                        : symbol->mid_ticks;
    }
    if (workload->symbol_count > 1) {
        double share = 4.0 * workload->target / (1 + at);
        target = share < 50 ? 50 : share;
    }
    double n = symbol->live_count;
    double add_share = fmin(0.9, fmax(0.4, 0.475 + 0.25 * (target - n) / target));
    double r = draw_unit(stream);
    bool sell = draw_coin(stream);
    uint8_t flags = sell ? PACKED_SELL : 0;

    if (symbol->live_count < 20 || r < add_share) {
        int64_t distance = draw_distance(stream);
        uint32_t qty_lots = 1 + draw_below(stream, 100);
        add(stream, at, flags, symbol->mid_ticks + (sell ? distance : -distance), qty_lots);
    } else if (r < 0.92) {
        (void)draw_unit(stream);
        cancel(stream, at, draw_handle(stream, symbol));
    } else if (r < 0.97) {
        if (sell ? !symbol->has_bid : !symbol->has_ask)
            return;
        int64_t away = draw_below(stream, 3);
        int64_t price_ticks = sell ? symbol->bid_ticks - away : symbol->ask_ticks + away;
        flags |= draw_coin(stream) ? PACKED_IOC : 0;
        add(stream, at, flags, price_ticks, 1 + draw_below(stream, 150));
    } else {
        uint32_t handle = draw_handle(stream, symbol);
        int64_t distance = draw_distance(stream);
        uint32_t qty_lots = 1 + draw_below(stream, 100);
        bool sells = (stream->notes[handle].flags & PACKED_SELL) != 0;
        replace(stream, at, handle, symbol->mid_ticks + (sells ? distance : -distance), qty_lots);
    }
}

static void deep_add(struct stream *stream, bool sell) {
    uint32_t qty_lots = 1 + draw_below(stream, 100);
    int64_t away = draw_below(stream, 20000);

    add(stream, 0, sell ? PACKED_SELL : 0, sell ? 30100 + away : 29900 - away, qty_lots);
}

static void deep_turn(struct stream *stream) {
    const struct symbol *symbol = &stream->symbols[0];
    double preload = stream->workload->preload_count;

    if (stream->command_count < stream->workload->preload_count)
        deep_add(stream, (stream->command_count & 1) != 0);
    else if (symbol->live_count > 0.8 * preload &&
             (draw_coin(stream) || symbol->live_count > 1.2 * preload))
        cancel(stream, 0, symbol->live[draw_below(stream, symbol->live_count)]);
    else
        deep_add(stream, draw_coin(stream));
}

static void sweep_turn(struct stream *stream) {
    struct symbol *symbol = &stream->symbols[0];

    if (draw_below(stream, 64) == 0)
        symbol->mid_ticks += draw_coin(stream) ? 1 : -1;
    bool sell = draw_coin(stream);
    double r = draw_unit(stream);
    double target = stream->workload->target;
    double share = fmin(0.6, fmax(0.02, 0.22 + 0.15 * (symbol->live_count - target) / target));
    uint8_t flags = sell ? PACKED_SELL : 0;

    if (r < share && symbol->live_count > 100 && (sell ? symbol->has_bid : symbol->has_ask)) {
        int64_t away = draw_below(stream, 60);
        int64_t price_ticks = sell ? symbol->bid_ticks - away : symbol->ask_ticks + away;
        uint32_t qty_lots = draw_below(stream, 100) == 0 ? 5000 : 20 + draw_below(stream, 300);
        flags |= draw_coin(stream) ? PACKED_IOC : 0;
        add(stream, 0, flags, price_ticks, qty_lots);
    } else if (r > 0.88 && symbol->live_count > 100) {
        cancel(stream, 0, draw_handle(stream, symbol));
    } else {
        int64_t away = 1 + draw_below(stream, 50);
        add(stream, 0, flags, symbol->mid_ticks + (sell ? away : -away),
            1 + draw_below(stream, 100));
    }
}

/* ---- all of it ---- */

static void *take(size_t count, size_t bytes) {
    void *memory = calloc(count, bytes);

    check(memory != NULL);
    return memory;
}

static void stream_init(struct stream *stream, const struct workload *workload,
                        struct matcher *matcher, struct packed_command *commands) {
    double weight = 0;

    *stream = (struct stream){.workload = workload,
                              .matcher = matcher,
                              .commands = commands,
                              .state = {workload->seed * UINT64_C(0x9E3779B97F4A7C15) + 1,
                                        workload->seed ^ UINT64_C(0xD1B54A32D192ED03)},
                              .next_handle = 1,
                              .next_id = 1,
                              .hash = 1};
    stream->notes = take(workload->handle_count, sizeof *stream->notes);
    stream->free_handles = take(workload->handle_count, sizeof *stream->free_handles);
    for (uint32_t i = 0; i < workload->symbol_count; i++) {
        weight += pow(i + 1, -0.8);
        stream->symbols[i] = (struct symbol){.mid_ticks = 32768, .cumulative_weight = weight};
        stream->symbols[i].live = take(workload->handle_count, sizeof *stream->symbols[i].live);
    }
    for (uint32_t i = 0; i < workload->symbol_count; i++)
        stream->symbols[i].cumulative_weight /= weight;
    for (int i = 0; i < 20; i++)
        (void)draw(stream);
}

static void stream_free(struct stream *stream) {
    for (uint32_t i = 0; i < stream->workload->symbol_count; i++)
        free(stream->symbols[i].live);
    free(stream->free_handles);
    free(stream->notes);
}

bool workload_generate(const struct workload *workload, struct matcher *matcher,
                       struct packed_command *commands) {
    struct stream *stream = take(1, sizeof *stream);

    stream_init(stream, workload, matcher, commands);
    while (stream->command_count < workload->preload_count + workload->timed_count) {
        switch (workload->kind) {
        case WORKLOAD_REAL: real_turn(stream); break;
        case WORKLOAD_DEEP: deep_turn(stream); break;
        case WORKLOAD_SWEEP: sweep_turn(stream); break;
        }
    }
    bool is_right = stream->counts[OP_NEW] == workload->adds &&
                    stream->counts[OP_CANCEL] == workload->cancels &&
                    stream->counts[OP_REPLACE] == workload->replaces &&
                    stream->trades == workload->trades &&
                    stream->volume_lots == workload->volume_lots && stream->hash == workload->hash;
    if (!is_right)
        printf("%s: adds %llu cancels %llu replaces %llu trades %llu volume %llu hash %016llx: not "
               "the definition's\n",
               workload->name, (unsigned long long)stream->counts[OP_NEW],
               (unsigned long long)stream->counts[OP_CANCEL],
               (unsigned long long)stream->counts[OP_REPLACE], (unsigned long long)stream->trades,
               (unsigned long long)stream->volume_lots, (unsigned long long)stream->hash);
    stream_free(stream);
    free(stream);
    return is_right;
}
