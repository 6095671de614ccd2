/*
 * resources_move.c - provisor resources move.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/provider/operator.h"
#include "lib/provider/operator_words.h"

static int move_with(const struct cli *cli, struct provider *provider,
		     const struct json *resource)
{
	const struct operator_move to = {
		.marketplace = cli_option(cli, OPTION_TO_MARKETPLACE),
		.addon = cli_option(cli, OPTION_TO_ADDON),
		.key = cli_option(cli, OPTION_AS),
		.plan = cli_option(cli, OPTION_PLAN),
	};
	struct operator_act act = target_act(cli);
	const char *target;
	bool is_repeat;

	if (operator_move(provider, &act, resource, &to, &target, &is_repeat)
	    != OUTCOME_OK)
		return cli_fail("%s is not moved: %s",
				target_text(resource, "id"),
				act.failure ? act.failure
					    : "the log line above has the "
					      "reason");
	printf("%s: %s\n", is_repeat ? "moved already" : "resources move",
	       target);
	wrap_text(0, operator_words_moving);
	return CLI_OK;
}

int cli_resources_move(const struct cli *cli)
{
	struct provider provider;
	const struct json *found = target_open(cli, &provider);
	int status;

	if (!found)
		return CLI_FAILED;
	status = move_with(cli, &provider, found);
	provider_close(&provider);
	return status;
}
