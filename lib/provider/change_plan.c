/*
 * change_plan.c - changes the plan of a resource.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/jobs/job_run.h"
#include "lib/provider/unanswered.h"
#include "lib/store/job.h"
#include "lib/store/plan_promise.h"

struct plan_change {
	struct provider *provider;
	struct provider_call *call;
	const char *id; /* the marketplace's */
	const char *plan;
	struct dialect_response *response;
};

static enum outcome require_changeable(struct provider_call *call,
				       const struct resource *resource)
{
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (resource_is_provisioned(resource))
		return OUTCOME_OK;
	if (resource->state == RESOURCE_MOVED)
		return provider_fail(call, OUTCOME_INVALID,
				     "The resource has been moved elsewhere; "
				     "its plan can be changed there.");
	return provider_fail(
		call, OUTCOME_INVALID,
		resource->state == RESOURCE_PROVISIONING
			? "The resource is still being provisioned; its plan "
			  "can be changed once it is ready."
			: "The resource was not provisioned, so its plan "
			  "cannot be changed.");
}

/* The config vars are not known yet. */
static enum outcome respond_promised_plan(struct plan_change *change)
{
	*change->response = (struct dialect_response){
		.message = arena_printf(change->call->arena,
					"The plan is being changed to %s.",
					change->plan),
	};
	return OUTCOME_ACCEPTED;
}

/* A promised change to plan is under way. */
static enum outcome respond_changing(struct plan_change *change,
				     const char *plan)
{
	struct provider_call *call = change->call;

	if (strcmp(plan, change->plan) != 0)
		return provider_fail(
			call, OUTCOME_INVALID,
			arena_printf(call->arena,
				     "The plan is being changed to %s; it can "
				     "be changed again once that is complete.",
				     plan));
	call->is_repeat = true;
	return respond_promised_plan(change);
}

/* A plan change that was begun and not finished may have changed the vendor's
 * side. */
static bool has_wanted_plan(const struct plan_change *change,
			    const struct resource *resource)
{
	return strcmp(resource->plan, change->plan) == 0
		&& (!resource->has_job
		    || !listener_takes_time(change->call->addon));
}

static enum outcome respond_unchanged(struct plan_change *change,
				      const struct resource *resource)
{
	const struct resource_actor actor = provider_actor(change->call);
	enum outcome outcome = OUTCOME_OK;

	change->call->is_repeat = true;
	if (resource->marketplace_plan)
		outcome = plan_promise_withdraw(change->provider->db,
						change->call->arena,
						resource->id, &actor);
	return outcome == OUTCOME_OK
		? provider_stored_response(change->provider, change->call,
					   resource, resource->plan_message,
					   change->response)
		: outcome;
}

static enum outcome change_at_once(struct plan_change *change,
				   const struct resource *resource, bool *done)
{
	struct provider *provider = change->provider;
	const struct resource_actor actor = provider_actor(change->call);
	struct listener_answer answer;
	struct resource changed;
	enum outcome outcome = provider_ask_at_once(
		provider, change->call, LISTENER_CHANGE_PLAN, resource,
		change->plan, &answer);

	if (outcome != OUTCOME_OK)
		return outcome;
	changed = listener_seal(provider->keys, change->call->arena, resource,
				&answer);
	changed.plan = change->plan;
	changed.log_line = job_run_log_line(change->call->addon, resource,
					    arena_printf(change->call->arena,
							 "plan changed to %s",
							 change->plan));
	*change->response = listener_response(&answer);
	return provider_note_unanswered(
		provider, change->call,
		resource_change_plan(provider->db, change->call->arena,
				     &changed, resource->plan, &actor, done),
		"plan-changed", change->plan);
}

/* Claim the unfinished job of the resource, or create one. */
static enum outcome claim_change(struct plan_change *change,
				 const struct resource *resource,
				 struct job *job, bool *claimed)
{
	struct db *db = change->provider->db;
	struct arena *arena = change->call->arena;
	const struct job_claim claim =
		provider_claim(change->provider, change->call);

	if (resource->has_job)
		return job_claim_for_resource(db, arena, resource->id,
					      JOB_CHANGE_PLAN, change->plan,
					      &claim, job, claimed);
	return job_begin_plan_change(db, arena, resource->id, resource->version,
				     change->plan, &claim, job, claimed);
}

static enum outcome change_with_job(struct plan_change *change,
				    const struct resource *resource, bool *done)
{
	struct resource now;
	struct job job;
	enum outcome outcome =
		provider_take_place(change->provider, change->call);

	if (outcome == OUTCOME_OK)
		outcome = claim_change(change, resource, &job, done);
	if (outcome == OUTCOME_OK && *done)
		outcome =
			resource_get(change->provider->db, change->call->arena,
				     resource->id, &now, done);
	if (outcome != OUTCOME_OK || !*done)
		return outcome;
	outcome = provider_carry_out(change->provider, change->call, &now, &job,
				     change->response);
	return outcome == OUTCOME_ACCEPTED ? respond_promised_plan(change)
					   : outcome;
}

/* The jobs of the resource matter only to a listener that takes time. */
static enum outcome find_changeable(struct plan_change *change,
				    struct resource *resource, bool *found)
{
	struct provider_call *call = change->call;
	enum outcome outcome = provider_find(change->provider, call, change->id,
					     call->addon->dialect->path_has_key,
					     resource, found);

	if (outcome == OUTCOME_OK && *found && listener_takes_time(call->addon))
		outcome = resource_get(change->provider->db, call->arena,
				       resource->id, resource, found);
	return outcome;
}

static enum outcome attempt_change(void *use_case,
				   enum provider_progress *progress)
{
	struct plan_change *change = use_case;
	struct provider_call *call = change->call;
	struct resource resource;
	bool found, done = false;
	enum outcome outcome = find_changeable(change, &resource, &found);

	*progress = PROVIDER_DONE;
	if (outcome == OUTCOME_OK && !found) {
		outcome = provider_refuse_unknown(
			change->provider, call, change->id,
			call->addon->dialect->path_has_key);
		return outcome == OUTCOME_OK ? OUTCOME_NOT_FOUND : outcome;
	}
	if (outcome == OUTCOME_OK)
		outcome = require_changeable(call, &resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (resource.changing_to)
		return respond_changing(change, resource.changing_to);
	if (has_wanted_plan(change, &resource))
		return respond_unchanged(change, &resource);
	if (!addon_allows_plan(call->addon, resource.plan, change->plan,
			       &call->failure))
		return OUTCOME_INVALID;
	outcome = listener_takes_time(call->addon)
		? change_with_job(change, &resource, &done)
		: change_at_once(change, &resource, &done);
	if (!done)
		*progress = listener_takes_time(call->addon) ? PROVIDER_BUSY
							     : PROVIDER_RACED;
	return outcome;
}

enum outcome provider_change_plan(struct provider *provider,
				  struct provider_call *call, const char *id,
				  const char *plan,
				  struct dialect_response *response)
{
	struct plan_change change = { provider, call, id, plan, response };

	return provider_try(call, attempt_change, &change,
			    "Another change of this resource is under way. "
			    "Please try again in a moment.");
}
