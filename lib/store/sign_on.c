#include "lib/store/sign_on.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"

#define READABLE(column)                                                       \
	"to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"')"

/* clang-format off */
static const struct db_statement find = {
	.name = "sign_on_find",
	.params = 4,
	.sql = "SELECT id, provider_id, name, plan, region, state,"
	       " " READABLE("created_at") ","
	       " " READABLE("provisioned_at") ","
	       " " READABLE("updated_at") ","
	       " config FROM resources WHERE id = $1 AND marketplace = $2"
	       " AND addon = $3 AND state IN ('provisioning', 'provisioned')"
	       " AND (sessions_since IS NULL OR sessions_since <"
	       " 'epoch'::timestamptz + $4::bigint * interval '1us')",
};
/* clang-format on */

enum outcome sign_on_find(struct db *db, struct arena *arena,
			  const struct sign_on_session *session,
			  struct sign_on_resource *resource, bool *found)
{
	const char *const values[] = {
		session->resource,
		session->marketplace,
		session->addon,
		arena_printf(arena, "%" PRId64, session->issued_at),
	};
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &find, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found)
		*resource = (struct sign_on_resource){
			.id = db_text(rows, 0, 0),
			.provider_id = db_text(rows, 0, 1),
			.name = db_text(rows, 0, 2),
			.plan = db_text(rows, 0, 3),
			.region = db_text(rows, 0, 4),
			.state = db_text(rows, 0, 5),
			.created_at = db_text(rows, 0, 6),
			.provisioned_at = db_text(rows, 0, 7),
			.updated_at = db_text(rows, 0, 8),
			.config = db_text(rows, 0, 9),
		};
	return OUTCOME_OK;
}

/* An event is written once for a request, however often its statement runs. */
#define TELL(what)                                                             \
	"INSERT INTO events (resource, what, actor, request_id, after)"        \
	" SELECT r.id, '" what "', $2, $3, jsonb_strip_nulls("                 \
	"jsonb_build_object('user', $4::text, 'email', $5::text,"              \
	" 'address', $6::text, 'reason', $7::text))"                           \
	" FROM resources r WHERE r.id = $1 AND NOT EXISTS ("                   \
	"SELECT FROM events e WHERE e.resource = r.id"                         \
	" AND e.what = '" what "' AND e.request_id = $3)"

enum { EVENT_PARAMS = 7 };

static enum outcome tell(struct db *db, struct arena *arena,
			 const struct db_statement *statement,
			 const struct sign_on_event *event,
			 const struct db_rows **rows)
{
	const char *const values[EVENT_PARAMS] = {
		event->resource, event->actor,   event->request_id, event->user,
		event->email,    event->address, event->reason,
	};

	return db_run(db, arena, statement, values, rows);
}

/* clang-format off */
static const struct db_statement begin = {
	.name = "sign_on_begin",
	.params = EVENT_PARAMS,
	.sql = "WITH told AS (" TELL("signed-on") " RETURNING at)"
	       " SELECT (extract(epoch FROM at) * 1000000)::bigint FROM"
	       " (SELECT at FROM told UNION ALL SELECT at FROM events"
	       " WHERE resource = $1 AND what = 'signed-on'"
	       " AND request_id = $3) either",
};
/* clang-format on */

enum outcome sign_on_begin(struct db *db, struct arena *arena,
			   const struct sign_on_event *event,
			   int64_t *issued_at)
{
	const struct db_rows *rows;
	enum outcome outcome = tell(db, arena, &begin, event, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (db_count(rows) == 0)
		return OUTCOME_NOT_FOUND;
	*issued_at = strtoll(db_text(rows, 0, 0), NULL, 10);
	return OUTCOME_OK;
}

static const struct db_statement refuse = {
	.name = "sign_on_refuse",
	.params = EVENT_PARAMS,
	.sql = TELL("sign-on-refused"),
};

enum outcome sign_on_refuse(struct db *db, struct arena *arena,
			    const struct sign_on_event *event)
{
	return tell(db, arena, &refuse, event, NULL);
}

/* Whoever comes a second time meets the row of another request.  What has
 * expired is thrown away on the way. */
static const struct db_statement use_tokens = {
	.name = "sign_on_use_tokens",
	.params = 3,
	.sql = "WITH expired AS (DELETE FROM used_tokens"
	       " WHERE good_until < now() - interval '1min'),"
	       " used AS (INSERT INTO used_tokens (digest, request_id,"
	       " good_until) SELECT DISTINCT digest, $2,"
	       " to_timestamp($3::float8) FROM"
	       " unnest(string_to_array($1, ' ')) digest ORDER BY 1"
	       " ON CONFLICT (digest) DO UPDATE"
	       " SET request_id = excluded.request_id"
	       " WHERE used_tokens.request_id = excluded.request_id"
	       " RETURNING digest)"
	       " SELECT count(*) = (SELECT count(DISTINCT digest) FROM"
	       " unnest(string_to_array($1, ' ')) digest) FROM used",
};

enum outcome sign_on_use_tokens(struct db *db, struct arena *arena,
				const char *const digests[],
				const char *request_id, int64_t good_until,
				bool *is_first)
{
	const char *list = "";
	const struct db_rows *rows;
	enum outcome outcome;

	for (int i = 0; digests[i]; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? " " : "",
				    digests[i]);
	outcome = db_run(
		db, arena, &use_tokens,
		(const char *const[]){
			list,
			request_id,
			arena_printf(arena, "%" PRId64, good_until / 1000),
		},
		&rows);
	if (outcome == OUTCOME_OK)
		*is_first = *db_text(rows, 0, 0) == 't';
	return outcome;
}

/* clang-format off */
static const struct db_statement end_all = {
	.name = "sign_on_end_all",
	.params = EVENT_PARAMS,
	.sql = "WITH told AS (" TELL("sessions-ended") ")"
	       " UPDATE resources SET sessions_since ="
	       " greatest(sessions_since, now()) WHERE id = $1",
};
/* clang-format on */

enum outcome sign_on_end_all(struct db *db, struct arena *arena,
			     const struct sign_on_event *event)
{
	return tell(db, arena, &end_all, event, NULL);
}
