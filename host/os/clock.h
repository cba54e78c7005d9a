/* The two clocks. Pure rooms never read them: times are arguments. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

/* Since some fixed moment; never falls, also across a change of the wall clock. For durations and timers. */
uint64_t clock_monotonic_ns(void);
/* Since 1970 UTC. May fall when somebody sets the clock; whoever writes it into records keeps it from falling. */
uint64_t clock_wall_ns(void);
/* Sleeps about so long; for loops that have nothing to do on a small machine. */
void clock_sleep_ns(uint64_t duration_ns);

#endif
