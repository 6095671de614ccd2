#include "lib/provider.h"

#include <string.h>

#include "lib/addon.h"
#include "lib/addons.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/db.h"
#include "lib/grant.h"
#include "lib/json.h"
#include "lib/listener_template.h"
#include "lib/log.h"
#include "lib/resource.h"
#include "lib/secret.h"

/* ---- what all use cases need ---- */

static enum outcome fail(struct provider_call *call, enum outcome outcome,
			 const char *complaint)
{
	call->complaint = complaint;
	return outcome;
}

/* An add-on whose home is broken, or whose listener this release lacks. */
static enum outcome require_listener(struct provider_call *call)
{
	if (call->addon->template)
		return OUTCOME_OK;
	log_error("%s: only template.json is served by this release",
		  call->addon->home);
	return OUTCOME_UNAVAILABLE;
}

/* Whoever loses a race looks again: each time somebody else has won. */
static bool has_time(const struct provider_call *call)
{
	return clock_now() < call->deadline;
}

static struct resource_actor actor_of(const struct provider_call *call)
{
	return (struct resource_actor){
		.name = call->actor ? call->actor
				    : call->addon->dialect->marketplace,
		.request_id = call->request_id,
	};
}

static enum outcome find(struct provider *provider, struct provider_call *call,
			 const char *id, bool is_key, struct resource *resource,
			 bool *found)
{
	enum outcome outcome = resource_find(
		provider->db, call->arena, call->addon->dialect->marketplace,
		call->addon->id, id, is_key, resource, found);

	if (outcome == OUTCOME_OK && *found)
		call->resource_id = resource->id;
	return outcome;
}

/*
 * The ids of a new resource.  The marketplace's uuid is ours too, unless it
 * already is that of a resource of another add-on.
 */
static void choose_ids(struct provider_call *call, struct resource *resource,
		       const char *key, bool is_taken)
{
	char *id = arena_alloc(call->arena, UUID_LENGTH + 1);

	if (!key || is_taken || !uuid_read(key, id))
		uuid_random(id);
	resource->id = resource->provider_id = id;
	resource->marketplace = call->addon->dialect->marketplace;
	resource->addon = call->addon->id;
	resource->marketplace_id = key;
	call->resource_id = id;
}

/* ---- config: what the listener made, sealed ---- */

static struct secret_place place_of(enum secret_purpose purpose,
				    const char *table, const char *id,
				    const char *column)
{
	return (struct secret_place){ purpose, table, id, column };
}

static const char *seal_config(struct provider *provider,
			       struct provider_call *call, const char *id,
			       const struct listener_template_result *result)
{
	struct json *kept = json_object(call->arena);

	json_put(kept, "config", result->config);
	json_put(kept, "secret", result->secrets);
	return secret_seal(provider->keys, call->arena,
			   place_of(SECRET_CONFIG, "resources", id, "config"),
			   json_print(call->arena, kept));
}

/* NULL when it does not open; that has been logged. */
static const struct json *open_kept(const struct secret_keys *keys,
				    struct arena *arena, const char *id,
				    const char *sealed)
{
	const char *why = "it has none";
	const char *text = NULL;
	const struct json *kept = NULL;

	if (sealed) {
		text = secret_open(
			keys, arena,
			place_of(SECRET_CONFIG, "resources", id, "config"),
			sealed);
		if (!text)
			return NULL;
		kept = json_parse(arena, text, strlen(text), &why);
	}
	if (!kept)
		log_error("resources.config of %s cannot be used: %s", id, why);
	return kept;
}

static const struct json *open_config(struct provider *provider,
				      struct provider_call *call,
				      const struct resource *resource)
{
	return open_kept(provider->keys, call->arena, resource->id,
			 resource->config);
}

const struct json *provider_open_config(const struct secret_keys *keys,
					struct arena *arena, const char *id,
					const char *sealed)
{
	return json_member(open_kept(keys, arena, id, sealed), "config");
}

static struct secret_place drain_of(const char *id)
{
	return place_of(SECRET_LOG_DRAIN, "resources", id, "log_drain_url");
}

/* The answer that stands in the database, but for the id. */
static enum outcome answer_kept(struct provider *provider,
				struct provider_call *call,
				const struct resource *resource,
				const char *message,
				struct dialect_answer *answer)
{
	const struct json *kept = open_config(provider, call, resource);
	const char *drain = resource->log_drain_url;

	if (drain)
		drain = secret_open(provider->keys, call->arena,
				    drain_of(resource->id), drain);
	if (!kept || (resource->log_drain_url && !drain))
		return OUTCOME_UNAVAILABLE;
	*answer = (struct dialect_answer){
		.config = json_member(kept, "config"),
		.message = message,
		.log_drain_url = drain,
	};
	return OUTCOME_OK;
}

/* ---- provision ---- */

/* What of the request is secret. */
static void seal_wanted(struct provider *provider, struct provider_call *call,
			const struct provision *wanted,
			struct resource *resource)
{
	const struct secret_place log_input = place_of(
		SECRET_LOG_INPUT, "resources", resource->id, "log_input_url");
	const struct secret_place code =
		place_of(SECRET_GRANT, "grants", resource->id, "code");

	resource->log_input_url = secret_seal(provider->keys, call->arena,
					      log_input, wanted->log_input_url);
	resource->grant_code = secret_seal(provider->keys, call->arena, code,
					   wanted->grant_code);
}

/* What the listener makes of it, under the ids it has. */
static struct listener_template_result
render_new(struct provider *provider, struct provider_call *call,
	   const struct provision *wanted, struct resource *resource)
{
	const struct listener_template_values values = {
		.id = resource->provider_id,
		.plan = wanted->plan,
		.region = wanted->region,
		.name = wanted->name,
		.options = wanted->options,
	};
	struct listener_template_result result = listener_template_render(
		call->addon->template, call->arena, &values);

	resource->config = seal_config(provider, call, resource->id, &result);
	resource->message = result.message;
	resource->log_drain_url =
		secret_seal(provider->keys, call->arena, drain_of(resource->id),
			    result.log_drain_url);
	return result;
}

static enum outcome create(struct provider *provider,
			   struct provider_call *call,
			   const struct provision *wanted, bool is_taken,
			   struct dialect_answer *answer, bool *made)
{
	const struct resource_actor actor = actor_of(call);
	struct resource resource = {
		.asked = wanted->asked,
		.name = wanted->name,
		.plan = wanted->plan,
		.region = wanted->region,
		.options = json_print(call->arena, wanted->options),
		.owner = wanted->owner ? json_print(call->arena, wanted->owner)
				       : NULL,
		.callback_url = wanted->callback_url,
		.log_drain_token = wanted->log_drain_token,
		.grant_expires_at = wanted->grant_expires_at,
	};
	struct listener_template_result result;

	choose_ids(call, &resource, wanted->key, is_taken);
	seal_wanted(provider, call, wanted, &resource);
	result = render_new(provider, call, wanted, &resource);
	*answer = (struct dialect_answer){
		.id = resource.provider_id,
		.config = result.config,
		.message = result.message,
		.log_drain_url = result.log_drain_url,
	};
	return resource_create(provider->db, call->arena, &resource, &actor,
			       made);
}

/* A repeat may bring a newer grant.  Another code is worth a statement; which
 * of the two is newer, that decides. */
static enum outcome renew_grant(struct provider *provider,
				struct provider_call *call,
				const struct provision *wanted,
				const struct resource *resource)
{
	const struct secret_place place =
		place_of(SECRET_GRANT, "grants", resource->id, "code");
	const char *kept = NULL;

	if (!wanted->grant_code || resource->has_used_grant)
		return OUTCOME_OK;
	if (resource->grant_code)
		kept = secret_open(provider->keys, call->arena, place,
				   resource->grant_code);
	if (secret_equal(kept, wanted->grant_code))
		return OUTCOME_OK;
	return grant_renew(provider->db, call->arena, resource->id,
			   secret_seal(provider->keys, call->arena, place,
				       wanted->grant_code),
			   wanted->grant_expires_at);
}

/* It was asked for before: answer as then, with what holds now. */
static enum outcome repeat(struct provider *provider,
			   struct provider_call *call,
			   const struct provision *wanted,
			   const struct resource *resource,
			   struct dialect_answer *answer)
{
	enum outcome outcome;

	call->is_repeat = true;
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (!resource->asked || strcmp(resource->asked, wanted->asked) != 0)
		return fail(call, OUTCOME_INVALID,
			    "This resource was first asked for with another "
			    "plan, region or options.");
	if (resource->state == RESOURCE_REFUSED)
		return fail(call, OUTCOME_INVALID, resource->message);
	if (resource->state != RESOURCE_PROVISIONED)
		return OUTCOME_UNAVAILABLE;
	outcome = renew_grant(provider, call, wanted, resource);
	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = answer_kept(provider, call, resource, resource->message,
			      answer);
	answer->id = resource->provider_id;
	return outcome;
}

/*
 * The id under which an earlier try may have made it: the marketplace's, or
 * where that has none, the one this very request chose before its connection
 * broke.
 */
static enum outcome find_made(struct provider *provider,
			      struct provider_call *call,
			      const struct provision *wanted,
			      struct resource *resource, bool *found)
{
	const char *id = wanted->key ? wanted->key : call->resource_id;

	*found = false;
	if (!id)
		return OUTCOME_OK;
	return find(provider, call, id, wanted->key != NULL, resource, found);
}

enum outcome provider_provision(struct provider *provider,
				struct provider_call *call,
				const struct provision *wanted,
				struct dialect_answer *answer)
{
	enum outcome outcome = require_listener(call);
	const char *complaint = NULL;
	/* A plan that is no longer sold is still a good repeat. */
	bool is_sold =
		addon_allows_plan(call->addon, NULL, wanted->plan, &complaint);
	bool is_taken = false;

	while (outcome == OUTCOME_OK && has_time(call)) {
		struct resource resource;
		bool made = false, found;

		if (is_sold)
			outcome = create(provider, call, wanted, is_taken,
					 answer, &made);
		if (outcome != OUTCOME_OK || made)
			return outcome;
		outcome = find_made(provider, call, wanted, &resource, &found);
		if (outcome != OUTCOME_OK)
			return outcome;
		if (found)
			return repeat(provider, call, wanted, &resource,
				      answer);
		if (!is_sold)
			return fail(call, OUTCOME_INVALID, complaint);
		is_taken = true;
	}
	return outcome == OUTCOME_OK ? OUTCOME_UNAVAILABLE : outcome;
}

/* ---- change plan ---- */

static const struct json *read_options(struct provider_call *call,
				       const struct resource *resource)
{
	const char *why;

	return resource->options ? json_parse(call->arena, resource->options,
					      strlen(resource->options), &why)
				 : NULL;
}

static enum outcome change_plan(struct provider *provider,
				struct provider_call *call,
				const struct resource *resource,
				const char *plan, struct dialect_answer *answer,
				bool *done)
{
	const struct resource_actor actor = actor_of(call);
	const struct json *kept = open_config(provider, call, resource);
	const struct listener_template_values values = {
		.id = resource->provider_id,
		.plan = plan,
		.region = resource->region,
		.name = resource->name,
		.options = read_options(call, resource),
		.secrets = json_member(kept, "secret"),
	};
	struct resource changed = *resource;
	struct listener_template_result result;

	if (!kept)
		return OUTCOME_UNAVAILABLE;
	result = listener_template_render(call->addon->template, call->arena,
					  &values);
	changed.plan = plan;
	changed.config = seal_config(provider, call, resource->id, &result);
	changed.plan_message = result.plan_message;
	changed.log_drain_url =
		secret_seal(provider->keys, call->arena, drain_of(resource->id),
			    result.log_drain_url);
	*answer = (struct dialect_answer){
		.config = result.config,
		.message = result.plan_message,
		.log_drain_url = result.log_drain_url,
	};
	return resource_change_plan(provider->db, call->arena, &changed, &actor,
				    done);
}

/* May the plan be changed in the state the resource is in? */
static enum outcome require_changeable(struct provider_call *call,
				       const struct resource *resource)
{
	if (resource_is_gone(resource))
		return OUTCOME_GONE;
	if (resource->state == RESOURCE_PROVISIONED)
		return OUTCOME_OK;
	return fail(call, OUTCOME_INVALID,
		    resource->state == RESOURCE_PROVISIONING
			    ? "The resource is still being provisioned; its "
			      "plan can be changed once it is ready."
			    : "The resource was not provisioned, so its plan "
			      "cannot be changed.");
}

enum outcome provider_change_plan(struct provider *provider,
				  struct provider_call *call, const char *id,
				  const char *plan,
				  struct dialect_answer *answer)
{
	enum outcome outcome = require_listener(call);
	bool done = false;

	while (outcome == OUTCOME_OK && has_time(call)) {
		struct resource resource;
		bool found;

		outcome = find(provider, call, id,
			       call->addon->dialect->path_has_key, &resource,
			       &found);
		if (outcome == OUTCOME_OK && !found)
			return OUTCOME_NOT_FOUND;
		if (outcome == OUTCOME_OK)
			outcome = require_changeable(call, &resource);
		if (outcome != OUTCOME_OK)
			return outcome;
		if (strcmp(resource.plan, plan) == 0) {
			call->is_repeat = true;
			return answer_kept(provider, call, &resource,
					   resource.plan_message, answer);
		}
		if (!addon_allows_plan(call->addon, resource.plan, plan,
				       &call->complaint))
			return OUTCOME_INVALID;
		outcome = change_plan(provider, call, &resource, plan, answer,
				      &done);
		if (done)
			return outcome;
	}
	return outcome == OUTCOME_OK ? OUTCOME_UNAVAILABLE : outcome;
}

/* ---- deprovision ---- */

/* Keep a provision that is still under way from making it after all. */
static enum outcome bury(struct provider *provider, struct provider_call *call,
			 const char *key, bool is_taken, bool *made)
{
	const struct resource_actor actor = actor_of(call);
	struct resource resource = { 0 };

	choose_ids(call, &resource, key, is_taken);
	return resource_bury(provider->db, call->arena, &resource, &actor,
			     made);
}

/* It wins over whatever else is under way. */
static enum outcome let_go(struct provider *provider,
			   struct provider_call *call, const char *id)
{
	const struct resource_actor actor = actor_of(call);
	bool done = false;
	enum outcome outcome = resource_deprovision(
		provider->db, call->arena, id,
		call->addon->dialect->key_returns, &actor, &done);

	return outcome == OUTCOME_OK && !done ? OUTCOME_GONE : outcome;
}

enum outcome provider_remove(struct provider *provider,
			     struct provider_call *call, const char *id)
{
	enum outcome outcome = require_listener(call);

	return outcome == OUTCOME_OK ? let_go(provider, call, id) : outcome;
}

enum outcome provider_deprovision(struct provider *provider,
				  struct provider_call *call, const char *id)
{
	const struct dialect *dialect = call->addon->dialect;
	enum outcome outcome = require_listener(call);
	bool is_taken = false;

	while (outcome == OUTCOME_OK && has_time(call)) {
		struct resource resource;
		bool found, done = false;

		outcome = find(provider, call, id, dialect->path_has_key,
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
