/*
 * deprovision.c - lets a resource go, whatever else is under way.
 */
#include "lib/provider/internal.h"

#include "lib/addon/addon.h"
#include "lib/base/crash_point.h"
#include "lib/store/resource_deprovision.h"
#include "lib/listener/listener.h"

/* Keep a provision that is still under way from making it after all. */
static enum outcome bury(struct provider *provider, struct provider_call *call,
			 const char *key, bool is_taken, bool *made)
{
	const struct resource_actor actor = provider_actor(call);
	struct resource resource = { 0 };

	provider_choose_ids(call, &resource, key, is_taken);
	return resource_bury(provider->db, call->arena, &resource,
			     listener_takes_time(call->addon), &actor, made);
}

static enum outcome let_go(struct provider *provider,
			   struct provider_call *call, const char *id)
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

enum outcome provider_remove(struct provider *provider,
			     struct provider_call *call, const char *id)
{
	return call->addon->is_valid ? let_go(provider, call, id)
				     : OUTCOME_UNAVAILABLE;
}

enum outcome provider_deprovision(struct provider *provider,
				  struct provider_call *call, const char *id)
{
	const struct dialect *dialect = call->addon->dialect;
	enum outcome outcome = OUTCOME_OK;
	bool is_taken = false;

	while (outcome == OUTCOME_OK && call->addon->is_valid
	       && provider_has_time(call)) {
		struct resource resource;
		bool found, done = false;

		outcome =
			provider_find(provider, call, id, dialect->path_has_key,
				      &resource, &found);
		if (outcome != OUTCOME_OK)
			return outcome;
		if (found) {
			call->is_repeat = resource_is_gone(&resource);
			return call->is_repeat
				? OUTCOME_GONE
				: let_go(provider, call, resource.id);
		}
		if (!dialect->buries_unseen)
			return OUTCOME_NOT_FOUND;
		outcome = bury(provider, call, id, is_taken, &done);
		if (outcome == OUTCOME_OK && done)
			return OUTCOME_GONE;
		is_taken = true;
	}
	return outcome == OUTCOME_OK ? OUTCOME_UNAVAILABLE : outcome;
}
