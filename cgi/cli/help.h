/*
 * help.h - what there is to say about a command.
 */
#ifndef CGI_CLI_HELP_H
#define CGI_CLI_HELP_H

struct command;

/* All of it, to standard output. */
void help_explain(const struct command *command);

/* Say that word is no command, or which commands it begins; returns
 * CLI_USAGE. */
int help_refuse_unknown(const char *word);

/* Say what is wrong with word behind a command, and how that is written;
 * returns CLI_USAGE. */
int help_refuse(const struct command *command, const char *what,
		const char *word);

#endif
