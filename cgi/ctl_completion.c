/*
 * ctl_completion.c - provisor completion: what a shell needs to complete our
 * commands, made from their table.
 */
#include "cgi/ctl.h"

#include <stdio.h>
#include <string.h>

/* The first word of a command's name, or of two. */
static int first_word(const struct ctl_command *command)
{
	return (int)strcspn(command->name, " ");
}

static bool has_two_words(const struct ctl_command *command)
{
	return strchr(command->name, ' ');
}

static bool is_same_group(const struct ctl_command *a,
			  const struct ctl_command *b)
{
	return first_word(a) == first_word(b)
		&& strncmp(a->name, b->name, (size_t)first_word(a)) == 0;
}

/* Is it the first of the commands that begin with this word? */
static bool leads_group(const struct ctl *ctl, int index)
{
	for (int i = 0; i < index; i++)
		if (is_same_group(&ctl->commands[i], &ctl->commands[index]))
			return false;
	return true;
}

static void print_first_words(const struct ctl *ctl)
{
	for (int i = 0; i < ctl->command_count; i++)
		if (leads_group(ctl, i))
			printf(" %.*s", first_word(&ctl->commands[i]),
			       ctl->commands[i].name);
}

/* What may follow "resources". */
static void print_group(const struct ctl *ctl, const struct ctl_command *leader)
{
	printf("\t'%.*s') candidates='", first_word(leader), leader->name);
	for (int i = 0; i < ctl->command_count; i++)
		if (is_same_group(&ctl->commands[i], leader)
		    && has_two_words(&ctl->commands[i]))
			printf(" %s",
			       ctl->commands[i].name + first_word(leader) + 1);
	puts("' ;;");
}

static void print_options(const struct ctl_command *command)
{
	printf("\t'%s'|'%s '*) candidates='--help", command->name,
	       command->name);
	for (const struct ctl_option *o = command->options; o->name; o++)
		printf(" %s", o->name);
	puts("' ;;");
}

/* Options whose value nobody can guess. */
static void print_valued(const struct ctl *ctl)
{
	fputs("\tcase $before in\n\t--env) COMPREPLY=($(compgen -f -- "
	      "\"$current\")); return ;;\n",
	      stdout);
	for (int i = 0; i < ctl->command_count; i++)
		for (const struct ctl_option *o = ctl->commands[i].options;
		     o->name; o++)
			if (o->value)
				printf("\t%s) return ;;\n", o->name);
	puts("\tesac");
}

static void print_bash(const struct ctl *ctl)
{
	puts("# bash completion for provisor\n"
	     "_provisor() {\n"
	     "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n"
	     "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} candidates=\n"
	     "\tlocal words=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")");
	print_valued(ctl);
	puts("\t[[ ${words[0]-} == --env ]] && words=(\"${words[@]:2}\")\n"
	     "\t[[ ${words[0]-} == help ]] && words=(\"${words[@]:1}\")\n"
	     "\tcase \"${words[*]-}\" in");
	fputs("\t'') candidates='--env --help --version", stdout);
	print_first_words(ctl);
	puts("' ;;");
	for (int i = 0; i < ctl->command_count; i++) {
		if (has_two_words(&ctl->commands[i]) && leads_group(ctl, i))
			print_group(ctl, &ctl->commands[i]);
		print_options(&ctl->commands[i]);
	}
	puts("\tesac\n"
	     "\tCOMPREPLY=($(compgen -W \"$candidates\" -- \"$current\"))\n"
	     "}\n"
	     "complete -F _provisor provisor");
}

int ctl_completion(const struct ctl *ctl)
{
	if (strcmp(ctl->words[0], "bash") != 0) {
		ctl_fail("only bash is known; write provisor completion bash");
		return CTL_USAGE;
	}
	print_bash(ctl);
	return CTL_OK;
}
