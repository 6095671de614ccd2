#include "lib/jobs/job_run.h"

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/base/crash_point.h"
#include "lib/jobs/handlers.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"

enum { STORING = 5000 }; /* ms to store the result */

static const struct job_handlers {
	enum outcome (*carry_out)(struct job_run *run);
	enum outcome (*undo)(struct job_run *run); /* NULL: not possible */
} handlers[JOB_KINDS] = {
	[JOB_PROVISION] = { listener_job_provision, listener_job_remove },
	[JOB_CHANGE_PLAN] = { listener_job_change_plan,
			      listener_job_restore_plan },
	[JOB_DEPROVISION] = { listener_job_remove, NULL },
	[JOB_ROTATE] = { listener_job_rotate, NULL },
	[JOB_EXCHANGE] = { marketplace_job_exchange, NULL },
	[JOB_COMPLETE] = { marketplace_job_complete, NULL },
	[JOB_WITHDRAW] = { marketplace_job_withdraw, NULL },
	[JOB_PUSH_CONFIG] = { marketplace_job_push_config, NULL },
	[JOB_WRITE_LOG] = { marketplace_job_write_log, NULL },
};

bool job_run_can_call(const struct addon *addon,
		      const struct resource *resource)
{
	return addon_may_call(addon) && resource->has_live_grant;
}

int64_t job_run_lease(int64_t deadline)
{
	return deadline - clock_now() + LISTENER_GRACE + STORING;
}

/* ---- carrying out ---- */

/* Finish a job at once if its resource is now in a state in which the job makes
 * no sense. */
static enum outcome run_handler(struct job_run *run,
				enum outcome (*handler)(struct job_run *run))
{
	enum outcome outcome;

	if (job_kind_wants(run->claim.job->kind, run->resource->state))
		return handler(run);
	outcome = job_run_finish(run, "no longer wanted");
	return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
}

enum outcome job_run_carry_out(struct job_run *run)
{
	return run_handler(run, handlers[run->claim.job->kind].carry_out);
}

/* Mark the job first, so that the listener gets another key if the job is
 * carried out again. */
enum outcome job_run_undo(struct job_run *run)
{
	const struct claimed_job *claim = &run->claim;
	enum outcome outcome =
		job_mark_undone(claim->db, claim->arena, claim->job);

	return outcome == OUTCOME_OK
		? run_handler(run, handlers[claim->job->kind].undo)
		: outcome;
}

/* ---- ending ---- */

enum outcome job_run_put_off(struct job_run *run, int64_t delay,
			     bool keeps_lease, const char *reason)
{
	const struct claimed_job *claim = &run->claim;
	enum outcome outcome = job_put_off(claim->db, claim->arena, claim->job,
					   delay, keeps_lease, reason);

	run->reason = reason;
	return outcome == OUTCOME_OK ? OUTCOME_UNAVAILABLE : outcome;
}

enum outcome job_run_finish(struct job_run *run, const char *note)
{
	const struct claimed_job *claim = &run->claim;

	run->reason = note;
	return job_finish(claim->db, claim->arena, claim->job, note);
}

enum outcome job_run_conclude(struct job_run *run, enum outcome stored,
			      enum outcome outcome)
{
	if (stored != OUTCOME_OK)
		return stored;
	crash_point(job_kind_name(run->claim.job->kind), "settled");
	if (run->claim.is_held)
		return outcome;
	run->reason = "the lease ended, and another process claimed the job";
	return OUTCOME_UNAVAILABLE;
}
