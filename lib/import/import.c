#include "lib/import/import.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/import/row.h"
#include "lib/provider/call.h"
#include "lib/store/resource_import.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

enum { TRIES = 3 }; /* attempts, because an import can lose a race */

/* A row and the existing resource. */
struct import {
	struct provider *provider;
	struct provider_call *call;
	const struct import_row *row;
	bool exists;
	struct resource existing;
	const char *options;             /* of existing, opened: JSON */
	const char *log_drain_url;       /* of existing, opened */
	struct resource_secrets secrets; /* of existing, opened */
};

/* ---- the existing resource ---- */

static enum outcome find_existing(struct import *import)
{
	const struct resource *new = &import->row->resource;
	enum outcome outcome = OUTCOME_OK;

	import->exists = false;
	if (new->marketplace_id)
		outcome = provider_find(import->provider, import->call,
					new->marketplace_id, true,
					&import->existing, &import->exists);
	if (outcome == OUTCOME_OK && !import->exists && new->provider_id)
		outcome = provider_find(import->provider, import->call,
					new->provider_id, false,
					&import->existing, &import->exists);
	return outcome;
}

static bool open_existing(struct import *import)
{
	const struct sealing_keys *keys = import->provider->keys;
	const struct resource *existing = &import->existing;
	struct arena *arena = import->call->arena;

	import->options = resource_secrets_open_text(
		keys, arena, resource_identity(existing),
		RESOURCE_SECRET_OPTIONS, existing->options);
	import->log_drain_url = resource_secrets_open_text(
		keys, arena, resource_identity(existing),
		RESOURCE_SECRET_LOG_DRAIN, existing->log_drain_url);
	return resource_secrets_open(keys, arena, resource_identity(existing),
				     existing->config, &import->secrets)
		&& (import->options || !existing->options)
		&& (import->log_drain_url || !existing->log_drain_url);
}

/* ---- comparing ---- */

struct pair {
	const char *name;
	const char *new; /* NULL: equal to everything */
	const char *existing;
};

/* Return the names of the pairs that differ, or NULL. */
static const char *name_differing(struct arena *arena, const struct pair *pairs,
				  size_t count)
{
	const char *names = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!pairs[i].new
		    || (pairs[i].existing
			&& strcmp(pairs[i].new, pairs[i].existing) == 0))
			continue;
		names = names
			? arena_printf(arena, "%s, %s", names, pairs[i].name)
			: pairs[i].name;
	}
	return names;
}

/* Compare members that never change, because the marketplace relies on them. */
static const char *name_conflicts(const struct import *import)
{
	const struct resource *new = &import->row->resource;
	const struct resource *existing = &import->existing;
	bool is_gone = resource_is_gone(existing);
	/* A deprovision may have removed the marketplace's id. */
	bool has_no_key = is_gone && !existing->marketplace_id;
	bool is_over =
		new->state == RESOURCE_KEPT && existing->state != RESOURCE_KEPT;
	bool is_equal = resource_is_gone(new) == is_gone && !is_over
		&& (is_gone || new->state == existing->state
		    || (resource_is_provisioned(new)
			&& resource_is_provisioned(existing)));
	const struct pair pairs[] = {
		{ "marketplace_id", has_no_key ? NULL : new->marketplace_id,
		  existing->marketplace_id },
		{ "provider_id", new->provider_id, existing->provider_id },
		{ "state", is_equal ? NULL : "another", "state" },
	};

	return name_differing(import->call->arena, pairs, COUNT(pairs));
}

/* Sort JSON from the database, because PostgreSQL prints it in its own
 * order. */
static const char *sort_json(struct arena *arena, const char *text)
{
	const struct json *object;
	const char *why;

	if (!text)
		return "{}";
	object = json_parse(arena, text, strlen(text), &why);
	return object ? json_print(arena, json_sorted(arena, object)) : text;
}

static const char *print_sorted(struct arena *arena, const struct json *object)
{
	return object ? json_print(arena, json_sorted(arena, object)) : NULL;
}

static const char *name_differences(const struct import *import)
{
	struct arena *arena = import->call->arena;
	const struct resource *new = &import->row->resource;
	const struct resource *existing = &import->existing;
	const struct pair pairs[] = {
		{ "plan", new->plan, existing->plan },
		{ "region", new->region, existing->region },
		{ "name", new->name, existing->name },
		{ "options", new->options, sort_json(arena, import->options) },
		{ "owner", new->owner, sort_json(arena, existing->owner) },
		{ "request_digest", new->request_digest,
		  existing->request_digest },
		{ "message", new->message, existing->message },
		{ "plan_message", new->plan_message, existing->plan_message },
		{ "callback_url", new->callback_url, existing->callback_url },
		{ "log_drain_token", new->log_drain_token,
		  existing->log_drain_token },
		{ "log_drain_url", new->log_drain_url, import->log_drain_url },
		{ "config", print_sorted(arena, import->row->config),
		  print_sorted(arena, import->secrets.config) },
		{ "secrets", print_sorted(arena, import->row->secrets),
		  print_sorted(arena, import->secrets.secrets) },
	};

	return name_differing(arena, pairs, COUNT(pairs));
}

static enum outcome compare_row(struct import *import,
				struct import_comparison *comparison)
{
	enum outcome outcome = find_existing(import);

	*comparison = (struct import_comparison){ .result = IMPORT_NEW };
	if (outcome != OUTCOME_OK || !import->exists)
		return outcome;
	comparison->id = import->existing.id;
	comparison->result = IMPORT_CONFLICTS;
	comparison->members = name_conflicts(import);
	if (comparison->members)
		return OUTCOME_OK;
	comparison->result = IMPORT_EQUAL;
	if (resource_is_gone(&import->existing))
		return OUTCOME_OK; /* the other members have been erased */
	if (!open_existing(import))
		return OUTCOME_UNAVAILABLE;
	comparison->members = name_differences(import);
	if (comparison->members)
		comparison->result = IMPORT_DIFFERS;
	return OUTCOME_OK;
}

enum outcome import_compare(struct provider *provider,
			    struct provider_call *call,
			    const struct import_row *row,
			    struct import_comparison *comparison)
{
	struct import import = { .provider = provider,
				 .call = call,
				 .row = row };

	return compare_row(&import, comparison);
}

/* ---- importing ---- */

/* Return the digest of a request that would create resource as it is now, with
 * options that are not sealed, or NULL if OpenSSL fails. */
static const char *digest_resource(struct arena *arena,
				   const struct resource *resource,
				   const char *options)
{
	struct provision_request request = { .plan = resource->plan,
					     .region = resource->region };
	const char *why;

	options = options ? options : "{}";

	request.options = json_parse(arena, options, strlen(options), &why);
	return dialect_digest_request(arena, &request)
		? arena_strdup(arena, request.digest)
		: NULL;
}

/* Seal secrets for identity in resource. */
static void seal_secrets(const struct import *import,
			 struct resource_identity identity,
			 const struct resource_secrets *secrets,
			 struct resource *resource)
{
	const struct sealing_keys *keys = import->provider->keys;
	struct arena *arena = import->call->arena;

	if (import->row->config || import->row->secrets)
		resource->config =
			resource_secrets_seal(keys, arena, identity, secrets);
	resource->options = resource_secrets_seal_text(
		keys, arena, identity, RESOURCE_SECRET_OPTIONS,
		import->row->resource.options);
	resource->log_drain_url = resource_secrets_seal_text(
		keys, arena, identity, RESOURCE_SECRET_LOG_DRAIN,
		import->row->resource.log_drain_url);
}

/* Erase the members that a deprovision erases.  A restore needs the others. */
static void erase_members(struct resource *resource)
{
	resource->callback_url = resource->log_drain_token = NULL;
	resource->log_drain_url = NULL;
	resource->message = resource->plan_message = NULL;
	if (resource->state == RESOURCE_KEPT)
		return;
	resource->options = resource->owner = resource->config = NULL;
	resource->request_digest = NULL;
}

static enum outcome create_new(const struct import *import, bool is_id_taken,
			       bool *done)
{
	const struct import_row *row = import->row;
	struct arena *arena = import->call->arena;
	const struct resource_actor actor = provider_actor(import->call);
	const struct resource_moments moments = { row->created_at,
						  row->deprovisioned_at,
						  row->kept_until };
	const struct resource_secrets secrets = {
		row->config ? row->config : json_object(arena),
		row->secrets,
	};
	struct resource resource = row->resource;

	provider_choose_ids(import->call, &resource,
			    row->resource.marketplace_id, is_id_taken);
	if (row->resource.provider_id)
		resource.provider_id = row->resource.provider_id;
	if (!resource.request_digest && resource.plan
	    && !row->has_unknown_request)
		resource.request_digest = digest_resource(
			arena, &resource, row->resource.options);
	seal_secrets(import, resource_identity(&resource), &secrets, &resource);
	if (resource_is_gone(&resource))
		erase_members(&resource);
	return resource_import(import->provider->db, arena, &resource, &moments,
			       &actor, done);
}

/* Return the digest of the updated resource, or NULL to keep the stored one,
 * which is that of the first request.  If the resource has changed since that
 * request, the request's values are unknown, so its digest must stay. */
static const char *update_digest(const struct import *import)
{
	struct arena *arena = import->call->arena;
	const struct resource *existing = &import->existing;
	const char *digest = digest_resource(arena, existing, import->options);
	struct resource merged = import->row->resource;

	if (existing->request_digest
	    && (!digest || strcmp(digest, existing->request_digest) != 0))
		return NULL;
	merged.plan = merged.plan ? merged.plan : existing->plan;
	merged.region = merged.region ? merged.region : existing->region;
	return digest_resource(arena, &merged,
			       merged.options ? merged.options
					      : import->options);
}

static enum outcome update_existing(const struct import *import, bool *done)
{
	const struct import_row *row = import->row;
	const struct resource_actor actor = provider_actor(import->call);
	const struct resource_secrets secrets = {
		row->config ? row->config : import->secrets.config,
		row->secrets ? row->secrets : import->secrets.secrets,
	};
	struct resource resource = row->resource;

	resource.id = import->existing.id;
	resource.version = import->existing.version;
	if (!resource.request_digest)
		resource.request_digest = update_digest(import);
	seal_secrets(import, resource_identity(&import->existing), &secrets,
		     &resource);
	return resource_import_update(import->provider->db, import->call->arena,
				      &resource, &actor, done);
}

enum outcome import_apply(struct provider *provider, struct provider_call *call,
			  const struct import_row *row, bool updates,
			  struct import_comparison *comparison)
{
	struct import import = { .provider = provider,
				 .call = call,
				 .row = row };

	for (int try = 0; try < TRIES; try++) {
		enum outcome outcome = compare_row(&import, comparison);
		bool done = false;

		if (outcome != OUTCOME_OK)
			return outcome;
		if (comparison->result == IMPORT_NEW)
			outcome = create_new(&import, try > 0, &done);
		else if (comparison->result == IMPORT_DIFFERS && updates)
			outcome = update_existing(&import, &done);
		else
			return OUTCOME_OK;
		if (outcome != OUTCOME_OK || done)
			return outcome;
	}
	return OUTCOME_UNAVAILABLE;
}
