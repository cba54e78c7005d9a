/* Loads and stores of integers in memory of any alignment, little-endian (le: our own records, files and
 * rings) and big-endian (be: the network's protocols). The caller has checked that the bytes are there. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the le loads below are plain copies");

static inline uint16_t bytes_load_le16(const void *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t bytes_load_le32(const void *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t bytes_load_le64(const void *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void bytes_store_le16(void *at, uint16_t value) {
    memcpy(at, &value, sizeof value);
}

static inline void bytes_store_le32(void *at, uint32_t value) {
    memcpy(at, &value, sizeof value);
}

static inline void bytes_store_le64(void *at, uint64_t value) {
    memcpy(at, &value, sizeof value);
}

static inline uint16_t bytes_load_be16(const void *at) {
    return __builtin_bswap16(bytes_load_le16(at));
}

static inline uint32_t bytes_load_be32(const void *at) {
    return __builtin_bswap32(bytes_load_le32(at));
}

static inline uint64_t bytes_load_be64(const void *at) {
    return __builtin_bswap64(bytes_load_le64(at));
}

static inline void bytes_store_be16(void *at, uint16_t value) {
    bytes_store_le16(at, __builtin_bswap16(value));
}

static inline void bytes_store_be32(void *at, uint32_t value) {
    bytes_store_le32(at, __builtin_bswap32(value));
}

static inline void bytes_store_be64(void *at, uint64_t value) {
    bytes_store_le64(at, __builtin_bswap64(value));
}

/* 48 bits: ITCH's nanoseconds since midnight. The store drops what is above. */
static inline uint64_t bytes_load_be48(const void *at) {
    const unsigned char *from = at;
    return (uint64_t)bytes_load_be16(from) << 32 | bytes_load_be32(from + 2);
}

static inline void bytes_store_be48(void *at, uint64_t value) {
    unsigned char *to = at;
    bytes_store_be16(to, (uint16_t)(value >> 32));
    bytes_store_be32(to + 2, (uint32_t)value);
}

#endif
