#include "cgi/ctl_help.h"

#include "cgi/ctl.h"
#include "cgi/ctl_commands.h"

int ctl_version(const struct ctl *ctl)
{
	(void)ctl;
	puts("provisor " PROVISOR_VERSION);
	return CTL_OK;
}

static void explain_all(void)
{
	puts("usage: provisor [--env FILE] COMMAND\n");
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		printf("  %-22s %s\n", c->name, c->meaning);
	puts("\nprovisor help COMMAND tells more.  Settings come from the "
	     "environment, and for\nwhat is not set there from FILE, by "
	     "default " CTL_ENV_FILE ".");
}

void ctl_print_usage(FILE *out, const struct ctl_command *command)
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

void ctl_explain(const struct ctl_command *command)
{
	ctl_print_usage(stdout, command);
	printf("\n%s\n", command->meaning);
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->options[0])
		putchar('\n');
	for (int i = 0; command->options[i]; i++)
		printf("  %-22s %s\n", command->options[i]->name,
		       command->options[i]->meaning);
}

int ctl_refuse_unknown(const char *word)
{
	ctl_fail("there is no command \"%s\"; provisor help lists them", word);
	return CTL_USAGE;
}

int ctl_help(const struct ctl *ctl)
{
	const struct ctl_command *command;

	if (ctl->count == 0) {
		explain_all();
		return CTL_OK;
	}
	command = ctl_find_command(ctl->arena, ctl->count, ctl->words);
	if (!command)
		return ctl_refuse_unknown(ctl->words[0]);
	ctl_explain(command);
	return CTL_OK;
}
