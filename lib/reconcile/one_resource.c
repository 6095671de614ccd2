#include "lib/reconcile/one_resource.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/settings/settings.h"
#include "lib/listener/listener.h"
#include "lib/platform/authorized.h"
#include "lib/text/json.h"
#include "lib/store/resource_reconcile.h"

enum {
	CALL_LIMIT = 30 * 1000, /* ms for one call */
	LONGEST_WAIT = 60,      /* s that a marketplace may have us wait */
	TRIES = 3,
	LEASE = 4 * 60 * 1000, /* ms: more than all of that together */
	FEW_LEFT = 100 /* calls, below which we take a second for each */
};

const struct resource_actor reconcile_actor = { .name = "reconcile" };

/* ---- asking ---- */

static void rest(int seconds)
{
	const struct timespec moment = { .tv_sec = seconds };

	nanosleep(&moment, NULL);
}

static struct platform_answer ask(const struct reconcile_case *c,
				  struct arena *arena,
				  struct platform_question question)
{
	const struct provider *provider = c->r->provider;
	const struct grant_keeper keeper = {
		provider->db,
		provider->keys,
		arena,
		c->resource.id,
	};
	struct platform_answer answer;

	for (int try = 1;; try++) {
		struct authorized authorized = authorized_begin(
			provider->platform, &keeper, c->addon, &c->resource,
			clock_now() + CALL_LIMIT);

		authorized.need.was_tried = true;
		answer = authorized_ask(&authorized, question);
		if (answer.verdict != PLATFORM_LATER || try == TRIES
		    || answer.retry_after > LONGEST_WAIT)
			break;
		rest(answer.retry_after > 0 ? answer.retry_after : try);
	}
	if (0 <= answer.remaining && answer.remaining < FEW_LEFT)
		rest(1);
	return answer;
}

static struct platform_answer no_answer(struct reconcile_case *c,
					enum outcome outcome)
{
	if (c->outcome == OUTCOME_OK)
		c->outcome = outcome;
	return (struct platform_answer){
		.verdict = PLATFORM_LATER,
		.remaining = -1,
		.why = outcome == OUTCOME_OK
			? "a job calls its marketplace, or is to: provisor jobs list"
			: "the database is away",
	};
}

struct platform_answer reconcile_ask(struct reconcile_case *c,
				     struct arena *arena,
				     struct platform_question question)
{
	struct db *db = c->r->provider->db;
	struct job_claim claim = { .lease = LEASE };
	struct platform_answer answer;
	struct job job;
	bool found;
	enum outcome outcome;

	uuid_random(claim.id);
	outcome = resource_reconcile_begin(db, c->arena, c->resource.id,
					   &c->resource.version, &claim, &job,
					   &found);
	if (outcome != OUTCOME_OK || !found)
		return no_answer(c, outcome);
	answer = ask(c, arena, question);
	outcome = job_finish(db, c->arena, &job, NULL);
	return outcome == OUTCOME_OK ? answer : no_answer(c, outcome);
}

/* ---- what is told ---- */

const char *reconcile_state_there(const struct json *addon)
{
	return json_text(json_member(addon, "state"));
}

/* Its name is "service:plan". */
const char *reconcile_plan_there(const struct json *addon)
{
	const char *name =
		json_text(json_member(json_member(addon, "plan"), "name"));
	const char *colon = name ? strchr(name, ':') : NULL;

	return colon && colon[1] ? colon + 1 : NULL;
}

/* ---- doing ---- */

struct provider_call reconcile_call(const struct reconcile_case *c)
{
	int64_t limit = c->r->provider->settings->job_limit;
	struct provider_call call = {
		.arena = c->arena,
		.addon = c->addon,
		.actor = reconcile_actor.name,
		.listen_until = clock_now() + limit,
	};

	call.deadline = call.listen_until + LISTENER_GRACE + CALL_LIMIT;
	return call;
}

const char *reconcile_queue(const struct reconcile_case *c, const char *id,
			    enum job_kind kind)
{
	bool done;

	if (resource_reconcile_queue(c->r->provider->db, c->arena, id, kind,
				     &reconcile_actor, &done)
		    != OUTCOME_OK
	    || !done)
		return NULL;
	return arena_printf(c->arena, "job %s", job_kind_name(kind));
}

void reconcile_tell(const struct reconcile_case *c,
		    enum reconcile_matter matter, const char *id,
		    const char *here, const char *there, const char *done)
{
	const struct reconcile_finding finding = {
		.matter = matter,
		.id = id,
		.marketplace = c->resource.marketplace,
		.addon = c->resource.addon,
		.here = here,
		.there = there,
		.done = done,
	};

	c->r->tell(c->r->listener, &finding);
}
