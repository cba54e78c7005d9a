#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "apps/client/demo_file.h"
#include "apps/tools/lab.h"
#include "apps/tools/replay.h"
#include "core/limits.h"
#include "os/clock.h"
#include "os/secret.h"
#include "wire/itch50.h"

#define NS_PER_S       1000000000ull
#define PROGRESS_NS    100000000u
#define PROGRESS_WIDTH 40

static const char usage[] =
    "usage: lab replay FILE [--var DIR] [--host HOST] [--port PORT] [--limit N] [--speed max|N]\n"
    "\n"
    "Sends an ITCH 5.0 file or a Binance recording (either may be gzip) as OUCH orders to the "
    "running exchange,\n"
    "and holds every reply and the books at the end to the reference matcher. Lists its own "
    "instruments and\n"
    "accounts. Exit status 0: all agrees; 1: something differs; 2: it could not be done.\n"
    "\n"
    "  --var DIR      the exchange's folder (default: var)\n"
    "  --host, --port where its order entry is (default: as DIR/demo.json says, else "
    "127.0.0.1:9050)\n"
    "  --limit N      only the first N messages of the file\n"
    "  --speed max|N  as fast as it goes (default), or N times the file's own pace\n";

struct replay_words {
    const char *path;
    const char *var_path;
    const char *host;
    uint64_t port;
    uint64_t limit;
    uint64_t speed;
};

/* ---- what both sources use ---- */

void replay_choose_band(struct replay_instrument *instrument, uint32_t low_ticks,
                        uint32_t high_ticks, uint32_t min_k) {
    uint64_t middle = ((uint64_t)low_ticks + high_ticks) / 2;

    instrument->k = min_k;
    while (instrument->k < BAND_BITS_MAX &&
           (UINT64_C(3) << instrument->k) / 4 < (uint64_t)high_ticks - low_ticks + 4)
        instrument->k++;
    uint64_t half = UINT64_C(1) << (instrument->k - 1);
    uint64_t top = (UINT64_C(1) << 32) - 2 * half;

    instrument->base_ticks = (uint32_t)(middle < half         ? 0
                                        : middle - half < top ? middle - half
                                                              : top);
}

bool replay_in_reach(const struct replay_instrument *instrument, uint32_t price_ticks) {
    uint64_t eighth = UINT64_C(1) << (instrument->k - 3);
    uint64_t low = instrument->base_ticks == 0 ? 0 : instrument->base_ticks + eighth;

    return price_ticks >= low && price_ticks < instrument->base_ticks + 7 * eighth;
}

bool replay_pace(struct replay *replay, uint64_t file_ns) {
    if (replay->progress != NULL)
        replay->progress(replay);
    if (replay->speed > 0) {
        if (replay->file_began_ns == 0)
            replay->file_began_ns = file_ns;
        if (file_ns > replay->file_began_ns)
            replay_desk_until(replay->desk,
                              replay->began_ns + (file_ns - replay->file_began_ns) / replay->speed);
    }
    if (replay_desk_failed(replay->desk) == NULL)
        return true;
    snprintf(replay->error, sizeof replay->error, "%s", replay_desk_failed(replay->desk));
    return false;
}

enum replay_format replay_recognise(struct replay *replay, const char *path) {
    unsigned char head[3] = {0};
    gzFile file = gzopen(path, "rb");
    int count = file == NULL ? -1 : gzread(file, head, sizeof head);

    if (file != NULL)
        gzclose(file);
    if (count < 0) {
        snprintf(replay->error, sizeof replay->error, "%s cannot be read", path);
        return REPLAY_NEITHER;
    }
    size_t length = (size_t)head[0] << 8 | head[1];
    size_t known = itch50_bytes((char)head[2]);

    if (count == (int)sizeof head && known > 0 && (length == 0 || length == known))
        return REPLAY_ITCH;
    if (count == (int)sizeof head && head[0] >= '0' && head[0] <= '9')
        return REPLAY_RECORDING;
    snprintf(replay->error, sizeof replay->error,
             "%s is neither an ITCH 5.0 file (length, message) nor a recording (`ns JSON` lines)",
             path);
    return REPLAY_NEITHER;
}

/* ---- what people see ---- */

static void progress_show(const struct replay *replay) {
    static const char bar[] = "########################################";
    static uint64_t shown_ns;
    uint64_t now_ns = clock_monotonic_ns();
    const struct replay_check_counts *counts = replay_check_counts(replay_desk_judge(replay->desk));
    unsigned done = replay->permille > 1000 ? 1000 : replay->permille;

    if (now_ns - shown_ns < PROGRESS_NS)
        return;
    shown_ns = now_ns;
    fprintf(stderr, "\r[%-*.*s] %3u %%  %llu orders  %llu trades ", PROGRESS_WIDTH,
            (int)(done * PROGRESS_WIDTH / 1000), bar, done / 10,
            (unsigned long long)(counts->sent[0] + counts->sent[1]),
            (unsigned long long)counts->trades);
    fflush(stderr);
}

static void say_instruments(const struct replay *replay, const char *path, const char *format) {
    printf("%s: %s, %u instrument%s:", path, format, replay->instrument_count,
           replay->instrument_count == 1 ? "" : "s");
    for (int i = 0; i < replay->instrument_count; i++)
        printf(" %s as %s", replay->instruments[i].symbol, replay->instruments[i].listed);
    printf("\n");
}

static void say_totals(const struct replay *replay, bool is_recording) {
    const struct replay_totals *totals = &replay->totals;
    const struct replay_check_counts *counts = replay_check_counts(replay_desk_judge(replay->desk));

    printf("messages: %llu read, %llu not about the displayed book",
           (unsigned long long)totals->messages, (unsigned long long)totals->not_orders);
    if (!is_recording)
        printf(", %llu about orders that are not there", (unsigned long long)totals->unknown);
    printf("; %llu %s outside the reach of the band, not sent\n",
           (unsigned long long)totals->beyond_reach, is_recording ? "levels and trades" : "orders");
    printf("crossing: %llu %s came in where they trade", (unsigned long long)totals->crossing,
           is_recording ? "levels" : "adds and replaces");
    if (is_recording)
        printf(" with what their own update or a newer one withdraws; %llu older levels overruled",
               (unsigned long long)totals->overruled);
    printf("\nreplies: %llu accepted, %llu replaced, %llu canceled, %llu executed, %llu rejected",
           (unsigned long long)counts->accepted, (unsigned long long)counts->replaced,
           (unsigned long long)counts->cancelled, (unsigned long long)counts->executed,
           (unsigned long long)counts->rejected);
    for (size_t i = 0; i < sizeof counts->rejected_by_reason / sizeof(uint64_t); i++)
        if (counts->rejected_by_reason[i] > 0)
            printf(", reason %zu: %llu", i, (unsigned long long)counts->rejected_by_reason[i]);
    printf("\nbooks: %llu levels of the exchange and the reference",
           (unsigned long long)totals->levels_compared);
    if (is_recording)
        printf("; %llu levels of the exchange and the file, %llu differ",
               (unsigned long long)totals->file_levels_compared,
               (unsigned long long)totals->file_differences);
    printf("\n");
}

static void say_verdict(const struct replay *replay, uint64_t took_ns, const char *durability) {
    const struct replay_check_counts *counts = replay_check_counts(replay_desk_judge(replay->desk));
    uint64_t sent = counts->sent[0] + counts->sent[1];
    uint64_t took_ms = took_ns / 1000000 + 1;

    printf(
        "%s: %llu messages, %llu orders sent, %llu trades, %llu replies and %llu levels "
        "compared, %llu differences; %llu.%llu s, %llu orders/s, %llu waits, durability %s\n",
        counts->differences == 0 ? "agrees" : "DIFFERS",
        (unsigned long long)replay->totals.messages, (unsigned long long)sent,
        (unsigned long long)counts->trades, (unsigned long long)counts->compared,
        (unsigned long long)(replay->totals.levels_compared + replay->totals.file_levels_compared),
        (unsigned long long)counts->differences, (unsigned long long)(took_ms / 1000),
        (unsigned long long)(took_ms % 1000 / 100), (unsigned long long)(sent * 1000 / took_ms),
        (unsigned long long)replay_desk_waits(replay->desk), durability);
}

/* ---- the run ---- */

static void declare_instruments(const struct replay *replay, struct replay_check *judge) {
    for (int i = 0; i < replay->instrument_count; i++) {
        const struct replay_instrument *instrument = &replay->instruments[i];
        struct replay_check_terms terms = {.tick_e4 = instrument->tick_e8 / 10000,
                                           .base_ticks = instrument->base_ticks,
                                           .k = instrument->k};

        memset(terms.symbol, ' ', sizeof terms.symbol);
        memcpy(terms.symbol, instrument->listed, strlen(instrument->listed));
        replay_check_declare(judge, &terms);
    }
}

static bool open_desk(struct replay *replay, struct replay_check *judge,
                      const struct replay_words *words, char passwords[2][12]) {
    static const char *const usernames[] = REPLAY_USERNAMES;
    struct order_client_logon logons[2];

    for (int i = 0; i < 2; i++)
        logons[i] = (struct order_client_logon){.host = words->host,
                                                .port = (uint16_t)words->port,
                                                .username = usernames[i],
                                                .password = passwords[i]};
    replay->desk = replay_desk_open(judge, logons, replay->error, sizeof replay->error);
    return replay->desk != NULL;
}

static bool play(struct replay *replay, const struct replay_words *words, bool is_recording,
                 const char *durability) {
    replay->began_ns = clock_monotonic_ns();
    bool good = is_recording ? replay_recording_play(replay, words->path)
                             : replay_itch_play(replay, words->path);

    if (good)
        replay_desk_settle(replay->desk);
    uint64_t took_ns = clock_monotonic_ns() - replay->began_ns;

    if (replay->progress != NULL)
        fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH + 60, "");
    if (!good || !replay_compare_books(replay, words->var_path, is_recording))
        return false;
    say_totals(replay, is_recording);
    say_verdict(replay, took_ns, durability);
    return true;
}

static int run(struct replay *replay, const struct replay_words *words) {
    enum replay_format format = replay_recognise(replay, words->path);
    bool is_recording = format == REPLAY_RECORDING;
    struct replay_check *judge = replay_check_make(stderr);
    char passwords[2][12];
    char durability[16];
    int status = LAB_REFUSED;

    if (judge == NULL)
        snprintf(replay->error, sizeof replay->error, "out of memory");
    else if (format != REPLAY_NEITHER &&
             (is_recording ? replay_recording_terms(replay, words->path)
                           : replay_itch_terms(replay, words->path)) &&
             replay_list(replay, words->var_path, passwords, durability)) {
        say_instruments(replay, words->path, is_recording ? "a recording" : "ITCH 5.0");
        declare_instruments(replay, judge);
        if (open_desk(replay, judge, words, passwords) &&
            play(replay, words, is_recording, durability))
            status = replay_check_counts(judge)->differences == 0 ? LAB_OK : LAB_FAILED;
    }
    secret_forget(passwords, sizeof passwords);
    if (status == LAB_REFUSED && replay->error[0] != '\0')
        fprintf(stderr, "lab: %s\n", replay->error);
    if (replay->desk != NULL) {
        if (replay_check_counts(judge)->differences > 0)
            status = LAB_FAILED;
        replay_desk_close(replay->desk);
    }
    replay_check_free(judge);
    return status;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number) {
    char *end;

    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *number <= max;
}

static bool read_words(int argc, char **argv, struct replay_words *words) {
    static const struct option options[] = {
        {"var", required_argument, NULL, 'v'},   {"host", required_argument, NULL, 'h'},
        {"port", required_argument, NULL, 'p'},  {"limit", required_argument, NULL, 'l'},
        {"speed", required_argument, NULL, 's'}, {NULL, 0, NULL, 0},
    };
    bool good = true;
    int option;

    *words = (struct replay_words){.var_path = "var"};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'v': words->var_path = optarg; break;
        case 'h': words->host = optarg; break;
        case 'p': good = read_number(optarg, 65535, &words->port) && words->port > 0; break;
        case 'l': good = read_number(optarg, UINT64_MAX, &words->limit) && words->limit > 0; break;
        case 's':
            good = strcmp(optarg, "max") == 0 ||
                   (read_number(optarg, 1000000, &words->speed) && words->speed > 0);
            break;
        default: good = false;
        }
        if (!good)
            return false;
    }
    words->path = optind + 1 == argc ? argv[optind] : NULL;
    return words->path != NULL;
}

int lab_replay(int argc, char **argv) {
    static struct replay replay;
    struct replay_words words;
    struct demo_file_place place;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return LAB_OK;
    }
    if (!read_words(argc, argv, &words)) {
        fputs(usage, stderr);
        return LAB_REFUSED;
    }
    demo_file_order_entry(words.var_path, &place);
    words.host = words.host == NULL ? place.host : words.host;
    words.port = words.port == 0 ? place.port : words.port;
    replay.message_max = words.limit;
    replay.speed = words.speed;
    replay.progress = isatty(STDERR_FILENO) ? progress_show : NULL;
    return run(&replay, &words);
}
