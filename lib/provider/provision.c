/*
 * provision.c - creates a resource once, however often it is requested.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/crypto/secret.h"
#include "lib/jobs/job_run.h"
#include "lib/metrics/seen_resources.h"
#include "lib/provider/missing_homes.h"
#include "lib/provider/unanswered.h"
#include "lib/store/grant.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

struct provision {
	struct provider *provider;
	struct provider_call *call;
	const struct provision_request *request;
	struct dialect_response *response;
	bool is_sold;       /* a new resource can have the plan */
	const char *unsold; /* why not: a sentence for the customer */
	bool has_taken_id;  /* a resource of another add-on has its id */
	bool is_created;    /* an earlier attempt or request has created it, or
			       seems to have */
};

/* ---- responses ---- */

/* The config is not known yet.  message is the listener's, or NULL. */
static enum outcome respond_promised(struct provision *provision,
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

/* Once the resource is created, its message is that of the end. */
static enum outcome respond_promised_again(struct provision *provision,
					   const struct resource *resource)
{
	return respond_promised(provision, resource->provider_id,
				resource->config ? NULL : resource->message);
}

static void log_provisioned(const struct provision *provision,
			    const struct resource *resource)
{
	provider_write_log(provision->provider, provision->call->arena,
			   provision->call->addon, resource, "provisioned");
}

/* Carry out the claimed job of a resource. */
static enum outcome run_provision(struct provision *provision,
				  const struct resource *resource,
				  const struct job *job)
{
	enum outcome outcome =
		provider_carry_out(provision->provider, provision->call,
				   resource, job, provision->response);

	if (outcome == OUTCOME_ACCEPTED)
		return respond_promised(provision, provision->response->id,
					provision->response->message);
	if (outcome == OUTCOME_OK)
		log_provisioned(provision, resource);
	return outcome;
}

/* ---- the first request ---- */

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
	outcome = provider_note_unanswered(
		provision->provider, provision->call,
		store_resource(provision, &resource, NULL, NULL, created),
		"provisioned", NULL);
	if (outcome != OUTCOME_OK || !*created)
		return outcome;
	*provision->response = listener_response(&answer);
	provision->response->id = resource.provider_id;
	log_provisioned(provision, &resource);
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
	enum outcome outcome;

	resource.state = RESOURCE_PROVISIONING;
	resource.is_promised =
		addon->provisions_later && job_run_can_call(addon, &resource);
	outcome = store_resource(provision, &resource,
				 resource.is_promised ? NULL : &claim, &job,
				 created);
	if (outcome != OUTCOME_OK || !*created)
		return outcome;
	return resource.is_promised
		? respond_promised(provision, resource.provider_id, NULL)
		: run_provision(provision, &resource, &job);
}

static enum outcome create_resource(struct provision *provision, bool *created)
{
	const struct resource resource = describe_resource(provision);

	return listener_takes_time(provision->call->addon)
		? create_with_job(provision, resource, created)
		: create_at_once(provision, resource, created);
}

/* ---- a repeated request ---- */

/* A repeated request may bring a newer grant.  grant_renew() decides which of
 * the two is newer; a code that is stored already needs no statement. */
static enum outcome renew_grant(const struct provision *provision,
				const struct resource *resource)
{
	const struct provision_request *request = provision->request;
	const struct grant_place place = { provision->provider->db,
					   provision->provider->keys,
					   provision->call->arena,
					   resource_identity(resource) };
	const char *stored;

	if (!request->grant_code || resource->has_used_grant)
		return OUTCOME_OK;
	stored = resource_secrets_open_text(
		provision->provider->keys, provision->call->arena,
		resource_identity(resource), RESOURCE_SECRET_GRANT_CODE,
		resource->grant_code);
	if (secret_equal(stored, request->grant_code))
		return OUTCOME_OK;
	return grant_renew(&place, request->grant_code,
			   request->grant_expires_at,
			   provision->call->addon->client_secret != NULL);
}

/* Claim the provision job if no other process has it.  An abandoned resource
 * gets a new one. */
static enum outcome claim_provision(const struct provision *provision,
				    const struct resource *resource,
				    struct job *job, bool *claimed)
{
	struct db *db = provision->provider->db;
	struct arena *arena = provision->call->arena;
	const struct resource_actor actor = provider_actor(provision->call);
	const struct job_claim claim =
		provider_claim(provision->provider, provision->call);

	if (resource->state == RESOURCE_ABANDONED)
		return resource_resume(db, arena, resource->id, &claim, &actor,
				       job, claimed);
	return job_claim_for_resource(db, arena, resource->id, JOB_PROVISION,
				      NULL, &claim, job, claimed);
}

static enum outcome continue_provision(struct provision *provision,
				       const struct resource *resource,
				       enum provider_progress *progress)
{
	struct resource now;
	struct job job;
	bool claimed;
	enum outcome outcome;

	provision->call->is_repeat = false;
	outcome = claim_provision(provision, resource, &job, &claimed);
	if (outcome == OUTCOME_OK && claimed)
		outcome = resource_get(provision->provider->db,
				       provision->call->arena, resource->id,
				       &now, &claimed);
	if (outcome != OUTCOME_OK)
		return outcome;
	*progress = claimed ? PROVIDER_DONE : PROVIDER_BUSY;
	return claimed ? run_provision(provision, &now, &job) : OUTCOME_OK;
}

/* The resource is provisioned, or will be.  A repeated response has the present
 * values. */
static enum outcome respond_again(struct provision *provision,
				  const struct resource *resource,
				  enum provider_progress *progress)
{
	enum outcome outcome;

	if (resource->state == RESOURCE_PROVISIONING && resource->is_promised)
		return respond_promised_again(provision, resource);
	if (!resource_is_provisioned(resource))
		return continue_provision(provision, resource, progress);
	outcome = provider_stored_response(provision->provider, provision->call,
					   resource, resource->message,
					   provision->response);
	provision->response->id = resource->provider_id;
	return outcome;
}

static enum outcome repeat_provision(struct provision *provision,
				     const struct resource *resource,
				     enum provider_progress *progress)
{
	struct provider_call *call = provision->call;
	enum outcome outcome;

	call->is_repeat = true;
	*progress = PROVIDER_DONE;
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (!resource->request_digest
	    || strcmp(resource->request_digest, provision->request->digest)
		    != 0)
		return provider_fail(
			call, OUTCOME_INVALID,
			"This resource was first requested with another plan, "
			"region or options.");
	if (resource->state == RESOURCE_REFUSED)
		return provider_fail(call, OUTCOME_INVALID, resource->message);
	outcome = renew_grant(provision, resource);
	return outcome == OUTCOME_OK
		? respond_again(provision, resource, progress)
		: outcome;
}

/* ---- either ---- */

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

/* Create the resource, unless that is not to be tried. */
static enum outcome try_to_create(struct provision *provision, bool *tried,
				  bool *created)
{
	enum outcome outcome;

	*tried = provision->is_sold && !provision->is_created;
	*created = false;
	if (!*tried)
		return OUTCOME_OK;
	outcome = create_resource(provision, created);
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
		return repeat_provision(provision, &resource, progress);
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
