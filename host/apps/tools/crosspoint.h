/* The commands of `crosspoint`. Each takes its own arguments (argv[0] is the last word of its name) and
 * returns the exit status: 0 done, 1 refused or failed (a line on standard error says why), 2 bad arguments. */
#ifndef TOOLS_CROSSPOINT_H
#define TOOLS_CROSSPOINT_H

struct crosspoint {
    const char *var_path;
};

struct crosspoint_command {
    const char *name; /* one or two words */
    const char *arguments;
    const char *help;
    int (*run)(const struct crosspoint *crosspoint, int argc, char **argv);
};

/* Prints "usage: crosspoint NAME ARGUMENTS" for the command that argv[0] belongs to, and returns 2. */
int crosspoint_usage(const char *name);

/* crosspoint_list.c: what the operator lists, funds and changes */
int command_asset_add(const struct crosspoint *crosspoint, int argc, char **argv);
int command_instrument_add(const struct crosspoint *crosspoint, int argc, char **argv);
int command_instrument_state(const struct crosspoint *crosspoint, int argc,
                             char **argv); /* halt, open, close */
int command_account_add(const struct crosspoint *crosspoint, int argc, char **argv);
int command_account_state(const struct crosspoint *crosspoint, int argc,
                          char **argv); /* suspend, resume */
int command_user_add(const struct crosspoint *crosspoint, int argc, char **argv);
int command_deposit(const struct crosspoint *crosspoint, int argc, char **argv);
int command_day(const struct crosspoint *crosspoint, int argc, char **argv);
int command_cancel_all(const struct crosspoint *crosspoint, int argc, char **argv);

/* crosspoint_read.c: what the journal says */
int command_status(const struct crosspoint *crosspoint, int argc, char **argv);
int command_digest(const struct crosspoint *crosspoint, int argc, char **argv);
int command_asset_list(const struct crosspoint *crosspoint, int argc, char **argv);
int command_instrument_list(const struct crosspoint *crosspoint, int argc, char **argv);
int command_account_list(const struct crosspoint *crosspoint, int argc, char **argv);
int command_depth(const struct crosspoint *crosspoint, int argc, char **argv);
int command_balance(const struct crosspoint *crosspoint, int argc, char **argv);
int command_journal(const struct crosspoint *crosspoint, int argc, char **argv);

/* crosspoint_verify.c */
int command_verify(const struct crosspoint *crosspoint, int argc, char **argv);

/* crosspoint_demo.c */
int command_demo(const struct crosspoint *crosspoint, int argc, char **argv);

#endif
