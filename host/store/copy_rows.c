#include "store/copy_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define FIRST_BYTES        (64 * 1024)
#define NUMERIC_DIGITS_MAX 10 /* of base 10,000: 2^127 has 39 decimal digits */
#define NUMERIC_NEGATIVE   0x4000u
#define SEND_BYTES         (256 * 1024) /* handed to libpq at a time */

static const unsigned char header[19] = "PGCOPY\n\377\r\n";
static const unsigned char trailer[2] = {0xff, 0xff};

static unsigned char *rows_extend(struct copy_rows *rows, size_t count) {
    if (rows->used_bytes + count > rows->max_bytes) {
        size_t wanted = rows->max_bytes == 0 ? FIRST_BYTES : rows->max_bytes * 2;
        while (wanted < rows->used_bytes + count)
            wanted *= 2;
        unsigned char *bytes = realloc(rows->bytes, wanted);
        check(bytes != NULL);
        rows->bytes = bytes;
        rows->max_bytes = wanted;
    }
    unsigned char *at = rows->bytes + rows->used_bytes;
    rows->used_bytes += count;
    return at;
}

static unsigned char *value_begin(struct copy_rows *rows, uint32_t bytes) {
    unsigned char *at = rows_extend(rows, 4 + bytes);
    bytes_store_be32(at, bytes);
    return at + 4;
}

void copy_rows_begin(struct copy_rows *rows, uint16_t column_count) {
    bytes_store_be16(rows_extend(rows, 2), column_count);
    rows->row_count++;
}

void copy_rows_null(struct copy_rows *rows) {
    bytes_store_be32(rows_extend(rows, 4), 0xFFFFFFFFu);
}

void copy_rows_bool(struct copy_rows *rows, bool value) {
    *value_begin(rows, 1) = value;
}

void copy_rows_int2(struct copy_rows *rows, uint16_t value) {
    bytes_store_be16(value_begin(rows, 2), value);
}

void copy_rows_int4(struct copy_rows *rows, uint32_t value) {
    bytes_store_be32(value_begin(rows, 4), value > INT32_MAX ? INT32_MAX : value);
}

void copy_rows_int8(struct copy_rows *rows, uint64_t value) {
    bytes_store_be64(value_begin(rows, 8), value > INT64_MAX ? INT64_MAX : value);
}

void copy_rows_int8_or_null(struct copy_rows *rows, uint64_t value, uint64_t null_value) {
    if (value == null_value)
        copy_rows_null(rows);
    else
        copy_rows_int8(rows, value);
}

void copy_rows_numeric(struct copy_rows *rows, amount_t value) {
    uint16_t digits[NUMERIC_DIGITS_MAX]; /* lowest first */
    uint32_t count = 0;
    bool negative = value < 0;
    unsigned __int128 rest = negative ? -(unsigned __int128)value : (unsigned __int128)value;
    while (rest != 0) {
        digits[count++] = (uint16_t)(rest % 10000);
        rest /= 10000;
    }
    unsigned char *at = value_begin(rows, 8 + 2 * count);
    bytes_store_be16(at, (uint16_t)count);
    bytes_store_be16(at + 2, count == 0 ? 0 : (uint16_t)(count - 1));
    bytes_store_be16(at + 4, negative ? NUMERIC_NEGATIVE : 0);
    bytes_store_be16(at + 6, 0);
    for (uint32_t i = 0; i < count; i++)
        bytes_store_be16(at + 8 + 2 * i, digits[count - 1 - i]);
}

void copy_rows_label(struct copy_rows *rows, const char *label) {
    if (label == NULL) {
        copy_rows_null(rows);
        return;
    }
    size_t length = strlen(label);
    memcpy(value_begin(rows, (uint32_t)length), label, length);
}

void copy_rows_text(struct copy_rows *rows, const char *bytes, size_t bytes_max) {
    size_t length = strnlen(bytes, bytes_max);
    if (length == 0) {
        copy_rows_null(rows);
        return;
    }
    unsigned char *at = value_begin(rows, (uint32_t)length);
    for (size_t i = 0; i < length; i++)
        at[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? (unsigned char)bytes[i] : '?';
}

static bool send_all(PGconn *connection, const unsigned char *bytes, size_t count) {
    for (size_t done = 0; done < count; done += SEND_BYTES) {
        size_t part = count - done < SEND_BYTES ? count - done : SEND_BYTES;
        if (PQputCopyData(connection, (const char *)bytes + done, (int)part) != 1)
            return false;
    }
    return true;
}

bool copy_rows_send(const struct copy_rows *rows, PGconn *connection, const char *statement) {
    if (rows->row_count == 0)
        return true;
    PGresult *begun = PQexec(connection, statement);
    bool good = PQresultStatus(begun) == PGRES_COPY_IN;
    PQclear(begun);
    if (!good)
        return false;
    good = send_all(connection, header, sizeof header) &&
           send_all(connection, rows->bytes, rows->used_bytes) &&
           send_all(connection, trailer, sizeof trailer) && PQputCopyEnd(connection, NULL) == 1;
    for (PGresult *result = PQgetResult(connection); result != NULL;
         result = PQgetResult(connection)) {
        good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        if (status == PGRES_COPY_IN) /* the connection broke between: libpq would say so for ever */
            break;
    }
    return good;
}

void copy_rows_clear(struct copy_rows *rows) {
    rows->used_bytes = 0;
    rows->row_count = 0;
}

void copy_rows_free(struct copy_rows *rows) {
    free(rows->bytes);
    memset(rows, 0, sizeof *rows);
}
