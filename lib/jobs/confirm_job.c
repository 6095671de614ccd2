/*
 * confirm_job.c - asks the marketplace about a request that has taken effect
 * although its response was not a success (provider/unanswered.h).
 *
 * If the marketplace does not expect the new resource or the new plan, it is
 * undone.  Only an explicit response counts: that a token is refused does not
 * show what the marketplace expects.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/crash_point.h"
#include "lib/dialect/dialect.h"
#include "lib/listener/listener.h"
#include "lib/platform/platform.h"
#include "lib/store/job.h"
#include "lib/store/resource_deprovision.h"
#include "lib/text/json.h"

enum {
	MOST_QUESTIONS = 30, /* attempts; the delays add up to about a day */
	CHANGED_DELAY = 5000 /* ms until a changed resource is read again */
};

static enum outcome finish_unconfirmed(struct job_run *run, const char *reason)
{
	run->reason = reason;
	return job_run_conclude(
		run, job_result_unconfirmed(&run->claim, reason), OUTCOME_OK);
}

/* The marketplace has given up the new resource.  A template leaves nothing to
 * clean up. */
static enum outcome take_back_resource(struct job_run *run)
{
	const struct resource_removal removal = {
		.id = run->resource->id,
		.frees_key = run->addon->dialect->key_returns,
		.cleans_up = listener_takes_time(run->addon),
	};
	bool done;
	enum outcome outcome =
		resource_deprovision(run->claim.db, run->claim.arena, &removal,
				     &run->claim.actor, &done);

	if (outcome != OUTCOME_OK)
		return outcome;
	crash_point(job_kind_name(run->claim.job->kind), "undone");
	return job_run_finish(run,
			      "the marketplace does not have the resource");
}

/* Give the resource the plan that it has at the marketplace. */
static enum outcome take_back_plan(struct job_run *run, const char *plan)
{
	struct arena *arena = run->claim.arena;
	const struct listener_call call = {
		.addon = run->addon,
		.resource = run->resource,
		.action = LISTENER_CHANGE_PLAN,
		.plan = plan,
	};
	struct listener_answer answer;
	struct resource changed;
	bool done;
	enum outcome outcome;

	if (listener_takes_time(run->addon))
		return finish_unconfirmed(
			run,
			"the add-on has a listener now, which "
			"has to change the plan");
	answer = listener_ask(run->keys, arena, &call);
	if (answer.verdict != LISTENER_DONE)
		return finish_unconfirmed(run, answer.why);
	changed = listener_seal(run->keys, arena, run->resource, &answer);
	changed.plan = plan;
	outcome = resource_change_plan(run->claim.db, arena, &changed,
				       run->resource->plan, &run->claim.actor,
				       &done);
	if (outcome != OUTCOME_OK)
		return outcome;
	crash_point(job_kind_name(run->claim.job->kind), "undone");
	return done ? job_run_finish(run, "the marketplace has another plan")
		    : job_run_put_off(run, CHANGED_DELAY, false,
				      "the resource has changed meanwhile");
}

/* The marketplace has the resource. */
static enum outcome compare_plan(struct job_run *run, const struct json *body)
{
	const char *there = platform_response_plan(body);

	if (!run->claim.job->plan || !there
	    || strcmp(there, run->resource->plan) == 0)
		return job_run_finish(run, NULL);
	return take_back_plan(run, there);
}

/* The marketplace does not have the resource. */
static enum outcome finish_gone(struct job_run *run)
{
	return run->claim.job->plan ? job_run_finish(
		       run, "the marketplace does not have the resource")
				    : take_back_resource(run);
}

static enum outcome judge_view(struct job_run *run,
			       const struct platform_response *view)
{
	const char *state = json_text(json_member(view->body, "state"));

	if (view->verdict == PLATFORM_GONE)
		return finish_gone(run);
	if (view->verdict == PLATFORM_DONE)
		return state && strcmp(state, "deprovisioned") == 0
			? finish_gone(run)
			: compare_plan(run, view->body);
	if ((view->verdict == PLATFORM_LATER
	     || view->verdict == PLATFORM_UNAUTHORIZED)
	    && run->authorized.token.verdict != TOKEN_NONE
	    && run->claim.job->attempt < MOST_QUESTIONS)
		return job_run_put_off(run,
				       job_back_off(run->claim.job->attempt),
				       false, view->why);
	return finish_unconfirmed(run, view->why);
}

enum outcome confirm_job(struct job_run *run)
{
	const char *plan = run->claim.job->plan;
	struct platform_response view;

	if (plan && strcmp(plan, run->resource->plan) != 0)
		return job_run_finish(run, "the plan has changed again");
	if (!job_run_can_call(run->addon, run->resource))
		return finish_unconfirmed(
			run,
			"the marketplace cannot be asked: the "
			"add-on has no client secret, or the "
			"resource no grant");
	view = marketplace_job_read(run);
	return judge_view(run, &view);
}
