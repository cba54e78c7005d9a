#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void check_failed(const char *condition, const char *file, int line) {
    char message[512];
    int bytes =
        snprintf(message, sizeof message, "check failed: %s (%s:%d)\n", condition, file, line);

    if (bytes > 0) {
        size_t length = strnlen(message, sizeof message);
        ssize_t ignored = write(STDERR_FILENO, message, length);
        (void)ignored; /* about to abort: there is nobody left to tell */
    }
    abort();
}
