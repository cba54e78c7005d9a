#include "parity/subject.h"

#include <sys/mman.h>

#include "core/reference.h"
#include "core/soft_matcher.h"
#include "parity/generate.h"

static void start(struct subject *subject) {
    arena_init(&subject->arena, subject->bytes, subject->size_bytes);
    subject->matcher = subject->kind == SUBJECT_SOFT
                           ? soft_matcher_port(soft_matcher_init(&subject->arena, &generate_limits))
                           : reference_port(reference_init(&subject->arena, &generate_limits));
    for (uint16_t i = 0; i < GENERATE_INSTRUMENTS; i++)
        subject->matcher.ops->declare(subject->matcher.self, i, generate_listed[i].base_ticks,
                                      generate_listed[i].k);
    arena_seal(&subject->arena);
}

void subject_init(struct subject *subject, enum subject_kind kind) {
    subject->kind = kind;
    subject->size_bytes = kind == SUBJECT_SOFT
                              ? soft_matcher_bytes(&generate_limits, GENERATE_INSTRUMENTS, 32)
                              : reference_bytes(&generate_limits);
    subject->bytes =
        mmap(NULL, subject->size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(subject->bytes != MAP_FAILED);
    start(subject);
}

void subject_restart(struct subject *subject) {
    /* Private anonymous pages that are dropped come back as zeros. */
    check(madvise(subject->bytes, subject->size_bytes, MADV_DONTNEED) == 0);
    start(subject);
}

void subject_free(struct subject *subject) {
    check(munmap(subject->bytes, subject->size_bytes) == 0);
}
