#include "apps/exchange/topology.h"

#include <pthread.h>
#include <sched.h>

#include "os/clock.h"
#include "os/log.h"
#include "os/pin.h"

#define IDLE_YIELDS 64 /* polls without work before the first sleep */
#define IDLE_SLEEP_NS                                                                              \
    50000u /* the first sleeps; doubled after each IDLE_TURNS, up to eight times */
#define IDLE_TURNS              128
#define IDLE_DOUBLINGS_MAX      3
#define FAREWELL_NS             500000000u
#define FAREWELL_IDLE_POLLS     1000
#define TOPOLOGY_JOURNAL_FAILED 3 /* exit status */

static bool poll_net(struct exchange *exchange) {
    return net_loop_poll(exchange->net_loop, clock_monotonic_ns());
}

static bool poll_engine(struct exchange *exchange) {
    return engine_loop_poll(exchange->engine_loop, clock_wall_ns());
}

static bool poll_journal(struct exchange *exchange) {
    return journal_writer_poll(exchange->writer, clock_monotonic_ns()) == WRITER_WROTE;
}

static bool poll_operator(struct exchange *exchange) {
    return operator_loop_poll(exchange->operator_loop, clock_monotonic_ns());
}

/* The topology, in the order in which it is stopped: each loop's input has ended before it does. */
static const struct topology_loop {
    const char *name;
    bool (*poll)(struct exchange *exchange);
    const char *inputs;
    const char *outputs;
    bool blocks; /* in a system call by itself when idle, so no idling on top */
} topology[] = {
    {"net", poll_net, "frames or sockets; journal ring", "order entry's ring",
     false}, /* main thread */
    {"operator", poll_operator, "attach and operator sockets; journal ring",
     "operator's ring; door changes", true},
    {"engine", poll_engine, "rings of all doors", "journal ring", false},
    {"journal", poll_journal, "journal ring", "segments; durable_seq", false},
};
#define TOPOLOGY_LOOPS (sizeof topology / sizeof topology[0])
#define TOPOLOGY_NET   0u

struct topology_thread {
    const struct topology_loop *loop;
    struct exchange *exchange;
    volatile sig_atomic_t stop;
    pthread_t thread;
};

/* Longer the longer nothing comes: a busy market is served within 50 us, a quiet night costs next to nothing. */
static void topology_sleep(uint32_t sleeps) {
    uint32_t doublings = sleeps / IDLE_TURNS;

    clock_sleep_ns(
        IDLE_SLEEP_NS << (doublings < IDLE_DOUBLINGS_MAX ? doublings : IDLE_DOUBLINGS_MAX));
}

static void topology_idle(enum idle_style style, uint32_t idle_polls) {
    switch (style) {
    case IDLE_SPIN: break;
    case IDLE_YIELD: sched_yield(); break;
    case IDLE_SLEEP:
        if (idle_polls < IDLE_YIELDS)
            sched_yield();
        else
            topology_sleep(idle_polls - IDLE_YIELDS);
        break;
    }
}

/* A loop ends when it was told to and has nothing left to do. */
static void *topology_thread_run(void *argument) {
    struct topology_thread *thread = argument;
    enum idle_style style = thread->exchange->settings.idle;
    uint32_t idle_polls = 0;

    pin_name(thread->loop->name);
    for (;;) {
        if (thread->loop->poll(thread->exchange)) {
            idle_polls = 0;
            continue;
        }
        if (thread->stop)
            return NULL;
        if (!thread->loop->blocks)
            topology_idle(style, idle_polls++);
    }
}

/* Runs the net loop on this thread, which opened its ports (DPDK binds a port to a thread), until a signal came
 * or the journal stopped. */
static void topology_run_net(struct exchange *exchange, const volatile sig_atomic_t *stop) {
    uint32_t idle_polls = 0;

    while (!*stop && journal_ring_stopped(&exchange->journal) == JOURNAL_RUNNING) {
        if (topology[TOPOLOGY_NET].poll(exchange))
            idle_polls = 0;
        else
            topology_idle(exchange->settings.idle, idle_polls++);
    }
}

/* What was acknowledged durable still goes out to those who read, for a moment. */
static void topology_say_farewell(struct exchange *exchange) {
    uint64_t until_ns = clock_monotonic_ns() + FAREWELL_NS;
    uint32_t idle_polls = 0;

    while (idle_polls < FAREWELL_IDLE_POLLS && clock_monotonic_ns() < until_ns)
        idle_polls = poll_net(exchange) ? 0 : idle_polls + 1;
}

static int topology_stop(struct exchange *exchange, struct topology_thread *threads) {
    net_loop_stop(exchange->net_loop);
    topology_say_farewell(exchange); /* also moves a record that waited for the ring */
    for (size_t i = TOPOLOGY_NET + 1; i < TOPOLOGY_LOOPS; i++) {
        threads[i].stop = 1;
        pthread_join(threads[i].thread, NULL);
    }
    enum writer_result finished = journal_writer_finish(exchange->writer);

    topology_say_farewell(exchange);
    return finished == WRITER_STOPPED &&
                   journal_ring_stopped(&exchange->journal) != JOURNAL_STOPPED_CLEAN
               ? TOPOLOGY_JOURNAL_FAILED
               : 0;
}

int topology_run(struct exchange *exchange, const volatile sig_atomic_t *stop) {
    struct topology_thread threads[TOPOLOGY_LOOPS];

    for (size_t i = TOPOLOGY_NET + 1; i < TOPOLOGY_LOOPS; i++) {
        threads[i] = (struct topology_thread){.loop = &topology[i], .exchange = exchange};
        int failed = pthread_create(&threads[i].thread, NULL, topology_thread_run, &threads[i]);

        check(failed == 0);
    }
    topology_run_net(exchange, stop);
    if (journal_ring_stopped(&exchange->journal) == JOURNAL_RUNNING)
        return topology_stop(exchange, threads);
    /* A failed write or sync: nothing may be said any more, so no thread gets another turn. */
    log_error(
        "exchange",
        "journal %s: %s; nothing was acknowledged since. See docs/operating.md, Disk failures",
        journal_stop_text(journal_ring_stopped(&exchange->journal)),
        journal_writer_reason(exchange->writer));
    return TOPOLOGY_JOURNAL_FAILED;
}
