/* What durability costs: from the scheduled arrival of a record to the moment at which readers may see it.
 *
 *     bench_journal [DIRECTORY [SECONDS]]      a directory on the disk to be measured (default: the current one)
 *
 * Open loop: record n arrives at start + n / rate, whether or not the journal is ready; its latency counts from
 * there, so that a stall is paid for by every record that it delays. One thread appends what is due and polls the
 * writer, as the journal thread would; matching and network are not in these figures. Records of 64 and 192 bytes in
 * turn, a command and its events being of both kinds. Every figure names its level of durability. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/recover.h"
#include "journal/writer.h"
#include "os/clock.h"
#include "os/posix_file.h"

#define RING_UNITS    (1u << 20)
#define LATENCY_MAX   (16u << 20) /* records of one run */
#define STALL_NS      UINT64_C(20000000)
#define NS_PER_SECOND UINT64_C(1000000000)

struct run {
    enum durability durability;
    uint64_t rate;
    uint64_t seconds;
    struct journal_ring ring;
    struct journal_writer *writer;
    uint64_t start_ns;
    uint64_t arrived_count;
    uint64_t durable_count;
    uint64_t elapsed_ns;
    uint64_t stall_count;
    uint64_t *latency_ns;
};

static uint64_t arrival_ns(const struct run *run, uint64_t number) {
    return run->start_ns + (uint64_t)((__uint128_t)number * NS_PER_SECOND / run->rate);
}

static void append_due(struct run *run, uint64_t now_ns, uint64_t count) {
    while (run->arrived_count < count && arrival_ns(run, run->arrived_count + 1) <= now_ns) {
        uint8_t kind = run->arrived_count % 2 == 0 ? RECORD_COMMAND : RECORD_DONE;
        union record record = {
            .head = {.kind = kind, .units = record_units(kind), .time_ns = now_ns}};
        if (journal_ring_space_units(&run->ring) < JOURNAL_RING_RESERVE_UNITS)
            return; /* it waits outside, and its latency goes on counting */
        record.head.record_seq = ++run->arrived_count;
        journal_ring_append(&run->ring, &record, record.head.units * (size_t)RECORD_UNIT_BYTES);
    }
}

static bool run_loop(struct run *run) {
    uint64_t count = run->rate * run->seconds;

    if (count > LATENCY_MAX)
        count = LATENCY_MAX;
    run->start_ns = clock_monotonic_ns();
    while (run->durable_count < count) {
        uint64_t now_ns = clock_monotonic_ns();
        append_due(run, now_ns, count);
        if (journal_writer_poll(run->writer, now_ns) == WRITER_STOPPED)
            return false;
        uint64_t done_ns = clock_monotonic_ns();
        run->stall_count += done_ns - now_ns > STALL_NS;
        uint64_t durable_seq = journal_ring_durable_seq(&run->ring);
        while (run->durable_count < durable_seq) {
            run->latency_ns[run->durable_count] = done_ns - arrival_ns(run, run->durable_count + 1);
            run->durable_count++;
        }
    }
    run->elapsed_ns = clock_monotonic_ns() - run->start_ns;
    return true;
}

static int compare_ns(const void *one, const void *other) {
    uint64_t a = *(const uint64_t *)one;
    uint64_t b = *(const uint64_t *)other;

    return a < b ? -1 : a > b;
}

static void print_run(struct run *run) {
    uint64_t groups = journal_ring_group_count(&run->ring);
    double seconds = (double)run->elapsed_ns / 1e9;
    uint64_t last = run->durable_count - 1;

    qsort(run->latency_ns, run->durable_count, sizeof run->latency_ns[0], compare_ns);
    printf("%-10s %9" PRIu64 " %9.0f %9.1f %8.1f %9.0f %9.0f %9.0f %9.0f %7" PRIu64 "\n",
           durability_name(run->durability), run->rate, (double)groups / seconds,
           (double)run->durable_count / (double)groups,
           (double)journal_ring_byte_count(&run->ring) / seconds / 1e6,
           (double)run->latency_ns[last / 2] / 1e3, (double)run->latency_ns[last * 99 / 100] / 1e3,
           (double)run->latency_ns[last * 999 / 1000] / 1e3, (double)run->latency_ns[last] / 1e3,
           run->stall_count);
}

static int run_one(const char *directory, struct run *run) {
    char path[512];
    char command[560];
    struct journal_options options = journal_options_usual();
    struct recovered recovered;
    enum file_result opened = FILE_OK;
    void *memory = aligned_alloc(4096, journal_ring_bytes(RING_UNITS));

    snprintf(path, sizeof path, "%s/bench-journal-%ld", directory, (long)getpid());
    options.durability = run->durability;
    options.segment_bytes = UINT64_C(64) << 20;
    struct posix_files *files = posix_files_open(path, POSIX_FILES_WRITE, &opened);
    if (files == NULL || memory == NULL) {
        fprintf(stderr, "bench_journal: %s: %s\n", path, file_result_text(opened));
        return 1;
    }
    memset(memory, 0, journal_ring_bytes(RING_UNITS));
    if (journal_recover(posix_files_port(files), 1, &recovered) != RECOVER_OK)
        return 1;
    journal_ring_format(&run->ring, memory, RING_UNITS,
                        &(struct journal_ring_start){.cluster_id = 1, .epoch = 1});
    run->writer = journal_writer_open(&options, posix_files_port(files), &run->ring, &recovered);
    for (uint64_t i = 0;
         run->writer != NULL && i < 2 * (options.segment_bytes / JOURNAL_FILL_STEP_BYTES); i++)
        (void)journal_writer_poll(
            run->writer, 1); /* the spares first, as in an exchange that has been up a while */
    bool done = run->writer != NULL && run_loop(run);
    if (done)
        print_run(run);
    else
        fprintf(stderr, "bench_journal: %s\n", journal_stop_text(journal_ring_stopped(&run->ring)));
    journal_writer_close(run->writer);
    posix_files_close(files);
    free(memory);
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    return system(command) == 0 && done ? 0 : 1;
}

int main(int argument_count, char **arguments) {
    static const uint64_t rates[] = {1000, 10000, 100000, 1000000};
    static const enum durability levels[] = {DURABILITY_LOCAL_DISK, DURABILITY_NONE};
    const char *directory = argument_count > 1 ? arguments[1] : ".";
    uint64_t seconds = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 2;
    uint64_t *latency_ns = calloc(LATENCY_MAX, sizeof *latency_ns);
    int failed = latency_ns == NULL || seconds == 0;

    printf("%-10s %9s %9s %9s %8s %9s %9s %9s %9s %7s\n", "level", "records/s", "groups/s",
           "records/g", "MB/s", "p50 us", "p99 us", "p99.9 us", "max us", "stalls");
    for (size_t level = 0; level < sizeof levels / sizeof levels[0] && !failed; level++) {
        for (size_t i = 0; i < sizeof rates / sizeof rates[0] && !failed; i++) {
            struct run run = {.durability = levels[level],
                              .rate = rates[i],
                              .seconds = seconds,
                              .latency_ns = latency_ns};
            failed = run_one(directory, &run);
        }
    }
    printf("arrival (by the schedule) to durable; a stall is a poll of more than 20 ms\n");
    free(latency_ns);
    return failed;
}
