/*
 * change_plan.c - changes the plan of a resource.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/store/job.h"

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
	if (resource->state == RESOURCE_PROVISIONED)
		return OUTCOME_OK;
	return provider_fail(
		call, OUTCOME_INVALID,
		resource->state == RESOURCE_PROVISIONING
			? "The resource is still being provisioned; its plan "
			  "can be changed once it is ready."
			: "The resource was not provisioned, so its plan "
			  "cannot be changed.");
}

/* A plan change that was begun and not finished may have changed the vendor's
 * side. */
static bool has_wanted_plan(const struct plan_change *c,
			    const struct resource *resource)
{
	return strcmp(resource->plan, c->plan) == 0
		&& (!resource->has_job || !listener_takes_time(c->call->addon));
}

static enum outcome respond_unchanged(struct plan_change *c,
				      const struct resource *resource)
{
	c->call->is_repeat = true;
	return provider_stored_response(c->provider, c->call, resource,
					resource->plan_message, c->response);
}

static enum outcome change_at_once(struct plan_change *c,
				   const struct resource *resource, bool *done)
{
	struct provider *provider = c->provider;
	const struct resource_actor actor = provider_actor(c->call);
	const struct listener_answer answer = provider_ask_at_once(
		provider, c->call, LISTENER_CHANGE_PLAN, resource, c->plan);
	struct resource changed;

	if (answer.verdict != LISTENER_DONE)
		return OUTCOME_UNAVAILABLE;
	changed = listener_seal(provider->keys, c->call->arena, resource,
				&answer);
	changed.plan = c->plan;
	*c->response = listener_response(&answer);
	return resource_change_plan(provider->db, c->call->arena, &changed,
				    &actor, done);
}

/* Claim the unfinished job of the resource, or create one. */
static enum outcome claim_change(struct plan_change *c,
				 const struct resource *resource,
				 struct job *job, bool *claimed)
{
	struct db *db = c->provider->db;
	struct arena *arena = c->call->arena;
	const struct job_claim claim = provider_claim(c->provider, c->call);

	if (resource->has_job)
		return job_claim_for_resource(db, arena, resource->id,
					      JOB_CHANGE_PLAN, c->plan, &claim,
					      job, claimed);
	return job_begin_plan_change(db, arena, resource->id, resource->version,
				     c->plan, &claim, job, claimed);
}

static enum outcome change_with_job(struct plan_change *c,
				    const struct resource *resource, bool *done)
{
	struct resource now;
	struct job job;
	enum outcome outcome = claim_change(c, resource, &job, done);

	if (outcome == OUTCOME_OK && *done)
		outcome = resource_get(c->provider->db, c->call->arena,
				       resource->id, &now, done);
	if (outcome != OUTCOME_OK || !*done)
		return outcome;
	return provider_carry_out(c->provider, c->call, &now, &job,
				  c->response);
}

static enum outcome change_resource_plan(struct plan_change *c,
					 const struct resource *resource,
					 bool *done)
{
	struct arena *arena = c->call->arena;
	enum outcome outcome = listener_takes_time(c->call->addon)
		? change_with_job(c, resource, done)
		: change_at_once(c, resource, done);

	if (outcome == OUTCOME_OK && *done)
		provider_write_log(
			c->provider, arena, c->call->addon, resource,
			arena_printf(arena, "plan changed to %s", c->plan));
	return outcome;
}

static enum outcome attempt_change(void *use_case,
				   enum provider_progress *progress)
{
	struct plan_change *c = use_case;
	struct provider_call *call = c->call;
	struct resource resource;
	bool found, done = false;
	enum outcome outcome = provider_find(c->provider, call, c->id,
					     call->addon->dialect->path_has_key,
					     &resource, &found);

	*progress = PROVIDER_DONE;
	if (outcome == OUTCOME_OK && !found)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		outcome = require_changeable(call, &resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (has_wanted_plan(c, &resource))
		return respond_unchanged(c, &resource);
	if (!addon_allows_plan(call->addon, resource.plan, c->plan,
			       &call->complaint))
		return OUTCOME_INVALID;
	outcome = change_resource_plan(c, &resource, &done);
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
	struct plan_change c = { provider, call, id, plan, response };

	return provider_try(call, attempt_change, &c,
			    "Another change of this resource is under way. "
			    "Please try again in a moment.");
}
