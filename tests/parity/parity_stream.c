/* parity_stream: the C matcher and the reference on one seeded stream, every event compared byte by byte.
 *
 * On a difference the run is made again up to there, shortened to the fewest commands that still show it,
 * and printed in readable form (feed it to `lab match`). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parity/audit.h"
#include "parity/compare.h"
#include "parity/minimise.h"
#include "parity/tally.h"

#define DIGEST_EVERY 4096

struct options {
    uint64_t seed;
    uint64_t commands;
    enum planted planted;
};

/* Owners of resting orders, to see a trade inside one group. */
struct groups {
    uint32_t owners[GENERATE_HANDLES];
};

static uint32_t taker_owner(const struct groups *groups, const struct matcher_command *command) {
    return command->op == OP_NEW ? command->owner
                                 : groups->owners[HANDLE_INDEX(command->handle) % GENERATE_HANDLES];
}

static bool learn_groups(struct groups *groups, const struct matcher_command *command,
                         const struct matcher_event *events, size_t count) {
    uint32_t owner = taker_owner(groups, command);
    bool met_own = false;

    for (size_t i = 0; i < count; i++) {
        if (events[i].type == EVENT_TRADE)
            met_own |= owner != 0 && groups->owners[HANDLE_INDEX(events[i].order.maker)] == owner;
        if (events[i].type == EVENT_RESTED)
            groups->owners[HANDLE_INDEX(events[i].order.handle)] = owner;
    }
    return met_own;
}

/* Runs the stream; returns 0, or the number of the command at which the two differ. Keeps the commands when
 * `kept` has room for them. */
static uint64_t run_stream(struct compare *compare, const struct options *options,
                           struct tally *tally, struct matcher_command *kept, uint64_t commands) {
    static struct generator generator;
    static struct groups groups;
    static struct audit audit;
    struct random chunks = {options->seed ^ 0x5EED};

    generator_init(&generator, options->seed);
    memset(&groups, 0, sizeof groups);
    memset(&audit, 0, sizeof audit);
    for (uint64_t i = 0; i < commands; i++) {
        struct matcher_command command;

        generator_next(&generator, &command);
        if (kept != NULL)
            kept[i] = command;
        const struct known_order *named =
            &generator.orders[HANDLE_INDEX(command.handle) % GENERATE_HANDLES];
        uint64_t remainder_lots =
            named->live && named->handle == command.handle ? named->left_lots : 0;

        if (!compare_command(compare, &command, 1 + random_below(&chunks, 5)))
            return i + 1;
        if ((i + 1) % DIGEST_EVERY == 0 && !compare_digests(compare))
            return i + 1;
        bool met_own = learn_groups(&groups, &command, compare->expected, compare->expected_count);
        tally_add(tally, &command, compare->expected, compare->expected_count, remainder_lots,
                  met_own);
        audit_add(&audit, &command, compare->expected, compare->expected_count);
        generator_learn(&generator, &command, compare->expected, compare->expected_count);
        for (uint32_t j = 0; j < GENERATE_INSTRUMENTS; j++)
            tally->resting_sum += generator.instruments[j].live_count;
    }
    return compare_digests(compare) ? 0 : commands;
}

static void explain(struct compare *compare, const struct options *options, uint64_t differs) {
    struct matcher_command *kept = malloc(differs * sizeof *kept);
    struct tally ignored = {0};

    check(kept != NULL);
    compare_restart(compare);
    (void)run_stream(compare, options, &ignored, kept, differs);
    size_t count = minimise(compare, kept, differs);
    printf("differs at command %llu; shortest list found: %zu commands\n",
           (unsigned long long)differs, count);
    minimise_print(compare, kept, count);
    free(kept);
}

static bool read_options(int argc, char **argv, struct options *options) {
    enum { OPTION_SEED = 1, OPTION_COMMANDS, OPTION_PLANT };
    static const struct option names[] = {{"seed", required_argument, NULL, OPTION_SEED},
                                          {"commands", required_argument, NULL, OPTION_COMMANDS},
                                          {"plant", required_argument, NULL, OPTION_PLANT},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == OPTION_SEED)
            options->seed = strtoull(optarg, NULL, 0);
        else if (option == OPTION_COMMANDS)
            options->commands = strtoull(optarg, NULL, 0);
        else if (option == OPTION_PLANT && strcmp(optarg, "band") == 0)
            options->planted = PLANTED_BAND;
        else if (option == OPTION_PLANT && strcmp(optarg, "decrement") == 0)
            options->planted = PLANTED_DECREMENT;
        else
            return false;
    }
    return optind == argc && options->commands > 0;
}

int main(int argc, char **argv) {
    static struct compare compare;
    const char *length = getenv("CROSSPOINT_LENGTH"); /* as ./check says */
    bool is_full = length != NULL && strcmp(length, "full") == 0;
    struct options options = {.seed = 1, .commands = is_full ? 10000000 : 1000000};
    struct tally tally = {0};

    if (!read_options(argc, argv, &options)) {
        fputs("usage: parity_stream [--seed=N] [--commands=N] [--plant=band|decrement]\n", stderr);
        return 2;
    }
    printf("seed %llu\n", (unsigned long long)options.seed);
    compare_init(&compare, options.planted);
    uint64_t differs = run_stream(&compare, &options, &tally, NULL, options.commands);
    if (differs != 0)
        explain(&compare, &options, differs);
    bool is_enough = differs != 0 || tally_report(&tally);
    compare_free(&compare);
    if (differs != 0 || !is_enough)
        return 1;
    printf("every event and digest equal\n");
    return 0;
}
