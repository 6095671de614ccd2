/*
 * provision_create.c - creates the resource that a request describes.
 */
#include "lib/provider/provision.h"

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/jobs/job_run.h"
#include "lib/provider/unanswered.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

static bool has_live_code(const struct provision_request *request)
{
	return request->grant_code
		&& (request->grant_expires_at == 0
		    || request->grant_expires_at * 1000 > clock_wall());
}

static const char *seal_text(const struct provision *provision,
			     const struct resource *resource,
			     enum resource_secret which, const char *text)
{
	return resource_secrets_seal_text(
		provision->provider->keys, provision->call->arena,
		resource_identity(resource), which, text);
}

/* Most customers choose no options. */
static const char *seal_options(const struct provision *provision,
				const struct resource *resource)
{
	const struct json *options = provision->request->options;

	if (json_count(options) == 0)
		return NULL;
	return seal_text(provision, resource, RESOURCE_SECRET_OPTIONS,
			 json_print(provision->call->arena, options));
}

/* Return the resource that the request describes, with its ids. */
static struct resource describe_resource(const struct provision *provision)
{
	const struct provision_request *request = provision->request;
	struct arena *arena = provision->call->arena;
	struct resource resource = {
		.request_digest = request->digest,
		.name = request->name,
		.plan = request->plan,
		.region = request->region,
		.owner = request->owner ? json_print(arena, request->owner)
					: NULL,
		.callback_url = request->callback_url,
		.log_drain_token = request->log_drain_token,
		.grant_expires_at = request->grant_expires_at,
		.has_live_grant = has_live_code(request),
		.exchanges_grant =
			provision->call->addon->client_secret != NULL,
	};

	provider_choose_ids(provision->call, &resource, request->key,
			    provision->has_taken_id);
	resource.options = seal_options(provision, &resource);
	resource.log_input_url =
		seal_text(provision, &resource, RESOURCE_SECRET_LOG_INPUT,
			  request->log_input_url);
	resource.logplex_token =
		seal_text(provision, &resource, RESOURCE_SECRET_LOGPLEX_TOKEN,
			  request->logplex_token);
	resource.grant_code =
		seal_text(provision, &resource, RESOURCE_SECRET_GRANT_CODE,
			  request->grant_code);
	return resource;
}

static enum outcome store_resource(struct provision *provision,
				   const struct resource *resource,
				   const struct job_claim *claim,
				   struct job *job, bool *created)
{
	const struct resource_actor actor = provider_actor(provision->call);

	return resource_create(provision->provider->db, provision->call->arena,
			       resource, claim, &actor, job, created);
}

static enum outcome create_at_once(struct provision *provision,
				   struct resource resource, bool *created)
{
	struct listener_answer answer;
	enum outcome outcome = provider_ask_at_once(
		provision->provider, provision->call, LISTENER_PROVISION,
		&resource, resource.plan, &answer);

	*created = false;
	if (outcome != OUTCOME_OK)
		return outcome;
	resource = listener_seal(provision->provider->keys,
				 provision->call->arena, &resource, &answer);
	resource.state = RESOURCE_PROVISIONED;
	resource.log_line = job_run_log_line(provision->call->addon, &resource,
					     "provisioned");
	outcome = provider_note_unanswered(
		provision->provider, provision->call,
		store_resource(provision, &resource, NULL, NULL, created),
		"provisioned", NULL);
	if (outcome != OUTCOME_OK || !*created)
		return outcome;
	*provision->response = listener_response(&answer);
	provision->response->id = resource.provider_id;
	return OUTCOME_OK;
}

/* Call the listener, or leave that to provisor-jobs. */
static enum outcome create_with_job(struct provision *provision,
				    struct resource resource, bool *created)
{
	const struct addon *addon = provision->call->addon;
	const struct job_claim claim =
		provider_claim(provision->provider, provision->call);
	struct job job;
	enum outcome outcome = OUTCOME_OK;

	*created = false;
	resource.state = RESOURCE_PROVISIONING;
	resource.is_promised = addon->provisions_later
		&& job_run_can_promise(addon, &resource);
	if (!resource.is_promised)
		outcome = provider_take_place(provision->provider,
					      provision->call);
	if (outcome == OUTCOME_OK)
		outcome = store_resource(provision, &resource,
					 resource.is_promised ? NULL : &claim,
					 &job, created);
	if (outcome != OUTCOME_OK || !*created)
		return outcome;
	return resource.is_promised
		? provision_respond_promised(provision, resource.provider_id,
					     NULL)
		: provision_run_job(provision, &resource, &job);
}

enum outcome provision_create(struct provision *provision, bool *created)
{
	const struct resource resource = describe_resource(provision);

	return listener_takes_time(provision->call->addon)
		? create_with_job(provision, resource, created)
		: create_at_once(provision, resource, created);
}
