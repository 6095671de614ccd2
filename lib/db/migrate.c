#include "lib/db/migrate.h"

#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/db/migrate_indexes.h"
#include "lib/db/suitability.h"

enum {
	LOCK_TRIES = 60,
	LOCK_PAUSE = 2 /* s between the tries */
};

/* Embedded from the .sql files of the same names. */
extern const struct db_statement migrate_find_table_sql, migrate_find_last_sql;

/* Migrations run on the first connection, and indexes are built on the second
 * one while the first holds the lock on migrations. */
struct migrator {
	struct db *db;
	struct db *builder;
	struct arena *arena;
	void (*report)(const char *name);
	int last; /* the number of the last applied migration */
	const char **error;
};

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
 * The settings of the transaction make defaults of the role and the database
 * harmless.  The lock lets one program migrate at a time.  Nothing else uses
 * its number.
 *
 * While a migration waits for a table that a long query or a dump reads, the
 * statements of the workers wait behind it.  Therefore it waits for a second at
 * most, and is tried again.
 *
 * A script leaves no snapshot open, as a prepared statement would: an index
 * that is built would wait for it.
 */
static const char begin_migration[] =
	"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
	" SET LOCAL standard_conforming_strings = on;"
	" SET LOCAL statement_timeout = 0;"
	" SET LOCAL lock_timeout = '1s';"
	" SET LOCAL idle_in_transaction_session_timeout = 0;"
	" SELECT pg_advisory_xact_lock(7206714910481);"
	" CREATE TABLE IF NOT EXISTS migrations ("
	"number integer PRIMARY KEY, name text NOT NULL,"
	" applied_at timestamptz NOT NULL DEFAULT now());"
	" SELECT coalesce(max(number), 0) FROM migrations";

static bool builds_indexes(const struct migration *migration)
{
	static const char end[] = ".indexes";
	size_t length = strlen(migration->name);

	return length > strlen(end)
		&& strcmp(migration->name + length - strlen(end), end) == 0;
}

static enum outcome run_migration(const struct migrator *migrator,
				  const struct migration *migration)
{
	int built;

	if (builds_indexes(migration))
		return migrate_indexes(migrator->builder, migrator->arena,
				       migration->sql, &built, migrator->error);
	return db_run_script(migrator->db, migrator->arena, migration->sql,
			     migrator->error);
}

/* Apply the next migration and record it. */
static enum outcome run_next(const struct migrator *migrator)
{
	const struct migration *migration = &migrations[migrator->last];
	enum outcome outcome = run_migration(migrator, migration);

	if (outcome != OUTCOME_OK)
		return outcome;
	return db_run_script(
		migrator->db, migrator->arena,
		arena_printf(migrator->arena,
			     "INSERT INTO migrations (number, name)"
			     " VALUES (%d, '%s')",
			     migrator->last + 1, migration->name),
		migrator->error);
}

/* Build the indexes that applied migrations would build today, because a module
 * was installed since. */
static enum outcome rebuild_indexes(struct migrator *m)
{
	enum outcome outcome = OUTCOME_OK;
	int built = 0;

	for (int i = 0; outcome == OUTCOME_OK && migrations[i].name; i++) {
		if (!builds_indexes(&migrations[i]))
			continue;
		outcome = migrate_indexes(m->builder, m->arena,
					  migrations[i].sql, &built, m->error);
		if (built > 0)
			m->report(migrations[i].name);
	}
	return outcome;
}

/* Apply the next migration, unless another program has already applied it.  If
 * all are applied, rebuild indexes. */
static enum outcome try_next(struct migrator *m)
{
	const struct db_rows *rows;
	bool is_applied = false;
	enum outcome outcome = db_read_script(m->db, m->arena, begin_migration,
					      &rows, m->error);

	if (outcome == OUTCOME_OK)
		m->last = (int)db_number(rows, 0, 0);
	if (outcome == OUTCOME_OK && m->last < count_known()) {
		is_applied = true;
		outcome = run_next(m);
	} else if (outcome == OUTCOME_OK) {
		outcome = rebuild_indexes(m);
	}
	if (outcome != OUTCOME_OK) {
		(void)!db_run_script(m->db, m->arena, "ROLLBACK", NULL);
		return outcome;
	}
	outcome = db_run_script(m->db, m->arena, "COMMIT", m->error);
	if (outcome == OUTCOME_OK && is_applied)
		m->report(migrations[m->last++].name);
	return outcome;
}

static bool is_locked_out(const struct db *db)
{
	static const char lock_not_available[] = "55P03";

	return strcmp(db_failure_state(db), lock_not_available) == 0;
}

static enum outcome apply_next(struct migrator *migrator)
{
	static const struct timespec pause = { .tv_sec = LOCK_PAUSE };
	const char *name = migrations[migrator->last].name;
	enum outcome outcome = OUTCOME_UNAVAILABLE;

	for (int try = 0; try < LOCK_TRIES; try++) {
		outcome = try_next(migrator);
		if (outcome == OUTCOME_OK || !is_locked_out(migrator->db))
			return outcome;
		if (try == 0)
			log_warning("migration %s waits for a table that "
				    "another session reads, such as a dump or "
				    "a long query, or for another provisor "
				    "migrate",
				    name ? name : "of indexes");
		nanosleep(&pause, NULL);
	}
	*migrator->error =
		"Another session has locked a table for minutes: end it "
		"(pg_stat_activity lists sessions), or migrate after it.";
	return outcome;
}

static enum outcome refuse_newer(struct arena *arena, int last,
				 const char **error)
{
	*error = arena_printf(arena,
			      "The database has migration %d, but this "
			      "program knows only %d: install the newer "
			      "provisor.",
			      last, count_known());
	return OUTCOME_INVALID;
}

static enum outcome refuse_unsuitable(struct db *db, struct arena *arena,
				      const char **error)
{
	const char *what;
	enum outcome outcome = suitability_for_migrations(db, arena, &what);

	if (outcome != OUTCOME_OK || !what)
		return outcome;
	*error = what;
	return OUTCOME_INVALID;
}

static enum outcome apply_pending(struct migrator *m, bool dry_run)
{
	enum outcome outcome = refuse_unsuitable(m->db, m->arena, m->error);

	if (outcome == OUTCOME_OK)
		outcome = find_last_migration(m->db, m->arena, &m->last);
	if (outcome == OUTCOME_OK && m->last > count_known())
		return refuse_newer(m->arena, m->last, m->error);
	while (outcome == OUTCOME_OK && m->last < count_known()) {
		if (dry_run)
			m->report(migrations[m->last++].name);
		else
			outcome = apply_next(m);
	}
	return outcome == OUTCOME_OK && !dry_run ? apply_next(m) : outcome;
}

enum outcome migrate(const char *conninfo, struct arena *arena, bool dry_run,
		     void (*report)(const char *name), const char **error)
{
	struct migrator migrator = {
		.db = db_open(conninfo),
		.builder = db_open(conninfo),
		.arena = arena,
		.report = report,
		.error = error,
	};
	enum outcome outcome;

	*error = "The database cannot be used, for the reason logged "
		 "above.";
	outcome = apply_pending(&migrator, dry_run);
	db_close(migrator.builder);
	db_close(migrator.db);
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
