/*
 * help.h - what there is to say about a command.
 */
#ifndef CGI_CLI_HELP_H
#define CGI_CLI_HELP_H

struct ctl_command;

/* All of it, to standard output. */
void ctl_explain(const struct ctl_command *command);

/* Say that word is no command, or which commands it begins; returns
 * CTL_USAGE. */
int ctl_refuse_unknown(const char *word);

/* Say what is wrong with word behind a command, and how that is written;
 * returns CTL_USAGE. */
int ctl_refuse(const struct ctl_command *command, const char *what,
	       const char *word);

#endif
