#include "lib/jobs/job_run.h"

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/base/crash_point.h"
#include "lib/db/db.h"
#include "lib/jobs/handlers.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"

enum { STORING = 5000 }; /* ms to store the result */

static const char lost_claim[] =
	"the lease ended, and another process claimed the job";

static const struct job_handlers {
	enum outcome (*carry_out)(struct job_run *run);
	enum outcome (*undo)(struct job_run *run); /* NULL: not possible */
} handlers[JOB_KINDS] = {
	[JOB_PROVISION] = { listener_job_provision, listener_job_remove },
	[JOB_CHANGE_PLAN] = { plan_job_change, plan_job_restore },
	[JOB_DEPROVISION] = { listener_job_remove, NULL },
	[JOB_ROTATE] = { listener_job_rotate, NULL },
	[JOB_EXCHANGE] = { marketplace_job_exchange, NULL },
	[JOB_COMPLETE] = { marketplace_job_complete, NULL },
	[JOB_WITHDRAW] = { marketplace_job_withdraw, NULL },
	[JOB_PUSH_CONFIG] = { config_job_push, NULL },
	[JOB_CONFIRM] = { confirm_job, NULL },
	[JOB_WRITE_LOG] = { marketplace_job_write_log, NULL },
	[JOB_VERIFY] = { verify_job, NULL },
	[JOB_CHECK_CONFIG] = { config_job_check, NULL },
	[JOB_SUSPEND] = { listener_job_suspend, NULL },
	[JOB_RESUME] = { listener_job_resume, NULL },
	[JOB_RESTORE] = { transfer_job_restore, NULL },
	[JOB_MOVE] = { transfer_job_move, NULL },
};

bool job_run_can_call(const struct addon *addon,
		      const struct resource *resource)
{
	if (!addon_may_call(addon))
		return false;
	return addon_has_tokens(addon) ? resource->has_live_grant
				       : authorized_id(addon, resource) != NULL;
}

bool job_run_can_promise(const struct addon *addon,
			 const struct resource *resource)
{
	return addon->dialect->may_promise && job_run_can_call(addon, resource);
}

const char *job_run_log_line(const struct addon *addon,
			     const struct resource *resource, const char *line)
{
	return addon->writes_logs && addon->dialect->may_promise
			&& resource->log_input_url
		? line
		: NULL;
}

int64_t job_run_lease(int64_t deadline)
{
	return deadline - clock_now() + LISTENER_GRACE + STORING;
}

/* ---- carrying out ---- */

/* If the database did not answer, the claim can only have been lost if the
 * lease has ended. */
static bool may_have_lost_claim(const struct job_run *run)
{
	return run->claim.is_lost
		|| (!run->claim.is_held && job_run_lease(run->deadline) <= 0);
}

/*
 * If a process is paused and its lease ends, another one repeats the call, or a
 * deprovision overtakes it.  The late call may then have changed something
 * after the last one: have that verified.
 *
 * A process that is killed before it gets here has no such protection.  The
 * hooks pool ends its call when the connection ends, so this takes a host that
 * is paused beyond the lease and a process that is killed when it continues.
 */
static enum outcome check_claim(struct job_run *run, enum outcome outcome)
{
	const struct claimed_job *claim = &run->claim;
	bool is_queued = false;

	if (!may_have_lost_claim(run))
		return outcome;
	db_set_deadline(claim->db, clock_now() + STORING);
	if (run->has_pushed)
		(void)!job_check_config(claim->db, claim->arena,
					run->resource->id);
	if (run->has_asked && claim->job->kind != JOB_DEPROVISION)
		(void)!job_result_queue_verification(claim, &is_queued);
	if (is_queued)
		run->reason = "the lease ended, and another process claimed "
			      "the job: a verification is queued";
	return outcome;
}

/* Finish a job at once if its resource is now in a state in which the job makes
 * no sense. */
static enum outcome run_handler(struct job_run *run,
				enum outcome (*handler)(struct job_run *run))
{
	enum outcome outcome;

	if (job_kind_wants(run->claim.job->kind, run->resource->state))
		return check_claim(run, handler(run));
	outcome = job_run_finish(run,
				 "not needed in the current state of the "
				 "resource");
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
	enum outcome outcome =
		job_result_put_off(&run->claim, delay, keeps_lease, reason);

	run->reason = run->claim.is_lost ? lost_claim : reason;
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
	run->reason = lost_claim;
	return OUTCOME_UNAVAILABLE;
}
