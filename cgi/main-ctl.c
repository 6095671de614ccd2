/*
 * main-ctl.c - provisor, the operator's command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/arguments.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/help.h"
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/listener/hook.h"

static bool load_settings(struct cli *cli)
{
	struct findings findings = { .arena = cli->arena };

	cli_read_settings(cli, &cli->settings, &findings);
	cli_tell(&findings);
	hook_run_as(pools_user(&cli->settings));
	return findings.errors == 0;
}

static int words_in(const char *name)
{
	return strchr(name, ' ') ? 2 : 1;
}

static bool asks_for_help(int count, char **arguments)
{
	for (int i = 0; i < count; i++)
		if (strcmp(arguments[i], "--help") == 0
		    || strcmp(arguments[i], "-h") == 0)
			return true;
	return false;
}

/* What begins with a dash where a command should stand. */
static int read_option(const struct cli *cli, int count, char **arguments)
{
	if (strcmp(arguments[0], "--version") == 0)
		return cli_version(cli);
	if (asks_for_help(count, arguments))
		return cli_help(cli);
	if (strcmp(arguments[0], "--env") == 0)
		cli_fail("nothing stands behind --env: write --env FILE");
	else
		cli_fail("there is no option %s before a command; provisor "
			 "help tells what there is",
			 arguments[0]);
	return CLI_USAGE;
}

static int run(struct cli *cli, int count, char **arguments)
{
	const struct command *command;
	int skip;

	if (count >= 2 && strcmp(arguments[0], "--env") == 0) {
		cli->env_file = arguments[1];
		cli->is_env_file_asked_for = true;
		arguments += 2;
		count -= 2;
	}
	if (count == 0)
		return cli_help(cli);
	if (arguments[0][0] == '-')
		return read_option(cli, count, arguments);
	command = commands_find(cli->arena, count,
				(const char *const *)arguments);
	if (!command)
		return help_refuse_unknown(arguments[0]);
	skip = words_in(command->name);
	if (asks_for_help(count - skip, arguments + skip)) {
		help_explain(command);
		return CLI_OK;
	}
	if (arguments_read(cli, command, count - skip, arguments + skip)
	    != CLI_OK)
		return CLI_USAGE;
	if (command->needs_settings && !load_settings(cli))
		return CLI_FAILED;
	return command->run(cli);
}

/* What was printed has to have gone somewhere. */
static int end_output(int status)
{
	errno = EIO; /* of a write that failed long ago */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return cli_fail("standard output cannot be written: %s",
			strerror(errno));
}

int main(int count, char **arguments)
{
	struct cli cli = {
		.arena = arena_create(),
		.env_file = CLI_ENV_FILE,
		.has_colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	};
	int status;

	hook_serve(count, arguments);
	status = end_output(run(&cli, count - 1, arguments + 1));
	arena_destroy(cli.arena);
	return status;
}
