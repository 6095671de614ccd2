#include "lib/store/resource.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/base/log.h"

static const char *const state_names[] = {
	[RESOURCE_PROVISIONING] = "provisioning",
	[RESOURCE_PROVISIONED] = "provisioned",
	[RESOURCE_DEPROVISIONING] = "deprovisioning",
	[RESOURCE_DEPROVISIONED] = "deprovisioned",
	[RESOURCE_REFUSED] = "refused",
	[RESOURCE_ABANDONED] = "abandoned",
};

const char *resource_state_name(enum resource_state state)
{
	return state_names[state];
}

bool resource_state_named(const char *name, enum resource_state *state)
{
	for (size_t i = 0; i < COUNT(state_names); i++) {
		if (strcmp(name, state_names[i]) != 0)
			continue;
		*state = (enum resource_state)i;
		return true;
	}
	return false;
}

bool resource_is_gone(const struct resource *resource)
{
	return resource->state == RESOURCE_DEPROVISIONING
		|| resource->state == RESOURCE_DEPROVISIONED;
}

/* ---- finding ---- */

#define FOUND                                                                  \
	"SELECT r.id, r.marketplace, r.addon, r.marketplace_id,"               \
	" r.provider_id, encode(r.asked, 'hex'), r.name, r.plan,"              \
	" r.region, r.options, r.owner, r.callback_url,"                       \
	" r.log_input_url, r.log_drain_token, r.log_drain_url, r.state,"       \
	" r.config, r.message, r.plan_message, r.version, g.code,"             \
	" g.access IS NOT NULL, g.access IS NOT NULL"                          \
	" OR g.code IS NOT NULL AND g.code_expires_at > now(),"                \
	" EXISTS (SELECT FROM jobs WHERE resource = r.id"                      \
	" AND finished_at IS NULL AND kind NOT IN " JOB_ERRANDS "),"           \
	" r.promised_at IS NOT NULL, coalesce(r.deadline < now(), false)"      \
	" FROM resources r LEFT JOIN grants g ON g.resource = r.id"

/* In the order of FOUND.  False: another release wrote a
 * state this one does not know. */
static bool read_row(const struct db_rows *rows, struct resource *r)
{
	int column = 0;
	const char **const before_state[] = {
		&r->id,
		&r->marketplace,
		&r->addon,
		&r->marketplace_id,
		&r->provider_id,
		&r->asked,
		&r->name,
		&r->plan,
		&r->region,
		&r->options,
		&r->owner,
		&r->callback_url,
		&r->log_input_url,
		&r->log_drain_token,
		&r->log_drain_url,
	};
	const char **const after_state[] = {
		&r->config,  &r->message,    &r->plan_message,
		&r->version, &r->grant_code,
	};
	bool *const flags[] = {
		&r->has_used_grant, &r->has_live_grant, &r->has_job,
		&r->is_promised,    &r->is_overdue,
	};
	const char *state, *flag;

	for (size_t i = 0; i < COUNT(before_state); i++)
		*before_state[i] = db_text(rows, 0, column++);
	state = db_text(rows, 0, column++);
	for (size_t i = 0; i < COUNT(after_state); i++)
		*after_state[i] = db_text(rows, 0, column++);
	for (size_t i = 0; i < COUNT(flags); i++) {
		flag = db_text(rows, 0, column++);
		*flags[i] = flag && *flag == 't';
	}
	if (resource_state_named(state, &r->state))
		return true;
	log_error("resource %s is in a state this release does not know: %s",
		  r->id, state);
	return false;
}

static enum outcome find_one(struct db *db, struct arena *arena,
			     const struct db_statement *statement,
			     const char *const values[],
			     struct resource *resource, bool *found)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, statement, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	*resource = (struct resource){ 0 };
	if (*found && !read_row(rows, resource))
		return OUTCOME_UNAVAILABLE;
	return OUTCOME_OK;
}

static const struct db_statement find = {
	.name = "resource_find",
	.params = 4,
	.sql = FOUND " WHERE r.marketplace = $1 AND r.addon = $2"
		     " AND (r.marketplace_id = $3 OR r.provider_id = $3)"
		     " ORDER BY (r.marketplace_id IS NOT DISTINCT FROM $3)"
		     " = $4::boolean DESC LIMIT 1",
};

enum outcome resource_find(struct db *db, struct arena *arena,
			   const char *marketplace, const char *addon,
			   const char *id, bool is_key,
			   struct resource *resource, bool *found)
{
	const char *const values[] = {
		marketplace,
		addon,
		id,
		is_key ? "true" : "false",
	};

	return find_one(db, arena, &find, values, resource, found);
}

static const struct db_statement get = {
	.name = "resource_get",
	.params = 1,
	.sql = FOUND " WHERE r.id = $1",
};

enum outcome resource_get(struct db *db, struct arena *arena, const char *id,
			  struct resource *resource, bool *found)
{
	return find_one(db, arena, &get, &id, resource, found);
}

/* ---- changing ---- */

/* The job a statement has begun, if its only column names one. */
static enum outcome begin(struct db *db, struct arena *arena,
			  const struct db_statement *statement,
			  const char *const values[], const char *resource,
			  const struct job_claim *claim, struct job *job,
			  bool *done)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, statement, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*done = db_count(rows) > 0;
	if (*done && claim)
		*job = (struct job){
			.id = db_text(rows, 0, 0),
			.kind = JOB_PROVISION,
			.resource = resource,
			.claim = arena_strdup(arena, claim->id),
			.attempt = 1,
		};
	return OUTCOME_OK;
}

static const struct db_statement create = {
	.name = "resource_create",
	.params = 27,
	.sql = "WITH made AS (INSERT INTO resources (id, marketplace, addon,"
	       " marketplace_id, provider_id, asked, name, plan, region,"
	       " options, owner, callback_url, log_input_url,"
	       " log_drain_token, log_drain_url, config, message, state,"
	       " provisioned_at, promised_at, deadline)"
	       " VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9,"
	       " $10, $11, $12, $13, $14, $15, $16, $17, $22,"
	       " CASE WHEN $22 = 'provisioned' THEN now() END,"
	       " CASE WHEN $26::boolean THEN now() END,"
	       " CASE WHEN $26::boolean THEN now() + " RESOURCE_PROMISE " END)"
	       " ON CONFLICT DO NOTHING RETURNING id, state),"
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id, after)"
	       " SELECT id, state, $18, $19, jsonb_build_object("
	       "'plan', $8::text, 'region', $9::text, 'name', $7::text)"
	       " FROM made),"
	       " granted AS (INSERT INTO grants (resource, code,"
	       " code_expires_at)"
	       " SELECT id, $20, CASE WHEN $20::text IS NOT NULL THEN"
	       " coalesce(to_timestamp($21::float8),"
	       " now() + interval '5 minutes') END FROM made),"
	       " exchanging AS (INSERT INTO jobs (kind, resource)"
	       " SELECT 'exchange', id FROM made WHERE $27::boolean"
	       " AND $20::text IS NOT NULL),"
	       " begun AS (INSERT INTO jobs (kind, resource, attempts, claim,"
	       " lease_until, run_at) SELECT 'provision', id,"
	       " CASE WHEN $23::uuid IS NULL THEN 0 ELSE 1 END, $23::uuid,"
	       " now() + $24::float8 * interval '1 ms',"
	       " now() + coalesce($25::float8, 0) * interval '1 ms'"
	       " FROM made WHERE state = 'provisioning' RETURNING id)"
	       " SELECT (SELECT id FROM begun) FROM made",
};

enum outcome resource_create(struct db *db, struct arena *arena,
			     const struct resource *wanted,
			     const struct job_claim *claim,
			     const struct resource_actor *actor,
			     struct job *job, bool *made)
{
	const char *const values[] = {
		wanted->id,
		wanted->marketplace,
		wanted->addon,
		wanted->marketplace_id,
		wanted->provider_id,
		wanted->asked,
		wanted->name,
		wanted->plan,
		wanted->region,
		wanted->options,
		wanted->owner,
		wanted->callback_url,
		wanted->log_input_url,
		wanted->log_drain_token,
		wanted->log_drain_url,
		wanted->config,
		wanted->message,
		actor->name,
		actor->request_id,
		wanted->grant_code,
		wanted->grant_expires_at
			? job_number(arena, wanted->grant_expires_at)
			: NULL,
		state_names[wanted->state],
		claim ? claim->id : NULL,
		claim ? job_number(arena, claim->lease) : NULL,
		claim ? job_number(arena, claim->run_in) : NULL,
		wanted->is_promised ? "true" : "false",
		wanted->exchanges_grant ? "true" : "false",
	};

	return begin(db, arena, &create, values, wanted->id, claim, job, made);
}

static const struct db_statement resume = {
	.name = "resource_resume",
	.params = 6,
	.sql = "WITH again AS (UPDATE resources SET state = 'provisioning',"
	       " promised_at = NULL, deadline = NULL,"
	       " version = version + 1, updated_at = now()"
	       " WHERE id = $1 AND state = 'abandoned' RETURNING id),"
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id) SELECT id, 'provisioning', $2, $3 FROM again)"
	       " INSERT INTO jobs (kind, resource, attempts, claim,"
	       " lease_until, run_at) SELECT 'provision', id, 1, $4,"
	       " now() + $5::float8 * interval '1 ms',"
	       " now() + $6::float8 * interval '1 ms' FROM again"
	       " RETURNING id",
};

enum outcome resource_resume(struct db *db, struct arena *arena, const char *id,
			     const struct job_claim *claim,
			     const struct resource_actor *actor,
			     struct job *job, bool *done)
{
	const char *const values[] = {
		id,
		actor->name,
		actor->request_id,
		claim->id,
		job_number(arena, claim->lease),
		job_number(arena, claim->run_in),
	};

	return begin(db, arena, &resume, values, id, claim, job, done);
}

static const struct db_statement change_plan = {
	.name = "resource_change_plan",
	.params = 8,
	.sql = "WITH old AS (SELECT id, plan FROM resources WHERE id = $1"
	       " AND version = $2 AND state = 'provisioned' FOR NO KEY UPDATE),"
	       " changed AS (UPDATE resources r SET plan = $3, config = $4,"
	       " plan_message = $5, log_drain_url = $6,"
	       " version = r.version + 1, updated_at = now()"
	       " FROM old WHERE r.id = old.id RETURNING r.id),"
	       " told AS (INSERT INTO events (resource, what, actor,"
	       " request_id, before, after)"
	       " SELECT id, 'plan-changed', $7, $8,"
	       " jsonb_build_object('plan', plan),"
	       " jsonb_build_object('plan', $3::text) FROM old)"
	       " SELECT id FROM changed",
};

enum outcome resource_change_plan(struct db *db, struct arena *arena,
				  const struct resource *changed,
				  const struct resource_actor *actor,
				  bool *done)
{
	const char *const values[] = {
		changed->id,     changed->version,      changed->plan,
		changed->config, changed->plan_message, changed->log_drain_url,
		actor->name,     actor->request_id,
	};

	return db_change(db, arena, &change_plan, values, done);
}
