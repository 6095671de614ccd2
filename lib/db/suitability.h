/*
 * suitability.h - finds what makes a database or a role unsuitable.
 *
 * An operator or a hosting provider can set defaults for a database or a role
 * under which statements fail or mean something else: another encoding, a
 * search_path without the tables, another isolation level, limits that are too
 * low, and missing rights.  write_probe.h finds read-only transactions.
 * Statements do not depend on any other default, such as the time zone.
 */
#ifndef LIB_DB_SUITABILITY_H
#define LIB_DB_SUITABILITY_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct findings;

enum { SUITABILITY_OLDEST = 150000 }; /* server_version_num */

/*
 * Set *error to a sentence about what makes the database unsuitable for
 * migrations, or to NULL.  Return OUTCOME_OK or the failure of db_run().
 */
MUST_CHECK enum outcome suitability_for_migrations(struct db *db,
						   struct arena *arena,
						   const char **error);

/*
 * Add findings about everything that makes the database unsuitable for
 * processes that log in with the same role, of which this host runs a number; 0
 * if a pooler limits their connections.  place is the setting with the
 * connection string.  Return false if the database cannot be used at all.
 */
MUST_CHECK bool suitability_check(struct db *db, struct arena *arena,
				  const char *place, int processes,
				  struct findings *findings);

#endif
