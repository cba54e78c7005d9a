/* The desk of a replay: two order entry sessions (buys by one account, sells by the other), the judge, and the rule
 * that makes the order of their messages certain.
 *
 * Two TCP connections have no order between them, and the reference must be fed in the exchange's order. Messages
 * whose order does not matter go out without waiting: as long as, since both sessions last were quiet, no buy
 * that exists or existed reaches the price of a sell, nothing can have traded, and buys and sells commute. Before
 * the first message that would break this, the desk waits until every reply it expects has come (`waits`
 * counts). Then what follows on one session alone is in order by itself. So the orders are the same in every run,
 * and so is every trade.
 *
 * Replies are read as they come and handed to the judge. */
#ifndef TOOLS_REPLAY_DESK_H
#define TOOLS_REPLAY_DESK_H

#include "apps/client/order_client.h"
#include "apps/tools/replay_check.h"

#define REPLAY_OWED_MAX   4096 /* replies; then the desk reads before it sends more */
#define REPLAY_PATIENCE_S 20   /* without any reply, while some are owed: the replay has failed */

struct replay_desk;

/* Ready to send: logged on, UserRefNum known. NULL, and one sentence in `error`. `logons` by enum side. */
struct replay_desk *replay_desk_open(struct replay_check *judge,
                                     const struct order_client_logon logons[2], char *error,
                                     size_t error_bytes);
void replay_desk_close(struct replay_desk *desk);

/* As in replay_check.h, and sent. Nothing is sent any more once a connection is gone (replay_desk_failed). */
uint32_t replay_desk_enter(struct replay_desk *desk, const struct replay_check_order *order);
void replay_desk_cancel(struct replay_desk *desk, uint32_t order);
void replay_desk_reduce(struct replay_desk *desk, uint32_t order, uint32_t left_lots);
uint32_t replay_desk_replace(struct replay_desk *desk, uint32_t order, uint32_t price_ticks,
                             uint32_t qty_lots);

/* Waits for all that is owed; what does not come is counted as missing. */
void replay_desk_settle(struct replay_desk *desk);
/* Reads replies until that time (monotonic). */
void replay_desk_until(struct replay_desk *desk, uint64_t until_ns);
/* NULL: all is well. */
const char *replay_desk_failed(const struct replay_desk *desk);
uint64_t replay_desk_waits(const struct replay_desk *desk);
struct replay_check *replay_desk_judge(const struct replay_desk *desk);

#endif
