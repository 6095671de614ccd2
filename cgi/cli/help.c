#include "cgi/cli/help.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/commands.h"

int ctl_version(const struct ctl *ctl)
{
	(void)ctl;
	puts("provisor " PROVISOR_VERSION);
	return CTL_OK;
}

static void print_row(FILE *out, const struct ctl_command *command)
{
	fprintf(out, "  %-22s %s\n", command->name, command->meaning);
}

static void explain_all(void)
{
	puts("usage: provisor [--env FILE] COMMAND\n");
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		print_row(stdout, c);
	puts("\nprovisor help COMMAND tells more.  Settings come from the "
	     "environment, and for\nwhat is not set there from FILE, by "
	     "default " CTL_ENV_FILE ".");
}

static void print_usage(FILE *out, const struct ctl_command *command)
{
	fprintf(out, "usage: provisor %s", command->name);
	for (int i = 0; command->options[i]; i++) {
		const struct ctl_option *o = command->options[i];

		fprintf(out, " [%s%s%s]", o->name, o->value ? " " : "",
			o->value ? o->value : "");
	}
	if (command->words)
		fprintf(out, " %s", command->words);
	fputc('\n', out);
}

static void explain_option(const struct ctl_option *option)
{
	int width = printf("  %s%s%s", option->name, option->value ? " " : "",
			   option->value ? option->value : "");

	printf("%*s%s\n", 25 - width, "", option->meaning);
}

void ctl_explain(const struct ctl_command *command)
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
static bool begins(const struct ctl_command *command, const char *word)
{
	size_t length = strlen(word);

	return strncmp(command->name, word, length) == 0
		&& command->name[length] == ' ';
}

static bool is_group(const char *word)
{
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		if (begins(c, word))
			return true;
	return false;
}

static void print_group(FILE *out, const char *word)
{
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		if (begins(c, word))
			print_row(out, c);
}

int ctl_refuse_unknown(const char *word)
{
	if (is_group(word)) {
		ctl_fail("\"%s\" is the beginning of one of these:", word);
		print_group(stderr, word);
	} else {
		ctl_fail("there is no command \"%s\"; provisor help lists "
			 "them",
			 word);
	}
	return CTL_USAGE;
}

int ctl_refuse(const struct ctl_command *command, const char *what,
	       const char *word)
{
	ctl_fail("%s %s %s", command->name, what, word);
	print_usage(stderr, command);
	return CTL_USAGE;
}

int ctl_help(const struct ctl *ctl)
{
	const struct ctl_command *command;

	if (ctl->count == 0) {
		explain_all();
		return CTL_OK;
	}
	if (ctl->count == 1 && is_group(ctl->words[0])) {
		print_group(stdout, ctl->words[0]);
		return CTL_OK;
	}
	command = ctl_find_command(ctl->arena, ctl->count, ctl->words);
	if (!command)
		return ctl_refuse_unknown(ctl->words[0]);
	ctl_explain(command);
	return CTL_OK;
}
