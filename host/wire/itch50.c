#include "wire/itch50.h"

#include <string.h>

#include "wire/layout.h"

/* clang-format off */
#define NUMBER(at, bytes, member) LAYOUT_NUMBER(struct itch50_message, at, bytes, member)
#define TEXT(at, bytes, member)   LAYOUT_TEXT(struct itch50_message, at, bytes, member)
#define HEAD NUMBER(1, 2, locate), NUMBER(3, 2, tracking), NUMBER(5, 6, timestamp_ns)

static const struct layout_field system_fields[] = {HEAD, TEXT(11, 1, system.event)};
static const struct layout_field directory_fields[] = {
    HEAD, TEXT(11, 8, directory.symbol), TEXT(19, 1, directory.category), TEXT(20, 1, directory.financial),
    NUMBER(21, 4, directory.round_lot), TEXT(25, 1, directory.lots_only), TEXT(26, 1, directory.issue_class),
    TEXT(27, 2, directory.subtype), TEXT(29, 1, directory.authenticity), TEXT(30, 1, directory.threshold),
    TEXT(31, 1, directory.ipo), TEXT(32, 1, directory.luld_tier), TEXT(33, 1, directory.etp),
    NUMBER(34, 4, directory.etp_leverage), TEXT(38, 1, directory.inverse),
};
static const struct layout_field trading_fields[] = {
    HEAD, TEXT(11, 8, trading.symbol), TEXT(19, 1, trading.state), TEXT(20, 1, trading.reserved),
    TEXT(21, 4, trading.reason),
};
static const struct layout_field short_sale_fields[] = {
    HEAD, TEXT(11, 8, short_sale.symbol), TEXT(19, 1, short_sale.action),
};
static const struct layout_field participant_fields[] = {
    HEAD, TEXT(11, 4, participant.mpid), TEXT(15, 8, participant.symbol), TEXT(23, 1, participant.primary),
    TEXT(24, 1, participant.mode), TEXT(25, 1, participant.state),
};
static const struct layout_field breaker_levels_fields[] = {
    HEAD, NUMBER(11, 8, breaker_levels.level_1), NUMBER(19, 8, breaker_levels.level_2),
    NUMBER(27, 8, breaker_levels.level_3),
};
static const struct layout_field breaker_status_fields[] = {HEAD, TEXT(11, 1, breaker_status.breached)};
static const struct layout_field ipo_fields[] = {
    HEAD, TEXT(11, 8, ipo.symbol), NUMBER(19, 4, ipo.time_seconds), TEXT(23, 1, ipo.qualifier),
    NUMBER(24, 4, ipo.price),
};
static const struct layout_field collar_fields[] = {
    HEAD, TEXT(11, 8, collar.symbol), NUMBER(19, 4, collar.reference), NUMBER(23, 4, collar.upper),
    NUMBER(27, 4, collar.lower), NUMBER(31, 4, collar.extension),
};
static const struct layout_field operational_halt_fields[] = {
    HEAD, TEXT(11, 8, operational_halt.symbol), TEXT(19, 1, operational_halt.market),
    TEXT(20, 1, operational_halt.action),
};
#define ADD HEAD, NUMBER(11, 8, add.order_ref), TEXT(19, 1, add.side), NUMBER(20, 4, add.qty), \
    TEXT(24, 8, add.symbol), NUMBER(32, 4, add.price)
static const struct layout_field add_fields[] = {ADD};
static const struct layout_field add_attributed_fields[] = {ADD, TEXT(36, 4, add.attribution)};
#define EXECUTED HEAD, NUMBER(11, 8, executed.order_ref), NUMBER(19, 4, executed.qty), NUMBER(23, 8, executed.match)
static const struct layout_field executed_fields[] = {EXECUTED};
static const struct layout_field executed_at_fields[] = {
    EXECUTED, TEXT(31, 1, executed.printable), NUMBER(32, 4, executed.price),
};
static const struct layout_field cancel_fields[] = {HEAD, NUMBER(11, 8, cancel.order_ref), NUMBER(19, 4, cancel.qty)};
static const struct layout_field delete_fields[] = {HEAD, NUMBER(11, 8, remove.order_ref)};
static const struct layout_field replace_fields[] = {
    HEAD, NUMBER(11, 8, replace.orig_order_ref), NUMBER(19, 8, replace.order_ref), NUMBER(27, 4, replace.qty),
    NUMBER(31, 4, replace.price),
};
static const struct layout_field trade_fields[] = {
    HEAD, NUMBER(11, 8, trade.order_ref), TEXT(19, 1, trade.side), NUMBER(20, 4, trade.qty), TEXT(24, 8, trade.symbol),
    NUMBER(32, 4, trade.price), NUMBER(36, 8, trade.match),
};
static const struct layout_field cross_fields[] = {
    HEAD, NUMBER(11, 8, cross.qty), TEXT(19, 8, cross.symbol), NUMBER(27, 4, cross.price), NUMBER(31, 8, cross.match),
    TEXT(39, 1, cross.cross),
};
static const struct layout_field broken_fields[] = {HEAD, NUMBER(11, 8, broken.match)};
static const struct layout_field imbalance_fields[] = {
    HEAD, NUMBER(11, 8, imbalance.paired), NUMBER(19, 8, imbalance.imbalance), TEXT(27, 1, imbalance.direction),
    TEXT(28, 8, imbalance.symbol), NUMBER(36, 4, imbalance.far), NUMBER(40, 4, imbalance.near),
    NUMBER(44, 4, imbalance.reference), TEXT(48, 1, imbalance.cross), TEXT(49, 1, imbalance.variation),
};
static const struct layout_field retail_fields[] = {HEAD, TEXT(11, 8, retail.symbol), TEXT(19, 1, retail.flag)};
static const struct layout_field direct_listing_fields[] = {
    HEAD, TEXT(11, 8, direct_listing.symbol), TEXT(19, 1, direct_listing.open),
    NUMBER(20, 4, direct_listing.min_price), NUMBER(24, 4, direct_listing.max_price),
    NUMBER(28, 4, direct_listing.near), NUMBER(32, 8, direct_listing.near_time),
    NUMBER(40, 4, direct_listing.lower), NUMBER(44, 4, direct_listing.upper),
};

static const struct layout layouts[128] = {
    ['S'] = LAYOUT(system_fields, 12),
    ['R'] = LAYOUT(directory_fields, 39),
    ['H'] = LAYOUT(trading_fields, 25),
    ['Y'] = LAYOUT(short_sale_fields, 20),
    ['L'] = LAYOUT(participant_fields, 26),
    ['V'] = LAYOUT(breaker_levels_fields, 35),
    ['W'] = LAYOUT(breaker_status_fields, 12),
    ['K'] = LAYOUT(ipo_fields, 28),
    ['J'] = LAYOUT(collar_fields, 35),
    ['h'] = LAYOUT(operational_halt_fields, 21),
    ['A'] = LAYOUT(add_fields, 36),
    ['F'] = LAYOUT(add_attributed_fields, 40),
    ['E'] = LAYOUT(executed_fields, 31),
    ['C'] = LAYOUT(executed_at_fields, 36),
    ['X'] = LAYOUT(cancel_fields, 23),
    ['D'] = LAYOUT(delete_fields, 19),
    ['U'] = LAYOUT(replace_fields, 35),
    ['P'] = LAYOUT(trade_fields, 44),
    ['Q'] = LAYOUT(cross_fields, 40),
    ['B'] = LAYOUT(broken_fields, 19),
    ['I'] = LAYOUT(imbalance_fields, 50),
    ['N'] = LAYOUT(retail_fields, 20),
    ['O'] = LAYOUT(direct_listing_fields, 48),
};
/* clang-format on */

size_t itch50_bytes(char type) {
    unsigned char index = (unsigned char)type;

    return index < 128 ? layouts[index].bytes : 0;
}

enum itch50_result itch50_decode(const unsigned char *bytes, size_t length_bytes,
                                 struct itch50_message *message) {
    memset(message, 0, sizeof *message);
    if (length_bytes == 0)
        return ITCH50_WRONG_LENGTH;

    size_t expected = itch50_bytes((char)bytes[0]);
    if (expected == 0)
        return ITCH50_UNKNOWN_TYPE;
    if (length_bytes != expected)
        return ITCH50_WRONG_LENGTH;
    message->type = (char)bytes[0];
    layout_decode(&layouts[bytes[0]], bytes, message);
    return ITCH50_OK;
}

size_t itch50_encode(const struct itch50_message *message, unsigned char *out, size_t out_max) {
    size_t bytes = itch50_bytes(message->type);

    if (bytes == 0 || out_max < bytes)
        return 0;
    out[0] = (unsigned char)message->type;
    layout_encode(&layouts[(unsigned char)message->type], message, out);
    return bytes;
}
