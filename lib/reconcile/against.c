#include "lib/reconcile/against.h"

#include <stddef.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/provider/call.h"
#include "lib/reconcile/list.h"
#include "lib/reconcile/lost.h"
#include "lib/settings/settings.h"
#include "lib/store/epoch.h"
#include "lib/store/resource_reconcile.h"

enum { IMPORT_LIMIT = 60 * 1000 /* ms for all calls about a lost resource */ };

/* ---- resources of ours ---- */

/* If the marketplace has it already, nothing is left to be reported. */
static void note_waiting(struct reconcile_item *item,
			 const struct reconcile_listed *listed)
{
	const struct provider *provider = item->run->provider;
	bool done = false;

	if (strcmp(listed->state, "provisioned") != 0)
		return;
	if (item->run->repairs && item->outcome == OUTCOME_OK)
		item->outcome = resource_reconcile_complete(
			provider->db, item->arena, &item->resource,
			&reconcile_actor, &done);
	reconcile_note_difference(item, RECONCILE_STATE, "provisioning",
				  "provisioned", done ? "provisioned" : NULL);
}

/*
 * Return a time in seconds since 1970: changes that were stored before it must
 * be in the list.  The marketplace may get a response, and list its effect,
 * only when the answer limit ends.
 */
static int64_t find_list_time(const struct reconcile_item *item)
{
	return item->run->list->written_at - CLOCK_TOLERANCE
		- item->run->provider->settings->answer_limit / 1000;
}

/* If they are equal, that matters only if the marketplace had another one. */
static void compare_listed_plan(struct reconcile_item *item, const char *plan)
{
	const char *here = item->resource.plan;

	if (plan && strcmp(plan, here) == 0)
		reconcile_note_same_plan(item);
	else if (plan)
		reconcile_note_difference(
			item, RECONCILE_PLAN, here, plan,
			reconcile_change_plan_here(item, plan));
}

static bool is_awaited(const struct reconcile_listed *listed)
{
	return strcmp(listed->state, "provisioning") == 0;
}

static bool agrees(const struct resource *resource,
		   const struct reconcile_listed *listed)
{
	return !is_awaited(listed)
		&& (!listed->plan
		    || (strcmp(listed->plan, resource->plan) == 0
			&& !resource->marketplace_plan));
}

/* Both sides have the resource.  Return why they cannot be compared, or NULL.
 */
static const char *compare_present(struct reconcile_item *item,
				   const struct reconcile_listed *listed)
{
	bool is_changed = false;

	if (agrees(&item->resource, listed))
		return NULL;
	item->outcome = resource_reconcile_is_changed(
		item->run->provider->db, item->arena, item->resource.id,
		find_list_time(item), &is_changed);
	if (item->outcome != OUTCOME_OK)
		return NULL;
	if (is_changed)
		return "it has changed since the list was written";
	if (is_awaited(listed))
		reconcile_note_awaited(item);
	compare_listed_plan(item, listed->plan);
	return NULL;
}

const char *reconcile_compare_with_list(struct reconcile_item *item,
					int64_t created_at)
{
	const struct reconcile_list *list = item->run->list;
	const struct resource *resource = &item->resource;
	const struct reconcile_listed *listed = reconcile_list_find(
		list, resource->marketplace_id, resource->provider_id);

	if (!item->addon)
		return "its add-on has no valid home on this host";
	if (!listed && created_at >= find_list_time(item))
		return "it is newer than the list";
	if (resource->has_job)
		return reconcile_listener_job(item);
	if (!listed || strcmp(listed->state, "deprovisioned") == 0)
		reconcile_note_difference(item, RECONCILE_GONE,
					  resource_state_name(resource->state),
					  listed ? "gone" : "not in the list",
					  reconcile_deprovision_here(item));
	else if (resource->state == RESOURCE_PROVISIONING)
		note_waiting(item, listed);
	else
		return compare_present(item, listed);
	return NULL;
}

/* ---- lost resources ---- */

/* Ask for another grant, and return an access token, or NULL. */
static const char *request_token(const struct reconcile_item *item,
				 const char *uuid, int64_t deadline)
{
	const struct addon *addon = item->addon;
	struct platform *platform = item->run->provider->platform;
	struct platform_tokens tokens;
	struct platform_api api;
	const char *code;

	if (!addon_has_tokens(addon) || !addon->client_secret)
		return NULL;
	api = platform_api_of(platform_config(platform), addon);
	if (platform_new_grant(platform, item->arena, &api, uuid, deadline,
			       &code)
			    .verdict
		    != PLATFORM_DONE
	    || platform_exchange(platform, item->arena, &api, code, deadline,
				 &tokens)
			    .verdict
		    != PLATFORM_DONE)
		return NULL;
	return tokens.access;
}

static const char *import_listed(struct reconcile_item *item, const char *uuid)
{
	struct platform *platform = item->run->provider->platform;
	struct platform_request request = {
		.call = PLATFORM_READ,
		.id = uuid,
		.deadline = clock_now() + IMPORT_LIMIT,
	};
	struct platform_response addon, config;
	struct platform_api api;

	if (!uuid || !item->run->repairs)
		return NULL;
	request.token = request_token(item, uuid, request.deadline);
	if (!request.token)
		return NULL;
	api = platform_api_of(platform_config(platform), item->addon);
	addon = platform_ask(platform, item->arena, &api, &request);
	request.call = PLATFORM_READ_CONFIG;
	config = platform_ask(platform, item->arena, &api, &request);
	if (addon.verdict != PLATFORM_DONE || config.verdict != PLATFORM_DONE)
		return NULL;
	return reconcile_import(item, addon.body, config.body, uuid);
}

/* A resource that was promised has no config vars there that could be imported.
 */
static void report_lost(struct reconcile_item *item,
			const struct reconcile_listed *listed)
{
	struct reconcile_counts *counts = &item->run->counts;
	bool is_complete = strcmp(listed->state, "provisioned") == 0;
	const char *repair = is_complete
		? import_listed(item, listed->marketplace_id)
		: NULL;

	if (repair)
		counts->repaired++;
	else
		counts->differing++;
	reconcile_report(item, RECONCILE_LOST,
			 listed->marketplace_id ? listed->marketplace_id
						: listed->provider_id,
			 NULL, listed->state, repair);
}

/* A resource of the list that is being provisioned here is not lost. */
static enum outcome check_listed(struct reconcile_item *item,
				 const struct reconcile_listed *listed)
{
	struct provider_call call = reconcile_begin_call(item);
	const char *id = listed->marketplace_id ? listed->marketplace_id
						: listed->provider_id;
	struct resource here;
	bool found;
	enum outcome outcome =
		provider_find(item->run->provider, &call, id,
			      listed->marketplace_id, &here, &found);

	if (outcome == OUTCOME_OK && !found && listed->marketplace_id
	    && listed->provider_id)
		outcome = provider_find(item->run->provider, &call,
					listed->provider_id, false, &here,
					&found);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!found) {
		report_lost(item, listed);
	} else if (strcmp(listed->state, "provisioned") == 0
		   && !resource_is_expected(&here)) {
		item->run->counts.differing++;
		reconcile_report(item, RECONCILE_STATE, here.id,
				 resource_state_name(here.state), "provisioned",
				 NULL);
	}
	return OUTCOME_OK;
}

/* A resource that the marketplace waits for and that is not here is usually
 * about to be requested.  In a new epoch, it may have been promised and lost.
 */
static enum outcome find_whether_lost(struct reconcile_item *item,
				      bool *may_be_lost)
{
	bool is_accepted = true;
	enum outcome outcome = epoch_is_accepted(item->run->provider->db,
						 item->arena, &is_accepted);

	*may_be_lost = !is_accepted;
	return outcome;
}

enum outcome reconcile_find_listed(struct reconcile *run)
{
	struct reconcile_item item = {
		.run = run,
		.arena = arena_create(),
		.resource = { .marketplace = run->marketplace,
			      .addon = run->addon },
		.addon = addons_find(run->provider->addons, run->marketplace,
				     run->addon),
	};
	enum outcome outcome = item.addon ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
	bool may_lack_promised = false;

	if (outcome == OUTCOME_OK)
		outcome = find_whether_lost(&item, &may_lack_promised);
	for (int i = 0; i < run->list->count && outcome == OUTCOME_OK
	     && !(run->interrupted && *run->interrupted);
	     i++) {
		const struct reconcile_listed *listed =
			&run->list->resources[i];

		if (strcmp(listed->state, "provisioned") == 0
		    || (may_lack_promised
			&& strcmp(listed->state, "provisioning") == 0))
			outcome = check_listed(&item, listed);
		arena_reset(item.arena);
	}
	arena_destroy(item.arena);
	return outcome;
}
