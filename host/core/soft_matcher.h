/* The C matcher: docs/matching.md complete, behind the matcher port.
 *
 * Shape: per instrument one dense window of ticks with a hierarchical 64-ary bitmap and intrusive FIFO
 * lists; levels outside the window (k > 18) live in a radix-64 trie. Orders are indexed by the host's
 * handle. All memory is taken from the arena at init and on declare; nothing is allocated afterwards.
 * The arena's block must be zeroed, and its owner should populate it before the first command: pages
 * faulted in one by one cost more than all of matching.
 *
 * Events wait in a queue sized for the worst command (every handle twice, plus its own), so submit
 * answers MATCHER_FULL only while earlier events wait to be polled. The queue starts over when it has
 * been emptied: poll to the end.
 *
 * Costs that grow: MASS_CANCEL and digest walk every order of the instrument, SET_BAND every level that it
 * evicts, fill-or-kill every order it counts. All else touches its own order, level and neighbours. */
#ifndef CORE_SOFT_MATCHER_H
#define CORE_SOFT_MATCHER_H

#include "base/arena.h"
#include "core/matcher.h"

struct soft_matcher;

/* Bytes that soft_matcher_init and `instruments` declares of at most `k` take from the arena, at most. */
size_t soft_matcher_bytes(const struct matcher_limits *limits, uint32_t instruments, uint32_t k);
struct soft_matcher *soft_matcher_init(struct arena *arena, const struct matcher_limits *limits);
struct matcher soft_matcher_port(struct soft_matcher *soft);

#endif
