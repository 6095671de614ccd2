/*
 * due_job.c - carries out the jobs that are due.
 *
 * If the marketplace got no response to a provision or a plan change, the job
 * undoes it: the customer who tries again sends another request.
 */
#include "lib/provider/call.h"

#include <stddef.h>

#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/crash_point.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/jobs/job_run.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"
#include "lib/settings/settings.h"
#include "lib/store/job.h"
#include "lib/store/resource.h"

enum {
	STORING = PROVIDER_JOB_GRACE - LISTENER_GRACE, /* ms */
	NO_HOME_DELAY = 60000, /* ms until the next look for a missing home */
	CALL_DELAY = 1000      /* ms before the marketplace is called again */
};

static void log_job(const struct job_run *run, enum outcome outcome,
		    int64_t started)
{
	const struct job *job = run->claim.job;
	struct arena *arena = run->claim.arena;
	int64_t ms = clock_now() - started;
	const struct log_field fields[] = {
		{ "job", job->id },
		{ "kind", job_kind_name(job->kind) },
		{ "attempt", arena_printf(arena, "%d", job->attempt) },
		{ "outcome", outcome_name(outcome) },
		{ "duration_seconds", log_seconds(arena, ms) },
		{ "addon", run->resource->addon },
		{ "resource", job->resource },
		{ "reason", run->reason },
		{ NULL, NULL },
	};

	log_fields(LOG_LEVEL_INFO, fields);
	metrics_job(job_kind_name(job->kind), outcome, ms,
		    db_spent(run->claim.db), listener_spent());
}

/* A promised provision goes forward, and so does one that the marketplace
 * expects without a promise. */
static enum outcome decide_provision(struct job_run *run)
{
	bool is_known;

	if (run->resource->is_promised
	    || run->resource->state != RESOURCE_PROVISIONING)
		return job_run_carry_out(run);
	if (job_run_is_expected(run, &is_known))
		return job_run_promise(run);
	if (is_known)
		return job_run_undo(run);
	return job_run_put_off(run, job_back_off(run->claim.job->attempt),
			       false,
			       "the marketplace cannot be asked whether it "
			       "expects the resource");
}

static enum outcome carry_out_job(struct provider *provider,
				  struct job_run *run)
{
	const struct resource *resource = run->resource;

	run->addon = addons_find(provider->addons, resource->marketplace,
				 resource->addon);
	if (!run->addon)
		return job_run_put_off(
			run, NO_HOME_DELAY, false,
			arena_printf(run->claim.arena,
				     "%s at %s has no valid home on this host: "
				     "provisor addons list says why",
				     resource->addon, resource->marketplace));
	switch (run->claim.job->kind) {
	case JOB_PROVISION:
		return decide_provision(run);
	case JOB_CHANGE_PLAN:
		return job_run_undo(run);
	default:
		return job_run_carry_out(run);
	}
}

static enum outcome run_job(struct provider *provider, struct arena *arena,
			    const struct job *job, int64_t deadline)
{
	struct resource resource;
	struct job_run run = {
		.claim = {
			.db = provider->db,
			.arena = arena,
			.job = job,
			.actor = { .name = "provisor-jobs" },
		},
		.keys = provider->keys,
		.resource = &resource,
		.deadline = deadline,
		.wait_until = deadline + LISTENER_GRACE + STORING / 2,
		.platform = provider->platform,
		.log_hosts = provider->settings->log_input_hosts,
	};
	int64_t started = clock_now();
	bool found;
	enum outcome outcome = resource_get(provider->db, arena, job->resource,
					    &resource, &found);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = carry_out_job(provider, &run);
	if (job->kind == JOB_COMPLETE && outcome == OUTCOME_OK)
		provider_write_log(provider, arena, run.addon, &resource,
				   "provisioned");
	log_job(&run, outcome, started);
	return outcome;
}

enum outcome provider_run_due_job(struct provider *provider,
				  struct arena *arena, int64_t limit,
				  bool *found)
{
	int64_t deadline = clock_now() + limit;
	struct job_claim claim = { .lease = job_run_lease(deadline) };
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
		? run_job(provider, arena, &job, deadline)
		: job_put_off(provider->db, arena, &job, CALL_DELAY, false,
			      "another job calls its marketplace");
}
