#include "lib/store/resource.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/store/job.h"
#include "lib/text/json.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement resource_find_by_key_sql,
	resource_find_by_provider_id_sql, resource_get_sql, resource_create_sql,
	resource_create_with_jobs_sql, resource_resume_sql,
	resource_change_plan_sql;

static const char *const state_names[RESOURCE_STATES] = {
	[RESOURCE_PROVISIONING] = "provisioning",
	[RESOURCE_PROVISIONED] = "provisioned",
	[RESOURCE_SUSPENDED] = "suspended",
	[RESOURCE_KEPT] = "kept",
	[RESOURCE_DEPROVISIONING] = "deprovisioning",
	[RESOURCE_DEPROVISIONED] = "deprovisioned",
	[RESOURCE_REFUSED] = "refused",
	[RESOURCE_ABANDONED] = "abandoned",
	[RESOURCE_MOVED] = "moved",
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
	return resource->state == RESOURCE_KEPT
		|| resource->state == RESOURCE_DEPROVISIONING
		|| resource->state == RESOURCE_DEPROVISIONED;
}

bool resource_is_provisioned(const struct resource *resource)
{
	return resource->state == RESOURCE_PROVISIONED
		|| resource->state == RESOURCE_SUSPENDED;
}

bool resource_is_live(const struct resource *resource)
{
	return resource->state == RESOURCE_PROVISIONING
		|| resource_is_provisioned(resource);
}

bool resource_is_expected(const struct resource *resource)
{
	return resource_is_live(resource) || resource->state == RESOURCE_MOVED;
}

/* ---- finding ---- */

/* The columns of resource_columns.inc.sql, in their order, and those that
 * follow in resource_get.sql. */
enum {
	COLUMN_ID,
	COLUMN_MARKETPLACE_ID,
	COLUMN_PROVIDER_ID,
	COLUMN_REQUEST_DIGEST,
	COLUMN_NAME,
	COLUMN_PLAN,
	COLUMN_REGION,
	COLUMN_OPTIONS,
	COLUMN_CALLBACK_URL,
	COLUMN_LOG_INPUT_URL,
	COLUMN_LOGPLEX_TOKEN,
	COLUMN_LOG_DRAIN_TOKEN,
	COLUMN_LOG_DRAIN_URL,
	COLUMN_STATE,
	COLUMN_CONFIG,
	COLUMN_MESSAGE,
	COLUMN_PLAN_MESSAGE,
	COLUMN_VERSION,
	COLUMN_GRANT_CODE,
	COLUMN_HAS_USED_GRANT,
	COLUMN_IS_PROMISED,

	COLUMN_MARKETPLACE,
	COLUMN_ADDON,
	COLUMN_FORMER_MARKETPLACE_ID,
	COLUMN_OWNER,
	COLUMN_HAS_LIVE_GRANT,
	COLUMN_IS_OVERDUE,
	COLUMN_HAS_JOB,
	COLUMN_MARKETPLACE_PLAN,
	COLUMN_CHANGING_TO,
	COLUMN_KEPT_UNTIL,
	COLUMN_IS_KEPT_OVER,
	COLUMN_MOVED_TO,
	COLUMN_IS_SOURCE
};

/* Return false after logging that this release does not know the state. */
static bool read_resource(const struct db_rows *rows, struct resource *resource)
{
	const char *state = db_text(rows, 0, COLUMN_STATE);

	*resource = (struct resource){
		.id = db_text(rows, 0, COLUMN_ID),
		.marketplace_id = db_text(rows, 0, COLUMN_MARKETPLACE_ID),
		.provider_id = db_text(rows, 0, COLUMN_PROVIDER_ID),
		.request_digest = db_text(rows, 0, COLUMN_REQUEST_DIGEST),
		.name = db_text(rows, 0, COLUMN_NAME),
		.plan = db_text(rows, 0, COLUMN_PLAN),
		.region = db_text(rows, 0, COLUMN_REGION),
		.options = db_text(rows, 0, COLUMN_OPTIONS),
		.callback_url = db_text(rows, 0, COLUMN_CALLBACK_URL),
		.log_input_url = db_text(rows, 0, COLUMN_LOG_INPUT_URL),
		.logplex_token = db_text(rows, 0, COLUMN_LOGPLEX_TOKEN),
		.log_drain_token = db_text(rows, 0, COLUMN_LOG_DRAIN_TOKEN),
		.log_drain_url = db_text(rows, 0, COLUMN_LOG_DRAIN_URL),
		.config = db_text(rows, 0, COLUMN_CONFIG),
		.message = db_text(rows, 0, COLUMN_MESSAGE),
		.plan_message = db_text(rows, 0, COLUMN_PLAN_MESSAGE),
		.version = db_text(rows, 0, COLUMN_VERSION),
		.grant_code = db_text(rows, 0, COLUMN_GRANT_CODE),
		.has_used_grant = db_bool(rows, 0, COLUMN_HAS_USED_GRANT),
		.is_promised = db_bool(rows, 0, COLUMN_IS_PROMISED),
	};
	if (resource_state_named(state, &resource->state))
		return true;
	log_error("resource %s is in the state %s, which this release does not "
		  "know",
		  resource->id, state);
	return false;
}

static void read_details(const struct db_rows *rows, struct resource *resource)
{
	resource->marketplace = db_text(rows, 0, COLUMN_MARKETPLACE);
	resource->addon = db_text(rows, 0, COLUMN_ADDON);
	resource->former_marketplace_id =
		db_text(rows, 0, COLUMN_FORMER_MARKETPLACE_ID);
	resource->owner = db_text(rows, 0, COLUMN_OWNER);
	resource->has_live_grant = db_bool(rows, 0, COLUMN_HAS_LIVE_GRANT);
	resource->is_overdue = db_bool(rows, 0, COLUMN_IS_OVERDUE);
	resource->has_job = db_bool(rows, 0, COLUMN_HAS_JOB);
	resource->marketplace_plan = db_text(rows, 0, COLUMN_MARKETPLACE_PLAN);
	resource->changing_to = db_text(rows, 0, COLUMN_CHANGING_TO);
	resource->kept_until = db_text(rows, 0, COLUMN_KEPT_UNTIL);
	resource->is_kept_over = db_bool(rows, 0, COLUMN_IS_KEPT_OVER);
	resource->moved_to = db_text(rows, 0, COLUMN_MOVED_TO);
	resource->is_source = db_bool(rows, 0, COLUMN_IS_SOURCE);
}

static enum outcome find_resource(struct db *db, struct arena *arena,
				  const struct db_statement *statement,
				  const char *const values[],
				  const struct db_rows **rows,
				  struct resource *resource, bool *found)
{
	enum outcome outcome = db_run(db, arena, statement, values, rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(*rows) > 0;
	if (*found && !read_resource(*rows, resource))
		return OUTCOME_UNAVAILABLE;
	return OUTCOME_OK;
}

enum outcome resource_find(struct db *db, struct arena *arena,
			   const char *marketplace, const char *addon,
			   const char *id, bool is_key,
			   struct resource *resource, bool *found)
{
	const struct db_statement *const statements[] = {
		&resource_find_by_provider_id_sql,
		&resource_find_by_key_sql,
	};
	const char *const values[] = { marketplace, addon, id };
	const struct db_rows *rows;
	enum outcome outcome = OUTCOME_OK;

	*found = false;
	for (int i = 0; i < 2 && outcome == OUTCOME_OK && !*found; i++)
		outcome =
			find_resource(db, arena, statements[is_key ? 1 - i : i],
				      values, &rows, resource, found);
	if (outcome == OUTCOME_OK && *found) {
		resource->marketplace = marketplace;
		resource->addon = addon;
	}
	return outcome;
}

enum outcome resource_get(struct db *db, struct arena *arena, const char *id,
			  struct resource *resource, bool *found)
{
	const struct db_rows *rows;
	enum outcome outcome = find_resource(db, arena, &resource_get_sql, &id,
					     &rows, resource, found);

	if (outcome == OUTCOME_OK && *found)
		read_details(rows, resource);
	return outcome;
}

/* ---- events ---- */

/* These functions return the description of a resource that an event stores.
 * This costs less than to build it in the statement. */

static void put_text_or_null(struct json *object, const char *name,
			     const char *text)
{
	if (text)
		json_put_text(object, name, text);
	else
		json_put(object, name, NULL);
}

static const char *print_created(struct arena *arena,
				 const struct resource *resource)
{
	struct json *object = json_object(arena);

	put_text_or_null(object, "plan", resource->plan);
	put_text_or_null(object, "region", resource->region);
	return json_print(arena, object);
}

static const char *print_plan(struct arena *arena, const char *plan)
{
	struct json *object = json_object(arena);

	json_put_text(object, "plan", plan);
	return json_print(arena, object);
}

/* ---- changing ---- */

/* Run a statement that creates a provision job and returns its id. */
static enum outcome begin_provision(struct db *db, struct arena *arena,
				    const struct db_statement *statement,
				    const char *const values[],
				    const char *resource,
				    const struct job_claim *claim,
				    struct job *job, bool *done)
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

enum outcome resource_create(struct db *db, struct arena *arena,
			     const struct resource *resource,
			     const struct job_claim *claim,
			     const struct resource_actor *actor,
			     struct job *job, bool *created)
{
	bool exchanges_grant =
		resource->exchanges_grant && resource->grant_code;
	bool has_jobs = exchanges_grant || resource->log_line
		|| resource->state != RESOURCE_PROVISIONED;
	const char *const values[] = {
		resource->id,
		resource->marketplace,
		resource->addon,
		resource->marketplace_id,
		resource->provider_id,
		resource->request_digest,
		resource->name,
		resource->plan,
		resource->region,
		resource->options,
		resource->owner,
		resource->callback_url,
		resource->log_input_url,
		resource->logplex_token,
		resource->log_drain_token,
		resource->log_drain_url,
		resource->config,
		resource->message,
		resource->grant_code,
		resource->grant_expires_at
			? db_number_value(arena, resource->grant_expires_at)
			: NULL,
		actor->name,
		actor->request_id,
		print_created(arena, resource),
		/* Only in resource_create_with_jobs.sql: */
		state_names[resource->state],
		resource->is_promised ? RESOURCE_PROMISE : NULL,
		db_bool_value(exchanges_grant),
		claim ? claim->id : NULL,
		claim ? db_number_value(arena, claim->lease) : NULL,
		claim ? db_number_value(arena, claim->run_in) : NULL,
		resource->log_line,
	};

	return begin_provision(db, arena,
			       has_jobs ? &resource_create_with_jobs_sql
					: &resource_create_sql,
			       values, resource->id, claim, job, created);
}

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
		db_number_value(arena, claim->lease),
		db_number_value(arena, claim->run_in),
	};

	return begin_provision(db, arena, &resource_resume_sql, values, id,
			       claim, job, done);
}

enum outcome resource_change_plan(struct db *db, struct arena *arena,
				  const struct resource *changed,
				  const char *old_plan,
				  const struct resource_actor *actor,
				  bool *done)
{
	const char *const values[] = {
		changed->id,
		changed->version,
		changed->plan,
		changed->config,
		changed->plan_message,
		changed->log_drain_url,
		actor->name,
		actor->request_id,
		print_plan(arena, old_plan),
		print_plan(arena, changed->plan),
		changed->log_line,
	};

	return db_change(db, arena, &resource_change_plan_sql, values, done);
}
