/*
 * marketplace_job.c - jobs that call the marketplace.
 *
 * They exchange grants, report promised resources as provisioned or refused,
 * and write to the customer's log; config_job.c has the others.  Every call can
 * be repeated: the marketplace then responds that it knows already.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/crash_point.h"
#include "lib/platform/authorized.h"
#include "lib/platform/platform.h"
#include "lib/store/job.h"
#include "lib/store/resource_deprovision.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

enum {
	/* A code is valid for five minutes, so the delays between the first
	 * tries are shorter. */
	EXCHANGE_DELAY = 10000, /* ms, at most */
	EXCHANGE_TRIES = 30,    /* tries with that delay */
	/* Customers wait, so no delay is longer than two to four minutes,
	 * unless the marketplace requires it. */
	MOST_DOUBLINGS = 8,
	MOST_LOG_TRIES = 3,
	LONGEST_LOG_WAIT = 60 /* s for which a log holds up other jobs */
};

/* ---- calling ---- */

/* Prepare calls about the resource, unless that is done.  Send nothing yet. */
static void prepare_calls(struct job_run *run)
{
	const struct job *job = run->claim.job;
	const struct grant_place place = {
		run->claim.db,
		run->keys,
		run->claim.arena,
		resource_identity(run->resource),
	};

	if (run->authorized.need.platform)
		return;
	run->authorized = authorized_begin(run->platform, &place, run->addon,
					   run->resource, run->deadline);
	run->authorized.need.was_tried =
		job->kind != JOB_EXCHANGE || job->attempt > 1;
}

struct platform_response call_marketplace(struct job_run *run,
					  enum platform_call call,
					  const struct json *config)
{
	struct platform_response answer;

	prepare_calls(run);
	crash_point(job_kind_name(run->claim.job->kind), "calling");
	answer = authorized_ask(
		&run->authorized,
		(struct platform_request){ .call = call, .config = config });
	crash_point(job_kind_name(run->claim.job->kind), "called");
	if (call == PLATFORM_WRITE_CONFIG) {
		run->has_pushed = true;
		if (answer.is_unknown)
			(void)!job_check_config(run->claim.db, run->claim.arena,
						run->resource->id);
	}
	return answer;
}

static bool has_marketplace_state(const struct platform_response *answer,
				  const char *state)
{
	const char *actual = json_text(json_member(answer->body, "state"));

	return answer->verdict == PLATFORM_DONE && actual
		&& strcmp(actual, state) == 0;
}

bool open_config_vars(const struct job_run *run,
		      struct resource_secrets *secrets)
{
	return resource_secrets_open(run->keys, run->claim.arena,
				     resource_identity(run->resource),
				     run->resource->config, secrets);
}

/* ---- trying again ---- */

static int64_t marketplace_back_off(const struct job_run *run)
{
	int attempt = run->claim.job->attempt;

	return job_back_off(attempt < MOST_DOUBLINGS ? attempt
						     : MOST_DOUBLINGS);
}

/* Try again after delay ms.  If the marketplace requires a longer delay,
 * retry_after seconds, add it to delay. */
static enum outcome retry_marketplace_in(struct job_run *run, int64_t delay,
					 int retry_after, const char *reason)
{
	if ((int64_t)retry_after * 1000 > delay)
		delay += (int64_t)retry_after * 1000;
	return job_run_put_off(run, delay, false, reason);
}

enum outcome retry_marketplace(struct job_run *run, int retry_after,
			       const char *reason)
{
	return retry_marketplace_in(run, marketplace_back_off(run), retry_after,
				    reason);
}

/* Leave the job to an operator.  If the marketplace still waits for the
 * resource, retry the job instead. */
static enum outcome give_up_marketplace(struct job_run *run, const char *reason)
{
	if (run->claim.job->kind == JOB_COMPLETE
	    && run->resource->state == RESOURCE_PROVISIONING)
		return retry_marketplace(run, 0, reason);
	return job_run_put_off(run, JOB_NEVER, false, reason);
}

enum outcome retry_or_give_up(struct job_run *run,
			      const struct platform_response *answer)
{
	if (answer->verdict == PLATFORM_LATER)
		return retry_marketplace(run, answer->retry_after, answer->why);
	if (answer->verdict == PLATFORM_UNAUTHORIZED
	    && run->authorized.token.verdict != TOKEN_NONE)
		return retry_marketplace(run, 0, answer->why);
	return give_up_marketplace(run, answer->why);
}

/* ---- exchange ---- */

static enum outcome finish_exchanged(struct job_run *run)
{
	enum outcome outcome = job_wake_marketplace_jobs(
		run->claim.db, run->claim.arena, run->resource->id);

	return outcome == OUTCOME_OK ? job_run_finish(run, NULL) : outcome;
}

static enum outcome finish_without_token(struct job_run *run,
					 const char *reason)
{
	enum outcome outcome = job_run_finish(run, reason);

	return outcome == OUTCOME_OK ? OUTCOME_INVALID : outcome;
}

enum outcome marketplace_job_exchange(struct job_run *run)
{
	int64_t delay = marketplace_back_off(run);
	struct token token;

	prepare_calls(run);
	token = authorized_token(&run->authorized);
	if (token.verdict == TOKEN_READY)
		return finish_exchanged(run);
	if (token.verdict == TOKEN_NONE)
		return finish_without_token(run, token.why);
	if (delay > EXCHANGE_DELAY && run->claim.job->attempt < EXCHANGE_TRIES)
		delay = EXCHANGE_DELAY;
	return retry_marketplace_in(run, delay, token.retry_after, token.why);
}

/* ---- complete ---- */

/* The marketplace has deprovisioned the resource. */
static enum outcome deprovision_unknown(struct job_run *run)
{
	const struct resource_removal removal = {
		.id = run->resource->id,
		.frees_key = run->addon->dialect->key_returns,
		.cleans_up = true,
	};
	bool done;
	enum outcome outcome =
		resource_deprovision(run->claim.db, run->claim.arena, &removal,
				     &run->claim.actor, &done);

	if (outcome == OUTCOME_OK)
		outcome = job_run_finish(run,
					 "the marketplace no longer has the "
					 "resource");
	return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
}

/* The marketplace is about to give up by itself. */
static enum outcome refuse_overdue(struct job_run *run)
{
	run->reason = "the marketplace could not be called in time";
	return job_run_conclude(
		run,
		job_result_refused(
			&run->claim,
			"The resource could not be provisioned in time.",
			run->reason, true),
		OUTCOME_OK);
}

/* Return what a refusal means: the marketplace may know already, from an
 * earlier attempt, or may have deprovisioned the resource. */
static struct platform_response
explain_refusal(struct job_run *run, struct platform_response refusal)
{
	const struct platform_response view =
		call_marketplace(run, PLATFORM_READ, NULL);

	if (view.verdict != PLATFORM_DONE
	    || has_marketplace_state(&view, "provisioned"))
		return view;
	if (has_marketplace_state(&view, "deprovisioned"))
		refusal.verdict = PLATFORM_GONE;
	return refusal;
}

static struct platform_response report_provisioned(struct job_run *run,
						   const struct json *config)
{
	struct platform_response answer = { .verdict = PLATFORM_DONE };

	if (json_count(config) > 0)
		answer = call_marketplace(run, PLATFORM_WRITE_CONFIG, config);
	if (answer.verdict == PLATFORM_DONE)
		answer = call_marketplace(run, PLATFORM_PROVISIONED, NULL);
	return answer.verdict == PLATFORM_REFUSED ? explain_refusal(run, answer)
						  : answer;
}

static enum outcome store_completion(struct job_run *run)
{
	const char *line =
		job_run_log_line(run->addon, run->resource, "provisioned");

	return job_run_conclude(run, job_result_completed(&run->claim, line),
				OUTCOME_OK);
}

static enum outcome report_completion(struct job_run *run)
{
	struct platform_response answer;
	struct resource_secrets secrets;

	if (!open_config_vars(run, &secrets))
		return retry_marketplace(run, 0, "its config cannot be opened");
	answer = report_provisioned(run, secrets.config);
	if (answer.verdict == PLATFORM_GONE)
		return deprovision_unknown(run);
	if (answer.verdict != PLATFORM_DONE)
		return retry_or_give_up(run, &answer);
	return store_completion(run);
}

/* The job was released after a restore, so the marketplace may have the
 * resource already, with newer config vars than ours. */
static enum outcome complete_if_waited(struct job_run *run)
{
	switch (job_run_view(run)) {
	case JOB_RUN_HAS_IT:
		return store_completion(run);
	case JOB_RUN_WAITS:
		return report_completion(run);
	case JOB_RUN_NO_ANSWER:
		return retry_marketplace(run, 0,
					 "the marketplace cannot be asked "
					 "whether it waits for the resource");
	default:
		return job_run_put_off(
			run, JOB_NEVER, false,
			"the marketplace does not say whether it has the "
			"resource: provisor reconcile --against");
	}
}

enum outcome marketplace_job_complete(struct job_run *run)
{
	if (run->claim.job->keeps)
		return complete_if_waited(run);
	if (run->resource->is_overdue
	    && run->resource->state == RESOURCE_PROVISIONING)
		return refuse_overdue(run);
	return report_completion(run);
}

/* ---- withdraw ---- */

enum outcome marketplace_job_withdraw(struct job_run *run)
{
	const struct platform_response answer =
		call_marketplace(run, PLATFORM_DEPROVISIONED, NULL);

	if (answer.verdict != PLATFORM_DONE && answer.verdict != PLATFORM_GONE
	    && answer.verdict != PLATFORM_REFUSED)
		return retry_or_give_up(run, &answer);
	run->reason = answer.why;
	return job_run_conclude(run, job_result_withdrawn(&run->claim),
				OUTCOME_OK);
}

/* ---- write log ---- */

/* A line that cannot be written soon is dropped. */
enum outcome marketplace_job_write_log(struct job_run *run)
{
	struct arena *arena = run->claim.arena;
	const struct job *job = run->claim.job;
	const char *url = resource_secrets_open_text(
		run->keys, arena, resource_identity(run->resource),
		RESOURCE_SECRET_LOG_INPUT, run->resource->log_input_url);
	struct platform_response answer;

	if (!url)
		return job_run_finish(run,
				      "the resource has no log input URL, "
				      "or it cannot be opened");
	answer = platform_log(run->platform, arena, url, run->log_hosts,
			      run->addon->id, &job->line, 1, run->deadline);
	if (answer.verdict == PLATFORM_LATER && job->attempt < MOST_LOG_TRIES
	    && answer.retry_after <= LONGEST_LOG_WAIT)
		return retry_marketplace(run, answer.retry_after, answer.why);
	return job_run_finish(run, answer.why);
}

/* ---- questions ---- */

struct platform_response marketplace_job_read(struct job_run *run)
{
	return call_marketplace(run, PLATFORM_READ, NULL);
}

bool is_response_pending(const struct job_run *run,
			 const struct platform_response *response)
{
	return response->verdict == PLATFORM_LATER
		|| (response->verdict == PLATFORM_UNAUTHORIZED
		    && run->authorized.token.verdict != TOKEN_NONE);
}

enum job_run_view job_run_view(struct job_run *run)
{
	struct platform_response view;

	if (!job_run_can_call(run->addon, run->resource))
		return JOB_RUN_NO_API;
	view = call_marketplace(run, PLATFORM_READ, NULL);
	if (has_marketplace_state(&view, "provisioned"))
		return JOB_RUN_HAS_IT;
	if (has_marketplace_state(&view, "provisioning"))
		return JOB_RUN_WAITS;
	if (run->authorized.token.is_refused)
		return JOB_RUN_NO_TOKEN;
	return is_response_pending(run, &view) ? JOB_RUN_NO_ANSWER
					       : JOB_RUN_DOES_NOT_WANT;
}
