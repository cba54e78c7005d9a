#include "apps/tools/crosspoint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct crosspoint_command commands[] = {
    {"status", "", "how the running exchange is", command_status},
    {"asset add", "NAME DECIMALS", "lists an asset: one unit is 10^DECIMALS atoms",
     command_asset_add},
    {"asset list", "", "assets and what of each is in the house", command_asset_list},
    {"instrument add",
     "SYMBOL BASE QUOTE --tick PRICE --lot QTY [--center PRICE] [--k BITS] [--maker-fee RATE] "
     "[--taker-fee RATE] "
     "[--min-notional AMOUNT] [--max-order QTY] [--collar RATE]",
     "lists an instrument, or changes fees, collar and limits of a listed one",
     command_instrument_add},
    {"instrument list", "", "instruments and their terms", command_instrument_list},
    {"instrument halt", "SYMBOL", "no new orders; cancels still work", command_instrument_state},
    {"instrument close", "SYMBOL", "neither orders nor cancels", command_instrument_state},
    {"instrument open", "SYMBOL", "trade again", command_instrument_state},
    {"depth", "SYMBOL [--levels N]", "the book, best levels first", command_depth},
    {"account add", "NAME [--open-orders N]", "creates an account, prints its number",
     command_account_add},
    {"account list", "", "accounts", command_account_list},
    {"account suspend", "ACCOUNT", "it may cancel, and place no more", command_account_state},
    {"account resume", "ACCOUNT", "it may place again", command_account_state},
    {"user add", "ACCOUNT USERNAME",
     "gives an account a name for order entry, prints the password once", command_user_add},
    {"deposit", "ACCOUNT ASSET AMOUNT [REFERENCE]", "credits an account", command_deposit},
    {"balance", "ACCOUNT", "what an account has and holds", command_balance},
    {"cancel-all", "ACCOUNT [SYMBOL]", "cancels an account's orders, waiting ones too",
     command_cancel_all},
    {"day", "[YYYYMMDD]", "begins a business day: order entry sessions start again", command_day},
    {"digest", "", "digests of matcher and ledger, and where in the journal", command_digest},
    {"journal", "[--from RECORD] [--count N] [--follow]", "prints records in readable form",
     command_journal},
    {"verify", "", "recounts the journal from the files alone: hash chain, replay, money",
     command_verify},
    {"demo", "[--order-entry HOST:PORT] [--namespace NAME]",
     "lists the demo's instruments, funds its accounts, writes demo.json", command_demo},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void crosspoint_help(FILE *out) {
    fputs("usage: crosspoint [--var DIR] COMMAND ...\n\nOperates the exchange that runs on DIR "
          "(default: var).\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %s %s\n      %s\n", commands[i].name, commands[i].arguments,
                commands[i].help);
    fputs("\nPrices, quantities and amounts are plain decimals in units (0.10, 25000). RATE 0.001 "
          "is 0.1 %.\n",
          out);
}

int crosspoint_usage(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            fprintf(stderr, "usage: crosspoint %s %s\n", commands[i].name, commands[i].arguments);
    return 2;
}

/* How many words of argv the command's name takes up; 0: it is another. */
static int crosspoint_matches(const struct crosspoint_command *command, int argc, char **argv) {
    const char *space = strchr(command->name, ' ');
    size_t first = space == NULL ? strlen(command->name) : (size_t)(space - command->name);

    if (strlen(argv[0]) != first || strncmp(argv[0], command->name, first) != 0)
        return 0;
    if (space == NULL)
        return 1;
    return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

int main(int argc, char **argv) {
    struct crosspoint crosspoint = {.var_path = "var"};
    int at = 1;

    while (at < argc && strncmp(argv[at], "--", 2) == 0) {
        if (strcmp(argv[at], "--help") == 0) {
            crosspoint_help(stdout);
            return 0;
        }
        if (strcmp(argv[at], "--var") != 0 || at + 1 == argc) {
            crosspoint_help(stderr);
            return 2;
        }
        crosspoint.var_path = argv[at + 1];
        at += 2;
    }
    for (size_t i = 0; at < argc && i < COMMAND_COUNT; i++) {
        int words = crosspoint_matches(&commands[i], argc - at, argv + at);

        if (words == 0)
            continue;
        if (at + words < argc && strcmp(argv[at + words], "--help") == 0) {
            printf("usage: crosspoint %s %s\n\n%s\n", commands[i].name, commands[i].arguments,
                   commands[i].help);
            return 0;
        }
        /* argv[0] of the command is its whole name, so that one function may serve several. */
        argv[at + words - 1] = (char *)(unsigned long)(commands[i].name);
        return commands[i].run(&crosspoint, argc - at - words + 1, argv + at + words - 1);
    }
    crosspoint_help(stderr);
    return 2;
}
