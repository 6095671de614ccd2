#include "lib/db/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/connect.h"
#include "lib/db/sqlstate.h"
#include "lib/db/timeline.h"
#include "lib/db/wait.h"
#include "lib/metrics/metrics.h"
#include "lib/text/number.h"

enum {
	CONNECT_LIMIT = 3000,   /* ms, over all hosts */
	STATEMENT_LIMIT = 5000, /* ms */
	CONNECT_PAUSE = 500, /* ms from a failed connect to the next attempt */
	LOOK_EVERY = 10000,  /* ms, of a host: for servers that took over */
	LOOK_LIMIT = 500,    /* ms, for each server */
	NAME_SIZE = 64       /* PostgreSQL's limit, with the zero */
};

struct db {
	struct db_servers *servers;
	PGconn *connection;       /* or NULL */
	struct timeline timeline; /* of the connection's server */
	int64_t deadline;
	int64_t spent;
	int64_t next_connect; /* time of the earliest next attempt */
	struct db_failure failure;
	bool is_pooled; /* statements are not prepared */
	bool is_uncertain;
	/* Indexed by the number of a statement; "" if it is not prepared. */
	char (*prepared_names)[NAME_SIZE];
};

struct db *db_open(const char *conninfo)
{
	struct db *db = must(calloc(1, sizeof *db));

	db->servers = db_servers_open(conninfo);
	db->prepared_names =
		must(calloc((size_t)db_statement_count, NAME_SIZE));
	db->deadline = INT64_MAX;
	return db;
}

static void drop_connection(struct db *db)
{
	PQfinish(db->connection);
	db->connection = NULL;
	for (int i = 0; i < db_statement_count; i++)
		db->prepared_names[i][0] = '\0';
}

void db_disconnect(struct db *db)
{
	drop_connection(db);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	drop_connection(db);
	db_servers_close(db->servers);
	free(db->prepared_names);
	free(db);
}

void db_set_deadline(struct db *db, int64_t deadline)
{
	db->deadline = deadline;
	db->spent = 0;
}

int64_t db_spent(const struct db *db)
{
	return db->spent;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- connecting ---- */

static bool open_connection(struct db *db, struct arena *arena)
{
	int64_t now = clock_now();
	int64_t limit = now + CONNECT_LIMIT;
	bool is_short = limit > db->deadline;

	if (is_short)
		limit = db->deadline;
	if (now < db->next_connect || now >= limit)
		return false;
	db->connection = db_connect(db->servers, arena, limit, &db->timeline,
				    &db->failure);
	if (db->connection)
		return true;
	/* If the deadline was too short, the next request can try at once. */
	if (!is_short || clock_now() < limit)
		db->next_connect = clock_now() + CONNECT_PAUSE;
	return false;
}

/* ---- a server that was replaced ---- */

/* Close the connection if another server has taken over since it was opened.
 * Return true if it is closed. */
static bool leave_replaced_server(struct db *db)
{
	static const char text[] = "another server has taken over, so the "
				   "connection to this one is closed";

	if (!timeline_is_behind(&db->timeline))
		return false;
	db_note_failure(&db->failure, "", text);
	log_error("database: %s", text);
	drop_connection(db);
	return true;
}

void db_look_for_successor(struct db *db, struct arena *arena)
{
	if (db->connection && timeline_take_look(clock_now(), LOOK_EVERY))
		db_servers_look_at_timelines(db->servers, arena, LOOK_LIMIT);
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
		drop_connection(db);
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
	drop_connection(db);
	return OUTCOME_UNAVAILABLE;
}

/* ---- statements ---- */

static uint32_t hash_sql(const char *sql)
{
	uint32_t value = 2166136261u; /* FNV-1a */

	for (; *sql; sql++)
		value = (value ^ (unsigned char)*sql) * 16777619u;
	return value;
}

/* On failure, set *failure to the result with the reason, or to NULL if there
 * is no result. */
static bool prepare_statement(struct db *db,
			      const struct db_statement *statement,
			      int64_t limit, PGresult **failure)
{
	char *name = db->prepared_names[statement->number];
	PGresult *result = NULL;

	snprintf(name, NAME_SIZE, "%s_%08x", statement->name,
		 (unsigned int)hash_sql(statement->sql));
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

/* Have a connection to a server that was not replaced.  Return false if there
 * is none, or if a transaction has ended with the one that there was. */
static bool have_connection(struct db *db, struct arena *arena)
{
	if (db->connection) {
		bool is_idle =
			PQtransactionStatus(db->connection) == PQTRANS_IDLE;

		if (!leave_replaced_server(db))
			return true;
		if (!is_idle)
			return false;
	}
	return open_connection(db, arena);
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

	if (!result || !leave_replaced_server(db))
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
	if (!have_connection(db, arena))
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
		log_info("database: connected through a pooler, so statements "
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

	if (!db->connection && !open_connection(db, arena))
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

const char *db_failure(const struct db *db)
{
	return db->failure.text;
}

const char *db_failure_state(const struct db *db)
{
	return db->failure.state;
}

const char *db_host(const struct db *db, int number)
{
	const char *host = db_servers_host(db->servers, number);

	return host || number > 0 ? host : PQhost(db->connection);
}

const char *db_unverified_host(const struct db *db, int number)
{
	return db_servers_unverified(db->servers, number);
}

int db_count_primaries(const struct db *db)
{
	return db_servers_count_primaries(db->servers, CONNECT_LIMIT);
}

int db_backend(const struct db *db)
{
	return PQbackendPID(db->connection);
}

const char *db_number_value(struct arena *arena, int64_t number)
{
	return arena_number(arena, number);
}

const char *db_bool_value(bool value)
{
	return value ? "true" : "false";
}

static const PGresult *result_of(const struct db_rows *rows)
{
	return (const PGresult *)rows;
}

int db_count(const struct db_rows *rows)
{
	return PQntuples(result_of(rows));
}

const char *db_text(const struct db_rows *rows, int row, int column)
{
	if (PQgetisnull(result_of(rows), row, column))
		return NULL;
	return PQgetvalue(result_of(rows), row, column);
}

bool db_bool(const struct db_rows *rows, int row, int column)
{
	return *PQgetvalue(result_of(rows), row, column) == 't';
}

int64_t db_number(const struct db_rows *rows, int row, int column)
{
	int64_t number = 0;

	(void)!number_read(db_text(rows, row, column), INT64_MIN, INT64_MAX,
			   &number);
	return number;
}
