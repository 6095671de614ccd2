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
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/hook_run.h"

static bool load_settings(struct cli *cli)
{
	struct findings findings = { .arena = cli->arena };

	cli_read_settings(cli, &cli->settings, &findings);
	cli_print_findings(&findings);
	code_owner_set(pools_user(&cli->settings));
	hook_run_use_pool(cli->settings.hooks);
	return findings.errors == 0;
}

static int run_command(struct cli *cli, int count, char **arguments)
{
	if (arguments_read(cli, count, arguments) != CLI_OK)
		return CLI_USAGE;
	if (cli->command->needs_settings && !load_settings(cli))
		return CLI_FAILED;
	return cli->command->run(cli);
}

/* Fail if the output could not be written, for example to a full disk.  The
 * reason is known only if it is the last write that fails. */
static int end_output(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return cli_fail("cannot write to standard output: %s",
			errno ? strerror(errno) : "an earlier write failed");
}

int main(int count, char **arguments)
{
	struct cli cli = {
		.arena = arena_create(),
		.commands = commands,
		.has_colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	};
	int status;

	status = end_output(run_command(&cli, count, arguments));
	arena_destroy(cli.arena);
	return status;
}
