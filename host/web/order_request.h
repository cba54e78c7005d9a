/* From the names and values of a request to the record that asks the engine. What is wrong already here (an
 * unknown market, a price off the tick) is refused here: nothing is sent. */
#ifndef WEB_ORDER_REQUEST_H
#define WEB_ORDER_REQUEST_H

#include "core/record.h"
#include "feed/market_view.h"
#include "web/api_error.h"
#include "web/parameters.h"

/* Each fills *record whole and returns an error with status 0, or leaves it and returns the refusal. */
struct api_error order_request_new(const struct market_view *view,
                                   const struct parameters *parameters, uint64_t request_id,
                                   union record *record);
struct api_error order_request_cancel(const struct market_view *view,
                                      const struct parameters *parameters, uint64_t request_id,
                                      union record *record);
struct api_error order_request_cancel_all(const struct market_view *view,
                                          const struct parameters *parameters, uint64_t request_id,
                                          union record *record);
/* The same for an account, without a request: a guest has gone. */
void order_request_sweep(uint32_t account, uint64_t request_id, union record *record);

/* Parts that other requests use. *account must exist. */
struct api_error order_request_account(const struct market_view *view,
                                       const struct parameters *parameters, uint32_t *account);
/* INSTRUMENT_NONE and no error when it was not sent and need not be. */
struct api_error order_request_instrument(const struct market_view *view,
                                          const struct parameters *parameters, bool is_needed,
                                          uint16_t *instrument);
/* A price or step in ticks; above zero. */
struct api_error order_request_ticks(const struct listed_instrument *instrument, const char *text,
                                     uint32_t *price_ticks);
/* Digits only, at most `max`. */
NODISCARD bool whole_read(const char *text, uint64_t max, uint64_t *value);

#endif
