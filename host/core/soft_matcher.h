/* The C matcher: docs/matching.md complete, behind the matcher port.
 *
 * Shape: per instrument one dense window of ticks with a hierarchical 64-ary bitmap and intrusive FIFO
 * lists; levels outside the window (k > 18) live in a radix-64 trie. Orders are indexed by the host's
 * handle. All memory is taken from the arena at init and on declare; nothing is allocated afterwards.
 *
 * Events wait in a queue sized for the worst command (every handle twice, plus its own), so submit
 * answers MATCHER_FULL only while earlier events wait to be polled. */
#ifndef CORE_SOFT_MATCHER_H
#define CORE_SOFT_MATCHER_H

#include "base/arena.h"
#include "core/matcher.h"

struct soft_matcher;

/* Bytes that soft_matcher_init and `instruments` declares of at most `k` take from the arena. */
size_t soft_matcher_bytes(const struct matcher_limits *limits, uint32_t instruments, uint32_t k);
struct soft_matcher *soft_matcher_init(struct arena *arena, const struct matcher_limits *limits);
struct matcher soft_matcher_port(struct soft_matcher *soft);

#endif
