/* Names of the records' small numbers, as the enum types of the migrations spell them, both ways. */
#ifndef STORE_ROW_LABELS_H
#define STORE_ROW_LABELS_H

#include <stdint.h>

enum label_set {
    LABEL_SIDE,
    LABEL_TYPE,
    LABEL_TIF,
    LABEL_STP,
    LABEL_DOOR,
    LABEL_TRIGGER,
    LABEL_STATUS,
    LABEL_CANCEL_WHY, /* text columns, no enum types: new reasons need no migration */
    LABEL_REJECT_WHY,
};

/* NULL: the number means nothing (a refused order may hold any). */
const char *label_of(enum label_set set, uint8_t value);
#define LABEL_UNKNOWN 0xFFu
uint8_t label_value(enum label_set set, const char *label);

#endif
