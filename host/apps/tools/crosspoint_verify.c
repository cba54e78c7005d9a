#include "apps/tools/crosspoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/tools/market.h"
#include "base/decimal.h"
#include "core/engine.h"
#include "core/soft_matcher.h"
#include "journal/recover.h"
#include "os/clock.h"

/* Three independent judges of one journal: the hash chain of its groups; a fresh engine that must make every
 * event again, byte for byte; and a recount of money from the records alone, which must agree with the engine's
 * ledger to the atom. */

#define PROGRESS_EVERY 65536
#define CHAIN_LOOKS    4 /* before damage is believed */
#define CHAIN_LOOK_NS  50000000u

struct verify {
    struct arena arena; /* listing an instrument takes its book from it */
    void *memory;
    size_t memory_bytes;
    struct engine *engine;
    struct market market;
    uint64_t count;
    uint64_t total;
};

/* An engine with the limits that the journal began with (its first record, a START). */
static bool verify_make_engine(struct verify *verify, const struct start_record *start) {
    struct engine_limits limits = {.account_max = start->account_max,
                                   .balance_max = start->balance_max,
                                   .order_max = start->order_max,
                                   .instrument_max = start->instrument_max};
    struct matcher_limits matcher_limits = {.qty_bits = QTY_BITS,
                                            .owner_bits = 16,
                                            .handle_count = start->order_max,
                                            .instrument_count = start->instrument_max};
    struct arena *arena = &verify->arena;

    verify->memory_bytes =
        engine_bytes(&limits) +
        soft_matcher_bytes(&matcher_limits, start->instrument_max, BAND_BITS_MAX) + 4096;
    verify->memory = mmap(NULL, verify->memory_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (verify->memory == MAP_FAILED) {
        verify->memory = NULL;
        return false;
    }
    arena_init(arena, verify->memory, verify->memory_bytes);
    verify->engine =
        engine_init(arena, &limits, soft_matcher_port(soft_matcher_init(arena, &matcher_limits)));
    return true;
}

static void verify_progress(const struct verify *verify) {
    if (isatty(STDERR_FILENO))
        fprintf(
            stderr, "\r%llu of %llu records, %llu %%", (unsigned long long)verify->count,
            (unsigned long long)verify->total,
            (unsigned long long)(verify->total == 0 ? 100 : verify->count * 100 / verify->total));
}

/* The hash chain, and where the journal ends. Beside a running exchange the last group may be half written. */
static bool verify_chain(struct verify *verify, const char *var_path) {
    char path[512];
    enum file_result result;
    struct recovered recovered = {0};

    snprintf(path, sizeof path, "%s/journal", var_path);
    struct posix_files *files = posix_files_open(path, POSIX_FILES_READ, &result);

    if (files == NULL) {
        fprintf(stderr, "crosspoint: no journal at %s: %s\n", path, file_result_text(result));
        return false;
    }
    enum recover_result verdict = RECOVER_CORRUPT;

    /* Beside a running exchange a group may be read while it is written: what is really damaged stays so. */
    for (int look = 0; look < CHAIN_LOOKS && verdict != RECOVER_OK && verdict != RECOVER_CUT;
         look++) {
        if (look > 0)
            clock_sleep_ns(CHAIN_LOOK_NS);
        recovered = (struct recovered){0};
        verdict = journal_verify(posix_files_port(files), 0, &recovered);
    }
    posix_files_close(files);
    if (verdict != RECOVER_OK && verdict != RECOVER_CUT) {
        printf("DAMAGED: %s\n", recovered.place);
        return false;
    }
    verify->total = recovered.last_record_seq;
    printf("hash chain  %llu groups, %llu records, epoch %u: whole\n",
           (unsigned long long)recovered.last_group, (unsigned long long)recovered.last_record_seq,
           recovered.epoch);
    return true;
}

static bool verify_replay(struct verify *verify, const char *var_path) {
    struct journal_source source;
    union record record;
    union record expected;
    bool same = true;

    if (!journal_source_open(&source, var_path, 0))
        return false;
    while (same && verify->count < verify->total &&
           journal_source_next(&source, &record) == READ_RECORD) {
        if (verify->engine == NULL && !verify_make_engine(verify, &record.start))
            break;
        same = engine_replay(verify->engine, &record, &expected) == REPLAY_OK;
        market_view_record(verify->market.view, &record);
        if (++verify->count % PROGRESS_EVERY == 0)
            verify_progress(verify);
    }
    journal_source_close(&source);
    verify_progress(verify);
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    if (!same)
        printf("DIFFERS: record %llu (kind %u) is not what the engine makes of the records before "
               "it (kind %u)\n",
               (unsigned long long)record.head.record_seq, record.head.kind, expected.head.kind);
    else if (verify->count < verify->total)
        printf("UNREADABLE: only %llu of %llu records could be read\n",
               (unsigned long long)verify->count, (unsigned long long)verify->total);
    else
        printf("replay      every event made again, byte for byte\n");
    return same && verify->count == verify->total;
}

/* Each account's balances, recounted from the records, against the engine's ledger; each asset's sum. */
static bool verify_money(const struct verify *verify) {
    const struct market_view *view = verify->market.view;
    uint64_t balances = 0;

    for (uint32_t asset = 0; asset < view->directory.asset_count; asset++)
        if (balances_view_sum(&view->balances, (uint16_t)asset) != 0) {
            char text[DECIMAL_TEXT_BYTES];

            decimal_print(text, balances_view_sum(&view->balances, (uint16_t)asset), 0);
            printf("UNBALANCED: %s: the sum over all accounts and the outside is %s atoms\n",
                   view->directory.assets[asset].name, text);
            return false;
        }
    for (uint32_t i = 0; i < view->balances.count; i++) {
        const struct balance_view *counted = &view->balances.balances[i];
        struct balance held = engine_balance(verify->engine, counted->account, counted->asset);

        if (held.available_atoms != counted->available_atoms ||
            held.held_atoms != counted->held_atoms) {
            printf("UNBALANCED: account %u, %s: the records and the ledger disagree\n",
                   counted->account, view->directory.assets[counted->asset].name);
            return false;
        }
        balances++;
    }
    if (verify->engine != NULL)
        engine_audit(verify->engine);
    printf("money       %u assets sum to zero, %llu balances recounted: equal\n",
           view->directory.asset_count, (unsigned long long)balances);
    return true;
}

int command_verify(const struct crosspoint *crosspoint, int argc, char **argv) {
    static struct verify verify;
    uint64_t begun_ns = clock_monotonic_ns();

    if (argc != 1)
        return crosspoint_usage(argv[0]);
    if (!market_open(&verify.market))
        return 1;
    bool good = verify_chain(&verify, crosspoint->var_path) &&
                verify_replay(&verify, crosspoint->var_path) && verify_money(&verify);

    market_close(&verify.market);
    if (verify.memory != NULL)
        munmap(verify.memory, verify.memory_bytes);
    if (good)
        printf("VERIFIED %llu records in %llu ms\n", (unsigned long long)verify.total,
               (unsigned long long)((clock_monotonic_ns() - begun_ns) / 1000000));
    return good ? 0 : 1;
}
