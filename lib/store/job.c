#include "lib/store/job.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/store/resource.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement job_claim_for_resource_sql, job_claim_next_sql,
	job_begin_plan_change_sql, job_claim_marketplace_sql, job_may_run_sql,
	job_release_sql, job_mark_undone_sql, job_finish_sql,
	job_wake_marketplace_jobs_sql, job_correct_times_sql,
	job_check_config_sql;

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
	COLUMN_FROM,
	COLUMN_ROUND,
	COLUMN_KEEPS,
	COLUMN_IS_OF_EPOCH,
	COLUMN_VERIFIED,
	COLUMN_VERIFIED_KIND,
	COLUMN_VERIFIED_ATTEMPTS,
	COLUMN_IS_PROMISED,
	COLUMN_UNDO_IN
};

/* ---- claiming ---- */

static bool read_verified_kind(const struct db_rows *rows, struct job *job)
{
	const char *kind = db_text(rows, 0, COLUMN_VERIFIED_KIND);

	return !kind || job_kind_named(kind, &job->verified_kind);
}

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
		.from = db_text(rows, 0, COLUMN_FROM),
		.claim = arena_strdup(arena, claim->id),
		.attempt = (int)db_number(rows, 0, COLUMN_ATTEMPTS),
		.overlap = (int)db_number(rows, 0, COLUMN_OVERLAP),
		.round = (int)db_number(rows, 0, COLUMN_ROUND),
		.keeps = db_bool(rows, 0, COLUMN_KEEPS),
		.is_of_epoch = db_bool(rows, 0, COLUMN_IS_OF_EPOCH),
		.verified = db_text(rows, 0, COLUMN_VERIFIED),
		.verified_attempts =
			(int)db_number(rows, 0, COLUMN_VERIFIED_ATTEMPTS),
		.is_promised = db_bool(rows, 0, COLUMN_IS_PROMISED),
		.undo_at = clock_now() + db_number(rows, 0, COLUMN_UNDO_IN),
	};
	if (job_kind_named(kind, &job->kind) && read_verified_kind(rows, job))
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
		db_bool_value(claim->keeps),
	};

	return claim_job(db, arena, &job_claim_for_resource_sql, values, claim,
			 job, found);
}

/* Return the names of all kinds as an array of PostgreSQL. */
static const char *list_kind_names(struct arena *arena)
{
	const char *list = "{";

	for (int i = 0; i < JOB_KINDS; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? "," : "",
				    job_kind_name((enum job_kind)i));
	return arena_printf(arena, "%s}", list);
}

static const char *most_of_addon_value(struct arena *arena,
				       const struct job_choice *choice)
{
	return choice->most_of_addon > 0
		? db_number_value(arena, choice->most_of_addon)
		: NULL;
}

/* Return the pids as an array of PostgreSQL, or NULL if they are unknown. */
static const char *list_processes(struct arena *arena,
				  const struct job_choice *choice)
{
	const char *list = "{";

	if (!choice->processes)
		return NULL;
	for (int i = 0; i < choice->process_count; i++)
		list = arena_printf(arena, "%s%s%d", list, i > 0 ? "," : "",
				    (int)choice->processes[i]);
	return arena_printf(arena, "%s}", list);
}

enum outcome job_claim_next(struct db *db, struct arena *arena,
			    const struct job_claim *claim,
			    const struct job_choice *choice, struct job *job,
			    bool *found)
{
	const char *const values[] = {
		claim->id,
		db_number_value(arena, claim->lease),
		choice->host,
		list_kind_names(arena),
		most_of_addon_value(arena, choice),
		db_bool_value(choice->is_by_age),
		list_processes(arena, choice),
		db_number_value(arena, getpid()),
	};

	return claim_job(db, arena, &job_claim_next_sql, values, claim, job,
			 found);
}

enum outcome job_claim_marketplace(struct db *db, struct arena *arena,
				   const char *resource,
				   const struct job_claim *claim,
				   struct job *job, bool *found)
{
	const char *const values[] = { resource, claim->id,
				       db_number_value(arena, claim->lease) };
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &job_claim_marketplace_sql, values, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*found = db_count(rows) > 0;
	if (*found)
		*job = (struct job){
			.id = db_text(rows, 0, 0),
			.kind = JOB_EXCHANGE,
			.resource = resource,
			.claim = arena_strdup(arena, claim->id),
			.attempt = 1,
		};
	return OUTCOME_OK;
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
		db_bool_value(claim->keeps),
	};

	return claim_job(db, arena, &job_begin_plan_change_sql, values, claim,
			 job, done);
}

/* ---- a claimed job ---- */

enum outcome job_may_run(struct db *db, struct arena *arena,
			 const struct job *job, const struct job_choice *choice,
			 bool *may_run)
{
	const char *const values[] = { job->id, choice->host,
				       most_of_addon_value(arena, choice),
				       list_processes(arena, choice) };
	bool has_obstacle = false;
	enum outcome outcome =
		db_change(db, arena, &job_may_run_sql, values, &has_obstacle);

	*may_run = !has_obstacle;
	return outcome;
}

enum outcome job_release(struct db *db, struct arena *arena,
			 const struct job *job, int64_t delay)
{
	const char *const values[] = { job->id, job->claim,
				       db_number_value(arena, delay) };

	return db_run(db, arena, &job_release_sql, values, NULL);
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

enum outcome job_finish(struct db *db, struct arena *arena,
			const struct job *job, const char *note)
{
	const char *const values[] = { job->id, job->claim, note };

	return db_run(db, arena, &job_finish_sql, values, NULL);
}

/* ---- all jobs ---- */

enum outcome job_correct_times(struct db *db, struct arena *arena,
			       int64_t *count, int64_t *seconds)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &job_correct_times_sql, NULL, &rows);

	if (outcome != OUTCOME_OK)
		return outcome;
	*count = db_number(rows, 0, 0);
	*seconds = db_number(rows, 0, 1);
	return OUTCOME_OK;
}

/* ---- other jobs ---- */

enum outcome job_wake_marketplace_jobs(struct db *db, struct arena *arena,
				       const char *resource)
{
	return db_run(db, arena, &job_wake_marketplace_jobs_sql, &resource,
		      NULL);
}

enum outcome job_check_config(struct db *db, struct arena *arena,
			      const char *resource)
{
	return db_run(db, arena, &job_check_config_sql, &resource, NULL);
}
