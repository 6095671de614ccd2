/*
 * provision_repeat.c - responds to a request whose resource exists.
 */
#include "lib/provider/provision.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/crypto/secret.h"
#include "lib/store/grant.h"
#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"

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
	bool claimed = false;
	enum outcome outcome =
		provider_take_place(provision->provider, provision->call);

	provision->call->is_repeat = false;
	if (outcome == OUTCOME_OK)
		outcome = claim_provision(provision, resource, &job, &claimed);
	if (outcome == OUTCOME_OK && claimed)
		outcome = resource_get(provision->provider->db,
				       provision->call->arena, resource->id,
				       &now, &claimed);
	if (outcome != OUTCOME_OK)
		return outcome;
	*progress = claimed ? PROVIDER_DONE : PROVIDER_BUSY;
	return claimed ? provision_run_job(provision, &now, &job) : OUTCOME_OK;
}

/* Once the resource is created, its message is that of the end. */
static enum outcome respond_promised_again(struct provision *provision,
					   const struct resource *resource)
{
	return provision_respond_promised(provision, resource->provider_id,
					  resource->config ? NULL
							   : resource->message);
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
	if (resource->state == RESOURCE_PROVISIONING
	    || resource->state == RESOURCE_ABANDONED)
		return continue_provision(provision, resource, progress);
	outcome = provider_stored_response(provision->provider, provision->call,
					   resource, resource->message,
					   provision->response);
	provision->response->id = resource->provider_id;
	return outcome;
}

/* The first request of a resource that the marketplace had and we had lost is
 * not known. */
static bool is_other_request(const struct resource *resource,
			     const struct provision_request *request)
{
	return resource->request_digest
		&& strcmp(resource->request_digest, request->digest) != 0;
}

enum outcome provision_repeat(struct provision *provision,
			      const struct resource *resource,
			      enum provider_progress *progress)
{
	struct provider_call *call = provision->call;
	enum outcome outcome;

	call->is_repeat = true;
	*progress = PROVIDER_DONE;
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (is_other_request(resource, provision->request))
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
