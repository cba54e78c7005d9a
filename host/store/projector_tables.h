/* The statements that bring a table's rows in: where COPY goes, and how the staging becomes the table. */
#ifndef STORE_PROJECTOR_TABLES_H
#define STORE_PROJECTOR_TABLES_H

#include <libpq-fe.h>

#include "store/projection.h"

/* Temporary tables of the connection, emptied by each commit. */
NODISCARD bool tables_stage(PGconn *connection);
/* All rows of the projection, in the order that the foreign keys ask for. False: PQerrorMessage says why. */
NODISCARD bool tables_write(PGconn *connection, const struct projection *projection);

#endif
