/* The layout of a message of fixed size as a table, so that code and published tables read alike:
 *
 *     static const struct layout_field order_fields[] = {
 *         LAYOUT_NUMBER(struct order, 1, 4, user_ref),   offset 1, 4 bytes, into order.user_ref
 *         LAYOUT_TEXT(struct order, 10, 8, symbol),      offset 10, 8 bytes as they are
 *     };
 *
 * Numbers are big-endian: 1, 2, 4 or 8 bytes into a member of that size, 6 bytes into one of 8. A member of
 * another size does not compile. Offsets count the message's type, one character, at 0. */
#ifndef WIRE_LAYOUT_H
#define WIRE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum layout_kind { LAYOUT_IS_NUMBER, LAYOUT_IS_TEXT };

struct layout_field {
    uint8_t at;
    uint8_t bytes;
    uint8_t kind;  /* enum layout_kind */
    uint16_t into; /* offset of the member */
};

struct layout {
    const struct layout_field *fields;
    uint8_t field_count;
    uint8_t bytes; /* 0: no message has this type */
};

/* 0, or no program at all when the member has another size. */
#define LAYOUT_FITS(type, member, size)                                                            \
    (0 * sizeof(char[sizeof(((type *)0)->member) == (size) ? 1 : -1]))
#define LAYOUT_NUMBER(type, at, bytes, member)                                                     \
    {                                                                                              \
        at, bytes, LAYOUT_IS_NUMBER,                                                               \
            offsetof(type, member) + LAYOUT_FITS(type, member, (bytes) == 6 ? 8 : (bytes))         \
    }
#define LAYOUT_TEXT(type, at, bytes, member)                                                       \
    { at, bytes, LAYOUT_IS_TEXT, offsetof(type, member) + LAYOUT_FITS(type, member, bytes) }
/* A whole message: the fields' table, and the length on the wire. */
#define LAYOUT(table, length)                                                                      \
    { table, sizeof(table) / sizeof(table)[0], length }

/* `bytes` are layout->bytes long; members that the layout does not name are left alone. */
void layout_decode(const struct layout *layout, const unsigned char *bytes, void *message);
/* Writes everything but the type. */
void layout_encode(const struct layout *layout, const void *message, unsigned char *bytes);

/* One field at a place of its own: an element of an appendage. */
void layout_load(const struct layout_field *field, const unsigned char *from, void *message);
void layout_store(const struct layout_field *field, const void *message, unsigned char *to);

#endif
