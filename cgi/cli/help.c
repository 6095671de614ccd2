/*
 * help.c - provisor help, settings and version.
 */
#include "cgi/cli/help.h"

#include <ctype.h>
#include <string.h>

#include "cgi/cli/arguments.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"
#include "cgi/cli/wrap.h"

enum {
	SCREEN = 80,
	NAME_WIDTH = 22,
	MEANING_COLUMN = 25,
	PART_SIZE = 64,
	TEXT_SIZE = 256
};

int cli_version(const struct cli *cli)
{
	(void)cli;
	puts("provisor " PROVISOR_VERSION);
	return CLI_OK;
}

int cli_settings(const struct cli *cli)
{
	(void)cli;
	settings_explain(stdout);
	return CLI_OK;
}

/* ---- one command ---- */

void help_print_usage(FILE *out, const struct command *command)
{
	int indent = (int)strlen("usage: provisor ");
	int column = fprintf(out, "usage: provisor %s", command->name);

	for (int i = 0; command->options[i]; i++) {
		const struct option_spec *o = command->options[i];
		char part[PART_SIZE];
		int length = snprintf(
			part, sizeof part, "%s--%s%s%s%s%s",
			o->is_required ? "" : "[", o->name, o->value ? " " : "",
			o->value ? o->value : "", o->is_required ? "" : "]",
			o->is_repeatable ? "..." : "");

		wrap_word(out, &column, indent, 1, part, length);
	}
	if (command->words)
		wrap_word(out, &column, indent, 1, command->words,
			  (int)strlen(command->words));
	fputc('\n', out);
}

static void explain_option(const struct option_spec *option)
{
	char name[PART_SIZE], meaning[TEXT_SIZE];

	snprintf(name, sizeof name, "--%s%s%s", option->name,
		 option->value ? " " : "", option->value ? option->value : "");
	snprintf(meaning, sizeof meaning, "%s%s%s", option->meaning,
		 option->fallback ? "; default: " : "",
		 option->fallback ? option->fallback : "");
	printf("  %-*s ", NAME_WIDTH, name);
	wrap_text(MEANING_COLUMN, meaning);
}

static void explain_options(const struct option_spec *const options[])
{
	putchar('\n');
	for (; *options; options++)
		explain_option(*options);
}

static void explain_command(const struct command *command)
{
	help_print_usage(stdout, command);
	printf("\n%c%s.\n", toupper((unsigned char)command->meaning[0]),
	       command->meaning + 1);
	if (command->details) {
		putchar('\n');
		wrap_text(0, command->details);
	}
	if (command->options[0])
		explain_options(command->options);
}

/* ---- all commands ---- */

static void print_command(FILE *out, const struct command *command)
{
	fprintf(out, "  %-*s %s\n", NAME_WIDTH, command->name,
		command->meaning);
}

static void print_group(FILE *out, const struct command *table,
			const char *word)
{
	for (const struct command *c = table; c->name; c++)
		if (command_is_in_group(c, word))
			print_command(out, c);
}

static void explain_all(const struct command *table)
{
	puts("usage: provisor [--env FILE] COMMAND [ARGUMENT]...\n");
	for (const struct command *c = table; c->name; c++)
		print_command(stdout, c);
	explain_options(arguments_global);
	puts("\nSettings in the environment override those in FILE.  Options can "
	     "be\nabbreviated.  \"provisor help COMMAND\" explains a command.");
}

int help_refuse_unknown(const struct command *table, const char *word)
{
	if (!command_is_group(table, word))
		return cli_refuse("unknown command \"%s\"; provisor help lists "
				  "the commands",
				  word);
	cli_fail("\"%s\" begins several commands; write one of these:", word);
	print_group(stderr, table, word);
	return CLI_USAGE;
}

/* A name of two words may be one argument in quotes. */
static const struct command *find_command_to_explain(const struct cli *cli)
{
	const struct command *c;

	if (cli->count > 1)
		return command_find(cli->commands, cli->count, cli->words);
	for (c = cli->commands; c->name; c++)
		if (strcmp(c->name, cli->words[0]) == 0)
			return c;
	return NULL;
}

int cli_help(const struct cli *cli)
{
	const char *word = cli->count > 0 ? cli->words[0] : NULL;
	const struct command *command =
		word ? find_command_to_explain(cli) : NULL;

	if (!word)
		explain_all(cli->commands);
	else if (command)
		explain_command(command);
	else if (cli->count == 1 && command_is_group(cli->commands, word))
		print_group(stdout, cli->commands, word);
	else
		return help_refuse_unknown(cli->commands, word);
	return CLI_OK;
}
