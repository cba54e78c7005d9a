/* A record as one readable line, for people who look into a journal. */
#ifndef TOOLS_RECORD_TEXT_H
#define TOOLS_RECORD_TEXT_H

#include <stdio.h>

#include "core/record.h"

/* Secrets never stand in a record, so all of it may be printed. */
void record_text_print(FILE *out, const union record *record);

#endif
