#include <string.h>

#include "core/readable_form.h"

/* Where the next byte goes. Every line we print fits READABLE_LINE_MAX: fields are few and bounded. */
struct pen {
    char *at;
};

static void put_text(struct pen *pen, const char *text) {
    size_t length = strlen(text);

    memcpy(pen->at, text, length);
    pen->at += length;
}

static void put_number(struct pen *pen, uint64_t number) {
    char digits[20];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *pen->at++ = digits[--count];
}

static void put_handle(struct pen *pen, uint32_t handle) {
    put_number(pen, HANDLE_GENERATION(handle));
    put_text(pen, ":");
    put_number(pen, HANDLE_INDEX(handle));
}

static void put_key_number(struct pen *pen, const char *key, uint64_t number) {
    put_text(pen, key);
    put_number(pen, number);
}

static void put_key_handle(struct pen *pen, const char *key, uint32_t handle) {
    put_text(pen, key);
    put_handle(pen, handle);
}

/* ---- settings and commands ---- */

static uint64_t load(const struct readable_line *line, const struct readable_field *field) {
    uint64_t number = 0;

    memcpy(&number, (const char *)line + field->offset, field->bytes);
    return number;
}

static const struct readable_form *form_of(const struct readable_line *line) {
    for (size_t i = 0; i < READABLE_FORM_COUNT; i++)
        if (readable_forms[i].kind == line->kind &&
            (line->kind != READABLE_COMMAND || readable_forms[i].op == line->command.op))
            return &readable_forms[i];
    check(!"a line that has a form");
    return NULL;
}

static bool applies(const struct readable_line *line, const struct readable_field *field) {
    switch ((enum field_scope)field->scope) {
    case SCOPE_ALWAYS: return true;
    case SCOPE_LIMIT_ORDER: return line->command.type == ORDER_TYPE_LIMIT;
    case SCOPE_MARKET_ORDER: return line->command.type == ORDER_TYPE_MARKET;
    }
    return false;
}

static size_t choice_count(const struct readable_field *field) {
    size_t count = 0;

    while (field->choices[count] != NULL)
        count++;
    return count;
}

static void put_field(struct pen *pen, const struct readable_field *field, uint64_t number) {
    put_text(pen, " ");
    put_text(pen, field->key);
    put_text(pen, "=");
    switch ((enum field_type)field->type) {
    case FIELD_NUMBER: put_number(pen, number); break;
    case FIELD_HANDLE: put_handle(pen, (uint32_t)number); break;
    case FIELD_CHOICE:
        check(number < choice_count(field));
        put_text(pen, field->choices[number]);
        break;
    }
}

size_t readable_print_line(const struct readable_line *line, char out[READABLE_LINE_MAX]) {
    const struct readable_form *form = form_of(line);
    struct pen pen = {out};

    put_text(&pen, form->word);
    for (size_t i = 0; i < form->field_count; i++)
        if (applies(line, &form->fields[i]))
            put_field(&pen, &form->fields[i], load(line, &form->fields[i]));
    return (size_t)(pen.at - out);
}

size_t readable_print_command(const struct matcher_command *command, char out[READABLE_LINE_MAX]) {
    struct readable_line line = {.kind = READABLE_COMMAND, .command = *command};

    return readable_print_line(&line, out);
}

/* ---- events ---- */

static const char *const cancel_words[] = {
    [WHY_USER] = "user", [WHY_IOC] = "ioc",   [WHY_SELF_TRADE] = "self_trade",
    [WHY_BAND] = "band", [WHY_MASS] = "mass", [WHY_REPLACE] = "replace"};

static const char *const reject_words[] = {[REJECT_UNKNOWN_ORDER] = "unknown_order",
                                           [REJECT_HANDLE] = "handle",
                                           [REJECT_STATE] = "state",
                                           [REJECT_QTY] = "qty",
                                           [REJECT_PRICE_BAND] = "price_band",
                                           [REJECT_WOULD_CROSS] = "would_cross",
                                           [REJECT_FOK] = "fok"};

static void put_why(struct pen *pen, const char *const *words, size_t count, uint8_t why) {
    check(why > 0);
    check(why < count);
    put_text(pen, " why=");
    put_text(pen, words[why]);
}

static void put_trade(struct pen *pen, const struct matcher_event *event) {
    put_key_number(pen, " match=", event->order.match);
    put_key_handle(pen, " maker=", event->order.maker);
    put_key_handle(pen, " taker=", event->order.handle);
    put_key_number(pen, " px=", event->order.price_ticks);
    put_key_number(pen, " qty=", event->order.qty_lots);
    put_key_number(pen, " maker_left=", event->order.maker_left);
    put_key_number(pen, " taker_left=", event->order.taker_left);
}

static void put_touch(struct pen *pen, const char *key, uint32_t price_ticks, uint64_t qty_lots) {
    put_text(pen, key);
    if (qty_lots == 0) {
        put_text(pen, "-");
        return;
    }
    put_number(pen, price_ticks);
    put_text(pen, "x");
    put_number(pen, qty_lots);
}

static void put_about_order(struct pen *pen, const struct matcher_event *event) {
    put_key_handle(pen, " h=", event->order.handle);
    if (event->type == EVENT_RESTED)
        put_key_number(pen, " px=", event->order.price_ticks);
    if (event->type != EVENT_ACCEPTED && event->type != EVENT_REJECT)
        put_key_number(pen, " qty=", event->order.qty_lots);
    if (event->type == EVENT_CANCELLED || event->type == EVENT_REDUCED)
        put_why(pen, cancel_words, sizeof cancel_words / sizeof *cancel_words, event->why);
    if (event->type == EVENT_REJECT)
        put_why(pen, reject_words, sizeof reject_words / sizeof *reject_words, event->why);
}

size_t readable_print_event(const struct matcher_event *event, char out[READABLE_LINE_MAX]) {
    static const char *const words[] = {
        [EVENT_ACCEPTED] = "ACCEPTED seq=", [EVENT_TRADE] = "TRADE seq=",
        [EVENT_RESTED] = "RESTED seq=",     [EVENT_CANCELLED] = "CANCELLED seq=",
        [EVENT_REDUCED] = "REDUCED seq=",   [EVENT_REJECT] = "REJECT seq=",
        [EVENT_DONE] = "DONE seq="};
    struct pen pen = {out};

    check(event->type >= EVENT_ACCEPTED);
    check(event->type <= EVENT_DONE);
    put_key_number(&pen, words[event->type], event->seq);
    switch ((enum event_type)event->type) {
    case EVENT_TRADE: put_trade(&pen, event); break;
    case EVENT_DONE:
        put_touch(&pen, " bid=", event->done.bid_ticks, event->done.bid_qty_lots);
        put_touch(&pen, " ask=", event->done.ask_ticks, event->done.ask_qty_lots);
        break;
    case EVENT_ACCEPTED:
    case EVENT_RESTED:
    case EVENT_CANCELLED:
    case EVENT_REDUCED:
    case EVENT_REJECT: put_about_order(&pen, event); break;
    }
    return (size_t)(pen.at - out);
}

size_t readable_print_digest(uint64_t digest, char out[READABLE_LINE_MAX]) {
    struct pen pen = {out};

    put_text(&pen, "DIGEST ");
    for (int shift = 60; shift >= 0; shift -= 4)
        *pen.at++ = "0123456789abcdef"[digest >> shift & 15];
    return (size_t)(pen.at - out);
}
