/* var/demo.json: who may log on where, for bots and the lab. Written by `crosspoint demo`. */
#ifndef CLIENT_DEMO_FILE_H
#define CLIENT_DEMO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define DEMO_INSTRUMENTS_MAX 16

struct demo_instrument_terms {
    char symbol[17];
    uint64_t tick_e8;
    uint64_t lot_e8; /* one lot in 1e-8 of the base unit */
};

/* Where order entry is. */
struct demo_file_place {
    char host[64];
    uint16_t port;
};

struct demo_file {
    struct demo_file_place place;
    char username[8];
    char password[12];
    struct demo_instrument_terms instruments[DEMO_INSTRUMENTS_MAX];
    size_t instrument_count;
};

/* Reads var_path/demo.json for the account of this name. False: one sentence in `error`. */
NODISCARD bool demo_file_read(struct demo_file *demo, const char *var_path, const char *account,
                              char *error, size_t error_bytes);
/* Where order entry is by var_path/demo.json; 127.0.0.1:9050 when there is none, or it does not say. */
void demo_file_order_entry(const char *var_path, struct demo_file_place *place);

#endif
