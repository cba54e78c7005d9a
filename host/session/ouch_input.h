/* An OUCH message as a COMMAND record for the engine.
 *
 * The door judges what only it can see: fields that OUCH has and this venue has not, symbols, and prices that are no
 * whole number of ticks. Such a command carries a verdict and goes to the engine all the same, so that its
 * UserRefNum is used up, the reject has its place among the replies, and a restart makes the same bytes.
 *
 * command.echo holds what replies repeat and the engine does not know: */
#ifndef SESSION_OUCH_INPUT_H
#define SESSION_OUCH_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/record.h"
#include "session/instrument_directory.h"
#include "wire/ouch50.h"

enum ouch_echo {                /* index into command.echo */
                 ECHO_SIDE = 0, /* enter; in cancel and modify: ECHO_MESSAGE, the message's type */
                 ECHO_MESSAGE = 0,
                 ECHO_TIF = 1, /* enter, replace: as sent, as are the next */
                 ECHO_DISPLAY = 2,
                 ECHO_CAPACITY = 3, /* enter */
                 ECHO_ISO = 4,
                 ECHO_CROSS = 5,  /* enter */
                 ECHO_TAGS = 6,   /* enum echo_tag */
                 ECHO_REASON = 7, /* enum ouch_reject when the door found a flaw; else 0 */
};

enum echo_tag { /* elements of the appendage that replies repeat */
                ECHO_POST_ONLY_YES = 1,
                ECHO_POST_ONLY_NO = 2,
                ECHO_MIN_QTY_ALL = 4, /* MinQty equal to the quantity */
                ECHO_MIN_QTY_ZERO = 8,
                ECHO_MAX_FLOOR_ZERO = 16,
};

/* What orders of this venue do when they meet their own: the incoming one is cancelled. */
#define OUCH_SELF_TRADE STP_EXPIRE_TAKER

/* Each fills a whole record but for request_id, account and door. `flags`: REQUEST_ON_DISCONNECT or 0. */
void ouch_input_enter(const struct ouch50_message *message,
                      const struct instrument_directory *directory, uint8_t flags,
                      union record *input);
/* `instrument` is the replaced order's. */
void ouch_input_replace(const struct ouch50_message *message,
                        const struct instrument_directory *directory, uint16_t instrument,
                        uint8_t flags, union record *input);
/* Cancel and modify. */
void ouch_input_reduce(const struct ouch50_message *message, uint16_t instrument,
                       union record *input);

/* Fills the appendage of a reply from what was kept of the request's. */
void ouch_input_appendage(uint8_t echo_tags, uint32_t qty, struct ouch50_appendage *appendage);

#endif
