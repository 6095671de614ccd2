#include "lib/import/import.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"
#include "lib/store/resource_secrets.h"
#include "lib/provider/internal.h"
#include "lib/store/resource_import.h"
#include "lib/import/row.h"

enum { TRIES = 3 }; /* whoever loses a race looks again */

/* A row, and what there is of it. */
struct import {
	struct provider *provider;
	struct provider_call *call;
	const struct import_row *row;
	bool found;
	struct resource now; /* if found, with log_drain_url and config ... */
	const char *log_drain_url; /* ... opened */
	struct resource_secrets kept;
};

/* ---- what there is ---- */

static enum outcome look(struct import *i)
{
	const struct resource *told = &i->row->told;
	enum outcome outcome = OUTCOME_OK;

	i->found = false;
	if (told->marketplace_id)
		outcome = provider_find(i->provider, i->call,
					told->marketplace_id, true, &i->now,
					&i->found);
	if (outcome == OUTCOME_OK && !i->found && told->provider_id)
		outcome = provider_find(i->provider, i->call, told->provider_id,
					false, &i->now, &i->found);
	return outcome;
}

static bool open_kept(struct import *i)
{
	struct arena *arena = i->call->arena;

	i->log_drain_url = resource_secrets_open_text(
		i->provider->keys, arena, i->now.id, RESOURCE_SECRET_LOG_DRAIN,
		i->now.log_drain_url);
	return resource_secrets_open(i->provider->keys, arena, i->now.id,
				     i->now.config, &i->kept)
		&& (i->log_drain_url || !i->now.log_drain_url);
}

/* As rows have it: what PostgreSQL gives back is in its own order. */
static const char *sorted(struct arena *arena, const char *text)
{
	const struct json *object;
	const char *why;

	if (!text)
		return "{}";
	object = json_parse(arena, text, strlen(text), &why);
	return object ? json_print(arena, json_sorted(arena, object)) : text;
}

static const char *printed(struct arena *arena, const struct json *object)
{
	return object ? json_print(arena, json_sorted(arena, object)) : NULL;
}

/* ---- comparing ---- */

struct pair {
	const char *name;
	const char *told; /* NULL: it does not tell */
	const char *now;
};

static const char *name_differing(struct arena *arena, const struct pair *pairs,
				  size_t count)
{
	const char *names = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!pairs[i].told
		    || (pairs[i].now
			&& strcmp(pairs[i].told, pairs[i].now) == 0))
			continue;
		names = names
			? arena_printf(arena, "%s, %s", names, pairs[i].name)
			: pairs[i].name;
	}
	return names;
}

/* What can never be changed: the marketplace and its customers hold to it. */
static const char *fixed_differing(const struct import *i)
{
	const struct resource *told = &i->row->told;
	/* One that is gone may have done so with its marketplace's id. */
	bool gave_back = resource_is_gone(&i->now) && !i->now.marketplace_id;
	bool is_one = resource_is_gone(told) == resource_is_gone(&i->now)
		&& (i->now.state == RESOURCE_PROVISIONED
		    || resource_is_gone(&i->now));
	const struct pair pairs[] = {
		{ "marketplace_id", gave_back ? NULL : told->marketplace_id,
		  i->now.marketplace_id },
		{ "provider_id", told->provider_id, i->now.provider_id },
		{ "state", is_one ? NULL : "another", "than this" },
	};

	return name_differing(i->call->arena, pairs, COUNT(pairs));
}

static const char *rest_differing(const struct import *i)
{
	struct arena *arena = i->call->arena;
	const struct resource *told = &i->row->told, *now = &i->now;
	const struct pair pairs[] = {
		{ "plan", told->plan, now->plan },
		{ "region", told->region, now->region },
		{ "name", told->name, now->name },
		{ "options", told->options, sorted(arena, now->options) },
		{ "owner", told->owner, sorted(arena, now->owner) },
		{ "asked", told->asked, now->asked },
		{ "message", told->message, now->message },
		{ "plan_message", told->plan_message, now->plan_message },
		{ "callback_url", told->callback_url, now->callback_url },
		{ "log_drain_token", told->log_drain_token,
		  now->log_drain_token },
		{ "log_drain_url", told->log_drain_url, i->log_drain_url },
		{ "config", printed(arena, i->row->config),
		  printed(arena, i->kept.config) },
		{ "secrets", printed(arena, i->row->secrets),
		  printed(arena, i->kept.secrets) },
	};

	return name_differing(arena, pairs, COUNT(pairs));
}

static enum outcome judge(struct import *i, struct import_judgement *judgement)
{
	enum outcome outcome = look(i);

	*judgement = (struct import_judgement){ .verdict = IMPORT_NEW };
	if (outcome != OUTCOME_OK || !i->found)
		return outcome;
	judgement->id = i->now.id;
	judgement->verdict = IMPORT_REFUSED;
	judgement->members = fixed_differing(i);
	if (judgement->members)
		return OUTCOME_OK;
	judgement->verdict = IMPORT_SAME;
	if (resource_is_gone(&i->now)) /* nothing more is kept of it */
		return OUTCOME_OK;
	if (!open_kept(i))
		return OUTCOME_UNAVAILABLE;
	judgement->members = rest_differing(i);
	if (judgement->members)
		judgement->verdict = IMPORT_DIFFERS;
	return OUTCOME_OK;
}

enum outcome import_judge(struct provider *provider, struct provider_call *call,
			  const struct import_row *row,
			  struct import_judgement *judgement)
{
	struct import i = { .provider = provider, .call = call, .row = row };

	return judge(&i, judgement);
}

/* ---- taking in ---- */

/* As if the marketplace had asked for what it has.  NULL: the cryptography has
 * failed. */
static const char *asked_for(struct arena *arena, const struct resource *r)
{
	struct provision_request wanted = { .plan = r->plan,
					    .region = r->region };
	const char *options = r->options ? r->options : "{}";
	const char *why;

	wanted.options = json_parse(arena, options, strlen(options), &why);
	return dialect_digest_request(arena, &wanted)
		? arena_strdup(arena, wanted.digest)
		: NULL;
}

static void seal(const struct import *i, const struct resource_secrets *kept,
		 struct resource *resource)
{
	const struct sealing_keys *keys = i->provider->keys;
	struct arena *arena = i->call->arena;

	if (i->row->config || i->row->secrets)
		resource->config =
			resource_secrets_seal(keys, arena, resource->id, kept);
	resource->log_drain_url = resource_secrets_seal_text(
		keys, arena, resource->id, RESOURCE_SECRET_LOG_DRAIN,
		i->row->told.log_drain_url);
}

/* Of what is gone nothing is kept but what an audit needs. */
static void forget(struct resource *resource)
{
	resource->callback_url = resource->log_drain_token = NULL;
	resource->log_drain_url = resource->config = NULL;
	resource->message = resource->plan_message = NULL;
}

static enum outcome make(struct import *i, bool is_taken, bool *made)
{
	const struct resource *told = &i->row->told;
	const struct resource_actor actor = provider_actor(i->call);
	const struct resource_moments moments = { i->row->created_at,
						  i->row->deprovisioned_at };
	const struct resource_secrets kept = {
		i->row->config ? i->row->config : json_object(i->call->arena),
		i->row->secrets
	};
	struct resource resource = *told;

	provider_choose_ids(i->call, &resource, told->marketplace_id, is_taken);
	if (told->provider_id)
		resource.provider_id = told->provider_id;
	if (!resource.options)
		resource.options = "{}";
	if (!resource.asked && resource.plan)
		resource.asked = asked_for(i->call->arena, &resource);
	seal(i, &kept, &resource);
	if (resource_is_gone(&resource))
		forget(&resource);
	return resource_import(i->provider->db, i->call->arena, &resource,
			       &moments, &actor, made);
}

/* What it has by then, where the row tells no other. */
static struct resource merged(const struct import *i)
{
	struct resource all = i->row->told;

	all.plan = all.plan ? all.plan : i->now.plan;
	all.region = all.region ? all.region : i->now.region;
	all.options = all.options ? all.options : i->now.options;
	return all;
}

static enum outcome update(struct import *i, bool *done)
{
	struct arena *arena = i->call->arena;
	const struct resource_actor actor = provider_actor(i->call);
	const struct resource_secrets kept = {
		i->row->config ? i->row->config : i->kept.config,
		i->row->secrets ? i->row->secrets : i->kept.secrets,
	};
	const struct resource all = merged(i);
	const char *before = asked_for(arena, &i->now);
	struct resource resource = i->row->told;

	resource.id = i->now.id;
	resource.version = i->now.version;
	/* What was ever asked for is known only where it was changed since. */
	if (!resource.asked
	    && (!i->now.asked || (before && !strcmp(before, i->now.asked))))
		resource.asked = asked_for(arena, &all);
	seal(i, &kept, &resource);
	return resource_import_update(i->provider->db, arena, &resource, &actor,
				      done);
}

enum outcome import_resource(struct provider *provider,
			     struct provider_call *call,
			     const struct import_row *row, bool updates,
			     struct import_judgement *judgement)
{
	struct import i = { .provider = provider, .call = call, .row = row };
	bool is_taken = false;

	for (int try = 0; try < TRIES; try++) {
		enum outcome outcome = judge(&i, judgement);
		bool done = false;

		if (outcome != OUTCOME_OK)
			return outcome;
		if (judgement->verdict == IMPORT_NEW)
			outcome = make(&i, is_taken, &done);
		else if (judgement->verdict == IMPORT_DIFFERS && updates)
			outcome = update(&i, &done);
		else
			return OUTCOME_OK;
		if (outcome != OUTCOME_OK || done)
			return outcome;
		is_taken = true;
	}
	return OUTCOME_UNAVAILABLE;
}
