#include "apps/exchange/engine_loop.h"

#include <stdlib.h>
#include <string.h>

#include "apps/exchange/burst.h"

#define OUTBOX_BYTES (2 * OUTBOX_STEP_BYTES)
/* per poll, so that a long sweep does not starve what else runs on this thread */
#define OWED_STEPS_MAX 256

struct engine_loop {
    struct engine *engine;
    struct journal_ring *journal;
    struct ring_consumer doors[ENGINE_DOORS];
    bool door_is_open[ENGINE_DOORS];
    struct shared_memory door_memory[ENGINE_DOORS];
    enum door next_door;
    struct ring_consumer changes;
    struct ring_producer changes_producer;
    void *changes_memory;
    struct burst burst;
    uint64_t last_ns;
    struct outbox outbox;
    _Alignas(16) unsigned char outbox_bytes[OUTBOX_BYTES];
};

struct engine_loop *engine_loop_open(struct engine *engine, struct journal_ring *journal,
                                     uint64_t started_ns) {
    struct engine_loop *loop = calloc(1, sizeof *loop);
    size_t slot_bytes = (sizeof(struct door_change) + 7) & ~(size_t)7;
    size_t bytes = ring_bytes((uint32_t)slot_bytes, DOOR_CHANGES_MAX);

    check(loop != NULL);
    loop->engine = engine;
    loop->journal = journal;
    loop->last_ns = started_ns;
    loop->next_door = DOOR_ORDER_ENTRY;
    loop->outbox =
        (struct outbox){.bytes = loop->outbox_bytes, .max_bytes = sizeof loop->outbox_bytes};
    loop->changes_memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    check(loop->changes_memory != NULL);
    memset(loop->changes_memory, 0, bytes);
    ring_format(&loop->changes, loop->changes_memory, (uint32_t)slot_bytes, DOOR_CHANGES_MAX);
    enum ring_result attached =
        ring_attach(&loop->changes_producer, loop->changes_memory, bytes, (uint32_t)slot_bytes);
    check(attached == RING_OK);
    return loop;
}

struct ring_producer *engine_loop_changes(struct engine_loop *loop) {
    return &loop->changes_producer;
}

void engine_loop_connect(struct engine_loop *loop, enum door door,
                         const struct ring_consumer *consumer) {
    check(door > DOOR_ENGINE);
    check(door < ENGINE_DOORS);
    loop->doors[door] = *consumer;
    loop->door_is_open[door] = true;
}

void engine_loop_append(struct engine_loop *loop, const struct outbox *outbox) {
    if (outbox->used_bytes != 0)
        journal_ring_append(loop->journal, outbox->bytes, outbox->used_bytes);
}

static bool engine_loop_has_room(const struct engine_loop *loop) {
    return journal_ring_space_units(loop->journal) >= JOURNAL_RING_RESERVE_UNITS;
}

/* Settles and generates until the engine owes nothing. False: stopped early, for want of room or of turns. */
static bool engine_loop_settle(struct engine_loop *loop, uint64_t now_ns, bool *worked) {
    for (uint32_t step = 0; step < OWED_STEPS_MAX; step++) {
        if (!engine_loop_has_room(loop))
            return false;
        loop->outbox.used_bytes = 0;
        if (!engine_settle(loop->engine, now_ns, &loop->outbox) &&
            !(engine_ready(loop->engine) && engine_generate(loop->engine, now_ns, &loop->outbox)))
            return true;
        engine_loop_append(loop, &loop->outbox);
        *worked = true;
    }
    return false;
}

static void engine_loop_change_doors(struct engine_loop *loop) {
    _Alignas(struct door_change) unsigned char slot[(sizeof(struct door_change) + 7) & ~(size_t)7];

    while (ring_take(&loop->changes, slot) == RING_OK) {
        struct door_change change;

        memcpy(&change, slot, sizeof change);
        check(change.door > DOOR_ENGINE);
        check(change.door < ENGINE_DOORS);
        if (loop->door_memory[change.door].bytes != NULL)
            shared_memory_close(&loop->door_memory[change.door]);
        loop->doors[change.door] = change.consumer;
        loop->door_memory[change.door] = change.memory;
        loop->door_is_open[change.door] = true;
    }
}

/* Takes from the doors in turn, so that each gets its share of a burst. */
static void engine_loop_gather(struct engine_loop *loop) {
    uint32_t idle_doors = 0;

    loop->burst.count = 0;
    while (loop->burst.count < BURST_MAX && idle_doors < ENGINE_DOORS) {
        enum door door = loop->next_door;
        struct burst_input *input = &loop->burst.inputs[loop->burst.count];

        loop->next_door = (enum door)((door + 1) % ENGINE_DOORS);
        enum ring_result result =
            loop->door_is_open[door] ? ring_take(&loop->doors[door], &input->record) : RING_EMPTY;

        if (result == RING_BROKEN)
            loop->door_is_open[door] = false; /* its process must attach anew */
        if (result == RING_OK) {
            input->door = door;
            loop->burst.count++;
            idle_doors = 0;
        } else {
            idle_doors++;
        }
    }
    burst_arrange(&loop->burst);
}

/* While the disk has no room for another segment, orders that could rest or trade are refused by name, as a door
 * would refuse them; cancels go on, so that clients can leave before the journal has to stop. */
static void engine_loop_guard_space(const struct engine_loop *loop, union record *record) {
    bool is_new = record->head.kind == RECORD_COMMAND &&
                  (record->command.op == COMMAND_NEW || record->command.op == COMMAND_REPLACE);

    if (is_new && record->request.verdict == VERDICT_TAKEN &&
        journal_ring_admission(loop->journal) == JOURNAL_NO_SPARE_SPACE)
        record->request.verdict = VERDICT_DISK_SPACE;
}

static void engine_loop_submit(struct engine_loop *loop, struct burst_input *input,
                               uint64_t now_ns) {
    loop->outbox.used_bytes = 0;
    engine_loop_guard_space(loop, &input->record);
    if (input->record.head.kind == RECORD_DIGEST) {
        /* Between commands only; a card that owes events leaves the operator without an answer, to ask again. */
        if (input->door == DOOR_OPERATOR && engine_is_quiet(loop->engine))
            engine_digest(loop->engine, now_ns, &loop->outbox);
    } else {
        engine_submit(loop->engine, input->door, &input->record, now_ns, &loop->outbox);
    }
    engine_loop_append(loop, &loop->outbox);
}

bool engine_loop_poll(struct engine_loop *loop, uint64_t now_ns) {
    bool worked = false;

    if (now_ns < loop->last_ns)
        now_ns = loop->last_ns; /* the clock was stepped back: records never go back */
    loop->last_ns = now_ns;
    if (journal_ring_stopped(loop->journal) != JOURNAL_RUNNING)
        return false;
    engine_loop_change_doors(loop);
    if (loop->burst.taken == loop->burst.count)
        engine_loop_gather(loop);
    while (engine_loop_settle(loop, now_ns, &worked) && engine_ready(loop->engine)) {
        struct burst_input *input = burst_take(&loop->burst);

        if (input == NULL)
            break;
        engine_loop_submit(loop, input, now_ns);
        worked = true;
    }
    return worked;
}

void engine_loop_close(struct engine_loop *loop) {
    for (size_t door = 0; door < ENGINE_DOORS; door++)
        if (loop->door_memory[door].bytes != NULL)
            shared_memory_close(&loop->door_memory[door]);
    free(loop->changes_memory);
    free(loop);
}
