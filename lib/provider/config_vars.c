/*
 * config_vars.c - gives a resource other config vars, as its operator says.
 */
#include "lib/provider/internal.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/store/resource_secrets.h"
#include "lib/store/resource_config.h"
#include "lib/listener/answer_rules.h"
#include "lib/listener/listener.h"

struct revising {
	struct provider *provider;
	struct provider_call *call;
	const struct json *changes; /* NULL: rotate */
	int overlap;
	enum provider_news news;
	bool done; /* else it is to be looked at again */
};

/* ---- may it be? ---- */

static enum outcome require_proper(struct provider_call *call,
				   const struct json *change)
{
	const char *name = json_name(change);
	const char *wrong =
		answer_rules_config_name(call->addon, call->arena, name);

	if (!wrong && json_text(change))
		wrong = answer_rules_config_value(json_text(change));
	if (!wrong)
		return OUTCOME_OK;
	return provider_fail(call, OUTCOME_INVALID,
			     arena_printf(call->arena, "%s: %s", name, wrong));
}

static enum outcome require_sense(const struct revising *r)
{
	struct provider_call *call = r->call;
	const struct json *change = json_first(r->changes);
	enum outcome outcome = OUTCOME_OK;
	const char *remedy;

	if (!call->addon->is_valid)
		return provider_fail(call, OUTCOME_UNAVAILABLE,
				     "its add-on has no valid home: provisor "
				     "addons list says why");
	if (!r->changes
	    && !listener_can_rotate(call->addon, call->arena, &remedy))
		return provider_fail(call, OUTCOME_INVALID, remedy);
	for (; change && outcome == OUTCOME_OK; change = json_next(change))
		outcome = require_proper(call, change);
	return outcome;
}

static enum outcome require_ready(struct provider_call *call,
				  const struct resource *resource)
{
	if (resource_is_gone(resource))
		return provider_fail(call, OUTCOME_GONE, "it is deprovisioned");
	if (resource->state == RESOURCE_PROVISIONED)
		return OUTCOME_OK;
	return provider_fail(call, OUTCOME_INVALID,
			     resource->state == RESOURCE_PROVISIONING
				     ? "it is still being provisioned: wait "
				       "until it is ready"
				     : "it was not provisioned");
}

/* ---- storing ---- */

static enum outcome store(struct revising *r, const struct resource *resource,
			  const struct resource_secrets *kept, const char *what,
			  const char *after)
{
	struct provider *provider = r->provider;
	struct arena *arena = r->call->arena;
	const struct resource_actor actor = provider_actor(r->call);
	struct resource changed = *resource;
	const struct resource_config_change revision = {
		.resource = &changed,
		.what = what,
		.after = after,
		.is_told = resource->has_live_grant
			&& addon_may_call(r->call->addon),
	};

	changed.config = resource_secrets_seal(provider->keys, arena,
					       resource->id, kept);
	r->news = revision.is_told ? PROVIDER_TELLS : PROVIDER_ANSWERS;
	return resource_config_change(provider->db, arena, &revision, &actor,
				      &r->done);
}

/* ---- setting ---- */

static bool is_as(const struct json *there, const struct json *change)
{
	if (!there || !json_text(change))
		return !there && !json_text(change);
	return strcmp(json_text(there), json_text(change)) == 0;
}

/* config with the changes; *names is what the event tells of them.  NULL: there
 * is none. */
static const struct json *merge(const struct revising *r,
				const struct json *config, const char **names)
{
	struct arena *arena = r->call->arena;
	struct json *merged = json_object(arena);
	struct json *told = json_object(arena);
	const struct json *var, *change;

	for (var = json_first(config); var; var = json_next(var))
		if (!json_member(r->changes, json_name(var)))
			json_put(merged, json_name(var), var);
	for (change = json_first(r->changes); change;
	     change = json_next(change)) {
		const char *name = json_name(change);

		json_put_text(merged, name, json_text(change));
		if (!is_as(json_member(config, name), change))
			json_put_text(told, name,
				      json_text(change) ? "set" : "unset");
	}
	*names = json_print(arena, told);
	return json_count(told) > 0 ? merged : NULL;
}

static enum outcome set(struct revising *r, const struct resource *resource)
{
	const char *names;
	struct resource_secrets kept;

	if (!resource_secrets_open(r->provider->keys, r->call->arena,
				   resource->id, resource->config, &kept))
		return provider_fail(r->call, OUTCOME_UNAVAILABLE,
				     "its config does not open: is a key "
				     "missing in the keys file?");
	kept.config = merge(r, kept.config, &names);
	if (kept.config)
		return store(r, resource, &kept, "config-set", names);
	r->news = PROVIDER_UNCHANGED;
	r->done = true;
	return OUTCOME_OK;
}

/* ---- rotating ---- */

/* The address that logs drain to stays: a marketplace learns another only with
 * a plan change. */
static enum outcome rotate_at_once(struct revising *r,
				   const struct resource *resource)
{
	const struct listener_call question = {
		.addon = r->call->addon,
		.resource = resource,
		.action = LISTENER_ROTATE,
		.plan = resource->plan,
		.overlap = r->overlap,
	};
	const struct listener_answer answer =
		listener_ask(r->provider->keys, r->call->arena, &question);

	if (answer.verdict != LISTENER_DONE)
		return provider_fail(r->call, OUTCOME_UNAVAILABLE, answer.why);
	return store(r, resource, &answer.stored, "config-rotated", NULL);
}

static enum outcome rotate(struct revising *r, const struct resource *resource)
{
	const struct resource_actor actor = provider_actor(r->call);

	if (!listener_takes_time(r->call->addon))
		return rotate_at_once(r, resource);
	r->news = PROVIDER_ROTATES;
	return resource_config_begin_rotation(r->provider->db, r->call->arena,
					      resource, r->overlap, &actor,
					      &r->done);
}

/* ---- either ---- */

static enum outcome revise(struct revising *r, const char *id)
{
	struct provider_call *call = r->call;
	int64_t waited = 0;
	enum outcome outcome = require_sense(r);

	while (outcome == OUTCOME_OK && provider_has_time(call)) {
		struct resource resource;
		bool found;

		outcome = resource_get(r->provider->db, call->arena, id,
				       &resource, &found);
		if (outcome == OUTCOME_OK && !found)
			return OUTCOME_NOT_FOUND;
		if (outcome == OUTCOME_OK)
			outcome = require_ready(call, &resource);
		if (outcome == OUTCOME_OK)
			outcome = r->changes ? set(r, &resource)
					     : rotate(r, &resource);
		if (outcome != OUTCOME_OK || r->done)
			return outcome;
		if (resource.has_job && !provider_wait(call, &waited))
			break;
	}
	if (outcome != OUTCOME_OK)
		return outcome;
	return provider_fail(call, OUTCOME_UNAVAILABLE,
			     "its listener has something to do for it: "
			     "provisor jobs list --resource tells what");
}

enum outcome provider_set_config(struct provider *provider,
				 struct provider_call *call, const char *id,
				 const struct json *changes,
				 enum provider_news *news)
{
	struct revising r = {
		.provider = provider,
		.call = call,
		.changes = changes,
	};
	enum outcome outcome = revise(&r, id);

	*news = r.news;
	return outcome;
}

enum outcome provider_rotate(struct provider *provider,
			     struct provider_call *call, const char *id,
			     int overlap, enum provider_news *news)
{
	struct revising r = {
		.provider = provider,
		.call = call,
		.overlap = overlap,
	};
	enum outcome outcome = revise(&r, id);

	*news = r.news;
	return outcome;
}
