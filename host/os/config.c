#include "os/config.h"

#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
    config_t file;
    const char *sets[CONFIG_SETS_MAX];
    size_t set_count;
    const char *asked[CONFIG_KEYS_MAX];
    size_t asked_count;
    char complaint[256]; /* about the first bad value; empty while all is well */
};

struct config *config_open(const char *path, char *error, size_t error_bytes) {
    struct config *config = calloc(1, sizeof *config);

    if (config == NULL) {
        snprintf(error, error_bytes, "out of memory");
        return NULL;
    }
    config_init(&config->file);
    if (path != NULL && config_read_file(&config->file, path) != CONFIG_TRUE) {
        if (config_error_type(&config->file) == CONFIG_ERR_FILE_IO)
            snprintf(error, error_bytes, "%s: cannot be read: %s", path, strerror(errno));
        else
            snprintf(error, error_bytes, "%s:%d: %s", path, config_error_line(&config->file),
                     config_error_text(&config->file));
        config_close(config);
        return NULL;
    }
    return config;
}

void config_close(struct config *config) {
    if (config == NULL)
        return;
    config_destroy(&config->file);
    free(config);
}

bool config_set(struct config *config, const char *assignment) {
    const char *equals = strchr(assignment, '=');

    if (equals == NULL || equals == assignment || config->set_count == CONFIG_SETS_MAX)
        return false;
    config->sets[config->set_count++] = assignment;
    return true;
}

__attribute__((format(printf, 2, 3))) static void config_complain(struct config *config,
                                                                  const char *format, ...) {
    va_list arguments;

    if (config->complaint[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(config->complaint, sizeof config->complaint, format, arguments);
    va_end(arguments);
}

static void config_remember(struct config *config, const char *key) {
    check(config->asked_count < CONFIG_KEYS_MAX);
    config->asked[config->asked_count++] = key;
}

/* The value of the last --set for `key`, or NULL. */
static const char *config_override(const struct config *config, const char *key) {
    size_t length = strlen(key);

    for (size_t i = config->set_count; i > 0; i--)
        if (strncmp(config->sets[i - 1], key, length) == 0 && config->sets[i - 1][length] == '=')
            return config->sets[i - 1] + length + 1;
    return NULL;
}

const char *config_text(struct config *config, const char *key, const char *otherwise) {
    const char *set = config_override(config, key);
    config_setting_t *setting = config_lookup(&config->file, key);

    config_remember(config, key);
    if (set != NULL)
        return set;
    if (setting == NULL)
        return otherwise;
    if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
        config_complain(config, "%s must be a text in quotes", key);
        return otherwise;
    }
    return config_setting_get_string(setting);
}

int64_t config_number(struct config *config, const char *key, int64_t least, int64_t most,
                      int64_t otherwise) {
    const char *set = config_override(config, key);
    config_setting_t *setting = config_lookup(&config->file, key);
    int64_t value = otherwise;

    config_remember(config, key);
    if (set != NULL) {
        char *end = NULL;

        errno = 0;
        value = strtoll(set, &end, 10);
        if (*set == '\0' || *end != '\0' || errno != 0)
            config_complain(config, "%s must be a whole number, not '%s'", key, set);
    } else if (setting != NULL) {
        int type = config_setting_type(setting);

        if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64)
            value = config_setting_get_int64(setting);
        else
            config_complain(config, "%s must be a whole number", key);
    }
    if (value < least || value > most) {
        config_complain(config, "%s must be from %lld to %lld", key, (long long)least,
                        (long long)most);
        return otherwise;
    }
    return value;
}

bool config_flag(struct config *config, const char *key, bool otherwise) {
    const char *set = config_override(config, key);
    config_setting_t *setting = config_lookup(&config->file, key);

    config_remember(config, key);
    if (set != NULL) {
        if (strcmp(set, "true") == 0 || strcmp(set, "false") == 0)
            return set[0] == 't';
        config_complain(config, "%s must be true or false, not '%s'", key, set);
        return otherwise;
    }
    if (setting == NULL)
        return otherwise;
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL) {
        config_complain(config, "%s must be true or false", key);
        return otherwise;
    }
    return config_setting_get_bool(setting) != 0;
}

static bool config_was_asked(const struct config *config, const char *key, size_t length) {
    for (size_t i = 0; i < config->asked_count; i++)
        if (strncmp(config->asked[i], key, length) == 0 && config->asked[i][length] == '\0')
            return true;
    return false;
}

/* Complains about leaves of the section (groups within groups to a fixed depth) that nobody asked for. */
static void config_check_group(struct config *config, config_setting_t *group, const char *path) {
    enum { DEPTH_MAX = 4 };
    struct {
        config_setting_t *group;
        int next;
        char path[128];
    } stack[DEPTH_MAX];
    int depth = 0;

    stack[0].group = group;
    stack[0].next = 0;
    snprintf(stack[0].path, sizeof stack[0].path, "%s", path);
    while (depth >= 0) {
        config_setting_t *child =
            config_setting_get_elem(stack[depth].group, (unsigned)stack[depth].next++);
        char key[sizeof stack[0].path + 64];

        if (child == NULL) {
            depth--;
            continue;
        }
        snprintf(key, sizeof key, "%s.%s", stack[depth].path, config_setting_name(child));
        if (config_setting_is_group(child) == CONFIG_TRUE && depth + 1 < DEPTH_MAX &&
            strlen(key) < sizeof stack[0].path) {
            depth++;
            stack[depth].group = child;
            stack[depth].next = 0;
            memcpy(stack[depth].path, key, strlen(key) + 1);
        } else if (!config_was_asked(config, key, strlen(key))) {
            config_complain(config, "%s is no setting we know (docs/operating.md lists them)", key);
        }
    }
}

bool config_unknown(struct config *config, const char *section, char *error, size_t error_bytes) {
    config_setting_t *group = config_lookup(&config->file, section);

    if (group != NULL && config_setting_is_group(group) == CONFIG_TRUE)
        config_check_group(config, group, section);
    for (size_t i = 0; i < config->set_count; i++) {
        size_t length = strcspn(config->sets[i], "=");

        if (!config_was_asked(config, config->sets[i], length))
            config_complain(config, "--set %.*s: no setting we know (docs/operating.md lists them)",
                            (int)length, config->sets[i]);
    }
    snprintf(error, error_bytes, "%s", config->complaint);
    return config->complaint[0] == '\0';
}
