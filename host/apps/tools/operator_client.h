/* The tool's side of the operator's socket. */
#ifndef TOOLS_OPERATOR_CLIENT_H
#define TOOLS_OPERATOR_CLIENT_H

#include <stdbool.h>

#include "apps/operator.h"
#include "base/check.h"

struct operator_client {
    int fd;
    const char *var_path;
};

/* False, and a line on standard error that says what to do. */
NODISCARD bool operator_client_open(struct operator_client *client, const char *var_path);
/* Asks and waits. False, and a line on standard error, when there was no answer or it was no OPERATOR_DONE. */
NODISCARD bool operator_client_ask(struct operator_client *client, enum operator_what what,
                                   const union record *record, struct operator_answer *answer);
/* Submits `record`; prints the refusal, if it was one, and answers whether it was taken. `record` becomes the
 * record as the journal holds it. */
NODISCARD bool operator_client_submit(struct operator_client *client, union record *record);
void operator_client_close(struct operator_client *client);

#endif
