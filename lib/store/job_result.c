#include "lib/store/job_result.h"

#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/job.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement job_result_provisioned_sql,
	job_result_promised_sql, job_result_made_sql, job_result_completed_sql,
	job_result_refused_sql, job_result_withdrawn_sql, job_result_plan_sql,
	job_result_plan_refused_sql, job_result_rotated_sql,
	job_result_not_rotated_sql, job_result_removed_sql,
	job_result_pushed_sql;

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

enum outcome job_result_provisioned(struct job_result *s,
				    const struct resource *made)
{
	const char *const more[] = { made->config, made->message,
				     made->log_drain_url };

	return settle(s, &job_result_provisioned_sql, more);
}

enum outcome job_result_promised(struct job_result *s, int64_t delay,
				 bool keeps_lease, const char *why)
{
	const char *const more[] = { job_number(s->arena, delay),
				     keeps_lease ? "true" : "false", why };

	return settle(s, &job_result_promised_sql, more);
}

enum outcome job_result_made(struct job_result *s, const struct resource *made)
{
	const char *const more[] = { made->config, made->message,
				     made->log_drain_url };

	return settle(s, &job_result_made_sql, more);
}

enum outcome job_result_completed(struct job_result *s)
{
	return settle(s, &job_result_completed_sql, NULL);
}

enum outcome job_result_refused(struct job_result *s, const char *message,
				bool cleans_up)
{
	const char *const more[] = { message, cleans_up ? "true" : "false" };

	return settle(s, &job_result_refused_sql, more);
}

enum outcome job_result_withdrawn(struct job_result *s)
{
	return settle(s, &job_result_withdrawn_sql, NULL);
}

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

	return settle(s, &job_result_plan_sql, more);
}

enum outcome job_result_plan_refused(struct job_result *s)
{
	const char *const more[] = { s->job->plan };

	return settle(s, &job_result_plan_refused_sql, more);
}

enum outcome job_result_rotated(struct job_result *s,
				const struct resource *rotated, bool is_told)
{
	const char *const more[] = { rotated->config,
				     is_told ? "true" : "false" };

	return settle(s, &job_result_rotated_sql, more);
}

enum outcome job_result_not_rotated(struct job_result *s, const char *why)
{
	const char *const more[] = { why };

	return settle(s, &job_result_not_rotated_sql, more);
}

enum outcome job_result_removed(struct job_result *s)
{
	return settle(s, &job_result_removed_sql, NULL);
}

enum outcome job_result_pushed(struct job_result *s, const char *version)
{
	const char *const more[] = { version };

	return settle(s, &job_result_pushed_sql, more);
}
