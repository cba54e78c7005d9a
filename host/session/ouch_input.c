#include "session/ouch_input.h"

#include <assert.h>
#include <string.h>

#include "core/matcher.h"
#include "session/ouch_reason.h"

static_assert(OUCH50_CLORD_BYTES <= CLIENT_ORDER_ID_BYTES, "a record holds it");

#define TAG(name) OUCH50_TAG_BIT(OUCH50_TAG_##name)

/* Tags that mean something here; and those for which OUCH has a reason of its own. */
#define TAGS_KNOWN (TAG(POST_ONLY) | TAG(MIN_QTY) | TAG(MAX_FLOOR))
#define TAGS_PEGGED                                                                                \
    (TAG(PRICE_TYPE) | TAG(PEG_OFFSET) | TAG(DISCRETION_PRICE) | TAG(DISCRETION_PRICE_TYPE) |      \
     TAG(DISCRETION_PEG_OFFSET))

static bool is_one_of(char value, const char *values) {
    return value != '\0' && strchr(values, value) != NULL;
}

static bool is_printable(const char *text, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

static enum ouch_reject appendage_flaw(const struct ouch50_message *message) {
    const struct ouch50_appendage *appendage = &message->appendage;

    if (appendage->present & TAGS_PEGGED)
        return OUCH_REJECT_PEGGING;
    if (appendage->present & TAG(FIRM))
        return OUCH_REJECT_FIRM;
    if (appendage->present & TAG(ROUTE))
        return OUCH_REJECT_ROUTING;
    if (appendage->present & ~TAGS_KNOWN)
        return OUCH_REJECT_OTHER;
    if (appendage->max_floor != 0)
        return OUCH_REJECT_MAX_FLOOR;
    if (appendage->present & TAG(POST_ONLY) && !is_one_of(appendage->post_only, "PN"))
        return OUCH_REJECT_OTHER;
    /* All or nothing at once is the only minimum that the matcher knows. */
    if (appendage->min_qty != 0 && (message->tif != '3' || appendage->min_qty != message->qty))
        return OUCH_REJECT_MIN_QTY;
    return 0;
}

/* What enter and replace have in common. 0: nothing is wrong. */
static enum ouch_reject terms_flaw(const struct ouch50_message *message) {
    if (!is_one_of(message->tif, "03"))
        return OUCH_REJECT_OTHER;
    if (!is_one_of(message->display, "YA"))
        return OUCH_REJECT_DISPLAY;
    if (message->iso != 'N')
        return OUCH_REJECT_ISO;
    if (!is_printable(message->clord_id, sizeof message->clord_id))
        return OUCH_REJECT_OTHER;
    return appendage_flaw(message);
}

static enum ouch_reject enter_flaw(const struct ouch50_message *message) {
    if (is_one_of(message->side, "TE"))
        return OUCH_REJECT_SHORT_SELL;
    if (!is_one_of(message->side, "BS"))
        return OUCH_REJECT_SIDE;
    if (!is_one_of(message->capacity, "APRO"))
        return OUCH_REJECT_OTHER;
    if (message->cross != 'N')
        return OUCH_REJECT_CROSS_ORDER;
    return terms_flaw(message);
}

static uint8_t echo_tags(const struct ouch50_appendage *appendage) {
    uint8_t tags = 0;

    if (appendage->present & TAG(POST_ONLY))
        tags |= appendage->post_only == 'P' ? ECHO_POST_ONLY_YES : ECHO_POST_ONLY_NO;
    if (appendage->present & TAG(MIN_QTY))
        tags |= appendage->min_qty != 0 ? ECHO_MIN_QTY_ALL : ECHO_MIN_QTY_ZERO;
    if (appendage->present & TAG(MAX_FLOOR))
        tags |= ECHO_MAX_FLOOR_ZERO;
    return tags;
}

static struct command_record *command_begin(union record *input, uint8_t op, uint8_t flags,
                                            uint16_t instrument) {
    memset(input, 0, sizeof *input);
    input->head.kind = RECORD_COMMAND;
    input->head.units = record_units(RECORD_COMMAND);
    input->head.instrument = instrument;
    input->request.flags = flags;
    input->command.op = op;
    return &input->command;
}

static void terms_fill(const struct ouch50_message *message, struct command_record *command) {
    size_t length = sizeof message->clord_id;

    command->qty_lots = message->qty;
    command->user_ref = message->user_ref;
    command->tif = message->tif == '3' ? TIF_IOC : TIF_GTC;
    if (message->appendage.min_qty != 0)
        command->tif = TIF_FOK;
    command->post_only = message->appendage.post_only == 'P';
    command->stp = OUCH_SELF_TRADE;
    command->echo[ECHO_TIF] = (uint8_t)message->tif;
    command->echo[ECHO_DISPLAY] = (uint8_t)message->display;
    command->echo[ECHO_ISO] = (uint8_t)message->iso;
    command->echo[ECHO_TAGS] = echo_tags(&message->appendage);
    while (length > 0 && message->clord_id[length - 1] == ' ')
        length--;
    if (is_printable(message->clord_id, length)) {
        memcpy(command->client_order_id, message->clord_id, length);
        command->client_order_id_length = (uint8_t)length;
    }
}

/* The engine need not understand a command with a flaw, so it is left without values that mean nothing. */
static void refuse(struct command_record *command, enum ouch_reject reason, enum verdict verdict) {
    command->request.verdict = (uint16_t)verdict;
    command->echo[ECHO_REASON] = (uint8_t)reason;
}

static void price_fill(uint64_t price, const struct instrument_directory_terms *terms,
                       struct command_record *command) {
    if (price == OUCH50_PRICE_MARKET) {
        command->type = ORDER_TYPE_MARKET;
        return;
    }
    enum verdict verdict = instrument_directory_ticks(terms, price, &command->price_ticks);
    if (verdict != VERDICT_TAKEN)
        refuse(command, OUCH_REJECT_PRICE, verdict);
}

void ouch_input_enter(const struct ouch50_message *message,
                      const struct instrument_directory *directory, uint8_t flags,
                      union record *input) {
    uint16_t instrument = instrument_directory_find(directory, message->symbol);
    enum ouch_reject flaw = enter_flaw(message);
    struct command_record *command = command_begin(input, COMMAND_NEW, flags, instrument);

    terms_fill(message, command);
    command->side = message->side == 'B' ? SIDE_BUY : SIDE_SELL;
    command->echo[ECHO_SIDE] = (uint8_t)message->side;
    command->echo[ECHO_CAPACITY] = (uint8_t)message->capacity;
    command->echo[ECHO_CROSS] = (uint8_t)message->cross;
    if (instrument == INSTRUMENT_NONE)
        refuse(command, OUCH_REJECT_SYMBOL, VERDICT_UNKNOWN_INSTRUMENT);
    else if (flaw != 0)
        refuse(command, flaw, VERDICT_UNSUPPORTED);
    else
        price_fill(message->price, instrument_directory_terms(directory, instrument), command);
}

void ouch_input_replace(const struct ouch50_message *message,
                        const struct instrument_directory *directory, uint16_t instrument,
                        uint8_t flags, union record *input) {
    enum ouch_reject flaw = terms_flaw(message);
    struct command_record *command =
        command_begin(input, COMMAND_REPLACE,
                      flags | REQUEST_QTY_IS_TOTAL | REQUEST_OR_CANCEL | REQUEST_QUIET, instrument);

    terms_fill(message, command);
    command->orig_user_ref = message->orig_user_ref;
    if (flaw != 0)
        refuse(command, flaw, VERDICT_UNSUPPORTED);
    else if (message->price == OUCH50_PRICE_MARKET)
        refuse(command, OUCH_REJECT_PRICE,
               VERDICT_UNSUPPORTED); /* a replace enters a limit order */
    else
        price_fill(message->price, instrument_directory_terms(directory, instrument), command);
}

void ouch_input_reduce(const struct ouch50_message *message, uint16_t instrument,
                       union record *input) {
    bool all = message->qty == 0;
    struct command_record *command =
        command_begin(input, all ? COMMAND_CANCEL : COMMAND_REDUCE,
                      all ? REQUEST_QUIET : REQUEST_QUIET | REQUEST_QTY_IS_TOTAL, instrument);

    command->qty_lots = message->qty;
    command->orig_user_ref = message->user_ref;
    command->echo[ECHO_MESSAGE] = (uint8_t)message->type;
}

void ouch_input_appendage(uint8_t tags, uint32_t qty, struct ouch50_appendage *appendage) {
    memset(appendage, 0, sizeof *appendage);
    if (tags & (ECHO_POST_ONLY_YES | ECHO_POST_ONLY_NO)) {
        appendage->present |= TAG(POST_ONLY);
        appendage->post_only = tags & ECHO_POST_ONLY_YES ? 'P' : 'N';
    }
    if (tags & (ECHO_MIN_QTY_ALL | ECHO_MIN_QTY_ZERO)) {
        appendage->present |= TAG(MIN_QTY);
        appendage->min_qty = tags & ECHO_MIN_QTY_ALL ? qty : 0;
    }
    if (tags & ECHO_MAX_FLOOR_ZERO)
        appendage->present |= TAG(MAX_FLOOR);
}
