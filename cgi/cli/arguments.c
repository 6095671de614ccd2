#include "cgi/cli/arguments.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/help.h"
#include "lib/base/arena.h"

/* The option of the command that argument names, or NULL. */
static const struct command_option *find_option(const struct command *command,
						const char *argument)
{
	for (int i = 0; command->options[i]; i++)
		if (strcmp(command->options[i]->name, argument) == 0)
			return command->options[i];
	return NULL;
}

int arguments_read(struct cli *cli, const struct command *command, int count,
		   char **arguments)
{
	struct cli_given *given =
		arena_alloc(cli->arena, ((size_t)count + 1) * sizeof *given);

	cli->words = arena_alloc(cli->arena,
				 ((size_t)count + 1) * sizeof *cli->words);
	cli->options = given;
	for (int i = 0; i < count; i++) {
		const struct command_option *option =
			find_option(command, arguments[i]);

		if (!option) {
			if (strncmp(arguments[i], "--", 2) == 0)
				return help_refuse(command, "has no option",
						   arguments[i]);
			cli->words[cli->count++] = arguments[i];
			continue;
		}
		given->name = option->name;
		given->value = "";
		if (option->value && ++i == count)
			return help_refuse(command, "needs a value behind",
					   option->name);
		if (option->value)
			given->value = arguments[i];
		given++;
	}
	if (cli->count < command->fewest)
		return help_refuse(command, "needs", command->words);
	if (cli->count > command->most)
		return help_refuse(command, "has no place for",
				   cli->words[command->most]);
	return CLI_OK;
}
