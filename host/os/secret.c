#include "os/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static void secret_random(void *bytes, size_t count) {
    ssize_t got = getrandom(bytes, count, 0);

    check(got == (ssize_t)count); /* up to 256 bytes are never short */
}

static bool secret_make(const char *path) {
    uint8_t key[SECRET_KEY_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST;
    secret_random(key, sizeof key);
    bool written = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;

    close(fd);
    secret_forget(key, sizeof key);
    if (!written)
        unlink(path);
    return written;
}

bool secret_load(struct secret *secret, const char *path, bool make, char *error,
                 size_t error_bytes) {
    struct stat status;

    if (make && !secret_make(path)) {
        snprintf(error, error_bytes, "cannot make the key file %s: %s", path, strerror(errno));
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0) {
        snprintf(error, error_bytes, "cannot read the key file %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool whole = read(fd, secret->key, sizeof secret->key) == (ssize_t)sizeof secret->key;

    close(fd);
    if (!whole || status.st_size != SECRET_KEY_BYTES || (status.st_mode & 0077) != 0) {
        snprintf(error, error_bytes, "the key file %s must have %d bytes and mode 0600", path,
                 SECRET_KEY_BYTES);
        return false;
    }
    return true;
}

void secret_verifier(const struct secret *secret, const char username[SECRET_USERNAME_BYTES],
                     const char password[SECRET_PASSWORD_BYTES],
                     uint8_t verifier[SECRET_VERIFIER_BYTES]) {
    uint8_t text[SECRET_USERNAME_BYTES + SECRET_PASSWORD_BYTES];
    unsigned length = SECRET_VERIFIER_BYTES;

    memcpy(text, username, SECRET_USERNAME_BYTES);
    memcpy(text + SECRET_USERNAME_BYTES, password, SECRET_PASSWORD_BYTES);
    const uint8_t *made =
        HMAC(EVP_sha256(), secret->key, SECRET_KEY_BYTES, text, sizeof text, verifier, &length);

    check(made != NULL);
    check(length == SECRET_VERIFIER_BYTES);
    secret_forget(text, sizeof text);
}

void secret_make_password(char password[SECRET_PASSWORD_BYTES + 1]) {
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32, without look-alikes */
    uint8_t bytes[SECRET_PASSWORD_BYTES];

    static_assert(sizeof alphabet == 33, "five bits each");
    secret_random(bytes, sizeof bytes);
    for (size_t i = 0; i < SECRET_PASSWORD_BYTES; i++)
        password[i] = alphabet[bytes[i] & 31];
    password[SECRET_PASSWORD_BYTES] = '\0';
    secret_forget(bytes, sizeof bytes);
}

void secret_forget(void *bytes, size_t count) {
    explicit_bzero(bytes, count);
}
