#include "os/pin.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

bool pin_thread(int core) {
    cpu_set_t cores;

    if (core == PIN_CORE_ANY)
        return true;
    if (core < 0 || core >= CPU_SETSIZE)
        return false;
    CPU_ZERO(&cores);
    CPU_SET((size_t)core, &cores);
    return pthread_setaffinity_np(pthread_self(), sizeof cores, &cores) == 0;
}

bool pin_realtime(int priority) {
    struct sched_param parameters = {.sched_priority = priority};

    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0;
}

void pin_name(const char *name) {
    char text[PIN_THREAD_NAME_BYTES];

    snprintf(text, sizeof text, "%s", name);
    pthread_setname_np(pthread_self(), text);
}
