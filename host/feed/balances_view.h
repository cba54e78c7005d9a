/* Balances by addition: each record says what moved, and this view does nothing but add it up, without the
 * engine's ledger. What it finds is therefore an independent recount: for every asset the sum over all
 * accounts, the house and the outside is zero after every record, or one of the two is wrong. */
#ifndef FEED_BALANCES_VIEW_H
#define FEED_BALANCES_VIEW_H

#include <stdbool.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/hash_map.h"
#include "core/record.h"
#include "feed/directory.h"
#include "feed/limits.h"

struct balance_view {
    amount_t available_atoms;
    amount_t held_atoms;
    uint32_t account;
    uint16_t asset;
    uint32_t next; /* of the same account; index + 1, 0 = last */
};

struct balances_view {
    struct feed_limits limits;
    struct hash_map index;
    struct balance_view *balances;
    uint32_t *first; /* by account_index: index + 1, 0 = none */
    uint32_t count;
    /* What the last record changed; indices into `balances`. */
    uint32_t touched[BALANCES_TOUCHED_MAX];
    uint32_t touched_count;
};

size_t balances_view_bytes(const struct feed_limits *limits);
void balances_view_init(struct balances_view *view, struct arena *arena,
                        const struct feed_limits *limits);
/* The directory has taken the record already. */
void balances_view_record(struct balances_view *view, const struct directory *directory,
                          const union record *record);

/* Zeroes where nothing ever moved. */
struct balance_view balances_view_get(const struct balances_view *view, uint32_t account,
                                      uint16_t asset);
/* Walks an account's balances: start with NULL; NULL is the end. */
const struct balance_view *balances_view_next(const struct balances_view *view, uint32_t account,
                                              const struct balance_view *after);
/* The sum over everything; zero, or the books do not balance. */
amount_t balances_view_sum(const struct balances_view *view, uint16_t asset);

#endif
