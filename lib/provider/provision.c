/*
 * provision.c - makes a resource once, however often it is asked for.
 */
#include "lib/provider/internal.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/store/grant.h"
#include "lib/store/job.h"
#include "lib/text/json.h"
#include "lib/store/resource_secrets.h"
#include "lib/crypto/digest.h"
#include "lib/listener/listener.h"

/* ---- the first time ---- */

static struct resource resource_of(const struct provider_call *call,
				   const struct provision_request *wanted)
{
	return (struct resource){
		.asked = wanted->digest,
		.name = wanted->name,
		.plan = wanted->plan,
		.region = wanted->region,
		.options = json_print(call->arena, wanted->options),
		.owner = wanted->owner ? json_print(call->arena, wanted->owner)
				       : NULL,
		.callback_url = wanted->callback_url,
		.log_drain_token = wanted->log_drain_token,
		.grant_expires_at = wanted->grant_expires_at,
		.exchanges_grant = call->addon->client_secret != NULL,
	};
}

/* What of the request is secret. */
static void seal_wanted(const struct sealing_keys *keys, struct arena *arena,
			const struct provision_request *wanted,
			struct resource *resource)
{
	resource->log_input_url = resource_secrets_seal_text(
		keys, arena, resource->id, RESOURCE_SECRET_LOG_INPUT,
		wanted->log_input_url);
	resource->grant_code = resource_secrets_seal_text(
		keys, arena, resource->id, RESOURCE_SECRET_GRANT_CODE,
		wanted->grant_code);
}

/* What a listener that takes no time makes of it, under the ids it has. */
static void render(struct provider *provider, struct provider_call *call,
		   struct resource *resource, struct dialect_response *told)
{
	const struct listener_call question = {
		.addon = call->addon,
		.resource = resource,
		.action = LISTENER_PROVISION,
		.plan = resource->plan,
	};
	const struct listener_answer answer =
		listener_ask(provider->keys, call->arena, &question);

	*resource =
		listener_seal(provider->keys, call->arena, resource, &answer);
	*told = listener_response(&answer);
	told->id = resource->provider_id;
}

/* The config is not known yet. */
static enum outcome tell_promise(const struct resource *resource,
				 struct dialect_response *answer)
{
	*answer = (struct dialect_response){
		.id = resource->provider_id,
		.message = "It is being made ready.",
	};
	return OUTCOME_ACCEPTED;
}

/* May the marketplace be told to wait?  Only who can tell it the end. */
static bool may_promise(const struct provider_call *call, bool has_live_grant)
{
	return has_live_grant && addon_may_call(call->addon);
}

static bool has_live_code(const struct provision_request *wanted)
{
	return wanted->grant_code
		&& (wanted->grant_expires_at == 0
		    || wanted->grant_expires_at * 1000 > clock_wall());
}

static enum outcome carry_out(struct provider *provider,
			      struct provider_call *call,
			      const struct resource *resource,
			      const struct job *job, bool has_live_grant,
			      struct dialect_response *answer)
{
	enum outcome outcome =
		provider_fulfil(provider, call, resource, job,
				may_promise(call, has_live_grant), answer);

	if (outcome == OUTCOME_ACCEPTED)
		return tell_promise(resource, answer);
	if (outcome == OUTCOME_OK)
		provider_tell(provider, call->arena, call->addon, resource,
			      "provisioned");
	answer->id = resource->provider_id;
	return outcome;
}

static enum outcome create(struct provider *provider,
			   struct provider_call *call,
			   const struct provision_request *wanted,
			   bool is_taken, struct dialect_response *answer,
			   bool *made)
{
	const struct resource_actor actor = provider_actor(call);
	bool takes_time = listener_takes_time(call->addon);
	struct resource resource = resource_of(call, wanted);
	struct job_claim claim;
	bool is_promised = takes_time && call->addon->provisions_later
		&& may_promise(call, has_live_code(wanted));
	struct job job;
	enum outcome outcome;

	provider_choose_ids(call, &resource, wanted->key, is_taken);
	seal_wanted(provider->keys, call->arena, wanted, &resource);
	resource.is_promised = is_promised;
	resource.state =
		takes_time ? RESOURCE_PROVISIONING : RESOURCE_PROVISIONED;
	if (takes_time)
		claim = provider_claim(provider, call);
	else
		render(provider, call, &resource, answer);
	outcome = resource_create(provider->db, call->arena, &resource,
				  takes_time && !is_promised ? &claim : NULL,
				  &actor, &job, made);
	if (outcome == OUTCOME_OK && *made && is_promised)
		return tell_promise(&resource, answer);
	if (outcome == OUTCOME_OK && *made && !takes_time)
		provider_tell(provider, call->arena, call->addon, &resource,
			      "provisioned");
	if (outcome != OUTCOME_OK || !*made || !takes_time)
		return outcome;
	return carry_out(provider, call, &resource, &job, has_live_code(wanted),
			 answer);
}

/* ---- again ---- */

/* A repeat may bring a newer grant.  Another code is worth a statement; which
 * of the two is newer, that decides. */
static enum outcome renew_grant(struct provider *provider,
				struct provider_call *call,
				const struct provision_request *wanted,
				const struct resource *resource)
{
	const struct grant_keeper keeper = { provider->db, provider->keys,
					     call->arena, resource->id };
	const char *kept;

	if (!wanted->grant_code || resource->has_used_grant)
		return OUTCOME_OK;
	kept = resource_secrets_open_text(
		provider->keys, call->arena, resource->id,
		RESOURCE_SECRET_GRANT_CODE, resource->grant_code);
	if (digest_equal(kept, wanted->grant_code))
		return OUTCOME_OK;
	return grant_renew(&keeper, wanted->grant_code,
			   wanted->grant_expires_at,
			   call->addon->client_secret != NULL);
}

/* Nobody is at it any more: go on with what is there.  *found is false while
 * somebody is. */
static enum outcome take_up(struct provider *provider,
			    struct provider_call *call,
			    const struct resource *resource,
			    struct dialect_response *answer, bool *found)
{
	const struct resource_actor actor = provider_actor(call);
	const struct job_claim claim = provider_claim(provider, call);
	struct resource now;
	struct job job;
	enum outcome outcome;

	if (resource->state == RESOURCE_ABANDONED)
		outcome =
			resource_resume(provider->db, call->arena, resource->id,
					&claim, &actor, &job, found);
	else
		outcome =
			job_claim_of(provider->db, call->arena, resource->id,
				     JOB_PROVISION, NULL, &claim, &job, found);
	if (outcome == OUTCOME_OK && *found)
		outcome = resource_get(provider->db, call->arena, resource->id,
				       &now, found);
	if (outcome != OUTCOME_OK || !*found)
		return outcome;
	return carry_out(provider, call, &now, &job, now.has_live_grant,
			 answer);
}

/* It was asked for before, and is there or will be: answer as then, with what
 * holds now.  *done is false when it is to be looked at again. */
static enum outcome go_on(struct provider *provider, struct provider_call *call,
			  const struct resource *resource,
			  struct dialect_response *answer, bool *done)
{
	if (resource->state == RESOURCE_PROVISIONED)
		return provider_answer_kept(provider, call, resource,
					    resource->message, answer);
	if (resource->state == RESOURCE_PROVISIONING && resource->is_promised)
		return tell_promise(resource, answer);
	call->is_repeat = false;
	return take_up(provider, call, resource, answer, done);
}

static enum outcome repeat(struct provider *provider,
			   struct provider_call *call,
			   const struct provision_request *wanted,
			   const struct resource *resource,
			   struct dialect_response *answer, bool *done)
{
	enum outcome outcome;

	call->is_repeat = *done = true;
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (!resource->asked || strcmp(resource->asked, wanted->digest) != 0)
		return provider_fail(
			call, OUTCOME_INVALID,
			"This resource was first asked for with another plan, "
			"region or options.");
	if (resource->state == RESOURCE_REFUSED)
		return provider_fail(call, OUTCOME_INVALID, resource->message);
	outcome = renew_grant(provider, call, wanted, resource);
	return outcome == OUTCOME_OK
		? go_on(provider, call, resource, answer, done)
		: outcome;
}

/*
 * The id under which an earlier try may have made it: the marketplace's, or
 * where that has none, the one this very request chose before its connection
 * broke.
 */
static enum outcome find_made(struct provider *provider,
			      struct provider_call *call,
			      const struct provision_request *wanted,
			      struct resource *resource, bool *found)
{
	const char *id = wanted->key ? wanted->key : call->resource_id;

	*found = false;
	if (!id)
		return OUTCOME_OK;
	return provider_find(provider, call, id, wanted->key != NULL, resource,
			     found);
}

enum outcome provider_provision(struct provider *provider,
				struct provider_call *call,
				const struct provision_request *wanted,
				struct dialect_response *answer)
{
	const char *complaint = NULL;
	/* A plan that is no longer sold is still a good repeat. */
	bool is_sold =
		addon_allows_plan(call->addon, NULL, wanted->plan, &complaint);
	bool is_taken = false, is_known = false;
	int64_t waited = 0;

	while (call->addon->is_valid && provider_has_time(call)) {
		enum outcome outcome = OUTCOME_OK;
		struct resource resource;
		bool done = false, found;

		if (is_sold && !is_known)
			outcome = create(provider, call, wanted, is_taken,
					 answer, &done);
		if (outcome != OUTCOME_OK || done)
			return outcome;
		outcome = find_made(provider, call, wanted, &resource, &found);
		if (outcome == OUTCOME_OK && found)
			outcome = repeat(provider, call, wanted, &resource,
					 answer, &done);
		if (outcome != OUTCOME_OK || done)
			return outcome;
		if (!found && !is_sold)
			return provider_fail(call, OUTCOME_INVALID, complaint);
		if (found && !provider_wait(call, &waited))
			break;
		is_known = found;
		is_taken = !found;
	}
	if (is_known)
		call->complaint = "The resource is being made ready. Please "
				  "try again in a moment.";
	return OUTCOME_UNAVAILABLE;
}
