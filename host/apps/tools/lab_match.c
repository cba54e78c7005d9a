/* lab match: docs/matching.md §8 as a program. Reads commands, prints events, stops at the first bad line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "apps/tools/lab.h"
#include "core/readable.h"
#include "core/reference.h"
#include "core/soft_matcher.h"

/* Address space that a matcher may take; only what it touches becomes memory. A file that asks for more
 * is refused. Halved until the system grants it. */
#define SPACE_BYTES_MAX (UINT64_C(1) << 38)
#define SPACE_BYTES_MIN (UINT64_C(1) << 26)

#define INSTRUMENTS 65536u
#define OWNER_BITS  32u
#define EVENT_CHUNK 256

enum matcher_kind { MATCHER_KIND_SOFT, MATCHER_KIND_REFERENCE };

struct options {
    enum matcher_kind kind;
    bool wants_digest;
    const char *path;
};

/* One run over one file. */
struct run {
    struct options options;
    struct matcher_limits limits;
    struct matcher matcher;
    struct arena arena;
    bool *declared;  /* by instrument */
    bool is_started; /* the matcher exists: LIMITS may no longer come */
    uint64_t line_number;
    uint64_t next_seq;
};

static const char help[] =
    "usage: lab match [--matcher=soft|card|reference] [--digest] FILE\n"
    "Reads commands in the readable form (docs/matching.md, section 8) from FILE, or from\n"
    "standard input when FILE is -, and prints the events of the matcher.\n\n"
    "  --matcher=soft       the C matcher (default)\n"
    "  --matcher=card       the card; not built into this program yet\n"
    "  --matcher=reference  the slow, obvious one\n"
    "  --digest             end with DIGEST and the digest of the books\n"
    "  --help               this text\n\n"
    "Exit code 0: the whole file was run. 2: a line cannot be read, or asks for what only a\n"
    "broken host asks, or for more than this matcher is built for; the events before that line\n"
    "are printed, and one message on standard error names the line.\n";

/* ---- the matcher ---- */

static bool refuse(const struct run *run, const char *why) {
    (void)fflush(stdout);
    fprintf(stderr, "lab match: %s: line %llu: %s\n", run->options.path,
            (unsigned long long)run->line_number, why);
    return false;
}

static size_t needed_bytes(const struct run *run, uint32_t instruments, uint32_t k) {
    return run->options.kind == MATCHER_KIND_SOFT ? soft_matcher_bytes(&run->limits, instruments, k)
                                                  : reference_bytes(&run->limits);
}

/* Address space for the matcher; false when not even the least is granted. */
static bool take_space(struct arena *arena) {
    for (uint64_t bytes = SPACE_BYTES_MAX; bytes >= SPACE_BYTES_MIN; bytes /= 2) {
        void *space = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (space != MAP_FAILED) {
            arena_init(arena, space, bytes);
            return true;
        }
    }
    return false;
}

/* Builds the matcher, once the limits are known. */
static bool run_start(struct run *run) {
    if (run->is_started)
        return true;
    if (!matcher_limits_fit(&run->limits))
        return refuse(run, "LIMITS asks for more than this matcher is built for: qty_bits + "
                           "log2(handles) above 64");
    if (!take_space(&run->arena))
        return refuse(run, "no memory");
    if (needed_bytes(run, 0, 0) > run->arena.size_bytes)
        return refuse(run, "LIMITS asks for more memory than there is");
    run->matcher = run->options.kind == MATCHER_KIND_SOFT
                       ? soft_matcher_port(soft_matcher_init(&run->arena, &run->limits))
                       : reference_port(reference_init(&run->arena, &run->limits));
    run->is_started = true;
    return true;
}

static bool run_limits(struct run *run, const struct readable_limits *limits) {
    if (run->is_started)
        return refuse(run, "LIMITS must be the first line");
    run->limits.qty_bits = limits->qty_bits;
    run->limits.handle_count = limits->handle_count;
    return run_start(run);
}

static bool run_instrument(struct run *run, const struct readable_instrument *instrument) {
    if (run->declared[instrument->number])
        return refuse(run, "instrument declared twice");
    if (run->options.kind == MATCHER_KIND_SOFT) {
        size_t bytes = needed_bytes(run, 1, instrument->k) - needed_bytes(run, 0, 0);
        if (bytes > run->arena.size_bytes - run->arena.used_bytes)
            return refuse(run, "asks for more memory than there is");
    }
    run->declared[instrument->number] = true;
    run->matcher.ops->declare(run->matcher.self, instrument->number, instrument->base_ticks,
                              instrument->k);
    return true;
}

static bool run_command(struct run *run, struct matcher_command *command) {
    struct matcher_event events[EVENT_CHUNK];
    char text[READABLE_LINE_MAX + 1];
    size_t count;

    if (!run->declared[command->instrument])
        return refuse(run, "instrument not declared");
    command->seq = run->next_seq++;
    enum matcher_taken taken = run->matcher.ops->submit(run->matcher.self, command);
    check(taken == MATCHER_TAKEN); /* nothing waits between commands */
    while ((count = run->matcher.ops->poll(run->matcher.self, events, EVENT_CHUNK)) > 0)
        for (size_t i = 0; i < count; i++) {
            size_t length = readable_print_event(&events[i], text);

            text[length] = '\n';
            (void)fwrite(text, 1, length + 1, stdout);
        }
    return true;
}

/* ---- the file ---- */

static bool run_line(struct run *run, const char *text, size_t length) {
    struct readable_line line;

    readable_parse(text, length, &line);
    switch (line.kind) {
    case READABLE_NOTHING: return true;
    case READABLE_BAD: return refuse(run, line.error);
    case READABLE_LIMITS: return run_limits(run, &line.limits);
    case READABLE_INSTRUMENT: return run_start(run) && run_instrument(run, &line.instrument);
    case READABLE_COMMAND: return run_start(run) && run_command(run, &line.command);
    }
    return false;
}

static bool run_file(struct run *run, FILE *file) {
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length;
    bool is_good = true;

    while (is_good && (length = getline(&text, &capacity, file)) >= 0) {
        run->line_number++;
        if (length > 0 && text[length - 1] == '\n')
            length--;
        is_good = run_line(run, text, (size_t)length);
    }
    free(text);
    if (is_good && ferror(file) != 0) {
        run->line_number++;
        return refuse(run, "cannot be read");
    }
    return is_good;
}

static bool print_digest(struct run *run) {
    char text[READABLE_LINE_MAX];

    if (!run_start(run))
        return false;
    size_t length = readable_print_digest(run->matcher.ops->digest(run->matcher.self), text);
    printf("%.*s\n", (int)length, text);
    return true;
}

/* ---- arguments ---- */

static bool choose_matcher(struct options *options, const char *name) {
    if (strcmp(name, "soft") == 0) {
        options->kind = MATCHER_KIND_SOFT;
    } else if (strcmp(name, "reference") == 0) {
        options->kind = MATCHER_KIND_REFERENCE;
    } else if (strcmp(name, "card") == 0) {
        fputs("lab match: the card is not built into this program yet\n", stderr);
        return false;
    } else {
        fprintf(stderr, "lab match: no matcher '%s'; there are soft, card and reference\n", name);
        return false;
    }
    return true;
}

/* LAB_OK: go on with the options. Anything else, and *is_done: return it. */
static int read_options(int argc, char **argv, struct options *options, bool *is_done) {
    enum { OPTION_MATCHER = 1, OPTION_DIGEST, OPTION_HELP };
    static const struct option names[] = {{"matcher", required_argument, NULL, OPTION_MATCHER},
                                          {"digest", no_argument, NULL, OPTION_DIGEST},
                                          {"help", no_argument, NULL, OPTION_HELP},
                                          {NULL, 0, NULL, 0}};
    int option;

    *is_done = true;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(help, stdout);
            return LAB_OK;
        }
        if (option == OPTION_DIGEST)
            options->wants_digest = true;
        else if (option != OPTION_MATCHER || !choose_matcher(options, optarg))
            return LAB_REFUSED;
    }
    if (optind + 1 != argc) {
        fputs("lab match: give one FILE, or - for standard input; see lab match --help\n", stderr);
        return LAB_REFUSED;
    }
    options->path = argv[optind];
    *is_done = false;
    return LAB_OK;
}

int lab_match(int argc, char **argv) {
    static bool declared[INSTRUMENTS];
    struct run run = {.limits = {.qty_bits = READABLE_QTY_BITS,
                                 .owner_bits = OWNER_BITS,
                                 .handle_count = READABLE_HANDLES,
                                 .instrument_count = INSTRUMENTS},
                      .declared = declared,
                      .next_seq = 1};
    bool is_done;
    int code = read_options(argc, argv, &run.options, &is_done);

    if (is_done)
        return code;
    FILE *file = strcmp(run.options.path, "-") == 0 ? stdin : fopen(run.options.path, "re");
    if (file == NULL) {
        fprintf(stderr, "lab match: cannot open %s: %m\n", run.options.path);
        return LAB_REFUSED;
    }
    bool is_good = run_file(&run, file) && (!run.options.wants_digest || print_digest(&run));
    if (file != stdin)
        (void)fclose(file);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fputs("lab match: cannot write the events\n", stderr);
        return LAB_REFUSED;
    }
    return is_good ? LAB_OK : LAB_REFUSED;
}
