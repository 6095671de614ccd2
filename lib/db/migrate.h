/*
 * migrate.h - brings a database's tables to what this program expects.
 *
 * Migrations are the numbered files of migrations/, forward only, which the
 * build puts into the programs.  What was applied is kept in the database, in
 * the table migrations.
 */
#ifndef LIB_DB_MIGRATE_H
#define LIB_DB_MIGRATE_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct arena;
struct db;

struct migration {
	const char *name; /* "0001_resources" */
	const char *sql;
};

/* In order, up to one whose name is NULL.  Their numbers are 1, 2, 3, … */
extern const struct migration migrations[];

/*
 * Apply what is missing, each in a transaction of its own and in order; of
 * several programs that migrate at once, one does.  report is told of each,
 * applied or, with dry_run, only due.
 *
 * On failure *complaint is a sentence for the operator; what was applied before
 * stays applied.
 *
 * OUTCOME_INVALID  the database is newer than this program
 * others           as db_run(): it is away, or refused a migration
 */
enum outcome migrate(struct db *db, struct arena *arena, bool dry_run,
		     void (*report)(const char *name), const char **complaint);

/* How many migrations the database lacks; below zero: how many it has that this
 * program does not know, which is well: each serves the release before it too,
 * since both run while an upgrade is under way.  As db_run(). */
enum outcome migrate_count_missing(struct db *db, struct arena *arena,
				   int *missing);

#endif
