/* The laboratory's subcommands: each is a small program of its own behind `lab NAME`.
 *
 * A subcommand gets its own argc and argv, argv[0] being its name, and returns the exit code: 0 done,
 * 1 the thing under test failed, 2 it was asked wrongly or its input is bad. */
#ifndef APPS_TOOLS_LAB_H
#define APPS_TOOLS_LAB_H

#define LAB_OK      0
#define LAB_FAILED  1
#define LAB_REFUSED 2

int lab_match(int argc, char **argv);
int lab_replay(int argc, char **argv);

#endif
