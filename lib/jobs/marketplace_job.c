#include "lib/jobs/marketplace_job.h"

#include <stddef.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/jobs/internal.h"
#include "lib/platform/authorized.h"
#include "lib/store/job.h"
#include "lib/text/json.h"
#include "lib/store/resource_secrets.h"
#include "lib/platform/platform.h"
#include "lib/store/resource_deprovision.h"
#include "lib/store/job_result.h"

enum {
	CODE_DELAY = 10000, /* ms at most: a code is good for minutes, */
	CODE_TRIES = 30,    /* and so many of those are five */
	MOST_DOUBLINGS = 8, /* of a delay, which then is two to four minutes,
			       unless the marketplace wants more: a customer
			       waits */
	MOST_WRITES = 3,    /* attempts */
	LONGEST_WAIT = 60   /* s that a log may have others of its resource
			       wait for */
};

struct marketplace_job {
	struct job_run *f;
	struct authorized authorized;
};

/* ---- what is common ---- */

static struct marketplace_job begin(struct job_run *f,
				    struct platform *platform)
{
	const struct grant_keeper keeper = {
		f->db,
		f->keys,
		f->arena,
		f->resource->id,
	};
	struct marketplace_job e = {
		.f = f,
		.authorized = authorized_begin(platform, &keeper, f->addon,
					       f->resource, f->deadline),
	};

	e.authorized.need.was_tried =
		f->job->kind != JOB_EXCHANGE || f->job->attempt > 1;
	return e;
}

static enum outcome put_off(struct marketplace_job *e, int64_t delay,
			    const char *why)
{
	return job_run_put_off(e->f, delay, false, why);
}

static int64_t back_off(const struct marketplace_job *e)
{
	int attempt = e->f->job->attempt;

	return job_back_off(attempt < MOST_DOUBLINGS ? attempt
						     : MOST_DOUBLINGS);
}

/* After delay ms, and not before the marketplace wants it. */
static enum outcome again_in(struct marketplace_job *e, int64_t delay,
			     int retry_after, const char *why)
{
	if ((int64_t)retry_after * 1000 > delay)
		delay += (int64_t)retry_after * 1000;
	return put_off(e, delay, why);
}

static enum outcome again(struct marketplace_job *e, int retry_after,
			  const char *why)
{
	return again_in(e, back_off(e), retry_after, why);
}

/* What was promised is never given up before its time is over. */
static enum outcome give_up(struct marketplace_job *e, const char *why)
{
	bool is_promised = e->f->job->kind == JOB_COMPLETE
		&& e->f->resource->state == RESOURCE_PROVISIONING;

	return is_promised ? again(e, 0, why) : put_off(e, JOB_NEVER, why);
}

static enum outcome finish(struct marketplace_job *e, const char *note)
{
	struct job_run *f = e->f;

	f->why = note;
	return job_finish(f->db, f->arena, f->job, note);
}

static enum outcome stored_as(enum outcome stored, const struct claimed_job *s)
{
	if (stored != OUTCOME_OK)
		return stored;
	return s->is_held ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

static struct platform_answer ask(struct marketplace_job *e,
				  enum platform_call call,
				  const struct json *config)
{
	return authorized_ask(
		&e->authorized,
		(struct platform_question){ .call = call, .config = config });
}

/* Neither done nor answered for good: is it worth another try? */
static enum outcome fail(struct marketplace_job *e,
			 const struct platform_answer *answer)
{
	if (answer->verdict == PLATFORM_LATER)
		return again(e, answer->retry_after, answer->why);
	if (answer->verdict == PLATFORM_UNAUTHORIZED
	    && e->authorized.token.verdict != TOKEN_NONE)
		return again(e, 0, answer->why);
	return give_up(e, answer->why);
}

/* ---- the errands ---- */

/* Done with, though not well. */
static enum outcome miss(struct marketplace_job *e, const char *why)
{
	enum outcome outcome = finish(e, why);

	return outcome == OUTCOME_OK ? OUTCOME_INVALID : outcome;
}

/* There is a token: what has waited for it goes on behind this. */
static enum outcome proceed(struct marketplace_job *e)
{
	const struct job_run *f = e->f;
	enum outcome outcome =
		job_wake_marketplace_jobs(f->db, f->arena, f->resource->id);

	return outcome == OUTCOME_OK ? finish(e, NULL) : outcome;
}

static enum outcome exchange(struct marketplace_job *e)
{
	const struct token token = authorized_token(&e->authorized);
	int64_t delay = back_off(e);

	if (token.verdict == TOKEN_READY)
		return proceed(e);
	if (token.verdict == TOKEN_NONE)
		return miss(e, token.why);
	if (delay > CODE_DELAY && e->f->job->attempt < CODE_TRIES)
		delay = CODE_DELAY;
	return again_in(e, delay, token.retry_after, token.why);
}

/* The marketplace has removed what it waited for. */
static enum outcome let_go(struct marketplace_job *e)
{
	struct job_run *f = e->f;
	const struct resource_removal removal = {
		.id = f->resource->id,
		.frees_key = f->addon->dialect->key_returns,
		.cleans_up = true,
	};
	bool done;
	enum outcome outcome = resource_deprovision(f->db, f->arena, &removal,
						    &f->actor, &done);

	if (outcome == OUTCOME_OK)
		outcome = finish(e, "the marketplace no longer knows it");
	return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
}

static bool has_state(const struct platform_answer *answer, const char *state)
{
	const char *told = json_text(json_member(answer->body, "state"));

	return answer->verdict == PLATFORM_DONE && told
		&& strcmp(told, state) == 0;
}

/* Too late: the marketplace is about to give up by itself. */
static enum outcome refuse(struct marketplace_job *e)
{
	struct claimed_job s = job_run_settlement(e->f);

	e->f->why = "the marketplace could not be told in time";
	return stored_as(
		job_result_refused(
			&s, "The resource could not be provisioned in time.",
			true),
		&s);
}

static enum outcome complete(struct marketplace_job *e)
{
	struct job_run *f = e->f;
	struct claimed_job s = job_run_settlement(e->f);
	struct platform_answer answer = { .verdict = PLATFORM_DONE };
	struct resource_secrets kept;

	if (f->resource->is_overdue
	    && f->resource->state == RESOURCE_PROVISIONING)
		return refuse(e);
	if (!resource_secrets_open(f->keys, f->arena, f->resource->id,
				   f->resource->config, &kept))
		return again(e, 0, "its config does not open");
	if (json_count(kept.config) > 0)
		answer = ask(e, PLATFORM_WRITE_CONFIG, kept.config);
	if (answer.verdict == PLATFORM_DONE)
		answer = ask(e, PLATFORM_PROVISIONED, NULL);
	if (answer.verdict == PLATFORM_REFUSED) {
		/* It may have heard us before. */
		struct platform_answer view = ask(e, PLATFORM_READ, NULL);

		if (has_state(&view, "provisioned")
		    || view.verdict != PLATFORM_DONE)
			answer = view;
		else if (has_state(&view, "deprovisioned"))
			answer.verdict = PLATFORM_GONE;
	}
	if (answer.verdict == PLATFORM_GONE)
		return let_go(e);
	if (answer.verdict != PLATFORM_DONE)
		return fail(e, &answer);
	return stored_as(job_result_completed(&s), &s);
}

static enum outcome withdraw(struct marketplace_job *e)
{
	struct platform_answer answer = ask(e, PLATFORM_DEPROVISIONED, NULL);
	struct claimed_job s = job_run_settlement(e->f);

	if (answer.verdict != PLATFORM_DONE && answer.verdict != PLATFORM_GONE
	    && answer.verdict != PLATFORM_REFUSED)
		return fail(e, &answer);
	e->f->why = answer.why;
	return stored_as(job_result_withdrawn(&s), &s);
}

static bool is_listed(const struct json *list, const char *name)
{
	for (list = json_first(list); list; list = json_next(list)) {
		const char *listed = json_text(json_member(list, "name"));

		if (listed && strcmp(listed, name) == 0)
			return true;
	}
	return false;
}

/*
 * config, and null for what is declared, not in it, and still there at the
 * marketplace: that was taken away since.  It is asked only where there may be
 * such, and is not told of others, since it might refuse them.
 */
static struct platform_answer whole_config(struct marketplace_job *e,
					   const struct json *config,
					   const struct json **whole)
{
	const struct json *name = json_first(e->f->addon->config_vars);
	struct json *all = json_copy(e->f->arena, config);
	struct platform_answer there = { .verdict = PLATFORM_DONE };

	for (; name && there.verdict == PLATFORM_DONE; name = json_next(name)) {
		if (!json_text(name) || json_member(all, json_text(name)))
			continue;
		if (!there.body)
			there = ask(e, PLATFORM_READ_CONFIG, NULL);
		if (is_listed(there.body, json_text(name)))
			json_put(all, json_text(name), NULL);
	}
	*whole = all;
	return there;
}

static enum outcome push_config(struct marketplace_job *e)
{
	const struct json *config;
	struct job_run *f = e->f;
	struct claimed_job s = job_run_settlement(e->f);
	struct platform_answer answer;
	struct resource_secrets kept;

	if (!resource_secrets_open(f->keys, f->arena, f->resource->id,
				   f->resource->config, &kept))
		return again(e, 0, "its config does not open");
	answer = whole_config(e, kept.config, &config);
	if (answer.verdict == PLATFORM_DONE)
		answer = ask(e, PLATFORM_WRITE_CONFIG, config);
	if (answer.verdict == PLATFORM_GONE)
		return finish(e, answer.why);
	if (answer.verdict != PLATFORM_DONE)
		return fail(e, &answer);
	return stored_as(job_result_pushed(&s, f->resource->version), &s);
}

/* As good as it gets: what cannot be written soon is worth nothing later. */
static enum outcome write_log(struct marketplace_job *e)
{
	struct job_run *f = e->f;
	const char *url = resource_secrets_open_text(
		f->keys, f->arena, f->resource->id, RESOURCE_SECRET_LOG_INPUT,
		f->resource->log_input_url);
	struct platform_answer answer;

	if (!url)
		return finish(e, "there is no log to write to");
	answer = platform_log(e->authorized.need.platform, f->arena, url,
			      f->log_hosts, f->addon->id, &f->job->line, 1,
			      f->deadline);
	if (answer.verdict == PLATFORM_LATER && f->job->attempt < MOST_WRITES
	    && answer.retry_after <= LONGEST_WAIT)
		return again(e, answer.retry_after, answer.why);
	return finish(e, answer.why);
}

/* ---- all of them ---- */

typedef enum outcome step(struct marketplace_job *e);

enum outcome marketplace_job_run(struct job_run *f, struct platform *platform)
{
	static step *const steps[] = {
		[JOB_EXCHANGE] = exchange,   [JOB_COMPLETE] = complete,
		[JOB_WITHDRAW] = withdraw,   [JOB_PUSH_CONFIG] = push_config,
		[JOB_WRITE_LOG] = write_log,
	};
	struct marketplace_job e = begin(f, platform);
	enum outcome outcome;

	if (job_kind_wants(f->job->kind, f->resource->state))
		return steps[f->job->kind](&e);
	outcome = finish(&e, "no longer wanted");
	return outcome == OUTCOME_OK ? OUTCOME_GONE : outcome;
}

bool marketplace_job_is_expected(struct job_run *f, struct platform *platform,
				 bool *is_known)
{
	struct marketplace_job e = begin(f, platform);
	struct platform_answer view;

	*is_known = true;
	if (!f->resource->has_live_grant || !f->addon->client_secret)
		return false;
	view = ask(&e, PLATFORM_READ, NULL);
	*is_known = view.verdict != PLATFORM_LATER
		&& (view.verdict != PLATFORM_UNAUTHORIZED
		    || e.authorized.token.verdict == TOKEN_NONE);
	return has_state(&view, "provisioned")
		|| has_state(&view, "provisioning");
}
