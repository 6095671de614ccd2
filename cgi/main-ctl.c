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
#include "lib/listener/library_process.h"

static bool load_settings(struct cli *cli)
{
	struct findings findings = { .arena = cli->arena };

	cli_read_settings(cli, &cli->settings, &findings);
	cli_print_findings(&findings);
	code_owner_set(pools_user(&cli->settings));
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

/* Fail if the output could not be written, for example to a full disk. */
static int end_output(int status)
{
	errno = EIO; /* if an earlier write failed */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return cli_fail("cannot write to standard output: %s", strerror(errno));
}

int main(int count, char **arguments)
{
	struct cli cli = {
		.arena = arena_create(),
		.commands = commands,
		.has_colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	};
	int status;

	library_process_serve(count, arguments);
	status = end_output(run_command(&cli, count, arguments));
	arena_destroy(cli.arena);
	return status;
}
