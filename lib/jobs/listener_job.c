/*
 * listener_job.c - jobs that call the add-on's listener.
 */
#include "lib/jobs/handlers.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/crash_point.h"
#include "lib/crypto/digest.h"
#include "lib/jobs/platform_access.h"
#include "lib/jobs/vendor_id.h"
#include "lib/listener/listener.h"
#include "lib/store/job.h"

enum { BLOCKED_DELAY = 60000 }; /* ms until a clean-up that cannot begin */

/* ---- calling ---- */

static bool repeats_verified(const struct job *job, enum listener_action action)
{
	return job->verified
		&& (action == LISTENER_PROVISION || action == LISTENER_ROTATE);
}

/*
 * Return the key of a call.  One job may make several different calls, because
 * a plan change may be changed to another plan, undone, and requested again.
 *
 * A verification of a provision or a rotation has the key of that job: it
 * repeats the call.  A plan may meanwhile have been changed to another one and
 * back, so its verification is another call.
 */
static const char *write_call_key(const struct job_run *run,
				  enum listener_action action, const char *plan)
{
	struct arena *arena = run->claim.arena;
	const struct job *job = run->claim.job;
	char digest[DIGEST_SHA256_HEX + 1];
	const char *const parts[] = {
		listener_action_name(action),
		"\n",
		arena_printf(arena, "%d\n", job->round),
		plan ? plan : "",
	};

	if (!digest_sha256_hex(parts, COUNT(parts), digest))
		abort();
	return arena_printf(arena, "%s-%s-%.16s", run->resource->id,
			    repeats_verified(job, action) ? job->verified
							  : job->id,
			    digest);
}

static struct listener_platform get_platform_access(const struct job_run *run)
{
	return platform_access_get(&(struct platform_access){
		.db = run->claim.db,
		.arena = run->claim.arena,
		.keys = run->keys,
		.platform = run->platform,
		.addon = run->addon,
		.resource = run->resource,
		.deadline = run->deadline,
	});
}

static struct listener_answer
ask_listener(struct job_run *run, enum listener_action action, const char *plan,
	     const char *old_plan, const struct resource *from)
{
	const struct job *job = run->claim.job;
	const struct listener_call call = {
		.addon = run->addon,
		.resource = run->resource,
		.action = action,
		.plan = plan,
		.old_plan = old_plan,
		.from = from,
		.platform = get_platform_access(run),
		.overlap = job->overlap,
		.key = write_call_key(run, action, plan),
		.job = job->id,
		.attempt = job->verified_attempts + job->attempt,
		.deadline = run->deadline,
		.wait_until = run->wait_until,
	};
	struct listener_answer answer;

	crash_point(job_kind_name(job->kind), "asking");
	answer = listener_ask(run->keys, run->claim.arena, &call);
	run->has_asked |= answer.ended != NULL;
	vendor_id_judge(run->claim.db, run->claim.arena, run->resource,
			&answer);
	crash_point(job_kind_name(job->kind), "asked");
	return answer;
}

struct listener_answer ask_job_listener(struct job_run *run,
					enum listener_action action,
					const char *plan, const char *old_plan)
{
	return ask_listener(run, action, plan, old_plan, NULL);
}

struct listener_answer ask_job_listener_from(struct job_run *run,
					     enum listener_action action,
					     const struct resource *from)
{
	return ask_listener(run, action, run->resource->plan, NULL, from);
}

bool is_listener_refusal(const struct listener_answer *answer)
{
	return answer->verdict == LISTENER_REFUSED
		|| answer->verdict == LISTENER_FAILED_FOR_GOOD;
}

/* ---- storing ---- */

struct resource seal_listener_answer(const struct job_run *run,
				     const struct listener_answer *answer)
{
	return listener_seal(run->keys, run->claim.arena, run->resource,
			     answer);
}

enum outcome conclude_unless_gone(struct job_run *run, enum outcome stored,
				  enum outcome outcome)
{
	const struct resource now = { .state = run->claim.state };

	return job_run_conclude(
		run, stored, resource_is_gone(&now) ? OUTCOME_GONE : outcome);
}

/* Sentences for the customer, if the listener is not ready yet. */
static const char *const not_ready[JOB_KINDS] = {
	[JOB_PROVISION] = "The resource is being provisioned. Please try again "
			  "in a moment.",
	[JOB_CHANGE_PLAN] = "The plan is being changed. Please try again in a "
			    "moment.",
};

enum outcome retry_listener(struct job_run *run,
			    const struct listener_answer *answer)
{
	return retry_listener_within(run, answer, INT64_MAX);
}

enum outcome retry_listener_within(struct job_run *run,
				   const struct listener_answer *answer,
				   int64_t most)
{
	const struct job *job = run->claim.job;
	const char *reason = answer->why;
	int64_t delay = run->retry_delay;
	enum outcome outcome;

	if (delay == 0)
		delay = (int64_t)answer->retry_after * 1000;
	if (delay == 0)
		delay = job_back_off(job->attempt);
	if (delay > most)
		delay = most;
	if (answer->verdict == LISTENER_PENDING)
		run->failure = not_ready[job->kind];
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
	run->failure = answer->message;
	if (is_failure || !run->failure)
		run->failure = "The resource could not be provisioned. The "
			       "provider has been notified.";
	stored = job_result_refused(&run->claim, run->failure, answer->why,
				    is_failure);
	return conclude_unless_gone(run, stored, OUTCOME_INVALID);
}

static enum outcome promise_provision(struct job_run *run,
				      const struct listener_answer *answer)
{
	int64_t delay = (int64_t)answer->retry_after * 1000;
	enum outcome stored =
		job_result_promised(&run->claim, delay, answer->may_still_run,
				    answer->id, answer->message, answer->why);

	run->reason = answer->why;
	run->response = (struct dialect_response){
		.id = answer->id ? answer->id : run->resource->provider_id,
		.message = answer->message,
	};
	return conclude_unless_gone(run, stored, OUTCOME_ACCEPTED);
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
		.why = "the resource was not ready in time",
	};
	bool takes_longer = answer->verdict == LISTENER_PENDING
		|| clock_now() >= run->deadline;

	if (run->may_promise && takes_longer)
		return promise_provision(run, answer);
	if (run->resource->is_overdue && !run->claim.job->keeps)
		return refuse_provision(run, &too_late);
	return retry_listener(run, answer);
}

static enum outcome store_provisioned(struct job_run *run,
				      const struct listener_answer *answer)
{
	struct resource provisioned = seal_listener_answer(run, answer);

	provisioned.log_line =
		job_run_log_line(run->addon, run->resource, "provisioned");
	run->response = listener_response(answer);
	run->response.id = provisioned.provider_id;
	if (run->resource->is_promised)
		return conclude_unless_gone(
			run, job_result_created(&run->claim, &provisioned),
			OUTCOME_ACCEPTED);
	return conclude_unless_gone(
		run, job_result_provisioned(&run->claim, &provisioned),
		OUTCOME_OK);
}

enum outcome listener_job_provision(struct job_run *run)
{
	const struct listener_answer answer = ask_job_listener(
		run, LISTENER_PROVISION, run->resource->plan, NULL);

	if (is_listener_refusal(&answer))
		return refuse_provision(run, &answer);
	if (answer.verdict != LISTENER_DONE)
		return handle_unready(run, &answer);
	return store_provisioned(run, &answer);
}

/* ---- rotate ---- */

static enum outcome store_credentials(struct job_run *run,
				      const struct listener_answer *answer)
{
	const struct resource rotated = seal_listener_answer(run, answer);

	return conclude_unless_gone(
		run,
		job_result_rotated(&run->claim, &rotated,
				   job_run_can_call(run->addon, run->resource)),
		OUTCOME_OK);
}

/* A refusal finishes the job, so that it does not hold up later ones. */
enum outcome listener_job_rotate(struct job_run *run)
{
	const struct listener_answer answer = ask_job_listener(
		run, LISTENER_ROTATE, run->resource->plan, NULL);

	if (answer.verdict == LISTENER_DONE)
		return store_credentials(run, &answer);
	if (!is_listener_refusal(&answer))
		return retry_listener(run, &answer);
	run->reason = answer.why ? answer.why : answer.message;
	return conclude_unless_gone(
		run, job_result_rotation_refused(&run->claim, run->reason),
		OUTCOME_INVALID);
}

/* ---- deprovision, suspend and resume ---- */

/* Call the listener, which must not refuse.  Return true if it is done.
 * Otherwise *outcome is the state of the job. */
static bool ask_until_done(struct job_run *run, enum listener_action action,
			   enum outcome *outcome)
{
	const struct listener_answer answer =
		ask_job_listener(run, action, run->resource->plan, NULL);

	switch (answer.verdict) {
	case LISTENER_DONE:
		return true;
	case LISTENER_FAILED_FOR_GOOD:
		*outcome = job_run_put_off(run, JOB_NEVER, false, answer.why);
		break;
	case LISTENER_REFUSED:
		*outcome = job_run_put_off(
			run, JOB_NEVER, false,
			arena_printf(run->claim.arena,
				     "the listener refused to %s, which it "
				     "must not do",
				     listener_action_name(action)));
		break;
	case LISTENER_PENDING:
	case LISTENER_FAILED:
		*outcome = retry_listener(run, &answer);
		break;
	}
	return false;
}

/* The clean-up of a kept resource begins when its time is over.  Return false
 * if it cannot begin; *outcome is the state of the job then. */
static bool begin_removal(struct job_run *run, enum outcome *outcome)
{
	enum outcome stored =
		job_result_removal_begun(&run->claim, run->resource->version);

	*outcome = job_run_conclude(run, stored, OUTCOME_OK);
	if (*outcome != OUTCOME_OK)
		return false;
	crash_point(job_kind_name(run->claim.job->kind), "begun");
	if (run->claim.state != RESOURCE_KEPT)
		return true;
	*outcome = job_run_put_off(run, BLOCKED_DELAY, false,
				   run->resource->is_source
					   ? "it is being restored"
					   : "it is still kept");
	return false;
}

/* Clean up a resource that is deprovisioned, was refused, or is abandoned.  One
 * that is being moved may have nothing left to clean up. */
enum outcome listener_job_remove(struct job_run *run)
{
	const struct resource *resource = run->resource;
	enum outcome outcome;

	if (resource->state == RESOURCE_KEPT && !begin_removal(run, &outcome))
		return outcome;
	if (resource->moved_to && resource->is_source)
		return job_run_put_off(run, BLOCKED_DELAY, false,
				       "it is being moved");
	if (resource->moved_to)
		return job_run_finish(run, "its content was moved");
	if (!ask_until_done(run, LISTENER_DEPROVISION, &outcome))
		return outcome;
	return job_run_conclude(run, job_result_removed(&run->claim),
				OUTCOME_OK);
}

enum outcome listener_job_suspend(struct job_run *run)
{
	enum outcome outcome;

	if (run->resource->is_kept_over)
		return job_run_finish(run, "it is cleaned up now");
	if (!ask_until_done(run, LISTENER_SUSPEND, &outcome))
		return outcome;
	outcome = job_run_finish(run, NULL);
	crash_point(job_kind_name(run->claim.job->kind), "settled");
	return outcome;
}

enum outcome listener_job_resume(struct job_run *run)
{
	enum outcome outcome;

	if (!ask_until_done(run, LISTENER_RESUME, &outcome))
		return outcome;
	return conclude_unless_gone(run, job_result_resumed(&run->claim),
				    OUTCOME_OK);
}
