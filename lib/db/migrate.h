/*
 * migrate.h - applies migrations to a database.
 *
 * Migrations are the numbered files of migrations/, forward only, which the
 * build embeds into the programs.  The table migrations lists those that have
 * been applied.
 *
 * A migration whose name ends in ".indexes" builds indexes while the workers
 * continue to write (migrate_indexes.h).
 */
#ifndef LIB_DB_MIGRATE_H
#define LIB_DB_MIGRATE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;

struct migration {
	const char *name; /* "0001_resources" */
	const char *sql;
};

/*
 * The migrations in order, numbered 1, 2, 3, …; the last entry has a NULL name.
 */
extern const struct migration migrations[];

/*
 * Apply pending migrations in order, each in a transaction of its own, over two
 * connections to the database of conninfo.  Then, unless dry_run, build the
 * indexes that applied migrations would build today, because a module of
 * PostgreSQL was installed since.  Several programs may do so at once.  report
 * is called for each migration that was applied, has built indexes again or,
 * with dry_run, is pending.
 *
 * On failure *error is a sentence for the operator, and migrations applied
 * before stay applied.  Indexes that are complete stay, too.
 *
 * OUTCOME_INVALID  the database is newer than this program, or unsuitable
 * others           those of db_run()
 */
MUST_CHECK enum outcome migrate(const char *conninfo, struct arena *arena,
				bool dry_run, void (*report)(const char *name),
				const char **error);

/*
 * Set *missing to the number of pending migrations.  A negative number counts
 * applied migrations that this program does not know.  This is expected during
 * an upgrade, because the release before a migration can work with it.  Return
 * OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome
migrate_count_missing(struct db *db, struct arena *arena, int *missing);

#endif
