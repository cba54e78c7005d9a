#include "core/readable_form.h"

static const char *const sides[] = {"buy", "sell", NULL};
static const char *const types[] = {"limit", "market", NULL};
static const char *const tifs[] = {"gtc", "ioc", "fok", NULL};
static const char *const stps[] = {"none",        "expire_taker", "expire_maker",
                                   "expire_both", "decrement",    NULL};
static const char *const states[] = {"open", "halted", "closed", NULL};

#define AT(member)                                                                                 \
    .offset = offsetof(struct readable_line, member),                                              \
    .bytes = sizeof(((struct readable_line *)NULL)->member)
#define NUMBER(name, member, low, high)                                                            \
    { .key = name, AT(member), .type = FIELD_NUMBER, .min = low, .max = high }
#define HANDLE(name, member)                                                                       \
    { .key = name, AT(member), .type = FIELD_HANDLE }
#define CHOICE(name, member, words)                                                                \
    { .key = name, AT(member), .type = FIELD_CHOICE, .choices = words }
#define TICKS_OF(name, member, whose)                                                              \
    { .key = name, AT(member), .type = FIELD_NUMBER, .max = UINT32_MAX, .scope = whose }

#define INSTRUMENT NUMBER("i", command.instrument, 0, UINT16_MAX)
#define QTY        NUMBER("qty", command.qty_lots, 0, UINT64_MAX)
#define OWNER      NUMBER("owner", command.owner, 0, UINT32_MAX)
#define PRICE      NUMBER("px", command.price_ticks, 0, UINT32_MAX)
#define POST       NUMBER("post", command.post_only, 0, 1)

const struct readable_form readable_forms[READABLE_FORM_COUNT] = {
    {"LIMITS",
     READABLE_LIMITS,
     0,
     2,
     {NUMBER("qty_bits", limits.qty_bits, 1, 64),
      NUMBER("handles", limits.handle_count, 1, 1u << HANDLE_INDEX_BITS)}},
    {"INSTRUMENT",
     READABLE_INSTRUMENT,
     0,
     3,
     {NUMBER("i", instrument.number, 0, UINT16_MAX),
      NUMBER("base", instrument.base_ticks, 0, UINT32_MAX), NUMBER("k", instrument.k, 0, 32)}},
    {"NEW",
     READABLE_COMMAND,
     OP_NEW,
     11,
     {INSTRUMENT, CHOICE("side", command.side, sides), CHOICE("type", command.type, types),
      TICKS_OF("px", command.price_ticks, SCOPE_LIMIT_ORDER), QTY, CHOICE("tif", command.tif, tifs),
      HANDLE("h", command.handle), OWNER, CHOICE("stp", command.stp, stps), POST,
      TICKS_OF("limit", command.limit_ticks, SCOPE_MARKET_ORDER)}},
    {"CANCEL", READABLE_COMMAND, OP_CANCEL, 2, {INSTRUMENT, HANDLE("h", command.handle)}},
    {"REDUCE", READABLE_COMMAND, OP_REDUCE, 3, {INSTRUMENT, HANDLE("h", command.handle), QTY}},
    {"REPLACE",
     READABLE_COMMAND,
     OP_REPLACE,
     9,
     {INSTRUMENT, HANDLE("h", command.handle), HANDLE("new", command.new_handle), PRICE, QTY,
      NUMBER("seen", command.seen_lots, 0, UINT64_MAX), CHOICE("tif", command.tif, tifs),
      CHOICE("stp", command.stp, stps), POST}},
    {"MASS_CANCEL", READABLE_COMMAND, OP_MASS_CANCEL, 2, {INSTRUMENT, OWNER}},
    {"SET_BAND",
     READABLE_COMMAND,
     OP_SET_BAND,
     2,
     {INSTRUMENT, NUMBER("base", command.price_ticks, 0, UINT32_MAX)}},
    {"SET_STATE",
     READABLE_COMMAND,
     OP_SET_STATE,
     2,
     {INSTRUMENT, CHOICE("state", command.state, states)}},
};
