/* FNV-1a, 64 bits, over numbers of 8 bytes, low byte first: how equal states are recognised (docs/matching.md §7). */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stdint.h>

struct digest {
    uint64_t hash;
};

static inline void digest_start(struct digest *digest) {
    digest->hash = UINT64_C(0xCBF29CE484222325);
}

static inline void digest_number(struct digest *digest, uint64_t number) {
    for (int byte = 0; byte < 8; byte++) {
        digest->hash ^= number & 0xFF;
        digest->hash *= UINT64_C(0x100000001B3);
        number >>= 8;
    }
}

#endif
