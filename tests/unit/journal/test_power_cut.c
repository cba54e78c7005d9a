/* Thousands of lives of a journal on a disk that loses power at any moment, several cuts in a row.
 *
 * After each recovery: every record that was acknowledged is there and is the one that was acknowledged; no record
 * that an earlier recovery cut has come back; the hash chain holds; and an ordinary power cut is never called
 * corruption. The same test, with a mistake planted in the world, must fail: it is run with each.
 *
 *     journal_test_power_cut [seed [cuts]]        prints both; CROSSPOINT_LENGTH short | usual | full sets the cuts */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"

#define RECORDS_MAX 20000u
#define LIVES       6
#define MUTANT_CUTS 20000u

static uint64_t seed = 1;
static uint64_t cuts_wanted = 10000;

/* A mistake, as the disk shows it (and, for the epoch, the one who starts the writer). */
struct mistake {
    const char *name;
    struct simulated_lies lies;
    bool same_epoch;
};

enum trouble { TROUBLE_NONE, TROUBLE_LOST, TROUBLE_GHOST, TROUBLE_WRONG, TROUBLE_REFUSED };
static const char *const trouble_names[] = {"none", "acknowledged record lost",
                                            "cut record came back", "another record in its place",
                                            "power cut taken for corruption"};

struct tally {
    uint64_t cut_count;
    uint64_t torn_count;
    uint64_t record_count;
    uint64_t group_count;
    uint64_t deaths_count;
    uint64_t in_recovery_count;
    enum trouble trouble;
    char sentence[400];
};

/* One world: what was appended last under each number, and up to where it may not be lost. */
struct world {
    struct scene scene;
    struct random random;
    const struct mistake *mistake;
    uint64_t nonce[RECORDS_MAX];
    uint64_t appended_seq;
    uint64_t acknowledged_seq;
};

static enum trouble world_trouble(struct tally *tally, enum trouble trouble, uint64_t record_seq,
                                  const char *more) {
    tally->trouble = trouble;
    snprintf(tally->sentence, sizeof tally->sentence, "%s (record %" PRIu64 ") %s",
             trouble_names[trouble], record_seq, more);
    return trouble;
}

static enum trouble world_compare(struct world *world, struct tally *tally) {
    struct journal_reader *reader = journal_reader_open(NULL, world->scene.port, 0);
    const uint64_t last_seq = world->scene.recovered.last_record_seq;
    enum trouble trouble = TROUBLE_NONE;
    union record record;

    assert_non_null(reader);
    if (last_seq < world->acknowledged_seq)
        trouble =
            world_trouble(tally, TROUBLE_LOST, last_seq + 1, "behind the end that was recovered");
    if (last_seq > world->appended_seq)
        trouble =
            world_trouble(tally, TROUBLE_GHOST, last_seq, "was not appended in the last life");
    for (uint64_t seq = 1; seq <= last_seq && trouble == TROUBLE_NONE; seq++) {
        if (journal_reader_next(reader, &record) != READ_RECORD)
            trouble = world_trouble(tally, TROUBLE_WRONG, seq, journal_reader_place(reader));
        else if (!scene_is_record(&record, seq, world->nonce[seq]))
            trouble = world_trouble(tally, TROUBLE_GHOST, seq, "has the content of another life");
    }
    if (trouble == TROUBLE_NONE && journal_reader_next(reader, &record) != READ_NOTHING)
        trouble = world_trouble(tally, TROUBLE_GHOST, last_seq + 1, "is readable behind the end");
    journal_reader_close(reader);
    return trouble;
}

/* Recovers; false when the power went meanwhile or something is wrong. */
static bool world_recover(struct world *world, struct tally *tally) {
    struct scene *scene = &world->scene;
    enum recover_result result = journal_recover(scene->port, SCENE_CLUSTER, &scene->recovered);

    if (simulated_disk_is_dark(scene->disk)) {
        tally->in_recovery_count++;
        return false;
    }
    if (result != RECOVER_OK && result != RECOVER_CUT) {
        (void)world_trouble(tally, TROUBLE_REFUSED, 0, scene->recovered.place);
        return false;
    }
    tally->torn_count += result == RECOVER_CUT;
    if (world_compare(world, tally) != TROUBLE_NONE)
        return false;
    /* Whatever a recovery shows may be answered for: from here on it must stay. */
    world->appended_seq = scene->recovered.last_record_seq;
    world->acknowledged_seq = scene->recovered.last_record_seq;
    return true;
}

static void world_append(struct world *world, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        union record record;
        uint64_t seq = world->appended_seq + 1;
        if (journal_ring_space_units(&world->scene.ring) < JOURNAL_RING_RESERVE_UNITS ||
            seq >= RECORDS_MAX)
            return;
        world->nonce[seq] = random_next(&world->random);
        journal_ring_append(&world->scene.ring, &record,
                            scene_record(&record, seq, world->nonce[seq]));
        world->appended_seq = seq;
    }
}

static void world_live(struct world *world, struct tally *tally) {
    struct scene *scene = &world->scene;
    struct journal_ring_start start = {.cluster_id = SCENE_CLUSTER,
                                       .last_record_seq = world->appended_seq};
    const uint32_t group_top = 1 + random_below(&world->random, 40);
    uint32_t steps = random_below(&world->random, 120);

    start.epoch = scene->recovered.epoch + 1;
    if (world->mistake->same_epoch && scene->recovered.epoch > 0) {
        start.epoch = scene->recovered.epoch;
        scene->recovered.epoch--;
    }
    memset(scene->memory, 0, journal_ring_bytes(SCENE_RING_UNITS));
    journal_ring_format(&scene->ring, scene->memory, SCENE_RING_UNITS, &start);
    scene->writer =
        journal_writer_open(&scene->options, scene->port, &scene->ring, &scene->recovered);
    while (scene->writer != NULL && steps-- > 0) {
        world_append(world, random_below(&world->random, group_top));
        scene->now_ns += random_below(&world->random, 400) * UINT64_C(1000000);
        if (journal_writer_poll(scene->writer, scene->now_ns) == WRITER_STOPPED)
            break;
    }
    if (scene->writer != NULL && random_below(&world->random, 8) == 0)
        (void)journal_writer_finish(scene->writer);
    world->acknowledged_seq = journal_ring_durable_seq(&scene->ring);
    tally->group_count += journal_ring_group_count(&scene->ring);
    scene_end(scene);
}

/* Several lives, each ended by the power, a few by the death of the process alone. */
static void world_run(struct world *world, uint64_t world_seed, const struct mistake *mistake,
                      struct tally *tally) {
    struct scene *scene = &world->scene;

    scene_open(scene, world_seed);
    world->random = random_seeded(world_seed * 31 + 7);
    world->mistake = mistake;
    world->appended_seq = 0;
    world->acknowledged_seq = 0;
    scene->options.segment_bytes = (UINT64_C(16) << random_below(&world->random, 2)) << 10;
    scene->options.group_bytes_max = 1024u << random_below(&world->random, 4);
    scene->options.spares = random_below(&world->random, 3);
    scene->options.sector_bytes = random_below(&world->random, 4) == 0 ? 1024 : 512;
    simulated_disk_lie(scene->disk, mistake->lies);
    for (int life = 0; life <= LIVES && tally->trouble == TROUBLE_NONE; life++) {
        uint32_t calls = random_below(&world->random, 4) == 0 ? 12 : 240;
        if (life < LIVES) /* the last one only looks */
            simulated_disk_fail(scene->disk, SIMULATED_FAULT_POWER,
                                1 + random_below(&world->random, calls));
        bool recovered = world_recover(world, tally);
        if (life == LIVES || tally->trouble != TROUBLE_NONE)
            break;
        if (recovered)
            world_live(world, tally);
        if (!simulated_disk_is_dark(scene->disk) && random_below(&world->random, 4) == 0) {
            simulated_disk_process_death(scene->disk);
            tally->deaths_count++;
        } else {
            simulated_disk_power_cut(scene->disk);
            tally->cut_count++;
        }
    }
    tally->record_count += world->appended_seq;
    scene_close(scene);
}

static struct tally run_worlds(const struct mistake *mistake, uint64_t cuts,
                               uint64_t *failing_seed) {
    struct world *world = malloc(sizeof *world);
    struct tally tally = {0};

    assert_non_null(world);
    for (uint64_t i = 0; tally.cut_count < cuts && tally.trouble == TROUBLE_NONE; i++) {
        *failing_seed = seed + i;
        world_run(world, seed + i, mistake, &tally);
    }
    free(world);
    return tally;
}

static void no_acknowledged_record_is_lost_and_no_cut_record_returns(void **state) {
    const struct mistake none = {.name = "none"};
    uint64_t failing_seed = 0;

    (void)state;
    struct tally tally = run_worlds(&none, cuts_wanted, &failing_seed);
    printf("seed %" PRIu64 ": %" PRIu64 " power cuts (%" PRIu64 " of them in a recovery), %" PRIu64
           " process deaths, %" PRIu64 " groups, %" PRIu64 " records kept, %" PRIu64
           " torn tails cut; "
           "0 lost, 0 revived, 0 taken for corruption\n",
           seed, tally.cut_count, tally.in_recovery_count, tally.deaths_count, tally.group_count,
           tally.record_count, tally.torn_count);
    if (tally.trouble != TROUBLE_NONE)
        fail_msg("seed %" PRIu64 ": %s", failing_seed, tally.sentence);
    assert_true(tally.torn_count > tally.cut_count / 20);
    assert_true(tally.in_recovery_count > 0);
}

/* The table of planted mistakes: each must be seen, or the test above proves nothing. */
static void each_planted_mistake_is_found(void **state) {
    static const struct mistake mistakes[] = {
        {.name = "a writer without sync", .lies = {.sync_does_nothing = true}},
        {.name = "an acknowledgement before the sync", .lies = {.sync_comes_late = true}},
        {.name = "a directory that is not synced", .lies = {.directory_sync_does_nothing = true}},
        {.name = "a cut that is not zeroed", .lies = {.zero_keeps_old_bytes = true}},
        {.name = "the same, in the same epoch",
         .lies = {.zero_keeps_old_bytes = true},
         .same_epoch = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        uint64_t failing_seed = 0;
        struct tally tally = run_worlds(&mistakes[i], MUTANT_CUTS, &failing_seed);
        printf("planted: %-45s found after %5" PRIu64 " cuts, seed %" PRIu64 ": %.60s\n",
               mistakes[i].name, tally.cut_count, failing_seed, tally.sentence);
        assert_int_not_equal(tally.trouble, TROUBLE_NONE);
    }
}

/* The second net: what zeroing leaves to the new epoch is nothing. */
static void zeroing_alone_is_enough_when_the_epoch_is_not_raised(void **state) {
    const struct mistake mistake = {.name = "same epoch", .same_epoch = true};
    uint64_t failing_seed = 0;

    (void)state;
    struct tally tally = run_worlds(&mistake, cuts_wanted / 5, &failing_seed);
    if (tally.trouble != TROUBLE_NONE)
        fail_msg("seed %" PRIu64 ": %s", failing_seed, tally.sentence);
}

int main(int argument_count, char **arguments) {
    const char *length = getenv("CROSSPOINT_LENGTH");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_acknowledged_record_is_lost_and_no_cut_record_returns),
        cmocka_unit_test(each_planted_mistake_is_found),
        cmocka_unit_test(zeroing_alone_is_enough_when_the_epoch_is_not_raised),
    };

    if (length != NULL && strcmp(length, "short") == 0)
        cuts_wanted = 3000;
    if (length != NULL && strcmp(length, "full") == 0)
        cuts_wanted = 1000000;
    if (argument_count > 1)
        seed = strtoull(arguments[1], NULL, 10);
    if (argument_count > 2)
        cuts_wanted = strtoull(arguments[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
