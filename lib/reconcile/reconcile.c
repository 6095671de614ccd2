#include "lib/reconcile/reconcile.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/platform/authorized.h"
#include "lib/reconcile/against.h"
#include "lib/reconcile/config.h"
#include "lib/reconcile/lost.h"
#include "lib/reconcile/one_resource.h"
#include "lib/store/job.h"
#include "lib/store/resource_reconcile.h"
#include "lib/text/json.h"

const char *reconcile_difference_name(enum reconcile_difference difference)
{
	static const char *const names[] = {
		[RECONCILE_GONE] = "gone",
		[RECONCILE_PLAN] = "plan",
		[RECONCILE_STATE] = "state",
		[RECONCILE_CONFIG] = "config",
		[RECONCILE_LOST] = "lost",
		[RECONCILE_REVOKED] = "revoked",
		[RECONCILE_BUSY] = "busy",
		[RECONCILE_UNCHECKED] = "unchecked",
	};

	return names[difference];
}

/* ---- the marketplace's resource ---- */

/* The marketplace's responses.  config is PLATFORM_DONE only if the resource is
 * provisioned there. */
struct view {
	enum platform_verdict verdict;
	const char *why; /* the reason for a failure */
	const char *state;
	const char *plan;
	struct platform_response config;
};

static bool has_state(const struct view *view, const char *expected)
{
	return view->verdict == PLATFORM_DONE && view->state
		&& strcmp(view->state, expected) == 0;
}

static bool is_gone_there(const struct view *view)
{
	return view->verdict == PLATFORM_GONE
		|| has_state(view, "deprovisioned");
}

static struct platform_response read_their_config(struct reconcile_item *item)
{
	return reconcile_query(
		item, item->arena,
		(struct platform_request){ .call = PLATFORM_READ_CONFIG });
}

static struct view read_view(struct reconcile_item *item)
{
	const struct platform_response response = reconcile_query(
		item, item->arena,
		(struct platform_request){ .call = PLATFORM_READ });
	struct view view = {
		.verdict = response.verdict,
		.why = response.why,
		.state = reconcile_state_of(response.body),
		.plan = reconcile_plan_of(response.body),
		.config = { .verdict = PLATFORM_REFUSED },
	};

	/* Some marketplaces have the plan only in their list. */
	if (!view.plan)
		view.plan = reconcile_listed_plan(item);
	if (has_state(&view, "provisioned"))
		view.config = read_their_config(item);
	return view;
}

/* A list describes many resources with one call, but it may be as old as the
 * run.  So it counts only if it agrees with us, and the config vars can be read
 * now.  Return false otherwise. */
static bool read_listed_view(struct reconcile_item *item, struct view *view)
{
	const char *plan = reconcile_listed_plan(item);

	if (!plan || strcmp(plan, item->resource.plan) != 0)
		return false;
	*view = (struct view){
		.verdict = PLATFORM_DONE,
		.state = "provisioned",
		.plan = plan,
		.config = read_their_config(item),
	};
	return view->config.verdict == PLATFORM_DONE;
}

/* ---- comparing ---- */

/* The marketplace has changed the plan, so it has got config vars for it.  The
 * new ones here are compared with those, and not sent. */
static void handle_plan(struct reconcile_item *item, const char *plan)
{
	const char *repair = reconcile_change_plan_here(item, plan);
	bool found;

	reconcile_note_difference(item, RECONCILE_PLAN, item->resource.plan,
				  plan, repair);
	if (repair && item->outcome == OUTCOME_OK)
		item->outcome = resource_get(item->run->provider->db,
					     item->arena, item->resource.id,
					     &item->resource, &found);
}

/* Return why the config vars cannot be compared yet, or NULL. */
static const char *compare_resource_plan(struct reconcile_item *item,
					 const char *plan)
{
	if (plan && strcmp(plan, item->resource.plan) != 0)
		handle_plan(item, plan);
	else if (plan)
		reconcile_note_same_plan(item);
	return reconcile_listener_job(item);
}

static void handle_gone(struct reconcile_item *item)
{
	reconcile_note_difference(item, RECONCILE_GONE, "provisioned", "gone",
				  reconcile_deprovision_here(item));
}

/* Return why the config vars cannot be compared, or NULL. */
static const char *compare_config(struct reconcile_item *item,
				  const struct view *view)
{
	if (!has_state(view, "provisioned"))
		return NULL;
	if (view->config.verdict != PLATFORM_DONE)
		return view->config.why;
	return reconcile_compare_config(item, view->config.body)
		? NULL
		: "its stored config vars cannot be opened";
}

static void count_item(const struct reconcile_item *item)
{
	struct reconcile_counts *counts = &item->run->counts;

	if (!item->differs)
		counts->agreeing++;
	else if (item->is_repaired)
		counts->repaired++;
	else
		counts->differing++;
}

static void compare_views(struct reconcile_item *item, const struct view *view)
{
	const char *obstacle = NULL;

	if (is_gone_there(view)) {
		handle_gone(item);
	} else {
		if (has_state(view, "provisioning"))
			reconcile_note_awaited(item);
		obstacle = compare_resource_plan(item, view->plan);
		if (!obstacle)
			obstacle = compare_config(item, view);
	}
	if (obstacle)
		reconcile_leave_unchecked(item, obstacle);
	else
		count_item(item);
}

static bool has_token(const struct reconcile_item *item)
{
	return item->outcome == OUTCOME_OK && !item->is_revoked
		&& !item->no_token;
}

/* This does not prove that the resource is gone: tokens are also refused if
 * they have been replaced since a backup, or if the client secret is wrong. */
static void report_revoked(struct reconcile_item *item)
{
	reconcile_report(item, RECONCILE_REVOKED, item->resource.id,
			 "provisioned", "refuses its token", NULL);
	item->run->counts.revoked++;
}

static void compare_with_marketplace(struct reconcile_item *item)
{
	struct view view = { .verdict = PLATFORM_UNAUTHORIZED };

	(void)!reconcile_find_lost(item);
	if (has_token(item) && !read_listed_view(item, &view)
	    && has_token(item))
		view = read_view(item);
	if (item->outcome != OUTCOME_OK)
		return;
	if (item->is_revoked)
		report_revoked(item);
	else if (item->no_token)
		reconcile_leave_unchecked(item, item->no_token);
	else if (view.verdict != PLATFORM_DONE && !is_gone_there(&view))
		reconcile_leave_unchecked(item, view.why);
	else
		compare_views(item, &view);
}

/* ---- all resources ---- */

/* Return why the marketplace cannot be queried, or NULL. */
static const char *find_obstacle(struct reconcile_item *item)
{
	if (!item->addon)
		return "its add-on has no valid home on this host";
	if (!item->addon->dialect->api || !item->addon->dialect->api->read.path
	    || !authorized_id(item->addon, &item->resource))
		return "its marketplace has no API for this: add --against";
	if (!addon_may_call(item->addon))
		return "its add-on's settings.json names no client_secret_file";
	return reconcile_listener_job(item);
}

static void compare_item(struct reconcile_item *item, int64_t created_at)
{
	const char *obstacle = item->run->list
		? reconcile_compare_with_list(item, created_at)
		: find_obstacle(item);

	if (obstacle)
		reconcile_leave_unchecked(item, obstacle);
	else if (item->run->list)
		count_item(item);
	else
		compare_with_marketplace(item);
}

static enum outcome check_resource(struct reconcile *run, struct arena *arena,
				   const struct resource_reconcile_row *row)
{
	struct reconcile_item item = { .run = run, .arena = arena };
	bool found;
	enum outcome outcome = resource_get(run->provider->db, arena, row->id,
					    &item.resource, &found);

	if (outcome != OUTCOME_OK || !found
	    || !resource_is_live(&item.resource))
		return outcome;
	item.addon =
		addons_find(run->provider->addons, item.resource.marketplace,
			    item.resource.addon);
	compare_item(&item, row->created_at);
	return item.outcome;
}

/* The processes share the resources by the last digits of their ids, which are
 * random. */
static bool is_of_part(const struct reconcile *run, const char *id)
{
	unsigned long number = strtoul(id + UUID_LENGTH - 8, NULL, 16);

	return run->parts < 2
		|| number % (unsigned int)run->parts == (unsigned int)run->part;
}

static bool ends_early(const struct reconcile *run)
{
	return run->is_stopped || (run->interrupted && *run->interrupted);
}

static enum outcome check_page(struct reconcile *run, struct arena *arena,
			       const struct resource_reconcile_page *page)
{
	enum outcome outcome = OUTCOME_OK;

	for (int i = 0; i < page->count && !ends_early(run); i++) {
		const struct resource_reconcile_row *row = &page->rows[i];

		if (is_of_part(run, row->id))
			outcome = check_resource(run, arena, row);
		arena_reset(arena);
		if (outcome != OUTCOME_OK)
			break;
		if (!ends_early(run))
			snprintf(run->last, sizeof run->last, "%s", row->id);
	}
	return outcome;
}

static enum outcome check_pages(struct reconcile *run)
{
	struct arena *pages = arena_create(), *arena = arena_create();
	struct resource_reconcile_page page;
	enum outcome outcome;

	do {
		arena_reset(pages);
		outcome = resource_reconcile_next(
			run->provider->db, pages, run->marketplace, run->addon,
			*run->last ? run->last : NULL, run->list, &page);
		if (outcome == OUTCOME_OK)
			outcome = check_page(run, arena, &page);
	} while (outcome == OUTCOME_OK && !ends_early(run)
		 && page.count == RESOURCE_RECONCILE_PAGE_SIZE);
	arena_destroy(arena);
	arena_destroy(pages);
	return outcome;
}

enum outcome reconcile_run(struct reconcile *run)
{
	enum outcome outcome;

	run->seen = reconcile_seen_create();
	snprintf(run->last, sizeof run->last, "%s",
		 run->after ? run->after : "");
	outcome = check_pages(run);
	if (run->list && outcome == OUTCOME_OK && !ends_early(run))
		outcome = reconcile_find_listed(run);
	if (!run->no_list)
		run->no_list = reconcile_seen_failure(run->seen);
	return outcome;
}

void reconcile_close(struct reconcile *run)
{
	reconcile_seen_destroy(run->seen);
	run->seen = NULL;
	run->no_list = NULL;
}
