/* A replay: a file of market data as orders to the running exchange, judged by the reference matcher.
 *
 *     lab_replay.c        words, progress, totals, exit status
 *     replay_itch.c       an ITCH 5.0 file      ┐ each: terms from the whole file first, then message by
 *     replay_recording.c  a Binance recording   ┘ message into the desk
 *     replay_listing.c    instruments, accounts and funds through the operator's door
 *     replay_desk.c       two sessions and the order of their messages
 *     replay_check.c      the judge
 *     replay_book.c       the books at the end: exchange (its journal), reference, file
 *
 * docs/lab.md says what becomes of each message, and what is compared. */
#ifndef TOOLS_REPLAY_H
#define TOOLS_REPLAY_H

#include "apps/tools/replay_check.h"
#include "apps/tools/replay_desk.h"

/* Names of the two accounts, by enum side. */
#define REPLAY_ACCOUNTS                                                                            \
    { "replay-buys", "replay-sells" }
#define REPLAY_USERNAMES                                                                           \
    { "RPBUYS", "RPSELL" }

/* An instrument as the file shows it, and what the exchange calls it. */
struct replay_instrument {
    char symbol[OUCH50_SYMBOL_BYTES + 1];
    char listed[OUCH50_SYMBOL_BYTES +
                1]; /* replay_listing.c: the symbol, or one like it if that is taken */
    uint16_t index; /* at the exchange */
    uint64_t tick_e8;
    uint64_t lot_e8; /* one lot in 1e-8 of the base unit */
    uint32_t base_ticks;
    uint32_t k;
};

/* Prices in the outer eighths of a band would make the exchange move it, which is another test than this one: what
 * lies there is not sent, and counted. False: beyond that reach. */
NODISCARD bool replay_in_reach(const struct replay_instrument *instrument, uint32_t price_ticks);
/* The band for prices between these two; the narrowest, at least min_k wide. Fills base_ticks and k. */
void replay_choose_band(struct replay_instrument *instrument, uint32_t low_ticks,
                        uint32_t high_ticks, uint32_t min_k);

struct replay_totals {
    uint64_t messages;     /* read */
    uint64_t not_orders;   /* read, and nothing that an order could follow from */
    uint64_t beyond_reach; /* orders or levels outside the reach of the band */
    uint64_t unknown;      /* ITCH: about orders that the file never added, or that are gone */
    uint64_t crossing;     /* came in where it would trade: see docs/lab.md */
    uint64_t overruled;    /* recording: older levels that a newer one runs over, withdrawn */
    uint64_t levels_compared;
    uint64_t file_levels_compared; /* recording */
    uint64_t file_differences;
};

struct replay {
    struct replay_instrument instruments[REPLAY_INSTRUMENTS_MAX];
    uint16_t instrument_count;
    uint32_t order_max;       /* orders that the file can make: adds and replaces (ITCH) */
    struct replay_desk *desk; /* NULL until play */
    uint64_t message_max;     /* 0: all */
    uint64_t speed;           /* times the file's pace; 0: as fast as it goes */
    uint64_t began_ns;
    uint64_t file_began_ns;
    unsigned permille; /* of the file, for the progress bar */
    void (*progress)(const struct replay *replay);
    struct replay_totals totals;
    char error[256]; /* one sentence when something answered false */
};

/* Waits for the moment of a message that the file dates file_ns; shows progress. False: the desk has failed. */
NODISCARD bool replay_pace(struct replay *replay, uint64_t file_ns);

enum replay_format { REPLAY_ITCH, REPLAY_RECORDING, REPLAY_NEITHER };
/* By what is in it. NEITHER: one sentence in replay->error. */
enum replay_format replay_recognise(struct replay *replay, const char *path);

/* Reads the whole file for its instruments and their terms. */
NODISCARD bool replay_itch_terms(struct replay *replay, const char *path);
NODISCARD bool replay_recording_terms(struct replay *replay, const char *path);
/* Sends it. */
NODISCARD bool replay_itch_play(struct replay *replay, const char *path);
NODISCARD bool replay_recording_play(struct replay *replay, const char *path);
/* The file's book in reach after the last message played, best first; `levels` has room for REPLAY_ORDERS_MAX. */
size_t replay_recording_book(const struct replay *replay, uint8_t side,
                             struct replay_level *levels);

/* Lists, funds, and gives names for order entry; withdraws what an earlier replay left. Lines on standard error
 * when it answers false. The passwords are made anew. */
NODISCARD bool replay_list(struct replay *replay, const char *var_path, char passwords[2][12],
                           char durability[16]);
/* Compares the books at the end. False: the journal cannot be read. */
NODISCARD bool replay_compare_books(struct replay *replay, const char *var_path, bool is_recording);

#endif
