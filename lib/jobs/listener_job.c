/*
 * listener_job.c - jobs that call the add-on's listener.
 */
#include "lib/jobs/handlers.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/crash_point.h"
#include "lib/crypto/digest.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"

/* ---- calling ---- */

/* Return the key of a call.  One job may make several different calls, because
 * a plan change may be changed to another plan, undone, and requested again. */
static const char *write_call_key(const struct job_run *run,
				  enum listener_action action, const char *plan)
{
	struct arena *arena = run->claim.arena;
	char digest[DIGEST_SHA256_HEX + 1];
	const char *const parts[] = {
		listener_action_name(action),
		"\n",
		arena_printf(arena, "%d\n", run->claim.job->round),
		plan ? plan : "",
	};

	if (!digest_sha256_hex(parts, COUNT(parts), digest))
		abort();
	return arena_printf(arena, "%s-%s-%.16s", run->resource->id,
			    run->claim.job->id, digest);
}

/* Call the listener.  old_plan is the plan to leave, or NULL. */
static struct listener_answer ask_job_listener(const struct job_run *run,
					       enum listener_action action,
					       const char *plan,
					       const char *old_plan)
{
	const struct job *job = run->claim.job;
	const struct listener_call call = {
		.addon = run->addon,
		.resource = run->resource,
		.action = action,
		.plan = plan,
		.old_plan = old_plan,
		.overlap = job->overlap,
		.key = write_call_key(run, action, plan),
		.attempt = job->attempt,
		.deadline = run->deadline,
		.wait_until = run->wait_until,
	};
	struct listener_answer answer;

	crash_point(job_kind_name(job->kind), "asking");
	answer = listener_ask(run->keys, run->claim.arena, &call);
	crash_point(job_kind_name(job->kind), "asked");
	return answer;
}

static bool is_refused(const struct listener_answer *answer)
{
	return answer->verdict == LISTENER_REFUSED
		|| answer->verdict == LISTENER_FAILED_FOR_GOOD;
}

/* ---- storing ---- */

static struct resource seal_answer(const struct job_run *run,
				   const struct listener_answer *answer)
{
	return listener_seal(run->keys, run->claim.arena, run->resource,
			     answer);
}

/* Like job_run_conclude(), but return OUTCOME_GONE if a deprovision came first,
 * because the resource is then not in the state that the result leads to. */
static enum outcome conclude_in_state(struct job_run *run, enum outcome stored,
				      enum resource_state state,
				      enum outcome outcome)
{
	return job_run_conclude(run, stored,
				run->claim.state == state ? outcome
							  : OUTCOME_GONE);
}

/* Call the listener again later. */
static enum outcome retry_listener(struct job_run *run,
				   const struct listener_answer *answer)
{
	const struct job *job = run->claim.job;
	const char *reason = answer->why;
	int64_t delay = run->retry_delay;
	enum outcome outcome;

	if (delay == 0)
		delay = (int64_t)answer->retry_after * 1000;
	if (delay == 0)
		delay = job_back_off(job->attempt);
	if (answer->verdict == LISTENER_PENDING)
		run->complaint = "The resource is being made ready. Please try "
				 "again in a moment.";
	if (!reason)
		reason = "the listener is not ready yet";
	outcome = job_run_put_off(run, delay, answer->may_still_run, reason);
	crash_point(job_kind_name(job->kind), "put-off");
	return outcome;
}

/* ---- provision ---- */

static enum outcome refuse_provision(struct job_run *run,
				     const struct listener_answer *answer)
{
	bool is_failure = answer->verdict == LISTENER_FAILED_FOR_GOOD;
	enum outcome stored;

	run->reason = answer->why;
	run->complaint = answer->message;
	if (is_failure || !run->complaint)
		run->complaint = "The resource could not be provisioned. The "
				 "provider has been told.";
	stored = job_result_refused(&run->claim, run->complaint, is_failure);
	return conclude_in_state(run, stored, RESOURCE_REFUSED,
				 OUTCOME_INVALID);
}

static enum outcome promise_provision(struct job_run *run,
				      const struct listener_answer *answer)
{
	int64_t delay = (int64_t)answer->retry_after * 1000;
	enum outcome stored = job_result_promised(
		&run->claim, delay, answer->may_still_run, answer->why);

	run->reason = answer->why;
	return conclude_in_state(run, stored, RESOURCE_PROVISIONING,
				 OUTCOME_ACCEPTED);
}

enum outcome job_run_promise(struct job_run *run)
{
	const struct listener_answer pending = { .verdict = LISTENER_PENDING };

	return promise_provision(run, &pending);
}

/* The listener has neither provisioned nor refused the resource. */
static enum outcome handle_unready(struct job_run *run,
				   const struct listener_answer *answer)
{
	static const struct listener_answer too_late = {
		.verdict = LISTENER_FAILED_FOR_GOOD,
		.why = "it was not ready in time",
	};
	bool takes_longer = answer->verdict == LISTENER_PENDING
		|| clock_now() >= run->deadline;

	if (run->may_promise && takes_longer)
		return promise_provision(run, answer);
	if (run->resource->is_overdue)
		return refuse_provision(run, &too_late);
	return retry_listener(run, answer);
}

static enum outcome store_provisioned(struct job_run *run,
				      const struct listener_answer *answer)
{
	const struct resource provisioned = seal_answer(run, answer);

	run->response = listener_response(answer);
	if (run->resource->is_promised)
		return conclude_in_state(
			run, job_result_created(&run->claim, &provisioned),
			RESOURCE_PROVISIONING, OUTCOME_ACCEPTED);
	return conclude_in_state(
		run, job_result_provisioned(&run->claim, &provisioned),
		RESOURCE_PROVISIONED, OUTCOME_OK);
}

enum outcome listener_job_provision(struct job_run *run)
{
	const struct listener_answer answer = ask_job_listener(
		run, LISTENER_PROVISION, run->resource->plan, NULL);

	if (is_refused(&answer))
		return refuse_provision(run, &answer);
	if (answer.verdict != LISTENER_DONE)
		return handle_unready(run, &answer);
	return store_provisioned(run, &answer);
}

/* ---- change plan ---- */

static enum outcome refuse_plan(struct job_run *run,
				const struct listener_answer *answer)
{
	run->reason = answer->why;
	run->complaint = answer->verdict == LISTENER_REFUSED && answer->message
		? answer->message
		: "The plan could not be changed. The provider has been told.";
	return conclude_in_state(run, job_result_plan_refused(&run->claim),
				 RESOURCE_PROVISIONED, OUTCOME_INVALID);
}

static enum outcome store_plan(struct job_run *run,
			       const struct listener_answer *answer)
{
	struct resource changed = seal_answer(run, answer);
	bool is_same;

	changed.plan = run->claim.job->plan;
	is_same = strcmp(changed.plan, run->resource->plan) == 0;
	run->response = listener_response(answer);
	return conclude_in_state(
		run,
		job_result_plan_changed(&run->claim, &changed,
					is_same ? "plan-change-reverted"
						: "plan-changed",
					false),
		RESOURCE_PROVISIONED, OUTCOME_OK);
}

enum outcome listener_job_change_plan(struct job_run *run)
{
	const struct listener_answer answer =
		ask_job_listener(run, LISTENER_CHANGE_PLAN,
				 run->claim.job->plan, run->resource->plan);

	if (is_refused(&answer))
		return refuse_plan(run, &answer);
	if (answer.verdict != LISTENER_DONE)
		return retry_listener(run, &answer);
	return store_plan(run, &answer);
}

static enum outcome store_old_plan(struct job_run *run,
				   const struct listener_answer *answer)
{
	struct resource restored = seal_answer(run, answer);

	restored.plan_message = run->resource->plan_message;
	return job_run_conclude(
		run,
		job_result_plan_changed(
			&run->claim, &restored, "plan-change-reverted",
			job_run_can_call(run->addon, run->resource)),
		OUTCOME_OK);
}

/* The vendor's side may have the new plan already. */
enum outcome listener_job_restore_plan(struct job_run *run)
{
	const struct listener_answer answer =
		ask_job_listener(run, LISTENER_CHANGE_PLAN, run->resource->plan,
				 run->claim.job->plan);

	if (is_refused(&answer))
		return job_run_put_off(
			run, JOB_NEVER, false,
			answer.why ? answer.why
				   : "the listener refuses to change back to "
				     "the plan of the resource");
	if (answer.verdict != LISTENER_DONE)
		return retry_listener(run, &answer);
	return store_old_plan(run, &answer);
}

/* ---- rotate ---- */

static enum outcome store_credentials(struct job_run *run,
				      const struct listener_answer *answer)
{
	const struct resource rotated = seal_answer(run, answer);

	return conclude_in_state(
		run,
		job_result_rotated(&run->claim, &rotated,
				   job_run_can_call(run->addon, run->resource)),
		RESOURCE_PROVISIONED, OUTCOME_OK);
}

/* A refusal finishes the job, so that it does not hold up later ones. */
enum outcome listener_job_rotate(struct job_run *run)
{
	const struct listener_answer answer = ask_job_listener(
		run, LISTENER_ROTATE, run->resource->plan, NULL);

	if (answer.verdict == LISTENER_DONE)
		return store_credentials(run, &answer);
	if (!is_refused(&answer))
		return retry_listener(run, &answer);
	run->reason = answer.why ? answer.why : answer.message;
	return conclude_in_state(
		run, job_result_rotation_refused(&run->claim, run->reason),
		RESOURCE_PROVISIONED, OUTCOME_INVALID);
}

/* ---- deprovision ---- */

/* Clean up a resource that is deprovisioned, was refused, or is abandoned. */
enum outcome listener_job_remove(struct job_run *run)
{
	const struct listener_answer answer = ask_job_listener(
		run, LISTENER_DEPROVISION, run->resource->plan, NULL);

	switch (answer.verdict) {
	case LISTENER_FAILED_FOR_GOOD:
		return job_run_put_off(run, JOB_NEVER, false, answer.why);
	case LISTENER_REFUSED:
		return job_run_put_off(run, JOB_NEVER, false,
				       "the listener refuses, which a "
				       "deprovision cannot be");
	case LISTENER_PENDING:
	case LISTENER_FAILED:
		return retry_listener(run, &answer);
	case LISTENER_DONE:
		break;
	}
	return job_run_conclude(run, job_result_removed(&run->claim),
				OUTCOME_OK);
}
