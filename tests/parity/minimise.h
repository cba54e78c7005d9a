/* From a long run that ends in a difference to the shortest list of commands that still shows one. */
#ifndef PARITY_MINIMISE_H
#define PARITY_MINIMISE_H

#include "parity/compare.h"

/* Drops commands from the list, in place, as long as the rest still ends in a difference; returns how many
 * stay, the differing one last. Any subset of a stream is a valid stream: at worst its commands are
 * rejected. Stops early after a bounded number of runs. */
size_t minimise(struct compare *compare, struct matcher_command *commands, size_t count);

/* Runs the list again and prints it in readable form, with what both said to the last command. */
void minimise_print(struct compare *compare, struct matcher_command *commands, size_t count);

#endif
