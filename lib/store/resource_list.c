#include "lib/store/resource_list.h"

#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/text/uuid.h"

#define AT JSON_ROWS_TIME

/* clang-format off */
static const struct db_statement list = {
	.name = "resource_list",
	.params = 9,
	.sql = "SELECT json_build_object('id', r.id,"
	       " 'marketplace', r.marketplace, 'addon', r.addon,"
	       " 'name', r.name, 'plan', r.plan, 'state', r.state,"
	       " 'created_at', " AT("r.created_at") ","
	       " 'marketplace_id', r.marketplace_id,"
	       " 'provider_id', r.provider_id) FROM resources r"
	       " WHERE ($1::text IS NULL OR r.marketplace = $1)"
	       " AND ($2::text IS NULL OR r.addon = $2)"
	       " AND ($3::text IS NULL OR r.state = $3)"
	       " AND ($4::text IS NULL OR r.plan = $4)"
	       " AND ($5::float8 IS NULL OR r.created_at"
	       " >= now() - make_interval(secs => $5))"
	       " AND ($6::text IS NULL OR r.id = $7::uuid"
	       " OR r.marketplace_id IN ($6, $7::text)"
	       " OR r.provider_id IN ($6, $7::text))"
	       " AND ($8::text IS NULL OR strpos(lower(concat_ws(E'\\n',"
	       " r.id, r.marketplace_id, r.provider_id, r.name,"
	       " r.log_drain_token, (SELECT string_agg(o.value, E'\\n')"
	       " FROM jsonb_each_text(r.owner) o))), lower($8)) > 0)"
	       " ORDER BY r.created_at DESC, r.id LIMIT $9::integer",
};
/* clang-format on */

enum outcome resource_list(struct db *db, struct arena *arena,
			   const struct resource_list_query *query,
			   struct json_rows *found)
{
	char uuid[UUID_LENGTH + 1];
	bool is_uuid = query->id && uuid_read(query->id, uuid);
	const char *const values[] = {
		query->marketplace,
		query->addon,
		query->state,
		query->plan,
		query->since
			? arena_printf(arena, "%" PRId64, query->since / 1000)
			: NULL,
		query->id,
		is_uuid ? uuid : NULL,
		query->text,
	};

	return json_rows_read(db, arena, &list, values, query->limit,
			      JSON_ROWS_AS_FOUND, found);
}

/* clang-format off */
static const struct db_statement show = {
	.name = "resource_list_show",
	.params = 1,
	.sql = "SELECT json_build_object('id', id, 'marketplace', marketplace,"
	       " 'addon', addon, 'marketplace_id', marketplace_id,"
	       " 'provider_id', provider_id, 'name', name, 'state', state,"
	       " 'plan', plan, 'region', region, 'options', options,"
	       " 'owner', owner, 'message', message,"
	       " 'plan_message', plan_message, 'callback_url', callback_url,"
	       " 'log_drain_token', log_drain_token, 'version', version,"
	       " 'created_at', " AT("created_at") ","
	       " 'promised_at', " AT("promised_at") ","
	       " 'provisioned_at', " AT("provisioned_at") ","
	       " 'updated_at', " AT("updated_at") ","
	       " 'deprovisioned_at', " AT("deprovisioned_at") "),"
	       " config FROM resources WHERE id = $1",
};
/* clang-format on */

enum outcome resource_list_show(struct db *db, struct arena *arena,
				const char *id, const struct json **resource,
				const char **config)
{
	const char *const values[] = { id };
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, &show, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*resource = NULL;
	*config = NULL;
	if (db_count(rows) == 0)
		return OUTCOME_OK;
	*resource = json_rows_object(rows, arena, 0);
	*config = db_text(rows, 0, 1);
	return *resource ? OUTCOME_OK : OUTCOME_BROKEN;
}

/* clang-format off */
static const struct db_statement history = {
	.name = "resource_list_history",
	.params = 2,
	.sql = "SELECT json_build_object('at', " AT("at") ", 'what', what,"
	       " 'actor', actor, 'request_id', request_id,"
	       " 'before', before, 'after', after)"
	       " FROM events WHERE resource = $1"
	       " ORDER BY id DESC LIMIT $2::integer",
};
/* clang-format on */

enum outcome resource_list_history(struct db *db, struct arena *arena,
				   const char *id, int limit,
				   struct json_rows *events)
{
	return json_rows_read(db, arena, &history, &id, limit,
			      JSON_ROWS_BACKWARDS, events);
}

static const struct db_statement reveal = {
	.name = "resource_list_reveal",
	.params = 2,
	.sql = "INSERT INTO events (resource, what, actor)"
	       " VALUES ($1, 'revealed', $2)",
};

enum outcome resource_list_reveal(struct db *db, struct arena *arena,
				  const char *id, const char *actor)
{
	const char *const values[] = { id, actor };

	return db_run(db, arena, &reveal, values, NULL);
}

/* clang-format off */
static const struct db_statement page = {
	.name = "resource_list_page",
	.params = 7,
	.sql = "SELECT json_build_object('id', id, 'marketplace', marketplace,"
	       " 'addon', addon, 'marketplace_id', marketplace_id,"
	       " 'provider_id', provider_id, 'state', state, 'plan', plan,"
	       " 'region', region, 'name', name, 'options', options,"
	       " 'owner', owner, 'asked', encode(asked, 'hex'),"
	       " 'message', message, 'plan_message', plan_message,"
	       " 'callback_url', callback_url,"
	       " 'log_drain_token', log_drain_token,"
	       " 'log_drain_url', log_drain_url, 'config', config,"
	       " 'created_at', " AT("created_at") ","
	       " 'deprovisioned_at', " AT("deprovisioned_at") ")"
	       " FROM resources WHERE state IN ('provisioned', 'deprovisioned')"
	       " AND ($1::text IS NULL OR marketplace = $1)"
	       " AND ($2::text IS NULL OR addon = $2)"
	       " AND ($3::text IS NULL OR state = $3)"
	       " AND ($4::text IS NULL OR plan = $4)"
	       " AND ($5::float8 IS NULL OR created_at"
	       " >= now() - make_interval(secs => $5))"
	       " AND ($6::uuid IS NULL OR id > $6)"
	       " ORDER BY id LIMIT $7::integer",
};
/* clang-format on */

enum outcome resource_list_page(struct db *db, struct arena *arena,
				const struct resource_list_query *query,
				const char *after, struct json_rows *found)
{
	const char *const values[] = {
		query->marketplace,
		query->addon,
		query->state,
		query->plan,
		query->since
			? arena_printf(arena, "%" PRId64, query->since / 1000)
			: NULL,
		after,
	};

	return json_rows_read(db, arena, &page, values, query->limit,
			      JSON_ROWS_AS_FOUND, found);
}
