/*
 * resources_restore.c - provisor resources restore.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/db/db.h"
#include "lib/provider/operator.h"
#include "lib/provider/operator_words.h"

/* The two resources of the command line. */
struct restore_pair {
	const struct json *from;
	const struct json *to;
};

static int restore_with(const struct cli *cli, struct provider *provider,
			const struct restore_pair *pair)
{
	struct operator_act act = target_act(cli);

	if (operator_restore(provider, &act, pair->from, pair->to)
	    != OUTCOME_OK)
		return cli_fail("%s is not restored: %s",
				target_text(pair->from, "id"),
				act.failure ? act.failure
					    : "the log line above has the "
					      "reason");
	printf("resources restore: %s\n", target_text(pair->to, "id"));
	wrap_text(0, operator_words_restoring);
	return CLI_OK;
}

static bool find_pair(const struct cli *cli, struct restore_pair *pair)
{
	struct db *db = db_open(cli->settings.database);
	struct cli second = *cli;

	second.words++;
	pair->from = target_find(cli, db);
	pair->to = pair->from ? target_find(&second, db) : NULL;
	db_close(db);
	return pair->to;
}

int cli_resources_restore(const struct cli *cli)
{
	struct restore_pair pair;
	struct provider provider;
	int status;

	if (!find_pair(cli, &pair) || !provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	status = restore_with(cli, &provider, &pair);
	provider_close(&provider);
	return status;
}
