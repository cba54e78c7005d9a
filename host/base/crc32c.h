/* CRC-32C (Castagnoli, reflected 0x82F63B78, initial and final complement): the checksum of every record.
 * crc32c("123456789") is 0xE3069283. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a whole block; by the processor's instruction where it has one. */
uint32_t crc32c(const void *bytes, size_t count);
/* Goes on from `crc`, the result for what came before; 0 starts. */
uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count);

/* The two ways behind it, which agree. Call the first only where crc32c_has_instruction. */
bool crc32c_has_instruction(void);
uint32_t crc32c_extend_instruction(uint32_t crc, const void *bytes, size_t count);
uint32_t crc32c_extend_table(uint32_t crc, const void *bytes, size_t count);

#endif
