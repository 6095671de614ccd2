#include "lib/store/job_result.h"

#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/job.h"

/*
 * What every statement begins with: $1 and $2 are the job and its claim, and of
 * those with an event $3 and $4 its actor.  The resource is locked before the
 * job, in the order in which a deprovision does it.
 */
#define HELD                                                                   \
	"WITH held AS (SELECT r.id, r.state, r.plan, r.version"                \
	" FROM jobs j JOIN resources r ON r.id = j.resource"                   \
	" WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL"          \
	" FOR NO KEY UPDATE OF r),"

/* What it goes on with, where the job is finished. */
#define FINISHED                                                               \
	" job AS (UPDATE jobs j SET finished_at = now(), last_error = NULL"    \
	" FROM held WHERE j.id = $1 AND j.claim = $2"                          \
	" AND j.finished_at IS NULL"                                           \
	" RETURNING held.id, held.state, held.plan),"

/* What that ends with.  Run again after its answer was lost, it finds the job
 * finished under its own claim. */
#define OR_BEFORE                                                              \
	" UNION ALL SELECT r.state FROM jobs j"                                \
	" JOIN resources r ON r.id = j.resource"                               \
	" WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NOT NULL"

#define TOLD                                                                   \
	" told AS (INSERT INTO events (resource, what, actor, request_id,"     \
	" before, after)"

enum { COMMON = 4, MOST = 6 }; /* values of all, and of one beside them */

/* more: the statement's values from $5 on, or NULL. */
static enum outcome settle(struct job_result *s,
			   const struct db_statement *statement,
			   const char *const more[])
{
	const char *values[COMMON + MOST] = {
		s->job->id,
		s->job->claim,
		s->actor.name,
		s->actor.request_id,
	};
	const struct db_rows *rows;
	enum outcome outcome;

	for (int i = COMMON; i < statement->params; i++)
		values[i] = more[i - COMMON];
	outcome = db_run(s->db, s->arena, statement, values, &rows);
	if (outcome != OUTCOME_OK)
		return outcome;
	s->is_held = db_count(rows) > 0;
	if (s->is_held && !resource_state_named(db_text(rows, 0, 0), &s->state))
		return OUTCOME_BROKEN;
	return OUTCOME_OK;
}

static const struct db_statement provisioned = {
	.name = "job_result_provisioned",
	.params = 7,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET config = $5, message = $6,"
	" log_drain_url = $7, version = version + 1, updated_at = now(),"
	" provisioned_at = CASE WHEN r.state = 'provisioning' THEN now()"
	" ELSE r.provisioned_at END,"
	" state = CASE WHEN r.state = 'provisioning' THEN 'provisioned'"
	" ELSE r.state END"
	" FROM job WHERE r.id = job.id AND r.state <> 'deprovisioned'"
	" RETURNING r.state)," TOLD " SELECT id, 'provisioned', $3, $4, NULL,"
	" jsonb_build_object('plan', plan)"
	" FROM job WHERE state = 'provisioning')"
	" SELECT coalesce((SELECT state FROM kept), state) FROM job" OR_BEFORE,
};

enum outcome job_result_provisioned(struct job_result *s,
				    const struct resource *made)
{
	const char *const more[] = { made->config, made->message,
				     made->log_drain_url };

	return settle(s, &provisioned, more);
}

static const struct db_statement promised = {
	.name = "job_result_promised",
	.params = 7,
	.sql = HELD
	" job AS (UPDATE jobs j SET run_at = CASE"
	" WHEN held.state <> 'provisioning' THEN now()"
	" ELSE least(now() + $5::float8 * interval '1 ms',"
	" j.created_at + " RESOURCE_PROMISE ") END,"
	" lease_until = CASE WHEN $6::boolean THEN j.lease_until END,"
	" last_error = $7 FROM held WHERE j.id = $1 AND j.claim = $2"
	" AND j.finished_at IS NULL"
	" RETURNING held.id, held.state, j.created_at),"
	" kept AS (UPDATE resources r SET promised_at = now(),"
	" deadline = job.created_at + " RESOURCE_PROMISE ","
	" version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id AND r.state = 'provisioning')," TOLD
	" SELECT id, 'promised', $3, $4, NULL, NULL"
	" FROM job WHERE state = 'provisioning')"
	" SELECT state FROM job",
};

enum outcome job_result_promised(struct job_result *s, int64_t delay,
				 bool keeps_lease, const char *why)
{
	const char *const more[] = { job_number(s->arena, delay),
				     keeps_lease ? "true" : "false", why };

	return settle(s, &promised, more);
}

static const struct db_statement made_it = {
	.name = "job_result_made",
	.params = 7,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET config = $5, message = $6,"
	" log_drain_url = $7, version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id AND r.state <> 'deprovisioned'),"
	" queued AS (INSERT INTO jobs (kind, resource)"
	" SELECT 'complete', id FROM job WHERE state = 'provisioning')," TOLD
	" SELECT id, 'made', $3, $4, NULL, NULL"
	" FROM job WHERE state = 'provisioning')"
	" SELECT state FROM job" OR_BEFORE,
};

enum outcome job_result_made(struct job_result *s, const struct resource *made)
{
	const char *const more[] = { made->config, made->message,
				     made->log_drain_url };

	return settle(s, &made_it, more);
}

static const struct db_statement completed = {
	.name = "job_result_completed",
	.params = 4,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET state = 'provisioned',"
	" provisioned_at = now(), version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id AND r.state = 'provisioning'"
	" RETURNING r.id, r.state)," TOLD
	" SELECT id, state, $3, $4, NULL, NULL FROM kept)"
	" SELECT coalesce((SELECT state FROM kept), state) FROM job" OR_BEFORE,
};

enum outcome job_result_completed(struct job_result *s)
{
	return settle(s, &completed, NULL);
}

static const struct db_statement refused = {
	.name = "job_result_refused",
	.params = 6,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET state = 'refused', message = $5,"
	" version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id AND r.state = 'provisioning'"
	" RETURNING r.id, r.state, r.promised_at),"
	" queued AS (INSERT INTO jobs (kind, resource)"
	" SELECT 'deprovision', id FROM kept WHERE $6::boolean UNION ALL"
	" SELECT 'withdraw', id FROM kept WHERE promised_at IS NOT NULL)," TOLD
	" SELECT id, state, $3, $4, NULL,"
	" jsonb_build_object('message', $5::text) FROM kept)"
	" SELECT coalesce((SELECT state FROM kept), state) FROM job" OR_BEFORE,
};

enum outcome job_result_refused(struct job_result *s, const char *message,
				bool cleans_up)
{
	const char *const more[] = { message, cleans_up ? "true" : "false" };

	return settle(s, &refused, more);
}

static const struct db_statement withdrawn = {
	.name = "job_result_withdrawn",
	.params = 2,
	.sql = HELD FINISHED
	" ungranted AS (DELETE FROM grants USING job"
	" WHERE grants.resource = job.id AND job.state = 'refused')"
	" SELECT state FROM job" OR_BEFORE,
};

enum outcome job_result_withdrawn(struct job_result *s)
{
	return settle(s, &withdrawn, NULL);
}

static const struct db_statement plan = {
	.name = "job_result_plan",
	.params = 10,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET config = $6,"
	" plan = CASE WHEN r.state = 'provisioned' THEN $5 ELSE r.plan END,"
	" plan_message = CASE WHEN r.state = 'provisioned' THEN $7 END,"
	" log_drain_url = CASE WHEN r.state = 'provisioned' THEN $8 END,"
	" version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id AND r.state <> 'deprovisioned'"
	" RETURNING r.id, r.state),"
	" news AS (SELECT id FROM kept"
	" WHERE $10::boolean AND state = 'provisioned')," JOB_QUEUE_PUSH TOLD
	" SELECT id, $9, $3, $4,"
	" jsonb_build_object('plan', plan),"
	" jsonb_build_object('plan', $5::text)"
	" FROM job WHERE state = 'provisioned')"
	" SELECT state FROM job" OR_BEFORE,
};

enum outcome job_result_plan(struct job_result *s,
			     const struct resource *changed, const char *what,
			     bool is_told)
{
	const char *const more[] = { changed->plan,
				     changed->config,
				     changed->plan_message,
				     changed->log_drain_url,
				     what,
				     is_told ? "true" : "false" };

	return settle(s, &plan, more);
}

static const struct db_statement plan_refused = {
	.name = "job_result_plan_refused",
	.params = 5,
	.sql = HELD FINISHED TOLD " SELECT id, 'plan-change-refused', $3, $4,"
				  " jsonb_build_object('plan', plan),"
				  " jsonb_build_object('plan', $5::text)"
				  " FROM job WHERE state = 'provisioned')"
				  " SELECT state FROM job" OR_BEFORE,
};

enum outcome job_result_plan_refused(struct job_result *s)
{
	const char *const more[] = { s->job->plan };

	return settle(s, &plan_refused, more);
}

static const struct db_statement rotated_it = {
	.name = "job_result_rotated",
	.params = 6,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET config = $5,"
	" version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id AND r.state <> 'deprovisioned'"
	" RETURNING r.id, r.state),"
	" news AS (SELECT id FROM kept"
	" WHERE $6::boolean AND state = 'provisioned')," JOB_QUEUE_PUSH TOLD
	" SELECT id, 'config-rotated', $3, $4, NULL, NULL FROM kept"
	" WHERE state = 'provisioned')"
	" SELECT state FROM job" OR_BEFORE,
};

enum outcome job_result_rotated(struct job_result *s,
				const struct resource *rotated, bool is_told)
{
	const char *const more[] = { rotated->config,
				     is_told ? "true" : "false" };

	return settle(s, &rotated_it, more);
}

static const struct db_statement not_rotated = {
	.name = "job_result_not_rotated",
	.params = 5,
	.sql = HELD FINISHED TOLD
	" SELECT id, 'rotation-refused', $3, $4, NULL,"
	" jsonb_build_object('why', $5::text) FROM job"
	" WHERE state = 'provisioned')"
	" SELECT state FROM job" OR_BEFORE,
};

enum outcome job_result_not_rotated(struct job_result *s, const char *why)
{
	const char *const more[] = { why };

	return settle(s, &not_rotated, more);
}

static const struct db_statement removed = {
	.name = "job_result_removed",
	.params = 4,
	.sql = HELD FINISHED
	" kept AS (UPDATE resources r SET config = NULL,"
	" log_input_url = CASE WHEN r.state <> 'deprovisioning'"
	" THEN r.log_input_url END,"
	" state = CASE r.state WHEN 'deprovisioning' THEN 'deprovisioned'"
	" WHEN 'provisioning' THEN 'abandoned' ELSE r.state END,"
	" version = version + 1, updated_at = now()"
	" FROM job WHERE r.id = job.id"
	" AND r.state IN ('deprovisioning', 'provisioning', 'refused')"
	" RETURNING r.id, r.state, job.state AS was),"
	" ungranted AS (DELETE FROM grants USING kept"
	" WHERE grants.resource = kept.id AND kept.was = "
	"'deprovisioning')," TOLD
	" SELECT id, state, $3, $4, NULL, NULL FROM kept WHERE state <> was)"
	" SELECT coalesce((SELECT state FROM kept), state) FROM job" OR_BEFORE,
};

enum outcome job_result_removed(struct job_result *s)
{
	return settle(s, &removed, NULL);
}

static const struct db_statement pushed = {
	.name = "job_result_pushed",
	.params = 5,
	.sql = HELD
	" job AS (UPDATE jobs j SET finished_at ="
	" CASE WHEN held.version = $5 THEN now() END,"
	" run_at = now(), lease_until = NULL, last_error = NULL"
	" FROM held WHERE j.id = $1 AND j.claim = $2"
	" AND j.finished_at IS NULL RETURNING held.id, held.state)," TOLD
	" SELECT id, 'config-pushed', $3, $4, NULL, NULL FROM job)"
	" SELECT state FROM job",
};

enum outcome job_result_pushed(struct job_result *s, const char *version)
{
	const char *const more[] = { version };

	return settle(s, &pushed, more);
}
