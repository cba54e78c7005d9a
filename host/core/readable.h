/* The readable form of docs/matching.md §8: commands and settings from text, and all of it to text.
 *
 * One line at a time, no state: whether an instrument was declared, or LIMITS came first, is for the
 * caller to know. Keys are accepted in any order, with any blanks between them; what is printed has every
 * field that applies, in the order of the specification, with one space. */
#ifndef CORE_READABLE_H
#define CORE_READABLE_H

#include "core/matcher.h"

#define READABLE_LINE_MAX  320 /* bytes of the longest line we print, without newline */
#define READABLE_ERROR_MAX 160

#define READABLE_QTY_BITS 32u /* what a file without LIMITS means */
#define READABLE_HANDLES  65536u

enum readable_kind {
    READABLE_NOTHING, /* blank, or a comment */
    READABLE_LIMITS,
    READABLE_INSTRUMENT,
    READABLE_COMMAND,
    READABLE_BAD, /* cannot be read: `error` says why in one sentence without newline */
};

struct readable_limits {
    uint32_t qty_bits;
    uint32_t handle_count;
};

struct readable_instrument {
    uint32_t base_ticks;
    uint32_t k; /* base + 2^k <= 2^32 was checked */
    uint16_t number;
};

struct readable_line {
    struct matcher_command command; /* `seq` is the caller's to give */
    struct readable_limits limits;
    struct readable_instrument instrument;
    enum readable_kind kind; /* which of the three is filled */
    char error[READABLE_ERROR_MAX];
};

/* Reads one line of `length` bytes, without its newline; needs no terminating NUL. */
void readable_parse(const char *text, size_t length, struct readable_line *line);

/* Prints a setting or command; returns how many bytes, without newline or NUL. */
size_t readable_print_line(const struct readable_line *line, char out[READABLE_LINE_MAX]);
size_t readable_print_command(const struct matcher_command *command, char out[READABLE_LINE_MAX]);
size_t readable_print_event(const struct matcher_event *event, char out[READABLE_LINE_MAX]);

/* "DIGEST 0123456789abcdef" */
size_t readable_print_digest(uint64_t digest, char out[READABLE_LINE_MAX]);

#endif
