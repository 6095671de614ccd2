#include "lib/store/resource_deprovision.h"

#include <stddef.h>

#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

static const struct db_statement bury = {
	.name = "resource_bury",
	.params = 8,
	.sql = "WITH made AS (INSERT INTO resources (id, marketplace, addon,"
	       " marketplace_id, provider_id, state, deprovisioned_at)"
	       " VALUES ($1, $2, $3, $4, $5, CASE WHEN $8::boolean"
	       " THEN 'deprovisioning' ELSE 'deprovisioned' END, now())"
	       " ON CONFLICT DO NOTHING RETURNING id),"
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id) SELECT id, 'buried', $6, $7 FROM made),"
	       " queued AS (INSERT INTO jobs (kind, resource)"
	       " SELECT 'deprovision', id FROM made WHERE $8::boolean)"
	       " SELECT id FROM made",
};

enum outcome resource_bury(struct db *db, struct arena *arena,
			   const struct resource *wanted, bool cleans_up,
			   const struct resource_actor *actor, bool *made)
{
	const char *const values[] = {
		wanted->id,          wanted->marketplace,
		wanted->addon,       wanted->marketplace_id,
		wanted->provider_id, actor->name,
		actor->request_id,   cleans_up ? "true" : "false",
	};

	return db_change(db, arena, &bury, values, made);
}

/* Run again after its answer was lost, it finds its own event: it was this very
 * request that has done it.  A job that somebody is at is due when the lease is
 * over, so that the clean-up behind it need not wait longer. */
static const struct db_statement deprovision = {
	.name = "resource_deprovision",
	.params = 5,
	.sql = "WITH old AS (SELECT id, plan, state FROM resources"
	       " WHERE id = $1"
	       " AND state NOT IN ('deprovisioning', 'deprovisioned')"
	       " FOR NO KEY UPDATE),"
	       " gone AS (UPDATE resources r SET"
	       " state = CASE WHEN $5::boolean THEN 'deprovisioning'"
	       " ELSE 'deprovisioned' END,"
	       " marketplace_id = CASE WHEN NOT $4::boolean"
	       " THEN r.marketplace_id END,"
	       " config = CASE WHEN $5::boolean THEN r.config END,"
	       " log_input_url = CASE WHEN $5::boolean"
	       " THEN r.log_input_url END,"
	       " callback_url = NULL, log_drain_token = NULL,"
	       " log_drain_url = NULL, message = NULL, plan_message = NULL,"
	       " version = r.version + 1, updated_at = now(),"
	       " deprovisioned_at = now()"
	       " FROM old WHERE r.id = old.id RETURNING r.id, r.state),"
	       " overtaken AS (UPDATE jobs SET finished_at ="
	       " CASE WHEN lease_until >= now() THEN NULL ELSE now() END,"
	       " claim = CASE WHEN lease_until >= now() THEN claim END,"
	       " run_at = now(), last_error = 'overtaken by a deprovision'"
	       " FROM old WHERE resource = old.id AND finished_at IS NULL),"
	       " queued AS (INSERT INTO jobs (kind, resource)"
	       " SELECT 'deprovision', id FROM old WHERE $5::boolean),"
	       " ungranted AS (DELETE FROM grants USING old"
	       " WHERE grants.resource = old.id AND NOT $5::boolean),"
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id, before)"
	       " SELECT old.id, gone.state, $2, $3,"
	       " jsonb_build_object('plan', old.plan, 'state', old.state)"
	       " FROM old JOIN gone USING (id))"
	       " SELECT id FROM gone"
	       " UNION ALL SELECT resource FROM events WHERE resource = $1"
	       " AND what IN ('deprovisioning', 'deprovisioned')"
	       " AND request_id = $3",
};

enum outcome resource_deprovision(struct db *db, struct arena *arena,
				  const struct resource_removal *removal,
				  const struct resource_actor *actor,
				  bool *done)
{
	const char *const values[] = {
		removal->id,
		actor->name,
		actor->request_id,
		removal->frees_key ? "true" : "false",
		removal->cleans_up ? "true" : "false",
	};

	return db_change(db, arena, &deprovision, values, done);
}
