/*
 * sessions.c - provisor sessions end: signs out every browser of a resource.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/target.h"
#include "lib/db/db.h"
#include "lib/provider/operator.h"
#include "lib/text/json.h"

static int end_sessions(const struct cli *cli, struct db *db,
			const struct json *resource)
{
	struct operator_act act = target_act(cli);
	const char *id = target_text(resource, "id");

	if (operator_end_sessions(db, &act, resource) != OUTCOME_OK)
		return cli_fail("the sessions of %s were not ended; the log "
				"line above has the reason",
				id);
	printf("sessions ended: %s\n", id);
	return CLI_OK;
}

int cli_sessions_end(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct json *found = target_find(cli, db);
	int status = found ? end_sessions(cli, db, found) : CLI_FAILED;

	db_close(db);
	return status;
}
