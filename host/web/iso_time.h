/* Times as clients write them. */
#ifndef WEB_ISO_TIME_H
#define WEB_ISO_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

/* Milliseconds as digits, or "2024-01-01", "2024-01-01T10:00", "2024-01-01T10:00:00", with ".123" and a zone "Z",
 * "+05:30" (a query turns + into a space: that is read too); without a zone it is UTC. Years 1970 to 9999. */
NODISCARD bool iso_time_read(const char *text, uint64_t *time_ms);

#endif
