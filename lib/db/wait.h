/*
 * wait.h - waits for a server until a limit, which is a time of clock_now().
 *
 * Only db.c and connect.c include this header.  All connections are
 * non-blocking connections of libpq.
 */
#ifndef LIB_DB_WAIT_H
#define LIB_DB_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct pg_conn;   /* libpq's PGconn */
struct pg_result; /* libpq's PGresult */

/* Wait until a connection's socket has one of poll()'s events.  Return false at
 * the limit. */
MUST_CHECK bool db_wait(struct pg_conn *connection, short events,
			int64_t limit);

/*
 * Send queued data and read all results.  Return the first failure or else the
 * last result, which the caller releases with PQclear().  Return NULL at the
 * limit or if the connection broke.
 */
MUST_CHECK struct pg_result *db_receive(struct pg_conn *connection,
					int64_t limit);

/* Return true if result is not a failure. */
MUST_CHECK bool db_has_worked(const struct pg_result *result);

#endif
