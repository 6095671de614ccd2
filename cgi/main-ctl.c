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

static bool load_settings(struct ctl *ctl)
{
	struct findings findings = { .arena = ctl->arena };

	ctl_read_settings(ctl, &ctl->config, &findings);
	ctl_tell(&findings);
	hook_run_as(ctl_pool_user(&ctl->config));
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
static int read_option(const struct ctl *ctl, int count, char **arguments)
{
	if (strcmp(arguments[0], "--version") == 0)
		return ctl_version(ctl);
	if (asks_for_help(count, arguments))
		return ctl_help(ctl);
	if (strcmp(arguments[0], "--env") == 0)
		ctl_fail("nothing stands behind --env: write --env FILE");
	else
		ctl_fail("there is no option %s before a command; provisor "
			 "help tells what there is",
			 arguments[0]);
	return CTL_USAGE;
}

static int run(struct ctl *ctl, int count, char **arguments)
{
	const struct ctl_command *command;
	int skip;

	if (count >= 2 && strcmp(arguments[0], "--env") == 0) {
		ctl->env_file = arguments[1];
		ctl->is_env_file_asked_for = true;
		arguments += 2;
		count -= 2;
	}
	if (count == 0)
		return ctl_help(ctl);
	if (arguments[0][0] == '-')
		return read_option(ctl, count, arguments);
	command = ctl_find_command(ctl->arena, count,
				   (const char *const *)arguments);
	if (!command)
		return ctl_refuse_unknown(arguments[0]);
	skip = words_in(command->name);
	if (asks_for_help(count - skip, arguments + skip)) {
		ctl_explain(command);
		return CTL_OK;
	}
	if (arguments_read(ctl, command, count - skip, arguments + skip)
	    != CTL_OK)
		return CTL_USAGE;
	if (command->needs_settings && !load_settings(ctl))
		return CTL_FAILED;
	return command->run(ctl);
}

/* What was printed has to have gone somewhere. */
static int end_output(int status)
{
	errno = EIO; /* of a write that failed long ago */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return ctl_fail("standard output cannot be written: %s",
			strerror(errno));
}

int main(int count, char **arguments)
{
	struct ctl ctl = {
		.arena = arena_create(),
		.env_file = CTL_ENV_FILE,
		.has_colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	};
	int status;

	hook_serve(count, arguments);
	status = end_output(run(&ctl, count - 1, arguments + 1));
	arena_destroy(ctl.arena);
	return status;
}
