/*
 * migrate.c - provisor migrate: applies pending migrations to the database.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "lib/db/migrate.h"

static int reported;

static void report_migration(const char *name)
{
	puts(name);
	reported++;
}

int cli_migrate(const struct cli *cli)
{
	const char *error;
	enum outcome outcome =
		migrate(cli->settings.database_direct, cli->arena,
			cli_has(cli, OPTION_DRY_RUN), report_migration, &error);

	if (outcome != OUTCOME_OK)
		return cli_fail("migrate: %s", error);
	if (reported == 0)
		puts("no migration is pending");
	return CLI_OK;
}
