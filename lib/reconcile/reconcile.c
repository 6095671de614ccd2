#include "lib/reconcile/reconcile.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/reconcile/lost.h"
#include "lib/reconcile/one_resource.h"
#include "lib/store/job.h"
#include "lib/store/resource_reconcile.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

const char *reconcile_difference_name(enum reconcile_difference difference)
{
	static const char *const names[] = {
		[RECONCILE_GONE] = "gone",
		[RECONCILE_PLAN] = "plan",
		[RECONCILE_STATE] = "state",
		[RECONCILE_CONFIG] = "config",
		[RECONCILE_LOST] = "lost",
		[RECONCILE_UNCHECKED] = "unchecked",
	};

	return names[difference];
}

/* ---- the marketplace's resource ---- */

/* The responses of the marketplace.  config is PLATFORM_DONE only if the
 * resource is provisioned there. */
struct view {
	struct platform_response resource;
	struct platform_response config;
};

static bool has_state(const struct view *view, const char *expected)
{
	const char *state = reconcile_state_of(view->resource.body);

	return view->resource.verdict == PLATFORM_DONE && state
		&& strcmp(state, expected) == 0;
}

static bool is_gone_there(const struct view *view)
{
	return view->resource.verdict == PLATFORM_GONE
		|| has_state(view, "deprovisioned");
}

static struct view read_view(struct reconcile_item *item)
{
	struct view view = {
		.resource = reconcile_query(
			item, item->arena,
			(struct platform_request){ .call = PLATFORM_READ }),
		.config = { .verdict = PLATFORM_REFUSED },
	};

	if (has_state(&view, "provisioned"))
		view.config =
			reconcile_query(item, item->arena,
					(struct platform_request){
						.call = PLATFORM_READ_CONFIG });
	return view;
}

/* ---- repairs; each returns what to report, or NULL on failure ---- */

static const char *deprovision_here(struct reconcile_item *item)
{
	struct reconcile *run = item->run;
	struct provider_call call = reconcile_begin_call(item);
	enum outcome outcome;

	if (run->removed == run->max_removals) {
		run->is_stopped = true;
		return NULL;
	}
	outcome = provider_deprovision_id(run->provider, &call,
					  item->resource.id);
	if (outcome != OUTCOME_OK && outcome != OUTCOME_GONE)
		return NULL;
	run->removed++;
	return "deprovisioned";
}

/* The marketplace gets the new config by a job, because it has sent no request
 * whose response could contain it. */
static const char *change_plan_here(struct reconcile_item *item,
				    const char *plan)
{
	struct provider_call call = reconcile_begin_call(item);
	struct dialect_response response;
	enum outcome outcome = provider_change_plan(
		item->run->provider, &call, item->resource.marketplace_id, plan,
		&response);

	return outcome == OUTCOME_OK
			&& reconcile_queue_job(item, item->resource.id,
					       JOB_PUSH_CONFIG)
		? "changed"
		: NULL;
}

static const char *repair_difference(struct reconcile_item *item,
				     enum reconcile_difference difference,
				     const char *there)
{
	switch (difference) {
	case RECONCILE_GONE:
		return deprovision_here(item);
	case RECONCILE_PLAN:
		return change_plan_here(item, there);
	case RECONCILE_STATE:
		return reconcile_queue_job(item, item->resource.id,
					   JOB_COMPLETE);
	case RECONCILE_CONFIG:
		return reconcile_queue_job(item, item->resource.id,
					   JOB_PUSH_CONFIG);
	default:
		return NULL;
	}
}

/* An item counts as repaired if all of its differences are repaired. */
static void handle_difference(struct reconcile_item *item,
			      enum reconcile_difference difference,
			      const char *here, const char *there)
{
	const char *repair = item->run->repairs
		? repair_difference(item, difference, there)
		: NULL;

	item->is_repaired = repair && (item->is_repaired || !item->differs);
	item->differs = true;
	reconcile_report(item, difference, item->resource.id, here, there,
			 repair);
}

/* ---- comparing ---- */

static bool has_var_there(const struct json *list, const struct json *var)
{
	for (const struct json *v = json_first(list); v; v = json_next(v)) {
		const char *name = json_text(json_member(v, "name"));
		const char *value = json_text(json_member(v, "value"));

		if (name && strcmp(name, json_name(var)) == 0)
			return value && strcmp(value, json_text(var)) == 0;
	}
	return false;
}

/* Return the names of config vars that the marketplace lacks or has with
 * another value, or NULL. */
static const char *name_differing_vars(struct reconcile_item *item,
				       const struct view *view)
{
	const char *names = NULL;
	struct resource_secrets secrets;

	if (view->config.verdict != PLATFORM_DONE
	    || !resource_secrets_open(item->run->provider->keys, item->arena,
				      item->resource.id, item->resource.config,
				      &secrets))
		return NULL;
	for (const struct json *v = json_first(secrets.config); v;
	     v = json_next(v)) {
		if (has_var_there(view->config.body, v))
			continue;
		names = names ? arena_printf(item->arena, "%s, %s", names,
					     json_name(v))
			      : json_name(v);
	}
	return names;
}

static void compare_views(struct reconcile_item *item, const struct view *view)
{
	const char *plan = reconcile_plan_of(view->resource.body);
	const char *vars = name_differing_vars(item, view);

	if (is_gone_there(view)) {
		handle_difference(item, RECONCILE_GONE, "provisioned", "gone");
		return;
	}
	if (has_state(view, "provisioning"))
		handle_difference(item, RECONCILE_STATE, "provisioned",
				  "provisioning");
	if (plan && strcmp(plan, item->resource.plan) != 0)
		handle_difference(item, RECONCILE_PLAN, item->resource.plan,
				  plan);
	if (vars)
		handle_difference(item, RECONCILE_CONFIG, vars,
				  "other values, or none");
}

static void count_item(const struct reconcile_item *item)
{
	if (!item->differs)
		item->run->agreeing++;
	else if (item->is_repaired)
		item->run->repaired++;
	else
		item->run->differing++;
}

static void leave_unchecked(struct reconcile_item *item, const char *reason)
{
	reconcile_report(item, RECONCILE_UNCHECKED, item->resource.id, NULL,
			 reason, NULL);
	item->run->unchecked++;
}

/* ---- all resources ---- */

/* Return why the marketplace cannot be queried, or NULL. */
static const char *find_obstacle(const struct reconcile_item *item)
{
	if (!item->addon)
		return "its add-on has no valid home on this host";
	if (!item->addon->dialect->may_promise
	    || !item->resource.marketplace_id)
		return "its marketplace has no API for this";
	if (!item->addon->client_secret)
		return "its add-on's settings.json names no client_secret_file";
	return item->resource.has_job ? "its listener has an unfinished job"
				      : NULL;
}

static void check_item(struct reconcile_item *item)
{
	struct view view = read_view(item);

	/* Listing takes time, so read again after it. */
	if (view.resource.verdict == PLATFORM_DONE && !is_gone_there(&view)
	    && reconcile_find_lost(item))
		view = read_view(item);
	if (item->outcome != OUTCOME_OK)
		return;
	if (view.resource.verdict != PLATFORM_DONE && !is_gone_there(&view)) {
		leave_unchecked(item, view.resource.why);
		return;
	}
	compare_views(item, &view);
	count_item(item);
}

static enum outcome check_resource(struct reconcile *run, struct arena *arena,
				   const char *id)
{
	struct reconcile_item item = { .run = run, .arena = arena };
	const char *obstacle;
	bool found;
	enum outcome outcome = resource_get(run->provider->db, arena, id,
					    &item.resource, &found);

	if (outcome != OUTCOME_OK || !found
	    || item.resource.state != RESOURCE_PROVISIONED)
		return outcome;
	item.addon =
		addons_find(run->provider->addons, item.resource.marketplace,
			    item.resource.addon);
	obstacle = find_obstacle(&item);
	if (obstacle)
		leave_unchecked(&item, obstacle);
	else
		check_item(&item);
	return item.outcome;
}

enum outcome reconcile_run(struct reconcile *run)
{
	struct arena *pages = arena_create(), *arena = arena_create();
	struct resource_reconcile_page page;
	char last[UUID_LENGTH + 1] = "";
	enum outcome outcome;

	run->seen = reconcile_seen_create();
	do {
		arena_reset(pages);
		outcome = resource_reconcile_next(run->provider->db, pages,
						  run->marketplace, run->addon,
						  *last ? last : NULL, &page);
		for (int i = 0; outcome == OUTCOME_OK && i < page.count
		     && !run->is_stopped;
		     i++) {
			outcome = check_resource(run, arena, page.ids[i]);
			snprintf(last, sizeof last, "%s", page.ids[i]);
			arena_reset(arena);
		}
	} while (outcome == OUTCOME_OK && !run->is_stopped
		 && page.count == RESOURCE_RECONCILE_PAGE_SIZE);
	if (!run->no_list)
		run->no_list = reconcile_seen_failure(run->seen);
	arena_destroy(arena);
	arena_destroy(pages);
	return outcome;
}

void reconcile_close(struct reconcile *run)
{
	reconcile_seen_destroy(run->seen);
	run->seen = NULL;
	run->no_list = NULL;
}
