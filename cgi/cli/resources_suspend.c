/*
 * resources_suspend.c - provisor resources suspend and resume.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/target.h"
#include "cgi/cli/wrap.h"
#include "lib/provider/operator.h"
#include "lib/provider/operator_words.h"

struct suspension_command {
	operator_suspension *change;
	const char *(*explain)(enum provider_suspension_effect effect);
};

static const struct suspension_command suspend = { operator_suspend,
						   operator_words_suspended };
static const struct suspension_command resume = { operator_resume,
						  operator_words_resumed };

static int carry_out_suspension(const struct cli *cli,
				const struct suspension_command *command,
				struct provider *provider,
				const struct json *resource)
{
	const char *id = target_text(resource, "id");
	enum provider_suspension_effect effect;
	struct operator_act act = target_act(cli);

	if (command->change(provider, &act, resource,
			    cli_option(cli, OPTION_REASON), &effect)
	    != OUTCOME_OK)
		return cli_fail("%s: nothing is changed: %s", id,
				act.failure ? act.failure
					    : "the log line above has the "
					      "reason");
	printf("%s: %s\n", cli->command->name, id);
	wrap_text(0, command->explain(effect));
	return CLI_OK;
}

static int run_suspension_command(const struct cli *cli,
				  const struct suspension_command *command)
{
	struct provider provider;
	const struct json *found = target_open(cli, &provider);
	int status;

	if (!found)
		return CLI_FAILED;
	status = carry_out_suspension(cli, command, &provider, found);
	provider_close(&provider);
	return status;
}

int cli_resources_suspend(const struct cli *cli)
{
	return run_suspension_command(cli, &suspend);
}

int cli_resources_resume(const struct cli *cli)
{
	return run_suspension_command(cli, &resume);
}
