/*
 * change_plan.c - gives a resource another plan.
 */
#include "lib/provider/internal.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/store/job.h"
#include "lib/listener/listener.h"

/* One who asks for a plan change. */
struct change {
	struct provider *provider;
	struct provider_call *call;
	const char *plan;
	struct dialect_response *answer;
	bool done; /* else it is to be looked at again */
};

/* May the plan be changed in the state the resource is in? */
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

/* With a listener that takes no time: rendered, and stored if nobody was
 * faster. */
static enum outcome change_at_once(struct change *c,
				   const struct resource *resource)
{
	struct provider *provider = c->provider;
	struct arena *arena = c->call->arena;
	const struct resource_actor actor = provider_actor(c->call);
	const struct listener_call question = {
		.addon = c->call->addon,
		.resource = resource,
		.action = LISTENER_CHANGE_PLAN,
		.plan = c->plan,
	};
	const struct listener_answer answer =
		listener_ask(provider->keys, arena, &question);
	struct resource changed;

	if (answer.verdict != LISTENER_DONE)
		return OUTCOME_UNAVAILABLE;
	changed = listener_seal(provider->keys, arena, resource, &answer);
	changed.plan = c->plan;
	*c->answer = listener_response(&answer);
	return resource_change_plan(provider->db, arena, &changed, &actor,
				    &c->done);
}

/* Begin it, or go on with one that nobody is at any more. */
static enum outcome change_with_job(struct change *c,
				    const struct resource *resource)
{
	struct provider *provider = c->provider;
	struct arena *arena = c->call->arena;
	const struct job_claim claim = provider_claim(provider, c->call);
	struct resource now;
	struct job job;
	enum outcome outcome;

	if (resource->has_job)
		outcome = job_claim_of(provider->db, arena, resource->id,
				       JOB_CHANGE_PLAN, c->plan, &claim, &job,
				       &c->done);
	else
		outcome = job_begin_change(provider->db, arena, resource->id,
					   resource->version, c->plan, &claim,
					   &job, &c->done);
	if (outcome == OUTCOME_OK && c->done)
		outcome = resource_get(provider->db, arena, resource->id, &now,
				       &c->done);
	if (outcome != OUTCOME_OK || !c->done)
		return outcome;
	return provider_fulfil(provider, c->call, &now, &job, false, c->answer);
}

/* The plan it has already is no change; but one that was begun and never ended
 * may have left the vendor's side at another. */
static bool is_unchanged(const struct change *c,
			 const struct resource *resource)
{
	return strcmp(resource->plan, c->plan) == 0
		&& (!resource->has_job || !listener_takes_time(c->call->addon));
}

static enum outcome change(struct change *c, const struct resource *resource)
{
	struct provider_call *call = c->call;
	enum outcome outcome = require_changeable(call, resource);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (is_unchanged(c, resource)) {
		call->is_repeat = c->done = true;
		outcome =
			provider_answer_kept(c->provider, call, resource,
					     resource->plan_message, c->answer);
		c->answer->id = NULL;
		return outcome;
	}
	if (!addon_allows_plan(call->addon, resource->plan, c->plan,
			       &call->complaint))
		return OUTCOME_INVALID;
	outcome = listener_takes_time(call->addon)
		? change_with_job(c, resource)
		: change_at_once(c, resource);
	if (outcome == OUTCOME_OK && c->done)
		provider_tell(c->provider, call->arena, call->addon, resource,
			      arena_printf(call->arena, "plan changed to %s",
					   c->plan));
	return outcome;
}

enum outcome provider_change_plan(struct provider *provider,
				  struct provider_call *call, const char *id,
				  const char *plan,
				  struct dialect_response *answer)
{
	struct change c = { provider, call, plan, answer, false };
	bool takes_time = listener_takes_time(call->addon);
	int64_t waited = 0;

	while (call->addon->is_valid && provider_has_time(call)) {
		struct resource resource;
		bool found;
		enum outcome outcome = provider_find(
			provider, call, id, call->addon->dialect->path_has_key,
			&resource, &found);

		if (outcome == OUTCOME_OK && !found)
			return OUTCOME_NOT_FOUND;
		if (outcome == OUTCOME_OK)
			outcome = change(&c, &resource);
		if (outcome != OUTCOME_OK || c.done)
			return outcome;
		if (takes_time && !provider_wait(call, &waited))
			break;
	}
	if (waited > 0)
		call->complaint = "Another change of this resource is under "
				  "way. Please try again in a moment.";
	return OUTCOME_UNAVAILABLE;
}
