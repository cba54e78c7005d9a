#include "apps/exchange/net_loop.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "apps/exchange/burst.h"
#include "apps/exchange/net_ports.h"
#include "journal/reader.h"
#include "os/log.h"
#include "os/secret.h"
#include "session/order_entry.h"
#include "session/pending_inputs.h"

#define CONNECTION_MAX   (NET_PORTS_MAX * NET_CONNECTION_MAX)
#define CONNECTION_WORDS (CONNECTION_MAX / 64)
#define CREDENTIAL_MAX                                                                             \
    4096u /* order entry names ever given; one more cannot log on, and is counted */
#define RECORDS_PER_POLL 1024 /* so that reading a long journal does not keep the wire waiting */
#define TICK_NS          100000000u

static_assert(BURST_MAX <= PENDING_INPUTS_OVERTAKEN_MAX,
              "a cancel overtakes no more than sessions expect");

struct connection {
    struct net_id id;
    bool is_open;
    bool is_finished;  /* its client will send no more */
    uint64_t again_ns; /* throttled: not read before */
};

struct net_loop {
    struct net_ports ports;
    struct order_entry *entry;
    void *entry_memory;
    size_t entry_memory_bytes;
    void *reply_memory;
    size_t reply_memory_bytes;
    struct secret secret;
    struct journal_reader *reader;
    struct ring_producer commands;
    uint64_t rebuilt_seq; /* last record taken at the start */
    uint64_t next_tick_ns;
    bool cancel_on_disconnect;
    bool stopping;
    bool has_pending; /* a record that the full ring did not take: it goes first */
    union record pending;
    uint64_t unread[CONNECTION_WORDS]; /* connections with bytes to receive */
    struct connection connections[CONNECTION_MAX];
    struct net_event events[NET_EVENT_BURST];
};

static void net_loop_mark(struct net_loop *loop, uint32_t connection, bool is_unread) {
    uint64_t bit = 1ull << (connection % 64);

    if (is_unread)
        loop->unread[connection / 64] |= bit;
    else
        loop->unread[connection / 64] &= ~bit;
}

static bool net_loop_make_entry(struct net_loop *loop, const struct settings *settings) {
    struct order_entry_limits limits = {
        .connection_max = CONNECTION_MAX,
        .account_max = settings->limits.account_max,
        .credential_max = CREDENTIAL_MAX,
        .order_max = settings->limits.order_max,
        .instrument_max = settings->limits.instrument_max,
    };
    struct order_entry_settings usual = order_entry_usual;
    struct arena arena;

    usual.messages_per_second = settings->session_messages_per_second;
    usual.message_burst = settings->session_burst;
    loop->entry_memory_bytes = order_entry_bytes(&limits);
    loop->reply_memory_bytes = settings->reply_store_bytes;
    loop->entry_memory = mmap(NULL, loop->entry_memory_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    /* The day's replies take real memory only as they come. */
    loop->reply_memory = mmap(NULL, loop->reply_memory_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (loop->entry_memory == MAP_FAILED || loop->reply_memory == MAP_FAILED)
        return false;
    arena_init(&arena, loop->entry_memory, loop->entry_memory_bytes);
    loop->entry =
        order_entry_init(&arena, &limits, &usual, loop->reply_memory, loop->reply_memory_bytes);
    return true;
}

struct net_loop *net_loop_open(const struct settings *settings, char *error, size_t error_bytes) {
    struct net_loop *loop = calloc(1, sizeof *loop);
    char path[512];

    check(loop != NULL);
    loop->entry_memory = MAP_FAILED;
    loop->reply_memory = MAP_FAILED;
    loop->cancel_on_disconnect = settings->cancel_on_disconnect;
    snprintf(path, sizeof path, "%s/secret.key", settings->var_path);
    if (!secret_load(&loop->secret, path, true, error, error_bytes)) {
        net_loop_close(loop);
        return NULL;
    }
    if (!net_loop_make_entry(loop, settings)) {
        snprintf(error, error_bytes,
                 "no memory for order entry; lower exchange.order_entry.reply_store_mib");
        net_loop_close(loop);
        return NULL;
    }
    return loop;
}

void net_loop_record(struct net_loop *loop, const union record *record) {
    order_entry_record(loop->entry, record);
    loop->rebuilt_seq = record->head.record_seq;
}

bool net_loop_start(struct net_loop *loop, const struct settings *settings,
                    struct journal_ring *journal, struct file_port *files,
                    const struct ring_producer *commands, char *error, size_t error_bytes) {
    order_entry_resume(loop->entry);
    loop->commands = *commands;
    loop->reader = journal_reader_open(journal, files, loop->rebuilt_seq);
    check(loop->reader != NULL);
    return net_ports_open(&loop->ports, settings, error, error_bytes);
}

/* Puts an input into the ring, or keeps it until there is room. */
static void net_loop_put(struct net_loop *loop, const union record *input) {
    check(!loop->has_pending);
    if (ring_put(&loop->commands, input, sizeof *input) == RING_OK)
        return;
    loop->pending = *input;
    loop->has_pending = true;
}

static void net_loop_check_logon(struct net_loop *loop, uint32_t connection,
                                 struct order_entry_logon *logon, uint64_t now_ns) {
    uint8_t verifier[SECRET_VERIFIER_BYTES];

    secret_verifier(&loop->secret, logon->username, logon->password, verifier);
    secret_forget(logon, sizeof *logon);
    order_entry_logon(loop->entry, connection, verifier, now_ns);
    secret_forget(verifier, sizeof verifier);
}

static void net_loop_end(struct net_loop *loop, uint32_t connection, enum order_entry_end end) {
    const struct order_entry *entry = loop->entry;

    if (end != END_CLOSED && end != END_LOGGED_OUT)
        log_info("order_entry", "connection=%u account=%d ended: %s", connection,
                 (int)order_entry_account(entry, connection), order_entry_end_sentence(end));
    loop->connections[connection].is_open = false;
    net_loop_mark(loop, connection, false);
    order_entry_close(loop->entry, connection);
}

/* Feeds a connection's bytes to its session, until they are used up or something makes it wait. */
static void net_loop_receive(struct net_loop *loop, uint32_t connection, uint64_t now_ns) {
    struct net *net = net_ports_of(&loop->ports, connection);
    struct net_id id = loop->connections[connection].id;

    while (!loop->has_pending) {
        const unsigned char *bytes;
        uint32_t length_bytes = net_unread(net, id, &bytes);
        union record input;
        struct order_entry_logon logon;
        struct received received = order_entry_receive(loop->entry, connection, bytes, length_bytes,
                                                       now_ns, &input, &logon);

        net_consume(net, id, (uint32_t)received.consumed_bytes);
        switch (received.what) {
        case RECEIVED_INPUT: net_loop_put(loop, &input); break;
        case RECEIVED_LOGON: net_loop_check_logon(loop, connection, &logon, now_ns); break;
        case RECEIVED_WAIT: loop->connections[connection].again_ns = received.again_ns; return;
        case RECEIVED_ALL:
        case RECEIVED_END:
            net_loop_mark(loop, connection, false);
            if (!loop->connections[connection].is_finished)
                return;
            /* A client that will say no more is a client that left. */
            net_loop_end(loop, connection, END_CLOSED);
            net_close(net, id);
            return;
        }
    }
}

/* Sends what waits for a connection, as far as its buffer has room, and closes it when that was its last word. */
static void net_loop_send(struct net_loop *loop, uint32_t connection, uint64_t now_ns) {
    struct net *net = net_ports_of(&loop->ports, connection);
    struct net_id id = loop->connections[connection].id;
    const unsigned char *bytes;
    size_t count;

    while ((count = order_entry_unsent(loop->entry, connection, &bytes)) > 0) {
        uint32_t taken = net_send(net, id, bytes, (uint32_t)count);

        order_entry_sent(loop->entry, connection, taken, now_ns);
        if (taken < count)
            return; /* NET_SENDABLE goes on */
    }
    enum order_entry_end end = order_entry_ending(loop->entry, connection);

    if (end == END_NONE)
        return;
    net_loop_end(loop, connection, end);
    net_close(net, id);
}

static void net_loop_event(struct net_loop *loop, uint32_t port, const struct net_event *event,
                           uint64_t now_ns) {
    uint32_t connection = net_ports_number(port, event->connection);
    struct connection *state = &loop->connections[connection];

    /* An earlier event of the same burst may have ended it. */
    if (event->kind != NET_OPENED && !state->is_open)
        return;
    switch (event->kind) {
    case NET_OPENED:
        *state = (struct connection){.id = event->connection, .is_open = true};
        order_entry_open(loop->entry, connection, loop->cancel_on_disconnect, now_ns);
        break;
    case NET_RECEIVED: net_loop_mark(loop, connection, true); break;
    case NET_SENDABLE: net_loop_send(loop, connection, now_ns); break;
    case NET_FINISHED: /* what it sent before still counts */
        state->is_finished = true;
        net_loop_mark(loop, connection, true);
        break;
    case NET_CLOSED: net_loop_end(loop, connection, END_CLOSED); break;
    }
}

/* What came over the wire. */
static bool net_loop_poll_ports(struct net_loop *loop, uint64_t now_ns) {
    bool worked = false;

    for (uint32_t port = 0; port < loop->ports.count; port++) {
        uint32_t count = net_poll(loop->ports.nets[port], now_ns, loop->events, NET_EVENT_BURST);

        for (uint32_t i = 0; i < count; i++)
            net_loop_event(loop, port, &loop->events[i], now_ns);
        worked |= count > 0;
    }
    return worked;
}

/* From the sessions to the ring: first what is kept, then what drops owe, then new messages. */
static void net_loop_fill_ring(struct net_loop *loop, uint64_t now_ns) {
    union record input;

    if (loop->has_pending) {
        if (ring_put(&loop->commands, &loop->pending, sizeof loop->pending) != RING_OK)
            return;
        loop->has_pending = false;
    }
    while (!loop->has_pending && order_entry_owed(loop->entry, &input))
        net_loop_put(loop, &input);
    for (uint32_t word = 0; word < CONNECTION_WORDS && !loop->stopping; word++)
        for (uint64_t bits = loop->unread[word]; bits != 0 && !loop->has_pending;
             bits &= bits - 1) {
            uint32_t connection = word * 64 + (uint32_t)__builtin_ctzll(bits);

            if (now_ns >= loop->connections[connection].again_ns)
                net_loop_receive(loop, connection, now_ns);
        }
}

static bool net_loop_read_journal(struct net_loop *loop) {
    union record record;
    uint32_t count = 0;

    while (count < RECORDS_PER_POLL) {
        enum read_result result = journal_reader_next(loop->reader, &record);

        if (result == READ_NOTHING)
            break;
        check(result == READ_RECORD); /* sessions that miss a record would lie to their clients */
        order_entry_record(loop->entry, &record);
        count++;
    }
    return count > 0;
}

bool net_loop_poll(struct net_loop *loop, uint64_t now_ns) {
    bool worked = net_loop_poll_ports(loop, now_ns);
    uint32_t connection;

    net_loop_fill_ring(loop, now_ns);
    worked |= net_loop_read_journal(loop);
    if (now_ns >= loop->next_tick_ns) {
        loop->next_tick_ns = now_ns + TICK_NS;
        order_entry_tick(loop->entry, now_ns);
    }
    while ((connection = order_entry_ready(loop->entry)) != ORDER_ENTRY_NONE) {
        net_loop_send(loop, connection, now_ns);
        worked = true;
    }
    for (uint32_t port = 0; port < loop->ports.count; port++)
        net_flush(loop->ports.nets[port]);
    return worked || loop->has_pending;
}

void net_loop_stop(struct net_loop *loop) {
    loop->stopping = true;
}

uint32_t net_loop_sessions(const struct net_loop *loop) {
    return order_entry_session_count(loop->entry);
}

void net_loop_close(struct net_loop *loop) {
    net_ports_close(&loop->ports);
    if (loop->reader != NULL)
        journal_reader_close(loop->reader);
    if (loop->entry_memory != MAP_FAILED)
        munmap(loop->entry_memory, loop->entry_memory_bytes);
    if (loop->reply_memory != MAP_FAILED)
        munmap(loop->reply_memory, loop->reply_memory_bytes);
    secret_forget(&loop->secret, sizeof loop->secret);
    free(loop);
}
