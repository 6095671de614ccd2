/*
 * migrate.c - provisor migrate: bring the database up to date.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "lib/db/db.h"
#include "lib/db/migrate.h"

static void report(const char *name)
{
	printf("%s\n", name);
}

int cli_migrate(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database_direct);
	const char *complaint;
	enum outcome outcome =
		migrate(db, cli->arena, cli_has(cli, OPTION_DRY_RUN), report,
			&complaint);

	db_close(db);
	return outcome == OUTCOME_OK ? CLI_OK
				     : cli_fail("migrate: %s", complaint);
}
