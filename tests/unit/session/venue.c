#include "tests/unit/session/venue.h"

#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "core/soft_matcher.h"
#include "wire/soup_bin.h"

#define STEP_NS 100000000u

static const struct order_entry_limits limits = {.connection_max = VENUE_CONNECTIONS,
                                                 .account_max = 16,
                                                 .credential_max = 4,
                                                 .order_max = VENUE_ORDERS,
                                                 .instrument_max = 4};

/* Blocks are kept from one venue to the next, one venue at a time: the fuzzer opens thousands. */
enum block { BLOCK_VENUE, BLOCK_ENGINE, BLOCK_ENTRY, BLOCK_REPLIES, BLOCK_JOURNAL, BLOCK_COUNT };

static void *block_take(enum block block, size_t bytes) {
    static void *blocks[BLOCK_COUNT];
    static size_t sizes[BLOCK_COUNT];

    if (sizes[block] < bytes) {
        free(blocks[block]);
        sizes[block] = (bytes + 4095) / 4096 * 4096;
        blocks[block] = aligned_alloc(4096, sizes[block]);
    }
    assert_non_null(blocks[block]);
    return blocks[block];
}

static void engine_make(struct venue *venue) {
    const struct engine_limits engine_limits = {
        .account_max = 16, .balance_max = 64, .order_max = VENUE_ORDERS, .instrument_max = 4};
    const struct matcher_limits matcher_limits = {.qty_bits = QTY_BITS,
                                                  .owner_bits = 16,
                                                  .handle_count = VENUE_ORDERS,
                                                  .instrument_count = 4};
    size_t bytes = engine_bytes(&engine_limits) + soft_matcher_bytes(&matcher_limits, 4, 18) + 4096;

    venue->memory = block_take(BLOCK_ENGINE, bytes);
    memset(venue->memory, 0, bytes);
    arena_init(&venue->arena, venue->memory, bytes);
    struct soft_matcher *soft = soft_matcher_init(&venue->arena, &matcher_limits);
    venue->engine = engine_init(&venue->arena, &engine_limits, soft_matcher_port(soft));
}

static void entry_make(struct venue *venue) {
    size_t bytes = order_entry_bytes(&limits);
    struct arena arena;

    venue->entry_memory = block_take(BLOCK_ENTRY, bytes);
    venue->reply_memory = block_take(BLOCK_REPLIES, venue->reply_memory_bytes);
    memset(venue->entry_memory, 0xA5, bytes); /* it must not count on zeros */
    arena_init(&arena, venue->entry_memory, bytes);
    venue->entry = order_entry_init(&arena, &limits, &venue->settings, venue->reply_memory,
                                    venue->reply_memory_bytes);
}

/* Stands for HMAC: any function of both that the test can compute again. */
static void verifier_make(const char username[8], const char password[10], uint8_t verifier[32]) {
    memset(verifier, 7, 32);
    for (int i = 0; i < 8; i++)
        verifier[i] ^= (uint8_t)username[i];
    for (int i = 0; i < 10; i++)
        verifier[8 + i] ^= (uint8_t)password[i];
}

static void outbox_take(struct venue *venue, const struct outbox *outbox) {
    for (size_t at = 0; at < outbox->used_bytes;) {
        struct record_head head;
        memcpy(&head, outbox->bytes + at, sizeof head);
        assert_true(venue->record_count < VENUE_RECORDS_MAX);
        memcpy(&venue->journal[venue->record_count++], outbox->bytes + at,
               (size_t)head.units * RECORD_UNIT_BYTES);
        at += (size_t)head.units * RECORD_UNIT_BYTES;
    }
}

void venue_submit(struct venue *venue, enum door door, const union record *input) {
    _Alignas(16) unsigned char bytes[OUTBOX_STEP_BYTES];
    struct outbox outbox = {.bytes = bytes, .max_bytes = sizeof bytes};
    bool more = true;

    assert_true(engine_ready(venue->engine));
    engine_submit(venue->engine, door, input, ++venue->now_ns, &outbox);
    outbox_take(venue, &outbox);
    while (more) {
        outbox.used_bytes = 0;
        more = engine_settle(venue->engine, venue->now_ns, &outbox) ||
               engine_generate(venue->engine, venue->now_ns, &outbox);
        outbox_take(venue, &outbox);
    }
}

static union record input_of(enum record_kind kind) {
    union record input;

    memset(&input, 0, sizeof input);
    input.head.kind = (uint8_t)kind;
    input.head.units = record_units((uint8_t)kind);
    input.head.instrument = INSTRUMENT_NONE;
    return input;
}

static void taken(struct venue *venue, const union record *input) {
    uint32_t at = venue->record_count;

    venue_submit(venue, DOOR_OPERATOR, input);
    assert_int_equal(venue->journal[at].request.verdict, VERDICT_TAKEN);
}

static void asset_list(struct venue *venue, const char *name, uint8_t decimals) {
    union record input = input_of(RECORD_ASSET);

    memcpy(input.asset.name, name, strlen(name));
    input.asset.decimals = decimals;
    taken(venue, &input);
}

static void instrument_list(struct venue *venue, const char *symbol, const char *base,
                            const char *quote, uint64_t tick_e8, uint64_t lot_atoms) {
    union record input = input_of(RECORD_INSTRUMENT);

    memcpy(input.instrument.symbol, symbol, strlen(symbol));
    memcpy(input.instrument.base_asset_name, base, strlen(base));
    memcpy(input.instrument.quote_asset_name, quote, strlen(quote));
    input.instrument.tick_e8 = tick_e8;
    input.instrument.lot_atoms = lot_atoms;
    input.instrument.k = 14;
    taken(venue, &input);
}

static void account_fund(struct venue *venue, uint32_t account) {
    union record input = input_of(RECORD_ACCOUNT);

    input.request.account = account;
    input.account.maker_fee_ppm = FEE_INHERIT;
    input.account.taker_fee_ppm = FEE_INHERIT;
    taken(venue, &input);
    for (uint16_t asset = 0; asset < 4; asset++) {
        input = input_of(RECORD_TRANSFER);
        input.request.account = account;
        input.transfer.asset = asset;
        input.transfer.amount_atoms = 1000000000000000000;
        input.transfer.transfer_kind = TRANSFER_DEPOSIT;
        input.transfer.transfer_state = TRANSFER_DONE;
        taken(venue, &input);
    }
}

void venue_credential(struct venue *venue, const char *username, uint32_t account, bool revoked) {
    union record input = input_of(RECORD_CREDENTIAL);

    input.request.account = account;
    memcpy(input.credential.username, username, strlen(username));
    verifier_make(input.credential.username, "secret    ", input.credential.verifier);
    input.credential.revoked = revoked;
    taken(venue, &input);
}

void venue_day(struct venue *venue, uint32_t day) {
    union record input = input_of(RECORD_DAY);

    input.day.day = day;
    taken(venue, &input);
}

struct venue *venue_open(const struct order_entry_settings *settings, size_t reply_memory_bytes) {
    struct venue *venue = block_take(BLOCK_VENUE, sizeof *venue);

    memset(venue, 0, offsetof(struct venue, clients));
    for (uint32_t i = 0; i < VENUE_CONNECTIONS; i++)
        memset(&venue->clients[i], 0, offsetof(struct venue_client, received));
    venue->settings = *settings;
    venue->reply_memory_bytes = reply_memory_bytes;
    venue->journal = block_take(BLOCK_JOURNAL, VENUE_RECORDS_MAX * sizeof *venue->journal);
    venue->now_ns = VENUE_NOON_NS;
    engine_make(venue);
    entry_make(venue);
    asset_list(venue, "BTC", 8);
    asset_list(venue, "USDT", 8);
    asset_list(venue, "TATA", 0);
    asset_list(venue, "INR", 2);
    instrument_list(venue, "BTCUSDT", "BTC", "USDT", 10000000, 1000);
    instrument_list(venue, "TATA_INR", "TATA", "INR", 5000000, 1);
    for (uint32_t account = 1; account <= 3; account++)
        account_fund(venue, account);
    venue_day(venue, 20240102);
    venue_credential(venue, "ALICE", ALICE, false);
    venue_credential(venue, "BOB", BOB, false);
    venue_run(venue);
    return venue;
}

void venue_restart(struct venue *venue) {
    for (uint32_t i = 0; i < VENUE_CONNECTIONS; i++)
        memset(&venue->clients[i], 0, offsetof(struct venue_client, received));
    entry_make(venue);
    for (uint32_t i = 0; i < venue->durable_count; i++)
        order_entry_record(venue->entry, &venue->journal[i]);
    order_entry_resume(venue->entry);
}

static void input_take(struct venue *venue, const union record *input) {
    assert_int_equal(input->request.door, DOOR_ORDER_ENTRY);
    assert_int_equal(input->head.units, record_units(input->head.kind));
    venue->input_count++;
    venue_submit(venue, DOOR_ORDER_ENTRY, input);
}

static void client_read(struct venue *venue, uint32_t index) {
    struct venue_client *client = &venue->clients[index];
    bool more = client->is_open && venue->now_ns >= client->again_ns;

    while (more) {
        union record input;
        struct order_entry_logon logon;
        /* A block of exactly the bytes there are, so that the sanitizer sees a read beyond them. */
        unsigned char *bytes = malloc(client->unread_bytes > 0 ? client->unread_bytes : 1);
        assert_non_null(bytes);
        memcpy(bytes, client->unread, client->unread_bytes);
        struct received received = order_entry_receive(
            venue->entry, index, bytes, client->unread_bytes, venue->now_ns, &input, &logon);
        free(bytes);
        assert_true(received.consumed_bytes <= client->unread_bytes);
        client->unread_bytes -= received.consumed_bytes;
        memmove(client->unread, client->unread + received.consumed_bytes, client->unread_bytes);
        more = false;
        if (received.what == RECEIVED_INPUT) {
            input_take(venue, &input);
            more = true;
        } else if (received.what == RECEIVED_LOGON) {
            uint8_t verifier[32];
            verifier_make(logon.username, logon.password, verifier);
            order_entry_logon(venue->entry, index, verifier, venue->now_ns);
            more = true;
        } else if (received.what == RECEIVED_WAIT) {
            assert_true(received.again_ns > venue->now_ns);
            client->again_ns = received.again_ns;
        }
    }
}

static void client_write(struct venue *venue, uint32_t index) {
    struct venue_client *client = &venue->clients[index];
    const unsigned char *bytes;
    size_t count;

    while ((count = order_entry_unsent(venue->entry, index, &bytes)) > 0) {
        size_t some = count > 7 ? count / 2 + 1 : count; /* a network takes what it likes */
        assert_true(client->received_bytes + some <= VENUE_RECEIVED_MAX);
        memcpy(client->received + client->received_bytes, bytes, some);
        client->received_bytes += some;
        order_entry_sent(venue->entry, index, some, venue->now_ns);
    }
    client->end = order_entry_ending(venue->entry, index);
    if (client->end != END_NONE) {
        order_entry_close(venue->entry, index);
        client->is_open = false;
    }
}

void venue_run(struct venue *venue) {
    for (int turn = 0; turn < 4; turn++) {
        union record input;
        uint32_t ready;

        while (order_entry_owed(venue->entry, &input))
            input_take(venue, &input);
        for (uint32_t i = 0; i < VENUE_CONNECTIONS; i++)
            client_read(venue, i);
        while (!venue->journal_is_held && venue->durable_count < venue->record_count)
            order_entry_record(venue->entry, &venue->journal[venue->durable_count++]);
        while ((ready = order_entry_ready(venue->entry)) != ORDER_ENTRY_NONE)
            client_write(venue, ready);
    }
}

void venue_wait(struct venue *venue, uint64_t ns) {
    uint64_t until_ns = venue->now_ns + ns;

    venue_run(venue);
    while (venue->now_ns < until_ns) {
        uint64_t left_ns = until_ns - venue->now_ns;
        venue->now_ns += left_ns < STEP_NS ? left_ns : STEP_NS;
        order_entry_tick(venue->entry, venue->now_ns);
        venue_run(venue);
    }
}

void venue_connect(struct venue *venue, uint32_t client, bool cancel_on_disconnect) {
    struct venue_client *opened = &venue->clients[client];

    assert_false(opened->is_open);
    memset(opened, 0, offsetof(struct venue_client, received));
    opened->is_open = true;
    order_entry_open(venue->entry, client, cancel_on_disconnect, venue->now_ns);
}

void venue_hang_up(struct venue *venue, uint32_t client) {
    assert_true(venue->clients[client].is_open);
    venue->clients[client].is_open = false;
    venue->clients[client].end = END_CLOSED;
    order_entry_close(venue->entry, client);
}

void venue_send(struct venue *venue, uint32_t client, const void *bytes, size_t count) {
    struct venue_client *from = &venue->clients[client];

    assert_true(count <= sizeof from->unread - from->unread_bytes);
    memcpy(from->unread + from->unread_bytes, bytes, count);
    from->unread_bytes += count;
}

void venue_send_packet(struct venue *venue, uint32_t client, char type, const void *payload,
                       size_t count) {
    unsigned char packet[1024];
    size_t length = soup_bin_encode(type, payload, count, packet, sizeof packet);

    assert_true(length > 0);
    venue_send(venue, client, packet, length);
}

static void pad(char *into, size_t max, const char *text) {
    memset(into, ' ', max);
    memcpy(into, text, strlen(text));
}

void venue_send_logon(struct venue *venue, uint32_t client, const char *username,
                      const char *password, const char *session, uint64_t sequence) {
    struct soup_bin_login login = {.sequence = sequence};
    unsigned char packet[64];

    pad(login.username, sizeof login.username, username);
    pad(login.password, sizeof login.password, password);
    pad(login.session, sizeof login.session, session);
    venue_send(venue, client, packet, soup_bin_encode_login(&login, packet, sizeof packet));
}

void venue_send_message(struct venue *venue, uint32_t client,
                        const struct ouch50_message *message) {
    unsigned char bytes[OUCH50_MESSAGE_BYTES_MAX];
    size_t count = ouch50_encode_client(message, bytes, sizeof bytes);

    assert_true(count > 0);
    venue_send_packet(venue, client, SOUP_BIN_UNSEQUENCED, bytes, count);
}

void venue_logon(struct venue *venue, uint32_t client, const char *username, uint64_t sequence) {
    venue_connect(venue, client, true);
    venue_send_logon(venue, client, username, "secret", "", sequence);
    venue_run(venue);
    assert_int_equal(venue_packet(venue, client, NULL, NULL), SOUP_BIN_LOGIN_ACCEPTED);
}

char venue_packet(struct venue *venue, uint32_t client, const unsigned char **payload,
                  size_t *payload_bytes) {
    struct venue_client *to = &venue->clients[client];
    struct soup_bin_packet packet;

    if (soup_bin_decode(to->received + to->read_bytes, to->received_bytes - to->read_bytes,
                        &packet) != SOUP_BIN_PACKET) {
        assert_int_equal(to->read_bytes, to->received_bytes); /* never half a packet */
        return 0;
    }
    to->read_bytes += packet.packet_bytes;
    if (payload != NULL)
        *payload = packet.payload;
    if (payload_bytes != NULL)
        *payload_bytes = packet.payload_bytes;
    return packet.type;
}

struct ouch50_message venue_next(struct venue *venue, uint32_t client) {
    const unsigned char *payload = NULL;
    size_t payload_bytes = 0;
    struct ouch50_message message;

    assert_int_equal(venue_packet(venue, client, &payload, &payload_bytes), SOUP_BIN_SEQUENCED);
    assert_int_equal(ouch50_decode_server(payload, payload_bytes, &message), OUCH50_OK);
    return message;
}

void venue_expect(struct venue *venue, uint32_t client, const char *types) {
    for (; *types != '\0'; types++)
        assert_int_equal(venue_next(venue, client).type, *types);
    venue_expect_nothing(venue, client);
}

void venue_expect_nothing(struct venue *venue, uint32_t client) {
    assert_int_equal(venue_packet(venue, client, NULL, NULL), 0);
}

struct ouch50_message venue_order(uint32_t user_ref, char side, uint32_t qty, uint64_t price) {
    struct ouch50_message message = {.type = OUCH50_ENTER,
                                     .user_ref = user_ref,
                                     .side = side,
                                     .qty = qty,
                                     .price = price * 10000,
                                     .tif = '0',
                                     .display = 'Y',
                                     .capacity = 'P',
                                     .iso = 'N',
                                     .cross = 'N'};

    memcpy(message.symbol, "BTCUSDT ", 8);
    memcpy(message.clord_id, "order         ", 14);
    return message;
}

struct ouch50_message venue_replace(uint32_t orig_user_ref, uint32_t user_ref, uint32_t qty,
                                    uint64_t price) {
    struct ouch50_message message = venue_order(user_ref, 0, qty, price);

    message.type = OUCH50_REPLACE;
    message.orig_user_ref = orig_user_ref;
    return message;
}

struct ouch50_message venue_cancel(uint32_t user_ref, uint32_t qty) {
    return (struct ouch50_message){.type = OUCH50_CANCEL, .user_ref = user_ref, .qty = qty};
}

union record venue_web_order(enum side side, uint64_t qty_lots, uint64_t price) {
    union record input = input_of(RECORD_COMMAND);

    input.head.instrument = 0;
    input.request.account = WEB;
    input.command.op = COMMAND_NEW;
    input.command.side = (uint8_t)side;
    input.command.qty_lots = qty_lots;
    input.command.price_ticks = (uint32_t)(price * 10);
    return input;
}
