#include "lib/db/migrate.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"

/* Embedded from the .sql files of the same names. */
extern const struct db_statement migrate_find_table_sql, migrate_find_last_sql;

static int count_known(void)
{
	int count = 0;

	while (migrations[count].name)
		count++;
	return count;
}

/* Set *last to the number of the last applied migration, or to 0 if there is
 * none or the table does not exist. */
static enum outcome find_last_migration(struct db *db, struct arena *arena,
					int *last)
{
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, arena, &migrate_find_table_sql, NULL, &rows);

	*last = 0;
	if (outcome != OUTCOME_OK || db_count(rows) == 0)
		return outcome;
	outcome = db_run(db, arena, &migrate_find_last_sql, NULL, &rows);
	if (outcome == OUTCOME_OK)
		*last = (int)db_number(rows, 0, 0);
	return outcome;
}

/*
 * The lock lets one program migrate at a time.  Nothing else uses its number.
 */
static const char begin_migration[] =
	"BEGIN; SELECT pg_advisory_xact_lock(7206714910481);"
	" CREATE TABLE IF NOT EXISTS migrations ("
	"number integer PRIMARY KEY, name text NOT NULL,"
	" applied_at timestamptz NOT NULL DEFAULT now())";

static enum outcome run_migration(struct db *db, struct arena *arena,
				  int number, const char **complaint)
{
	const struct migration *migration = &migrations[number - 1];

	return db_run_script(db, arena,
			     arena_printf(arena,
					  "%s; INSERT INTO migrations"
					  " (number, name) VALUES (%d, '%s')",
					  migration->sql, number,
					  migration->name),
			     complaint);
}

/* Apply the next migration, unless another program has already applied it. */
static enum outcome apply_next(struct db *db, struct arena *arena, int *last,
			       void (*report)(const char *name),
			       const char **complaint)
{
	bool is_applied = false;
	enum outcome outcome =
		db_run_script(db, arena, begin_migration, complaint);

	if (outcome == OUTCOME_OK)
		outcome = find_last_migration(db, arena, last);
	if (outcome == OUTCOME_OK && *last < count_known()) {
		is_applied = true;
		outcome = run_migration(db, arena, *last + 1, complaint);
	}
	if (outcome != OUTCOME_OK) {
		(void)!db_run_script(db, arena, "ROLLBACK", NULL);
		return outcome;
	}
	outcome = db_run_script(db, arena, "COMMIT", complaint);
	if (outcome == OUTCOME_OK && is_applied)
		report(migrations[(*last)++].name);
	return outcome;
}

static enum outcome refuse_newer(struct arena *arena, int last,
				 const char **complaint)
{
	*complaint = arena_printf(arena,
				  "The database has migration %d, but this "
				  "program knows only %d: install the newer "
				  "provisor.",
				  last, count_known());
	return OUTCOME_INVALID;
}

enum outcome migrate(struct db *db, struct arena *arena, bool dry_run,
		     void (*report)(const char *name), const char **complaint)
{
	int last;
	enum outcome outcome;

	*complaint = "The database cannot be used, for the reason logged "
		     "above.";
	outcome = find_last_migration(db, arena, &last);
	if (outcome == OUTCOME_OK && last > count_known())
		return refuse_newer(arena, last, complaint);
	while (outcome == OUTCOME_OK && last < count_known()) {
		if (dry_run)
			report(migrations[last++].name);
		else
			outcome =
				apply_next(db, arena, &last, report, complaint);
	}
	return outcome;
}

enum outcome migrate_count_missing(struct db *db, struct arena *arena,
				   int *missing)
{
	int last;
	enum outcome outcome = find_last_migration(db, arena, &last);

	if (outcome == OUTCOME_OK)
		*missing = count_known() - last;
	return outcome;
}
