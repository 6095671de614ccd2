/*
 * check.h - checks that a database suits the pools.
 *
 * The database must be reachable, durable and not a standby, and have the right
 * role, migrations and settings.  Each problem is a finding.
 */
#ifndef LIB_DB_CHECK_H
#define LIB_DB_CHECK_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct db;
struct findings;

/* What a connection string is used for. */
enum db_check_use {
	DB_CHECK_ALL, /* PROVISOR_DATABASE, without PROVISOR_DATABASE_DIRECT */
	DB_CHECK_POOLS, /* PROVISOR_DATABASE, for the pools only */
	DB_CHECK_DIRECT /* PROVISOR_DATABASE_DIRECT, for everything else */
};

/* Add findings about the database, with which this host's processes, a number,
 * connect.  Return false if it cannot be used, so that other checks of it would
 * fail too. */
MUST_CHECK bool db_check(struct db *db, struct arena *arena,
			 enum db_check_use use, int processes,
			 struct findings *findings);

#endif
