/*
 * migrate.c - provisor migrate: bring the database up to date.
 */
#include "cgi/cli/cli.h"

#include <stdio.h>

#include "lib/db/db.h"
#include "lib/db/migrate.h"

static void report(const char *name)
{
	printf("%s\n", name);
}

int ctl_migrate(const struct ctl *ctl)
{
	struct db *db = db_open(ctl->config.database_direct);
	const char *complaint;
	enum outcome outcome =
		migrate(db, ctl->arena, ctl_option(ctl, "--dry-run"), report,
			&complaint);

	db_close(db);
	return outcome == OUTCOME_OK ? CTL_OK
				     : ctl_fail("migrate: %s", complaint);
}
