/* SoupBinTCP 3.00: packets over TCP.
 *
 *     0  length  u16  counts the type and the payload
 *     2  type    u8
 *     3  payload
 *
 * Logins carry text: names left-justified, numbers and sessions right-justified, padded with spaces. */
#ifndef WIRE_SOUP_BIN_H
#define WIRE_SOUP_BIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define SOUP_BIN_HEAD_BYTES        3
#define SOUP_BIN_PAYLOAD_BYTES_MAX 65534
#define SOUP_BIN_USERNAME_BYTES    6
#define SOUP_BIN_PASSWORD_BYTES    10
#define SOUP_BIN_SESSION_BYTES     10
#define SOUP_BIN_SEQUENCE_BYTES    20
#define SOUP_BIN_LOGIN_BYTES       46
#define SOUP_BIN_ACCEPTED_BYTES    30

enum soup_bin_type {
    SOUP_BIN_DEBUG = '+', /* both ways, text */
    /* from the server */
    SOUP_BIN_LOGIN_ACCEPTED = 'A',
    SOUP_BIN_LOGIN_REJECTED = 'J', /* payload: one enum soup_bin_rejection */
    SOUP_BIN_SEQUENCED = 'S',
    SOUP_BIN_SERVER_HEARTBEAT = 'H',
    SOUP_BIN_END_OF_SESSION = 'Z',
    /* from the client */
    SOUP_BIN_LOGIN_REQUEST = 'L',
    SOUP_BIN_UNSEQUENCED = 'U',
    SOUP_BIN_CLIENT_HEARTBEAT = 'R',
    SOUP_BIN_LOGOUT = 'O',
};

enum soup_bin_rejection { SOUP_BIN_NOT_AUTHORISED = 'A', SOUP_BIN_NO_SUCH_SESSION = 'S' };

enum soup_bin_result {
    SOUP_BIN_PACKET,    /* one whole packet */
    SOUP_BIN_MORE,      /* more bytes are needed */
    SOUP_BIN_MALFORMED, /* a length of 0: no packet has it, and nothing after it can be read */
};

struct soup_bin_packet {
    char type; /* any byte: enum soup_bin_type or not */
    const unsigned char *payload;
    size_t payload_bytes;
    size_t
        packet_bytes; /* all of it; with SOUP_BIN_MORE: how long it will be, 0 when not known yet */
};

NODISCARD enum soup_bin_result soup_bin_decode(const unsigned char *bytes, size_t length_bytes,
                                               struct soup_bin_packet *packet);
/* Writes the head and, unless it is NULL, the payload; returns the packet's length, 0: it does not fit. */
size_t soup_bin_encode(char type, const void *payload, size_t payload_bytes, unsigned char *out,
                       size_t out_max);

struct soup_bin_login {
    char username[SOUP_BIN_USERNAME_BYTES];
    char password[SOUP_BIN_PASSWORD_BYTES];
    char session[SOUP_BIN_SESSION_BYTES]; /* all spaces: whichever there is */
    uint64_t sequence;                    /* the first message wanted; 0: only what is new */
};
/* False: not a login (its length, or a sequence that is no number). */
NODISCARD bool soup_bin_decode_login(const unsigned char *payload, size_t payload_bytes,
                                     struct soup_bin_login *login);
/* The whole packet, as soup_bin_encode. */
size_t soup_bin_encode_login(const struct soup_bin_login *login, unsigned char *out,
                             size_t out_max);

struct soup_bin_accepted {
    char session[SOUP_BIN_SESSION_BYTES];
    uint64_t sequence; /* of the next sequenced message to come */
};
NODISCARD bool soup_bin_decode_accepted(const unsigned char *payload, size_t payload_bytes,
                                        struct soup_bin_accepted *accepted);
size_t soup_bin_encode_accepted(const struct soup_bin_accepted *accepted, unsigned char *out,
                                size_t out_max);

#endif
