/*
 * provision.c - creates a resource once, however often it is requested.
 */
#include "lib/provider/provision.h"

#include "lib/addon/addon.h"
#include "lib/metrics/seen_resources.h"
#include "lib/provider/missing_homes.h"

/* ---- responses ---- */

enum outcome provision_respond_promised(struct provision *provision,
					const char *id, const char *message)
{
	const char *usual = provision->call->addon->pending_message;

	if (!message)
		message = usual ? usual : "The resource is being provisioned.";
	*provision->response = (struct dialect_response){
		.id = id,
		.message = message,
	};
	return OUTCOME_ACCEPTED;
}

enum outcome provision_run_job(struct provision *provision,
			       const struct resource *resource,
			       const struct job *job)
{
	enum outcome outcome =
		provider_carry_out(provision->provider, provision->call,
				   resource, job, provision->response);

	if (outcome == OUTCOME_ACCEPTED)
		return provision_respond_promised(provision,
						  provision->response->id,
						  provision->response->message);
	return outcome;
}

/* ---- an attempt ---- */

/* Find the resource by the marketplace's id or, if the dialect has none, by our
 * id that an earlier attempt of this call chose before its connection broke. */
static enum outcome find_created(struct provision *provision,
				 struct resource *resource, bool *found)
{
	struct provider_call *call = provision->call;
	const char *key = provision->request->key;

	*found = false;
	if (key)
		return provider_find(provision->provider, call, key, true,
				     resource, found);
	return call->resource_id
		? resource_get(provision->provider->db, call->arena,
			       call->resource_id, resource, found)
		: OUTCOME_OK;
}

/* A create that finds its resource costs as much as one that does not, so it is
 * not tried if this host has seen the resource. */
static bool seems_created(const struct provision *provision)
{
	const struct addon *addon = provision->call->addon;

	return provision->request->key
		&& seen_resource_has(addon->dialect->marketplace, addon->id,
				     provision->request->key);
}

static void note_created(const struct provision *provision)
{
	const struct addon *addon = provision->call->addon;

	if (provision->request->key)
		seen_resource_add(addon->dialect->marketplace, addon->id,
				  provision->request->key);
}

/* Create the resource, if its plan is sold and it does not seem to exist. */
static enum outcome try_to_create(struct provision *provision, bool *tried,
				  bool *created)
{
	enum outcome outcome;

	*tried = provision->is_sold && !provision->is_created;
	*created = false;
	if (!*tried)
		return OUTCOME_OK;
	outcome = provision_create(provision, created);
	if (*created)
		note_created(provision);
	return outcome;
}

static enum outcome attempt_provision(void *use_case,
				      enum provider_progress *progress)
{
	struct provision *provision = use_case;
	struct resource resource;
	bool tried, created;
	enum outcome outcome = try_to_create(provision, &tried, &created);

	*progress = created ? PROVIDER_DONE : PROVIDER_RACED;
	if (outcome != OUTCOME_OK || created)
		return outcome;
	outcome = find_created(provision, &resource, &provision->is_created);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (provision->is_created) {
		note_created(provision);
		return provision_repeat(provision, &resource, progress);
	}
	if (!provision->is_sold)
		return provider_fail(provision->call, OUTCOME_INVALID,
				     provision->unsold);
	if (!tried)
		return OUTCOME_OK; /* it only seemed to be created */
	provision->has_taken_id = true;
	return provision->request->key
		? provider_refuse_renamed(provision->provider, provision->call,
					  provision->request->key, true)
		: OUTCOME_OK;
}

enum outcome provider_provision(struct provider *provider,
				struct provider_call *call,
				const struct provision_request *request,
				struct dialect_response *response)
{
	struct provision provision = {
		.provider = provider,
		.call = call,
		.request = request,
		.response = response,
	};

	provision.is_created = seems_created(&provision);
	/* A repeated request may be for a plan that is no longer sold. */
	provision.is_sold = addon_allows_plan(call->addon, NULL, request->plan,
					      &provision.unsold);
	return provider_try(call, attempt_provision, &provision,
			    "The resource is being provisioned. Please try "
			    "again in a moment.");
}
