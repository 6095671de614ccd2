/*
 * completion.c - provisor completion: prints a script that completes commands.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/arguments.h"
#include "cgi/cli/cli.h"

static bool is_same_group(const struct command *a, const struct command *b)
{
	int length = command_first_word(a);

	return length == command_first_word(b)
		&& strncmp(a->name, b->name, (size_t)length) == 0;
}

/* Return true if no earlier command of the table has the same first word. */
static bool leads_group(const struct command *table,
			const struct command *command)
{
	for (const struct command *c = table; c < command; c++)
		if (is_same_group(c, command))
			return false;
	return true;
}

static void print_option_names(const struct option_spec *const options[])
{
	for (; *options; options++)
		printf(" --%s", (*options)->name);
}

static void print_first_words(const struct command *table)
{
	fputs("\t'') candidates='", stdout);
	print_option_names(arguments_global);
	for (const struct command *c = table; c->name; c++)
		if (leads_group(table, c))
			printf(" %.*s", command_first_word(c), c->name);
	puts("' ;;");
}

/* Print the case for the words that can follow a first word, such as
 * "resources". */
static void print_second_words(const struct command *table,
			       const struct command *leader)
{
	int length = command_first_word(leader);

	printf("\t'%.*s') candidates='", length, leader->name);
	for (const struct command *c = table; c->name; c++)
		if (is_same_group(c, leader) && command_has_two_words(c))
			printf(" %s", c->name + length + 1);
	puts("' ;;");
}

static void print_options(const struct command *command)
{
	printf("\t'%s'|'%s '*) candidates='--help", command->name,
	       command->name);
	print_option_names(command->options);
	puts("' ;;");
}

/* Only the value of --env, a file, can be completed. */
static void print_values(const struct command *table)
{
	bool is_printed[OPTION_COUNT] = { false };

	puts("\tcase $before in\n\t--env) COMPREPLY=($(compgen -f -- "
	     "\"$current\")); return ;;");
	for (const struct command *c = table; c->name; c++)
		for (int i = 0; c->options[i]; i++) {
			const struct option_spec *o = c->options[i];

			if (o->value && !is_printed[o->id])
				printf("\t--%s) return ;;\n", o->name);
			is_printed[o->id] = true;
		}
	puts("\tesac");
}

static void print_bash(const struct command *table)
{
	puts("# bash completion for provisor\n"
	     "_provisor() {\n"
	     "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n"
	     "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} candidates=\n"
	     "\tlocal words=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")");
	print_values(table);
	puts("\t[[ ${words[0]-} == --env ]] && words=(\"${words[@]:2}\")\n"
	     "\t[[ ${words[0]-} == help ]] && words=(\"${words[@]:1}\")\n"
	     "\tcase \"${words[*]-}\" in");
	print_first_words(table);
	for (const struct command *c = table; c->name; c++) {
		if (command_has_two_words(c) && leads_group(table, c))
			print_second_words(table, c);
		print_options(c);
	}
	puts("\tesac\n"
	     "\tCOMPREPLY=($(compgen -W \"$candidates\" -- \"$current\"))\n"
	     "}\n"
	     "complete -F _provisor provisor");
}

int cli_completion(const struct cli *cli)
{
	if (strcmp(cli->words[0], "bash") != 0)
		return cli_refuse("completion: \"%s\" is not supported: write "
				  "provisor completion bash",
				  cli->words[0]);
	print_bash(cli->commands);
	return CLI_OK;
}
