/* The compiler and machine, for lwIP: x86-64 or aarch64 with glibc. */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>
#include <stdlib.h>

#define BYTE_ORDER            LITTLE_ENDIAN
#define LWIP_CHKSUM_ALGORITHM 3

/* A broken state inside the stack stops the process, as check() does: carrying on would corrupt
 * what clients see. */
__attribute__((noreturn, cold)) void lwip_assert_failed(const char *message, const char *file,
                                                        int line);
#define LWIP_PLATFORM_ASSERT(message) lwip_assert_failed(message, __FILE__, __LINE__)
#define LWIP_PLATFORM_DIAG(message)   ((void)0)

/* Ephemeral ports of net_connect; must not be guessable, need not be repeatable. */
unsigned int lwip_random(void);
#define LWIP_RAND() lwip_random()

#endif
