#include "lib/verify/verify.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/utf8.h"
#include "lib/platform/https.h"
#include "lib/verify/session.h"

enum {
	MOST_CHECKS = 96,
	MOST_TIMEOUTS = 3 /* then the provider is not asked any more */
};

/* ---- running ---- */

/* Return why a check cannot run, or NULL. */
static const char *find_check_obstacle(const struct verify *v,
				       const struct verify_check *check)
{
	if (v->is_away)
		return "the provider cannot be reached";
	if (v->timeouts >= MOST_TIMEOUTS && !check->needs_no_response)
		return "the provider does not respond in time";
	if (check->needs_sign_on
	    && (!v->provider->sso_url || !v->provider->salt))
		return "the manifest has no sso_salt or no sso_url";
	if (check->needs_other_plan && !v->provider->other_plan)
		return "only one plan is given";
	if (check->needs_main && !v->main)
		return "no resource could be created";
	if (check->needs_promise && !(v->main && v->main->is_promised))
		return "the provider provisions at once";
	if (check->needs_removed && !v->removed)
		return "no resource could be deprovisioned";
	return NULL;
}

/* Texts may quote the provider. */
static const char *printable_text(const struct verify *v, const char *text)
{
	return text ? utf8_for_terminal(v->arena, text) : NULL;
}

static struct verify_result run_check(struct verify *v,
				      const struct verify_check *check)
{
	int64_t began = clock_now();

	v->expected = v->got = NULL;
	v->why_skipped = find_check_obstacle(v, check);
	if (!v->why_skipped)
		check->run(v);
	return (struct verify_result){
		.name = check->name,
		.rule = check->rule,
		.source = check->source,
		.verdict = v->why_skipped ? VERIFY_SKIPPED
			: v->got          ? VERIFY_FAILED
					  : VERIFY_PASSED,
		.expected = printable_text(v, v->expected),
		.got = printable_text(v,
				      v->why_skipped ? v->why_skipped : v->got),
		.duration = clock_now() - began,
	};
}

static bool concerns_provider(const struct verify *v,
			      const struct verify_check *check)
{
	if (check->needs_promise && !v->provider->marketplace)
		return false;
	return check->version == VERIFY_ANY
		|| (check->version == VERIFY_1) == v->provider->is_version_1;
}

static void run_checks(struct verify *v, const struct verify_check *checks,
		       struct verify_result *results,
		       struct verify_report *report,
		       bool (*heard)(const struct verify_result *))
{
	for (; checks->name && !report->is_stopped; checks++) {
		if (!concerns_provider(v, checks)
		    || report->count == MOST_CHECKS)
			continue;
		results[report->count] = run_check(v, checks);
		report->is_stopped = heard && !heard(&results[report->count]);
		report->count++;
	}
}

/* ---- the end ---- */

/* Remove what a check may have made, also if it got no response.  A provider
 * that stops responding is not asked for the rest. */
static int remove_resources(struct verify *v)
{
	int left = 0, faults = 0;

	for (int i = 0; i < v->path_count; i++) {
		struct verify_reply reply = { .fault = "it does not respond" };

		if (faults < MOST_TIMEOUTS)
			reply = verify_call(v, "DELETE", v->paths[i], NULL);
		faults = reply.fault ? faults + 1 : 0;
		left += !verify_is_success(&reply) && reply.status != 404
			&& reply.status != 410;
	}
	return left;
}

static int compare_times(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

struct verify_report verify_run(struct arena *arena,
				const struct verify_provider *provider,
				bool (*heard)(const struct verify_result *))
{
	static const struct verify_check *const groups[] = {
		verify_request_checks, verify_resource_checks,
		verify_promise_checks, verify_sign_on_checks,
		verify_end_checks,
	};
	struct verify_result *results =
		arena_alloc(arena, MOST_CHECKS * sizeof *results);
	struct verify *v = arena_alloc(arena, sizeof *v);
	struct verify_report report = { .results = results };
	int checked;

	*v = (struct verify){ .arena = arena, .provider = provider };
	v->https = https_open(provider->ca_file);
	for (size_t i = 0; i < COUNT(groups); i++)
		run_checks(v, groups[i], results, &report, heard);
	checked = v->time_count;
	report.left = v->is_away ? 0 : remove_resources(v);
	https_close(v->https);
	qsort(v->times, (size_t)checked, sizeof *v->times, compare_times);
	report.requests = checked;
	report.median = checked > 0 ? v->times[checked / 2] : 0;
	report.p99 = checked > 0 ? v->times[checked * 99 / 100] : 0;
	return report;
}
