#include "drivers/nic/tap_port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static uint32_t tap_receive(struct frame_port *port, struct frame *frames, uint32_t frame_max) {
    struct tap_port *tap = (struct tap_port *)port;
    uint32_t count = 0;

    while (count < frame_max) {
        ssize_t length = read(tap->fd, tap->received[count], FRAME_BYTES_MAX);

        if (length <= 0)
            break; /* nothing waits, or the device is down: both are "no frames now" */
        frames[count] =
            (struct frame){.bytes = tap->received[count], .length_bytes = (uint32_t)length};
        count++;
    }
    port->counters.received_count += count;
    return count;
}

static unsigned char *tap_prepare(struct frame_port *port, uint32_t length_bytes) {
    struct tap_port *tap = (struct tap_port *)port;

    if (tap->prepared_count == TAP_SEND_MAX) {
        port->counters.refused_count++;
        return NULL;
    }
    tap->prepared_bytes[tap->prepared_count] = length_bytes;
    return tap->prepared[tap->prepared_count++];
}

static void tap_flush(struct frame_port *port) {
    struct tap_port *tap = (struct tap_port *)port;

    for (uint32_t index = 0; index < tap->prepared_count; index++) {
        ssize_t written = write(tap->fd, tap->prepared[index], tap->prepared_bytes[index]);

        if (written == (ssize_t)tap->prepared_bytes[index])
            port->counters.sent_count++;
        else
            port->counters.dropped_count++;
    }
    tap->prepared_count = 0;
}

static void tap_close(struct frame_port *port) {
    struct tap_port *tap = (struct tap_port *)port;

    if (tap->fd >= 0)
        close(tap->fd);
    tap->fd = -1;
}

static const struct frame_port_ops tap_ops = {
    .receive = tap_receive,
    .prepare = tap_prepare,
    .flush = tap_flush,
    .close = tap_close,
};

/* Locally administered, and the same at every start, so that a peer's ARP table stays true. FNV-1a.
 */
static void mac_from_name(unsigned char mac[FRAME_MAC_BYTES], const char *device_name) {
    uint32_t hash = 2166136261u;

    for (const char *letter = device_name; *letter != '\0'; letter++)
        hash = (hash ^ (unsigned char)*letter) * 16777619u;
    mac[0] = 0x02;
    mac[1] = 0x54;
    for (uint32_t index = 0; index < 4; index++)
        mac[2 + index] = (unsigned char)(hash >> (8 * index));
}

int tap_port_open(struct tap_port *tap, const char *device_name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    memset(tap, 0, sizeof *tap);
    tap->fd = -1;
    if (device_name[0] == '\0' || strlen(device_name) >= sizeof request.ifr_name)
        return EINVAL;
    memcpy(request.ifr_name, device_name, strlen(device_name) + 1);

    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno;
    if (ioctl(fd, TUNSETIFF, &request) != 0) {
        int failure = errno;
        close(fd);
        return failure;
    }
    tap->fd = fd;
    tap->port.ops = &tap_ops;
    mac_from_name(tap->port.mac, device_name);
    return 0;
}
