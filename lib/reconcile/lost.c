#include "lib/reconcile/lost.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/dialect/dialect.h"
#include "lib/import/import.h"
#include "lib/import/row.h"
#include "lib/provider/call.h"
#include "lib/store/job.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { MAX_RANGE = 255, MAX_PAGES = 10000, MAX_FAILURES = 3 };

/* Marks an add-on whose lists cannot be read, in place of an id. */
#define NO_LIST "no list"

/* ---- resources that were seen ---- */

struct seen_resource {
	const char *name;
	/* The plan in a list that shows it as provisioned; or NULL. */
	const char *plan;
};

struct reconcile_seen {
	struct arena *arena; /* of the resources */
	void *resources;     /* a tree of struct seen_resource */
	/* The last add-on whose list failed, how many times in a row it failed,
	 * and why. */
	const struct addon *failing;
	int failures;
	const char *why;
};

struct reconcile_seen *reconcile_seen_create(void)
{
	struct reconcile_seen *seen = must(calloc(1, sizeof *seen));

	seen->arena = arena_create();
	return seen;
}

const char *reconcile_seen_failure(const struct reconcile_seen *seen)
{
	return seen->failing ? seen->why : NULL;
}

static void keep_seen(void *resource)
{
	(void)resource; /* the arena owns it */
}

void reconcile_seen_destroy(struct reconcile_seen *seen)
{
	tdestroy(seen->resources, keep_seen);
	arena_destroy(seen->arena);
	free(seen);
}

static int compare_seen(const void *one, const void *other)
{
	const struct seen_resource *x = one, *y = other;

	return strcmp(x->name, y->name);
}

static const char *full_name(struct arena *arena,
			     const struct reconcile_item *item,
			     const char *uuid)
{
	return arena_printf(arena, "%s %s %s", item->resource.marketplace,
			    item->resource.addon, uuid);
}

static const struct seen_resource *find_seen(const struct reconcile_item *item,
					     struct arena *arena,
					     const char *uuid)
{
	const struct seen_resource wanted = { full_name(arena, item, uuid),
					      NULL };
	struct seen_resource *const *found =
		tfind(&wanted, &item->run->seen->resources, compare_seen);

	return found ? *found : NULL;
}

/* plan is NULL unless a list has it as provisioned. */
static void mark_seen(const struct reconcile_item *item, const char *uuid,
		      const char *plan)
{
	struct reconcile_seen *seen = item->run->seen;
	struct seen_resource *resource =
		arena_alloc(seen->arena, sizeof *resource);

	*resource = (struct seen_resource){
		.name = full_name(seen->arena, item, uuid),
		.plan = arena_strdup(seen->arena, plan),
	};
	must(tsearch(resource, &seen->resources, compare_seen));
}

/* ---- importing ---- */

static struct import_row read_listed_addon(const struct json *addon,
					   const char *uuid)
{
	const char *id = json_text(json_member(addon, "provider_id"));
	const char *created = json_text(json_member(addon, "created_at"));
	struct import_row row = {
		.resource = {
			.marketplace_id = uuid,
			.provider_id = id && *id ? id : NULL,
			.name = json_text(json_member(addon, "name")),
			.plan = reconcile_plan_of(addon),
			.state = RESOURCE_PROVISIONED,
		},
		.has_unknown_request = true,
	};

	if (created)
		(void)!iso8601_read(created, &row.created_at);
	return row;
}

const char *reconcile_import(struct reconcile_item *item,
			     const struct json *addon,
			     const struct json *config, const char *uuid)
{
	struct provider_call call = reconcile_begin_call(item);
	struct import_row row = read_listed_addon(addon, uuid);
	struct import_comparison comparison;
	struct resource imported;
	bool found;

	if (!row.resource.plan)
		return NULL;
	row.config = reconcile_config_of(item, config);
	if (import_apply(item->run->provider, &call, &row, false, &comparison)
		    != OUTCOME_OK
	    || comparison.result == IMPORT_DIFFERS
	    || comparison.result == IMPORT_CONFLICTS)
		return NULL;
	/* Another process has imported it meanwhile. */
	if (comparison.result == IMPORT_EQUAL)
		return "imported";
	if (provider_find(item->run->provider, &call, uuid, true, &imported,
			  &found)
		    == OUTCOME_OK
	    && found && addon_has_tokens(item->addon))
		reconcile_queue_job(item, imported.id, JOB_EXCHANGE);
	return "imported";
}

/* Import a resource with the config vars that its customer has, which only the
 * marketplace knows. */
static const char *import_lost(struct reconcile_item *item,
			       const struct json *addon, const char *uuid)
{
	const struct platform_response config = reconcile_query(
		item, item->arena,
		(struct platform_request){ .call = PLATFORM_READ_CONFIG,
					   .id = uuid });

	return config.verdict == PLATFORM_DONE
		? reconcile_import(item, addon, config.body, uuid)
		: NULL;
}

/* ---- comparing ---- */

static bool is_of_addon(const struct reconcile_item *item,
			const struct json *addon)
{
	const char *service = json_text(
		json_member(json_member(addon, "addon_service"), "name"));

	return service && strcmp(service, item->addon->id) == 0;
}

static void count_and_report(struct reconcile_item *item,
			     enum reconcile_difference difference,
			     const char *id, const char *here,
			     const char *repair)
{
	if (repair)
		item->run->counts.repaired++;
	else
		item->run->counts.differing++;
	reconcile_report(item, difference, id, here, "provisioned", repair);
}

/* An imported resource may lack the marketplace's id, so look for either id. */
static enum outcome find_here(struct reconcile_item *item, struct arena *arena,
			      const struct json *addon, const char *uuid,
			      struct resource *here, bool *found)
{
	const char *id = json_text(json_member(addon, "provider_id"));
	struct provider_call call = reconcile_begin_call(item);
	enum outcome outcome;

	call.arena = arena;
	outcome = provider_find(item->run->provider, &call, uuid, true, here,
				found);
	if (outcome == OUTCOME_OK && !*found && id && *id)
		outcome = provider_find(item->run->provider, &call, id, false,
					here, found);
	return outcome;
}

/* Return the marketplace's id of a listed resource, or NULL. */
static const char *read_id_in_list(const struct reconcile_item *item,
				   struct arena *arena,
				   const struct json *addon)
{
	const char *text = json_text(json_member(addon, "id"));
	char *uuid = arena_alloc(arena, UUID_LENGTH + 1);

	if (!item->addon->dialect->api->has_uuid)
		return text && *text ? text : NULL;
	return text && uuid_read(text, uuid) ? uuid : NULL;
}

static void compare_listed(struct reconcile_item *item, struct arena *arena,
			   const struct json *addon)
{
	const char *uuid = read_id_in_list(item, arena, addon);
	const char *state = reconcile_state_of(addon);
	struct resource here;
	enum outcome outcome;
	bool is_provisioned, found;

	if (!uuid || !is_of_addon(item, addon) || find_seen(item, arena, uuid))
		return;
	is_provisioned = state && strcmp(state, "provisioned") == 0;
	mark_seen(item, uuid, is_provisioned ? reconcile_plan_of(addon) : NULL);
	/* The request for one that is being provisioned may still arrive. */
	if (!is_provisioned)
		return;
	outcome = find_here(item, arena, addon, uuid, &here, &found);
	if (outcome != OUTCOME_OK)
		item->outcome = outcome;
	else if (!found)
		count_and_report(item, RECONCILE_LOST, uuid, NULL,
				 item->run->repairs
					 ? import_lost(item, addon, uuid)
					 : NULL);
	else if (!resource_is_expected(&here))
		count_and_report(item, RECONCILE_STATE, here.id,
				 resource_state_name(here.state), NULL);
}

/* ---- listing ---- */

/* Read no more lists of this add-on; its other tokens would fail too. */
static void stop_listing(struct reconcile_item *item, const char *why)
{
	mark_seen(item, NO_LIST, NULL);
	if (!item->run->no_list)
		item->run->no_list = arena_strdup(item->run->seen->arena, why);
}

/* A temporary failure may concern this resource alone.  Try the next one, up to
 * a limit. */
static void handle_failure(struct reconcile_item *item,
			   const struct platform_response *response)
{
	struct reconcile_seen *seen = item->run->seen;

	seen->failures = seen->failing == item->addon ? seen->failures + 1 : 1;
	seen->failing = item->addon;
	seen->why = arena_strdup(seen->arena, response->why);
	if (response->verdict == PLATFORM_FORBIDDEN
	    || response->verdict == PLATFORM_REFUSED
	    || seen->failures == MAX_FAILURES)
		stop_listing(item, response->why);
}

/* Read the page at range.  Write the range of the next page to it, or return
 * false if there is none. */
static bool read_page(struct reconcile_item *item, struct arena *arena,
		      char range[MAX_RANGE + 1])
{
	const struct platform_response response = reconcile_query(
		item, arena,
		(struct platform_request){ .call = PLATFORM_LIST,
					   .range = *range ? range : NULL });
	const char *next = response.next_range;

	if (response.verdict != PLATFORM_DONE) {
		if (!item->no_token && !item->is_revoked && !item->is_busy)
			handle_failure(item, &response);
		return false;
	}
	for (const struct json *addon = json_first(response.body);
	     addon && item->outcome == OUTCOME_OK; addon = json_next(addon))
		compare_listed(item, arena, addon);
	if (!next) {
		item->run->seen->failing = NULL;
		return false;
	}
	if (strlen(next) > MAX_RANGE) {
		stop_listing(item, "GET /addons: its Next-Range is too long");
		return false;
	}
	if (!*next || strcmp(next, range) == 0) {
		stop_listing(item,
			     "GET /addons: its Next-Range is the range "
			     "of the same page");
		return false;
	}
	snprintf(range, MAX_RANGE + 1, "%s", next);
	return true;
}

static bool was_listed(const struct reconcile_item *item, struct arena *arena)
{
	return find_seen(item, arena, item->resource.marketplace_id)
		|| find_seen(item, arena, NO_LIST);
}

bool reconcile_find_lost(struct reconcile_item *item)
{
	char range[MAX_RANGE + 1] = "";
	struct arena *arena = arena_create();
	bool lists = !was_listed(item, arena);
	bool has_more = lists;

	for (int page = 0; has_more && item->outcome == OUTCOME_OK; page++) {
		has_more = read_page(item, arena, range);
		arena_reset(arena);
		if (has_more && page == MAX_PAGES) {
			stop_listing(item,
				     "GET /addons: it has too many pages");
			has_more = false;
		}
	}
	if (!find_seen(item, arena, item->resource.marketplace_id))
		mark_seen(item, item->resource.marketplace_id, NULL);
	arena_destroy(arena);
	return lists;
}

const char *reconcile_listed_plan(const struct reconcile_item *item)
{
	const struct seen_resource *seen =
		find_seen(item, item->arena, item->resource.marketplace_id);

	return seen ? seen->plan : NULL;
}
