/* Rows in PostgreSQL's COPY BINARY format, collected in memory until they are sent in one go.
 *
 *     header   "PGCOPY\n\377\r\n\0", flags u32 = 0, extension length u32 = 0      19 bytes
 *     row      column count u16; per column: length i32 (-1 = null), then the value
 *     end      u16 = 0xFFFF
 *
 * All big-endian. Values: int2/int4/int8 as they are; bool one byte; text and enum labels their bytes; numeric as
 * digit count u16, weight i16, sign u16 (0x4000 negative), scale u16, then digits of base 10,000.
 *
 * Nothing that stands in a record may make a row that PostgreSQL refuses, or one odd byte would stop the
 * projection for ever: text is made printable ASCII, numbers above int8 are stored as its largest.
 *
 * The memory grows to the largest batch and is kept; running out stops the process by check. */
#ifndef STORE_COPY_ROWS_H
#define STORE_COPY_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/amount.h"
#include "base/check.h"

struct copy_rows {
    unsigned char *bytes;
    size_t used_bytes;
    size_t max_bytes;
    size_t row_count;
};

/* A row begins with its column count; then exactly so many values follow. */
void copy_rows_begin(struct copy_rows *rows, uint16_t column_count);
void copy_rows_null(struct copy_rows *rows);
void copy_rows_bool(struct copy_rows *rows, bool value);
void copy_rows_int2(struct copy_rows *rows, uint16_t value);
void copy_rows_int4(struct copy_rows *rows, uint32_t value);
void copy_rows_int8(struct copy_rows *rows, uint64_t value);
void copy_rows_int8_or_null(struct copy_rows *rows, uint64_t value, uint64_t null_value);
void copy_rows_numeric(struct copy_rows *rows, amount_t value);
/* A label of ours; NULL makes a null. */
void copy_rows_label(struct copy_rows *rows, const char *label);
/* Bytes from outside, up to `bytes_max` or the first NUL; what is not printable ASCII becomes '?'; none: null. */
void copy_rows_text(struct copy_rows *rows, const char *bytes, size_t bytes_max);

/* Sends them: `statement` is "copy <table> (<columns>) from stdin binary". Nothing is done when there are none.
 * False: PQerrorMessage says why; the rows are still there. */
NODISCARD bool copy_rows_send(const struct copy_rows *rows, PGconn *connection,
                              const char *statement);
void copy_rows_clear(struct copy_rows *rows);
void copy_rows_free(struct copy_rows *rows);

#endif
