/* An ITCH 5.0 file: messages behind a length of two bytes, gzip or plain. A length of zero stands for "that of its
 * type". Read twice: for the instruments, and to play it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "apps/tools/replay.h"
#include "base/hash_map.h"
#include "wire/itch50.h"

#define BUFFER_BYTES  (1u << 13) /* of the packed file: progress is counted in these */
#define ITCH_TICK_E8  10000      /* four decimals */
#define ITCH_LOT_E8   100000000  /* whole shares */
#define BAND_BITS_LOW 10

struct itch_file {
    gzFile file;
    uint64_t bytes; /* of the file as it is on disk */
    uint64_t number;
    struct itch50_message message;
};

/* What the file says of an order that it added. */
struct itch_order {
    uint32_t order; /* number at the judge */
    uint32_t left;  /* by the file */
};

struct itch_play {
    struct replay *replay;
    struct hash_map by_ref;
    void *memory;
    struct itch_order *orders;
    uint32_t order_count;
    uint32_t order_max;
};

struct itch_span {
    uint32_t low;
    uint32_t high;
};

static bool itch_open(struct itch_file *file, struct replay *replay, const char *path) {
    struct stat status;

    *file = (struct itch_file){.file = gzopen(path, "rb")};
    if (file->file != NULL && stat(path, &status) == 0 && status.st_size > 0)
        file->bytes = (uint64_t)status.st_size;
    if (file->bytes == 0) {
        if (file->file != NULL)
            gzclose(file->file);
        snprintf(replay->error, sizeof replay->error, "cannot read %s, or it is empty", path);
        return false;
    }
    gzbuffer(file->file, BUFFER_BYTES);
    return true;
}

enum itch_read { ITCH_MESSAGE, ITCH_END, ITCH_DAMAGED };

static enum itch_read itch_read(struct itch_file *file) {
    unsigned char head[3];
    unsigned char bytes[ITCH50_MESSAGE_BYTES_MAX];
    int got = gzread(file->file, head, sizeof head);
    size_t length = (size_t)head[0] << 8 | head[1];

    if (got == 0)
        return gzeof(file->file) ? ITCH_END : ITCH_DAMAGED;
    if (got != (int)sizeof head)
        return ITCH_DAMAGED;
    file->number++;
    if (length == 0)
        length = itch50_bytes((char)head[2]);
    if (length == 0 || length > sizeof bytes)
        return ITCH_DAMAGED;
    bytes[0] = head[2];
    if (gzread(file->file, bytes + 1, (unsigned)length - 1) != (int)length - 1 ||
        itch50_decode(bytes, length, &file->message) != ITCH50_OK)
        return ITCH_DAMAGED;
    return ITCH_MESSAGE;
}

static bool itch_damaged(struct replay *replay, const struct itch_file *file) {
    snprintf(replay->error, sizeof replay->error,
             "message %llu is cut, or none of ITCH 5.0 (type, or length for its type)",
             (unsigned long long)file->number);
    return false;
}

static bool itch_is_add(const struct itch50_message *message) {
    return message->type == ITCH50_ADD || message->type == ITCH50_ADD_ATTRIBUTED;
}

/* The instrument of this name, or -1. */
static int itch_instrument(const struct replay *replay, const char symbol[8]) {
    size_t length = 8;

    while (length > 0 && symbol[length - 1] == ' ')
        length--;
    for (int i = 0; i < replay->instrument_count; i++)
        if (strlen(replay->instruments[i].symbol) == length &&
            memcmp(replay->instruments[i].symbol, symbol, length) == 0)
            return i;
    return -1;
}

/* ---- the first reading ---- */

static bool itch_see(struct replay *replay, const struct itch50_message *message,
                     struct itch_span *spans) {
    int index = itch_instrument(replay, message->add.symbol);

    if (index < 0) {
        struct replay_instrument *instrument = &replay->instruments[replay->instrument_count];

        if (replay->instrument_count == REPLAY_INSTRUMENTS_MAX) {
            snprintf(replay->error, sizeof replay->error,
                     "the file adds orders in more than %d instruments; replay one of fewer",
                     REPLAY_INSTRUMENTS_MAX);
            return false;
        }
        *instrument = (struct replay_instrument){.tick_e8 = ITCH_TICK_E8, .lot_e8 = ITCH_LOT_E8};
        memcpy(instrument->symbol, message->add.symbol, sizeof message->add.symbol);
        for (size_t i = sizeof message->add.symbol; i > 0 && instrument->symbol[i - 1] == ' '; i--)
            instrument->symbol[i - 1] = '\0';
        index = replay->instrument_count++;
        spans[index] = (struct itch_span){.low = UINT32_MAX};
    }
    if (message->add.price < spans[index].low)
        spans[index].low = message->add.price;
    if (message->add.price > spans[index].high)
        spans[index].high = message->add.price;
    return true;
}

bool replay_itch_terms(struct replay *replay, const char *path) {
    struct itch_span spans[REPLAY_INSTRUMENTS_MAX];
    struct itch_file file;
    enum itch_read result;
    bool good = true;

    if (!itch_open(&file, replay, path))
        return false;
    while (good && (result = itch_read(&file)) != ITCH_END) {
        if (result == ITCH_DAMAGED)
            good = itch_damaged(replay, &file);
        else if (itch_is_add(&file.message))
            good = itch_see(replay, &file.message, spans);
        replay->order_max += itch_is_add(&file.message) || file.message.type == ITCH50_REPLACE;
    }
    gzclose(file.file);
    if (good && replay->instrument_count == 0) {
        snprintf(replay->error, sizeof replay->error, "the file adds no order");
        good = false;
    }
    for (int i = 0; good && i < replay->instrument_count; i++)
        replay_choose_band(&replay->instruments[i], spans[i].low, spans[i].high, BAND_BITS_LOW);
    return good;
}

/* ---- the second ---- */

static struct itch_order *itch_known(struct itch_play *play, uint64_t ref) {
    uint32_t index = hash_map_find(&play->by_ref, &ref);

    if (index == HASH_MAP_NONE) {
        play->replay->totals.unknown++;
        return NULL;
    }
    return &play->orders[index];
}

static void itch_forget(struct itch_play *play, uint64_t ref) {
    hash_map_remove(&play->by_ref, &ref);
}

static void itch_keep(struct itch_play *play, uint64_t ref, uint32_t order, uint32_t left) {
    check(play->order_count < play->order_max);
    play->orders[play->order_count] = (struct itch_order){order, left};
    bool kept = hash_map_put(&play->by_ref, &ref, play->order_count++);

    check(kept);
}

static bool itch_crosses(const struct itch_play *play, const struct replay_check_order *order) {
    uint32_t price_ticks;

    if (!replay_check_touch(replay_desk_judge(play->replay->desk), order->instrument,
                            1 - order->side, &price_ticks))
        return false;
    return order->side == SIDE_BUY ? order->price_ticks >= price_ticks
                                   : order->price_ticks <= price_ticks;
}

static void itch_enter(struct itch_play *play, uint64_t ref,
                       const struct replay_check_order *order) {
    struct replay_totals *totals = &play->replay->totals;

    if (hash_map_find(&play->by_ref, &ref) != HASH_MAP_NONE) {
        totals->unknown++; /* the number is in use: the file contradicts itself */
        return;
    }
    if (!replay_in_reach(&play->replay->instruments[order->instrument], order->price_ticks)) {
        totals->beyond_reach++;
        return;
    }
    totals->crossing += itch_crosses(play, order);
    itch_keep(play, ref, replay_desk_enter(play->replay->desk, order), order->qty_lots);
}

static void itch_add(struct itch_play *play, const struct itch50_message *message) {
    int instrument = itch_instrument(play->replay, message->add.symbol);
    struct replay_check_order order = {.instrument = (uint16_t)instrument,
                                       .side = message->add.side == 'B' ? SIDE_BUY : SIDE_SELL,
                                       .price_ticks = message->add.price,
                                       .qty_lots = message->add.qty};

    if (order.qty_lots == 0)
        play->replay->totals.not_orders++;
    else
        itch_enter(play, message->add.order_ref, &order);
}

/* Somebody took from this order: an immediate order of that quantity, at its price, from the other side. */
static void itch_executed(struct itch_play *play, const struct itch50_message *message) {
    uint64_t ref = message->executed.order_ref;
    struct itch_order *known = itch_known(play, ref);

    if (known == NULL)
        return;
    struct replay_check_order taker =
        *replay_check_order(replay_desk_judge(play->replay->desk), known->order);

    taker.side = 1 - taker.side;
    taker.qty_lots = message->executed.qty;
    taker.immediate = true;
    if (taker.qty_lots > 0)
        (void)replay_desk_enter(play->replay->desk, &taker);
    known->left -= message->executed.qty < known->left ? message->executed.qty : known->left;
    if (known->left == 0)
        itch_forget(play, ref);
}

/* Whatever our book has left of it: the file's cancel takes that much off what the file has left. */
static void itch_cancel(struct itch_play *play, const struct itch50_message *message) {
    uint64_t ref = message->cancel.order_ref;
    struct itch_order *known = itch_known(play, ref);

    if (known == NULL)
        return;
    uint32_t left = replay_check_left(replay_desk_judge(play->replay->desk), known->order);
    uint32_t off = message->cancel.qty;

    known->left -= off < known->left ? off : known->left;
    if (off < left)
        replay_desk_reduce(play->replay->desk, known->order, left - off);
    else
        replay_desk_cancel(play->replay->desk, known->order);
    if (known->left == 0)
        itch_forget(play, ref);
}

static void itch_delete(struct itch_play *play, const struct itch50_message *message) {
    uint64_t ref = message->remove.order_ref;
    struct itch_order *known = itch_known(play, ref);

    if (known == NULL)
        return;
    replay_desk_cancel(play->replay->desk, known->order);
    itch_forget(play, ref);
}

/* An order that is gone in our book cannot be replaced: what takes its place is entered. */
static void itch_replace(struct itch_play *play, const struct itch50_message *message) {
    struct replay_desk *desk = play->replay->desk;
    uint64_t ref = message->replace.orig_order_ref;
    uint64_t new_ref = message->replace.order_ref;
    struct itch_order *known = itch_known(play, ref);

    if (known == NULL)
        return;
    uint32_t old = known->order;
    struct replay_check_order order = *replay_check_order(replay_desk_judge(desk), old);
    bool is_possible =
        message->replace.qty > 0 &&
        replay_in_reach(&play->replay->instruments[order.instrument], message->replace.price) &&
        hash_map_find(&play->by_ref, &new_ref) == HASH_MAP_NONE;

    itch_forget(play, ref);
    order.price_ticks = message->replace.price;
    order.qty_lots = message->replace.qty;
    if (!is_possible) {
        play->replay->totals.beyond_reach++;
        replay_desk_cancel(desk, old);
    } else if (replay_check_left(replay_desk_judge(desk), old) > 0) {
        play->replay->totals.crossing += itch_crosses(play, &order);
        itch_keep(play, new_ref, replay_desk_replace(desk, old, order.price_ticks, order.qty_lots),
                  order.qty_lots);
    } else {
        itch_enter(play, new_ref, &order);
    }
}

static void itch_message(struct itch_play *play, const struct itch50_message *message) {
    switch ((enum itch50_type)message->type) {
    case ITCH50_ADD:
    case ITCH50_ADD_ATTRIBUTED: itch_add(play, message); return;
    case ITCH50_EXECUTED:
    case ITCH50_EXECUTED_AT: itch_executed(play, message); return;
    case ITCH50_CANCEL: itch_cancel(play, message); return;
    case ITCH50_DELETE: itch_delete(play, message); return;
    case ITCH50_REPLACE: itch_replace(play, message); return;
    case ITCH50_TRADE: /* with an order that was never displayed, and is in no book */
    case ITCH50_CROSS:
    case ITCH50_BROKEN:
    case ITCH50_SYSTEM:
    case ITCH50_DIRECTORY:
    case ITCH50_TRADING:
    case ITCH50_SHORT_SALE:
    case ITCH50_PARTICIPANT:
    case ITCH50_BREAKER_LEVELS:
    case ITCH50_BREAKER_STATUS:
    case ITCH50_IPO:
    case ITCH50_COLLAR:
    case ITCH50_OPERATIONAL_HALT:
    case ITCH50_IMBALANCE:
    case ITCH50_RETAIL:
    case ITCH50_DIRECT_LISTING: play->replay->totals.not_orders++; return;
    }
}

static void itch_play_free(struct itch_play *play) {
    free(play->memory);
    free(play->orders);
}

static bool itch_play_make(struct itch_play *play, struct replay *replay) {
    size_t bytes = hash_map_bytes(replay->order_max, sizeof(uint64_t)) + 64;
    struct arena arena;

    *play = (struct itch_play){.replay = replay, .order_max = replay->order_max};
    play->memory = calloc(1, bytes);
    play->orders = calloc(play->order_max, sizeof *play->orders);
    if (play->memory == NULL || play->orders == NULL) {
        itch_play_free(play);
        snprintf(replay->error, sizeof replay->error, "out of memory");
        return false;
    }
    arena_init(&arena, play->memory, bytes);
    hash_map_init(&play->by_ref, &arena, play->order_max, sizeof(uint64_t));
    return true;
}

bool replay_itch_play(struct replay *replay, const char *path) {
    struct itch_play play;
    struct itch_file file;
    enum itch_read result = ITCH_END;
    bool good = true;

    if (!itch_open(&file, replay, path))
        return false;
    if (!itch_play_make(&play, replay)) {
        gzclose(file.file);
        return false;
    }
    while (good && (replay->message_max == 0 || replay->totals.messages < replay->message_max) &&
           (result = itch_read(&file)) == ITCH_MESSAGE) {
        replay->totals.messages++;
        replay->permille = (unsigned)((uint64_t)gzoffset(file.file) * 1000 / file.bytes);
        good = replay_pace(replay, file.message.timestamp_ns);
        if (good)
            itch_message(&play, &file.message);
    }
    if (result == ITCH_DAMAGED)
        good = itch_damaged(replay, &file);
    gzclose(file.file);
    itch_play_free(&play);
    return good;
}
