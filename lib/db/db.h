/*
 * db.h - one PostgreSQL connection and the prepared statements run on it.
 *
 * Only lib/db/ includes libpq.  A statement is a .sql file beside the function
 * that runs it.  It is prepared the first time it runs on a connection, under a
 * name that ends in a hash of its SQL: behind a transaction pooler two releases
 * share connections, and must not run each other's statements.  If a pooler
 * passes a statement to a server connection that does not know it, this
 * connection switches to unprepared statements for good.
 *
 * libpq is used asynchronously: no call outlasts the deadline, 3 s for a
 * connection, or 5 s for a statement.  The one exception is libpq's own: it
 * waits for the resolver when a host is a name that is not in /etc/hosts.
 */
#ifndef LIB_DB_DB_H
#define LIB_DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/outcome.h"

struct arena;
struct db;
struct db_rows;

/*
 * The build makes the constant NAME_sql of each file lib/store/NAME.sql and
 * lib/db/NAME.sql, and counts its parameters (statements.awk).  Every statement
 * is idempotent: when a connection breaks it is not known whether the statement
 * took effect, and it is run once more on a new one.
 */
struct db_statement {
	const char *name;
	const char *sql; /* values only as $1, $2, ... */
	int params;
	int number; /* its place in db_statements[] */
};

/* All of them, ending with NULL, and their number. */
extern const struct db_statement *const db_statements[];
extern const int db_statement_count;

/*
 * Remember how to connect (a libpq connection string, which may be empty); the
 * first statement connects.  The caller ends it with db_close().
 */
struct db *db_open(const char *conninfo);
void db_close(struct db *db); /* NULL does nothing */

/* No call from now on outlasts this moment of clock_now(). */
void db_set_deadline(struct db *db, int64_t deadline);

/* Milliseconds spent in calls since db_set_deadline(). */
int64_t db_spent(const struct db *db);

/*
 * Run statement with its values as text; a NULL value is SQL NULL.  On
 * OUTCOME_OK, *rows (unless rows is NULL) lives until the arena is reset.
 *
 * OUTCOME_INVALID      a value does not fit its column
 * OUTCOME_UNAVAILABLE  the database is away, too slow, or not as this program
 *                      needs it; inside a transaction, or at the deadline, the
 *                      statement may or may not have taken effect
 * OUTCOME_BROKEN       anything else
 *
 * Each is logged, with its SQLSTATE where there is one; but the half second
 * after a failed connect, in which none is tried, is silent.
 */
enum outcome db_run(struct db *db, struct arena *arena,
		    const struct db_statement *statement,
		    const char *const values[], const struct db_rows **rows);

/* Run a statement that returns a row if, and only if, it has changed something;
 * on OUTCOME_OK *done tells whether it did. */
enum outcome db_change(struct db *db, struct arena *arena,
		       const struct db_statement *statement,
		       const char *const values[], bool *done);

/*
 * Run a script of several statements without values, such as a migration.  It
 * is never repeated and has until the deadline.  On failure *complaint, unless
 * complaint is NULL, says what the database said.
 */
enum outcome db_run_script(struct db *db, struct arena *arena,
			   const char *script, const char **complaint);

/* Why the last call that failed did, on one line and without secrets; and the
 * SQLSTATE of that, empty where no server spoke.  They change with the next
 * failure. */
const char *db_failure(const struct db *db);
const char *db_failure_state(const struct db *db);

/* The hosts that connections are tried at, "" where an address is given with
 * it; NULL behind the last.  To be asked while there is a connection. */
const char *db_host(const struct db *db, int number);

/* The server process that the connection was told it has.  A pooler makes one
 * up. */
int db_backend(const struct db *db);

/* Return a value for db_run(), which lives until the arena is reset. */
const char *db_number_value(struct arena *arena, int64_t number);
const char *db_bool_value(bool value);

int db_count(const struct db_rows *rows);

/* NULL for SQL NULL.  Lives as long as rows. */
const char *db_text(const struct db_rows *rows, int row, int column);

/* Return the boolean in a column; false for SQL NULL. */
bool db_bool(const struct db_rows *rows, int row, int column);

/* Return the whole number in a column; 0 for SQL NULL. */
int64_t db_number(const struct db_rows *rows, int row, int column);

#endif
