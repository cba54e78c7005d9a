/* Clients, the web, time and crashes against a whole venue in memory (tests/unit/session/venue.h).
 *
 * The input is a list of steps; the first byte of each says what it is (modulo STEP_KIND_COUNT):
 *
 *     CONNECT   client (1): if it is not connected
 *     LOGON     client (1), which user (1), sequence (1)
 *     RAW       client (1), length (1), bytes as they stand
 *     MESSAGE   client (1), length (1), bytes, which type (1): in a packet that is whole
 *     ORDER     client (1), UserRefNum (1), side and TIF (1), quantity (1), price (1): one that can be taken
 *     REPLACE   client (1), old and new UserRefNum (2), quantity (1), price (1)
 *     CANCEL    client (1), UserRefNum (1), quantity (1), cancel or modify (1)
 *     WEB       side (1), quantity (1), price (1): an order of another door
 *     WAIT      tenths of a second (1)
 *     HANG_UP   client (1)
 *     HOLD      the journal stops becoming durable, or goes on
 *     RESTART   the exchange's sessions are rebuilt from the journal
 *     DAY       a new day, within January
 *
 * Sound is: no sanitizer's complaint and no failed check; the engine's books and balances agree; and the replies
 * that a restart makes begin with the very bytes that were there before it. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/session/venue.h"
#include "wire/soup_bin.h"

#define STEP_MAX 200u

enum step_kind {
    STEP_CONNECT,
    STEP_LOGON,
    STEP_RAW,
    STEP_MESSAGE,
    STEP_ORDER,
    STEP_REPLACE,
    STEP_CANCEL,
    STEP_WEB,
    STEP_WAIT,
    STEP_HANG_UP,
    STEP_HOLD,
    STEP_RESTART,
    STEP_DAY,
    STEP_KIND_COUNT,
};

struct input {
    const uint8_t *bytes;
    size_t left_bytes;
};

static struct venue *venue;
static uint32_t day;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes);

static uint8_t take(struct input *input) {
    if (input->left_bytes == 0)
        return 0;
    input->left_bytes--;
    return *input->bytes++;
}

static size_t take_bytes(struct input *input, unsigned char bytes[256]) {
    size_t count = take(input);

    for (size_t at = 0; at < count; at++)
        bytes[at] = take(input);
    return count;
}

/* A client with a connection, and room for what a step sends. */
static bool take_client(struct input *input, uint32_t *client) {
    *client = take(input) % VENUE_CONNECTIONS;
    return venue->clients[*client].is_open &&
           venue->clients[*client].unread_bytes < sizeof venue->clients[*client].unread - 1024;
}

static void send_message(uint32_t client, struct ouch50_message message) {
    venue_send_message(venue, client, &message);
}

static void step_order(struct input *input, enum step_kind kind, uint32_t client) {
    uint8_t ref = take(input);

    if (kind == STEP_ORDER) {
        uint8_t choice = take(input);
        uint8_t qty = take(input);
        struct ouch50_message order =
            venue_order(ref, choice & 1 ? 'B' : 'S', qty, 90 + take(input) % 20u);
        order.tif = choice & 2 ? '3' : '0';
        send_message(client, order);
    } else if (kind == STEP_REPLACE) {
        uint8_t new_ref = take(input);
        uint8_t qty = take(input);
        send_message(client, venue_replace(ref, new_ref, qty, 90 + take(input) % 20u));
    } else {
        struct ouch50_message cancel = venue_cancel(ref, take(input));
        uint8_t choice = take(input);
        if (choice & 1)
            cancel.type = OUCH50_MODIFY;
        cancel.side = choice & 2 ? 'B' : 'S';
        send_message(client, cancel);
    }
}

static void step_client(struct input *input, enum step_kind kind) {
    unsigned char bytes[256];
    uint32_t client;
    size_t count;

    if (!take_client(input, &client))
        return;
    switch (kind) {
    case STEP_LOGON:
        count = take(input);
        venue_send_logon(venue, client, count & 1 ? "ALICE" : "BOB", count & 2 ? "wrong" : "secret",
                         count & 4 ? "CX20240102" : "", take(input));
        break;
    case STEP_RAW:
        count = take_bytes(input, bytes);
        venue_send(venue, client, bytes, count);
        break;
    case STEP_MESSAGE:
        count = take_bytes(input, bytes);
        bytes[0] = (unsigned char)"OUXMQ"[take(input) % 5];
        venue_send_packet(venue, client, SOUP_BIN_UNSEQUENCED, bytes, count > 0 ? count : 1);
        break;
    default: step_order(input, kind, client); break;
    }
}

static void step_take(struct input *input) {
    enum step_kind kind = (enum step_kind)(take(input) % STEP_KIND_COUNT);
    uint32_t client;

    switch (kind) {
    case STEP_CONNECT:
        client = take(input) % VENUE_CONNECTIONS;
        if (!venue->clients[client].is_open)
            venue_connect(venue, client, client % 2 == 0);
        break;
    case STEP_HANG_UP:
        client = take(input) % VENUE_CONNECTIONS;
        if (venue->clients[client].is_open)
            venue_hang_up(venue, client);
        break;
    case STEP_WEB: {
        enum side side = (enum side)(take(input) % 2);
        uint8_t qty = take(input);
        union record order = venue_web_order(side, qty, 90 + take(input) % 20u);
        venue_submit(venue, DOOR_WEB, &order);
        break;
    }
    case STEP_WAIT: venue_wait(venue, take(input) * 100000000ull); break;
    case STEP_HOLD: venue->journal_is_held = !venue->journal_is_held; break;
    case STEP_RESTART:
        venue->journal_is_held = false;
        venue_run(venue);
        venue_restart(venue);
        break;
    case STEP_DAY:
        if (day % 100 < 31)
            venue_day(venue, ++day);
        break;
    default: step_client(input, kind); break;
    }
    venue_run(venue);
}

/* What Alice would receive from the first message on; 0: she cannot log on. */
static size_t replies_of_the_day(unsigned char *bytes) {
    venue_connect(venue, 0, false);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_run(venue);
    size_t count = venue->clients[0].received_bytes;
    memcpy(bytes, venue->clients[0].received, count);
    return venue->clients[0].is_open ? count : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length_bytes) {
    static unsigned char before[VENUE_RECEIVED_MAX], after[VENUE_RECEIVED_MAX];
    struct input input = {.bytes = bytes, .left_bytes = length_bytes};
    struct order_entry_settings settings = order_entry_usual;

    settings.message_burst = 20;
    settings.messages_per_second = 50;
    day = 20240102;
    venue = venue_open(&settings, 1 << 19);
    venue_connect(venue, 0, true);
    venue_send_logon(venue, 0, "ALICE", "secret", "", 1);
    venue_run(venue);
    for (uint32_t step = 0; step < STEP_MAX && input.left_bytes > 0; step++)
        step_take(&input);

    venue->journal_is_held = false;
    for (uint32_t i = 0; i < VENUE_CONNECTIONS; i++)
        if (venue->clients[i].is_open)
            venue_hang_up(venue, i);
    venue_run(venue);
    size_t before_bytes = replies_of_the_day(before);
    venue_restart(venue);
    size_t after_bytes = replies_of_the_day(after);
    check((before_bytes > 0) == (after_bytes > 0));
    check(after_bytes >= before_bytes);
    check(memcmp(before, after, before_bytes) == 0);
    engine_audit(venue->engine);
    return 0;
}
