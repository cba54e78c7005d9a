/* The log: one line per fact, to standard error, written by one system call so that lines of several threads
 * never mix.
 *
 *     2026-11-21T12:00:00.123456Z INFO journal recovered last_seq=5123 cut_bytes=448
 *     time, UTC                   level room   message and key=value pairs, in words of the caller
 *
 * Log at the edge, once per fact, and never on the order path. Bytes below space are printed as '?', so that what
 * came from outside cannot forge a line. A line longer than LOG_LINE_BYTES is cut and ends in "...". */
#ifndef OS_LOG_H
#define OS_LOG_H

#define LOG_LINE_BYTES 1024

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Lines below this level are not written; LOG_LEVEL_INFO at first. Set it before threads start. */
void log_set_level(enum log_level level);
void log_line(enum log_level level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(room, ...) log_line(LOG_LEVEL_DEBUG, room, __VA_ARGS__)
#define log_info(room, ...)  log_line(LOG_LEVEL_INFO, room, __VA_ARGS__)
#define log_warn(room, ...)  log_line(LOG_LEVEL_WARN, room, __VA_ARGS__)
#define log_error(room, ...) log_line(LOG_LEVEL_ERROR, room, __VA_ARGS__)

#endif
