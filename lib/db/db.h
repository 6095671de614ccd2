/*
 * db.h - one PostgreSQL connection and the statements that run on it.
 *
 * Only lib/db/ includes libpq.  A statement is a .sql file beside the function
 * that runs it.  It is prepared the first time it runs on a connection, under a
 * name that ends in a hash of its SQL: behind a transaction pooler, two
 * releases share connections and must not run each other's statements.  If a
 * pooler passes a statement to a server connection that does not know it, this
 * connection switches to unprepared statements permanently.
 *
 * No call outlasts the deadline, or takes more than 3 s for a connection or 5 s
 * for a statement.  There is one exception: libpq waits for a slow DNS server
 * if a host is a name that is not in /etc/hosts.
 */
#ifndef LIB_DB_DB_H
#define LIB_DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/db/rows.h"

struct arena;
struct db;

/*
 * The build makes the constant NAME_sql of each file lib/store/NAME.sql and
 * lib/db/NAME.sql, and counts its parameters (statements.awk).  Every statement
 * must be idempotent: if a connection breaks, it is unknown whether the
 * statement took effect, so it is run once more on a new connection.
 */
struct db_statement {
	const char *name;
	const char *sql; /* values only as $1, $2, ... */
	int params;
	int number; /* its index in db_statements[] */
};

/* All statements, ending with NULL, and their number. */
extern const struct db_statement *const db_statements[];
extern const int db_statement_count;

/* Store a libpq connection string, which may be empty; the first statement
 * connects.  The caller releases the result with db_close(). */
struct db *db_open(const char *conninfo);
void db_close(struct db *db); /* does nothing for NULL */

/* Close the connection.  The next statement opens another one, with the present
 * defaults of the role and the database. */
void db_disconnect(struct db *db);

/* Set the deadline of all further calls, as a time of clock_now(). */
void db_set_deadline(struct db *db, int64_t deadline);

/* Return the ms spent in calls since db_set_deadline(). */
int64_t db_spent(const struct db *db);

/*
 * Run statement with its values as text; a NULL value is SQL NULL.  On
 * OUTCOME_OK, *rows (unless rows is NULL) lives until the arena is reset.
 *
 * OUTCOME_INVALID      a value does not fit its column
 * OUTCOME_UNAVAILABLE  the database cannot be reached, is too slow, or lacks
 *                      migrations or rights; at the deadline, and inside a
 *                      transaction, the statement may have taken effect
 * OUTCOME_BROKEN       anything else
 *
 * A failure is logged with its SQLSTATE.  After a failed connection, no other
 * is attempted or logged for half a second.
 */
MUST_CHECK enum outcome db_run(struct db *db, struct arena *arena,
			       const struct db_statement *statement,
			       const char *const values[],
			       const struct db_rows **rows);

/* Run a statement that returns a row if it changes something, and no row
 * otherwise.  On OUTCOME_OK, set *done to whether it changed something. */
MUST_CHECK enum outcome db_change(struct db *db, struct arena *arena,
				  const struct db_statement *statement,
				  const char *const values[], bool *done);

/*
 * Run a script of several statements, such as a migration.  It is not repeated,
 * and may take until the deadline.  On failure, *error (unless error is
 * NULL) is the database's message on one line.
 */
MUST_CHECK enum outcome db_run_script(struct db *db, struct arena *arena,
				      const char *script, const char **error);

/* Run a script like db_run_script().  *rows are those of its last statement,
 * as db_run() returns them. */
MUST_CHECK enum outcome db_read_script(struct db *db, struct arena *arena,
				       const char *script,
				       const struct db_rows **rows,
				       const char **error);

/* Return true if the last db_run() has failed without a reply, so its statement
 * may have taken effect, or may still do so. */
MUST_CHECK bool db_is_uncertain(const struct db *db);

/* Return the reason for the last failure, on one line and without secrets, or
 * its SQLSTATE, which is empty if no server reported one. */
const char *db_failure(const struct db *db);
const char *db_failure_state(const struct db *db);

/* Return a host name of the connection string, "" if it has an address instead,
 * or NULL after the last.  Call this while connected. */
const char *db_host(const struct db *db, int number);

/* Return a host of the connection string, other than this one, whose
 * certificate is not verified, "" in place of another host, or NULL after the
 * last. */
const char *db_unverified_host(const struct db *db, int number);

/* Connect to each host of the connection string, for up to 3 s each, and return
 * how many of them are primaries. */
int db_count_primaries(const struct db *db);

/*
 * If connected, ask the hosts of the connection string, if it names several,
 * for their timelines, at most once in ten seconds for all processes of this
 * host.  If one has taken over, the next statement of each process of the host
 * runs there (timeline.h), even if this server was always reachable from this
 * host.
 */
void db_look_for_successor(struct db *db, struct arena *arena);

/* Return the process id that the server has reported.  A pooler invents one. */
int db_backend(const struct db *db);

#endif
