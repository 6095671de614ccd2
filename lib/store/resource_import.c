#include "lib/store/resource_import.h"

#include <stddef.h>

#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

static const char *moment(struct arena *arena, int64_t seconds)
{
	return seconds ? job_number(arena, seconds) : NULL;
}

static const struct db_statement import = {
	.name = "resource_import",
	.params = 21,
	.sql = "WITH made AS (INSERT INTO resources (id, marketplace, addon,"
	       " marketplace_id, provider_id, asked, name, plan, region,"
	       " options, owner, callback_url, log_drain_token, log_drain_url,"
	       " config, message, plan_message, state, created_at,"
	       " provisioned_at, deprovisioned_at)"
	       " VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9,"
	       " $10, $11, $12, $13, $14, $15, $16, $17,"
	       " CASE WHEN $18::boolean THEN 'deprovisioned'"
	       " ELSE 'provisioned' END,"
	       " coalesce(to_timestamp($19::float8), now()),"
	       " coalesce(to_timestamp($19::float8), now()),"
	       " CASE WHEN $18::boolean THEN"
	       " coalesce(to_timestamp($20::float8), now()) END)"
	       " ON CONFLICT DO NOTHING RETURNING id, state),"
	       " told AS (INSERT INTO events (resource, what, actor, after)"
	       " SELECT id, 'imported', $21, jsonb_build_object("
	       "'state', state, 'plan', $8::text, 'region', $9::text,"
	       " 'name', $7::text) FROM made),"
	       " granted AS (INSERT INTO grants (resource)"
	       " SELECT id FROM made WHERE state = 'provisioned')"
	       " SELECT id FROM made",
};

enum outcome resource_import(struct db *db, struct arena *arena,
			     const struct resource *told,
			     const struct resource_moments *moments,
			     const struct resource_actor *actor, bool *made)
{
	const char *const values[] = {
		told->id,
		told->marketplace,
		told->addon,
		told->marketplace_id,
		told->provider_id,
		told->asked,
		told->name,
		told->plan,
		told->region,
		told->options,
		told->owner,
		told->callback_url,
		told->log_drain_token,
		told->log_drain_url,
		told->config,
		told->message,
		told->plan_message,
		resource_is_gone(told) ? "true" : "false",
		moment(arena, moments->created_at),
		moment(arena, moments->deprovisioned_at),
		actor->name,
	};

	return db_change(db, arena, &import, values, made);
}

static const struct db_statement update = {
	.name = "resource_import_update",
	.params = 15,
	.sql = "WITH old AS (SELECT id, plan, region, name FROM resources"
	       " WHERE id = $1 AND version = $2 AND state = 'provisioned'"
	       " FOR NO KEY UPDATE),"
	       " changed AS (UPDATE resources r SET"
	       " asked = coalesce(decode($3, 'hex'), r.asked),"
	       " name = coalesce($4, r.name), plan = coalesce($5, r.plan),"
	       " region = coalesce($6, r.region),"
	       " options = coalesce($7::jsonb, r.options),"
	       " owner = coalesce($8::jsonb, r.owner),"
	       " callback_url = coalesce($9, r.callback_url),"
	       " log_drain_token = coalesce($10, r.log_drain_token),"
	       " log_drain_url = coalesce($11, r.log_drain_url),"
	       " config = coalesce($12, r.config),"
	       " message = coalesce($13, r.message),"
	       " plan_message = coalesce($14, r.plan_message),"
	       " version = r.version + 1, updated_at = now()"
	       " FROM old WHERE r.id = old.id"
	       " RETURNING r.id, r.plan, r.region, r.name),"
	       " told AS (INSERT INTO events (resource, what, actor, before,"
	       " after) SELECT old.id, 'imported', $15, jsonb_build_object("
	       "'plan', old.plan, 'region', old.region, 'name', old.name),"
	       " jsonb_build_object('plan', changed.plan,"
	       " 'region', changed.region, 'name', changed.name)"
	       " FROM old JOIN changed USING (id))"
	       " SELECT id FROM changed",
};

enum outcome resource_import_update(struct db *db, struct arena *arena,
				    const struct resource *told,
				    const struct resource_actor *actor,
				    bool *done)
{
	const char *const values[] = {
		told->id,
		told->version,
		told->asked,
		told->name,
		told->plan,
		told->region,
		told->options,
		told->owner,
		told->callback_url,
		told->log_drain_token,
		told->log_drain_url,
		told->config,
		told->message,
		told->plan_message,
		actor->name,
	};

	return db_change(db, arena, &update, values, done);
}
