#include "apps/tools/crosspoint.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps/tools/arguments.h"
#include "apps/tools/listing.h"
#include "apps/tools/operator_client.h"
#include "apps/tools/record_text.h"
#include "base/decimal.h"
#include "core/matcher.h"
#include "os/clock.h"

#define FOLLOW_SLEEP_NS 20000000u

int command_status(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    struct operator_answer answer;
    int status = 1;

    if (argc != 1)
        return crosspoint_usage(argv[0]);
    if (operator_client_open(&client, crosspoint->var_path) &&
        operator_client_ask(&client, OPERATOR_STATUS, NULL, &answer)) {
        const struct operator_status *is = &answer.status;
        uint64_t up_s = (clock_wall_ns() - is->started_ns) / 1000000000u;

        printf("running     process %u, for %llu s, epoch %u, build %.40s\n", is->process_id,
               (unsigned long long)up_s, is->epoch, is->build);
        printf("journal     record %llu appended, %llu durable (%.16s)\n",
               (unsigned long long)is->record_seq, (unsigned long long)is->durable_seq,
               is->durability);
        printf("matcher     %.16s\n", is->matcher);
        status = 0;
    }
    operator_client_close(&client);
    return status;
}

int command_digest(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct operator_client client;
    struct operator_answer answer;
    int status = 1;

    if (argc != 1)
        return crosspoint_usage(argv[0]);
    if (operator_client_open(&client, crosspoint->var_path) &&
        operator_client_ask(&client, OPERATOR_DIGEST, NULL, &answer)) {
        record_text_print(stdout, &answer.record);
        status = 0;
    }
    operator_client_close(&client);
    return status;
}

static void list_assets(const struct listing *listing) {
    printf("%5s  %-16s %s\n", "index", "asset", "decimals");
    for (uint32_t i = 0; i < listing->asset_count; i++)
        printf("%5u  %-16.16s %u\n", i, listing->assets[i].name, listing->assets[i].decimals);
}

static void list_instruments(const struct listing *listing) {
    static const char *const states[] = {"open", "halted", "closed"};

    printf("%5s  %-16s %-8s %14s %14s %10s %10s\n", "index", "symbol", "state", "tick", "lot",
           "maker fee", "taker fee");
    for (uint32_t i = 0; i < listing->instrument_count; i++) {
        const struct instrument_record *terms = &listing->instruments[i];
        char tick[DECIMAL_TEXT_BYTES], lot[DECIMAL_TEXT_BYTES], maker[DECIMAL_TEXT_BYTES],
            taker[DECIMAL_TEXT_BYTES];

        decimal_print(tick, (amount_t)terms->tick_e8, 8);
        decimal_print(lot, (amount_t)terms->lot_atoms, listing->assets[terms->base_asset].decimals);
        decimal_print(maker, terms->maker_fee_ppm, 6);
        decimal_print(taker, terms->taker_fee_ppm, 6);
        printf("%5u  %-16.16s %-8s %14s %14s %10s %10s\n", i, terms->symbol,
               listing->states[i] <= STATE_CLOSED ? states[listing->states[i]] : "?", tick, lot,
               maker, taker);
    }
}

static void list_accounts(const struct listing *listing) {
    printf("%7s  %-16s %s\n", "account", "name", "");
    for (uint32_t i = ACCOUNT_FIRST_CLIENT; i < listing->account_top; i++)
        if (listing->accounts[i].name[0] != '\0')
            printf("%7u  %-16.16s %s\n", i, listing->accounts[i].name,
                   listing->accounts[i].account_flags & ACCOUNT_SUSPENDED ? "suspended" : "");
}

int command_list(const struct crosspoint *crosspoint, int argc, char **argv) {
    if (argc != 1)
        return crosspoint_usage(argv[0]);
    struct listing *listing = listing_read(crosspoint->var_path);

    if (listing == NULL)
        return 1;
    switch (argv[0][0] == 'a' ? argv[0][1] : argv[0][0]) {
    case 's': list_assets(listing); break;
    case 'i': list_instruments(listing); break;
    default: list_accounts(listing); break;
    }
    free(listing);
    return 0;
}

struct journal_words {
    uint64_t from;
    uint64_t count;
    bool follow;
};

static bool journal_read_words(int argc, char **argv, struct journal_words *words) {
    static const struct option options[] = {{"from", required_argument, NULL, 'f'},
                                            {"count", required_argument, NULL, 'c'},
                                            {"follow", no_argument, NULL, 'F'},
                                            {NULL, 0, NULL, 0}};
    int option;

    *words = (struct journal_words){.from = 1, .count = UINT64_MAX};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            if (!argument_number("--from", optarg, INT64_MAX, &words->from) || words->from == 0)
                return false;
            break;
        case 'c':
            if (!argument_number("--count", optarg, INT64_MAX, &words->count))
                return false;
            break;
        case 'F': words->follow = true; break;
        default: return false;
        }
    }
    return optind == argc;
}

int command_journal(const struct crosspoint *crosspoint, int argc, char **argv) {
    struct journal_words words;
    struct journal_source source;
    union record record;
    enum read_result result = READ_RECORD;

    if (!journal_read_words(argc, argv, &words))
        return crosspoint_usage(argv[0]);
    if (!journal_source_open(&source, crosspoint->var_path, words.from - 1))
        return 1;
    while (words.count > 0 && !ferror(stdout)) {
        result = journal_source_next(&source, &record);
        if (result == READ_RECORD) {
            record_text_print(stdout, &record);
            words.count--;
        } else if (result == READ_NOTHING && words.follow) {
            fflush(stdout);
            clock_sleep_ns(FOLLOW_SLEEP_NS);
        } else {
            break;
        }
    }
    journal_source_close(&source);
    return result == READ_RECORD || result == READ_NOTHING ? 0 : 1;
}
