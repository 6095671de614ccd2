#include "cgi/cli/arguments.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/help.h"
#include "lib/base/arena.h"

/* The option of the command that argument names, or NULL. */
static const struct ctl_option *find_option(const struct ctl_command *command,
					    const char *argument)
{
	for (int i = 0; command->options[i]; i++)
		if (strcmp(command->options[i]->name, argument) == 0)
			return command->options[i];
	return NULL;
}

int arguments_read(struct ctl *ctl, const struct ctl_command *command,
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
