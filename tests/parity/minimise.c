#include "parity/minimise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/readable.h"

#define COMMANDS_RUN_MAX UINT64_C(200000000) /* then the list is printed as short as it is */

/* How many commands it takes until the two differ, in events or after the last in digest; 0 = they do not. */
static size_t differ_after(struct compare *compare, struct matcher_command *commands,
                           size_t count) {
    compare_restart(compare);
    for (size_t i = 0; i < count; i++) {
        commands[i].seq = i + 1;
        if (!compare_command(compare, &commands[i], COMPARE_EVENT_MAX))
            return i + 1;
    }
    return compare_digests(compare) ? 0 : count;
}

static void copy_without(struct matcher_command *to, const struct matcher_command *from,
                         size_t count, size_t start, size_t length) {
    memcpy(to, from, start * sizeof *to);
    memcpy(to + start, from + start + length, (count - start - length) * sizeof *to);
}

size_t minimise(struct compare *compare, struct matcher_command *commands, size_t count) {
    struct matcher_command *trial = malloc((count + 1) * sizeof *trial);
    uint64_t commands_run = 0;
    size_t chunk = count / 2;

    check(trial != NULL);
    while (chunk > 0 && commands_run < COMMANDS_RUN_MAX) {
        bool dropped = false;

        for (size_t start = 0; start + chunk <= count && commands_run < COMMANDS_RUN_MAX;) {
            copy_without(trial, commands, count, start, chunk);
            size_t differs = differ_after(compare, trial, count - chunk);

            commands_run += count;
            if (differs == 0) {
                start += chunk;
                continue;
            }
            dropped = true;
            count = differs;
            memcpy(commands, trial, count * sizeof *trial);
        }
        if (chunk == 1 && !dropped)
            break;
        if (chunk > 1)
            chunk = chunk / 2 < count / 2 || count < 4 ? chunk / 2 : count / 2;
    }
    free(trial);
    return count;
}

static void print_events(const char *who, const struct matcher_event *events, size_t count) {
    char text[READABLE_LINE_MAX];

    for (size_t i = 0; i < count; i++)
        printf("# %-9s %.*s\n", who, (int)readable_print_event(&events[i], text), text);
}

void minimise_print(struct compare *compare, struct matcher_command *commands, size_t count) {
    char text[READABLE_LINE_MAX];
    bool used[GENERATE_INSTRUMENTS] = {false};
    size_t differs = differ_after(compare, commands, count);

    for (size_t i = 0; i < count; i++)
        used[commands[i].instrument] = true;
    printf("LIMITS qty_bits=%u handles=%u\n", GENERATE_QTY_BITS, GENERATE_HANDLES);
    for (uint32_t i = 0; i < GENERATE_INSTRUMENTS; i++)
        if (used[i])
            printf("INSTRUMENT i=%u base=%u k=%u\n", i, generate_listed[i].base_ticks,
                   generate_listed[i].k);
    for (size_t i = 0; i < count; i++)
        printf("%.*s\n", (int)readable_print_command(&commands[i], text), text);
    if (differs == 0) {
        printf("# no difference when run again\n");
        return;
    }
    print_events("reference", compare->expected, compare->expected_count);
    print_events("soft", compare->got, compare->got_count);
    if (compare->got_count == compare->expected_count && !compare_digests(compare))
        printf("# the digests differ\n");
}
