/*
 * events.c - provisor events list.
 */
#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/db/db.h"
#include "lib/store/event_list.h"
#include "lib/text/number.h"

/* The columns of the table; --json prints all members. */
static const char *const event_columns[] = {
	"id",    "at",     "addon", "resource", "event",
	"actor", "before", "after", NULL,
};

/* Return false after printing what is wrong with an option. */
static bool read_event_query(const struct cli *cli, struct event_query *query)
{
	int64_t number;

	*query = (struct event_query){
		.marketplace = cli_option(cli, OPTION_MARKETPLACE),
		.addon = cli_option(cli, OPTION_ADDON),
		.event = cli_option(cli, OPTION_WHAT),
		.actor = cli_option(cli, OPTION_ACTOR),
		.since = cli_number(cli, OPTION_SINCE),
		.after = cli_option(cli, OPTION_AFTER),
		.limit = (int)cli_number(cli, OPTION_LIMIT),
	};
	if (!query->after || number_read(query->after, 0, INT64_MAX, &number))
		return true;
	cli_refuse("option --after must be the number of an event, from the "
		   "column ID");
	return false;
}

static int print_events(const struct cli *cli, struct db *db,
			struct event_query *query)
{
	struct json_rows found = { 0 };
	enum outcome outcome = target_find_option(cli, db, &query->resource);

	if (outcome != OUTCOME_OK && outcome != OUTCOME_NOT_FOUND)
		return CLI_FAILED;
	if (outcome == OUTCOME_OK
	    && event_list(db, cli->arena, query, &found) != OUTCOME_OK)
		return rows_fail();
	rows_print_page(cli, &found, event_columns);
	return CLI_OK;
}

int cli_events_list(const struct cli *cli)
{
	struct event_query query;
	struct db *db;
	int status;

	if (!read_event_query(cli, &query))
		return CLI_USAGE;
	db = db_open(cli->settings.database);
	status = print_events(cli, db, &query);
	db_close(db);
	return status;
}
