#include "lib/reconcile.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/addon.h"
#include "lib/addons.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/config.h"
#include "lib/errand.h"
#include "lib/hook.h"
#include "lib/json.h"
#include "lib/kept.h"
#include "lib/provider.h"
#include "lib/reconciling.h"

enum {
	CALL_LIMIT = 30 * 1000, /* ms for one call */
	LONGEST_WAIT = 60,      /* s that a marketplace may have us wait */
	TRIES = 3,
	LEASE = 8 * 60 * 1000, /* ms: more than all of that together */
	FEW_LEFT = 100 /* calls, below which we take a second for each */
};

static const struct resource_actor actor = { .name = "reconcile" };

/* One resource. */
struct comparison {
	struct reconcile *r;
	struct arena *arena;
	struct resource resource;
	const struct addon *addon;
	bool differs;
	bool is_mended;
};

const char *reconcile_matter_name(enum reconcile_matter matter)
{
	static const char *const names[] = {
		[RECONCILE_GONE] = "gone",       [RECONCILE_PLAN] = "plan",
		[RECONCILE_STATE] = "state",     [RECONCILE_CONFIG] = "config",
		[RECONCILE_UNASKED] = "unasked",
	};

	return names[matter];
}

static void tell(struct comparison *c, enum reconcile_matter matter,
		 const char *here, const char *there, const char *done)
{
	const struct reconcile_finding finding = {
		.matter = matter,
		.id = c->resource.id,
		.marketplace = c->resource.marketplace,
		.addon = c->resource.addon,
		.here = here,
		.there = there,
		.done = done,
	};

	c->r->tell(c->r->listener, &finding);
}

static enum outcome leave_unasked(struct comparison *c, const char *why)
{
	tell(c, RECONCILE_UNASKED, NULL, why, NULL);
	c->r->unasked++;
	return OUTCOME_OK;
}

/* ---- asking ---- */

static void rest(int seconds)
{
	const struct timespec moment = { .tv_sec = seconds };

	nanosleep(&moment, NULL);
}

static struct platform_answer ask(struct comparison *c, enum platform_call what)
{
	struct platform_answer answer;

	for (int try = 1;; try++) {
		struct fulfilment f = {
			.db = c->r->provider->db,
			.keys = c->r->provider->keys,
			.arena = c->arena,
			.addon = c->addon,
			.resource = &c->resource,
			.deadline = clock_now() + CALL_LIMIT,
		};

		answer = errand_ask(&f, c->r->provider->platform, what);
		if (answer.verdict != PLATFORM_LATER || try == TRIES
		    || answer.retry_after > LONGEST_WAIT)
			break;
		rest(answer.retry_after > 0 ? answer.retry_after : try);
	}
	if (0 <= answer.remaining && answer.remaining < FEW_LEFT)
		rest(1);
	return answer;
}

/* What the marketplace tells; config's verdict is PLATFORM_DONE where that was
 * asked for and is there. */
struct view {
	struct platform_answer resource;
	struct platform_answer config;
};

static const char *state_there(const struct view *view)
{
	const char *state =
		json_text(json_member(view->resource.body, "state"));

	return state ? state : "";
}

static bool is_gone_there(const struct view *view)
{
	return view->resource.verdict == PLATFORM_GONE
		|| (view->resource.verdict == PLATFORM_DONE
		    && strcmp(state_there(view), "deprovisioned") == 0);
}

static struct view look(struct comparison *c)
{
	struct view view = {
		.resource = ask(c, PLATFORM_READ),
		.config = { .verdict = PLATFORM_REFUSED },
	};

	if (view.resource.verdict == PLATFORM_DONE
	    && strcmp(state_there(&view), "provisioned") == 0)
		view.config = ask(c, PLATFORM_READ_CONFIG);
	return view;
}

/* ---- mending ---- */

static struct provider_call call_of(const struct comparison *c)
{
	int64_t limit = c->r->provider->config->job_limit;
	struct provider_call call = {
		.arena = c->arena,
		.addon = c->addon,
		.actor = actor.name,
		.listen_until = clock_now() + limit,
	};

	call.deadline = call.listen_until + HOOK_GRACE + CALL_LIMIT;
	return call;
}

static const char *queue(struct comparison *c, enum job_kind kind)
{
	if (reconciling_queue(c->r->provider->db, c->arena, c->resource.id,
			      kind, &actor)
	    != OUTCOME_OK)
		return NULL;
	return arena_printf(c->arena, "job %s", job_kind_name(kind));
}

static const char *remove_here(struct comparison *c)
{
	struct provider_call call = call_of(c);
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
static const char *change_here(struct comparison *c, const char *plan)
{
	struct provider_call call = call_of(c);
	struct dialect_answer answer;
	enum outcome outcome =
		provider_change_plan(c->r->provider, &call,
				     c->resource.marketplace_id, plan, &answer);

	return outcome == OUTCOME_OK && queue(c, JOB_PUSH_CONFIG) ? "changed"
								  : NULL;
}

/* Tell what differs, and what came of mending it. */
static void report(struct comparison *c, enum reconcile_matter matter,
		   const char *here, const char *there)
{
	const char *done = NULL;

	if (c->r->repairs && matter == RECONCILE_GONE)
		done = remove_here(c);
	else if (c->r->repairs && matter == RECONCILE_PLAN)
		done = change_here(c, there);
	else if (c->r->repairs && matter == RECONCILE_STATE)
		done = queue(c, JOB_COMPLETE);
	else if (c->r->repairs && matter == RECONCILE_CONFIG)
		done = queue(c, JOB_PUSH_CONFIG);
	c->is_mended = done && (c->is_mended || !c->differs);
	c->differs = true;
	tell(c, matter, here, there, done);
}

/* ---- comparing ---- */

/* Its plan there; NULL where that is another service's, or not told. */
static const char *plan_there(const struct view *view)
{
	const char *name = json_text(
		json_member(json_member(view->resource.body, "plan"), "name"));
	const char *colon = name ? strchr(name, ':') : NULL;

	return colon && colon[1] ? colon + 1 : NULL;
}

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
static const char *differing_vars(struct comparison *c, const struct view *view)
{
	const char *names = NULL;
	struct kept kept;

	if (view->config.verdict != PLATFORM_DONE
	    || !kept_open(c->r->provider->keys, c->arena, c->resource.id,
			  c->resource.config, &kept))
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

static void compare(struct comparison *c, const struct view *view)
{
	const char *plan = plan_there(view);
	const char *vars = differing_vars(c, view);

	if (is_gone_there(view)) {
		report(c, RECONCILE_GONE, "provisioned", "gone");
		return;
	}
	if (strcmp(state_there(view), "provisioning") == 0)
		report(c, RECONCILE_STATE, "provisioned", "provisioning");
	if (plan && strcmp(plan, c->resource.plan) != 0)
		report(c, RECONCILE_PLAN, c->resource.plan, plan);
	if (vars)
		report(c, RECONCILE_CONFIG, vars, "other values, or none");
}

static void count(struct comparison *c)
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
static const char *obstacle(const struct comparison *c)
{
	if (!c->addon)
		return "its add-on has no valid home on this host";
	if (!c->addon->dialect->may_promise || !c->resource.marketplace_id)
		return "its marketplace tells nothing";
	if (!c->resource.has_live_grant)
		return "it has no token";
	return c->resource.has_job ? "its listener is at work" : NULL;
}

static enum outcome compare_with_claim(struct comparison *c,
				       const struct job *job)
{
	struct provider *provider = c->r->provider;
	const struct view view = look(c);
	enum outcome outcome = job_finish(provider->db, c->arena, job, NULL);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (view.resource.verdict != PLATFORM_DONE && !is_gone_there(&view))
		return leave_unasked(c, view.resource.why);
	compare(c, &view);
	count(c);
	return OUTCOME_OK;
}

static enum outcome take(struct reconcile *r, struct arena *arena,
			 const char *id)
{
	struct comparison c = { .r = r, .arena = arena };
	struct job_claim claim = { .lease = LEASE };
	struct job job;
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
		return leave_unasked(&c, why);
	uuid_random(claim.id);
	outcome = reconciling_begin(r->provider->db, arena, id,
				    c.resource.version, &claim, &job, &found);
	if (outcome != OUTCOME_OK)
		return outcome;
	return found ? compare_with_claim(&c, &job)
		     : leave_unasked(&c, "a job calls its marketplace");
}

enum outcome reconcile_run(struct reconcile *r)
{
	struct arena *pages = arena_create(), *arena = arena_create();
	struct reconciling_page page;
	char last[UUID_LENGTH + 1] = "";
	enum outcome outcome;

	do {
		arena_reset(pages);
		outcome =
			reconciling_next(r->provider->db, pages, r->marketplace,
					 r->addon, *last ? last : NULL, &page);
		for (int i = 0;
		     outcome == OUTCOME_OK && i < page.count && !r->is_stopped;
		     i++) {
			outcome = take(r, arena, page.ids[i]);
			snprintf(last, sizeof last, "%s", page.ids[i]);
			arena_reset(arena);
		}
	} while (outcome == OUTCOME_OK && !r->is_stopped
		 && page.count == RECONCILING_PAGE);
	arena_destroy(arena);
	arena_destroy(pages);
	return outcome;
}
