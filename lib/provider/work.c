/*
 * work.c - does what is due, while nobody waits.
 *
 * What a marketplace was never told of is taken back here rather than carried
 * forward: the customer's own repeat comes under another name.
 */
#include "lib/provider/internal.h"

#include <stddef.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/settings/settings.h"
#include "lib/db/db.h"
#include "lib/jobs/marketplace_job.h"
#include "lib/base/crash_point.h"
#include "lib/jobs/internal.h"
#include "lib/store/job.h"
#include "lib/base/log.h"
#include "lib/metrics/metrics.h"
#include "lib/store/resource.h"
#include "lib/listener/listener.h"

enum {
	/* ms beside what the listener takes */
	STORING = PROVIDER_WORK_GRACE - LISTENER_GRACE,
	HOME_AGAIN = 60000, /* ms until a home that is not there is looked for
			       again */
	CALL_AGAIN = 1000   /* ms until somebody else may have called */
};

static void tell_step(const struct job_run *f, enum outcome outcome,
		      int64_t started)
{
	const struct job *job = f->job;
	int64_t ms = clock_now() - started;
	const struct log_field fields[] = {
		{ "job", job->id },
		{ "kind", job_kind_name(job->kind) },
		{ "attempt", arena_printf(f->arena, "%d", job->attempt) },
		{ "outcome", outcome_name(outcome) },
		{ "duration_seconds", log_seconds(f->arena, ms) },
		{ "addon", f->resource->addon },
		{ "resource", job->resource },
		{ "reason", f->why },
		{ NULL, NULL },
	};

	log_fields(LOG_LEVEL_INFO, fields);
	metrics_job(job_kind_name(job->kind), outcome, ms, db_spent(f->db),
		    listener_spent());
}

static enum outcome take_back(struct job_run *f)
{
	enum outcome outcome = job_turn_back(f->db, f->arena, f->job);

	return outcome == OUTCOME_OK ? listener_job_back(f) : outcome;
}

/* What was promised goes forward, and so does what the marketplace counts on
 * without a promise. */
static enum outcome listen(struct provider *provider, struct job_run *f)
{
	bool is_known;

	if (f->job->kind == JOB_CHANGE_PLAN)
		return take_back(f);
	if (f->job->kind != JOB_PROVISION
	    || f->resource->state != RESOURCE_PROVISIONING)
		return listener_job_back(f);
	if (f->resource->is_promised)
		return listener_job_forward(f);
	if (marketplace_job_is_expected(f, provider->platform, &is_known))
		return listener_job_promise(f);
	if (is_known)
		return take_back(f);
	return job_run_put_off(f, job_back_off(f->job->attempt), false,
			       "the marketplace cannot be asked whether it "
			       "counts on it");
}

static enum outcome carry_out(struct provider *provider, struct job_run *f)
{
	f->addon = addons_find(provider->addons, f->resource->marketplace,
			       f->resource->addon);
	if (f->addon && job_kinds[f->job->kind].lane == JOB_LANE_MARKETPLACE)
		return marketplace_job_run(f, provider->platform);
	if (f->addon)
		return listen(provider, f);
	return job_run_put_off(
		f, HOME_AGAIN, false,
		arena_printf(f->arena,
			     "%s at %s has no valid home on this host: "
			     "provisor addons list says why",
			     f->resource->addon, f->resource->marketplace));
}

static enum outcome work_on(struct provider *provider, struct arena *arena,
			    const struct job *job, int64_t deadline)
{
	struct resource resource;
	struct job_run f = {
		.db = provider->db,
		.keys = provider->keys,
		.arena = arena,
		.resource = &resource,
		.job = job,
		.actor = { .name = "provisor-jobs" },
		.log_hosts = provider->settings->log_input_hosts,
		.deadline = deadline,
		.wait_until = deadline + LISTENER_GRACE + STORING / 2,
	};
	int64_t started = clock_now();
	bool found;
	enum outcome outcome = resource_get(provider->db, arena, job->resource,
					    &resource, &found);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = carry_out(provider, &f);
	if (job->kind == JOB_COMPLETE && outcome == OUTCOME_OK)
		provider_tell(provider, arena, f.addon, &resource,
			      "provisioned");
	tell_step(&f, outcome, started);
	return outcome;
}

enum outcome provider_work(struct provider *provider, struct arena *arena,
			   int64_t limit, bool *found)
{
	int64_t deadline = clock_now() + limit;
	struct job_claim claim = { .lease = listener_job_lease(deadline) };
	struct job job;
	enum outcome outcome;
	bool is_alone;

	*found = false;
	uuid_random(claim.id);
	db_set_deadline(provider->db, deadline + LISTENER_GRACE + STORING);
	outcome = job_claim_next(provider->db, arena, &claim, &job, found);
	if (outcome != OUTCOME_OK || !*found)
		return outcome;
	crash_point(job_kind_name(job.kind), "claimed");
	outcome = job_is_alone(provider->db, arena, &job, &is_alone);
	if (outcome != OUTCOME_OK)
		return outcome;
	return is_alone
		? work_on(provider, arena, &job, deadline)
		: job_put_off(provider->db, arena, &job, CALL_AGAIN, false,
			      "another job calls its marketplace");
}
