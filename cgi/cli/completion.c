/*
 * completion.c - provisor completion: what a shell needs to complete our
 * commands, made from their table.
 */
#include "cgi/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/commands.h"

/* The first word of a command's name, or of two. */
static int first_word(const struct command *command)
{
	return (int)strcspn(command->name, " ");
}

static bool has_two_words(const struct command *command)
{
	return strchr(command->name, ' ');
}

static bool is_same_group(const struct command *a, const struct command *b)
{
	return first_word(a) == first_word(b)
		&& strncmp(a->name, b->name, (size_t)first_word(a)) == 0;
}

/* Is it the first of the commands that begin with this word? */
static bool leads_group(const struct command *command)
{
	for (const struct command *c = commands; c < command; c++)
		if (is_same_group(c, command))
			return false;
	return true;
}

static void print_first_words(void)
{
	for (const struct command *c = commands; c->name; c++)
		if (leads_group(c))
			printf(" %.*s", first_word(c), c->name);
}

/* What may follow "resources". */
static void print_group(const struct command *leader)
{
	printf("\t'%.*s') candidates='", first_word(leader), leader->name);
	for (const struct command *c = commands; c->name; c++)
		if (is_same_group(c, leader) && has_two_words(c))
			printf(" %s", c->name + first_word(leader) + 1);
	puts("' ;;");
}

static void print_options(const struct command *command)
{
	printf("\t'%s'|'%s '*) candidates='--help", command->name,
	       command->name);
	for (int i = 0; command->options[i]; i++)
		printf(" %s", command->options[i]->name);
	puts("' ;;");
}

/* Options whose value nobody can guess. */
static void print_valued(void)
{
	fputs("\tcase $before in\n\t--env) COMPREPLY=($(compgen -f -- "
	      "\"$current\")); return ;;\n",
	      stdout);
	for (const struct command *c = commands; c->name; c++)
		for (int i = 0; c->options[i]; i++)
			if (c->options[i]->value)
				printf("\t%s) return ;;\n",
				       c->options[i]->name);
	puts("\tesac");
}

static void print_bash(void)
{
	puts("# bash completion for provisor\n"
	     "_provisor() {\n"
	     "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n"
	     "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} candidates=\n"
	     "\tlocal words=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")");
	print_valued();
	puts("\t[[ ${words[0]-} == --env ]] && words=(\"${words[@]:2}\")\n"
	     "\t[[ ${words[0]-} == help ]] && words=(\"${words[@]:1}\")\n"
	     "\tcase \"${words[*]-}\" in");
	fputs("\t'') candidates='--env --help --version", stdout);
	print_first_words();
	puts("' ;;");
	for (const struct command *c = commands; c->name; c++) {
		if (has_two_words(c) && leads_group(c))
			print_group(c);
		print_options(c);
	}
	puts("\tesac\n"
	     "\tCOMPREPLY=($(compgen -W \"$candidates\" -- \"$current\"))\n"
	     "}\n"
	     "complete -F _provisor provisor");
}

int cli_completion(const struct cli *cli)
{
	if (strcmp(cli->words[0], "bash") != 0) {
		cli_fail("only bash is known; write provisor completion bash");
		return CLI_USAGE;
	}
	print_bash();
	return CLI_OK;
}
