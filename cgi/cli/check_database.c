/*
 * check_database.c - what provisor check finds of the database.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>
#include <string.h>

#include "lib/crypto/sealing_keys.h"
#include "lib/db/check.h"
#include "lib/db/db.h"
#include "lib/store/job_list.h"
#include "lib/store/reseal.h"
#include "lib/crypto/sealing.h"

/* ---- keys that rows need ---- */

static bool has_key(const struct sealing_keys *keys, const char *id)
{
	const char *other;

	for (int i = 0; (other = sealing_keys_id(keys, i)); i++)
		if (strcmp(other, id) == 0)
			return true;
	return false;
}

static void judge_use(struct check *check, const struct reseal_use *use)
{
	const char *file = check->settings.keys;

	if (!has_key(check->keys, use->key))
		finding_error(&check->findings,
			      "%s: lacks the key \"%s\", which %" PRId64
			      " values in the database are sealed with: bring "
			      "its line back, or they are lost",
			      file, use->key, use->count);
	else if (!reseal_opens(use, check->keys))
		finding_error(&check->findings,
			      "%s: its key \"%s\" does not open what is sealed "
			      "with that (%" PRId64 " values): bring back the "
			      "line there was, or they are lost",
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
			      "sealed values (%s): try again when there is "
			      "less to do",
			      db_failure(db));
		return;
	}
	for (; uses; uses = uses->next)
		judge_use(check, uses);
}

/* ---- what is left to do ---- */

static void judge_jobs(struct findings *findings,
		       const struct job_counts *counts)
{
	if (counts->given_up > 0)
		finding_error(
			findings,
			"jobs: %d gave up, and what they are for is left "
			"as it is: provisor jobs list --gave-up says why; "
			"mend that, and provisor jobs retry ID",
			counts->given_up);
	if (counts->overdue > 0)
		finding_error(findings,
			      "jobs: %d are overdue, the first since %s, so "
			      "provisor-jobs runs nowhere or cannot keep up: "
			      "start it (systemctl enable --now "
			      "provisor-jobs); if it runs, its log says what "
			      "takes long, and PROVISOR_JOB_WORKERS makes it "
			      "more",
			      counts->overdue, counts->since);
	if (counts->missed > 0)
		finding_warning(findings,
				"grants: %d were missed in the last 7 days, so "
				"the marketplace cannot be told of changes to "
				"their resources: provisor-jobs must run, and "
				"client_secret_file hold the secret of today; "
				"the log says why",
				counts->missed);
	if (counts->refused > 0)
		finding_warning(findings,
				"jobs: %d that call a marketplace have failed "
				"ten times or more, and are tried on: provisor "
				"jobs list says why; a wrong client secret or "
				"PROVISOR_PLATFORM_URL is for you to mend",
				counts->refused);
	if (counts->given_up == 0 && counts->overdue == 0)
		finding_ok(findings,
			   "jobs: left to do: %d; none gave up, and none is "
			   "overdue",
			   counts->unfinished);
}

static void check_jobs(struct check *check, struct db *db)
{
	struct job_counts counts;

	if (job_list_count(db, check->arena, &counts) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: cannot be asked what is left "
			      "to do (%s): try again when there is less to do",
			      db_failure(db));
	else
		judge_jobs(&check->findings, &counts);
}

/* ---- both ways to it ---- */

static bool check_for_pools(struct check *check, bool is_for_all)
{
	struct db *db = db_open(check->settings.database);
	bool is_usable =
		db_check(db, check->arena,
			 is_for_all ? DATABASE_FOR_ALL : DATABASE_FOR_POOLS,
			 &check->findings);

	if (is_usable) {
		check_sealed(check, db);
		check_jobs(check, db);
	}
	db_close(db);
	return is_usable;
}

static void check_direct(struct check *check)
{
	struct db *db = db_open(check->settings.database_direct);

	db_check(db, check->arena, DATABASE_DIRECT, &check->findings);
	db_close(db);
}

void check_database(struct check *check)
{
	bool is_for_all = strcmp(check->settings.database,
				 check->settings.database_direct)
		== 0;

	if (check_for_pools(check, is_for_all) && !is_for_all)
		check_direct(check);
}
