/* SipHash-2-4: a short keyed hash that cannot be predicted without its key (Aumasson and Bernstein,
 * 2012). */
#ifndef NET_SIPHASH_H
#define NET_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t words[2];
};

uint64_t siphash(const struct siphash_key *key, const unsigned char *bytes, size_t length_bytes);

#endif
