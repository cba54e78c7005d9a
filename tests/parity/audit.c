#include "parity/audit.h"

/* The order that arrives with the command. */
struct arriving {
    uint64_t left_lots;
    uint32_t handle;
    bool is_open; /* accepted, and neither ended nor resting */
};

static uint64_t *resting(struct audit *audit, uint32_t handle) {
    check(HANDLE_INDEX(handle) < GENERATE_HANDLES);
    check(audit->handles[HANDLE_INDEX(handle)] == handle);
    check(audit->left_lots[HANDLE_INDEX(handle)] > 0);
    return &audit->left_lots[HANDLE_INDEX(handle)];
}

static void lower_resting(struct audit *audit, uint32_t handle, uint64_t by_lots) {
    uint64_t *left_lots = resting(audit, handle);

    check(by_lots > 0);
    check(by_lots <= *left_lots);
    *left_lots -= by_lots;
    audit->resting_lots -= by_lots;
}

static void lower_arriving(struct arriving *arriving, uint64_t by_lots) {
    check(arriving->is_open);
    check(by_lots > 0);
    check(by_lots <= arriving->left_lots);
    arriving->left_lots -= by_lots;
    arriving->is_open = arriving->left_lots > 0;
}

static void add_trade(struct audit *audit, struct arriving *arriving,
                      const struct matcher_event *event) {
    check(event->order.match == audit->last_match + 1);
    audit->last_match++;
    check(event->order.handle == arriving->handle);
    lower_resting(audit, event->order.maker, event->order.qty_lots);
    lower_arriving(arriving, event->order.qty_lots);
    check(audit->left_lots[HANDLE_INDEX(event->order.maker)] == event->order.maker_left);
    check(arriving->left_lots == event->order.taker_left);
    audit->traded_lots += 2 * (unsigned __int128)event->order.qty_lots;
}

static void add_rested(struct audit *audit, struct arriving *arriving,
                       const struct matcher_event *event) {
    uint32_t index = HANDLE_INDEX(event->order.handle);

    check(arriving->is_open);
    check(event->order.handle == arriving->handle);
    check(event->order.qty_lots == arriving->left_lots);
    check(audit->left_lots[index] == 0);
    audit->left_lots[index] = event->order.qty_lots;
    audit->handles[index] = event->order.handle;
    audit->resting_lots += event->order.qty_lots;
    arriving->is_open = false;
}

/* CANCELLED takes all that was left, REDUCED leaves its quantity. */
static void add_lowered(struct audit *audit, struct arriving *arriving,
                        const struct matcher_event *event) {
    bool is_arriving = arriving->is_open && event->order.handle == arriving->handle;
    uint64_t left_lots = is_arriving ? arriving->left_lots : *resting(audit, event->order.handle);
    uint64_t by_lots = event->order.qty_lots;

    if (event->type == EVENT_REDUCED) {
        check(event->order.qty_lots > 0);
        check(event->order.qty_lots < left_lots);
        by_lots = left_lots - event->order.qty_lots;
        audit->reduced_lots += by_lots;
    } else {
        check(by_lots == left_lots);
        audit->cancelled_lots += by_lots;
    }
    if (is_arriving)
        lower_arriving(arriving, by_lots);
    else
        lower_resting(audit, event->order.handle, by_lots);
}

static void check_done(const struct matcher_event *event) {
    check(event->done.bid_qty_lots > 0 || event->done.bid_ticks == 0);
    check(event->done.ask_qty_lots > 0 || event->done.ask_ticks == 0);
    if (event->done.bid_qty_lots > 0 && event->done.ask_qty_lots > 0)
        check(event->done.bid_ticks < event->done.ask_ticks);
}

/* What a NEW or REPLACE brings in, if it is accepted. */
static uint64_t entering_lots(struct audit *audit, const struct matcher_command *command) {
    uint32_t index = HANDLE_INDEX(command->handle);

    if (command->op == OP_NEW || index >= GENERATE_HANDLES ||
        command->seen_lots <= audit->left_lots[index])
        return command->qty_lots;
    uint64_t gone_lots = command->seen_lots - audit->left_lots[index];
    return gone_lots < command->qty_lots ? command->qty_lots - gone_lots : 0;
}

void audit_add(struct audit *audit, const struct matcher_command *command,
               const struct matcher_event *events, size_t count) {
    struct arriving arriving = {.left_lots = entering_lots(audit, command),
                                .handle = command->op == OP_REPLACE ? command->new_handle
                                                                    : command->handle};

    check(count > 0);
    check(events[0].type != EVENT_REJECT || count == 2);
    for (size_t i = 0; i < count; i++) {
        check(events[i].seq == command->seq);
        check(events[i].instrument == command->instrument);
        check((events[i].type == EVENT_DONE) == (i + 1 == count));
        switch ((enum event_type)events[i].type) {
        case EVENT_ACCEPTED:
            check(events[i].order.handle == arriving.handle);
            check(arriving.left_lots > 0);
            arriving.is_open = true;
            audit->entered_lots += arriving.left_lots;
            break;
        case EVENT_TRADE: add_trade(audit, &arriving, &events[i]); break;
        case EVENT_RESTED: add_rested(audit, &arriving, &events[i]); break;
        case EVENT_CANCELLED:
        case EVENT_REDUCED: add_lowered(audit, &arriving, &events[i]); break;
        case EVENT_REJECT: check(i == 0); break;
        case EVENT_DONE: check_done(&events[i]); break;
        }
    }
    check(!arriving.is_open);
    check(audit->entered_lots ==
          audit->traded_lots + audit->reduced_lots + audit->cancelled_lots + audit->resting_lots);
}
