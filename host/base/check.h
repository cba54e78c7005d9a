/* check(condition): an assertion that is on in every build, for our own mistakes only.
 *
 * A refusal (no funds, off-tick price) is an enum result; trouble with the world (disk full) is handled by
 * the shell. What is left is a state that cannot be: going on would spread it, so the process stops here.
 * One condition per check. Checks are cheap and stay in the hot path. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define NODISCARD           __attribute__((warn_unused_result))
#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Writes one line to standard error and aborts. The only I/O in the pure rooms: a last word. */
__attribute__((noreturn, cold)) void check_failed(const char *condition, const char *file,
                                                  int line);

#define check(condition)                                                                           \
    do {                                                                                           \
        if (UNLIKELY(!(condition)))                                                                \
            check_failed(#condition, __FILE__, __LINE__);                                          \
    } while (0)

#endif
