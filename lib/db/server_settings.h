/*
 * server_settings.h - checks the settings of the PostgreSQL server: whether
 * changes survive a crash and a failover, and whether statements have limits.
 */
#ifndef LIB_DB_SERVER_SETTINGS_H
#define LIB_DB_SERVER_SETTINGS_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct findings;

struct server_settings_use {
	bool has_standby; /* a standby is connected */
	bool is_worker;   /* the role is that of the workers, which has
			     settings of its own */
};

/* Report what is wrong, with place, the setting that names the server.  Return
 * the outcome of db_run(). */
MUST_CHECK enum outcome
server_settings_check(struct db *db, struct arena *arena,
		      const struct server_settings_use *use, const char *place,
		      struct findings *findings);

#endif
