#include <string.h>

#include "core/readable_form.h"

#define SHOWN_BYTES_MAX 40 /* of the word that an error quotes */

/* A piece of the line. */
struct span {
    const char *text;
    size_t length;
};

static bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r';
}

static bool span_is(struct span span, const char *word) {
    return strlen(word) == span.length && memcmp(span.text, word, span.length) == 0;
}

/* Takes the next word off the front of `rest`; empty at the end. */
static struct span next_word(struct span *rest) {
    while (rest->length > 0 && is_blank(*rest->text)) {
        rest->text++;
        rest->length--;
    }
    struct span word = {rest->text, 0};
    while (word.length < rest->length && !is_blank(word.text[word.length]))
        word.length++;
    rest->text += word.length;
    rest->length -= word.length;
    return word;
}

/* Appends to the error as much as fits; unprintable bytes become '?'. */
static size_t append_error(struct readable_line *line, size_t at, struct span piece) {
    for (size_t i = 0; i < piece.length && at < sizeof line->error - 1; i++, at++)
        line->error[at] = piece.text[i] < ' ' || piece.text[i] > '~' ? '?' : piece.text[i];
    line->error[at] = '\0';
    return at;
}

/* Says what is wrong, and with which word of the line. */
static bool refuse(struct readable_line *line, const char *what, struct span word) {
    size_t at = append_error(line, 0, (struct span){what, strlen(what)});

    if (word.length > SHOWN_BYTES_MAX)
        word.length = SHOWN_BYTES_MAX;
    at = append_error(line, at, (struct span){": '", 3});
    at = append_error(line, at, word);
    (void)append_error(line, at, (struct span){"'", 1});
    line->kind = READABLE_BAD;
    return false;
}

enum number_result { NUMBER_OK, NUMBER_BAD, NUMBER_WIDE };

static enum number_result read_number(struct span span, uint64_t max, uint64_t *number) {
    bool is_wide = false;

    *number = 0;
    if (span.length == 0)
        return NUMBER_BAD;
    for (size_t i = 0; i < span.length; i++) {
        if (span.text[i] < '0' || span.text[i] > '9')
            return NUMBER_BAD;
        is_wide |= __builtin_mul_overflow(*number, (uint64_t)10, number);
        is_wide |= __builtin_add_overflow(*number, (uint64_t)(span.text[i] - '0'), number);
    }
    return is_wide || *number > max ? NUMBER_WIDE : NUMBER_OK;
}

static enum number_result read_handle(struct span span, uint64_t *handle) {
    const char *colon = memchr(span.text, ':', span.length);
    uint64_t generation;
    uint64_t index;

    if (colon == NULL)
        return NUMBER_BAD;
    size_t before = (size_t)(colon - span.text);
    enum number_result first = read_number((struct span){span.text, before}, 0xFF, &generation);
    enum number_result second =
        read_number((struct span){colon + 1, span.length - before - 1}, HANDLE_INDEX_MASK, &index);

    if (first == NUMBER_BAD || second == NUMBER_BAD)
        return NUMBER_BAD;
    if (first == NUMBER_WIDE || second == NUMBER_WIDE)
        return NUMBER_WIDE;
    *handle = HANDLE_MAKE(generation, index);
    return NUMBER_OK;
}

static bool read_choice(struct span span, const char *const *choices, uint64_t *number) {
    for (*number = 0; choices[*number] != NULL; (*number)++)
        if (span_is(span, choices[*number]))
            return true;
    return false;
}

static void store(struct readable_line *line, const struct readable_field *field, uint64_t number) {
    /* The formats of the record are little-endian, as is every machine we build for. */
    memcpy((char *)line + field->offset, &number, field->bytes);
}

static bool read_value(struct readable_line *line, const struct readable_field *field,
                       struct span pair, struct span value) {
    enum number_result result;
    uint64_t number = 0;

    switch ((enum field_type)field->type) {
    case FIELD_CHOICE:
        if (!read_choice(value, field->choices, &number))
            return refuse(line, "unknown word", pair);
        break;
    case FIELD_HANDLE:
        result = read_handle(value, &number);
        if (result == NUMBER_BAD)
            return refuse(line, "a handle is generation:index in decimal", pair);
        if (result == NUMBER_WIDE)
            return refuse(line, "handle too wide (8 bits : 24 bits)", pair);
        break;
    case FIELD_NUMBER:
        result = read_number(value, field->max, &number);
        if (result == NUMBER_BAD)
            return refuse(line, "not a decimal number", pair);
        if (result == NUMBER_WIDE)
            return refuse(line, "value too wide", pair);
        if (number < field->min)
            return refuse(line, "value too small", pair);
        break;
    }
    store(line, field, number);
    return true;
}

/* Reads one key=value; `seen` has a bit for each field that was given. */
static bool read_pair(struct readable_line *line, const struct readable_form *form,
                      struct span pair, uint32_t *seen) {
    const char *equals = memchr(pair.text, '=', pair.length);

    if (equals == NULL)
        return refuse(line, "not key=value", pair);
    struct span key = {pair.text, (size_t)(equals - pair.text)};
    struct span value = {equals + 1, pair.length - key.length - 1};
    for (uint32_t i = 0; i < form->field_count; i++) {
        if (!span_is(key, form->fields[i].key))
            continue;
        if (*seen & 1u << i)
            return refuse(line, "repeated key", pair);
        *seen |= 1u << i;
        return read_value(line, &form->fields[i], pair, value);
    }
    return refuse(line, "unknown key", pair);
}

/* What no single field can tell. */
static bool check_whole(struct readable_line *line, const struct readable_form *form,
                        uint32_t seen) {
    if (form->kind == READABLE_INSTRUMENT &&
        line->instrument.base_ticks + (UINT64_C(1) << line->instrument.k) > UINT64_C(1) << 32)
        return refuse(line, "band ends above 2^32", (struct span){form->word, strlen(form->word)});
    for (uint32_t i = 0; i < form->field_count; i++) {
        const struct readable_field *field = &form->fields[i];
        struct span key = {field->key, strlen(field->key)};

        if (!(seen & 1u << i))
            continue;
        if (field->scope == SCOPE_LIMIT_ORDER && line->command.type != ORDER_TYPE_LIMIT)
            return refuse(line, "a key of limit orders only", key);
        if (field->scope == SCOPE_MARKET_ORDER && line->command.type != ORDER_TYPE_MARKET)
            return refuse(line, "a key of market orders only", key);
    }
    return true;
}

static const struct readable_form *find_form(struct span word) {
    for (size_t i = 0; i < READABLE_FORM_COUNT; i++)
        if (span_is(word, readable_forms[i].word))
            return &readable_forms[i];
    return NULL;
}

void readable_parse(const char *text, size_t length, struct readable_line *line) {
    const char *comment = length == 0 ? NULL : memchr(text, '#', length);
    struct span rest = {text, comment == NULL ? length : (size_t)(comment - text)};
    struct span word = next_word(&rest);
    uint32_t seen = 0;

    *line = (struct readable_line){
        .kind = READABLE_NOTHING,
        .limits = {.qty_bits = READABLE_QTY_BITS, .handle_count = READABLE_HANDLES}};
    if (word.length == 0)
        return;
    const struct readable_form *form = find_form(word);
    if (form == NULL) {
        (void)refuse(line, "unknown word", word);
        return;
    }
    line->kind = form->kind;
    line->command.op = form->op;
    for (word = next_word(&rest); word.length > 0; word = next_word(&rest))
        if (!read_pair(line, form, word, &seen))
            return;
    (void)check_whole(line, form, seen);
}
