/*
 * db.c - opens and closes the connection of a struct db.
 */
#include "lib/db/connection.h"

#include <stdlib.h>

#include <libpq-fe.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/servers.h"

enum {
	CONNECT_LIMIT = 3000, /* ms, over all hosts */
	CONNECT_PAUSE = 500,  /* ms from a failed connect to the next attempt */
	LOOK_EVERY = 10000,   /* ms, of a host: for servers that took over */
	LOOK_LIMIT = 500      /* ms, for each server */
};

struct db *db_open(const char *conninfo)
{
	struct db *db = must(calloc(1, sizeof *db));

	db->servers = db_servers_open(conninfo);
	db->prepared_names =
		must(calloc((size_t)db_statement_count, DB_NAME_SIZE));
	db->deadline = INT64_MAX;
	return db;
}

void db_drop_connection(struct db *db)
{
	PQfinish(db->connection);
	db->connection = NULL;
	for (int i = 0; i < db_statement_count; i++)
		db->prepared_names[i][0] = '\0';
}

void db_disconnect(struct db *db)
{
	db_drop_connection(db);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_drop_connection(db);
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

/* ---- connecting ---- */

bool db_open_connection(struct db *db, struct arena *arena)
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

bool db_leave_replaced_server(struct db *db)
{
	static const char text[] = "another server has taken over, so the "
				   "connection to this one is closed";

	if (!timeline_is_behind(&db->timeline))
		return false;
	db_note_failure(&db->failure, "", text);
	log_error("database: %s", text);
	db_drop_connection(db);
	return true;
}

bool db_have_connection(struct db *db, struct arena *arena)
{
	if (db->connection) {
		bool is_idle =
			PQtransactionStatus(db->connection) == PQTRANS_IDLE;

		if (!db_leave_replaced_server(db))
			return true;
		if (!is_idle)
			return false;
	}
	return db_open_connection(db, arena);
}

/* ---- about the connection ---- */

void db_look_for_successor(struct db *db, struct arena *arena)
{
	if (db->connection && timeline_take_look(clock_now(), LOOK_EVERY))
		db_servers_look_at_timelines(db->servers, arena, LOOK_LIMIT);
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
