#include "apps/tools/crosspoint_submit.h"

#include <stdio.h>
#include <string.h>

#include "apps/tools/arguments.h"

#define SOUP_USERNAME_BYTES 6 /* SoupBinTCP carries no more */

union record submit_record(enum record_kind kind) {
    union record record;

    memset(&record, 0, sizeof record);
    record.head.kind = (uint8_t)kind;
    record.head.units = record_units((uint8_t)kind);
    record.head.instrument = INSTRUMENT_NONE;
    record.request.door = DOOR_OPERATOR;
    return record;
}

bool submit_deposit(struct operator_client *client, uint32_t account, uint16_t asset,
                    amount_t amount_atoms, const char *reference) {
    union record record = submit_record(RECORD_TRANSFER);

    record.request.account = account;
    record.transfer.asset = asset;
    record.transfer.amount_atoms = amount_atoms;
    record.transfer.transfer_kind = TRANSFER_DEPOSIT;
    record.transfer.transfer_state = TRANSFER_DONE;
    snprintf(record.transfer.reference, sizeof record.transfer.reference, "%s", reference);
    return operator_client_submit(client, &record);
}

bool submit_credential(struct operator_client *client, uint32_t account, const char *username,
                       char password[SECRET_PASSWORD_BYTES + 1]) {
    union record record = submit_record(RECORD_CREDENTIAL);
    struct secret secret;
    char path[512];
    char error[640];

    snprintf(path, sizeof path, "%s/secret.key", client->var_path);
    if (strlen(username) > SOUP_USERNAME_BYTES) {
        fprintf(
            stderr,
            "crosspoint: USERNAME: '%s' is longer than the %d characters that SoupBinTCP carries\n",
            username, SOUP_USERNAME_BYTES);
        return false;
    }
    if (!argument_name("USERNAME", username, record.credential.username,
                       sizeof record.credential.username))
        return false;
    if (!secret_load(&secret, path, false, error, sizeof error)) {
        fprintf(stderr, "crosspoint: %s\n", error);
        return false;
    }
    secret_make_password(password);
    record.request.account = account;
    secret_verifier(&secret, record.credential.username, password, record.credential.verifier);
    secret_forget(&secret, sizeof secret);
    return operator_client_submit(client, &record);
}
