/*
 * statement.c - runs statements and scripts on the connection of a struct db.
 */
#include "lib/db/connection.h"

#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/db/sqlstate.h"
#include "lib/db/wait.h"
#include "lib/metrics/metrics.h"

enum { STATEMENT_LIMIT = 5000 /* ms */ };

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- failures ---- */

/*
 * Return true if the server connection does not know a prepared statement, or
 * knows it from another client, because a pooler has switched the server
 * connection.
 */
static bool is_pooler_failure(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state
		&& (strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0);
}

static enum outcome report_failure(struct db *db, struct arena *arena,
				   const PGresult *result, const char *name)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message =
		PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const struct sqlstate *meaning = sqlstate_find(state ? state : "08");

	if (meaning->quotes || !message)
		message = state ? "" : PQerrorMessage(db->connection);
	message = db_on_one_line(arena, message);
	db_note_failure(&db->failure, state ? state : "", message);
	log_error("database: %s: %s %s%s%s", name, state ? state : "broken",
		  message, meaning->remedy ? "; " : "",
		  meaning->remedy ? meaning->remedy : "");
	if (state && sqlstate_write_trouble(state) != METRICS_WRITES_WORK)
		metrics_write_failed(sqlstate_write_trouble(state));
	if (meaning->drops)
		db_drop_connection(db);
	return meaning->outcome;
}

/* Drop a connection on which a reply may still arrive. */
static enum outcome report_no_reply(struct db *db, struct arena *arena,
				    const char *name, int64_t limit)
{
	const char *text = clock_now() >= limit
		? "the server did not reply in time"
		: arena_printf(
			arena, "connection lost: %s",
			db_on_one_line(arena, PQerrorMessage(db->connection)));

	db_note_failure(&db->failure, "", text);
	log_error("database: %s: %s", name, text);
	db_drop_connection(db);
	return OUTCOME_UNAVAILABLE;
}

/* ---- statements ---- */

/* On failure, set *failure to the result with the reason, or to NULL if there
 * is no result. */
static bool prepare_statement(struct db *db,
			      const struct db_statement *statement,
			      int64_t limit, PGresult **failure)
{
	char *name = db->prepared_names[statement->number];
	PGresult *result = NULL;

	snprintf(name, DB_NAME_SIZE, "%s_%08x", statement->name,
		 (unsigned int)hash_text(statement->sql));
	if (PQsendPrepare(db->connection, name, statement->sql,
			  statement->params, NULL))
		result = db_receive(db->connection, limit);
	if (result && db_has_worked(result)) {
		PQclear(result);
		return true;
	}
	name[0] = '\0';
	*failure = result;
	return false;
}

static PGresult *run_prepared(struct db *db,
			      const struct db_statement *statement,
			      const char *const values[], int64_t limit)
{
	const char *name = db->prepared_names[statement->number];
	PGresult *failure = NULL;

	if (name[0] == '\0'
	    && !prepare_statement(db, statement, limit, &failure))
		return failure;
	if (!PQsendQueryPrepared(db->connection, name, statement->params,
				 values, NULL, NULL, 0))
		return NULL;
	return db_receive(db->connection, limit);
}

static PGresult *run_unprepared(struct db *db,
				const struct db_statement *statement,
				const char *const values[], int64_t limit)
{
	if (!PQsendQueryParams(db->connection, statement->sql,
			       statement->params, NULL, values, NULL, NULL, 0))
		return NULL;
	return db_receive(db->connection, limit);
}

static void release_result(void *result)
{
	PQclear(result);
}

/* A server that was replaced meanwhile has stored nothing that counts.  Return
 * NULL instead of its result. */
static PGresult *send_statement(struct db *db,
				const struct db_statement *statement,
				const char *const values[], int64_t limit)
{
	PGresult *result = db->is_pooled
		? run_unprepared(db, statement, values, limit)
		: run_prepared(db, statement, values, limit);

	if (!result || !db_leave_replaced_server(db))
		return result;
	PQclear(result);
	return NULL;
}

/* Set *again if a retry can succeed and cannot do harm. */
static enum outcome run_once(struct db *db, struct arena *arena,
			     const struct db_statement *statement,
			     const char *const values[],
			     const struct db_rows **rows, bool *again)
{
	enum outcome outcome;
	PGresult *result;
	bool is_repeatable;
	int64_t limit;

	*again = false;
	if (!db_have_connection(db, arena))
		return OUTCOME_UNAVAILABLE;
	limit = earlier(db->deadline, clock_now() + STATEMENT_LIMIT);
	is_repeatable = PQtransactionStatus(db->connection) == PQTRANS_IDLE;
	result = send_statement(db, statement, values, limit);
	if (!result) {
		db->is_uncertain = true;
		*again = is_repeatable && clock_now() < limit;
		return db->connection
			? report_no_reply(db, arena, statement->name, limit)
			: OUTCOME_UNAVAILABLE;
	}
	arena_defer(arena, release_result, result);
	if (db_has_worked(result)) {
		db->is_uncertain = false;
		if (rows)
			*rows = (const struct db_rows *)result;
		return OUTCOME_OK;
	}
	if (is_pooler_failure(result) && !db->is_pooled) {
		log_debug("database: connected through a pooler, so statements "
			  "are not prepared any more");
		db->is_pooled = true;
		*again = is_repeatable;
		return OUTCOME_UNAVAILABLE;
	}
	outcome = report_failure(db, arena, result, statement->name);
	db->is_uncertain |= !db->connection;
	*again = is_repeatable && !db->connection;
	return outcome;
}

enum outcome db_run(struct db *db, struct arena *arena,
		    const struct db_statement *statement,
		    const char *const values[], const struct db_rows **rows)
{
	int64_t start = clock_now();
	bool again;
	enum outcome outcome;

	db->is_uncertain = false;
	timeline_refresh(start);
	outcome = run_once(db, arena, statement, values, rows, &again);
	if (again)
		outcome = run_once(db, arena, statement, values, rows, &again);
	db->spent += clock_now() - start;
	log_debug("database: %s: %s in %d ms", statement->name,
		  outcome_name(outcome), (int)(clock_now() - start));
	return outcome;
}

enum outcome db_change(struct db *db, struct arena *arena,
		       const struct db_statement *statement,
		       const char *const values[], bool *done)
{
	const struct db_rows *rows = NULL;
	enum outcome outcome = db_run(db, arena, statement, values, &rows);

	if (outcome == OUTCOME_OK)
		*done = db_count(rows) > 0;
	return outcome;
}

enum outcome db_read_script(struct db *db, struct arena *arena,
			    const char *script, const struct db_rows **rows,
			    const char **error)
{
	enum outcome outcome = OUTCOME_OK;
	PGresult *result = NULL;

	if (!db->connection && !db_open_connection(db, arena))
		return OUTCOME_UNAVAILABLE;
	if (PQsendQuery(db->connection, script))
		result = db_receive(db->connection, db->deadline);
	if (!result)
		return report_no_reply(db, arena, "script", db->deadline);
	arena_defer(arena, release_result, result);
	if (!db_has_worked(result)) {
		if (error)
			*error = db_on_one_line(arena,
						PQresultErrorMessage(result));
		outcome = report_failure(db, arena, result, "script");
	}
	*rows = (const struct db_rows *)result;
	return outcome;
}

enum outcome db_run_script(struct db *db, struct arena *arena,
			   const char *script, const char **error)
{
	const struct db_rows *rows;

	return db_read_script(db, arena, script, &rows, error);
}

bool db_is_uncertain(const struct db *db)
{
	return db->is_uncertain;
}
