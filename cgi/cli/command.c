#include "cgi/cli/command.h"

#include <string.h>

#include "lib/text/number.h"

int command_first_word(const struct command *command)
{
	return (int)strcspn(command->name, " ");
}

bool command_has_two_words(const struct command *command)
{
	return strchr(command->name, ' ');
}

bool command_is_in_group(const struct command *command, const char *word)
{
	size_t length = strlen(word);

	return strncmp(command->name, word, length) == 0
		&& command->name[length] == ' ';
}

bool command_is_group(const struct command *table, const char *word)
{
	for (const struct command *c = table; c->name; c++)
		if (command_is_in_group(c, word))
			return true;
	return false;
}

static bool is_command_named(const struct command *command, int count,
			     const char *const words[])
{
	if (!command_has_two_words(command))
		return strcmp(command->name, words[0]) == 0;
	return count > 1 && command_is_in_group(command, words[0])
		&& strcmp(command->name + strlen(words[0]) + 1, words[1]) == 0;
}

const struct command *command_find(const struct command *table, int count,
				   const char *const words[])
{
	for (const struct command *c = table; c->name; c++)
		if (is_command_named(c, count, words))
			return c;
	return NULL;
}

bool command_read_number(const struct option_spec *option, const char *text,
			 int64_t *number)
{
	if (option->form == VALUE_NUMBER)
		return number_read(text, option->least, option->most, number);
	return number_read_duration(text, number) && *number >= option->least
		&& *number <= option->most;
}
