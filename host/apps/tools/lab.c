#include "apps/tools/lab.h"

#include <stdio.h>
#include <string.h>

struct subcommand {
    const char *name;
    const char *purpose;
    int (*run)(int argc, char **argv);
};

static const struct subcommand subcommands[] = {
    {"match", "run a matcher over a file of readable commands and print its events", lab_match},
    {"replay", "send a recorded market to the exchange and hold it to the reference", lab_replay},
};

#define SUBCOMMAND_COUNT (sizeof subcommands / sizeof *subcommands)

static void print_help(FILE *out) {
    fputs("usage: lab SUBCOMMAND [OPTION]... [FILE]\n"
          "Tools to look at crosspoint from the outside.\n\n",
          out);
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", subcommands[i].name, subcommands[i].purpose);
    fputs("\n`lab SUBCOMMAND --help` says the rest.\n", out);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return LAB_REFUSED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return LAB_OK;
    }
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "lab: no subcommand '%s'; see lab --help\n", argv[1]);
    return LAB_REFUSED;
}
