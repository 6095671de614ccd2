#include "lib/provider/suspension.h"

#include "lib/addon/addon.h"
#include "lib/base/log.h"
#include "lib/provider/call.h"
#include "lib/store/suspension.h"

/* Unless a job resumes it already. */
static void log_left_suspended(const struct resource *resource,
			       const char *marketplace)
{
	if (resource->state == RESOURCE_SUSPENDED && !resource->has_job)
		log_warning("%s resumes %s, which stays suspended, because an "
			    "operator has suspended it: provisor resources "
			    "resume ends that",
			    marketplace, resource->id);
}

/* A marketplace, whose call has no actor, ends only its own suspensions. */
static enum outcome
change_resource_suspension(struct provider *provider,
			   struct provider_call *call, const char *id,
			   const char *reason, bool begins,
			   enum provider_suspension_effect *effect)
{
	const struct resource_actor actor = provider_actor(call);
	const struct suspension suspension = {
		.id = id,
		.reason = reason,
		.begins = begins,
		.has_job = listener_takes_time(call->addon),
		.begun_by = call->actor ? NULL : actor.name,
	};
	struct resource resource;
	bool found, done = false;
	enum outcome outcome;

	if (!call->addon->is_valid)
		return provider_fail(call, OUTCOME_UNAVAILABLE,
				     "its add-on has no valid home: provisor "
				     "addons list says why");
	outcome =
		resource_get(provider->db, call->arena, id, &resource, &found);
	if (outcome == OUTCOME_OK && !found)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		outcome = provider_require_provisioned(call, &resource);
	if (outcome == OUTCOME_OK)
		outcome = suspension_change(provider->db, call->arena,
					    &suspension, &actor, &done);
	*effect = suspension.has_job ? PROVIDER_SUSPENSION_BEGUN
				     : PROVIDER_SUSPENSION_DONE;
	if (!done)
		*effect = PROVIDER_SUSPENSION_UNCHANGED;
	if (outcome == OUTCOME_OK && !done && !begins && suspension.begun_by)
		log_left_suspended(&resource, suspension.begun_by);
	return outcome;
}

enum outcome provider_suspend(struct provider *provider,
			      struct provider_call *call, const char *id,
			      const char *reason,
			      enum provider_suspension_effect *effect)
{
	return change_resource_suspension(provider, call, id, reason, true,
					  effect);
}

enum outcome provider_resume(struct provider *provider,
			     struct provider_call *call, const char *id,
			     const char *reason,
			     enum provider_suspension_effect *effect)
{
	return change_resource_suspension(provider, call, id, reason, false,
					  effect);
}

/* A customer may read the reason. */
static enum outcome require_suspendable(struct provider_call *call,
					const struct resource *resource)
{
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	return resource_is_provisioned(resource)
		? OUTCOME_OK
		: provider_fail(call, OUTCOME_INVALID,
				"The resource is not provisioned.");
}

enum outcome provider_suspend_for_marketplace(struct provider *provider,
					      struct provider_call *call,
					      const char *id, bool begins)
{
	const bool is_key = call->addon->dialect->path_has_key;
	enum provider_suspension_effect effect = PROVIDER_SUSPENSION_UNCHANGED;
	struct resource resource;
	bool found;
	enum outcome outcome =
		provider_find(provider, call, id, is_key, &resource, &found);

	if (outcome == OUTCOME_OK && !found) {
		outcome = provider_refuse_unknown(provider, call, id, is_key);
		return outcome == OUTCOME_OK ? OUTCOME_NOT_FOUND : outcome;
	}
	if (outcome == OUTCOME_OK)
		outcome = require_suspendable(call, &resource);
	if (outcome == OUTCOME_OK)
		outcome = change_resource_suspension(
			provider, call, resource.id, NULL, begins, &effect);
	call->is_repeat = outcome == OUTCOME_OK
		&& effect == PROVIDER_SUSPENSION_UNCHANGED;
	return outcome;
}
