/*
 * check_database.c - checks the database, its sealed values and its resources.
 */
#include "cgi/cli/check.h"

#include <inttypes.h>
#include <string.h>

#include "cgi/cli/missing_homes_findings.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/check.h"
#include "lib/db/db.h"
#include "lib/db/migrate.h"
#include "lib/listener/listener.h"
#include "lib/metrics/metrics.h"
#include "lib/store/epoch.h"
#include "lib/store/plan_promise.h"
#include "lib/store/reseal.h"
#include "lib/store/resource_search.h"
#include "lib/store/unanswered.h"
#include "lib/text/json.h"

/* ---- sealed values ---- */

static bool has_key(const struct sealing_keys *keys, const char *id)
{
	const char *other;

	for (int i = 0; (other = sealing_keys_id(keys, i)); i++)
		if (strcmp(other, id) == 0)
			return true;
	return false;
}

/* Return where values were counted, unless that is everywhere. */
static const char *name_sample(struct arena *arena,
			       const struct reseal_sample *sample)
{
	if (sample->resources == sample->total)
		return "";
	return arena_printf(arena,
			    " in %" PRId64 " of about %" PRId64 " resources "
			    "(provisor keys list counts all)",
			    sample->resources, sample->total);
}

static void check_key_use(struct check *check,
			  const struct reseal_sample *sample,
			  const struct reseal_use *use)
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
			   "%s: values sealed with \"%s\": %" PRId64 "%s", file,
			   use->key, use->count,
			   name_sample(check->arena, sample));
}

enum {
	OLDEST_SEALING_KEY = 366 * 24 * 3600, /* s */
	/* The nonces of AES-GCM are random, so a key may seal 2^32 values (NIST
	 * SP 800-38D, section 8.3).  Those in the database are only a part of
	 * what it has sealed. */
	MOST_SEALED_VALUES = 1 << 28
};

static void check_sealing_key(struct check *check,
			      const struct reseal_sample *sample)
{
	const char *id = sealing_keys_id(check->keys, 0);
	int64_t day = sealing_keys_day(id);
	bool is_old = day > 0 && clock_wall() / 1000 - day > OLDEST_SEALING_KEY;

	if (is_old
	    || reseal_uses_of(sample->uses, id)
			    * (sample->total / sample->resources)
		    > MOST_SEALED_VALUES)
		finding_warning(&check->findings,
				"%s: the key \"%s\" has sealed %s: replace it "
				"with provisor keys add, use, reseal and drop",
				check->settings.keys, id,
				is_old ? "for more than a year"
				       : "more than 268435456 values");
}

/* Keys that were added after the first one may be about to replace it. */
static void check_unused_keys(struct check *check,
			      const struct reseal_sample *sample)
{
	int64_t first = sealing_keys_day(sealing_keys_id(check->keys, 0));
	const char *id;

	for (int i = 1; (id = sealing_keys_id(check->keys, i)); i++)
		if (sealing_keys_day(id) > 0 && sealing_keys_day(id) < first
		    && reseal_uses_of(sample->uses, id) == 0)
			finding_warning(&check->findings,
					"%s: no value needs the old key "
					"\"%s\"%s: run provisor keys drop %s",
					check->settings.keys, id,
					name_sample(check->arena, sample), id);
}

static void check_sealed(struct check *check, struct db *db)
{
	struct reseal_sample sample;

	if (!check->keys)
		return;
	if (reseal_count_sample(db, check->arena, &sample) != OUTCOME_OK) {
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: cannot be searched for "
			      "sealed values (%s): try again when the load is "
			      "lower",
			      db_failure(db));
		return;
	}
	check_sealing_key(check, &sample);
	check_unused_keys(check, &sample);
	for (const struct reseal_use *u = sample.uses; u; u = u->next)
		check_key_use(check, &sample, u);
}

/* ---- requests without a response ---- */

static void check_unconfirmed(struct check *check, struct db *db)
{
	int64_t count = 0;

	if (unanswered_count(db, check->arena, &count) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its events cannot be counted "
			      "(%s): try again when the load is lower",
			      db_failure(db));
	else if (count > 0)
		finding_warning(
			&check->findings,
			"resources: %" PRId64 " may be unknown to the "
			"marketplace, or have another plan there: the database "
			"did not confirm a request in time, and the "
			"marketplace cannot be asked: provisor events list "
			"--what unconfirmed shows them; compare them with the "
			"marketplace's own list (provisor reconcile --against)",
			count);
}

/* ---- promised plan changes ---- */

static void check_plan_promises(struct check *check, struct db *db)
{
	struct plan_promises_broken broken;

	if (plan_promise_find_broken(db, check->arena, &broken) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its plans cannot be compared "
			      "(%s): try again when the load is lower",
			      db_failure(db));
	else if (broken.count > 0)
		finding_error(
			&check->findings,
			"plans: %" PRId64 " resources have another plan at "
			"their marketplace, which got the response that the "
			"plan is being changed before the change was refused "
			"or cancelled, for example %s: provisor resources "
			"history ID says why; correct the cause, then run "
			"provisor reconcile --repair, or have the customer "
			"choose the old plan",
			broken.count, broken.example);
}

/* ---- add-ons without a home ---- */

static void check_missing_homes(struct check *check, struct db *db)
{
	struct addons *addons =
		addons_open(check->settings.addons, listener_open, NULL);
	struct missing_homes homes;

	if (missing_homes_report(addons, db, check->arena, &homes,
				 &check->findings)
	    != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its add-ons cannot be listed "
			      "(%s): try again when the load is lower",
			      db_failure(db));
	addons_close(addons);
}

/* ---- the search ---- */

static void check_search(struct check *check, struct db *db)
{
	bool finds_parts, has_module;

	if (resource_search_check(db, check->arena, &finds_parts, &has_module)
	    != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its indexes cannot be listed "
			      "(%s): try again when the load is lower",
			      db_failure(db));
	else if (!finds_parts && has_module)
		finding_warning(
			&check->findings,
			"PROVISOR_DATABASE: provisor resources find finds only "
			"the beginning of names, although PostgreSQL has the "
			"module pg_trgm: run provisor migrate again; if that "
			"does not help, a superuser must first run CREATE "
			"EXTENSION pg_trgm in the database");
	else if (!finds_parts)
		finding_ok(&check->findings,
			   "PROVISOR_DATABASE: provisor resources find finds "
			   "only the beginning of names: for other parts, "
			   "install PostgreSQL's module pg_trgm and run "
			   "provisor migrate again");
}

/* ---- the epoch ---- */

static void check_epoch(struct check *check, struct db *db)
{
	const struct json *epoch;

	if (epoch_get(db, check->arena, &epoch) != OUTCOME_OK)
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: its epoch cannot be read "
			      "(%s): try again when the load is lower",
			      db_failure(db));
	else if (!json_text(json_member(epoch, "accepted_at")))
		finding_error(
			&check->findings,
			"PROVISOR_DATABASE: was restored or has failed "
			"over before %s, so changes may be missing, and "
			"%d jobs are held: provisor restored says what "
			"to do",
			json_text(json_member(epoch, "noticed_at")),
			(int)json_integer(json_member(epoch, "held_jobs"), 0));
}

/* ---- both connections ---- */

/* Return how many processes of this host connect, or 0 if their number is
 * itself a finding. */
static int count_processes(const struct settings *settings,
			   enum db_check_use use)
{
	int pools = check_count_pools(settings);
	int jobs = settings_job_workers(settings);

	if (pools + jobs > METRICS_SLOTS)
		return 0;
	return (use != DB_CHECK_DIRECT ? pools : 0)
		+ (use != DB_CHECK_POOLS ? jobs : 0);
}

/* libpq's defaults may do without the setting.  Return false after reporting
 * that they do not. */
static bool has_database(struct check *check, struct db *db)
{
	int missing;

	if (migrate_count_missing(db, check->arena, &missing) == OUTCOME_OK) {
		if (missing > 0)
			check_next_note(check, CHECK_STEP_MIGRATE);
	} else if (!*check->settings.database) {
		finding_error(&check->findings,
			      "PROVISOR_DATABASE: is not set, and libpq's "
			      "defaults lead to no database (%s): run "
			      "provisor-create-database, or set it",
			      db_failure(db));
		check_next_note(check, CHECK_STEP_DATABASE);
		return false;
	}
	return true;
}

static bool check_pool_database(struct check *check, enum db_check_use use)
{
	struct db *db = db_open(check->settings.database);
	bool is_usable = has_database(check, db)
		&& db_check(db, check->arena, use,
			    count_processes(&check->settings, use),
			    &check->findings);

	if (is_usable) {
		check_sealed(check, db);
		check_jobs(check, db);
		check_unconfirmed(check, db);
		check_plan_promises(check, db);
		check_missing_homes(check, db);
		check_search(check, db);
		check_epoch(check, db);
		check_retention(check, db);
	}
	db_close(db);
	return is_usable;
}

static void check_direct_database(struct check *check)
{
	struct db *db = db_open(check->settings.database_direct);

	(void)!db_check(db, check->arena, DB_CHECK_DIRECT,
			count_processes(&check->settings, DB_CHECK_DIRECT),
			&check->findings);
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
