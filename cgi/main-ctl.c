/*
 * main-ctl.c - provisor, the operator's command line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/help.h"
#include "cgi/cli/pools.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/listener/hook.h"

int ctl_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("provisor: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return CTL_FAILED;
}

void ctl_tell(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next)
		if (f->verdict != FINDING_OK)
			ctl_fail("%s%s",
				 f->verdict == FINDING_WARNING ? "warning: "
							       : "",
				 f->text);
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	for (const struct ctl_given *o = ctl->options; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o->value;
	return NULL;
}

/* ---- reading the command line ---- */

/* The option of the command that argument names, or NULL. */
static const struct ctl_option *find_option(const struct ctl_command *command,
					    const char *argument)
{
	for (int i = 0; command->options[i]; i++)
		if (strcmp(command->options[i]->name, argument) == 0)
			return command->options[i];
	return NULL;
}

/* Part what follows the command's name into words and options.  CTL_USAGE, and
 * said, when it does not fit the command. */
static int read_arguments(struct ctl *ctl, const struct ctl_command *command,
			  int count, char **arguments)
{
	struct ctl_given *given =
		arena_alloc(ctl->arena, ((size_t)count + 1) * sizeof *given);

	ctl->words = arena_alloc(ctl->arena,
				 ((size_t)count + 1) * sizeof *ctl->words);
	ctl->options = given;
	for (int i = 0; i < count; i++) {
		const struct ctl_option *option =
			find_option(command, arguments[i]);

		if (!option) {
			if (strncmp(arguments[i], "--", 2) == 0)
				return ctl_refuse(command, "has no option",
						  arguments[i]);
			ctl->words[ctl->count++] = arguments[i];
			continue;
		}
		given->name = option->name;
		given->value = "";
		if (option->value && ++i == count)
			return ctl_refuse(command, "needs a value behind",
					  option->name);
		if (option->value)
			given->value = arguments[i];
		given++;
	}
	if (ctl->count < command->fewest)
		return ctl_refuse(command, "needs", command->words);
	if (ctl->count > command->most)
		return ctl_refuse(command, "has no place for",
				  ctl->words[command->most]);
	return CTL_OK;
}

/* The default file need not exist; one that was asked for must. */
void ctl_read_settings(const struct ctl *ctl, struct config *config,
		       struct findings *findings)
{
	if (!config_read_file(ctl->env_file, findings)
	    && (ctl->is_env_file_asked_for || errno != ENOENT))
		finding_error(findings,
			      "%s: cannot be read (%s): let who runs provisor "
			      "read it, or name another with --env",
			      ctl->env_file, strerror(errno));
	config_load(config, findings);
}

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
	if (read_arguments(ctl, command, count - skip, arguments + skip)
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
