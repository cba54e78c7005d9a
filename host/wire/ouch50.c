#include "wire/ouch50.h"

#include <string.h>

#include "base/bytes.h"
#include "wire/layout.h"

/* clang-format off */
#define NUMBER(at, bytes, member) LAYOUT_NUMBER(struct ouch50_message, at, bytes, member)
#define TEXT(at, bytes, member)   LAYOUT_TEXT(struct ouch50_message, at, bytes, member)

/* From the client. */
static const struct layout_field enter_fields[] = {
    NUMBER(1, 4, user_ref), TEXT(5, 1, side), NUMBER(6, 4, qty), TEXT(10, 8, symbol), NUMBER(18, 8, price),
    TEXT(26, 1, tif), TEXT(27, 1, display), TEXT(28, 1, capacity), TEXT(29, 1, iso), TEXT(30, 1, cross),
    TEXT(31, 14, clord_id),
};
static const struct layout_field replace_fields[] = {
    NUMBER(1, 4, orig_user_ref), NUMBER(5, 4, user_ref), NUMBER(9, 4, qty), NUMBER(13, 8, price),
    TEXT(21, 1, tif), TEXT(22, 1, display), TEXT(23, 1, iso), TEXT(24, 14, clord_id),
};
static const struct layout_field cancel_fields[] = {NUMBER(1, 4, user_ref), NUMBER(5, 4, qty)};
static const struct layout_field modify_fields[] = {NUMBER(1, 4, user_ref), TEXT(5, 1, side), NUMBER(6, 4, qty)};

/* From the exchange. */
static const struct layout_field system_event_fields[] = {NUMBER(1, 8, timestamp_ns), TEXT(9, 1, event)};
static const struct layout_field accepted_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), TEXT(13, 1, side), NUMBER(14, 4, qty), TEXT(18, 8, symbol),
    NUMBER(26, 8, price), TEXT(34, 1, tif), TEXT(35, 1, display), NUMBER(36, 8, order_ref), TEXT(44, 1, capacity),
    TEXT(45, 1, iso), TEXT(46, 1, cross), TEXT(47, 1, state), TEXT(48, 14, clord_id),
};
static const struct layout_field replaced_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, orig_user_ref), NUMBER(13, 4, user_ref), TEXT(17, 1, side),
    NUMBER(18, 4, qty), TEXT(22, 8, symbol), NUMBER(30, 8, price), TEXT(38, 1, tif), TEXT(39, 1, display),
    NUMBER(40, 8, order_ref), TEXT(48, 1, capacity), TEXT(49, 1, iso), TEXT(50, 1, cross), TEXT(51, 1, state),
    TEXT(52, 14, clord_id),
};
static const struct layout_field canceled_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), NUMBER(13, 4, qty), TEXT(17, 1, reason),
};
static const struct layout_field aiq_canceled_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), NUMBER(13, 4, qty), TEXT(17, 1, reason),
    NUMBER(18, 4, prevented_qty), NUMBER(22, 8, price), TEXT(30, 1, liquidity), TEXT(31, 1, strategy),
};
static const struct layout_field executed_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), NUMBER(13, 4, qty), NUMBER(17, 8, price),
    TEXT(25, 1, liquidity), NUMBER(26, 8, match),
};
static const struct layout_field broken_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), NUMBER(13, 8, match), TEXT(21, 1, reason),
    TEXT(22, 14, clord_id),
};
static const struct layout_field rejected_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), NUMBER(13, 2, reject_reason), TEXT(15, 14, clord_id),
};
static const struct layout_field pending_fields[] = {NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref)};
static const struct layout_field priority_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), NUMBER(13, 8, price), TEXT(21, 1, display),
    NUMBER(22, 8, order_ref),
};
static const struct layout_field modified_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), TEXT(13, 1, side), NUMBER(14, 4, qty),
};
static const struct layout_field restated_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, user_ref), TEXT(13, 1, reason),
};
static const struct layout_field query_response_fields[] = {
    NUMBER(1, 8, timestamp_ns), NUMBER(9, 4, next_user_ref),
};

struct message_layout {
    struct layout head;
    bool has_appendage; /* its length, u16, follows the head */
};

static const struct message_layout client_layouts[128] = {
    ['O'] = {LAYOUT(enter_fields, 45), true},
    ['U'] = {LAYOUT(replace_fields, 38), true},
    ['X'] = {LAYOUT(cancel_fields, 9), false},
    ['M'] = {LAYOUT(modify_fields, 10), false},
    ['Q'] = {{NULL, 0, 1}, false},
};

static const struct message_layout server_layouts[128] = {
    ['S'] = {LAYOUT(system_event_fields, 10), false},
    ['A'] = {LAYOUT(accepted_fields, 62), true},
    ['U'] = {LAYOUT(replaced_fields, 66), true},
    ['C'] = {LAYOUT(canceled_fields, 18), false},
    ['D'] = {LAYOUT(aiq_canceled_fields, 32), false},
    ['E'] = {LAYOUT(executed_fields, 34), true},
    ['B'] = {LAYOUT(broken_fields, 36), false},
    ['J'] = {LAYOUT(rejected_fields, 29), false},
    ['P'] = {LAYOUT(pending_fields, 13), false},
    ['I'] = {LAYOUT(pending_fields, 13), false},
    ['T'] = {LAYOUT(priority_fields, 30), false},
    ['M'] = {LAYOUT(modified_fields, 18), false},
    ['R'] = {LAYOUT(restated_fields, 14), true},
    ['Q'] = {LAYOUT(query_response_fields, 13), false},
};

/* Elements of an appendage by tag; `at` has no meaning here. */
#define TAG_NUMBER(bytes, member) LAYOUT_NUMBER(struct ouch50_appendage, 0, bytes, member)
#define TAG_TEXT(bytes, member)   LAYOUT_TEXT(struct ouch50_appendage, 0, bytes, member)
static const struct layout_field tag_fields[OUCH50_TAG_MAX + 1] = {
    [1] = TAG_NUMBER(8, secondary_ref),
    [2] = TAG_TEXT(4, firm),
    [3] = TAG_NUMBER(4, min_qty),
    [4] = TAG_TEXT(1, customer_type),
    [5] = TAG_NUMBER(4, max_floor),
    [6] = TAG_TEXT(1, price_type),
    [7] = TAG_NUMBER(4, peg_offset),
    [9] = TAG_NUMBER(8, discretion_price),
    [10] = TAG_TEXT(1, discretion_price_type),
    [11] = TAG_NUMBER(4, discretion_peg_offset),
    [12] = TAG_TEXT(1, post_only),
    [13] = TAG_NUMBER(4, random_reserves),
    [14] = TAG_TEXT(4, route),
    [15] = TAG_NUMBER(4, expire_time_seconds),
    [16] = TAG_TEXT(1, trade_now),
    [17] = TAG_TEXT(1, handle_inst),
    [18] = TAG_TEXT(1, bbo_weight),
    [22] = TAG_NUMBER(4, display_qty),
    [23] = TAG_NUMBER(8, display_price),
    [24] = TAG_NUMBER(2, group_id),
    [25] = TAG_TEXT(1, shares_located),
};
/* clang-format on */

static const struct message_layout *layout_of(const struct message_layout layouts[128], char type) {
    unsigned char index = (unsigned char)type;

    return index < 128 && layouts[index].head.bytes > 0 ? &layouts[index] : NULL;
}

static enum ouch50_result appendage_decode(const unsigned char *bytes, size_t length_bytes,
                                           struct ouch50_appendage *appendage) {
    while (length_bytes > 0) {
        size_t counted = bytes[0]; /* the tag and the value */
        if (counted == 0)
            return OUCH50_BAD_APPENDAGE;
        if (length_bytes < 1 + counted)
            return OUCH50_BAD_APPENDAGE;

        uint8_t tag = bytes[1];
        if (tag > OUCH50_TAG_MAX || tag_fields[tag].bytes == 0) {
            appendage->present |= OUCH50_TAG_BIT(OUCH50_TAG_UNKNOWN);
        } else {
            if (tag_fields[tag].bytes != counted - 1)
                return OUCH50_BAD_APPENDAGE;
            if (appendage->present & OUCH50_TAG_BIT(tag))
                return OUCH50_BAD_APPENDAGE;
            appendage->present |= OUCH50_TAG_BIT(tag);
            layout_load(&tag_fields[tag], bytes + 2, appendage);
        }
        bytes += 1 + counted;
        length_bytes -= 1 + counted;
    }
    return OUCH50_OK;
}

static enum ouch50_result decode(const struct message_layout layouts[128],
                                 const unsigned char *bytes, size_t length_bytes,
                                 struct ouch50_message *message) {
    memset(message, 0, sizeof *message);
    if (length_bytes == 0)
        return OUCH50_TRUNCATED;

    const struct message_layout *layout = layout_of(layouts, (char)bytes[0]);
    if (layout == NULL)
        return OUCH50_UNKNOWN_TYPE;
    size_t head_bytes = layout->head.bytes + (layout->has_appendage ? 2u : 0u);
    if (length_bytes < head_bytes)
        return OUCH50_TRUNCATED;
    message->type = (char)bytes[0];
    layout_decode(&layout->head, bytes, message);

    size_t appended = layout->has_appendage ? bytes_load_be16(bytes + layout->head.bytes) : 0;
    if (length_bytes < head_bytes + appended)
        return OUCH50_TRUNCATED;
    if (length_bytes > head_bytes + appended)
        return OUCH50_OVERSIZED;
    return appendage_decode(bytes + head_bytes, appended, &message->appendage);
}

static size_t appendage_bytes(const struct ouch50_appendage *appendage) {
    size_t bytes = 0;

    for (uint32_t tag = 1; tag <= OUCH50_TAG_MAX; tag++)
        if (appendage->present & OUCH50_TAG_BIT(tag))
            bytes += 2u + tag_fields[tag].bytes;
    return bytes;
}

static void appendage_encode(const struct ouch50_appendage *appendage, unsigned char *out) {
    for (uint32_t tag = 1; tag <= OUCH50_TAG_MAX; tag++) {
        if (!(appendage->present & OUCH50_TAG_BIT(tag)))
            continue;
        check(tag_fields[tag].bytes > 0);
        out[0] = (unsigned char)(1 + tag_fields[tag].bytes);
        out[1] = (unsigned char)tag;
        layout_store(&tag_fields[tag], appendage, out + 2);
        out += 2 + tag_fields[tag].bytes;
    }
}

static size_t encode(const struct message_layout layouts[128], const struct ouch50_message *message,
                     unsigned char *out, size_t out_max) {
    const struct message_layout *layout = layout_of(layouts, message->type);
    if (layout == NULL)
        return 0;
    size_t appended = layout->has_appendage ? appendage_bytes(&message->appendage) : 0;
    size_t head_bytes = layout->head.bytes + (layout->has_appendage ? 2u : 0u);
    if (out_max < head_bytes + appended)
        return 0;

    out[0] = (unsigned char)message->type;
    layout_encode(&layout->head, message, out);
    if (layout->has_appendage) {
        bytes_store_be16(out + layout->head.bytes, (uint16_t)appended);
        appendage_encode(&message->appendage, out + head_bytes);
    }
    return head_bytes + appended;
}

enum ouch50_result ouch50_decode_client(const unsigned char *bytes, size_t length_bytes,
                                        struct ouch50_message *message) {
    return decode(client_layouts, bytes, length_bytes, message);
}

enum ouch50_result ouch50_decode_server(const unsigned char *bytes, size_t length_bytes,
                                        struct ouch50_message *message) {
    return decode(server_layouts, bytes, length_bytes, message);
}

size_t ouch50_encode_client(const struct ouch50_message *message, unsigned char *out,
                            size_t out_max) {
    return encode(client_layouts, message, out, out_max);
}

size_t ouch50_encode_server(const struct ouch50_message *message, unsigned char *out,
                            size_t out_max) {
    return encode(server_layouts, message, out, out_max);
}
