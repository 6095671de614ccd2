/*
 * verify_job.c - calls the listener once more, after a claim was lost.
 *
 * Two calls of the listener may have overlapped, and what the vendor has may be
 * the work of either.  The repeated call is the last one, so its answer is what
 * the vendor has.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/store/job.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

static struct listener_answer ask_what_holds(struct job_run *run)
{
	const struct job *job = run->claim.job;
	const char *plan = run->resource->plan;

	switch (job->verified_kind) {
	case JOB_CHANGE_PLAN:
		return ask_job_listener(run, LISTENER_CHANGE_PLAN, plan,
					job->plan);
	case JOB_ROTATE:
		return ask_job_listener(run, LISTENER_ROTATE, plan, NULL);
	case JOB_RESTORE:
		return transfer_job_ask(run, LISTENER_RESTORE);
	case JOB_MOVE:
		return transfer_job_ask(run, LISTENER_MOVE);
	case JOB_SUSPEND:
	case JOB_RESUME:
		return ask_job_listener(run,
					run->resource->state
							== RESOURCE_SUSPENDED
						? LISTENER_SUSPEND
						: LISTENER_RESUME,
					plan, NULL);
	default:
		return ask_job_listener(run, LISTENER_PROVISION, plan, NULL);
	}
}

static bool are_equal(struct arena *arena, const struct json *a,
		      const struct json *b)
{
	return strcmp(json_print(arena, json_sorted(arena, a)),
		      json_print(arena, json_sorted(arena, b)))
		== 0;
}

static bool has_config(const struct job_run *run,
		       const struct listener_answer *answer)
{
	struct resource_secrets stored;

	return resource_secrets_open(run->keys, run->claim.arena,
				     resource_identity(run->resource),
				     run->resource->config, &stored)
		&& are_equal(run->claim.arena, stored.config,
			     answer->stored.config);
}

static bool has_log_drain(const struct job_run *run,
			  const struct listener_answer *answer)
{
	const char *stored = resource_secrets_open_text(
		run->keys, run->claim.arena, resource_identity(run->resource),
		RESOURCE_SECRET_LOG_DRAIN, run->resource->log_drain_url);

	return stored && answer->log_drain_url
		? strcmp(stored, answer->log_drain_url) == 0
		: stored == answer->log_drain_url;
}

static enum outcome store_what_holds(struct job_run *run,
				     const struct listener_answer *answer)
{
	const struct resource holds = listener_seal(run->keys, run->claim.arena,
						    run->resource, answer);
	bool has_changed =
		!has_config(run, answer) || !has_log_drain(run, answer);

	return job_run_conclude(
		run,
		job_result_verified(
			&run->claim, has_changed ? &holds : NULL,
			has_changed
				&& job_run_can_call(run->addon, run->resource)),
		OUTCOME_OK);
}

static enum outcome verify_existing(struct job_run *run)
{
	const struct listener_answer answer = ask_what_holds(run);

	switch (answer.verdict) {
	case LISTENER_DONE:
		return store_what_holds(run, &answer);
	case LISTENER_REFUSED:
	case LISTENER_FAILED_FOR_GOOD:
		return job_run_put_off(
			run, JOB_NEVER, false,
			answer.why ? answer.why
				   : "the listener refused to repeat a call");
	case LISTENER_PENDING:
	case LISTENER_FAILED:
		break;
	}
	return retry_listener(run, &answer);
}

/* A resource that is still being provisioned and has no config vars is
 * provisioned by a job of its own. */
enum outcome verify_job(struct job_run *run)
{
	const struct resource *resource = run->resource;

	if (resource->state == RESOURCE_PROVISIONING && !resource->config)
		return job_run_finish(run,
				      "the resource is provisioned by "
				      "another job");
	if (run->claim.job->verified_kind == JOB_MOVE
	    && !transfer_job_holds(run))
		return job_run_finish(run, "the move was undone");
	if (resource->state == RESOURCE_KEPT)
		return listener_job_suspend(run);
	if (resource_is_live(resource))
		return verify_existing(run);
	return listener_job_remove(run);
}
