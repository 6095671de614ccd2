/*
 * deprovision.c - deprovisions a resource, even if other work is under way.
 */
#include "lib/provider/call.h"

#include "lib/addon/addon.h"
#include "lib/base/crash_point.h"
#include "lib/store/resource_deprovision.h"
#include "lib/text/uuid.h"

struct deprovision {
	struct provider *provider;
	struct provider_call *call;
	const char *id;    /* the marketplace's */
	bool has_taken_id; /* a resource of another add-on has it */
};

/* Store a tombstone, so that a late provision does not create the resource. */
static enum outcome store_tombstone(const struct deprovision *deprovision,
				    bool *done)
{
	const struct resource_actor actor = provider_actor(deprovision->call);
	struct resource resource = { 0 };

	provider_choose_ids(deprovision->call, &resource, deprovision->id,
			    deprovision->has_taken_id);
	return resource_create_tombstone(
		deprovision->provider->db, deprovision->call->arena, &resource,
		listener_takes_time(deprovision->call->addon), &actor, done);
}

/* A provision request may still arrive for an id that the marketplace could
 * have chosen. */
static bool may_be_unseen(const struct deprovision *deprovision)
{
	char uuid[UUID_LENGTH + 1];

	return deprovision->call->addon->dialect->buries_unseen
		&& uuid_read(deprovision->id, uuid);
}

/* A resource that a move is to create has the content of another one. */
static enum outcome explain_unchanged(struct provider *provider,
				      struct provider_call *call,
				      const char *id)
{
	struct resource resource;
	bool found;
	enum outcome outcome =
		resource_get(provider->db, call->arena, id, &resource, &found);

	if (outcome != OUTCOME_OK || !found
	    || resource.state != RESOURCE_PROVISIONING)
		return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
	return provider_fail(call, OUTCOME_INVALID,
			     "another resource is being moved into it: "
			     "provisor jobs list --resource shows the job, "
			     "which can be cancelled");
}

/* If keep is not 0, a provisioned resource can be restored for that many ms. */
static enum outcome deprovision_resource(struct provider *provider,
					 struct provider_call *call,
					 const char *id, int64_t keep)
{
	const struct resource_actor actor = provider_actor(call);
	const struct resource_removal removal = {
		.id = id,
		.frees_key = call->addon->dialect->key_returns,
		.cleans_up = listener_takes_time(call->addon),
		.keep = keep,
	};
	bool done = false;
	enum outcome outcome = resource_deprovision(provider->db, call->arena,
						    &removal, &actor, &done);

	crash_point("deprovision", "marked");
	return outcome == OUTCOME_OK && !done
		? explain_unchanged(provider, call, id)
		: outcome;
}

enum outcome provider_deprovision_id(struct provider *provider,
				     struct provider_call *call, const char *id,
				     bool is_kept)
{
	return call->addon->is_valid ? deprovision_resource(
		       provider, call, id, is_kept ? call->addon->keep : 0)
				     : OUTCOME_UNAVAILABLE;
}

static enum outcome attempt_deprovision(void *use_case,
					enum provider_progress *progress)
{
	struct deprovision *deprovision = use_case;
	const struct dialect *dialect = deprovision->call->addon->dialect;
	struct resource resource;
	bool found, done = false;
	enum outcome outcome = provider_find(
		deprovision->provider, deprovision->call, deprovision->id,
		dialect->path_has_key, &resource, &found);

	*progress = PROVIDER_DONE;
	if (outcome != OUTCOME_OK)
		return outcome;
	deprovision->call->is_repeat = found && resource_is_gone(&resource);
	if (deprovision->call->is_repeat)
		return OUTCOME_GONE;
	if (found)
		return deprovision_resource(deprovision->provider,
					    deprovision->call, resource.id,
					    deprovision->call->addon->keep);
	outcome = provider_refuse_unknown(deprovision->provider,
					  deprovision->call, deprovision->id,
					  dialect->path_has_key);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!may_be_unseen(deprovision))
		return OUTCOME_NOT_FOUND;
	outcome = store_tombstone(deprovision, &done);
	deprovision->has_taken_id = true;
	*progress = PROVIDER_RACED;
	return outcome == OUTCOME_OK && done ? OUTCOME_GONE : outcome;
}

enum outcome provider_deprovision(struct provider *provider,
				  struct provider_call *call, const char *id)
{
	struct deprovision deprovision = { provider, call, id, false };

	return provider_try(call, attempt_deprovision, &deprovision, NULL);
}
