/*
 * due_job.c - carries out the jobs that are due.
 *
 * If the marketplace got no success for a provision or a plan change, and does
 * not repeat its request, the job undoes it: the customer who tries again sends
 * another request.
 */
#include "lib/provider/call.h"

#include <limits.h>
#include <stddef.h>
#include <unistd.h>

#include "lib/addon/addon_index.h"
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
	CALL_DELAY = 1000,     /* ms, at most, before a job that may not run yet
				  is tried again */
	BY_AGE_EVERY = 8,      /* every eighth job is the oldest that is due */
	MOST_QUESTIONS = 30    /* attempts; the delays add up to about a day */
};

static const struct resource_actor jobs_actor = { .name = "provisor-jobs" };

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

/* ---- decisions ---- */

/* The marketplace cannot be queried now.  After about a day, leave the decision
 * to an operator. */
static enum outcome wait_for_marketplace(struct job_run *run)
{
	int attempt = run->claim.job->attempt;

	return job_run_put_off(run,
			       attempt < MOST_QUESTIONS ? job_back_off(attempt)
							: JOB_NEVER,
			       false,
			       "the marketplace cannot be asked whether it "
			       "expects the resource");
}

/*
 * A promised provision goes forward, and so does one that the marketplace
 * expects without a promise.
 *
 * One that was released after a restore (keeps) is not undone.  The marketplace
 * may have got a promise that this database lacks.
 */
static enum outcome decide_provision(struct job_run *run)
{
	const bool keeps = run->claim.job->keeps;

	if (run->resource->is_promised
	    || run->resource->state != RESOURCE_PROVISIONING)
		return job_run_carry_out(run);
	switch (job_run_view(run)) {
	case JOB_RUN_WAITS:
		return job_run_promise(run);
	case JOB_RUN_HAS_IT:
		return keeps ? job_run_carry_out(run) : job_run_promise(run);
	case JOB_RUN_NO_ANSWER:
		return wait_for_marketplace(run);
	case JOB_RUN_NO_TOKEN:
		return keeps ? job_run_carry_out(run)
			     : wait_for_marketplace(run);
	default:
		return keeps ? job_run_carry_out(run) : job_run_undo(run);
	}
}

static enum outcome decide(struct job_run *run)
{
	switch (run->claim.job->kind) {
	case JOB_PROVISION:
		return decide_provision(run);
	case JOB_CHANGE_PLAN:
		return job_run_undoes_plan(run->claim.job)
			? job_run_undo(run)
			: job_run_carry_out(run);
	default:
		return job_run_carry_out(run);
	}
}

static enum outcome hold_job(struct job_run *run)
{
	return job_run_put_off(run, JOB_NEVER, false,
			       "the database was restored or has failed over "
			       "since: provisor restored");
}

/* Decide about a job of an earlier epoch.  The database may lack a later
 * result, so nothing is removed or overwritten. */
static enum outcome decide_in_later_epoch(struct job_run *run)
{
	const struct job *job = run->claim.job;
	enum job_epoch_rule rule = job_kinds[job->kind].in_later_epoch;

	if (rule == JOB_ALWAYS
	    || !job_kind_wants(job->kind, run->resource->state))
		return decide(run);
	if (rule == JOB_HELD)
		return hold_job(run);
	switch (job_run_view(run)) {
	case JOB_RUN_WAITS:
		return decide(run);
	case JOB_RUN_NO_ANSWER:
		return wait_for_marketplace(run);
	default:
		return hold_job(run);
	}
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
	return run->claim.job->is_of_epoch ? decide(run)
					   : decide_in_later_epoch(run);
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
			.actor = jobs_actor,
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
	log_job(&run, outcome, started);
	return outcome;
}

/* The processes of provisor-jobs on this host. */
struct host_processes {
	char host[HOST_NAME_MAX + 1];
	pid_t pids[METRICS_SLOTS];
};

/* The choice refers to *of. */
static void choose_jobs(struct provider *provider, struct host_processes *of,
			struct job_choice *choice)
{
	int processes = settings_job_workers(provider->settings);
	int running = metrics_pids(METRICS_JOBS, of->pids, METRICS_SLOTS);

	of->host[HOST_NAME_MAX] = '\0';
	gethostname(of->host, HOST_NAME_MAX);
	*choice = (struct job_choice){
		.host = of->host,
		.processes = running > 0 ? of->pids : NULL,
		.process_count = running,
		.most_of_addon = processes > 1 ? (processes + 1) / 2 : 0,
		.is_by_age = provider->searches++ % BY_AGE_EVERY == 0,
	};
}

enum outcome provider_run_due_job(struct provider *provider,
				  struct arena *arena, int64_t limit,
				  bool *found)
{
	int64_t deadline = clock_now() + limit;
	struct job_claim claim = { .lease = job_run_lease(deadline) };
	struct host_processes processes;
	struct job_choice choice;
	struct job job;
	enum outcome outcome;
	bool may_run;

	*found = false;
	uuid_random(claim.id);
	choose_jobs(provider, &processes, &choice);
	db_set_deadline(provider->db, deadline + LISTENER_GRACE + STORING);
	outcome = job_claim_next(provider->db, arena, &claim, &choice, &job,
				 found);
	if (outcome != OUTCOME_OK || !*found)
		return outcome;
	crash_point(job_kind_name(job.kind), "claimed");
	outcome = job_may_run(provider->db, arena, &job, &choice, &may_run);
	if (outcome != OUTCOME_OK)
		return outcome;
	return may_run
		? run_job(provider, arena, &job, deadline)
		: job_release(provider->db, arena, &job, random() % CALL_DELAY);
}
