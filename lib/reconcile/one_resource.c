#include "lib/reconcile/one_resource.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/listener/listener.h"
#include "lib/platform/authorized.h"
#include "lib/settings/settings.h"
#include "lib/store/resource_reconcile.h"
#include "lib/text/json.h"

enum {
	CALL_LIMIT = 30 * 1000, /* ms for one call */
	MAX_WAIT = 60, /* s that we wait if a marketplace requires it */
	TRIES = 3,
	LEASE = 4 * 60 * 1000, /* ms; longer than all calls and waits */
	FEW_CALLS = 100        /* if the rate limit leaves fewer, pause first */
};

static const struct resource_actor reconcile_actor = { .name = "reconcile" };

/* ---- queries ---- */

static void sleep_seconds(int seconds)
{
	const struct timespec duration = { .tv_sec = seconds };

	nanosleep(&duration, NULL);
}

static struct platform_response
query_patiently(const struct reconcile_item *item, struct arena *arena,
		struct platform_request request)
{
	const struct provider *provider = item->run->provider;
	const struct grant_place place = {
		provider->db,
		provider->keys,
		arena,
		item->resource.id,
	};
	struct platform_response response;

	for (int try = 1;; try++) {
		struct authorized authorized = authorized_begin(
			provider->platform, &place, item->addon,
			&item->resource, clock_now() + CALL_LIMIT);

		authorized.need.was_tried = true;
		response = authorized_ask(&authorized, request);
		if (response.verdict != PLATFORM_LATER || try == TRIES
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
	const char *name =
		json_text(json_member(json_member(addon, "plan"), "name"));
	const char *colon = name ? strchr(name, ':') : NULL;

	return colon && colon[1] ? colon + 1 : NULL;
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
	};

	call.deadline = call.listen_until + LISTENER_GRACE + CALL_LIMIT;
	return call;
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
