/*
 * connection.h - the state of a connection, which db.c and statement.c share.
 *
 * No other file includes this header.  db.c opens and closes the connection;
 * statement.c runs statements on it.
 */
#ifndef LIB_DB_CONNECTION_H
#define LIB_DB_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/db/connect.h"
#include "lib/db/db.h"
#include "lib/db/timeline.h"

enum { DB_NAME_SIZE = 64 /* PostgreSQL's limit for a name, with the zero */ };

struct db {
	struct db_servers *servers;
	struct pg_conn *connection; /* libpq's; or NULL */
	struct timeline timeline;   /* of the connection's server */
	int64_t deadline;
	int64_t spent;
	int64_t next_connect; /* time of the earliest next attempt */
	struct db_failure failure;
	bool is_pooled; /* statements are not prepared */
	bool is_uncertain;
	/* Indexed by the number of a statement; "" if it is not prepared. */
	char (*prepared_names)[DB_NAME_SIZE];
};

/* Connect to the first server that accepts.  Return false after logging the
 * reason, or silently while no attempt is made (db_run()). */
MUST_CHECK bool db_open_connection(struct db *db, struct arena *arena);

/* Make sure that there is a connection to a server that was not replaced.
 * Return false if there is none, or if a transaction has ended with the
 * connection to a replaced server. */
MUST_CHECK bool db_have_connection(struct db *db, struct arena *arena);

/* Close the connection if another server has taken over since it was opened.
 * Return true if it is closed; this is logged. */
MUST_CHECK bool db_leave_replaced_server(struct db *db);

/* Close the connection, if there is one, and forget its prepared statements. */
void db_drop_connection(struct db *db);

#endif
