#include "apps/client/recording.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/decimal.h"
#include "core/matcher.h"

struct recording {
    gzFile file;
    uint64_t file_bytes;
    char *line;
    uint64_t line_number;
    char symbol[32];
    char place[160];
    /* The line at hand. */
    uint64_t time_ns;
    json_t *document;
    json_t *levels[2];
    size_t next_level;
    int side;
    bool has_trade;
    bool has_snapshot;
    struct recording_change trade;
};

struct recording *recording_open(const char *path) {
    struct recording *recording = calloc(1, sizeof *recording);
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (recording == NULL || fd < 0 || fstat(fd, &status) != 0) {
        if (fd >= 0)
            close(fd);
        free(recording);
        return NULL;
    }
    recording->file_bytes = (uint64_t)status.st_size;
    recording->file = gzdopen(fd, "rb");
    recording->line = malloc(RECORDING_LINE_BYTES_MAX);
    if (recording->file == NULL || recording->line == NULL) {
        recording_close(recording);
        return NULL;
    }
    gzbuffer(recording->file, 1u << 17);
    return recording;
}

static enum recording_result recording_damaged(struct recording *recording, const char *what) {
    snprintf(recording->place, sizeof recording->place, "line %llu: %s",
             (unsigned long long)recording->line_number, what);
    return RECORDING_DAMAGED;
}

static bool recording_decimal(const json_t *text, uint64_t *value) {
    amount_t number;

    if (!json_is_string(text) || decimal_read(json_string_value(text), json_string_length(text), 8,
                                              INT64_MAX, &number) != DECIMAL_OK)
        return false;
    *value = (uint64_t)number;
    return true;
}

/* Finds out what the line's document is, and prepares to hand out its changes. */
static enum recording_result recording_begin(struct recording *recording) {
    const json_t *data = json_object_get(recording->document, "data");
    const json_t *at = json_is_object(data) ? data : recording->document;
    const char *event = json_string_value(json_object_get(at, "e"));
    const char *symbol = json_string_value(json_object_get(at, "s"));

    if (symbol != NULL)
        snprintf(recording->symbol, sizeof recording->symbol, "%s", symbol);
    recording->next_level = 0;
    recording->side = SIDE_BUY;
    if (event != NULL && strcmp(event, "depthUpdate") == 0) {
        recording->levels[SIDE_BUY] = json_object_get(at, "b");
        recording->levels[SIDE_SELL] = json_object_get(at, "a");
    } else if (event == NULL && json_object_get(at, "lastUpdateId") != NULL) {
        recording->levels[SIDE_BUY] = json_object_get(at, "bids");
        recording->levels[SIDE_SELL] = json_object_get(at, "asks");
        recording->has_snapshot = true;
    } else if (event != NULL && strcmp(event, "trade") == 0) {
        recording->trade = (struct recording_change){
            .kind = RECORDING_TRADE,
            .line = recording->line_number,
            .time_ns = recording->time_ns,
            .side = json_is_true(json_object_get(at, "m")) ? SIDE_SELL : SIDE_BUY,
        };
        if (!recording_decimal(json_object_get(at, "p"), &recording->trade.price_e8) ||
            !recording_decimal(json_object_get(at, "q"), &recording->trade.qty_e8))
            return recording_damaged(recording, "a trade without price or quantity");
        recording->has_trade = true;
    }
    return RECORDING_CHANGE;
}

static void recording_drop_line(struct recording *recording) {
    json_decref(recording->document);
    recording->document = NULL;
    recording->levels[SIDE_BUY] = NULL;
    recording->levels[SIDE_SELL] = NULL;
}

static enum recording_result recording_read_line(struct recording *recording) {
    char *json;
    json_error_t error;

    recording_drop_line(recording);
    if (gzgets(recording->file, recording->line, RECORDING_LINE_BYTES_MAX) == NULL)
        return gzeof(recording->file) ? RECORDING_END
                                      : recording_damaged(recording, "the gzip stream is damaged");
    recording->line_number++;
    recording->time_ns = strtoull(recording->line, &json, 10);
    if (json == recording->line || *json != ' ')
        return recording_damaged(recording, "no `local-nanoseconds JSON`");
    recording->document = json_loads(json, 0, &error);
    if (!json_is_object(recording->document))
        return recording_damaged(recording, "no JSON object behind the time");
    return recording_begin(recording);
}

/* The next level of the line at hand. RECORDING_END: it has no more. */
static enum recording_result recording_level(struct recording *recording,
                                             struct recording_change *change) {
    while (recording->side <= SIDE_SELL &&
           recording->next_level >= json_array_size(recording->levels[recording->side])) {
        recording->side++;
        recording->next_level = 0;
    }
    if (recording->side > SIDE_SELL)
        return RECORDING_END;
    const json_t *level =
        json_array_get(recording->levels[recording->side], recording->next_level++);

    *change = (struct recording_change){.kind = RECORDING_LEVEL,
                                        .line = recording->line_number,
                                        .time_ns = recording->time_ns,
                                        .side = (uint8_t)recording->side};
    if (!recording_decimal(json_array_get(level, 0), &change->price_e8) ||
        !recording_decimal(json_array_get(level, 1), &change->qty_e8))
        return recording_damaged(recording, "a level without price or quantity");
    return RECORDING_CHANGE;
}

enum recording_result recording_next(struct recording *recording, struct recording_change *change) {
    for (;;) {
        if (recording->document != NULL) {
            if (recording->has_snapshot) {
                recording->has_snapshot = false;
                *change = (struct recording_change){.kind = RECORDING_SNAPSHOT,
                                                    .line = recording->line_number,
                                                    .time_ns = recording->time_ns};
                return RECORDING_CHANGE;
            }
            if (recording->has_trade) {
                recording->has_trade = false;
                *change = recording->trade;
                return RECORDING_CHANGE;
            }
            enum recording_result result = recording_level(recording, change);

            if (result != RECORDING_END)
                return result;
        }
        enum recording_result result = recording_read_line(recording);

        if (result != RECORDING_CHANGE)
            return result;
    }
}

const char *recording_symbol(const struct recording *recording) {
    return recording->symbol;
}

const char *recording_place(const struct recording *recording) {
    return recording->place;
}

uint64_t recording_line(const struct recording *recording) {
    return recording->line_number;
}

unsigned recording_permille(const struct recording *recording) {
    z_off_t at = gzoffset(recording->file);

    return recording->file_bytes == 0 || at < 0
               ? 1000
               : (unsigned)((uint64_t)at * 1000 / recording->file_bytes);
}

void recording_close(struct recording *recording) {
    json_decref(recording->document);
    if (recording->file != NULL)
        gzclose(recording->file);
    free(recording->line);
    free(recording);
}
