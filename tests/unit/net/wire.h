/* A hand on the wire: builds and reads single ARP and TCP frames, for a test that plays a peer
 * which no proper stack would be. Little is checked: what comes in is from our own stack. */
#ifndef TESTS_NET_WIRE_H
#define TESTS_NET_WIRE_H

#include "drivers/nic/frame_port.h"

#include <stdbool.h>
#include <string.h>

#define WIRE_FIN 0x01u
#define WIRE_SYN 0x02u
#define WIRE_RST 0x04u
#define WIRE_PSH 0x08u
#define WIRE_ACK 0x10u

#define WIRE_TCP_BYTES 54u /* Ethernet, IPv4 and TCP headers without options */

struct wire_segment {
    uint32_t source_host;
    uint32_t target_host;
    uint16_t source_port;
    uint16_t target_port;
    uint32_t sequence;
    uint32_t acknowledged;
    uint8_t flags;
    uint16_t window;
    const unsigned char *bytes;
    uint32_t length_bytes;
};

static inline void wire_put16(unsigned char *place, uint32_t value) {
    place[0] = (unsigned char)(value >> 8);
    place[1] = (unsigned char)value;
}
static inline void wire_put32(unsigned char *place, uint32_t value) {
    wire_put16(place, value >> 16);
    wire_put16(place + 2, value);
}
static inline uint32_t wire_get16(const unsigned char *place) {
    return (uint32_t)place[0] << 8 | place[1];
}
static inline uint32_t wire_get32(const unsigned char *place) {
    return wire_get16(place) << 16 | wire_get16(place + 2);
}

static inline uint32_t wire_sum(uint32_t sum, const unsigned char *bytes, uint32_t length_bytes) {
    for (uint32_t index = 0; index < length_bytes; index++)
        sum += index % 2 == 0 ? (uint32_t)bytes[index] << 8 : bytes[index];
    return sum;
}
static inline uint32_t wire_fold(uint32_t sum) {
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return ~sum & 0xFFFF;
}

static inline void wire_ethernet(unsigned char *frame, const unsigned char *source_mac,
                                 const unsigned char *target_mac, uint32_t type) {
    memcpy(frame, target_mac, FRAME_MAC_BYTES);
    memcpy(frame + 6, source_mac, FRAME_MAC_BYTES);
    wire_put16(frame + 12, type);
}

/* Fills in both checksums of an IPv4 TCP frame. */
static inline void wire_checksums(unsigned char *frame, uint32_t frame_bytes) {
    unsigned char *ip = frame + 14;
    unsigned char *tcp = ip + 20;
    uint32_t tcp_bytes = frame_bytes - 34;

    wire_put16(ip + 10, 0);
    wire_put16(ip + 10, wire_fold(wire_sum(0, ip, 20)));
    wire_put16(tcp + 16, 0);
    wire_put16(tcp + 16, wire_fold(wire_sum(wire_sum(6 + tcp_bytes, ip + 12, 8), tcp, tcp_bytes)));
}

/* Returns the frame's length. */
static inline uint32_t wire_write(unsigned char *frame, const struct wire_segment *segment,
                                  const unsigned char *source_mac,
                                  const unsigned char *target_mac) {
    uint32_t frame_bytes = WIRE_TCP_BYTES + segment->length_bytes;
    unsigned char *ip = frame + 14;
    unsigned char *tcp = ip + 20;

    memset(frame, 0, WIRE_TCP_BYTES);
    wire_ethernet(frame, source_mac, target_mac, 0x0800);
    ip[0] = 0x45;
    wire_put16(ip + 2, frame_bytes - 14);
    ip[8] = 64;
    ip[9] = 6;
    wire_put32(ip + 12, segment->source_host);
    wire_put32(ip + 16, segment->target_host);
    wire_put16(tcp, segment->source_port);
    wire_put16(tcp + 2, segment->target_port);
    wire_put32(tcp + 4, segment->sequence);
    wire_put32(tcp + 8, segment->acknowledged);
    tcp[12] = 5 << 4;
    tcp[13] = segment->flags;
    wire_put16(tcp + 14, segment->window);
    if (segment->length_bytes > 0)
        memcpy(tcp + 20, segment->bytes, segment->length_bytes);
    wire_checksums(frame, frame_bytes);
    return frame_bytes;
}

/* False when the frame is not TCP. */
static inline bool wire_read(const struct frame *frame, struct wire_segment *segment) {
    const unsigned char *ip = frame->bytes + 14;
    const unsigned char *tcp = ip + 20;

    if (frame->length_bytes < WIRE_TCP_BYTES || wire_get16(frame->bytes + 12) != 0x0800 ||
        ip[9] != 6)
        return false;
    *segment = (struct wire_segment){
        .source_host = wire_get32(ip + 12),
        .target_host = wire_get32(ip + 16),
        .source_port = (uint16_t)wire_get16(tcp),
        .target_port = (uint16_t)wire_get16(tcp + 2),
        .sequence = wire_get32(tcp + 4),
        .acknowledged = wire_get32(tcp + 8),
        .flags = tcp[13],
        .window = (uint16_t)wire_get16(tcp + 14),
        .bytes = tcp + (tcp[12] >> 4) * 4,
        .length_bytes = wire_get16(ip + 2) - 20 - (uint32_t)(tcp[12] >> 4) * 4,
    };
    return true;
}

/* Turns the ARP request in `frame` into our answer, in `answer`; 0 when it is none. */
static inline uint32_t wire_answer_arp(const struct frame *frame, const unsigned char *mac,
                                       unsigned char *answer) {
    const unsigned char *arp = frame->bytes + 14;

    if (frame->length_bytes < 42 || wire_get16(frame->bytes + 12) != 0x0806 ||
        wire_get16(arp + 6) != 1)
        return 0;
    if (memcmp(arp + 14, arp + 24, 4) == 0)
        return 0; /* it announces itself; nothing is asked */
    memcpy(answer + 14, arp, 8);
    wire_put16(answer + 20, 2);
    memcpy(answer + 22, mac, FRAME_MAC_BYTES);
    memcpy(answer + 28, arp + 24, 4);
    memcpy(answer + 32, arp + 8, 10);
    wire_ethernet(answer, mac, arp + 8, 0x0806);
    return 42;
}

#endif
