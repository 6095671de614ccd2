/*
 * marketplace_job.c - jobs that call the marketplace.
 *
 * They exchange grants, report promised resources as provisioned or refused,
 * push config vars and write to the customer's log.  Every call can be
 * repeated: the marketplace then responds that it knows already.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/addon/addon.h"
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
		run->resource->id,
	};

	if (run->authorized.need.platform)
		return;
	run->authorized = authorized_begin(run->platform, &place, run->addon,
					   run->resource, run->deadline);
	run->authorized.need.was_tried =
		job->kind != JOB_EXCHANGE || job->attempt > 1;
}

static struct platform_response call_marketplace(struct job_run *run,
						 enum platform_call call,
						 const struct json *config)
{
	prepare_calls(run);
	return authorized_ask(
		&run->authorized,
		(struct platform_request){ .call = call, .config = config });
}

static bool has_marketplace_state(const struct platform_response *answer,
				  const char *state)
{
	const char *actual = json_text(json_member(answer->body, "state"));

	return answer->verdict == PLATFORM_DONE && actual
		&& strcmp(actual, state) == 0;
}

/* Return false if the config of the resource cannot be opened. */
static bool open_config_vars(const struct job_run *run,
			     struct resource_secrets *secrets)
{
	return resource_secrets_open(run->keys, run->claim.arena,
				     run->resource->id, run->resource->config,
				     secrets);
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

static enum outcome retry_marketplace(struct job_run *run, int retry_after,
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

/* Handle a call that failed without a final response. */
static enum outcome retry_or_give_up(struct job_run *run,
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
					 "the marketplace no longer knows it");
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
			"The resource could not be provisioned in time.", true),
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

enum outcome marketplace_job_complete(struct job_run *run)
{
	struct platform_response answer;
	struct resource_secrets secrets;

	if (run->resource->is_overdue
	    && run->resource->state == RESOURCE_PROVISIONING)
		return refuse_overdue(run);
	if (!open_config_vars(run, &secrets))
		return retry_marketplace(run, 0, "its config cannot be opened");
	answer = report_provisioned(run, secrets.config);
	if (answer.verdict == PLATFORM_GONE)
		return deprovision_unknown(run);
	if (answer.verdict != PLATFORM_DONE)
		return retry_or_give_up(run, &answer);
	return job_run_conclude(run, job_result_completed(&run->claim),
				OUTCOME_OK);
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

/* ---- push config ---- */

static bool is_config_listed(const struct json *list, const char *name)
{
	for (list = json_first(list); list; list = json_next(list)) {
		const char *listed = json_text(json_member(list, "name"));

		if (listed && strcmp(listed, name) == 0)
			return true;
	}
	return false;
}

/*
 * Set *whole to config, plus null for each declared name that was unset: it is
 * not in config, but the marketplace still has it.  A marketplace may refuse
 * null for a name that it does not have, so its list is read, but only if a
 * declared name is not in config.
 */
static struct platform_response add_unset_names(struct job_run *run,
						const struct json *config,
						const struct json **whole)
{
	const struct json *name = json_first(run->addon->config_vars);
	struct json *all = json_copy(run->claim.arena, config);
	struct platform_response list = { .verdict = PLATFORM_DONE };

	for (; name && list.verdict == PLATFORM_DONE; name = json_next(name)) {
		if (!json_text(name) || json_member(all, json_text(name)))
			continue;
		if (!list.body)
			list = call_marketplace(run, PLATFORM_READ_CONFIG,
						NULL);
		if (is_config_listed(list.body, json_text(name)))
			json_put(all, json_text(name), NULL);
	}
	*whole = all;
	return list;
}

enum outcome marketplace_job_push_config(struct job_run *run)
{
	const struct json *config;
	struct platform_response answer;
	struct resource_secrets secrets;

	if (!open_config_vars(run, &secrets))
		return retry_marketplace(run, 0, "its config cannot be opened");
	answer = add_unset_names(run, secrets.config, &config);
	if (answer.verdict == PLATFORM_DONE)
		answer = call_marketplace(run, PLATFORM_WRITE_CONFIG, config);
	if (answer.verdict == PLATFORM_GONE)
		return job_run_finish(run, answer.why);
	if (answer.verdict != PLATFORM_DONE)
		return retry_or_give_up(run, &answer);
	return job_run_conclude(
		run, job_result_pushed(&run->claim, run->resource->version),
		OUTCOME_OK);
}

/* ---- write log ---- */

/* A line that cannot be written soon is dropped. */
enum outcome marketplace_job_write_log(struct job_run *run)
{
	struct arena *arena = run->claim.arena;
	const struct job *job = run->claim.job;
	const char *url = resource_secrets_open_text(
		run->keys, arena, run->resource->id, RESOURCE_SECRET_LOG_INPUT,
		run->resource->log_input_url);
	struct platform_response answer;

	if (!url)
		return job_run_finish(run, "the resource has no log");
	answer = platform_log(run->platform, arena, url, run->log_hosts,
			      run->addon->id, &job->line, 1, run->deadline);
	if (answer.verdict == PLATFORM_LATER && job->attempt < MOST_LOG_TRIES
	    && answer.retry_after <= LONGEST_LOG_WAIT)
		return retry_marketplace(run, answer.retry_after, answer.why);
	return job_run_finish(run, answer.why);
}

/* ---- a question ---- */

bool job_run_is_expected(struct job_run *run, bool *is_known)
{
	struct platform_response view;

	*is_known = true;
	if (!job_run_can_call(run->addon, run->resource))
		return false;
	view = call_marketplace(run, PLATFORM_READ, NULL);
	*is_known = view.verdict != PLATFORM_LATER
		&& (view.verdict != PLATFORM_UNAUTHORIZED
		    || run->authorized.token.verdict == TOKEN_NONE);
	return has_marketplace_state(&view, "provisioned")
		|| has_marketplace_state(&view, "provisioning");
}
