#include "apps/tools/market.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

bool market_open(struct market *market) {
    static const struct feed_limits limits = {.account_max = ACCOUNT_MAX,
                                              .balance_max = BALANCE_MAX,
                                              .order_max = ORDER_MAX,
                                              .instrument_max = INSTRUMENT_MAX,
                                              .finished_max = 1024,
                                              .fill_max = 1024,
                                              .candle_max = 1};
    struct arena arena;

    market->memory_bytes = sizeof *market->view + 64 + market_view_bytes(&limits);
    market->memory = mmap(NULL, market->memory_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (market->memory == MAP_FAILED) {
        fprintf(stderr, "crosspoint: out of memory\n");
        return false;
    }
    arena_init(&arena, market->memory, market->memory_bytes);
    market->view = arena_take(&arena, sizeof *market->view, 64);
    market_view_init(market->view, &arena, &limits);
    return true;
}

bool market_read(struct market *market, const char *var_path) {
    struct journal_source source;
    union record record;
    enum read_result result;

    if (!market_open(market))
        return false;
    if (!journal_source_open(&source, var_path, 0)) {
        market_close(market);
        return false;
    }
    while ((result = journal_source_next(&source, &record)) == READ_RECORD)
        market_view_record(market->view, &record);
    journal_source_close(&source);
    if (result != READ_NOTHING)
        market_close(market);
    return result == READ_NOTHING;
}

void market_close(struct market *market) {
    munmap(market->memory, market->memory_bytes);
    market->view = NULL;
}

int market_asset(const struct market *market, const char *name) {
    const struct directory *directory = &market->view->directory;

    for (uint32_t i = 0; i < directory->asset_count; i++)
        if (strcmp(directory->assets[i].name, name) == 0)
            return (int)i;
    fprintf(stderr, "crosspoint: no asset '%s' is listed (crosspoint asset list)\n", name);
    return -1;
}

int market_instrument(const struct market *market, const char *symbol) {
    uint16_t found = directory_find(&market->view->directory, symbol, strlen(symbol));

    if (found != INSTRUMENT_NONE)
        return found;
    fprintf(stderr, "crosspoint: no instrument '%s' is listed (crosspoint instrument list)\n",
            symbol);
    return -1;
}
