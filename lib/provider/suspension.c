#include "lib/provider/suspension.h"

#include "lib/addon/addon.h"
#include "lib/provider/call.h"
#include "lib/store/suspension.h"

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
