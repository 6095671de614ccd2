#include "lib/reconcile/one_resource.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/jobs/job_run.h"
#include "lib/listener/listener.h"
#include "lib/platform/authorized.h"
#include "lib/settings/settings.h"
#include "lib/store/plan_promise.h"
#include "lib/store/resource_reconcile.h"
#include "lib/text/json.h"

enum {
	CALL_LIMIT = 30 * 1000, /* ms for one call */
	MAX_WAIT = 60, /* s that we wait if a marketplace requires it */
	TRIES = 3,
	LEASE = 4 * 60 * 1000, /* ms; longer than all calls and waits */
	FEW_CALLS = 100        /* if the rate limit leaves fewer, pause first */
};

const struct resource_actor reconcile_actor = { .name = "reconcile" };

/* ---- queries ---- */

static void sleep_seconds(int seconds)
{
	const struct timespec duration = { .tv_sec = seconds };

	nanosleep(&duration, NULL);
}

static bool is_interrupted(const struct reconcile *run)
{
	return run->interrupted && *run->interrupted;
}

static struct platform_response query_patiently(struct reconcile_item *item,
						struct arena *arena,
						struct platform_request request)
{
	const struct provider *provider = item->run->provider;
	const struct grant_place place = {
		provider->db,
		provider->keys,
		arena,
		resource_identity(&item->resource),
	};
	struct platform_response response;

	for (int try = 1;; try++) {
		struct authorized authorized = authorized_begin(
			provider->platform, &place, item->addon,
			&item->resource, clock_now() + CALL_LIMIT);

		authorized.need.was_tried = true;
		authorized.refuses_new_token = item->refuses_new_token;
		response = authorized_ask(&authorized, request);
		item->refuses_new_token = authorized.refuses_new_token;
		item->is_revoked = authorized.token.is_refused;
		item->no_token = authorized.token.verdict == TOKEN_NONE
			? response.why
			: NULL;
		if (response.verdict != PLATFORM_LATER || item->is_revoked
		    || try == TRIES || is_interrupted(item->run)
		    || response.retry_after > MAX_WAIT)
			break;
		sleep_seconds(response.retry_after > 0 ? response.retry_after
						       : try);
	}
	if (0 <= response.remaining && response.remaining < FEW_CALLS)
		sleep_seconds(1);
	return response;
}

static struct platform_response no_response(struct reconcile_item *item,
					    enum outcome outcome)
{
	if (item->outcome == OUTCOME_OK)
		item->outcome = outcome;
	return (struct platform_response){
		.verdict = PLATFORM_LATER,
		.remaining = -1,
		.why = outcome == OUTCOME_OK
			? "a job for its marketplace is unfinished: see "
			  "provisor jobs list"
			: "the database does not respond",
	};
}

struct platform_response reconcile_query(struct reconcile_item *item,
					 struct arena *arena,
					 struct platform_request request)
{
	struct db *db = item->run->provider->db;
	struct job_claim claim = { .lease = LEASE };
	struct platform_response response;
	struct job job;
	bool found;
	enum outcome outcome;

	uuid_random(claim.id);
	outcome = resource_reconcile_begin(db, item->arena, item->resource.id,
					   &item->resource.version, &claim,
					   &job, &found);
	item->is_busy = outcome == OUTCOME_OK && !found;
	if (outcome != OUTCOME_OK || !found)
		return no_response(item, outcome);
	response = query_patiently(item, arena, request);
	outcome = job_finish(db, item->arena, &job, NULL);
	return outcome == OUTCOME_OK ? response : no_response(item, outcome);
}

const char *reconcile_state_of(const struct json *addon)
{
	return json_text(json_member(addon, "state"));
}

const char *reconcile_plan_of(const struct json *addon)
{
	return platform_response_plan(addon);
}

const struct json *reconcile_config_of(const struct reconcile_item *item,
				       const struct json *list)
{
	struct json *config = json_object(item->arena);

	for (list = json_first(list); list; list = json_next(list)) {
		const char *name = json_text(json_member(list, "name"));
		const char *value = json_text(json_member(list, "value"));

		if (name && value && addon_declares(item->addon, name)
		    && !json_member(config, name))
			json_put_text(config, name, value);
	}
	return config;
}

/* ---- findings ---- */

void reconcile_report(const struct reconcile_item *item,
		      enum reconcile_difference difference, const char *id,
		      const char *here, const char *there, const char *repair)
{
	const struct reconcile_finding finding = {
		.difference = difference,
		.id = id,
		.marketplace = item->resource.marketplace,
		.addon = item->resource.addon,
		.here = here,
		.there = there,
		.repair = repair,
	};

	item->run->report(item->run->context, &finding);
}

void reconcile_note_difference(struct reconcile_item *item,
			       enum reconcile_difference difference,
			       const char *here, const char *there,
			       const char *repair)
{
	item->is_repaired = repair && (item->is_repaired || !item->differs);
	item->differs = true;
	reconcile_report(item, difference, item->resource.id, here, there,
			 repair);
}

void reconcile_leave_unchecked(struct reconcile_item *item, const char *reason)
{
	reconcile_report(item,
			 item->is_busy ? RECONCILE_BUSY : RECONCILE_UNCHECKED,
			 item->resource.id, NULL, reason, NULL);
	item->run->counts.unchecked++;
}

/* ---- repairs ---- */

struct provider_call reconcile_begin_call(const struct reconcile_item *item)
{
	int64_t limit = item->run->provider->settings->job_limit;
	struct provider_call call = {
		.arena = item->arena,
		.addon = item->addon,
		.actor = reconcile_actor.name,
		.listen_until = clock_now() + limit,
		.keeps = true,
	};

	call.deadline = call.listen_until + LISTENER_GRACE + CALL_LIMIT;
	return call;
}

const char *reconcile_listener_job(struct reconcile_item *item)
{
	if (!item->resource.has_job)
		return NULL;
	item->is_busy = true;
	return "a job for the listener is unfinished: see provisor jobs list";
}

const char *reconcile_queue_job(const struct reconcile_item *item,
				const char *id, enum job_kind kind)
{
	bool done;

	if (resource_reconcile_queue(item->run->provider->db, item->arena, id,
				     kind, &reconcile_actor, &done)
		    != OUTCOME_OK
	    || !done)
		return NULL;
	return arena_printf(item->arena, "job %s", job_kind_name(kind));
}

void reconcile_note_awaited(struct reconcile_item *item)
{
	const char *repair = item->run->repairs
			&& job_run_can_call(item->addon, &item->resource)
		? reconcile_queue_job(item, item->resource.id, JOB_COMPLETE)
		: NULL;

	reconcile_note_difference(item, RECONCILE_STATE,
				  resource_state_name(item->resource.state),
				  "provisioning", repair);
}

/* Several processes may share the limit. */
static bool take_removal(struct reconcile *run)
{
	if (atomic_fetch_sub(run->removals_left, 1) > 0)
		return true;
	atomic_fetch_add(run->removals_left, 1);
	run->is_stopped = true;
	return false;
}

const char *reconcile_deprovision_here(struct reconcile_item *item)
{
	struct reconcile *run = item->run;
	struct provider_call call = reconcile_begin_call(item);
	enum outcome outcome;

	if (!run->repairs || !take_removal(run))
		return NULL;
	outcome = provider_deprovision_id(run->provider, &call,
					  item->resource.id, true);
	if (outcome == OUTCOME_OK || outcome == OUTCOME_GONE)
		return "deprovisioned";
	atomic_fetch_add(run->removals_left, 1);
	return NULL;
}

const char *reconcile_change_plan_here(struct reconcile_item *item,
				       const char *plan)
{
	struct reconcile *run = item->run;
	struct provider_call call = reconcile_begin_call(item);
	const char *id = item->resource.marketplace_id
		? item->resource.marketplace_id
		: item->resource.provider_id;
	struct dialect_response response;
	enum outcome outcome;

	if (!run->repairs)
		return NULL;
	outcome =
		provider_change_plan(run->provider, &call, id, plan, &response);
	if (outcome == OUTCOME_OK)
		return "changed";
	return outcome == OUTCOME_ACCEPTED || call.is_left_to_job
		? "job change-plan"
		: NULL;
}

void reconcile_note_same_plan(struct reconcile_item *item)
{
	const struct reconcile *run = item->run;

	if (item->resource.marketplace_plan && run->repairs
	    && item->outcome == OUTCOME_OK)
		item->outcome = plan_promise_withdraw(
			run->provider->db, item->arena, item->resource.id,
			&reconcile_actor);
}
