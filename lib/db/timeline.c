#include "lib/db/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "lib/base/arena.h"
#include "lib/db/connect.h"
#include "lib/db/timeline_file.h"
#include "lib/db/wait.h"

enum { REFRESH_EVERY = 10000 /* ms */ };

static int64_t next_refresh_at; /* of clock_now() */

void timeline_remember(const char *path)
{
	timeline_file_use(path);
}

void timeline_refresh(int64_t now)
{
	if (now < next_refresh_at)
		return;
	next_refresh_at = now + REFRESH_EVERY;
	timeline_file_refresh();
}

/* ---- the server ---- */

/* A standby has no timeline of its own.  Before the first migration, the
 * statement fails. */
static const char timeline_sql[] =
	"SELECT concat_ws(' ', system_identifier, "
	"('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int, "
	"(SELECT coalesce(max(extract(epoch FROM accepted_at)) * 1000000, "
	"0)::bigint FROM epochs)) "
	"FROM pg_control_system() WHERE NOT pg_is_in_recovery()";

static struct timeline parse_timeline(const char *line)
{
	struct timeline timeline = { 0 };

	if (sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64, &timeline.cluster,
		   &timeline.number, &timeline.accepted_at)
	    != 3)
		timeline.number = 0;
	return timeline;
}

/* Return true if the tables are missing, or the statement is not allowed: such
 * a server cannot say. */
static bool cannot_say(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state && strncmp(state, "42", 2) == 0;
}

/* Return NULL, with *timeline unchanged if the server cannot say.  Otherwise
 * return why the connection cannot be used, in the arena. */
static const char *ask_timeline(PGconn *connection, struct arena *arena,
				int64_t limit, struct timeline *timeline)
{
	PGresult *result = NULL;
	const char *failure = NULL;

	if (PQsendQuery(connection, timeline_sql))
		result = db_receive(connection, limit);
	if (PQresultStatus(result) == PGRES_TUPLES_OK) {
		if (PQntuples(result) == 1)
			*timeline = parse_timeline(PQgetvalue(result, 0, 0));
	} else if (!cannot_say(result))
		failure = arena_printf(
			arena, "the server does not tell its timeline: %s",
			result ? db_on_one_line(arena,
						PQresultErrorMessage(result))
			       : "no reply in time");
	PQclear(result);
	return failure;
}

/* ---- the newest timeline ---- */

static struct timeline_entry *find_entry(struct timeline_file *file,
					 uint64_t cluster)
{
	for (int i = 0; i < TIMELINE_CLUSTERS; i++)
		if (file->entries[i].cluster == cluster)
			return &file->entries[i];
	return NULL;
}

static struct timeline_entry *add_entry(struct timeline_file *file,
					uint64_t cluster)
{
	struct timeline_entry *entry = find_entry(file, 0);

	if (!entry)
		entry = &file->entries[file->replaced++ % TIMELINE_CLUSTERS];
	entry->number = 0;
	entry->accepted_at = 0;
	entry->cluster = cluster;
	return entry;
}

static bool is_behind(const struct timeline *server,
		      const struct timeline_entry *newest)
{
	return server->number < newest->number
		&& server->accepted_at <= newest->accepted_at;
}

/* A promoted server may not know that an epoch was accepted, which the old
 * primary knows.  The old primary must not count as accepted since then, so the
 * time never gets earlier. */
static void remember(struct timeline_entry *newest,
		     const struct timeline *server)
{
	newest->number = server->number;
	if (newest->accepted_at < server->accepted_at)
		newest->accepted_at = server->accepted_at;
}

const char *timeline_refusal(PGconn *connection, struct arena *arena,
			     int64_t limit, struct timeline *server)
{
	struct timeline_file *file = NULL;
	struct timeline_entry *newest;
	const char *refusal = NULL;

	*server = (struct timeline){ 0 };
	if (timeline_file_path())
		refusal = ask_timeline(connection, arena, limit, server);
	if (server->number != 0)
		file = timeline_file_lock();
	if (!file)
		return refusal;
	newest = find_entry(file, server->cluster);
	if (!newest)
		newest = add_entry(file, server->cluster);
	if (is_behind(server, newest))
		refusal = arena_printf(
			arena,
			"the server is on timeline %" PRIu64
			", and this host has seen timeline %" PRIu64
			": stop it if it is an old primary; if it was "
			"restored, accept it with provisor restored, or remove "
			"%s",
			server->number, (uint64_t)newest->number,
			timeline_file_path());
	else
		remember(newest, server);
	timeline_file_unlock();
	return refusal;
}

bool timeline_is_behind(const struct timeline *server)
{
	struct timeline_file *file = timeline_file_mapped();
	const struct timeline_entry *newest = NULL;

	if (file && server->number != 0)
		newest = find_entry(file, server->cluster);
	return newest && is_behind(server, newest);
}

bool timeline_take_look(int64_t now, int64_t every)
{
	struct timeline_file *file = timeline_file_mapped();
	int64_t looked_at = file ? (int64_t)file->looked_at : now;

	/* After a restart of the host, the clock starts again. */
	if (looked_at <= now && now - looked_at < every)
		return false;
	return atomic_compare_exchange_strong(&file->looked_at, &looked_at,
					      now);
}
