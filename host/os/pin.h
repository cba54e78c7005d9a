/* Where and how a thread runs. Each call is for the calling thread, and false means that the system refused:
 * log it and go on, the thread is merely slower. */
#ifndef OS_PIN_H
#define OS_PIN_H

#include <stdbool.h>

#include "base/check.h"

#define PIN_CORE_ANY          (-1)
#define PIN_THREAD_NAME_BYTES 16 /* the kernel's limit, with the NUL; longer names are cut */

/* PIN_CORE_ANY leaves the choice to the scheduler. */
NODISCARD bool pin_thread(int core);
/* SCHED_FIFO at this priority (1..99); needs CAP_SYS_NICE. Keeps the tail of a sync short on a busy machine. */
NODISCARD bool pin_realtime(int priority);
/* As ps -L and top -H show it. */
void pin_name(const char *name);

#endif
