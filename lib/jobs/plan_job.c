/*
 * plan_job.c - jobs that change the plan of a resource.
 *
 * A change that takes longer than the marketplace waits is continued.  If the
 * marketplace was promised it, it continues until the listener has changed the
 * plan or refuses to.  If the marketplace got no success, it continues while
 * the marketplace may repeat its request, which then finds it done; after that
 * it is undone.
 *
 * After a restore, a promised change may have been completed already, and
 * others may have followed: it is continued only if the marketplace still has
 * its plan, and newer config vars that the marketplace has are left alone.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"

/* Nobody undoes the change. */
static bool goes_forward(const struct job *job)
{
	return job->is_promised || job->keeps;
}

bool job_run_undoes_plan(const struct job *job)
{
	return !goes_forward(job) && clock_now() >= job->undo_at;
}

static int64_t time_until_undo(const struct job *job)
{
	int64_t left = job->undo_at - clock_now();

	return left > 0 ? left : 0;
}

/* ---- not done yet ---- */

static enum outcome promise_plan(struct job_run *run,
				 const struct listener_answer *answer)
{
	int64_t delay = (int64_t)answer->retry_after * 1000;
	enum outcome stored = job_result_plan_promised(
		&run->claim, delay, answer->may_still_run, answer->why);

	run->reason = answer->why;
	return conclude_unless_gone(run, stored, OUTCOME_ACCEPTED);
}

/* The listener has neither changed the plan nor refused to.  A call that failed
 * early is not repeated before the marketplace repeats its request. */
static enum outcome handle_unready_plan(struct job_run *run,
					const struct listener_answer *answer)
{
	int64_t left = time_until_undo(run->claim.job);
	bool takes_longer = answer->verdict == LISTENER_PENDING
		|| clock_now() >= run->deadline;

	if (run->may_promise && takes_longer)
		return promise_plan(run, answer);
	if (goes_forward(run->claim.job))
		return retry_listener(run, answer);
	if (run->is_awaited)
		run->retry_delay = takes_longer ? 0 : left;
	return retry_listener_within(run, answer, left);
}

/* The listener has changed the plan, but the resource gets it only if the
 * marketplace repeats its request. */
static enum outcome wait_for_repeat(struct job_run *run)
{
	return job_run_put_off(run, time_until_undo(run->claim.job), false,
			       "the listener has changed the plan, but the "
			       "marketplace has not repeated its request");
}

/* ---- done ---- */

/* The response of a promised change was a success, so only the log says that it
 * has failed.  Return a line for the log, or NULL. */
static const char *refused_line(const struct job_run *run, const char *why)
{
	const struct job *job = run->claim.job;

	if (!job->is_promised)
		return NULL;
	return job_run_log_line(run->addon, run->resource,
				arena_printf(run->claim.arena,
					     "plan not changed to %s: %s",
					     job->plan, why));
}

static enum outcome refuse_plan(struct job_run *run,
				const struct listener_answer *answer)
{
	run->reason = answer->why;
	run->failure = answer->verdict == LISTENER_REFUSED && answer->message
		? answer->message
		: "The plan could not be changed. The provider has been "
		  "notified.";
	return conclude_unless_gone(
		run,
		job_result_plan_refused(&run->claim, run->failure, answer->why,
					refused_line(run, run->failure)),
		OUTCOME_INVALID);
}

/* A promised change has no response that could carry the config vars. */
static enum outcome store_plan(struct job_run *run,
			       const struct listener_answer *answer)
{
	const struct job *job = run->claim.job;
	struct resource changed = seal_listener_answer(run, answer);
	const struct job_result_plan result = {
		.event = strcmp(job->plan, run->resource->plan) == 0
			? "plan-change-reverted"
			: "plan-changed",
		.is_pushed = job->is_promised
			&& (!job->keeps || run->has_old_config)
			&& job_run_can_call(run->addon, run->resource),
		.is_agreed = true,
	};

	changed.plan = job->plan;
	changed.log_line =
		job_run_log_line(run->addon, run->resource,
				 arena_printf(run->claim.arena,
					      "plan changed to %s", job->plan));
	run->response = listener_response(answer);
	return conclude_unless_gone(
		run, job_result_plan_changed(&run->claim, &changed, &result),
		OUTCOME_OK);
}

static enum outcome change_plan(struct job_run *run)
{
	const struct job *job = run->claim.job;
	const struct listener_answer answer = ask_job_listener(
		run, LISTENER_CHANGE_PLAN, job->plan, run->resource->plan);

	if (is_listener_refusal(&answer))
		return refuse_plan(run, &answer);
	if (answer.verdict != LISTENER_DONE)
		return handle_unready_plan(run, &answer);
	return run->is_awaited || goes_forward(job) ? store_plan(run, &answer)
						    : wait_for_repeat(run);
}

static enum outcome change_if_wanted(struct job_run *run)
{
	const struct job *job = run->claim.job;
	const struct platform_response view = marketplace_job_read(run);
	const char *there = platform_response_plan(view.body);

	/* Its resource may be gone, which reconcile can find out only if no job
	 * is left. */
	if (run->authorized.token.is_refused)
		return job_run_finish(run,
				      "the marketplace refuses the resource's "
				      "token: provisor reconcile");
	if (is_response_pending(run, &view))
		return job_run_put_off(run, job_back_off(job->attempt), false,
				       "the marketplace cannot be asked which "
				       "plan it has");
	if (view.verdict == PLATFORM_DONE && there
	    && strcmp(there, job->plan) != 0)
		return job_run_finish(run,
				      "the marketplace has another plan: "
				      "provisor reconcile");
	run->has_old_config = is_config_at_marketplace(run);
	return change_plan(run);
}

enum outcome plan_job_change(struct job_run *run)
{
	const struct job *job = run->claim.job;
	bool is_released = job->is_promised && job->keeps;

	return is_released && job_run_can_call(run->addon, run->resource)
		? change_if_wanted(run)
		: change_plan(run);
}

/* ---- undoing ---- */

static enum outcome store_old_plan(struct job_run *run,
				   const struct listener_answer *answer)
{
	struct resource restored = seal_listener_answer(run, answer);
	const struct job_result_plan result = {
		.event = "plan-change-reverted",
		.is_pushed = job_run_can_call(run->addon, run->resource),
	};

	restored.plan_message = run->resource->plan_message;
	return job_run_conclude(
		run, job_result_plan_changed(&run->claim, &restored, &result),
		OUTCOME_OK);
}

/* The vendor's side may have the new plan already. */
enum outcome plan_job_restore(struct job_run *run)
{
	const struct listener_answer answer =
		ask_job_listener(run, LISTENER_CHANGE_PLAN, run->resource->plan,
				 run->claim.job->plan);

	if (is_listener_refusal(&answer))
		return job_run_put_off(
			run, JOB_NEVER, false,
			answer.why ? answer.why
				   : "the listener refused to change back to "
				     "the plan of the resource");
	if (answer.verdict != LISTENER_DONE)
		return retry_listener(run, &answer);
	return store_old_plan(run, &answer);
}
