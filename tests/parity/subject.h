/* A matcher under test with the memory it lives in, made anew as often as wanted. */
#ifndef PARITY_SUBJECT_H
#define PARITY_SUBJECT_H

#include "base/arena.h"
#include "core/matcher.h"

enum subject_kind { SUBJECT_SOFT, SUBJECT_REFERENCE };

struct subject {
    struct matcher matcher;
    struct arena arena;
    void *bytes;
    size_t size_bytes;
    enum subject_kind kind;
};

/* Takes memory and starts the matcher with the generator's limits and instruments. */
void subject_init(struct subject *subject, enum subject_kind kind);

/* The same matcher again, empty. */
void subject_restart(struct subject *subject);
void subject_free(struct subject *subject);

#endif
