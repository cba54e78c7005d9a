/* Inputs that more than one command makes. */
#ifndef TOOLS_CROSSPOINT_SUBMIT_H
#define TOOLS_CROSSPOINT_SUBMIT_H

#include "apps/tools/operator_client.h"
#include "os/secret.h"

/* An empty record of an input kind. */
union record submit_record(enum record_kind kind);
/* Each says on standard error what was refused, and why. */
NODISCARD bool submit_deposit(struct operator_client *client, uint32_t account, uint16_t asset,
                              amount_t amount_atoms, const char *reference);
/* Makes a password, submits its verifier, hands the password out. */
NODISCARD bool submit_credential(struct operator_client *client, uint32_t account,
                                 const char *username, char password[SECRET_PASSWORD_BYTES + 1]);

#endif
