/*
 * restore.c - gives a resource the content that another one had before its
 * deprovision.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/store/resource_restore.h"

struct restore {
	struct provider *provider;
	struct provider_call *call;
	const char *from; /* our id of the kept resource */
	const char *id;   /* our id of the resource that gets its content */
};

static enum outcome require_kept(struct provider_call *call,
				 const struct resource *from)
{
	if (from->state == RESOURCE_KEPT && from->is_source)
		return provider_fail(
			call, OUTCOME_INVALID,
			"the old resource is being restored already: "
			"provisor jobs list --kind restore shows "
			"the job");
	if (from->state == RESOURCE_KEPT)
		return OUTCOME_OK;
	return resource_is_gone(from)
		? provider_fail(
			call, OUTCOME_GONE,
			"the old resource is not kept any more: its content "
			"has been removed")
		: provider_fail(
			call, OUTCOME_INVALID,
			"the old resource is not deprovisioned: there is "
			"nothing to restore");
}

static enum outcome require_target(struct provider_call *call,
				   const struct resource *from,
				   const struct resource *target)
{
	if (strcmp(from->addon, target->addon) != 0
	    || strcmp(from->marketplace, target->marketplace) != 0)
		return provider_fail(call, OUTCOME_INVALID,
				     "the new resource belongs to another "
				     "add-on: have the customer create one of "
				     "this add-on");
	if (target->state == RESOURCE_PROVISIONED)
		return OUTCOME_OK;
	return provider_fail(
		call, OUTCOME_INVALID,
		target->state == RESOURCE_SUSPENDED
			? "the new resource is suspended: resume it first"
			: "the new resource is not provisioned: have the "
			  "customer create one");
}

static enum outcome get_both(const struct restore *restore,
			     struct resource *from, struct resource *target,
			     bool *found)
{
	enum outcome outcome =
		resource_get(restore->provider->db, restore->call->arena,
			     restore->from, from, found);

	if (outcome == OUTCOME_OK && *found)
		outcome = resource_get(restore->provider->db,
				       restore->call->arena, restore->id,
				       target, found);
	return outcome;
}

static enum outcome attempt_restore(void *use_case,
				    enum provider_progress *progress)
{
	const struct restore *restore = use_case;
	struct provider_call *call = restore->call;
	const struct resource_actor actor = provider_actor(call);
	struct resource from, target;
	bool found, done = false;
	enum outcome outcome = get_both(restore, &from, &target, &found);

	if (outcome == OUTCOME_OK && !found)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		outcome = require_kept(call, &from);
	if (outcome == OUTCOME_OK)
		outcome = require_target(call, &from, &target);
	if (outcome == OUTCOME_OK)
		outcome = resource_restore_begin(restore->provider->db,
						 call->arena, &from, &target,
						 &actor, &done);
	*progress = done ? PROVIDER_DONE : PROVIDER_BUSY;
	return outcome;
}

enum outcome provider_restore(struct provider *provider,
			      struct provider_call *call, const char *from,
			      const char *id)
{
	struct restore restore = { provider, call, from, id };
	const char *remedy;

	if (!call->addon->is_valid)
		return provider_fail(call, OUTCOME_UNAVAILABLE,
				     "its add-on has no valid home: provisor "
				     "addons list says why");
	if (!listener_can_restore(call->addon, call->arena, &remedy))
		return provider_fail(call, OUTCOME_INVALID, remedy);
	return provider_try(call, attempt_restore, &restore,
			    "the listener has something to do for one of them: "
			    "provisor jobs list --resource shows what");
}
