/*
 * resources_count.c - provisor resources count.
 */
#include "cgi/cli/resources.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/rows.h"
#include "lib/base/base.h"
#include "lib/db/db.h"
#include "lib/store/resource_list.h"

static bool is_countable(const char *column)
{
	static const char *const columns[] = { "addon", "marketplace", "plan",
					       "region", "state" };

	for (size_t i = 0; i < COUNT(columns); i++)
		if (strcmp(columns[i], column) == 0)
			return true;
	return false;
}

static int print_total(const struct cli *cli, struct db *db,
		       const struct resource_list_query *query)
{
	int64_t total;

	if (resource_list_total(db, cli->arena, query, &total) != OUTCOME_OK)
		return rows_fail();
	if (cli_has(cli, OPTION_JSON))
		printf("{\"resources\":%" PRId64 "}\n", total);
	else
		printf("%" PRId64 "\n", total);
	return CLI_OK;
}

static int print_counts(const struct cli *cli, struct db *db,
			const struct resource_list_query *query,
			const char *column)
{
	const char *const columns[] = { column, "resources", NULL };
	struct json_rows counts;

	if (resource_list_count(db, cli->arena, query, column, &counts)
	    != OUTCOME_OK)
		return rows_fail();
	rows_print(cli, &counts, columns);
	return CLI_OK;
}

int cli_resources_count(const struct cli *cli)
{
	const char *column = cli_option(cli, OPTION_BY);
	struct resource_list_query query;
	struct db *db;
	int status;

	if (!resources_read_query(cli, &query))
		return CLI_USAGE;
	if (column && !is_countable(column))
		return cli_refuse("option --by must be addon, marketplace, "
				  "plan, region or state");
	query.limit = JSON_ROWS_MOST;
	db = db_open(cli->settings.database);
	status = column ? print_counts(cli, db, &query, column)
			: print_total(cli, db, &query);
	db_close(db);
	return status;
}
