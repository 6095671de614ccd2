#include "lib/db.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/arena.h"
#include "lib/base.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/sqlstate.h"

enum {
	CONNECT_LIMIT = 3000,   /* ms, over all hosts */
	STATEMENT_LIMIT = 5000, /* ms */
	CONNECT_PAUSE = 500,    /* ms without trying after a failed connect */
	MOST_PREPARED = 64,
	LONGEST_NAME = 63 /* PostgreSQL's, without the zero */
};

struct prepared {
	const struct db_statement *statement;
	char name[LONGEST_NAME + 1];
};

struct db {
	char *conninfo;
	PGconn *connection; /* NULL: none */
	int64_t deadline;
	int64_t spent;
	int64_t no_connect_before;
	bool is_oneshot; /* a pooler is between: prepare nothing */
	int prepared_count;
	struct prepared prepared[MOST_PREPARED];
};

struct db *db_open(const char *conninfo)
{
	struct db *db = must(calloc(1, sizeof *db));

	db->conninfo = must(strdup(conninfo));
	db->deadline = INT64_MAX;
	return db;
}

static void drop(struct db *db)
{
	PQfinish(db->connection);
	db->connection = NULL;
	db->prepared_count = 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	drop(db);
	explicit_bzero(db->conninfo, strlen(db->conninfo));
	free(db->conninfo);
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

/* libpq's messages span lines and end in a newline. */
static const char *on_one_line(struct arena *arena, const char *message)
{
	char *line = arena_strdup(arena, message);
	size_t length = strlen(line);

	while (length > 0 && line[length - 1] == '\n')
		line[--length] = '\0';
	for (char *c = line; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return line;
}

/* Wait until the connection's socket is ready.  False: the limit came first. */
static bool wait_for(struct db *db, short events, int64_t limit)
{
	struct pollfd socket = { PQsocket(db->connection), events, 0 };
	int64_t left;

	while ((left = limit - clock_now()) > 0) {
		int ready = poll(&socket, 1, (int)earlier(left, INT_MAX));

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
	return false;
}

/* ---- connecting ---- */

/*
 * What stands before dbname yields to the connection string.  A host that
 * swallows packets is left after a second: no other setting ends that wait.
 */
static PGconn *start_connecting(const char *conninfo)
{
	static const char *const names[] = {
		"tcp_user_timeout", "keepalives_idle",
		"keepalives_count", "keepalives_interval",
		"application_name", "client_encoding",
		"dbname",           NULL,
	};
	const char *const values[] = {
		"700", "10", "3", "5", "provisor", "UTF8", conninfo, NULL,
	};
	_Static_assert(COUNT(names) == COUNT(values), "a value for each name");

	return must(PQconnectStartParams(names, values, 1));
}

/*
 * Is this a connection string at all?  libpq would quote what it cannot read,
 * and that may be a piece of the password: so may a host with an @ in it, or a
 * port that is no number, where a URI was not percent-encoded.
 */
static bool is_readable(const char *conninfo)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	bool is_good = options || !*conninfo;

	for (PQconninfoOption *o = options; o && o->keyword; o++) {
		if (!o->val)
			continue;
		if (strcmp(o->keyword, "host") == 0 && strchr(o->val, '@'))
			is_good = false;
		if (strcmp(o->keyword, "port") == 0
		    && o->val[strspn(o->val, "0123456789,")])
			is_good = false;
	}
	PQconninfoFree(options);
	return is_good;
}

static void ignore_notice(void *unused, const char *message)
{
	(void)unused;
	(void)message;
}

static bool finish_connecting(struct db *db, int64_t limit)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	if (PQstatus(db->connection) == CONNECTION_BAD)
		return false;
	while (next != PGRES_POLLING_OK) {
		if (next == PGRES_POLLING_FAILED)
			return false;
		if (!wait_for(db,
			      next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			      limit))
			return false;
		next = PQconnectPoll(db->connection);
	}
	return PQsetnonblocking(db->connection, 1) == 0;
}

/* Why the connection failed; where it was not given the time, libpq knows only
 * whom it was waiting for. */
static void log_failed_connect(struct db *db, struct arena *arena,
			       int64_t limit)
{
	log_error("cannot connect to the database: %s%s",
		  on_one_line(arena, PQerrorMessage(db->connection)),
		  clock_now() >= limit ? " no answer in time" : "");
}

static bool connect_to(struct db *db, struct arena *arena)
{
	int64_t now = clock_now();
	int64_t limit = now + CONNECT_LIMIT;
	bool is_cut = limit > db->deadline;

	if (is_cut)
		limit = db->deadline;
	if (now < db->no_connect_before || now >= limit)
		return false;
	if (!is_readable(db->conninfo)) {
		log_error("the database's connection string cannot be read: "
			  "quote values with blanks in it; in a URI "
			  "percent-encode what is not a letter or digit");
		return false;
	}
	db->connection = start_connecting(db->conninfo);
	PQsetNoticeProcessor(db->connection, ignore_notice, NULL);
	if (finish_connecting(db, limit))
		return true;
	log_failed_connect(db, arena, limit);
	drop(db);
	/* A request that had no time left says nothing of the database. */
	if (!is_cut || clock_now() < limit)
		db->no_connect_before = clock_now() + CONNECT_PAUSE;
	return false;
}

/* ---- what the server says went wrong ---- */

/* Is result the pooler's way of saying that it changed the connection? */
static bool is_lost_statement(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state
		&& (strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0);
}

/* Log what went wrong, and put it into an outcome. */
static enum outcome conclude(struct db *db, struct arena *arena,
			     const PGresult *result, const char *name)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message =
		PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const struct sqlstate *meaning = sqlstate_find(state ? state : "08");

	if (meaning->quotes || !message)
		message = state ? "" : PQerrorMessage(db->connection);
	log_error("database: %s: %s %s%s%s", name, state ? state : "broken",
		  on_one_line(arena, message), meaning->remedy ? "; " : "",
		  meaning->remedy ? meaning->remedy : "");
	if (meaning->drops)
		drop(db);
	return meaning->outcome;
}

static bool has_worked(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* ---- sending and receiving ---- */

static bool flush(struct db *db, int64_t limit)
{
	int left;

	while ((left = PQflush(db->connection)) > 0) {
		if (!wait_for(db, POLLIN | POLLOUT, limit)
		    || !PQconsumeInput(db->connection))
			return false;
	}
	return left == 0;
}

static bool await_result(struct db *db, int64_t limit)
{
	while (PQisBusy(db->connection))
		if (!wait_for(db, POLLIN, limit)
		    || !PQconsumeInput(db->connection))
			return false;
	return true;
}

/*
 * What the server answers to all that was sent: its first failure, else its
 * last result.  NULL when it did not answer in time or the connection broke.
 */
static PGresult *receive(struct db *db, int64_t limit)
{
	PGresult *kept = NULL;

	if (!flush(db, limit))
		return NULL;
	while (await_result(db, limit)) {
		PGresult *next = PQgetResult(db->connection);

		if (!next)
			return kept;
		if (kept && !has_worked(kept)) {
			PQclear(next);
			continue;
		}
		PQclear(kept);
		kept = next;
	}
	PQclear(kept);
	return NULL;
}

/* No answer: whatever still comes on this connection belongs to no one. */
static enum outcome give_up(struct db *db, struct arena *arena,
			    const char *name, int64_t limit)
{
	if (clock_now() >= limit)
		log_error("database: %s: no answer in time", name);
	else
		log_error("database: %s: connection lost: %s", name,
			  on_one_line(arena, PQerrorMessage(db->connection)));
	drop(db);
	return OUTCOME_UNAVAILABLE;
}

/* ---- statements ---- */

static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619u;
	return value;
}

static struct prepared *find_prepared(struct db *db,
				      const struct db_statement *statement)
{
	for (int i = 0; i < db->prepared_count; i++)
		if (db->prepared[i].statement == statement)
			return &db->prepared[i];
	return NULL;
}

/* Prepare statement and remember that.  *result is what the server said, if
 * it was not yes. */
static struct prepared *prepare(struct db *db,
				const struct db_statement *statement,
				int64_t limit, PGresult **result)
{
	struct prepared *prepared = &db->prepared[db->prepared_count];

	if (db->prepared_count == MOST_PREPARED)
		abort(); /* more statements than the program has */
	prepared->statement = statement;
	snprintf(prepared->name, sizeof prepared->name, "%s_%08x",
		 statement->name, (unsigned int)hash(statement->sql));
	if (!PQsendPrepare(db->connection, prepared->name, statement->sql,
			   statement->params, NULL))
		return NULL;
	*result = receive(db, limit);
	if (!*result || !has_worked(*result))
		return NULL;
	PQclear(*result);
	*result = NULL;
	db->prepared_count++;
	return prepared;
}

static PGresult *run_prepared(struct db *db,
			      const struct db_statement *statement,
			      const char *const values[], int64_t limit)
{
	const struct prepared *prepared = find_prepared(db, statement);
	PGresult *refusal = NULL;

	if (!prepared)
		prepared = prepare(db, statement, limit, &refusal);
	if (!prepared)
		return refusal;
	if (!PQsendQueryPrepared(db->connection, prepared->name,
				 statement->params, values, NULL, NULL, 0))
		return NULL;
	return receive(db, limit);
}

static PGresult *run_oneshot(struct db *db,
			     const struct db_statement *statement,
			     const char *const values[], int64_t limit)
{
	if (!PQsendQueryParams(db->connection, statement->sql,
			       statement->params, NULL, values, NULL, NULL, 0))
		return NULL;
	return receive(db, limit);
}

static void release(void *result)
{
	PQclear(result);
}

/* Run it once; *again tells whether a second try could end better. */
static enum outcome run_once(struct db *db, struct arena *arena,
			     const struct db_statement *statement,
			     const char *const values[],
			     const struct db_rows **rows, bool *again)
{
	enum outcome outcome;
	PGresult *result;
	bool is_alone;
	int64_t limit;

	*again = false;
	if (!db->connection && !connect_to(db, arena))
		return OUTCOME_UNAVAILABLE;
	limit = earlier(db->deadline, clock_now() + STATEMENT_LIMIT);
	is_alone = PQtransactionStatus(db->connection) == PQTRANS_IDLE;
	result = db->is_oneshot ? run_oneshot(db, statement, values, limit)
				: run_prepared(db, statement, values, limit);
	if (!result) {
		*again = is_alone && clock_now() < limit;
		return give_up(db, arena, statement->name, limit);
	}
	arena_defer(arena, release, result);
	if (has_worked(result)) {
		if (rows)
			*rows = (const struct db_rows *)result;
		return OUTCOME_OK;
	}
	if (is_lost_statement(result) && !db->is_oneshot) {
		log_info("database: a pooler is between: statements are no "
			 "longer prepared");
		db->is_oneshot = true;
		*again = is_alone;
		return OUTCOME_UNAVAILABLE;
	}
	outcome = conclude(db, arena, result, statement->name);
	*again = is_alone && !db->connection;
	return outcome;
}

enum outcome db_run(struct db *db, struct arena *arena,
		    const struct db_statement *statement,
		    const char *const values[], const struct db_rows **rows)
{
	int64_t start = clock_now();
	bool again;
	enum outcome outcome =
		run_once(db, arena, statement, values, rows, &again);

	if (again)
		outcome = run_once(db, arena, statement, values, rows, &again);
	db->spent += clock_now() - start;
	log_debug("database: %s: %s in %d ms", statement->name,
		  outcome_name(outcome), (int)(clock_now() - start));
	return outcome;
}

enum outcome db_run_script(struct db *db, struct arena *arena,
			   const char *script, const char **complaint)
{
	enum outcome outcome = OUTCOME_OK;
	PGresult *result = NULL;

	if (!db->connection && !connect_to(db, arena))
		return OUTCOME_UNAVAILABLE;
	if (PQsendQuery(db->connection, script))
		result = receive(db, db->deadline);
	if (!result)
		return give_up(db, arena, "script", db->deadline);
	arena_defer(arena, release, result);
	if (!has_worked(result)) {
		if (complaint)
			*complaint = on_one_line(arena,
						 PQresultErrorMessage(result));
		outcome = conclude(db, arena, result, "script");
	}
	return outcome;
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
