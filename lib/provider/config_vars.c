/*
 * config_vars.c - changes config vars of a resource on behalf of an operator.
 */
#include "lib/provider/call.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/jobs/job_run.h"
#include "lib/listener/answer_rules.h"
#include "lib/store/resource_config.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

struct config_change {
	struct provider *provider;
	struct provider_call *call;
	const char *id;             /* ours */
	const struct json *changes; /* NULL: a rotation */
	int overlap;
	bool replaces_unreadable;
	enum provider_config_effect *effect;
};

/* ---- what is allowed ---- */

static enum outcome require_valid_var(struct provider_call *call,
				      const struct json *var)
{
	const char *name = json_name(var);
	const char *wrong =
		answer_rules_config_name(call->addon, call->arena, name);

	if (!wrong && json_text(var))
		wrong = answer_rules_config_value(name, json_text(var));
	if (!wrong)
		return OUTCOME_OK;
	return provider_fail(call, OUTCOME_INVALID,
			     arena_printf(call->arena, "%s: %s", name, wrong));
}

static enum outcome require_valid_change(const struct config_change *change)
{
	struct provider_call *call = change->call;
	const struct json *var = json_first(change->changes);
	enum outcome outcome = OUTCOME_OK;
	const char *remedy;

	if (!call->addon->is_valid)
		return provider_fail(call, OUTCOME_UNAVAILABLE,
				     "its add-on has no valid home: provisor "
				     "addons list says why");
	if (!change->changes
	    && !listener_can_rotate(call->addon, call->arena, &remedy))
		return provider_fail(call, OUTCOME_INVALID, remedy);
	for (; var && outcome == OUTCOME_OK; var = json_next(var))
		outcome = require_valid_var(call, var);
	return outcome;
}

/* ---- values that no key opens ---- */

static bool is_unreadable(const struct config_change *change,
			  const struct resource *resource,
			  enum resource_secret which, const char *sealed)
{
	return sealed
		&& !resource_secrets_open_text(
			change->provider->keys, change->call->arena,
			resource_identity(resource), which, sealed);
}

/* Return whether there are any. */
static bool find_unreadable(const struct config_change *change,
			    const struct resource *resource,
			    struct resource_sealed *unreadable)
{
	struct resource_secrets secrets;

	*unreadable = (struct resource_sealed){
		.config = !resource_secrets_open(change->provider->keys,
						 change->call->arena,
						 resource_identity(resource),
						 resource->config, &secrets),
		.log_drain_url = is_unreadable(change, resource,
					       RESOURCE_SECRET_LOG_DRAIN,
					       resource->log_drain_url),
		.log_input_url = is_unreadable(change, resource,
					       RESOURCE_SECRET_LOG_INPUT,
					       resource->log_input_url),
		.options =
			is_unreadable(change, resource, RESOURCE_SECRET_OPTIONS,
				      resource->options),
		.logplex_token = is_unreadable(change, resource,
					       RESOURCE_SECRET_LOGPLEX_TOKEN,
					       resource->logplex_token),
	};
	return unreadable->config || unreadable->log_drain_url
		|| unreadable->log_input_url || unreadable->options
		|| unreadable->logplex_token;
}

/* Erase them, or refuse the change.  If they were erased, set *is_erased: the
 * resource must be read again. */
static enum outcome handle_unreadable(struct config_change *change,
				      const struct resource *resource,
				      bool *is_erased)
{
	const struct resource_actor actor = provider_actor(change->call);
	struct resource_sealed unreadable;

	if (!find_unreadable(change, resource, &unreadable))
		return OUTCOME_OK;
	if (change->replaces_unreadable)
		return resource_config_forget(change->provider->db,
					      change->call->arena, resource,
					      &unreadable, &actor, is_erased);
	*change->effect = PROVIDER_CONFIG_UNREADABLE;
	return provider_fail(
		change->call, OUTCOME_UNAVAILABLE,
		"its config or options cannot be opened: restore the key that "
		"sealed them to the keys file, or, if that key is lost, add "
		"--replace-unreadable");
}

/* ---- storing ---- */

/* event is the name of the change, and after is its description: JSON without
 * values. */
static enum outcome store_config(struct config_change *change,
				 const struct resource *resource,
				 const struct resource_secrets *secrets,
				 const char *event, const char *after,
				 bool *done)
{
	struct provider *provider = change->provider;
	struct arena *arena = change->call->arena;
	const struct resource_actor actor = provider_actor(change->call);
	bool is_pushed = job_run_can_call(change->call->addon, resource);
	struct resource changed = *resource;
	const struct resource_config_change stored = {
		.resource = &changed,
		.event = event,
		.after = after,
		.is_pushed = is_pushed,
	};

	changed.config = resource_secrets_seal(
		provider->keys, arena, resource_identity(resource), secrets);
	*change->effect =
		is_pushed ? PROVIDER_CONFIG_PUSHED : PROVIDER_CONFIG_NOT_PUSHED;
	return resource_config_change(provider->db, arena, &stored, &actor,
				      done);
}

/* ---- setting ---- */

/* A change is a string, or null for a name to unset. */
static bool is_unchanged(const struct json *old, const struct json *new)
{
	if (!old || !json_text(new))
		return !old && !json_text(new);
	return strcmp(json_text(old), json_text(new)) == 0;
}

/* Return config with the changes, and set *names to their description for the
 * event.  Return NULL if nothing changes. */
static const struct json *merge_changes(const struct config_change *change,
					const struct json *config,
					const char **names)
{
	struct arena *arena = change->call->arena;
	struct json *merged = json_object(arena);
	struct json *changed = json_object(arena);
	const struct json *old = json_first(config);
	const struct json *new = json_first(change->changes);

	for (; old; old = json_next(old))
		if (!json_member(change->changes, json_name(old)))
			json_put(merged, json_name(old), old);
	for (; new; new = json_next(new)) {
		const char *name = json_name(new);
		const char *value = json_text(new);

		json_put_text(merged, name, value);
		if (!is_unchanged(json_member(config, name), new))
			json_put_text(changed, name, value ? "set" : "unset");
	}
	*names = json_print(arena, changed);
	return json_count(changed) > 0 ? merged : NULL;
}

static enum outcome set_config(struct config_change *change,
			       const struct resource *resource, bool *done)
{
	const char *names;
	struct resource_secrets secrets;

	if (!resource_secrets_open(change->provider->keys, change->call->arena,
				   resource_identity(resource),
				   resource->config, &secrets))
		return OUTCOME_UNAVAILABLE;
	secrets.config = merge_changes(change, secrets.config, &names);
	if (secrets.config)
		return store_config(change, resource, &secrets, "config-set",
				    names, done);
	*change->effect = PROVIDER_CONFIG_UNCHANGED;
	*done = true;
	return OUTCOME_OK;
}

/* ---- rotating ---- */

/* The log drain stays: a marketplace reads it only from the response to a plan
 * change. */
static enum outcome rotate_at_once(struct config_change *change,
				   const struct resource *resource, bool *done)
{
	struct listener_answer answer;
	enum outcome outcome = provider_ask_at_once(
		change->provider, change->call, LISTENER_ROTATE, resource,
		resource->plan, &answer);

	if (outcome != OUTCOME_OK)
		return outcome;
	return store_config(change, resource, &answer.stored, "config-rotated",
			    NULL, done);
}

static enum outcome rotate_with_job(struct config_change *change,
				    const struct resource *resource, bool *done)
{
	const struct resource_actor actor = provider_actor(change->call);

	*change->effect = PROVIDER_CONFIG_ROTATING;
	return resource_config_begin_rotation(change->provider->db,
					      change->call->arena, resource,
					      change->overlap, &actor, done);
}

/* ---- either ---- */

static enum outcome change_config(struct config_change *change,
				  const struct resource *resource, bool *done)
{
	if (change->changes)
		return set_config(change, resource, done);
	return listener_takes_time(change->call->addon)
		? rotate_with_job(change, resource, done)
		: rotate_at_once(change, resource, done);
}

static enum outcome attempt_config_change(void *use_case,
					  enum provider_progress *progress)
{
	struct config_change *change = use_case;
	struct resource resource = { 0 };
	bool found, done = false, is_erased = false;
	enum outcome outcome =
		resource_get(change->provider->db, change->call->arena,
			     change->id, &resource, &found);

	if (outcome == OUTCOME_OK && !found)
		return OUTCOME_NOT_FOUND;
	if (outcome == OUTCOME_OK)
		outcome = provider_require_provisioned(change->call, &resource);
	if (outcome == OUTCOME_OK)
		outcome = handle_unreadable(change, &resource, &is_erased);
	if (outcome == OUTCOME_OK && !is_erased)
		outcome = change_config(change, &resource, &done);
	if (done)
		*progress = PROVIDER_DONE;
	else
		*progress = resource.has_job ? PROVIDER_BUSY : PROVIDER_RACED;
	return outcome;
}

static enum outcome change_config_vars(struct config_change *change)
{
	enum outcome outcome = require_valid_change(change);

	if (outcome != OUTCOME_OK)
		return outcome;
	return provider_try(change->call, attempt_config_change, change,
			    "its listener has something to do for it: provisor "
			    "jobs list --resource shows what");
}

enum outcome provider_set_config(struct provider *provider,
				 struct provider_call *call, const char *id,
				 const struct json *changes,
				 bool replaces_unreadable,
				 enum provider_config_effect *effect)
{
	struct config_change change = {
		.provider = provider,
		.call = call,
		.id = id,
		.changes = changes,
		.replaces_unreadable = replaces_unreadable,
		.effect = effect,
	};

	return change_config_vars(&change);
}

enum outcome provider_rotate(struct provider *provider,
			     struct provider_call *call, const char *id,
			     int overlap, bool replaces_unreadable,
			     enum provider_config_effect *effect)
{
	struct config_change change = {
		.provider = provider,
		.call = call,
		.id = id,
		.overlap = overlap,
		.replaces_unreadable = replaces_unreadable,
		.effect = effect,
	};

	return change_config_vars(&change);
}
