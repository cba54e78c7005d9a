/* bench_matching [NAME]...: what one command costs in the C matcher, on streams whose trades are checked.
 *
 * Timed is what a host does: expand a packed command, submit, poll every event into a buffer. Pages are
 * large where the kernel gives them, and present before. Times are of this process's CPU, the median of several rounds. */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "core/soft_matcher.h"
#include "micro/workload.h"

#define ROUNDS      5
#define EVENT_CHUNK 1024
#define BUCKETS     100000 /* cycles; longer ones share the last bucket */

struct board {
    const struct workload *workload;
    struct matcher matcher;
    void *bytes;
    size_t size_bytes;
    struct packed_command *commands;
};

static void board_start(struct board *board) {
    const struct workload *workload = board->workload;
    struct matcher_limits limits = {.qty_bits = 32,
                                    .owner_bits = 16,
                                    .handle_count = workload->handle_count,
                                    .instrument_count = workload->symbol_count};
    struct arena arena;

    board->size_bytes = soft_matcher_bytes(&limits, workload->symbol_count, WORKLOAD_BAND_K);
    board->bytes =
        mmap(NULL, board->size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(board->bytes != MAP_FAILED);
    /* Large pages where the kernel gives them, all of them present before the first command. */
    (void)madvise(board->bytes, board->size_bytes, MADV_HUGEPAGE);
    memset(board->bytes, 0, board->size_bytes);
    arena_init(&arena, board->bytes, board->size_bytes);
    board->matcher = soft_matcher_port(soft_matcher_init(&arena, &limits));
    for (uint32_t i = 0; i < workload->symbol_count; i++)
        board->matcher.ops->declare(board->matcher.self, (uint16_t)i, 0, WORKLOAD_BAND_K);
}

static void board_stop(struct board *board) {
    check(munmap(board->bytes, board->size_bytes) == 0);
}

static uint64_t cpu_ns(void) {
    struct timespec now;

    check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Counts this process's instructions in user space, or -1 where the kernel does not let us. */
static int open_instructions(void) {
    struct perf_event_attr attributes = {.type = PERF_TYPE_HARDWARE,
                                         .size = sizeof attributes,
                                         .config = PERF_COUNT_HW_INSTRUCTIONS,
                                         .exclude_kernel = 1,
                                         .exclude_hv = 1};

    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static uint64_t read_counter(int counter) {
    uint64_t value = 0;

    return counter >= 0 && read(counter, &value, sizeof value) == sizeof value ? value : 0;
}

static inline void step(struct board *board, uint32_t i, struct matcher_command *command,
                        struct matcher_event *events) {
    packed_expand(&board->commands[i], i + 1, command);
    (void)board->matcher.ops->submit(board->matcher.self, command);
    while (board->matcher.ops->poll(board->matcher.self, events, EVENT_CHUNK) == EVENT_CHUNK) {
    }
}

static void preload(struct board *board, struct matcher_command *command,
                    struct matcher_event *events) {
    for (uint32_t i = 0; i < board->workload->preload_count; i++)
        step(board, i, command, events);
}

static double round_ns(struct board *board, int counter, double *instructions) {
    const struct workload *workload = board->workload;
    static struct matcher_event events[EVENT_CHUNK];
    struct matcher_command command = {0};

    board_start(board);
    preload(board, &command, events);
    uint64_t counted = read_counter(counter);
    uint64_t start_ns = cpu_ns();
    for (uint32_t i = 0; i < workload->timed_count; i++)
        step(board, workload->preload_count + i, &command, events);
    uint64_t end_ns = cpu_ns();
    *instructions = (double)(read_counter(counter) - counted) / workload->timed_count;
    board_stop(board);
    return (double)(end_ns - start_ns) / workload->timed_count;
}

/* The loop without a matcher: what reading and expanding the stream costs by itself. */
static double floor_ns(const struct board *board) {
    const struct workload *workload = board->workload;
    struct matcher_command command = {0};
    uint64_t start_ns = cpu_ns();

    for (uint32_t i = 0; i < workload->timed_count; i++) {
        packed_expand(&board->commands[workload->preload_count + i], i, &command);
        __asm__ volatile("" : : "r"(&command) : "memory");
    }
    return (double)(cpu_ns() - start_ns) / workload->timed_count;
}

static inline uint64_t cycles_now(void) {
    unsigned ignored;

    uint64_t now = __rdtscp(&ignored);
    _mm_lfence();
    return now;
}

static uint32_t timer_cycles(void) {
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < 10000; i++) {
        uint64_t start = cycles_now();
        uint64_t took = cycles_now() - start;
        least = took < least ? took : least;
    }
    return (uint32_t)least;
}

static uint32_t percentile(const uint32_t *buckets, uint64_t total, double share) {
    uint64_t seen = 0;

    for (uint32_t i = 0; i < BUCKETS; i++) {
        seen += buckets[i];
        if ((double)seen >= share * (double)total)
            return i;
    }
    return BUCKETS;
}

static void print_percentiles(struct board *board) {
    static struct matcher_event events[EVENT_CHUNK];
    static uint32_t buckets[BUCKETS];
    const struct workload *workload = board->workload;
    struct matcher_command command = {0};
    uint32_t overhead = timer_cycles();

    memset(buckets, 0, sizeof buckets);
    board_start(board);
    preload(board, &command, events);
    for (uint32_t i = 0; i < workload->timed_count; i++) {
        uint64_t start = cycles_now();
        step(board, workload->preload_count + i, &command, events);
        uint64_t took = cycles_now() - start;
        took = took > overhead ? took - overhead : 0;
        buckets[took < BUCKETS ? took : BUCKETS - 1]++;
    }
    board_stop(board);
    printf("  cycles (TSC) per command, serialised: p50 %u p90 %u p99 %u p99.9 %u\n",
           percentile(buckets, workload->timed_count, 0.5),
           percentile(buckets, workload->timed_count, 0.9),
           percentile(buckets, workload->timed_count, 0.99),
           percentile(buckets, workload->timed_count, 0.999));
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool measure(const struct workload *workload, int counter) {
    size_t bytes =
        (size_t)(workload->preload_count + workload->timed_count) * sizeof(struct packed_command);
    struct board board = {.workload = workload, .commands = malloc(bytes)};
    double rounds[ROUNDS];
    double instructions;

    check(board.commands != NULL);
    board_start(&board);
    bool is_right = workload_generate(workload, &board.matcher, board.commands);
    board_stop(&board);
    if (is_right) {
        for (int i = 0; i < ROUNDS; i++)
            rounds[i] = round_ns(&board, counter, &instructions);
        qsort(rounds, ROUNDS, sizeof *rounds, compare_doubles);
        printf("%-8s %6.1f ns/command (least %.1f, most %.1f), of which the stream %.1f; ",
               workload->name, rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1], floor_ns(&board));
        if (counter >= 0)
            printf("%.0f instructions\n", instructions);
        else
            printf("instructions not countable here\n");
        print_percentiles(&board);
    }
    free(board.commands);
    return is_right;
}

static bool is_wanted(const struct workload *workload, int argc, char **argv) {
    if (argc == 1)
        return true;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], workload->name) == 0)
            return true;
    return false;
}

int main(int argc, char **argv) {
    int counter = open_instructions();
    bool is_right = true;

    for (int i = 0; i < WORKLOAD_COUNT; i++)
        if (is_wanted(&workloads[i], argc, argv))
            is_right &= measure(&workloads[i], counter);
    return is_right ? 0 : 1;
}
