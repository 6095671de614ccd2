/*
 * deprovision.c - deprovisions a resource, whatever else is under way.
 */
#include "lib/provider/call.h"

#include "lib/addon/addon.h"
#include "lib/base/crash_point.h"
#include "lib/store/resource_deprovision.h"

struct deprovisioning {
	struct provider *provider;
	struct provider_call *call;
	const char *id;    /* the marketplace's */
	bool has_taken_id; /* a resource of another add-on has it */
};

/* Store a tombstone, so that a late provision does not create the resource. */
static enum outcome store_tombstone(const struct deprovisioning *d, bool *done)
{
	const struct resource_actor actor = provider_actor(d->call);
	struct resource resource = { 0 };

	provider_choose_ids(d->call, &resource, d->id, d->has_taken_id);
	return resource_create_tombstone(
		d->provider->db, d->call->arena, &resource,
		listener_takes_time(d->call->addon), &actor, done);
}

static enum outcome deprovision_resource(struct provider *provider,
					 struct provider_call *call,
					 const char *id)
{
	const struct resource_actor actor = provider_actor(call);
	const struct resource_removal removal = {
		.id = id,
		.frees_key = call->addon->dialect->key_returns,
		.cleans_up = listener_takes_time(call->addon),
	};
	bool done = false;
	enum outcome outcome = resource_deprovision(provider->db, call->arena,
						    &removal, &actor, &done);

	crash_point("deprovision", "marked");
	return outcome == OUTCOME_OK && !done ? OUTCOME_GONE : outcome;
}

enum outcome provider_deprovision_id(struct provider *provider,
				     struct provider_call *call, const char *id)
{
	return call->addon->is_valid ? deprovision_resource(provider, call, id)
				     : OUTCOME_UNAVAILABLE;
}

static enum outcome attempt_deprovision(void *use_case,
					enum provider_progress *progress)
{
	struct deprovisioning *d = use_case;
	const struct dialect *dialect = d->call->addon->dialect;
	struct resource resource;
	bool found, done = false;
	enum outcome outcome =
		provider_find(d->provider, d->call, d->id,
			      dialect->path_has_key, &resource, &found);

	*progress = PROVIDER_DONE;
	if (outcome != OUTCOME_OK)
		return outcome;
	d->call->is_repeat = found && resource_is_gone(&resource);
	if (d->call->is_repeat)
		return OUTCOME_GONE;
	if (found)
		return deprovision_resource(d->provider, d->call, resource.id);
	if (!dialect->buries_unseen)
		return OUTCOME_NOT_FOUND;
	outcome = store_tombstone(d, &done);
	d->has_taken_id = true;
	*progress = PROVIDER_RACED;
	return outcome == OUTCOME_OK && done ? OUTCOME_GONE : outcome;
}

enum outcome provider_deprovision(struct provider *provider,
				  struct provider_call *call, const char *id)
{
	struct deprovisioning d = { provider, call, id, false };

	return provider_try(call, attempt_deprovision, &d, NULL);
}
