#include "lib/reconcile/lost.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
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

struct reconcile_seen {
	struct arena *arena; /* of the names */
	void *names;         /* a tree of texts */
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

static void keep_name(void *name)
{
	(void)name; /* the arena owns it */
}

void reconcile_seen_destroy(struct reconcile_seen *seen)
{
	tdestroy(seen->names, keep_name);
	arena_destroy(seen->arena);
	free(seen);
}

static int compare_seen_names(const void *one, const void *other)
{
	return strcmp(one, other);
}

static const char *full_name(struct arena *arena,
			     const struct reconcile_item *item,
			     const char *uuid)
{
	return arena_printf(arena, "%s %s %s", item->resource.marketplace,
			    item->resource.addon, uuid);
}

static bool is_seen(const struct reconcile_item *item, struct arena *arena,
		    const char *uuid)
{
	return tfind(full_name(arena, item, uuid), &item->run->seen->names,
		     compare_seen_names);
}

static void mark_seen(const struct reconcile_item *item, const char *uuid)
{
	struct reconcile_seen *seen = item->run->seen;

	must(tsearch(full_name(seen->arena, item, uuid), &seen->names,
		     compare_seen_names));
}

/* ---- importing ---- */

static const struct json *read_listed_config(const struct reconcile_item *item,
					     const struct json *list)
{
	struct json *config = json_object(item->arena);

	for (list = json_first(list); list; list = json_next(list)) {
		const char *name = json_text(json_member(list, "name"));
		const char *value = json_text(json_member(list, "value"));

		if (name && value && addon_declares(item->addon, name))
			json_put_text(config, name, value);
	}
	return config;
}

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
	};

	if (created)
		(void)!iso8601_read(created, &row.created_at);
	return row;
}

/* Import a resource with the config that its customer has, which only the
 * marketplace knows.  Return what to report as the repair, or NULL. */
static const char *import_lost(struct reconcile_item *item,
			       const struct json *addon, const char *uuid)
{
	const struct platform_response config = reconcile_query(
		item, item->arena,
		(struct platform_request){ .call = PLATFORM_READ_CONFIG,
					   .uuid = uuid });
	struct provider_call call = reconcile_begin_call(item);
	struct import_row row = read_listed_addon(addon, uuid);
	struct import_comparison comparison;
	struct resource imported;
	bool found;

	if (config.verdict != PLATFORM_DONE || !row.resource.plan)
		return NULL;
	row.config = read_listed_config(item, config.body);
	if (import_apply(item->run->provider, &call, &row, false, &comparison)
		    != OUTCOME_OK
	    || comparison.result != IMPORT_NEW)
		return NULL;
	if (provider_find(item->run->provider, &call, uuid, true, &imported,
			  &found)
		    == OUTCOME_OK
	    && found)
		reconcile_queue_job(item, imported.id, JOB_EXCHANGE);
	return "imported";
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
		item->run->repaired++;
	else
		item->run->differing++;
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

static void compare_listed(struct reconcile_item *item, struct arena *arena,
			   const struct json *addon)
{
	const char *text = json_text(json_member(addon, "id"));
	const char *state = reconcile_state_of(addon);
	struct resource here;
	char uuid[UUID_LENGTH + 1];
	enum outcome outcome;
	bool found;

	if (!text || !uuid_read(text, uuid) || !is_of_addon(item, addon)
	    || is_seen(item, arena, uuid))
		return;
	mark_seen(item, uuid);
	/* The request for one that is being provisioned may still arrive. */
	if (!state || strcmp(state, "provisioned") != 0)
		return;
	outcome = find_here(item, arena, addon, uuid, &here, &found);
	if (outcome != OUTCOME_OK)
		item->outcome = outcome;
	else if (!found)
		count_and_report(item, RECONCILE_LOST, uuid, NULL,
				 item->run->repairs
					 ? import_lost(item, addon, uuid)
					 : NULL);
	else if (here.state != RESOURCE_PROVISIONING
		 && here.state != RESOURCE_PROVISIONED)
		count_and_report(item, RECONCILE_STATE, here.id,
				 resource_state_name(here.state), NULL);
}

/* ---- listing ---- */

/* Read no more lists of this add-on; its other tokens would fail too. */
static void stop_listing(struct reconcile_item *item, const char *why)
{
	mark_seen(item, NO_LIST);
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
	snprintf(range, MAX_RANGE + 1, "%s", next);
	return true;
}

bool reconcile_find_lost(struct reconcile_item *item)
{
	const char *uuid = item->resource.marketplace_id;
	char range[MAX_RANGE + 1] = "";
	struct arena *arena = arena_create();
	bool lists =
		!is_seen(item, arena, uuid) && !is_seen(item, arena, NO_LIST);
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
	arena_destroy(arena);
	mark_seen(item, uuid);
	return lists;
}
