#include "web/json_in.h"

#include <stdio.h>
#include <string.h>

#include "web/api_error.h"

static bool starts_number(char byte) {
    return byte == '-' || (byte >= '0' && byte <= '9');
}

static bool is_of_number(char byte) {
    return starts_number(byte) || byte == '+' || byte == '.' || byte == 'e' || byte == 'E';
}

static size_t number_length(const char *text, size_t length, bool *is_whole) {
    size_t end = 0;

    *is_whole = true;
    while (end < length && is_of_number(text[end])) {
        if (text[end] == '.' || text[end] == 'e' || text[end] == 'E')
            *is_whole = false;
        end++;
    }
    return end;
}

/* Length of a string with its quotes; up to the end when it does not close (jansson then says so). */
static size_t string_length(const char *text, size_t length) {
    size_t end = 1;

    while (end < length && text[end] != '"')
        end += text[end] == '\\' ? 2 : 1;
    return end < length ? end + 1 : length;
}

/* Copies `text`, numbers that are not whole in quotes. 0: too deep or too long. */
static size_t numbers_quote(const char *text, size_t length, char *into, size_t max) {
    size_t used = 0;
    unsigned depth = 0;

    for (size_t i = 0; i < length;) {
        size_t piece = 1;
        bool is_whole = true;
        if (text[i] == '"')
            piece = string_length(text + i, length - i);
        else if (starts_number(text[i]))
            piece = number_length(text + i, length - i, &is_whole);
        else if (text[i] == '{' || text[i] == '[')
            depth++;
        else if ((text[i] == '}' || text[i] == ']') && depth > 0)
            depth--;
        if (depth > JSON_DEPTH_MAX || piece + 2 > max - used)
            return 0;
        if (!is_whole)
            into[used++] = '"';
        memcpy(into + used, text + i, piece);
        used += piece;
        if (!is_whole)
            into[used++] = '"';
        i += piece;
    }
    return used;
}

json_t *json_in_object(const char *text, size_t length, char *detail) {
    static char quoted[2 * BODY_BYTES_MAX + 16];
    json_error_t error;

    if (length == 0 || length > BODY_BYTES_MAX) {
        strcpy(detail, length == 0 ? "it is empty" : "it is too long");
        return NULL;
    }
    size_t used = numbers_quote(text, length, quoted, sizeof quoted);
    if (used == 0) {
        strcpy(detail, "it is too deep");
        return NULL;
    }
    json_t *root = json_loadb(quoted, used, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        snprintf(detail, API_MESSAGE_BYTES, "%.90s", error.text);
        return NULL;
    }
    if (!json_is_object(root)) {
        strcpy(detail, "it is no object");
        json_decref(root);
        return NULL;
    }
    return root;
}

static bool member_read(const char *name, const json_t *value, struct json_member *member) {
    int written;

    if (strlen(name) > PARAMETER_NAME_BYTES_MAX)
        return false;
    strcpy(member->name, name);
    if (json_is_string(value)) {
        size_t length = json_string_length(value);
        if (length > PARAMETER_BYTES_MAX || strlen(json_string_value(value)) != length)
            return false;
        memcpy(member->value, json_string_value(value), length + 1);
        return true;
    }
    if (json_is_integer(value)) {
        written = snprintf(member->value, sizeof member->value, "%" JSON_INTEGER_FORMAT,
                           json_integer_value(value));
        return written > 0;
    }
    if (json_is_boolean(value)) {
        strcpy(member->value, json_is_true(value) ? "true" : "false");
        return true;
    }
    return false;
}

bool json_in_flat(const char *text, size_t length, struct json_member members[PARAMETERS_MAX],
                  size_t *member_count, char *detail) {
    json_t *root = json_in_object(text, length, detail);
    bool read = true;

    *member_count = 0;
    if (root == NULL)
        return false;
    for (void *at = json_object_iter(root); read && at != NULL;
         at = json_object_iter_next(root, at)) {
        const json_t *value = json_object_iter_value(at);
        if (json_is_null(value))
            continue;
        read = *member_count < PARAMETERS_MAX &&
               member_read(json_object_iter_key(at), value, &members[*member_count]);
        if (read)
            ++*member_count;
        else
            snprintf(detail, API_MESSAGE_BYTES, "%.40s", json_object_iter_key(at));
    }
    json_decref(root);
    return read;
}
