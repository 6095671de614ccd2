/*
 * provision.c - creates a resource once, however often it is requested.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/store/grant.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

struct provisioning {
	struct provider *provider;
	struct provider_call *call;
	const struct provision_request *request;
	struct dialect_response *response;
	bool is_sold;       /* a new resource can have the plan */
	const char *unsold; /* why not: a sentence for the customer */
	bool has_taken_id;  /* a resource of another add-on has its id */
	bool is_created;    /* an earlier attempt or request has created it */
};

/* ---- responses ---- */

/* The config is not known yet. */
static enum outcome respond_promised(struct provisioning *p,
				     const struct resource *resource)
{
	*p->response = (struct dialect_response){
		.id = resource->provider_id,
		.message = "It is being made ready.",
	};
	return OUTCOME_ACCEPTED;
}

static void respond_provisioned(struct provisioning *p,
				const struct resource *resource)
{
	p->response->id = resource->provider_id;
	provider_write_log(p->provider, p->call->arena, p->call->addon,
			   resource, "provisioned");
}

/* Carry out the claimed job of a resource. */
static enum outcome run_provision(struct provisioning *p,
				  const struct resource *resource,
				  const struct job *job)
{
	enum outcome outcome = provider_carry_out(p->provider, p->call,
						  resource, job, p->response);

	if (outcome == OUTCOME_ACCEPTED)
		return respond_promised(p, resource);
	if (outcome == OUTCOME_OK)
		respond_provisioned(p, resource);
	return outcome;
}

/* ---- the first request ---- */

static bool has_live_code(const struct provision_request *request)
{
	return request->grant_code
		&& (request->grant_expires_at == 0
		    || request->grant_expires_at * 1000 > clock_wall());
}

static const char *seal_text(const struct provisioning *p, const char *id,
			     enum resource_secret which, const char *text)
{
	return resource_secrets_seal_text(p->provider->keys, p->call->arena, id,
					  which, text);
}

/* Return the resource that the request describes, with its ids. */
static struct resource describe_resource(const struct provisioning *p)
{
	const struct provision_request *request = p->request;
	struct arena *arena = p->call->arena;
	struct resource resource = {
		.request_digest = request->digest,
		.name = request->name,
		.plan = request->plan,
		.region = request->region,
		.options = json_print(arena, request->options),
		.owner = request->owner ? json_print(arena, request->owner)
					: NULL,
		.callback_url = request->callback_url,
		.log_drain_token = request->log_drain_token,
		.grant_expires_at = request->grant_expires_at,
		.has_live_grant = has_live_code(request),
		.exchanges_grant = p->call->addon->client_secret != NULL,
	};

	provider_choose_ids(p->call, &resource, request->key, p->has_taken_id);
	resource.log_input_url =
		seal_text(p, resource.id, RESOURCE_SECRET_LOG_INPUT,
			  request->log_input_url);
	resource.grant_code =
		seal_text(p, resource.id, RESOURCE_SECRET_GRANT_CODE,
			  request->grant_code);
	return resource;
}

static enum outcome store_resource(struct provisioning *p,
				   const struct resource *resource,
				   const struct job_claim *claim,
				   struct job *job, bool *created)
{
	const struct resource_actor actor = provider_actor(p->call);

	return resource_create(p->provider->db, p->call->arena, resource, claim,
			       &actor, job, created);
}

static enum outcome create_at_once(struct provisioning *p,
				   struct resource resource, bool *created)
{
	const struct listener_answer answer =
		provider_ask_at_once(p->provider, p->call, LISTENER_PROVISION,
				     &resource, resource.plan);
	enum outcome outcome;

	resource = listener_seal(p->provider->keys, p->call->arena, &resource,
				 &answer);
	resource.state = RESOURCE_PROVISIONED;
	outcome = store_resource(p, &resource, NULL, NULL, created);
	if (outcome != OUTCOME_OK || !*created)
		return outcome;
	*p->response = listener_response(&answer);
	respond_provisioned(p, &resource);
	return OUTCOME_OK;
}

static bool is_promised_at_once(const struct addon *addon,
				const struct resource *resource)
{
	return addon->provisions_later && addon_may_call(addon)
		&& resource->has_live_grant;
}

/* Call the listener, or leave that to provisor-jobs. */
static enum outcome create_with_job(struct provisioning *p,
				    struct resource resource, bool *created)
{
	const struct job_claim claim = provider_claim(p->provider, p->call);
	struct job job;
	enum outcome outcome;

	resource.state = RESOURCE_PROVISIONING;
	resource.is_promised = is_promised_at_once(p->call->addon, &resource);
	outcome = store_resource(p, &resource,
				 resource.is_promised ? NULL : &claim, &job,
				 created);
	if (outcome != OUTCOME_OK || !*created)
		return outcome;
	return resource.is_promised ? respond_promised(p, &resource)
				    : run_provision(p, &resource, &job);
}

static enum outcome create_resource(struct provisioning *p, bool *created)
{
	const struct resource resource = describe_resource(p);

	return listener_takes_time(p->call->addon)
		? create_with_job(p, resource, created)
		: create_at_once(p, resource, created);
}

/* ---- a repeated request ---- */

/* A repeated request may bring a newer grant.  grant_renew() decides which of
 * the two is newer; a code that is stored already needs no statement. */
static enum outcome renew_grant(const struct provisioning *p,
				const struct resource *resource)
{
	const struct provision_request *request = p->request;
	const struct grant_place place = { p->provider->db, p->provider->keys,
					   p->call->arena, resource->id };
	const char *stored;

	if (!request->grant_code || resource->has_used_grant)
		return OUTCOME_OK;
	stored = resource_secrets_open_text(
		p->provider->keys, p->call->arena, resource->id,
		RESOURCE_SECRET_GRANT_CODE, resource->grant_code);
	if (digest_equal(stored, request->grant_code))
		return OUTCOME_OK;
	return grant_renew(&place, request->grant_code,
			   request->grant_expires_at,
			   p->call->addon->client_secret != NULL);
}

/* Claim the provision job if no other process has it.  An abandoned resource
 * gets a new one. */
static enum outcome claim_provision(const struct provisioning *p,
				    const struct resource *resource,
				    struct job *job, bool *claimed)
{
	struct db *db = p->provider->db;
	struct arena *arena = p->call->arena;
	const struct resource_actor actor = provider_actor(p->call);
	const struct job_claim claim = provider_claim(p->provider, p->call);

	if (resource->state == RESOURCE_ABANDONED)
		return resource_resume(db, arena, resource->id, &claim, &actor,
				       job, claimed);
	return job_claim_for_resource(db, arena, resource->id, JOB_PROVISION,
				      NULL, &claim, job, claimed);
}

static enum outcome continue_provision(struct provisioning *p,
				       const struct resource *resource,
				       enum provider_progress *progress)
{
	struct resource now;
	struct job job;
	bool claimed;
	enum outcome outcome;

	p->call->is_repeat = false;
	outcome = claim_provision(p, resource, &job, &claimed);
	if (outcome == OUTCOME_OK && claimed)
		outcome = resource_get(p->provider->db, p->call->arena,
				       resource->id, &now, &claimed);
	if (outcome != OUTCOME_OK)
		return outcome;
	*progress = claimed ? PROVIDER_DONE : PROVIDER_BUSY;
	return claimed ? run_provision(p, &now, &job) : OUTCOME_OK;
}

/* The resource is provisioned, or will be.  A repeated response has the values
 * of today. */
static enum outcome respond_again(struct provisioning *p,
				  const struct resource *resource,
				  enum provider_progress *progress)
{
	enum outcome outcome;

	if (resource->state == RESOURCE_PROVISIONING && resource->is_promised)
		return respond_promised(p, resource);
	if (resource->state != RESOURCE_PROVISIONED)
		return continue_provision(p, resource, progress);
	outcome = provider_stored_response(p->provider, p->call, resource,
					   resource->message, p->response);
	p->response->id = resource->provider_id;
	return outcome;
}

static enum outcome repeat_provision(struct provisioning *p,
				     const struct resource *resource,
				     enum provider_progress *progress)
{
	struct provider_call *call = p->call;
	enum outcome outcome;

	call->is_repeat = true;
	*progress = PROVIDER_DONE;
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (!resource->request_digest
	    || strcmp(resource->request_digest, p->request->digest) != 0)
		return provider_fail(
			call, OUTCOME_INVALID,
			"This resource was first asked for with another plan, "
			"region or options.");
	if (resource->state == RESOURCE_REFUSED)
		return provider_fail(call, OUTCOME_INVALID, resource->message);
	outcome = renew_grant(p, resource);
	return outcome == OUTCOME_OK ? respond_again(p, resource, progress)
				     : outcome;
}

/* ---- either ---- */

/* Find the resource by the marketplace's id or, if the dialect has none, by the
 * id that an earlier attempt of this call chose before its connection broke. */
static enum outcome find_created(struct provisioning *p,
				 struct resource *resource, bool *found)
{
	const char *key = p->request->key;
	const char *id = key ? key : p->call->resource_id;

	*found = false;
	if (!id)
		return OUTCOME_OK;
	return provider_find(p->provider, p->call, id, key != NULL, resource,
			     found);
}

static enum outcome attempt_provision(void *use_case,
				      enum provider_progress *progress)
{
	struct provisioning *p = use_case;
	struct resource resource;
	bool created = false;
	enum outcome outcome = OUTCOME_OK;

	if (p->is_sold && !p->is_created)
		outcome = create_resource(p, &created);
	*progress = created ? PROVIDER_DONE : PROVIDER_RACED;
	if (outcome != OUTCOME_OK || created)
		return outcome;
	outcome = find_created(p, &resource, &p->is_created);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (p->is_created)
		return repeat_provision(p, &resource, progress);
	if (!p->is_sold)
		return provider_fail(p->call, OUTCOME_INVALID, p->unsold);
	p->has_taken_id = true;
	return OUTCOME_OK;
}

enum outcome provider_provision(struct provider *provider,
				struct provider_call *call,
				const struct provision_request *request,
				struct dialect_response *response)
{
	struct provisioning p = {
		.provider = provider,
		.call = call,
		.request = request,
		.response = response,
	};

	/* A repeated request may be for a plan that is no longer sold. */
	p.is_sold =
		addon_allows_plan(call->addon, NULL, request->plan, &p.unsold);
	return provider_try(call, attempt_provision, &p,
			    "The resource is being made ready. Please try "
			    "again in a moment.");
}
