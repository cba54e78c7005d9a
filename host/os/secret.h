/* The key file: 32 random bytes, mode 0600, outside the journal and its backups. With it the exchange
 * turns passwords into verifiers, so that neither the journal nor PostgreSQL tells anybody a password, or lets
 * him try passwords on another machine. The operator places the same file on every node. */
#ifndef OS_SECRET_H
#define OS_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define SECRET_KEY_BYTES      32
#define SECRET_VERIFIER_BYTES 32
#define SECRET_USERNAME_BYTES 8  /* NUL padded */
#define SECRET_PASSWORD_BYTES 10 /* as SoupBinTCP carries it: space padded */

struct secret {
    uint8_t key[SECRET_KEY_BYTES];
};

/* Reads the key file at `path`; makes it when it is not there and `make` is set. False: one sentence in `error`. */
NODISCARD bool secret_load(struct secret *secret, const char *path, bool make, char *error,
                           size_t error_bytes);
/* HMAC-SHA256(key, username || password). */
void secret_verifier(const struct secret *secret, const char username[SECRET_USERNAME_BYTES],
                     const char password[SECRET_PASSWORD_BYTES],
                     uint8_t verifier[SECRET_VERIFIER_BYTES]);
/* A password of ten letters and digits, 50 bits, NUL terminated. */
void secret_make_password(char password[SECRET_PASSWORD_BYTES + 1]);
/* Overwrites it, in a way that the compiler keeps. */
void secret_forget(void *bytes, size_t count);

#endif
