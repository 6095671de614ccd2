/*
 * check_database.c - checks the database, its sealed values and its jobs.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>
#include <string.h>

#include "lib/crypto/sealing_keys.h"
#include "lib/db/check.h"
#include "lib/db/db.h"
#include "lib/store/job_list.h"
#include "lib/store/reseal.h"

/* ---- sealed values ---- */

static bool has_key(const struct sealing_keys *keys, const char *id)
{
	const char *other;

	for (int i = 0; (other = sealing_keys_id(keys, i)); i++)
		if (strcmp(other, id) == 0)
			return true;
	return false;
}

static void check_key_use(struct check *check, const struct reseal_use *use)
{
	const char *file = check->settings.keys;

	if (!has_key(check->keys, use->key))
		finding_error(&check->findings,
			      "%s: lacks the key \"%s\", which sealed %" PRId64
			      " values in the database: restore its line, or "
			      "these values are lost",
			      file, use->key, use->count);
	else if (!reseal_opens(use, check->keys))
		finding_error(&check->findings,
			      "%s: the key \"%s\" is not the one that sealed "
			      "%" PRId64
			      " values in the database: restore the original "
			      "line, or these values are lost",
			      file, use->key, use->count);
	else
		finding_ok(&check->findings,
			   "%s: values sealed with \"%s\": %" PRId64, file,
			   use->key, use->count);
}

static void check_sealed(struct check *check, struct db *db)
{
	struct reseal_use *uses;

	if (!check->keys)
		return;
	if (reseal_count(db, check->arena, &uses) != OUTCOME_OK) {
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: cannot be searched for "
			      "sealed values (%s): try again when the load is "
			      "lower",
			      db_failure(db));
		return;
	}
	for (; uses; uses = uses->next)
		check_key_use(check, uses);
}

/* ---- jobs ---- */

static void check_marketplace_jobs(struct findings *findings,
				   const struct job_counts *counts)
{
	if (counts->missed > 0)
		finding_warning(findings,
				"grants: %d were not exchanged in the last 7 "
				"days, so the marketplace cannot be called "
				"about their resources: keep provisor-jobs "
				"running and the secret in client_secret_file "
				"current; the log has the reasons",
				counts->missed);
	if (counts->refused > 0)
		finding_warning(findings,
				"jobs: %d that call a marketplace have failed "
				"ten times or more and are retried: provisor "
				"jobs list shows why; correct a wrong client "
				"secret or PROVISOR_PLATFORM_URL",
				counts->refused);
}

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
	check_marketplace_jobs(findings, counts);
	if (counts->given_up == 0 && counts->overdue == 0)
		finding_ok(
			findings,
			"jobs: unfinished: %d; none has given up, and none is overdue",
			counts->unfinished);
}

static void check_jobs(struct check *check, struct db *db)
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

/* ---- both connections ---- */

static bool check_pool_database(struct check *check, enum db_check_use use)
{
	struct db *db = db_open(check->settings.database);
	bool is_usable = db_check(db, check->arena, use, &check->findings);

	if (is_usable) {
		check_sealed(check, db);
		check_jobs(check, db);
	}
	db_close(db);
	return is_usable;
}

static void check_direct_database(struct check *check)
{
	struct db *db = db_open(check->settings.database_direct);

	(void)!db_check(db, check->arena, DB_CHECK_DIRECT, &check->findings);
	db_close(db);
}

void check_database(struct check *check)
{
	bool is_for_all = strcmp(check->settings.database,
				 check->settings.database_direct)
		== 0;

	if (check_pool_database(check,
				is_for_all ? DB_CHECK_ALL : DB_CHECK_POOLS)
	    && !is_for_all)
		check_direct_database(check);
}
