#include "apps/client/demo_file.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

static bool demo_text(const json_t *object, const char *name, char *field, size_t bytes) {
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL && snprintf(field, bytes, "%s", text) < (int)bytes;
}

static bool demo_e8(const json_t *object, const char *name, uint64_t *value) {
    const char *text = json_string_value(json_object_get(object, name));
    amount_t number;

    if (text == NULL || decimal_read(text, strlen(text), 8, INT64_MAX, &number) != DECIMAL_OK ||
        number == 0)
        return false;
    *value = (uint64_t)number;
    return true;
}

static bool demo_read_account(struct demo_file *demo, const json_t *root, const char *account) {
    size_t index;
    const json_t *entry;

    json_array_foreach(json_object_get(root, "accounts"), index, entry) {
        const char *name = json_string_value(json_object_get(entry, "name"));
        const json_t *ouch = json_object_get(entry, "ouch");

        if (name != NULL && strcmp(name, account) == 0)
            return demo_text(ouch, "username", demo->username, sizeof demo->username) &&
                   demo_text(ouch, "password", demo->password, sizeof demo->password);
    }
    return false;
}

static bool demo_read_instruments(struct demo_file *demo, const json_t *root) {
    size_t index;
    const json_t *entry;

    json_array_foreach(json_object_get(root, "instruments"), index, entry) {
        struct demo_instrument_terms *terms = &demo->instruments[demo->instrument_count];

        if (demo->instrument_count == DEMO_INSTRUMENTS_MAX ||
            !demo_text(entry, "symbol", terms->symbol, sizeof terms->symbol) ||
            !demo_e8(entry, "tick", &terms->tick_e8) || !demo_e8(entry, "lot", &terms->lot_e8))
            return false;
        demo->instrument_count++;
    }
    return true;
}

static void demo_read_place(const json_t *root, struct demo_file_place *place) {
    const json_t *order_entry = json_object_get(root, "order_entry");
    json_int_t port = json_integer_value(json_object_get(order_entry, "port"));

    if (demo_text(order_entry, "host", place->host, sizeof place->host) && port > 0 && port < 65536)
        place->port = (uint16_t)port;
    else
        *place = (struct demo_file_place){.host = "127.0.0.1", .port = 9050};
}

void demo_file_order_entry(const char *var_path, struct demo_file_place *place) {
    char path[512];

    snprintf(path, sizeof path, "%s/demo.json", var_path);
    json_t *root = json_load_file(path, 0, NULL);

    demo_read_place(root, place);
    json_decref(root);
}

bool demo_file_read(struct demo_file *demo, const char *var_path, const char *account, char *error,
                    size_t error_bytes) {
    char path[512];
    json_error_t trouble = {.text = ""};

    *demo = (struct demo_file){.instrument_count = 0};
    snprintf(path, sizeof path, "%s/demo.json", var_path);
    json_t *root = json_load_file(path, 0, &trouble);
    bool good = demo_read_account(demo, root, account) && demo_read_instruments(demo, root);

    demo_read_place(root, &demo->place);
    if (root == NULL)
        snprintf(error, error_bytes, "%s cannot be read (%.200s); `crosspoint demo` writes it",
                 path, trouble.text);
    else if (!good)
        snprintf(error, error_bytes,
                 "%s has no account '%s' with a name for order entry; `crosspoint demo` writes it",
                 path, account);
    json_decref(root);
    return good;
}
