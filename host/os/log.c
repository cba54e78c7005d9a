#include "os/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum log_level log_least = LOG_LEVEL_INFO;

void log_set_level(enum log_level level) {
    log_least = level;
}

static const char *log_level_name(enum log_level level) {
    switch (level) {
    case LOG_LEVEL_DEBUG: return "DEBUG";
    case LOG_LEVEL_INFO: return "INFO";
    case LOG_LEVEL_WARN: return "WARN";
    case LOG_LEVEL_ERROR: return "ERROR";
    }
    return "?";
}

static size_t log_write_time(char *line, size_t max) {
    struct timespec now = {0};
    struct tm date;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    size_t used = strftime(line, max, "%Y-%m-%dT%H:%M:%S", &date);
    return used + (size_t)snprintf(line + used, max - used, ".%06ldZ", now.tv_nsec / 1000);
}

void log_line(enum log_level level, const char *room, const char *format, ...) {
    char line[LOG_LINE_BYTES];
    const size_t max = sizeof line - sizeof "...\n"; /* room for the mark of a cut line */
    size_t used;
    va_list arguments;

    if (level < log_least)
        return;
    used = log_write_time(line, max);
    used += (size_t)snprintf(line + used, max - used, " %s %.32s ", log_level_name(level), room);

    va_start(arguments, format);
    int wanted = vsnprintf(line + used, max - used, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        wanted = 0;
    bool cut = (size_t)wanted >= max - used;
    used = cut ? max - 1 : used + (size_t)wanted;

    for (size_t i = 0; i < used; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 127)
            line[i] = '?';
    used += (size_t)snprintf(line + used, sizeof line - used, "%s\n", cut ? "..." : "");
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored; /* there is no better place to say that the log cannot be written */
}
