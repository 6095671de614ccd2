#include "lib/db/connect.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/servers.h"
#include "lib/db/timeline.h"
#include "lib/db/wait.h"

/* Leave out the line LOCATION, which names a place in the server's source. */
const char *db_on_one_line(struct arena *arena, const char *message)
{
	static const char location[] = "LOCATION:";
	char *line = arena_alloc(arena, strlen(message) + 1);
	size_t length = 0;

	for (const char *next; *message; message = next) {
		next = message + strcspn(message, "\n");
		next += *next == '\n';
		message += strspn(message, "\t");
		if (strncmp(message, location, strlen(location)) == 0)
			continue;
		if (length > 0)
			line[length++] = ' ';
		for (; *message && *message != '\n'; message++)
			line[length++] = *message;
	}
	return line;
}

void db_note_failure(struct db_failure *failure, const char *state,
		     const char *text)
{
	snprintf(failure->state, sizeof failure->state, "%s", state);
	snprintf(failure->text, sizeof failure->text, "%s", text);
}

/* ---- connecting ---- */

/*
 * The connection string, passed as dbname, overrides the values before it and
 * is overridden by those after it.  With tcp_user_timeout, libpq gives up on a
 * silent host after a second.
 */
static PGconn *start_connecting(const char *conninfo,
				const struct db_server *server)
{
	static const char *const names[] = {
		"tcp_user_timeout",
		"keepalives_idle",
		"keepalives_count",
		"keepalives_interval",
		"application_name",
		"client_encoding",
		"dbname",
		"host",
		"hostaddr",
		"port",
		NULL,
	};
	const char *const values[] = {
		"700",        "10",         "3",
		"5",          "provisor",   "UTF8",
		conninfo,     server->host, server->hostaddr,
		server->port, NULL,
	};
	_Static_assert(COUNT(names) == COUNT(values), "a value for each name");

	return must(PQconnectStartParams(names, values, 1));
}

static void ignore_notice(void *unused, const char *message)
{
	(void)unused;
	(void)message;
}

static bool finish_connecting(PGconn *connection, int64_t limit)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	PQsetNoticeProcessor(connection, ignore_notice, NULL);
	PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
	if (PQstatus(connection) == CONNECTION_BAD)
		return false;
	while (next != PGRES_POLLING_OK) {
		if (next == PGRES_POLLING_FAILED)
			return false;
		if (!db_wait(connection,
			     next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			     limit))
			return false;
		next = PQconnectPoll(connection);
	}
	PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
	return PQsetnonblocking(connection, 1) == 0;
}

/* Return the SQLSTATE of a verbose message such as "FATAL:  28P01: password …".
 * The first word depends on the server's language. */
static const char *find_sqlstate(struct arena *arena, const char *message)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (; (message = strstr(message, ":  ")); message++)
		if (strspn(message + 3, digits) == 5 && message[3 + 5] == ':')
			return arena_strndup(arena, message + 3, 5);
	return "";
}

static const char *describe_failure(PGconn *connection, struct arena *arena,
				    int64_t limit)
{
	return arena_printf(arena, "%s%s",
			    db_on_one_line(arena, PQerrorMessage(connection)),
			    clock_now() >= limit ? " no reply in time" : "");
}

static PGconn *connect_to_server(const struct db_servers *servers,
				 const struct db_server *server,
				 struct arena *arena, int64_t limit,
				 struct timeline *timeline,
				 struct db_failure *failure)
{
	PGconn *connection = start_connecting(servers->conninfo, server);
	const char *text = NULL;

	if (!finish_connecting(connection, limit))
		text = describe_failure(connection, arena, limit);
	else
		text = timeline_refusal(connection, arena, limit, timeline);
	if (!text)
		return connection;
	db_note_failure(failure, find_sqlstate(arena, text), text);
	log_error("cannot connect to the database: %s", text);
	PQfinish(connection);
	return NULL;
}

PGconn *db_connect(struct db_servers *servers, struct arena *arena,
		   int64_t limit, struct timeline *timeline,
		   struct db_failure *failure)
{
	static const char config_file_error[] = "F0000";
	static const struct db_server by_default = { 0 };
	PGconn *connection = NULL;

	if (!servers->is_readable) {
		db_note_failure(failure, config_file_error,
				"the connection string cannot be read");
		log_error("the database's connection string cannot be read: "
			  "quote values with blanks in it; in a URI "
			  "percent-encode what is not a letter or digit");
		return NULL;
	}
	if (servers->count == 0)
		return connect_to_server(servers, &by_default, arena, limit,
					 timeline, failure);
	for (int i = 0; i < servers->count && !connection; i++) {
		int index = (servers->first + i) % servers->count;
		int64_t now = clock_now();
		int64_t share = (limit - now) / (servers->count - i);

		connection =
			connect_to_server(servers, &servers->list[index], arena,
					  now + share, timeline, failure);
		if (connection)
			servers->first = index;
	}
	return connection;
}

/* ---- looking at each server ---- */

static bool is_primary(const struct db_servers *servers,
		       const struct db_server *server, int64_t limit)
{
	static const char sql[] = "SELECT NOT pg_is_in_recovery()";
	PGconn *connection = start_connecting(servers->conninfo, server);
	PGresult *result = NULL;
	bool found;

	if (finish_connecting(connection, limit)
	    && PQsendQuery(connection, sql))
		result = db_receive(connection, limit);
	found = PQresultStatus(result) == PGRES_TUPLES_OK
		&& strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	PQfinish(connection);
	return found;
}

int db_servers_count_primaries(const struct db_servers *servers,
			       int64_t server_limit)
{
	int count = 0;

	for (int i = 0; servers->is_readable && i < servers->count; i++)
		count += is_primary(servers, &servers->list[i],
				    clock_now() + server_limit);
	return count;
}

/* ---- looking for a server that has taken over ---- */

static void look_at_timeline(const struct db_servers *servers,
			     const struct db_server *server,
			     struct arena *arena, int64_t limit)
{
	PGconn *connection = start_connecting(servers->conninfo, server);
	struct timeline timeline;

	if (finish_connecting(connection, limit))
		(void)!timeline_refusal(connection, arena, limit, &timeline);
	PQfinish(connection);
}

void db_servers_look_at_timelines(const struct db_servers *servers,
				  struct arena *arena, int64_t server_limit)
{
	if (servers->count < 2)
		return;
	for (int i = 0; i < servers->count; i++)
		look_at_timeline(servers, &servers->list[i], arena,
				 clock_now() + server_limit);
}
