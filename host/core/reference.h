/* The reference matcher: docs/matching.md in the slowest, most obvious way: sorted lists, no cleverness.
 *
 * Tests and `lab match --matcher=reference` hold the C matcher and the card against it. It shares no code
 * with them beyond matcher.h, and is written from the specification alone. */
#ifndef CORE_REFERENCE_H
#define CORE_REFERENCE_H

#include "base/arena.h"
#include "core/matcher.h"

struct reference;

/* Bytes that reference_init takes from the arena, whose block must be zeroed. Declares take none. */
size_t reference_bytes(const struct matcher_limits *limits);
struct reference *reference_init(struct arena *arena, const struct matcher_limits *limits);
struct matcher reference_port(struct reference *reference);

#endif
