/* MoldUDP64: numbered messages in datagrams.
 *
 *     0   session   10  text
 *     10  sequence  u64 of the first message in it, from 1; of the next one when there is none
 *     18  count     u16 0: heartbeat, 0xFFFF: end of session
 *     20  count blocks of length u16 and message
 *
 * A request for messages that were missed is the first 20 bytes alone: which, and how many. */
#ifndef WIRE_MOLD_UDP64_H
#define WIRE_MOLD_UDP64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define MOLD_UDP64_HEAD_BYTES     20
#define MOLD_UDP64_SESSION_BYTES  10
#define MOLD_UDP64_END_OF_SESSION 0xFFFFu
#define MOLD_UDP64_COUNT_MAX      0xFFFEu

struct mold_udp64_head {
    char session[MOLD_UDP64_SESSION_BYTES];
    uint16_t count;
    uint64_t sequence;
};

/* False: the bytes are no packet (too short, blocks that do not add up to its length). */
NODISCARD bool mold_udp64_decode(const unsigned char *bytes, size_t length_bytes,
                                 struct mold_udp64_head *head);
/* The block at *offset (MOLD_UDP64_HEAD_BYTES at first) of a packet that mold_udp64_decode took; moves *offset
 * behind it. False: there are no more. */
NODISCARD bool mold_udp64_next(const unsigned char *bytes, size_t length_bytes, size_t *offset,
                               const unsigned char **message, size_t *message_bytes);

/* A packet in the making; the caller owns the buffer. */
struct mold_udp64_packet {
    unsigned char *bytes;
    size_t used_bytes;
    size_t max_bytes; /* at least MOLD_UDP64_HEAD_BYTES */
};
/* Writes the head with count 0: a heartbeat, until messages are added. */
void mold_udp64_begin(struct mold_udp64_packet *packet,
                      const char session[MOLD_UDP64_SESSION_BYTES], uint64_t sequence);
/* False: it does not fit, nothing changed. */
NODISCARD bool mold_udp64_add(struct mold_udp64_packet *packet, const void *message,
                              size_t message_bytes);

/* End of session (count MOLD_UDP64_END_OF_SESSION) and requests. */
void mold_udp64_encode_head(const struct mold_udp64_head *head,
                            unsigned char out[MOLD_UDP64_HEAD_BYTES]);
NODISCARD bool mold_udp64_decode_request(const unsigned char *bytes, size_t length_bytes,
                                         struct mold_udp64_head *head);

#endif
