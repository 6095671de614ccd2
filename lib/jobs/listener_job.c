/*
 * listener_job.c - has a listener do what a job is about, or undo it.
 */
#include "lib/jobs/listener_job.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/jobs/internal.h"
#include "lib/store/job.h"
#include "lib/listener/listener.h"

enum { LEASE_RESERVE = 5000 }; /* ms to store the result in */

int64_t listener_job_lease(int64_t deadline)
{
	return deadline - clock_now() + LISTENER_GRACE + LEASE_RESERVE;
}

/* ---- what was asked for ---- */

static enum outcome refuse(struct job_run *f,
			   const struct listener_answer *answer)
{
	bool is_failure = answer->verdict == LISTENER_FAILED_FOR_GOOD;
	struct claimed_job s = job_run_settlement(f);
	enum outcome stored;

	f->why = answer->why;
	f->complaint = answer->message;
	if (is_failure || !f->complaint)
		f->complaint = "The resource could not be provisioned. The "
			       "provider has been told.";
	stored = job_result_refused(&s, f->complaint, is_failure);
	return job_run_conclude(f, &s, stored, RESOURCE_REFUSED,
				OUTCOME_INVALID);
}

/* It takes longer than the marketplace waits for an answer. */
static enum outcome promise(struct job_run *f,
			    const struct listener_answer *answer)
{
	struct claimed_job s = job_run_settlement(f);
	enum outcome stored;

	f->why = answer->why;
	stored = job_result_promised(&s, (int64_t)answer->retry_after * 1000,
				     answer->may_still_run, answer->why);
	return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONING,
				OUTCOME_ACCEPTED);
}

/* Neither there nor refused. */
static enum outcome not_yet(struct job_run *f,
			    const struct listener_answer *answer)
{
	bool takes_longer = answer->verdict == LISTENER_PENDING
		|| clock_now() >= f->deadline;

	if (f->may_promise && takes_longer)
		return promise(f, answer);
	if (!f->resource->is_overdue)
		return job_run_wait(f, answer);
	return refuse(f,
		      &(struct listener_answer){
			      .verdict = LISTENER_FAILED_FOR_GOOD,
			      .why = "it was not ready in time",
		      });
}

static enum outcome provision(struct job_run *f)
{
	const struct listener_answer answer =
		job_run_ask(f, LISTENER_PROVISION, f->resource->plan, NULL);
	struct claimed_job s = job_run_settlement(f);
	struct resource made;
	enum outcome stored;

	if (answer.verdict == LISTENER_REFUSED
	    || answer.verdict == LISTENER_FAILED_FOR_GOOD)
		return refuse(f, &answer);
	if (answer.verdict != LISTENER_DONE)
		return not_yet(f, &answer);
	made = listener_seal(f->keys, f->arena, f->resource, &answer);
	f->answer = listener_response(&answer);
	if (f->resource->is_promised) {
		stored = job_result_made(&s, &made);
		return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONING,
					OUTCOME_ACCEPTED);
	}
	stored = job_result_provisioned(&s, &made);
	return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONED,
				OUTCOME_OK);
}

static enum outcome refuse_plan(struct job_run *f,
				const struct listener_answer *answer)
{
	struct claimed_job s = job_run_settlement(f);
	enum outcome stored = job_result_plan_refused(&s);

	f->why = answer->why;
	f->complaint = answer->verdict == LISTENER_REFUSED && answer->message
		? answer->message
		: "The plan could not be changed. The provider has been told.";
	return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONED,
				OUTCOME_INVALID);
}

static enum outcome change_plan(struct job_run *f)
{
	const struct listener_answer answer = job_run_ask(
		f, LISTENER_CHANGE_PLAN, f->job->plan, f->resource->plan);
	struct claimed_job s = job_run_settlement(f);
	struct resource changed;
	enum outcome stored;

	if (answer.verdict == LISTENER_REFUSED
	    || answer.verdict == LISTENER_FAILED_FOR_GOOD)
		return refuse_plan(f, &answer);
	if (answer.verdict != LISTENER_DONE)
		return job_run_wait(f, &answer);
	changed = listener_seal(f->keys, f->arena, f->resource, &answer);
	changed.plan = f->job->plan;
	f->answer = listener_response(&answer);
	stored = job_result_plan(&s, &changed,
				 strcmp(changed.plan, f->resource->plan) == 0
					 ? "plan-change-taken-back"
					 : "plan-changed",
				 false);
	return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONED,
				OUTCOME_OK);
}

/* Nobody outside waits for it, so it is not left to block what comes behind. */
static enum outcome refuse_rotation(struct job_run *f,
				    const struct listener_answer *answer)
{
	struct claimed_job s = job_run_settlement(f);
	enum outcome stored;

	f->why = answer->why ? answer->why : answer->message;
	stored = job_result_not_rotated(&s, f->why);
	return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONED,
				OUTCOME_INVALID);
}

static enum outcome rotate(struct job_run *f)
{
	const struct listener_answer answer =
		job_run_ask(f, LISTENER_ROTATE, f->resource->plan, NULL);
	struct claimed_job s = job_run_settlement(f);
	struct resource rotated;
	enum outcome stored;

	if (answer.verdict == LISTENER_REFUSED
	    || answer.verdict == LISTENER_FAILED_FOR_GOOD)
		return refuse_rotation(f, &answer);
	if (answer.verdict != LISTENER_DONE)
		return job_run_wait(f, &answer);
	rotated = listener_seal(f->keys, f->arena, f->resource, &answer);
	stored = job_result_rotated(&s, &rotated, job_run_may_tell(f));
	return job_run_conclude(f, &s, stored, RESOURCE_PROVISIONED,
				OUTCOME_OK);
}

/* ---- taking away ---- */

/* Of what is gone, was refused, or was begun and never told of. */
static enum outcome remove_it(struct job_run *f)
{
	const struct listener_answer answer =
		job_run_ask(f, LISTENER_DEPROVISION, f->resource->plan, NULL);
	struct claimed_job s = job_run_settlement(f);
	enum outcome stored;

	switch (answer.verdict) {
	case LISTENER_FAILED_FOR_GOOD:
		return job_run_give_up(f, answer.why);
	case LISTENER_REFUSED:
		return job_run_give_up(
			f,
			"the listener refuses, which a deprovision "
			"cannot be");
	case LISTENER_PENDING:
	case LISTENER_FAILED:
		return job_run_wait(f, &answer);
	case LISTENER_DONE:
		break;
	}
	stored = job_result_removed(&s);
	return job_run_end(f, &s, stored, OUTCOME_OK);
}

/* The vendor's side may already be at the plan that nobody was told of. */
static enum outcome restore_plan(struct job_run *f)
{
	const struct listener_answer answer = job_run_ask(
		f, LISTENER_CHANGE_PLAN, f->resource->plan, f->job->plan);
	struct claimed_job s = job_run_settlement(f);
	struct resource restored;
	enum outcome stored;

	if (answer.verdict == LISTENER_REFUSED
	    || answer.verdict == LISTENER_FAILED_FOR_GOOD)
		return job_run_give_up(
			f,
			answer.why ? answer.why
				   : "the listener refuses to go back "
				     "to the plan the resource has");
	if (answer.verdict != LISTENER_DONE)
		return job_run_wait(f, &answer);
	restored = listener_seal(f->keys, f->arena, f->resource, &answer);
	restored.plan_message = f->resource->plan_message;
	stored = job_result_plan(&s, &restored, "plan-change-taken-back",
				 job_run_may_tell(f));
	return job_run_end(f, &s, stored, OUTCOME_OK);
}

/* ---- either way ---- */

typedef enum outcome step(struct job_run *f);

static enum outcome take(struct job_run *f, step *const steps[])
{
	enum outcome outcome;

	if (job_kind_wants(f->job->kind, f->resource->state))
		return steps[f->job->kind](f);
	outcome = job_finish(f->db, f->arena, f->job, "no longer wanted");
	return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
}

enum outcome listener_job_forward(struct job_run *f)
{
	static step *const steps[] = {
		[JOB_PROVISION] = provision,
		[JOB_CHANGE_PLAN] = change_plan,
		[JOB_DEPROVISION] = remove_it,
		[JOB_ROTATE] = rotate,
	};

	return take(f, steps);
}

enum outcome listener_job_promise(struct job_run *f)
{
	return promise(
		f, &(struct listener_answer){ .verdict = LISTENER_PENDING });
}

enum outcome listener_job_back(struct job_run *f)
{
	static step *const steps[] = {
		[JOB_PROVISION] = remove_it,
		[JOB_CHANGE_PLAN] = restore_plan,
		[JOB_DEPROVISION] = remove_it,
		[JOB_ROTATE] = rotate,
	};

	return take(f, steps);
}
