/* The configuration: one file in libconfig syntax (crosspoint.conf), overridden by `--set key=value` flags.
 *
 * Keys are paths ("exchange.journal.segment_mib"). A program asks for each key it knows, with its default;
 * whatever else stands in the file under its section is a misspelling, and config_unknown names it, so that a
 * setting never fails silently. Every key is documented in docs/operating.md. */
#ifndef OS_CONFIG_H
#define OS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define CONFIG_SETS_MAX 64  /* more --set flags are refused */
#define CONFIG_KEYS_MAX 128 /* keys that a program may ask for */

struct config;

/* `path` NULL: no file, defaults only. NULL is returned, and one sentence stands in `error`, when the file
 * cannot be read or is not in the syntax. */
struct config *config_open(const char *path, char *error, size_t error_bytes);
void config_close(struct config *config);

/* `assignment` is "key=value" and must outlive the configuration. False: no '=' in it, or too many. */
NODISCARD bool config_set(struct config *config, const char *assignment);

/* A value of the wrong type is remembered and named by config_unknown; the default is returned. */
const char *config_text(struct config *config, const char *key, const char *otherwise);
int64_t config_number(struct config *config, const char *key, int64_t least, int64_t most,
                      int64_t otherwise);
bool config_flag(struct config *config, const char *key, bool otherwise);

/* After all keys were asked for: false and one sentence in `error` when a key under `section` (or a --set) is
 * unknown, of the wrong type or out of its range. */
NODISCARD bool config_unknown(struct config *config, const char *section, char *error,
                              size_t error_bytes);

#endif
