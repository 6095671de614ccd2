/*
 * check_jobs.c - checks the jobs and grants in the database.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/store/grant.h"
#include "lib/store/job_failing.h"
#include "lib/store/job_list.h"

enum { OLD_FAILURE = 24 * 60 * 60 /* s */ };

/* ---- counts ---- */

static void check_job_counts(struct findings *findings,
			     const struct job_counts *counts)
{
	if (counts->given_up > 0)
		finding_error(findings,
			      "jobs: %d gave up, and their resources stay as "
			      "they are: provisor jobs list --gave-up shows "
			      "why; correct the cause, then run provisor jobs "
			      "retry ID",
			      counts->given_up);
	if (counts->overdue > 0)
		finding_error(findings,
			      "jobs: %d are overdue, the first since %s, so "
			      "provisor-jobs does not run or is too slow: "
			      "start it (systemctl enable --now "
			      "provisor-jobs), or find the slow jobs in its "
			      "log and raise PROVISOR_JOB_WORKERS",
			      counts->overdue, counts->since);
	if (counts->given_up == 0 && counts->overdue == 0)
		finding_ok(
			findings,
			"jobs: unfinished: %d; none has given up, and none is overdue",
			counts->unfinished);
}

static void count_jobs(struct check *check, struct db *db)
{
	struct job_counts counts;

	if (job_list_count(db, check->arena, &counts) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its jobs cannot be counted "
			      "(%s): try again when the load is lower",
			      db_failure(db));
	else
		check_job_counts(&check->findings, &counts);
}

/* ---- jobs that fail again and again ---- */

static void report_failing(struct check *check, const struct job_failing *jobs)
{
	const char *text = arena_printf(
		check->arena,
		"jobs: %s/%s: %s keeps failing (jobs: %" PRId64
		", attempts: up to %" PRId64
		", since %s): provisor jobs list --addon %s --kind %s shows "
		"why; correct the cause, for example %s",
		jobs->marketplace, jobs->addon, jobs->kind, jobs->count,
		jobs->attempts, jobs->since, jobs->addon, jobs->kind,
		jobs->calls_marketplace
			? "a wrong client secret or PROVISOR_PLATFORM_URL"
			: "a hook that fails");

	if (jobs->age < OLD_FAILURE)
		finding_warning(&check->findings, "%s", text);
	else
		finding_error(&check->findings, "%s", text);
}

static void check_failing_jobs(struct check *check, struct db *db)
{
	struct job_failing_list list;

	if (job_failing_find(db, check->arena, &list) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: jobs that fail cannot be "
			      "found (%s): try again when the load is lower",
			      db_failure(db));
	for (int i = 0; i < list.count; i++)
		report_failing(check, &list.jobs[i]);
}

/* ---- grants ---- */

static void check_grants(struct check *check, struct db *db)
{
	int64_t count;

	if (grant_count_missed(db, check->arena, &count) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: missed grants cannot be "
			      "counted (%s): try again when the load is lower",
			      db_failure(db));
	else if (count > 0)
		finding_warning(&check->findings,
				"grants: %" PRId64 " were not exchanged in the "
				"last 7 days, so the marketplace cannot be "
				"called about their resources: keep "
				"provisor-jobs running and the secret in "
				"client_secret_file current; the log has the "
				"reasons",
				count);
}

/* ---- dead rows ---- */

static void check_dead_rows(struct check *check, struct db *db)
{
	int64_t count;

	if (job_list_count_dead_rows(db, check->arena, &count) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its statistics cannot be "
			      "read (%s): try again when the load is lower",
			      db_failure(db));
	else if (count > 0)
		finding_warning(
			&check->findings,
			"jobs: their table has %" PRId64 " dead rows, which "
			"slow down provisor-jobs: if autovacuum is on, an old "
			"transaction keeps it from removing them: as a "
			"superuser, find it with SELECT * FROM pg_stat_activity "
			"ORDER BY xact_start LIMIT 1, and end it; pg_dump and a "
			"forgotten psql have such transactions",
			count);
}

void check_jobs(struct check *check, struct db *db)
{
	count_jobs(check, db);
	check_failing_jobs(check, db);
	check_grants(check, db);
	check_dead_rows(check, db);
}
