/*
 * reconcile.c - compares each resource with what its marketplace tells.
 */
#include "lib/reconcile/reconcile.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/store/job.h"
#include "lib/text/json.h"
#include "lib/store/resource_secrets.h"
#include "lib/reconcile/one_resource.h"
#include "lib/reconcile/lost.h"
#include "lib/store/resource_reconcile.h"

const char *reconcile_matter_name(enum reconcile_matter matter)
{
	static const char *const names[] = {
		[RECONCILE_GONE] = "gone",   [RECONCILE_PLAN] = "plan",
		[RECONCILE_STATE] = "state", [RECONCILE_CONFIG] = "config",
		[RECONCILE_LOST] = "lost",   [RECONCILE_UNASKED] = "unasked",
	};

	return names[matter];
}

static void leave_unasked(struct reconcile_case *c, const char *why)
{
	reconcile_tell(c, RECONCILE_UNASKED, c->resource.id, NULL, why, NULL);
	c->r->unasked++;
}

/* ---- asking ---- */

/* What the marketplace tells; config's verdict is PLATFORM_DONE where that was
 * asked for and is there. */
struct view {
	struct platform_answer resource;
	struct platform_answer config;
};

static bool has_state(const struct view *view, const char *state)
{
	const char *told = reconcile_state_there(view->resource.body);

	return view->resource.verdict == PLATFORM_DONE && told
		&& strcmp(told, state) == 0;
}

static bool is_gone_there(const struct view *view)
{
	return view->resource.verdict == PLATFORM_GONE
		|| has_state(view, "deprovisioned");
}

static struct platform_answer ask(struct reconcile_case *c,
				  enum platform_call call)
{
	return reconcile_ask(c, c->arena,
			     (struct platform_question){ .call = call });
}

static struct view look(struct reconcile_case *c)
{
	struct view view = {
		.resource = ask(c, PLATFORM_READ),
		.config = { .verdict = PLATFORM_REFUSED },
	};

	if (has_state(&view, "provisioned"))
		view.config = ask(c, PLATFORM_READ_CONFIG);
	return view;
}

/* ---- mending ---- */

static const char *remove_here(struct reconcile_case *c)
{
	struct provider_call call = reconcile_call(c);
	enum outcome outcome;

	if (c->r->removed == c->r->most) {
		c->r->is_stopped = true;
		return NULL;
	}
	outcome = provider_remove(c->r->provider, &call, c->resource.id);
	if (outcome != OUTCOME_OK && outcome != OUTCOME_GONE)
		return NULL;
	c->r->removed++;
	return "deprovisioned";
}

/* The marketplace has not asked, and so has no answer with the new config. */
static const char *change_here(struct reconcile_case *c, const char *plan)
{
	struct provider_call call = reconcile_call(c);
	struct dialect_response answer;
	enum outcome outcome =
		provider_change_plan(c->r->provider, &call,
				     c->resource.marketplace_id, plan, &answer);

	return outcome == OUTCOME_OK
			&& reconcile_queue(c, c->resource.id, JOB_PUSH_CONFIG)
		? "changed"
		: NULL;
}

/* Tell what differs, and what came of mending it. */
static void report(struct reconcile_case *c, enum reconcile_matter matter,
		   const char *here, const char *there)
{
	const char *done = NULL;

	if (c->r->repairs && matter == RECONCILE_GONE)
		done = remove_here(c);
	else if (c->r->repairs && matter == RECONCILE_PLAN)
		done = change_here(c, there);
	else if (c->r->repairs && matter == RECONCILE_STATE)
		done = reconcile_queue(c, c->resource.id, JOB_COMPLETE);
	else if (c->r->repairs && matter == RECONCILE_CONFIG)
		done = reconcile_queue(c, c->resource.id, JOB_PUSH_CONFIG);
	c->is_mended = done && (c->is_mended || !c->differs);
	c->differs = true;
	reconcile_tell(c, matter, c->resource.id, here, there, done);
}

/* ---- comparing ---- */

static bool has_there(const struct json *list, const struct json *var)
{
	for (const struct json *v = json_first(list); v; v = json_next(v)) {
		const char *name = json_text(json_member(v, "name"));
		const char *value = json_text(json_member(v, "value"));

		if (name && strcmp(name, json_name(var)) == 0)
			return value && strcmp(value, json_text(var)) == 0;
	}
	return false;
}

/* The names of those that are not there as they are here; NULL: none. */
static const char *differing_vars(struct reconcile_case *c,
				  const struct view *view)
{
	const char *names = NULL;
	struct resource_secrets kept;

	if (view->config.verdict != PLATFORM_DONE
	    || !resource_secrets_open(c->r->provider->keys, c->arena,
				      c->resource.id, c->resource.config,
				      &kept))
		return NULL;
	for (const struct json *v = json_first(kept.config); v;
	     v = json_next(v)) {
		if (has_there(view->config.body, v))
			continue;
		names = names
			? arena_printf(c->arena, "%s, %s", names, json_name(v))
			: json_name(v);
	}
	return names;
}

static void compare(struct reconcile_case *c, const struct view *view)
{
	const char *plan = reconcile_plan_there(view->resource.body);
	const char *vars = differing_vars(c, view);

	if (is_gone_there(view)) {
		report(c, RECONCILE_GONE, "provisioned", "gone");
		return;
	}
	if (has_state(view, "provisioning"))
		report(c, RECONCILE_STATE, "provisioned", "provisioning");
	if (plan && strcmp(plan, c->resource.plan) != 0)
		report(c, RECONCILE_PLAN, c->resource.plan, plan);
	if (vars)
		report(c, RECONCILE_CONFIG, vars, "other values, or none");
}

static void count(struct reconcile_case *c)
{
	if (!c->differs)
		c->r->agreeing++;
	else if (c->is_mended)
		c->r->mended++;
	else
		c->r->differing++;
}

/* ---- all of them ---- */

/* Why it need not even be tried to ask; NULL: it is tried. */
static const char *obstacle(const struct reconcile_case *c)
{
	if (!c->addon)
		return "its add-on has no valid home on this host";
	if (!c->addon->dialect->may_promise || !c->resource.marketplace_id)
		return "its marketplace tells nothing";
	if (!c->addon->client_secret)
		return "its add-on's settings.json names no client_secret_file";
	return c->resource.has_job ? "its listener is at work" : NULL;
}

static void examine(struct reconcile_case *c)
{
	struct view view = look(c);

	/* Which takes its time. */
	if (view.resource.verdict == PLATFORM_DONE && !is_gone_there(&view)
	    && reconcile_look_for_lost(c))
		view = look(c);
	if (c->outcome != OUTCOME_OK)
		return;
	if (view.resource.verdict != PLATFORM_DONE && !is_gone_there(&view)) {
		leave_unasked(c, view.resource.why);
		return;
	}
	compare(c, &view);
	count(c);
}

static enum outcome take(struct reconcile *r, struct arena *arena,
			 const char *id)
{
	struct reconcile_case c = { .r = r, .arena = arena };
	const char *why;
	bool found;
	enum outcome outcome =
		resource_get(r->provider->db, arena, id, &c.resource, &found);

	if (outcome != OUTCOME_OK || !found
	    || c.resource.state != RESOURCE_PROVISIONED)
		return outcome;
	c.addon = addons_find(r->provider->addons, c.resource.marketplace,
			      c.resource.addon);
	why = obstacle(&c);
	if (why)
		leave_unasked(&c, why);
	else
		examine(&c);
	return c.outcome;
}

enum outcome reconcile_run(struct reconcile *r)
{
	struct arena *pages = arena_create(), *arena = arena_create();
	struct resource_reconcile_page page;
	char last[UUID_LENGTH + 1] = "";
	enum outcome outcome;

	r->seen = reconcile_seen_create();
	do {
		arena_reset(pages);
		outcome = resource_reconcile_next(r->provider->db, pages,
						  r->marketplace, r->addon,
						  *last ? last : NULL, &page);
		for (int i = 0;
		     outcome == OUTCOME_OK && i < page.count && !r->is_stopped;
		     i++) {
			outcome = take(r, arena, page.ids[i]);
			snprintf(last, sizeof last, "%s", page.ids[i]);
			arena_reset(arena);
		}
	} while (outcome == OUTCOME_OK && !r->is_stopped
		 && page.count == RECONCILING_PAGE);
	if (!r->blind)
		r->blind = reconcile_seen_doubt(r->seen);
	arena_destroy(arena);
	arena_destroy(pages);
	return outcome;
}

void reconcile_close(struct reconcile *r)
{
	reconcile_seen_destroy(r->seen);
	r->seen = NULL;
	r->blind = NULL;
}
