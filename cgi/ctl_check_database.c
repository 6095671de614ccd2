/*
 * ctl_check_database.c - what provisor check finds of the database.
 */
#include "cgi/ctl_check.h"

#include <inttypes.h>
#include <string.h>

#include "lib/database_check.h"
#include "lib/db.h"
#include "lib/sealed.h"
#include "lib/secret.h"

/* ---- keys that rows need ---- */

static bool has_key(const struct secret_keys *keys, const char *id)
{
	const char *other;

	for (int i = 0; (other = secret_keys_id(keys, i)); i++)
		if (strcmp(other, id) == 0)
			return true;
	return false;
}

static void judge_use(struct check *check, const struct sealed_use *use)
{
	const char *file = check->config.keys;

	if (!has_key(check->keys, use->key))
		finding_error(&check->findings,
			      "%s: lacks the key \"%s\", which %" PRId64
			      " values in the database are sealed with: bring "
			      "its line back, or they are lost",
			      file, use->key, use->count);
	else if (!sealed_opens(use, check->keys))
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
	struct sealed_use *uses;

	if (!check->keys)
		return;
	if (sealed_count(db, check->arena, &uses) != OUTCOME_OK) {
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

/* ---- both ways to it ---- */

static bool check_for_pools(struct check *check, bool is_for_all)
{
	struct db *db = db_open(check->config.database);
	bool is_usable = database_check(db, check->arena,
					is_for_all ? DATABASE_FOR_ALL
						   : DATABASE_FOR_POOLS,
					&check->findings);

	if (is_usable)
		check_sealed(check, db);
	db_close(db);
	return is_usable;
}

static void check_for_migrate(struct check *check)
{
	struct db *db = db_open(check->config.database_direct);

	database_check(db, check->arena, DATABASE_FOR_MIGRATE,
		       &check->findings);
	db_close(db);
}

void check_database(struct check *check)
{
	bool is_for_all =
		strcmp(check->config.database, check->config.database_direct)
		== 0;

	if (check_for_pools(check, is_for_all) && !is_for_all)
		check_for_migrate(check);
}
