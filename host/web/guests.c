#include "web/guests.h"

#include <string.h>

#include "base/check.h"

static bool is_lent(const struct guests *guests, uint32_t account) {
    for (uint32_t i = 0; i < guests->lent_count; i++)
        if (guests->accounts[i] == account)
            return true;
    return false;
}

static bool is_guest(const struct guests *guests, const struct market_view *view, uint32_t number) {
    const struct listed_account *account = directory_account(&view->directory, number);

    return account != NULL && strncmp(account->name, guests->prefix, strlen(guests->prefix)) == 0;
}

/* The next guest after `after` that nobody has; 0: none. */
static uint32_t next_free(const struct guests *guests, const struct market_view *view,
                          uint32_t after) {
    for (uint32_t number = after + 1; number < view->directory.account_end; number++)
        if (is_guest(guests, view, number) && !is_lent(guests, number))
            return number;
    return 0;
}

uint32_t guests_lend(struct guests *guests, const struct market_view *view) {
    uint32_t number = 0;

    if (guests->lent_count == GUESTS_MAX)
        return 0;
    while ((number = next_free(guests, view, number)) != 0)
        if (orders_view_open_count(&view->orders, number) == 0) {
            guests->accounts[guests->lent_count++] = number;
            return number;
        }
    return 0;
}

void guests_return(struct guests *guests, uint32_t account) {
    for (uint32_t i = 0; i < guests->lent_count; i++)
        if (guests->accounts[i] == account) {
            guests->accounts[i] = guests->accounts[--guests->lent_count];
            return;
        }
    check(false);
}

uint32_t guests_next_to_sweep(const struct guests *guests, const struct market_view *view,
                              uint32_t after) {
    uint32_t number = after;

    while ((number = next_free(guests, view, number)) != 0)
        if (orders_view_open_count(&view->orders, number) > 0)
            return number;
    return 0;
}
