#include "lib/store/job_result.h"

#include <assert.h>

#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/job.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement job_result_provisioned_sql,
	job_result_promised_sql, job_result_created_sql,
	job_result_completed_sql, job_result_refused_sql,
	job_result_withdrawn_sql, job_result_plan_promised_sql,
	job_result_plan_changed_sql, job_result_plan_refused_sql,
	job_result_rotated_sql, job_result_rotation_refused_sql,
	job_result_removed_sql, job_result_pushed_sql, job_result_put_off_sql,
	job_result_verified_sql, job_result_queue_verification_sql,
	job_result_unconfirmed_sql, job_result_config_differs_sql,
	job_result_resumed_sql, job_result_removal_begun_sql,
	job_result_restored_sql, job_result_restore_refused_sql,
	job_result_moved_sql, job_result_move_refused_sql;

/* Each statement takes the job, its claim, the actor and the request id as $1
 * to $4, and up to eight more values. */
enum { COMMON_VALUES = 4, MOST_MORE = 8 };

/* more has count values, from $5 on. */
static enum outcome store_result(struct claimed_job *claim,
				 const struct db_statement *statement,
				 const char *const more[], size_t count)
{
	const char *values[COMMON_VALUES + MOST_MORE] = {
		claim->job->id,
		claim->job->claim,
		claim->actor.name,
		claim->actor.request_id,
	};
	const struct db_rows *rows;
	enum outcome outcome;

	assert(statement->params <= COMMON_VALUES + (int)count);
	for (size_t i = 0; i < count; i++)
		values[COMMON_VALUES + i] = more[i];
	outcome = db_run(claim->db, claim->arena, statement, values, &rows);
	if (outcome != OUTCOME_OK)
		return outcome;
	claim->is_held = db_count(rows) > 0;
	claim->is_lost = !claim->is_held;
	if (claim->is_held
	    && !resource_state_named(db_text(rows, 0, 0), &claim->state))
		return OUTCOME_BROKEN;
	return OUTCOME_OK;
}

enum outcome job_result_provisioned(struct claimed_job *claim,
				    const struct resource *provisioned)
{
	const char *const more[] = { provisioned->config, provisioned->message,
				     provisioned->log_drain_url,
				     provisioned->provider_id,
				     provisioned->log_line };

	return store_result(claim, &job_result_provisioned_sql, more,
			    COUNT(more));
}

enum outcome job_result_put_off(struct claimed_job *claim, int64_t delay,
				bool keeps_lease, const char *why)
{
	const char *const more[] = {
		delay == JOB_NEVER ? NULL
				   : db_number_value(claim->arena, delay),
		db_bool_value(keeps_lease),
		why,
	};

	return store_result(claim, &job_result_put_off_sql, more, COUNT(more));
}

enum outcome job_result_promised(struct claimed_job *claim, int64_t delay,
				 bool keeps_lease, const char *id,
				 const char *message, const char *why)
{
	const char *const more[] = { db_number_value(claim->arena, delay),
				     db_bool_value(keeps_lease),
				     why,
				     RESOURCE_PROMISE,
				     id,
				     message };

	return store_result(claim, &job_result_promised_sql, more, COUNT(more));
}

enum outcome job_result_created(struct claimed_job *claim,
				const struct resource *created)
{
	const char *const more[] = { created->config, created->message,
				     created->log_drain_url };

	return store_result(claim, &job_result_created_sql, more, COUNT(more));
}

enum outcome job_result_completed(struct claimed_job *claim, const char *line)
{
	return store_result(claim, &job_result_completed_sql, &line, 1);
}

enum outcome job_result_refused(struct claimed_job *claim, const char *message,
				const char *reason, bool cleans_up)
{
	const char *const more[] = { message, db_bool_value(cleans_up),
				     reason };

	return store_result(claim, &job_result_refused_sql, more, COUNT(more));
}

enum outcome job_result_withdrawn(struct claimed_job *claim)
{
	return store_result(claim, &job_result_withdrawn_sql, NULL, 0);
}

enum outcome job_result_unconfirmed(struct claimed_job *claim,
				    const char *reason)
{
	return store_result(claim, &job_result_unconfirmed_sql, &reason, 1);
}

enum outcome job_result_plan_promised(struct claimed_job *claim, int64_t delay,
				      bool keeps_lease, const char *why)
{
	const char *const more[] = { db_number_value(claim->arena, delay),
				     db_bool_value(keeps_lease), why };

	return store_result(claim, &job_result_plan_promised_sql, more,
			    COUNT(more));
}

enum outcome job_result_plan_changed(struct claimed_job *claim,
				     const struct resource *changed,
				     const struct job_result_plan *result)
{
	const char *const more[] = { changed->plan,
				     changed->config,
				     changed->plan_message,
				     changed->log_drain_url,
				     result->event,
				     db_bool_value(result->is_pushed),
				     db_bool_value(result->is_agreed),
				     changed->log_line };

	return store_result(claim, &job_result_plan_changed_sql, more,
			    COUNT(more));
}

enum outcome job_result_plan_refused(struct claimed_job *claim,
				     const char *message, const char *reason,
				     const char *line)
{
	const char *const more[] = { claim->job->plan, message, reason, line };

	return store_result(claim, &job_result_plan_refused_sql, more,
			    COUNT(more));
}

enum outcome job_result_rotated(struct claimed_job *claim,
				const struct resource *rotated, bool is_pushed)
{
	const char *const more[] = { rotated->config,
				     db_bool_value(is_pushed) };

	return store_result(claim, &job_result_rotated_sql, more, COUNT(more));
}

enum outcome job_result_rotation_refused(struct claimed_job *claim,
					 const char *reason)
{
	const char *const more[] = { reason };

	return store_result(claim, &job_result_rotation_refused_sql, more,
			    COUNT(more));
}

enum outcome job_result_resumed(struct claimed_job *claim)
{
	return store_result(claim, &job_result_resumed_sql, NULL, 0);
}

enum outcome job_result_removal_begun(struct claimed_job *claim,
				      const char *version)
{
	return store_result(claim, &job_result_removal_begun_sql, &version, 1);
}

static enum outcome store_transfer(struct claimed_job *claim,
				   const struct db_statement *statement,
				   const struct resource *changed,
				   bool is_pushed)
{
	const char *const more[] = { changed->config, db_bool_value(is_pushed),
				     claim->job->from };

	return store_result(claim, statement, more, COUNT(more));
}

enum outcome job_result_restored(struct claimed_job *claim,
				 const struct resource *restored,
				 bool is_pushed)
{
	return store_transfer(claim, &job_result_restored_sql, restored,
			      is_pushed);
}

enum outcome job_result_moved(struct claimed_job *claim,
			      const struct resource *moved, bool is_pushed)
{
	return store_transfer(claim, &job_result_moved_sql, moved, is_pushed);
}

static enum outcome store_transfer_refusal(struct claimed_job *claim,
					   const struct db_statement *statement,
					   const char *reason)
{
	const char *const more[] = { reason, claim->job->from };

	return store_result(claim, statement, more, COUNT(more));
}

enum outcome job_result_restore_refused(struct claimed_job *claim,
					const char *reason)
{
	return store_transfer_refusal(claim, &job_result_restore_refused_sql,
				      reason);
}

enum outcome job_result_move_refused(struct claimed_job *claim,
				     const char *reason)
{
	return store_transfer_refusal(claim, &job_result_move_refused_sql,
				      reason);
}

enum outcome job_result_removed(struct claimed_job *claim)
{
	return store_result(claim, &job_result_removed_sql, NULL, 0);
}

enum outcome job_result_verified(struct claimed_job *claim,
				 const struct resource *provisioned,
				 bool is_pushed)
{
	const char *const more[] = {
		db_bool_value(provisioned != NULL),
		provisioned ? provisioned->config : NULL,
		provisioned ? provisioned->log_drain_url : NULL,
		db_bool_value(is_pushed),
	};

	return store_result(claim, &job_result_verified_sql, more, COUNT(more));
}

enum outcome job_result_queue_verification(const struct claimed_job *claim,
					   bool *done)
{
	const char *const values[] = {
		claim->job->id,
		claim->job->claim,
		claim->actor.name,
		claim->actor.request_id,
	};

	return db_change(claim->db, claim->arena,
			 &job_result_queue_verification_sql, values, done);
}

enum outcome job_result_config_differs(struct claimed_job *claim)
{
	return store_result(claim, &job_result_config_differs_sql, NULL, 0);
}

enum outcome job_result_pushed(struct claimed_job *claim, const char *version)
{
	const char *const more[] = { version };

	return store_result(claim, &job_result_pushed_sql, more, COUNT(more));
}
