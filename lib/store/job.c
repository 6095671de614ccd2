#include "lib/store/job.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement job_claim_for_resource_sql, job_claim_next_sql,
	job_begin_plan_change_sql, job_is_alone_sql, job_mark_undone_sql,
	job_put_off_sql, job_finish_sql, job_wake_marketplace_jobs_sql,
	job_write_log_sql;

enum {
	FIRST_DELAY = 2000,         /* ms; it doubles with each attempt */
	LONGEST_DELAY = 3600 * 1000 /* ms */
};

/* The columns of job_columns.inc.sql, in their order. */
enum {
	COLUMN_ID,
	COLUMN_KIND,
	COLUMN_RESOURCE,
	COLUMN_ATTEMPTS,
	COLUMN_PLAN,
	COLUMN_LINE,
	COLUMN_OVERLAP,
	COLUMN_ROUND
};

/* ---- claiming ---- */

/* Return false after logging that this release does not know the kind. */
static bool read_job(struct arena *arena, const struct db_rows *rows,
		     const struct job_claim *claim, struct job *job)
{
	const char *kind = db_text(rows, 0, COLUMN_KIND);

	*job = (struct job){
		.id = db_text(rows, 0, COLUMN_ID),
		.resource = db_text(rows, 0, COLUMN_RESOURCE),
		.plan = db_text(rows, 0, COLUMN_PLAN),
		.line = db_text(rows, 0, COLUMN_LINE),
		.claim = arena_strdup(arena, claim->id),
		.attempt = (int)db_number(rows, 0, COLUMN_ATTEMPTS),
		.overlap = (int)db_number(rows, 0, COLUMN_OVERLAP),
		.round = (int)db_number(rows, 0, COLUMN_ROUND),
	};
	if (job_kind_named(kind, &job->kind))
		return true;
	log_error("job %s is of the kind %s, which this release does not know",
		  job->id, kind);
	return false;
}

static enum outcome claim_job(struct db *db, struct arena *arena,
			      const struct db_statement *statement,
			      const char *const values[],
			      const struct job_claim *claim, struct job *job,
			      bool *found)
{
	const struct db_rows *rows;
	enum outcome outcome = db_run(db, arena, statement, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found && !read_job(arena, rows, claim, job))
		return OUTCOME_UNAVAILABLE;
	return OUTCOME_OK;
}

enum outcome job_claim_for_resource(struct db *db, struct arena *arena,
				    const char *resource, enum job_kind kind,
				    const char *plan,
				    const struct job_claim *claim,
				    struct job *job, bool *found)
{
	const char *const values[] = {
		resource,
		job_kind_name(kind),
		plan,
		claim->id,
		db_number_value(arena, claim->lease),
		db_number_value(arena, claim->run_in),
	};

	return claim_job(db, arena, &job_claim_for_resource_sql, values, claim,
			 job, found);
}

enum outcome job_claim_next(struct db *db, struct arena *arena,
			    const struct job_claim *claim, struct job *job,
			    bool *found)
{
	const char *const values[] = {
		claim->id,
		db_number_value(arena, claim->lease),
	};

	return claim_job(db, arena, &job_claim_next_sql, values, claim, job,
			 found);
}

enum outcome job_begin_plan_change(struct db *db, struct arena *arena,
				   const char *resource, const char *version,
				   const char *plan,
				   const struct job_claim *claim,
				   struct job *job, bool *done)
{
	const char *const values[] = {
		resource,
		version,
		plan,
		claim->id,
		db_number_value(arena, claim->lease),
		db_number_value(arena, claim->run_in),
	};

	return claim_job(db, arena, &job_begin_plan_change_sql, values, claim,
			 job, done);
}

/* ---- a claimed job ---- */

enum outcome job_is_alone(struct db *db, struct arena *arena,
			  const struct job *job, bool *alone)
{
	const char *const values[] = { job->resource, job->id };
	bool has_other = false;
	enum outcome outcome = OUTCOME_OK;

	if (job_kinds[job->kind].lane == JOB_LANE_MARKETPLACE)
		outcome = db_change(db, arena, &job_is_alone_sql, values,
				    &has_other);
	*alone = !has_other;
	return outcome;
}

enum outcome job_mark_undone(struct db *db, struct arena *arena,
			     const struct job *job)
{
	const char *const values[] = { job->id, job->claim };

	return db_run(db, arena, &job_mark_undone_sql, values, NULL);
}

int64_t job_back_off(int attempt)
{
	int64_t delay = FIRST_DELAY;

	while (--attempt > 0 && delay < LONGEST_DELAY)
		delay *= 2;
	if (delay > LONGEST_DELAY)
		delay = LONGEST_DELAY;
	return delay / 2 + random() % (delay / 2);
}

enum outcome job_put_off(struct db *db, struct arena *arena,
			 const struct job *job, int64_t delay, bool keeps_lease,
			 const char *why)
{
	const char *const values[] = {
		job->id,
		job->claim,
		delay == JOB_NEVER ? NULL : db_number_value(arena, delay),
		db_bool_value(keeps_lease),
		why,
	};

	return db_run(db, arena, &job_put_off_sql, values, NULL);
}

enum outcome job_finish(struct db *db, struct arena *arena,
			const struct job *job, const char *note)
{
	const char *const values[] = { job->id, job->claim, note };

	return db_run(db, arena, &job_finish_sql, values, NULL);
}

/* ---- other jobs ---- */

enum outcome job_wake_marketplace_jobs(struct db *db, struct arena *arena,
				       const char *resource)
{
	return db_run(db, arena, &job_wake_marketplace_jobs_sql, &resource,
		      NULL);
}

enum outcome job_write_log(struct db *db, struct arena *arena,
			   const char *resource, const char *line)
{
	const char *const values[] = { resource, line };

	return db_run(db, arena, &job_write_log_sql, values, NULL);
}
