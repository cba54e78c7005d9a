#include "ping_pong.h"

#include "drivers/nic/tap_port.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t stop_signal;

static void on_stop(int signal_number) {
    stop_signal = signal_number;
}

bool stop_asked(void) {
    return stop_signal != 0;
}

void give_up(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "ping_pong: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

uint64_t clock_now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct frame_port *port_of_options(const struct options *options) {
    static struct tap_port tap;
    struct frame_port *port = NULL;

    if (options->nic == NULL)
        give_up("--stack lwip needs --nic dpdk:DEVICE or --nic tap:NAME");
    if (strncmp(options->nic, "tap:", 4) == 0) {
        int failure = tap_port_open(&tap, options->nic + 4);

        if (failure != 0)
            give_up("tap device %s: %s", options->nic + 4, strerror(failure));
        return &tap.port;
    }
    if (strncmp(options->nic, "dpdk:", 5) != 0)
        give_up("--nic is dpdk:DEVICE or tap:NAME, not %s", options->nic);
    struct dpdk_config config = {
        .device = options->nic + 5,
        .file_prefix = options->file_prefix,
        .memory = options->memory,
        .core = options->core,
        .start_wait_ms = options->wait_ms,
        .verbose = options->verbose,
    };
    enum dpdk_result result = dpdk_port_open(&config, &port);
    if (result != DPDK_OK)
        give_up("%s", dpdk_result_text(result));
    return port;
}

struct net *net_of_options(const struct options *options, struct frame_port **frames) {
    struct net_config config = {
        .transport = options->stack == STACK_LWIP ? NET_FRAMES : NET_KERNEL_SOCKETS,
        .host = options->host,
        .connection_max = 128,
        .keepalive_idle_ms = 5000,
        .keepalive_every_ms = 1000,
        .keepalive_count = 5,
        .mask = 0xFFFFFF00u,
    };
    struct net *net;

    *frames = NULL;
    if (options->stack == STACK_LWIP)
        *frames = port_of_options(options);
    config.frames = *frames;
    enum net_result result = net_open(&config, &net);
    if (result != NET_OK)
        give_up("the net does not open (%d)", (int)result);
    return net;
}

static uint32_t host_of(const char *text) {
    struct in_addr address;

    if (inet_pton(AF_INET, text, &address) != 1)
        give_up("%s is not an IPv4 address", text);
    return ntohl(address.s_addr);
}

static uint32_t number_of(const char *text, uint32_t max) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value > max)
        give_up("%s is not a number up to %u", text, max);
    return (uint32_t)value;
}

static unsigned int choice_of(const char *text, const char *const choices[], unsigned int count) {
    for (unsigned int index = 0; index < count; index++)
        if (strcmp(text, choices[index]) == 0)
            return index;
    give_up("%s is not one of the choices", text);
}

static void option_take(struct options *options, int letter, const char *text) {
    static const char *const stacks[] = {"blocking", "spinning", "kernel", "lwip"};
    static const char *const memories[] = {"auto", "huge", "none"};

    switch (letter) {
    case 's': options->stack = (enum stack)choice_of(text, stacks, 4); break;
    case 'm': options->memory = (enum dpdk_memory)choice_of(text, memories, 3); break;
    case 'n': options->nic = text; break;
    case 'f': options->file_prefix = text; break;
    case 'C': options->core = number_of(text, 1023); break;
    case 'w': options->wait_ms = number_of(text, 600000); break;
    case 'h': options->host = host_of(text); break;
    case 'p': options->port = (uint16_t)number_of(text, 65535); break;
    case 'P': options->peer.host = host_of(text); break;
    case 'c': options->round_count = number_of(text, ROUND_MAX); break;
    case 'b': options->message_bytes = number_of(text, MESSAGE_BYTES_MAX); break;
    case 'S': options->spin = true; break;
    case 'v': options->verbose = true; break;
    default: give_up("unknown option; ping_pong.h tells how it is called");
    }
}

int main(int argument_count, char **arguments) {
    static const struct option names[] = {
        {"stack", 1, NULL, 's'},   {"nic", 1, NULL, 'n'},   {"file-prefix", 1, NULL, 'f'},
        {"memory", 1, NULL, 'm'},  {"core", 1, NULL, 'C'},  {"wait-ms", 1, NULL, 'w'},
        {"host", 1, NULL, 'h'},    {"port", 1, NULL, 'p'},  {"peer", 1, NULL, 'P'},
        {"count", 1, NULL, 'c'},   {"bytes", 1, NULL, 'b'}, {"spin", 0, NULL, 'S'},
        {"verbose", 0, NULL, 'v'}, {NULL, 0, NULL, 0},
    };
    struct options options = {.host = 0x7F000001u, .round_count = 10000, .message_bytes = 64};
    struct sigaction stop = {.sa_handler = on_stop};
    int letter;

    if (argument_count < 2)
        give_up("say serve or call; ping_pong.h tells the rest");
    options.serve = strcmp(arguments[1], "serve") == 0;
    if (!options.serve && strcmp(arguments[1], "call") != 0)
        give_up("say serve or call, not %s", arguments[1]);
    optind = 2;
    while ((letter = getopt_long(argument_count, arguments, "", names, NULL)) != -1)
        option_take(&options, letter, optarg);
    options.peer.port = options.port;
    if (options.round_count == 0 || options.message_bytes == 0)
        give_up("nothing to send");
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);

    bool plain = options.stack == STACK_BLOCKING || options.stack == STACK_SPINNING;
    if (options.serve)
        (plain ? serve_plain : serve_net)(&options);
    else
        (plain ? call_plain : call_net)(&options);
    return 0;
}
