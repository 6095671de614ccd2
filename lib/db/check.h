/*
 * check.h - is the database what the pools need?
 *
 * Reachable, with the right role, migrations and settings, durable, and no
 * standby.  Each thing that is not is a finding.
 */
#ifndef LIB_DB_CHECK_H
#define LIB_DB_CHECK_H

#include <stdbool.h>

struct arena;
struct db;
struct findings;

/* What a connection string is for. */
enum db_check_use {
	DATABASE_FOR_ALL,   /* PROVISOR_DATABASE, where it is the only one */
	DATABASE_FOR_POOLS, /* PROVISOR_DATABASE, beside another for … */
	DATABASE_DIRECT     /* provisor-jobs or migrate */
};

/*
 * Look at the database behind db.  False: it cannot be used, so that looking
 * further would only find the same again.
 */
bool db_check(struct db *db, struct arena *arena, enum db_check_use use,
	      struct findings *findings);

#endif
