#include "cgi/cli/help.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"

int cli_version(const struct cli *cli)
{
	(void)cli;
	puts("provisor " PROVISOR_VERSION);
	return CLI_OK;
}

static void print_row(FILE *out, const struct command *command)
{
	fprintf(out, "  %-22s %s\n", command->name, command->meaning);
}

static void explain_all(void)
{
	puts("usage: provisor [--env FILE] COMMAND\n");
	for (const struct command *c = commands; c->name; c++)
		print_row(stdout, c);
	puts("\nprovisor help COMMAND tells more.  Settings come from the "
	     "environment, and for\nwhat is not set there from FILE, by "
	     "default " CLI_ENV_FILE ".");
}

static void print_usage(FILE *out, const struct command *command)
{
	fprintf(out, "usage: provisor %s", command->name);
	for (int i = 0; command->options[i]; i++) {
		const struct command_option *o = command->options[i];

		fprintf(out, " [%s%s%s]", o->name, o->value ? " " : "",
			o->value ? o->value : "");
	}
	if (command->words)
		fprintf(out, " %s", command->words);
	fputc('\n', out);
}

static void explain_option(const struct command_option *option)
{
	int width = printf("  %s%s%s", option->name, option->value ? " " : "",
			   option->value ? option->value : "");

	printf("%*s%s\n", 25 - width, "", option->meaning);
}

void help_explain(const struct command *command)
{
	print_usage(stdout, command);
	printf("\n%s\n", command->meaning);
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->options[0])
		putchar('\n');
	for (int i = 0; command->options[i]; i++)
		explain_option(command->options[i]);
}

/* Is word the first of two in the command's name? */
static bool begins(const struct command *command, const char *word)
{
	size_t length = strlen(word);

	return strncmp(command->name, word, length) == 0
		&& command->name[length] == ' ';
}

static bool is_group(const char *word)
{
	for (const struct command *c = commands; c->name; c++)
		if (begins(c, word))
			return true;
	return false;
}

static void print_group(FILE *out, const char *word)
{
	for (const struct command *c = commands; c->name; c++)
		if (begins(c, word))
			print_row(out, c);
}

int help_refuse_unknown(const char *word)
{
	if (is_group(word)) {
		cli_fail("\"%s\" is the beginning of one of these:", word);
		print_group(stderr, word);
	} else {
		cli_fail("there is no command \"%s\"; provisor help lists "
			 "them",
			 word);
	}
	return CLI_USAGE;
}

int help_refuse(const struct command *command, const char *what,
		const char *word)
{
	cli_fail("%s %s %s", command->name, what, word);
	print_usage(stderr, command);
	return CLI_USAGE;
}

int cli_help(const struct cli *cli)
{
	const struct command *command;

	if (cli->count == 0) {
		explain_all();
		return CLI_OK;
	}
	if (cli->count == 1 && is_group(cli->words[0])) {
		print_group(stdout, cli->words[0]);
		return CLI_OK;
	}
	command = commands_find(cli->arena, cli->count, cli->words);
	if (!command)
		return help_refuse_unknown(cli->words[0]);
	help_explain(command);
	return CLI_OK;
}
