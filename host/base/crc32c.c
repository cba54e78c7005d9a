#include "base/crc32c.h"

#include "base/bytes.h"

/* The remainder of each value of four bits: small enough to check by eye, and only old machines need it. */
static const uint32_t remainder_of_nibble[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

uint32_t crc32c_extend_table(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    uint32_t state = ~crc;

    for (size_t i = 0; i < count; i++) {
        state ^= at[i];
        state = (state >> 4) ^ remainder_of_nibble[state & 15];
        state = (state >> 4) ^ remainder_of_nibble[state & 15];
    }
    return ~state;
}

#if defined(__x86_64__)
bool crc32c_has_instruction(void) {
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) uint32_t crc32c_extend_instruction(uint32_t crc,
                                                                     const void *bytes,
                                                                     size_t count) {
    const unsigned char *at = bytes;
    uint64_t state = ~crc;

    for (; count >= 8; count -= 8, at += 8)
        state = __builtin_ia32_crc32di(state, bytes_load_le64(at));
    for (; count > 0; count--, at++)
        state = __builtin_ia32_crc32qi((uint32_t)state, *at);
    return ~(uint32_t)state;
}
#else
bool crc32c_has_instruction(void) {
    return false;
}

uint32_t crc32c_extend_instruction(uint32_t crc, const void *bytes, size_t count) {
    return crc32c_extend_table(crc, bytes, count);
}
#endif

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
    if (crc32c_has_instruction())
        return crc32c_extend_instruction(crc, bytes, count);
    return crc32c_extend_table(crc, bytes, count);
}

uint32_t crc32c(const void *bytes, size_t count) {
    return crc32c_extend(0, bytes, count);
}
