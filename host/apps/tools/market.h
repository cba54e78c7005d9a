/* The market as the journal tells it, for the tool's lists: all of it, read once. */
#ifndef TOOLS_MARKET_H
#define TOOLS_MARKET_H

#include "apps/tools/journal_source.h"
#include "feed/market_view.h"

struct market {
    struct market_view *view;
    void *memory;
    size_t memory_bytes;
};

/* An empty view. False: no memory. */
NODISCARD bool market_open(struct market *market);
/* Reads the whole journal. False, and a line on standard error, when it cannot be read; else market_close it. */
NODISCARD bool market_read(struct market *market, const char *var_path);
void market_close(struct market *market);

/* The index, or -1 and a line on standard error. */
int market_asset(const struct market *market, const char *name);
int market_instrument(const struct market *market, const char *symbol);

#endif
